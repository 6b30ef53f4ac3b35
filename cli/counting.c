// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "counting.h"
#include "distribution.h"

/**
 * struct counting - see counting.h
 * @recording: where the counters are, or NULL
 * @observer: who counts, or NULL: then @taken is what was kept
 * @cpus: entries per row
 * @first: of each device, where its entries begin in @taken
 * @taken: the entries as they were last taken
 * @taken_lost: the same for lost runs
 * @taken_cost: the same for the cost
 */
struct counting {
	const struct recording *recording;
	struct observer *observer;
	__u32 cpus;
	size_t first[OBSERVE_DEVICES];
	struct counters_entry *taken;
	__u64 taken_lost;
	struct observer_cost taken_cost;
};

/* Makes room for the entries of @list, all zero; calloc() would not align them. */
static void place_entries(struct counting *counting, const struct device_list *list)
{
	size_t entries = 0;

	for (size_t slot = 0; slot < list->count; slot++) {
		counting->first[slot] = entries;
		entries += (size_t)list->devices[slot].messages * counting->cpus;
	}
	counting->taken = aligned_alloc(__alignof__(*counting->taken),
					entries * sizeof(*counting->taken));
	if (!counting->taken)
		no_memory();
	memset(counting->taken, 0, entries * sizeof(*counting->taken));
}

enum exit_code counting_start(struct counting **out, struct device_list *list, enum level lowest,
			      bool exact)
{
	const struct observer_request request = {
		.list = list, .lowest = lowest, .exact = exact, .counting = true,
	};
	struct counting *counting = calloc(1, sizeof(*counting));
	enum exit_code code;

	*out = counting;
	if (!counting)
		return attach_fail(-ENOMEM);
	counting->cpus = attach_cpus();
	code = observer_start(&counting->observer, &request);
	if (code) {
		counting_free(counting);
		return code;
	}
	/* Only now is it known what devices are observed at. */
	place_entries(counting, list);
	return DPCTOOL_OK;
}

enum exit_code counting_replay(struct counting **out, const struct recording *recording)
{
	struct counting *counting = calloc(1, sizeof(*counting));

	*out = counting;
	if (!counting)
		no_memory();
	counting->recording = recording;
	counting->cpus = recording->cpus;
	return DPCTOOL_OK;
}

void counting_keep(struct counting **out, struct counting *counting,
		   const struct device_list *list)
{
	struct counting *kept = *out;
	struct counters_entry *entry;

	if (!kept) {
		kept = calloc(1, sizeof(*kept));
		if (!kept)
			no_memory();
		kept->cpus = counting->cpus;
		place_entries(kept, list);
		*out = kept;
	}
	entry = kept->taken;
	for (size_t slot = 0; slot < list->count; slot++)
		for (__u32 row = 0; row < list->devices[slot].messages; row++)
			for (__u32 cpu = 0; cpu < kept->cpus; cpu++)
				counting_take(counting, slot, row, cpu, entry++);
}

void counting_stop(struct counting *counting)
{
	if (counting->observer)
		observer_stop(counting->observer);
}

void counting_free(struct counting *counting)
{
	observer_free(counting->observer);
	free(counting->taken);
	free(counting);
}

__u32 counting_cpus(const struct counting *counting)
{
	return counting->cpus;
}

const struct rows *counting_look(struct counting *counting)
{
	return counting->recording ? counting->recording->rows : observer_look(counting->observer);
}

void counting_take(struct counting *counting, size_t slot, __u32 row, __u32 cpu,
		   struct counters_entry *taken)
{
	struct counters_entry *before, now;

	if (counting->recording) {
		recording_entry(counting->recording,
				counting->recording->list.devices[slot].ifindex, row, cpu, taken);
		return;
	}
	before = &counting->taken[counting->first[slot] + (size_t)row * counting->cpus + cpu];
	if (!counting->observer) {
		*taken = *before;
		return;
	}
	observer_entry(counting->observer, slot, row, cpu, &now);
	/* Most rows run on few CPUs: memory for the others is never touched. */
	if (!entry_runs(&now, 0) && !now.interrupts) {
		memset(taken, 0, sizeof(*taken));
		return;
	}
	entry_since(taken, &now, before);
	*before = now;
}

__u64 counting_take_lost(struct counting *counting)
{
	__u64 lost = counting->recording ? counting->recording->uncounted :
					   observer_uncounted(counting->observer);
	__u64 since = lost - counting->taken_lost;

	counting->taken_lost = lost;
	return since;
}

struct observer_cost counting_take_cost(struct counting *counting)
{
	struct observer_cost cost = observer_cost(counting->observer);
	struct observer_cost since = { cost.runs - counting->taken_cost.runs,
				       cost.ns - counting->taken_cost.ns };

	counting->taken_cost = cost;
	return since;
}
