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
 * @cpus: entries per message
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
static bool place_entries(struct counting *counting, const struct device_list *list)
{
	size_t entries = 0;

	for (size_t slot = 0; slot < list->count; slot++) {
		counting->first[slot] = entries;
		entries += (size_t)list->devices[slot].messages * counting->cpus;
	}
	counting->taken = aligned_alloc(__alignof__(*counting->taken),
					entries * sizeof(*counting->taken));
	if (counting->taken)
		memset(counting->taken, 0, entries * sizeof(*counting->taken));
	return counting->taken;
}

enum exit_code counting_start(struct counting **out, const struct device_list *list)
{
	const struct observer_request request = { .list = list, .counting = true };
	struct counting *counting = calloc(1, sizeof(*counting));
	enum exit_code code;

	*out = counting;
	if (!counting)
		return attach_fail(-ENOMEM);
	counting->cpus = attach_cpus();
	code = place_entries(counting, list) ? observer_start(&counting->observer, &request) :
					       attach_fail(-ENOMEM);
	if (code)
		counting_free(counting);
	return code;
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
		if (!place_entries(kept, list))
			no_memory();
		*out = kept;
	}
	entry = kept->taken;
	for (size_t slot = 0; slot < list->count; slot++)
		for (__u32 msg = 0; msg < list->devices[slot].messages; msg++)
			for (__u32 cpu = 0; cpu < kept->cpus; cpu++)
				counting_take(counting, slot, msg, cpu, entry++);
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

void counting_take(struct counting *counting, size_t slot, __u32 msg, __u32 cpu,
		   struct counters_entry *taken)
{
	struct counters_entry *before, now;

	if (counting->recording) {
		recording_entry(counting->recording,
				counting->recording->list.devices[slot].ifindex, msg, cpu, taken);
		return;
	}
	before = &counting->taken[counting->first[slot] + (size_t)msg * counting->cpus + cpu];
	if (!counting->observer) {
		*taken = *before;
		return;
	}
	now = *observer_entry(counting->observer, slot, msg, cpu);
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
