/* SPDX-License-Identifier: GPL-2.0 */
/* Arithmetic on what the BPF program counted. */
#ifndef DPCTOOL_DISTRIBUTION_H
#define DPCTOOL_DISTRIBUTION_H

#include "counters.h"

/** distribution_count() - how many values there are */
__u64 distribution_count(const struct counters_distribution *distribution);

/**
 * distribution_percentile() - the value that @permille of 1000 values do not exceed
 *
 * It is the upper edge of the bucket that holds it, or the largest value if that is less: never
 * below the true one, and at most a quarter above. 0 where there are no values.
 */
__u64 distribution_percentile(const struct counters_distribution *distribution,
			      unsigned int permille);

void distribution_add(struct counters_distribution *sum, const struct counters_distribution *more);

/** entry_add() - add @more to @sum */
void entry_add(struct counters_entry *sum, const struct counters_entry *more);

/**
 * entry_since() - what @now has more than @before; its maxima remain those of @now, upper bounds of
 * the true ones
 */
void entry_since(struct counters_entry *since, const struct counters_entry *now,
		 const struct counters_entry *before);

/** entry_runs() - number of runs that had all of @flags; all runs if there are none */
__u64 entry_runs(const struct counters_entry *entry, unsigned int flags);

#endif /* DPCTOOL_DISTRIBUTION_H */
