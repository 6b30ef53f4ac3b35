/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Observing devices of any driver: bpf/observe/generic.bpf.c attached and read (levels L1, L2), or
 * /proc/interrupts alone (L0).
 */
#ifndef DPCTOOL_GENERIC_H
#define DPCTOOL_GENERIC_H

#include <stdbool.h>
#include <linux/types.h>

#include "counters.h"
#include "device.h"
#include "observer.h"
#include "rows.h"
#include "timeline.h"

/** struct generic - the attached programs, and what is known of the devices */
struct generic;

/** generic_size() - fill in how many rows @device can have, and how many of them for NAPI */
void generic_size(struct device *device);

/**
 * generic_start() - observe the devices of @request that are at no higher level than L2
 * @level: how; L0 attaches nothing
 * @ring: map that runs are handed over through, with @counts for what was not: those of another
 *	observer, or -1
 *
 * Return: 0 or -errno; the caller ends with generic_free().
 */
int generic_start(struct generic **generic, const struct observer_request *request,
		  enum level level, int ring, int counts);

/** generic_ring() - the map that runs are handed over through */
int generic_ring(const struct generic *generic);

/** generic_counts() - what became of the runs, of the @cpus CPUs; 0 or -errno */
int generic_counts(const struct generic *generic, struct timeline_counts *counts, __u32 cpus);

/** generic_stop() - observe no more */
void generic_stop(struct generic *generic);

void generic_free(struct generic *generic);

/**
 * generic_look() - look at what is known by now: fill in the rows of the devices, by slot, and
 * count the interrupts since the last time for those rows that they belong to
 */
void generic_look(struct generic *generic, struct rows *rows);

/** generic_entry() - what row @row of the device in slot @slot has counted on @cpu */
void generic_entry(const struct generic *generic, size_t slot, __u32 row, __u32 cpu,
		   struct counters_entry *entry);

/** generic_uncounted() - how many runs were not counted */
__u64 generic_uncounted(const struct generic *generic);

/** generic_cost() - add to @cost what the attached programs have cost */
void generic_cost(const struct generic *generic, struct observer_cost *cost);

/**
 * generic_missed() - how many of these were not seen, or at L2 not all that led to them, as that
 * nested, or as they were of NAPI instances that there was no room for
 */
__u64 generic_missed(const struct generic *generic);

#endif /* DPCTOOL_GENERIC_H */
