// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attach.h"
#include "figures.h"
#include "generic.h"
#include "observe.skel.h"
#include "observer.h"

/* How often the ring is looked into, unless it fills up before. */
#define LOOK_NS		(NSEC_PER_SEC / 10)

/**
 * struct observer - see observer.h
 * @list: the devices
 * @rows: their rows
 * @generic: who observes those that are not at L3, NULL if all are
 * @bpf: the loaded programs and their maps, NULL if none is at L3
 * @cpus: entries per message
 * @size: of the mapping, in bytes
 * @live: the map of entries itself, which the programs write; MAP_FAILED unless they count
 * @ring: the ring's reader, NULL unless they hand over
 */
struct observer {
	const struct device_list *list;
	struct rows *rows;
	struct generic *generic;
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
		if (list->devices[i].level == LEVEL_3)
			entries += list->devices[i].messages * observer->cpus;
	*(bool *)&bpf->rodata->counting = true;
	*(__u32 *)&bpf->rodata->cpus = observer->cpus;
	bpf_map__set_max_entries(bpf->maps.entries, entries);
	bpf_map__set_max_entries(bpf->maps.disabled_until, entries);
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

/* How long messages had been disabled before is not of this observation. */
static int begin_now(const struct observer *observer)
{
	const struct bpf_map *until = observer->bpf->maps.disabled_until;
	__u32 count = bpf_map__max_entries(until);
	__u64 now = now_ns();
	int error = 0;

	/* only a message's first element is in use */
	for (__u32 i = 0; i < count && !error; i += observer->cpus)
		error = bpf_map__update_elem(until, &i, sizeof(i), &now, sizeof(now), BPF_ANY);
	return error;
}

static int load(struct observer *observer, const struct observer_request *request)
{
	struct observe_bpf *bpf = observe_bpf__open();
	int error;

	observer->bpf = bpf;
	if (!bpf)
		return -errno;
	attach_devices((struct observe_device *)bpf->rodata->devices,
		       (__u32 *)&bpf->rodata->device_count, request->list, true);
	*(__u32 *)&bpf->rodata->netns = (__u32)device_netns();
	bpf_program__set_autoload(bpf->progs.count_xdp, request->counting);
	if (request->counting)
		prepare_counting(observer, request->list);
	if (request->ring_bytes)
		prepare_sending(observer, request);
	error = observe_bpf__load(bpf);
	if (error || !request->counting)
		return error;

	observer->live = mmap(NULL, observer->size, PROT_READ, MAP_SHARED,
			      bpf_map__fd(bpf->maps.entries), 0);
	return observer->live == MAP_FAILED ? -errno : begin_now(observer);
}

/* The highest level of the devices that are below L3, or LEVELS if there are none. */
static enum level generic_level(const struct device_list *list)
{
	enum level level = LEVELS;

	for (size_t i = 0; i < list->count; i++)
		if (list->devices[i].level < LEVEL_3 &&
		    (level == LEVELS || list->devices[i].level > level))
			level = list->devices[i].level;
	return level;
}

/* The devices at @level go down by one. */
static void lower(struct device_list *list, enum level level, const struct obstacle *why)
{
	for (size_t i = 0; i < list->count; i++) {
		struct device *device = &list->devices[i];

		if (device->level != level)
			continue;
		device->level--;
		snprintf(device->why, sizeof(device->why), "%s", why->what);
		if (level == LEVEL_3)
			generic_size(device);
	}
}

/* Returns 0, or -errno with the level that cannot be had in @refused. */
static int start(struct observer *observer, const struct observer_request *request,
		 enum level *refused)
{
	enum level level = generic_level(request->list);
	int ring = -1, counts = -1, error = 0;
	bool own = false;

	for (size_t i = 0; i < request->list->count; i++)
		own |= request->list->devices[i].level == LEVEL_3;
	*refused = LEVEL_3;
	if (own)
		error = load(observer, request);
	if (!error && own && request->ring_bytes) {
		ring = bpf_map__fd(observer->bpf->maps.ring);
		counts = bpf_map__fd(observer->bpf->maps.counts);
	}
	if (!error && level < LEVELS) {
		*refused = level;
		error = generic_start(&observer->generic, request, level, ring, counts);
		if (!error && ring < 0 && request->ring_bytes)
			ring = generic_ring(observer->generic);
	}
	if (!error && request->ring_bytes) {
		observer->ring = ring_buffer__new(ring, request->take, request->context, NULL);
		error = observer->ring ? 0 : -errno;
	}
	if (!error && own) {
		*refused = LEVEL_3;
		error = observe_bpf__attach(observer->bpf);
	}
	return error;
}

static struct rows *make_rows(const struct device_list *list)
{
	struct rows *rows = calloc(list->count, sizeof(*rows));

	for (size_t i = 0; rows && i < list->count; i++) {
		rows[i].ids = calloc(list->devices[i].messages, sizeof(*rows[i].ids));
		if (!rows[i].ids)
			no_memory();
	}
	if (!rows)
		no_memory();
	return rows;
}

static int try_once(struct observer **out, const struct observer_request *request,
		    enum level *refused)
{
	struct observer *observer = calloc(1, sizeof(*observer));
	int error;

	*out = observer;
	if (!observer)
		no_memory();
	observer->live = MAP_FAILED;
	observer->cpus = attach_cpus();
	observer->list = request->list;
	error = start(observer, request, refused);
	if (!error) {
		observer->rows = make_rows(request->list);
		return 0;
	}
	observer_free(observer);
	*out = NULL;
	return error;
}

int observer_try(struct observer **observer, const struct observer_request *request)
{
	enum level refused;

	return try_once(observer, request, &refused);
}

enum exit_code observer_start(struct observer **observer, const struct observer_request *request)
{
	struct obstacle why;
	enum level refused;
	int error;

	while ((error = try_once(observer, request, &refused))) {
		attach_explain(&why, refused, error);
		if (request->exact || refused <= request->lowest)
			return fail(why.code, why.try, "cannot observe: %s", why.what);
		lower(request->list, refused, &why);
	}
	return DPCTOOL_OK;
}

void observer_stop(struct observer *observer)
{
	if (observer->bpf)
		observe_bpf__detach(observer->bpf);
	if (observer->generic)
		generic_stop(observer->generic);
	attach_settle();
}

void observer_free(struct observer *observer)
{
	if (!observer)
		return;
	if (observer->live != MAP_FAILED)
		munmap((void *)observer->live, observer->size);
	ring_buffer__free(observer->ring);
	generic_free(observer->generic);
	observe_bpf__destroy(observer->bpf);
	rows_free(observer->rows, observer->rows ? observer->list->count : 0);
	free(observer);
}

/* Now, as the device may have been closed when this began. */
static void look_at_messages(const struct device *device, struct row_id *ids)
{
	struct irq_map *map = malloc(sizeof(*map));

	if (!map)
		no_memory();
	irq_map_read(map, device);
	for (__u32 msg = 0; msg < device->messages; msg++)
		ids[msg] = (struct row_id){
			.msg = value_number(msg),
			.irq = map->irqs[msg],
			.known = figures_of_level(LEVEL_3),
		};
	free(map);
}

const struct rows *observer_look(struct observer *observer)
{
	if (observer->generic)
		generic_look(observer->generic, observer->rows);
	for (size_t i = 0; i < observer->list->count; i++)
		if (observer->list->devices[i].level == LEVEL_3)
			look_at_messages(&observer->list->devices[i], observer->rows[i].ids);
	return observer->rows;
}

void observer_entry(const struct observer *observer, size_t slot, __u32 row, __u32 cpu,
		    struct counters_entry *entry)
{
	if (observer->list->devices[slot].level < LEVEL_3)
		generic_entry(observer->generic, slot, row, cpu, entry);
	else
		*entry = observer->live[observer->bpf->rodata->devices[slot].first +
					row * observer->cpus + cpu];
}

__u64 observer_uncounted(const struct observer *observer)
{
	const struct observe_bpf *bpf = observer->bpf;
	__u64 uncounted = observer->generic ? generic_uncounted(observer->generic) : 0;

	if (bpf)
		uncounted += bpf->bss->unplaced + attach_missed(bpf->progs.see_run) +
			     attach_missed(bpf->progs.count_xdp);
	return uncounted;
}

struct observer_cost observer_cost(const struct observer *observer)
{
	struct observer_cost cost = { 0 };

	if (observer->bpf) {
		attach_cost(observer->bpf->progs.see_run, &cost.runs, &cost.ns);
		attach_cost(observer->bpf->progs.count_xdp, &cost.runs, &cost.ns);
	}
	if (observer->generic)
		generic_cost(observer->generic, &cost);
	return cost;
}

void cost_format(char *buffer, size_t size, const struct observer_cost *cost)
{
	*buffer = '\0';
	if (cost->runs)
		snprintf(buffer, size, ", observer %llu runs, %lluns each", cost->runs,
			 cost->ns / cost->runs);
}

json_t *cost_json(const struct observer_cost *cost)
{
	if (!cost->runs)
		return json_null();
	return json_pack("{s:I, s:I}", "runs", (json_int_t)cost->runs,
			 "cost_ns", (json_int_t)cost->ns);
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

/* Both have the same, if there are both. */
static int read_counts(const struct observer *observer, struct timeline_counts *counts)
{
	__u32 zero = 0;

	if (!observer->bpf)
		return generic_counts(observer->generic, counts, observer->cpus);
	return bpf_map__lookup_elem(observer->bpf->maps.counts, &zero, sizeof(zero), counts,
				    observer->cpus * sizeof(*counts), 0);
}

enum exit_code observer_losses(const struct observer *observer, struct losses *losses)
{
	struct timeline_counts *counts = calloc(observer->cpus, sizeof(*counts));
	int error;

	*losses = (struct losses){
		.cpus = observer->cpus,
		.by_cpu = calloc(observer->cpus, sizeof(*losses->by_cpu)),
	};
	if (observer->bpf)
		losses->lost += attach_missed(observer->bpf->progs.see_run);
	if (observer->generic)
		losses->lost += generic_missed(observer->generic);
	error = counts && losses->by_cpu ? read_counts(observer, counts) : -ENOMEM;
	for (size_t i = 0; !error && i < losses->cpus; i++) {
		losses->by_cpu[i] = counts[i].lost;
		losses->filtered += counts[i].filtered;
		losses->lost += counts[i].lost;
	}
	free(counts);
	return error ? attach_fail(error) : DPCTOOL_OK;
}
