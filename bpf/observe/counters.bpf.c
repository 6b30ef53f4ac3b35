// SPDX-License-Identifier: GPL-2.0
/*
 * Counts DPC runs by device, message and executing CPU: the data of "dpctool show" and "dpctool
 * hist".
 *
 * One program on one tracepoint, as dpc_run carries everything, and no clock is read here: the
 * driver's stamps are the measurement. Tracepoint and flags: kmod/engine/trace.h, trace_abi.h.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "trace_abi.h"
#include "counters.h"
#include "devices.bpf.h"

/* Set by dpctool: entries per message, one for every possible CPU. */
const volatile __u32 cpus;

/* Runs that have no entry, as the device has grown more messages since dpctool looked. */
__u64 unplaced;

/* [device][message][CPU]; dpctool sets the number of entries. */
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

SEC("raw_tp/dpc_run")
int BPF_PROG(count_run, __u32 ifindex, __u32 msg, __u32 cpu, __u64 irq_ns, __u64 queued_ns,
	     __u64 started_ns, __u64 ended_ns, __u32 packets, __u32 bound, __u32 interrupts,
	     __u32 coalesced, __u32 flags)
{
	struct counters_entry *entry;
	int slot = device_slot(ifindex);
	__u32 key;

	if (slot < 0)
		return 0;

	key = devices[slot].first + msg * cpus + bpf_get_smp_processor_id();
	entry = msg < devices[slot].messages ? bpf_map_lookup_elem(&entries, &key) : NULL;
	if (!entry) {
		__sync_fetch_and_add(&unplaced, 1);
		return 0;
	}

	entry->runs[flags & (COUNTERS_FLAG_SETS - 1)]++;
	entry->interrupts += interrupts;
	entry->coalesced += coalesced;
	add(&entry->packets, packets);

	if (queued_ns && started_ns)
		add(&entry->latency, elapsed(queued_ns, started_ns));
	if (started_ns && ended_ns)
		add(&entry->duration, elapsed(started_ns, ended_ns));
	if ((flags & DPCNIC_RUN_ENABLED) && irq_ns && ended_ns) {
		entry->disabled_ns += elapsed(irq_ns, ended_ns);
		entry->disabled_runs++;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
