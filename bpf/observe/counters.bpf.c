// SPDX-License-Identifier: GPL-2.0
/*
 * Counts DPC runs by device, message and executing CPU: the data of "dpctool show" and "dpctool
 * hist".
 *
 * One program on one tracepoint, as dpc_run carries everything, and no clock is read here: the
 * driver's stamps are the measurement. A second one on xdp_run, which comes only where there is an
 * XDP program. Tracepoints and flags: kmod/engine/trace.h, trace_abi.h.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "trace_abi.h"
#include "counters.h"
#include "devices.bpf.h"

/* Set by dpctool: entries per message, one for every possible CPU. */
const volatile __u32 cpus;

/* Events that have no entry, as the device has grown more messages since dpctool looked. */
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

/* The entry of a message on this CPU, or NULL. */
static __always_inline struct counters_entry *entry_of(__u32 ifindex, __u32 msg)
{
	int slot = device_slot(ifindex);
	struct counters_entry *entry;
	__u32 key;

	if (slot < 0)
		return 0;
	key = devices[slot].first + msg * cpus + bpf_get_smp_processor_id();
	entry = msg < devices[slot].messages ? bpf_map_lookup_elem(&entries, &key) : 0;
	if (!entry)
		__sync_fetch_and_add(&unplaced, 1);
	return entry;
}

SEC("raw_tp/xdp_run")
int BPF_PROG(count_xdp, __u32 ifindex, __u32 msg, __u32 cpu, __u32 dropped, __u32 sent,
	     __u32 redirected, __u32 aborted, __u32 lost, __u32 steered, __u32 received,
	     __u32 kept, __u32 inbox_dropped)
{
	struct counters_entry *entry = entry_of(ifindex, msg);

	if (!entry)
		return 0;
	entry->xdp.dropped += dropped;
	entry->xdp.sent += sent;
	entry->xdp.redirected += redirected;
	entry->xdp.aborted += aborted;
	entry->xdp.lost += lost;
	entry->xdp.steered += steered;
	entry->xdp.received += received;
	entry->xdp.kept += kept;
	entry->xdp.inbox_dropped += inbox_dropped;
	return 0;
}

SEC("raw_tp/dpc_run")
int BPF_PROG(count_run, __u32 ifindex, __u32 msg, __u32 cpu, __u64 irq_ns, __u64 queued_ns,
	     __u64 started_ns, __u64 ended_ns, __u32 packets, __u32 bound, __u32 interrupts,
	     __u32 coalesced, __u32 flags)
{
	struct counters_entry *entry = entry_of(ifindex, msg);

	if (!entry)
		return 0;

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
