// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attach.h"
#include "observe.skel.h"
#include "observer.h"

/* How often the ring is looked into, unless it fills up before. */
#define LOOK_NS		(NSEC_PER_SEC / 10)

/**
 * struct observer - see observer.h
 * @bpf: the loaded programs and their maps
 * @cpus: entries per message
 * @size: of the mapping, in bytes
 * @live: the map of entries itself, which the programs write; MAP_FAILED unless they count
 * @ring: the ring's reader, NULL unless they hand over
 */
struct observer {
	struct observe_bpf *bpf;
	__u32 cpus;
	size_t size;
	const struct counters_entry *live;
	struct ring_buffer *ring;
};

/* What can only be set before the programs are loaded. */
static void prepare_counting(struct observer *observer, const struct device_list *list)
{
	struct observe_bpf *bpf = observer->bpf;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	__u32 entries = 0;

	for (size_t i = 0; i < list->count; i++)
		entries += list->devices[i].messages * observer->cpus;
	*(bool *)&bpf->rodata->counting = true;
	*(__u32 *)&bpf->rodata->cpus = observer->cpus;
	bpf_map__set_max_entries(bpf->maps.entries, entries);
	observer->size = (entries * sizeof(*observer->live) + page - 1) / page * page;
}

static void prepare_sending(struct observer *observer, const struct observer_request *request)
{
	struct observe_bpf *bpf = observer->bpf;

	*(bool *)&bpf->rodata->sending = true;
	memcpy((void *)bpf->rodata->wanted_msgs, request->msgs->bits, sizeof(request->msgs->bits));
	memcpy((void *)bpf->rodata->wanted_cpus, request->cpus->bits, sizeof(request->cpus->bits));
	*(__u64 *)&bpf->rodata->wakeup_bytes = request->ring_bytes / 4;
	/* libbpf rounds it up. */
	bpf_map__set_max_entries(bpf->maps.ring, (__u32)request->ring_bytes);
}

static int load(struct observer *observer, const struct observer_request *request)
{
	struct observe_bpf *bpf = observe_bpf__open();
	int error;

	observer->bpf = bpf;
	if (!bpf)
		return -errno;
	attach_devices((struct observe_device *)bpf->rodata->devices,
		       (__u32 *)&bpf->rodata->device_count, request->list);
	bpf_program__set_autoload(bpf->progs.count_xdp, request->counting);
	if (request->counting)
		prepare_counting(observer, request->list);
	if (request->ring_bytes)
		prepare_sending(observer, request);
	error = observe_bpf__load(bpf);
	if (error)
		return error;

	if (request->counting) {
		observer->live = mmap(NULL, observer->size, PROT_READ, MAP_SHARED,
				      bpf_map__fd(bpf->maps.entries), 0);
		if (observer->live == MAP_FAILED)
			return -errno;
	}
	if (request->ring_bytes) {
		observer->ring = ring_buffer__new(bpf_map__fd(bpf->maps.ring), request->take,
						  request->context, NULL);
		if (!observer->ring)
			return -errno;
	}
	return observe_bpf__attach(bpf);
}

enum exit_code observer_start(struct observer **observer, const struct observer_request *request)
{
	int error;

	*observer = calloc(1, sizeof(**observer));
	if (!*observer)
		return attach_fail(-ENOMEM);
	(*observer)->live = MAP_FAILED;
	(*observer)->cpus = attach_cpus();
	error = load(*observer, request);
	if (!error)
		return DPCTOOL_OK;
	observer_free(*observer);
	*observer = NULL;
	return attach_fail(error);
}

void observer_stop(struct observer *observer)
{
	observe_bpf__detach(observer->bpf);
	attach_settle();
}

void observer_free(struct observer *observer)
{
	if (!observer)
		return;
	if (observer->live != MAP_FAILED)
		munmap((void *)observer->live, observer->size);
	ring_buffer__free(observer->ring);
	observe_bpf__destroy(observer->bpf);
	free(observer);
}

const struct counters_entry *observer_entry(const struct observer *observer, size_t slot, __u32 msg,
					    __u32 cpu)
{
	return &observer->live[observer->bpf->rodata->devices[slot].first + msg * observer->cpus +
			       cpu];
}

__u64 observer_uncounted(const struct observer *observer)
{
	const struct observe_bpf *bpf = observer->bpf;

	return bpf->bss->unplaced + attach_missed(bpf->progs.see_run) +
	       attach_missed(bpf->progs.count_xdp);
}

struct observer_cost observer_cost(const struct observer *observer)
{
	struct observer_cost cost = { 0 };

	attach_cost(observer->bpf->progs.see_run, &cost.runs, &cost.ns);
	attach_cost(observer->bpf->progs.count_xdp, &cost.runs, &cost.ns);
	return cost;
}

void observer_follow(struct observer *observer, struct watch *watch, __u64 until_ns)
{
	int fd = ring_buffer__epoll_fd(observer->ring), error;
	enum watch_event event;
	__u64 look;

	do {
		fflush(stdout);
		look = now_ns() + LOOK_NS;
		event = watch_wait(watch, look < until_ns ? look : until_ns, fd);
		do {
			error = ring_buffer__consume(observer->ring);
		} while (error == -EAGAIN && now_ns() < look);
	} while (event != WATCH_END && error != -ECANCELED && now_ns() < until_ns);

	observer_stop(observer);
	while (error != -ECANCELED && ring_buffer__consume(observer->ring) == -EAGAIN)
		;
}

enum exit_code observer_losses(const struct observer *observer, struct losses *losses)
{
	struct timeline_counts *counts = calloc(observer->cpus, sizeof(*counts));
	__u32 zero = 0;
	int error;

	*losses = (struct losses){
		.cpus = observer->cpus,
		.by_cpu = calloc(observer->cpus, sizeof(*losses->by_cpu)),
		.lost = attach_missed(observer->bpf->progs.see_run),
	};
	error = !counts || !losses->by_cpu ? -ENOMEM :
		bpf_map__lookup_elem(observer->bpf->maps.counts, &zero, sizeof(zero), counts,
				     observer->cpus * sizeof(*counts), 0);
	for (size_t i = 0; !error && i < losses->cpus; i++) {
		losses->by_cpu[i] = counts[i].lost;
		losses->filtered += counts[i].filtered;
		losses->lost += counts[i].lost;
	}
	free(counts);
	return error ? attach_fail(error) : DPCTOOL_OK;
}
