/* SPDX-License-Identifier: GPL-2.0 */
/* What DPC runs were counted: by an observer that still counts, or in a recording. */
#ifndef DPCTOOL_COUNTING_H
#define DPCTOOL_COUNTING_H

#include "counters.h"
#include "device.h"
#include "error.h"
#include "observer.h"
#include "recording.h"

/** struct counting - counters, and what was taken from them */
struct counting;

/** counting_start() - count from now on; the caller ends with counting_free() */
enum exit_code counting_start(struct counting **counting, const struct device_list *list);

/** counting_replay() - the counters of @recording, which must stay open; as before */
enum exit_code counting_replay(struct counting **counting, const struct recording *recording);

/**
 * counting_keep() - keep what @counting, of the devices in @list, has counted since it was last
 * taken: all of it is there whenever it is taken from @kept. The first time, @kept points to NULL;
 * later what was kept is replaced. The caller ends with counting_free().
 */
void counting_keep(struct counting **kept, struct counting *counting,
		   const struct device_list *list);

/** counting_stop() - count no more; what is taken after this is final */
void counting_stop(struct counting *counting);

void counting_free(struct counting *counting);

/** counting_cpus() - how many CPUs there can be */
__u32 counting_cpus(const struct counting *counting);

/**
 * counting_take() - what @msg of the device in slot @slot counted on @cpu since it was last taken.
 * What was recorded is all there whenever it is taken.
 */
void counting_take(struct counting *counting, size_t slot, __u32 msg, __u32 cpu,
		   struct counters_entry *taken);

/** counting_take_lost() - how many runs were not counted since this was last taken */
__u64 counting_take_lost(struct counting *counting);

/** counting_take_cost() - what counting has cost since this was last taken */
struct observer_cost counting_take_cost(struct counting *counting);

#endif /* DPCTOOL_COUNTING_H */
