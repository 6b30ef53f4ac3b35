// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attach.h"
#include "counters.skel.h"
#include "counting.h"
#include "distribution.h"

/**
 * struct counting - see counting.h
 * @bpf: the loaded program and its maps
 * @cpus: entries per message
 * @size: of the mapping, in bytes
 * @live: the map of entries itself, which the program writes
 * @taken: the entries as they were last taken
 * @taken_lost: the same for lost runs
 */
struct counting {
	struct counters_bpf *bpf;
	__u32 cpus;
	size_t size;
	const struct counters_entry *live;
	struct counters_entry *taken;
	__u64 taken_lost;
};

static int load(struct counting *counting, const struct device_list *list)
{
	struct counters_bpf *bpf = counters_bpf__open();
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	__u32 entries = 0;
	int error;

	counting->bpf = bpf;
	if (!bpf)
		return -errno;
	for (size_t i = 0; i < list->count; i++)
		entries += list->devices[i].messages * counting->cpus;
	attach_devices((struct observe_device *)bpf->rodata->devices,
		       (__u32 *)&bpf->rodata->device_count, list);
	*(__u32 *)&bpf->rodata->cpus = counting->cpus;
	bpf_map__set_max_entries(bpf->maps.entries, entries);
	error = counters_bpf__load(bpf);
	if (error)
		return error;

	counting->taken = calloc(entries, sizeof(*counting->taken));
	counting->size = (entries * sizeof(*counting->live) + page - 1) / page * page;
	counting->live = mmap(NULL, counting->size, PROT_READ, MAP_SHARED,
			      bpf_map__fd(bpf->maps.entries), 0);
	if (!counting->taken || counting->live == MAP_FAILED)
		return -ENOMEM;
	return counters_bpf__attach(bpf);
}

enum exit_code counting_start(struct counting **counting, const struct device_list *list)
{
	int error;

	*counting = calloc(1, sizeof(**counting));
	if (!*counting)
		return attach_fail(-ENOMEM);
	(*counting)->live = MAP_FAILED;
	(*counting)->cpus = attach_cpus();
	error = load(*counting, list);
	if (!error)
		return DPCTOOL_OK;
	counting_free(*counting);
	return attach_fail(error);
}

void counting_stop(struct counting *counting)
{
	counters_bpf__detach(counting->bpf);
	attach_settle();
}

void counting_free(struct counting *counting)
{
	if (counting->live != MAP_FAILED)
		munmap((void *)counting->live, counting->size);
	counters_bpf__destroy(counting->bpf);
	free(counting->taken);
	free(counting);
}

__u32 counting_cpus(const struct counting *counting)
{
	return counting->cpus;
}

void counting_take(struct counting *counting, size_t slot, __u32 msg, __u32 cpu,
		   struct counters_entry *taken)
{
	size_t index = counting->bpf->rodata->devices[slot].first + msg * counting->cpus + cpu;
	struct counters_entry now = counting->live[index];

	entry_since(taken, &now, &counting->taken[index]);
	counting->taken[index] = now;
}

__u64 counting_take_lost(struct counting *counting)
{
	__u64 lost = counting->bpf->bss->unplaced + attach_missed(counting->bpf->progs.count_run) +
		     attach_missed(counting->bpf->progs.count_xdp);
	__u64 since = lost - counting->taken_lost;

	counting->taken_lost = lost;
	return since;
}
