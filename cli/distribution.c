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

void distribution_add(struct counters_distribution *sum, const struct counters_distribution *more)
{
	sum->sum += more->sum;
	if (more->max > sum->max)
		sum->max = more->max;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum->bucket[i] += more->bucket[i];
}

static void xdp_add(struct counters_xdp *sum, const struct counters_xdp *more)
{
	sum->dropped += more->dropped;
	sum->sent += more->sent;
	sum->redirected += more->redirected;
	sum->aborted += more->aborted;
	sum->lost += more->lost;
	sum->steered += more->steered;
	sum->received += more->received;
	sum->kept += more->kept;
	sum->inbox_dropped += more->inbox_dropped;
}

void entry_add(struct counters_entry *sum, const struct counters_entry *more)
{
	for (size_t i = 0; i < COUNTERS_FLAG_SETS; i++)
		sum->runs[i] += more->runs[i];
	sum->interrupts += more->interrupts;
	sum->coalesced += more->coalesced;
	sum->disabled_ns += more->disabled_ns;
	sum->disabled_runs += more->disabled_runs;
	distribution_add(&sum->latency, &more->latency);
	distribution_add(&sum->duration, &more->duration);
	distribution_add(&sum->packets, &more->packets);
	xdp_add(&sum->xdp, &more->xdp);
}

static void distribution_since(struct counters_distribution *since,
			       const struct counters_distribution *now,
			       const struct counters_distribution *before)
{
	since->sum = now->sum - before->sum;
	since->max = now->max;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		since->bucket[i] = now->bucket[i] - before->bucket[i];
}

static void xdp_since(struct counters_xdp *since, const struct counters_xdp *now,
		      const struct counters_xdp *before)
{
	since->dropped = now->dropped - before->dropped;
	since->sent = now->sent - before->sent;
	since->redirected = now->redirected - before->redirected;
	since->aborted = now->aborted - before->aborted;
	since->lost = now->lost - before->lost;
	since->steered = now->steered - before->steered;
	since->received = now->received - before->received;
	since->kept = now->kept - before->kept;
	since->inbox_dropped = now->inbox_dropped - before->inbox_dropped;
}

void entry_since(struct counters_entry *since, const struct counters_entry *now,
		 const struct counters_entry *before)
{
	for (size_t i = 0; i < COUNTERS_FLAG_SETS; i++)
		since->runs[i] = now->runs[i] - before->runs[i];
	since->interrupts = now->interrupts - before->interrupts;
	since->coalesced = now->coalesced - before->coalesced;
	since->disabled_ns = now->disabled_ns - before->disabled_ns;
	since->disabled_runs = now->disabled_runs - before->disabled_runs;
	distribution_since(&since->latency, &now->latency, &before->latency);
	distribution_since(&since->duration, &now->duration, &before->duration);
	distribution_since(&since->packets, &now->packets, &before->packets);
	xdp_since(&since->xdp, &now->xdp, &before->xdp);
}

__u64 entry_runs(const struct counters_entry *entry, unsigned int flags)
{
	__u64 runs = 0;

	for (unsigned int i = 0; i < COUNTERS_FLAG_SETS; i++)
		if ((i & flags) == flags)
			runs += entry->runs[i];
	return runs;
}
