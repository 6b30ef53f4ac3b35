// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "distribution.h"

__u64 distribution_count(const struct counters_distribution *distribution)
{
	__u64 count = 0;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		count += distribution->bucket[i];
	return count;
}

__u64 distribution_percentile(const struct counters_distribution *distribution,
			      unsigned int permille)
{
	__u64 rank = (distribution_count(distribution) * permille + 999) / 1000;
	__u64 count = 0, high = 0;

	for (__u32 i = 0; i < HISTOGRAM_BUCKETS && count < rank; i++) {
		count += distribution->bucket[i];
		high = histogram_high(i);
	}
	return high < distribution->max ? high : distribution->max;
}

static __u64 larger(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

void distribution_add(struct counters_distribution *sum, const struct counters_distribution *more)
{
	sum->sum += more->sum;
	sum->max = larger(sum->max, more->max);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum->bucket[i] += more->bucket[i];
}

/* An entry is of nothing but numbers to add up, and three largest values. */
#define ENTRY_NUMBERS	((offsetof(struct counters_entry, xdp) + sizeof(struct counters_xdp)) / \
			 sizeof(__u64))

void entry_add(struct counters_entry *sum, const struct counters_entry *more)
{
	__u64 latency = larger(sum->latency.max, more->latency.max);
	__u64 duration = larger(sum->duration.max, more->duration.max);
	__u64 packets = larger(sum->packets.max, more->packets.max);

	for (size_t i = 0; i < ENTRY_NUMBERS; i++)
		((__u64 *)sum)[i] += ((const __u64 *)more)[i];
	sum->latency.max = latency;
	sum->duration.max = duration;
	sum->packets.max = packets;
}

void entry_since(struct counters_entry *since, const struct counters_entry *now,
		 const struct counters_entry *before)
{
	for (size_t i = 0; i < ENTRY_NUMBERS; i++)
		((__u64 *)since)[i] = ((const __u64 *)now)[i] - ((const __u64 *)before)[i];
	since->latency.max = now->latency.max;
	since->duration.max = now->duration.max;
	since->packets.max = now->packets.max;
}

__u64 entry_runs(const struct counters_entry *entry, unsigned int flags)
{
	__u64 runs = 0;

	for (unsigned int i = 0; i < COUNTERS_FLAG_SETS; i++)
		if ((i & flags) == flags)
			runs += entry->runs[i];
	return runs;
}
