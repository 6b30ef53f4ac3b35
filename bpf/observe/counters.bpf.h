/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts DPC runs by device, message and executing CPU: the data of "dpctool show", "top", "hist",
 * "heat" and "check", of "export prometheus", and the counters of "record". No clock is read here:
 * the driver's stamps are the measurement.
 */
#ifndef DPCNIC_OBSERVE_COUNTERS_BPF_H
#define DPCNIC_OBSERVE_COUNTERS_BPF_H

#include "counters.h"
#include "devices.bpf.h"
#include "dpc_run.bpf.h"

/* Set by dpctool: entries per message, one for every possible CPU. */
const volatile __u32 cpus;

/*
 * Runs that have no entry: the device has grown more messages since dpctool looked; or, in
 * generic.bpf.c, there was no room for the NAPI instance or its entry on the CPU.
 */
__u64 unplaced;

/*
 * observe.bpf.c: [device][message][CPU]; generic.bpf.c: as NAPI instances come. dpctool sets the
 * number of entries.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters_entry);
} entries SEC(".maps");

static __always_inline void add(struct counters_distribution *distribution, __u64 value)
{
	distribution->sum += value;
	if (value > distribution->max)
		distribution->max = value;
	/* The mask changes no index; it lets the verifier see the bound. */
	distribution->bucket[histogram_bucket(value) & (HISTOGRAM_BUCKETS - 1)]++;
}

/* CPUs' clocks agree to within their reading: a step back is no time at all. */
static __always_inline __u64 elapsed(__u64 from, __u64 to)
{
	return to > from ? to - from : 0;
}

/*
 * The entry of a message of the device in @slot on this CPU, which runs the DPC (dpc_run's @cpu is
 * the one whose DPC it is), or NULL: a @run is missing then.
 */
static __always_inline struct counters_entry *entry_of(int slot, __u32 msg, bool run)
{
	struct counters_entry *entry;
	__u32 key;

	key = devices[slot].first + msg * cpus + bpf_get_smp_processor_id();
	entry = msg < devices[slot].messages ? bpf_map_lookup_elem(&entries, &key) : 0;
	if (!entry && run)
		__sync_fetch_and_add(&unplaced, 1);
	return entry;
}

static __always_inline void count_run(struct counters_entry *entry, const struct dpc_run *run)
{
	entry->runs[run->flags & (COUNTERS_FLAG_SETS - 1)]++;
	entry->interrupts += (__u32)run->interrupts;
	entry->coalesced += (__u32)run->coalesced;
	add(&entry->packets, (__u32)run->packets);

	if (run->queued_ns && run->started_ns)
		add(&entry->latency, elapsed(run->queued_ns, run->started_ns));
	if (run->started_ns && run->ended_ns)
		add(&entry->duration, elapsed(run->started_ns, run->ended_ns));
}

#endif /* DPCNIC_OBSERVE_COUNTERS_BPF_H */
