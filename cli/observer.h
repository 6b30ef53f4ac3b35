/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Observing devices as it happens, each at its level: bpf/observe/observe.bpf.c, attached and read,
 * for L3; generic.h for the others.
 */
#ifndef DPCTOOL_OBSERVER_H
#define DPCTOOL_OBSERVER_H

#include <jansson.h>
#include <stdbool.h>

#include "counters.h"
#include "device.h"
#include "error.h"
#include "rows.h"
#include "timeline.h"
#include "units.h"
#include "watch.h"

/** struct observer - the attached programs and what they gather */
struct observer;

/**
 * struct observer_request - what an observer is to do
 * @list: the devices. Where a level cannot be had it is lowered, and why is noted there.
 * @exact: unless the user has asked for it: then that is an error
 * @lowest: nor further than this
 * @counting: count runs
 * @ring_bytes: hand them over through a ring of this size; 0 for not at all
 * @msgs: these messages' runs; of devices not at L3 all are handed over
 * @cpus: that ran on these CPUs
 * @take: is called with each. Errors make the observer stop after it: -EAGAIN to look at the clock
 *	and the signals, -ECANCELED for good.
 * @context: its first argument
 */
struct observer_request {
	struct device_list *list;
	bool exact;
	enum level lowest;
	bool counting;
	__u64 ring_bytes;
	const struct id_set *msgs;
	const struct id_set *cpus;
	int (*take)(void *context, void *event, size_t size);
	void *context;
};

/**
 * struct losses - what became of the runs that were not handed over
 * @filtered: not asked for
 * @lost: asked for, but found no room in the ring, or were not seen, or not all that led to them
 *	(L2), as that nested, or as there was no room for their NAPI instance
 * @cpus: how many CPUs there are in @by_cpu
 * @by_cpu: runs that found no room in the ring, by CPU
 */
struct losses {
	__u64 filtered;
	__u64 lost;
	size_t cpus;
	__u64 *by_cpu;
};

/**
 * struct observer_cost - what the programs cost, as far as the kernel has measured it: all zero
 * while the sysctl kernel.bpf_stats_enabled is off
 * @runs: how often they ran
 * @ns: how long
 */
struct observer_cost {
	__u64 runs;
	__u64 ns;
};

/** observer_start() - observe from now on; the caller ends with observer_free() */
enum exit_code observer_start(struct observer **observer, const struct observer_request *request);

/** observer_try() - the same, but nothing is lowered and nothing is said: 0 or -errno */
int observer_try(struct observer **observer, const struct observer_request *request);

/** observer_stop() - observe no more; what is read after this is final */
void observer_stop(struct observer *observer);

void observer_free(struct observer *observer);

/**
 * observer_look() - look at what is known by now; the entries have what was counted until then.
 *
 * Return: the rows of the devices, by slot, until the next call.
 */
const struct rows *observer_look(struct observer *observer);

/** observer_entry() - what row @row of the device in slot @slot has counted on @cpu */
void observer_entry(const struct observer *observer, size_t slot, __u32 row, __u32 cpu,
		    struct counters_entry *entry);

/** observer_uncounted() - how many runs were not counted */
__u64 observer_uncounted(const struct observer *observer);

/** observer_cost() - what the programs have cost so far */
struct observer_cost observer_cost(const struct observer *observer);

/** cost_format() - @cost in words, after ", "; "" if it was not measured */
void cost_format(char *buffer, size_t size, const struct observer_cost *cost);

/** cost_json() - the same in JSON: null if it was not measured */
json_t *cost_json(const struct observer_cost *cost);

/**
 * observer_follow() - call @take with the runs as they come until @until_ns (CLOCK_MONOTONIC, ~0
 * for ever), until @watch says that it is the end, or @take that it has enough; then stop
 * observing, and call it with those left. What it prints is flushed meanwhile.
 */
void observer_follow(struct observer *observer, struct watch *watch, __u64 until_ns);

/** observer_losses() - fill @losses; the caller frees @by_cpu */
enum exit_code observer_losses(const struct observer *observer, struct losses *losses);

#endif /* DPCTOOL_OBSERVER_H */
