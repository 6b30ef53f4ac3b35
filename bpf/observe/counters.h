/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What counters.bpf.h keeps for every (device, message, CPU), and dpctool reads through a memory
 * mapping.
 */
#ifndef DPCNIC_OBSERVE_COUNTERS_H
#define DPCNIC_OBSERVE_COUNTERS_H

#include "histogram.h"

/*
 * All sets of flags of enum dpcnic_run_flags; a flag that joins them later is not told apart here.
 */
#define COUNTERS_FLAG_SETS	256

/**
 * struct counters_distribution - how the values of one quantity are spread
 * @sum: of all values
 * @max: the largest value; 0 where there is none
 * @bucket: number of values by histogram_bucket()
 */
struct counters_distribution {
	__u64 sum;
	__u64 max;
	__u64 bucket[HISTOGRAM_BUCKETS];
};

/**
 * struct counters_xdp - what XDP made of packets; the fields of tracepoint xdp_run, summed
 * @dropped: verdict XDP_DROP
 * @sent: XDP_TX
 * @redirected: XDP_REDIRECT
 * @aborted: XDP_ABORTED, or a verdict that is none
 * @lost: of those sent and redirected, the ones that were dropped after all
 * @steered: put in another CPU's inbox
 * @received: taken from this CPU's inbox
 * @kept: not sent to the CPU that was named, to keep a flow in order
 * @inbox_dropped: dropped as the inbox was full
 */
struct counters_xdp {
	__u64 dropped;
	__u64 sent;
	__u64 redirected;
	__u64 aborted;
	__u64 lost;
	__u64 steered;
	__u64 received;
	__u64 kept;
	__u64 inbox_dropped;
};

/**
 * struct counters_entry - all runs of one message's DPCs on one CPU
 * @runs: number of runs by their flags (enum dpcnic_run_flags): one increment counts them all
 * @interrupts: interrupts, late and empty ones included
 * @coalesced: requests that found an entry waiting
 * @disabled_ns: how long the message was disabled, from the interrupt to the end of the run that
 *	enabled it again; each run that ended at its bound meanwhile, or enabled it, adds what
 *	none before has. What follows the last run is not in it (a hold, an ISR that asked for
 *	nothing).
 * @disabled_runs: the runs that added to it, or had nothing to add; those without both stamps are
 *	not among them
 * @latency: nanoseconds from queued to started, of runs that were queued and had both stamps
 * @duration: nanoseconds from started to ended, of runs that had both stamps
 * @packets: packets taken from ring and inbox per run
 * @xdp: see there
 *
 * Only the CPU it belongs to writes an entry, and runs do not nest on a CPU: no atomic operation,
 * nothing lost. Aligned, so that CPUs do not share cache lines.
 */
struct counters_entry {
	__u64 runs[COUNTERS_FLAG_SETS];
	__u64 interrupts;
	__u64 coalesced;
	__u64 disabled_ns;
	__u64 disabled_runs;
	struct counters_distribution latency;
	struct counters_distribution duration;
	struct counters_distribution packets;
	struct counters_xdp xdp;
} __attribute__((aligned(64)));

#endif /* DPCNIC_OBSERVE_COUNTERS_H */
