// SPDX-License-Identifier: GPL-2.0
/*
 * Observes DPC runs: counts them, hands them over, or both, as dpctool asks.
 *
 * One program on one tracepoint, as dpc_run carries everything; a second program on it would cost
 * more than what either does. What is not asked for the verifier takes out when it is loaded.
 * Another one on xdp_run, which comes only where there is an XDP program. Tracepoints and flags:
 * kmod/engine/trace.h, trace_abi.h.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "trace_abi.h"
#include "counters.bpf.h"
#include "devices.bpf.h"
#include "dpc_run.bpf.h"
#include "timeline.bpf.h"

/* Set by dpctool: whether to count runs, and whether to hand them over. */
const volatile bool counting;
const volatile bool sending;

/* Set by dpctool: inode number of the network namespace that the devices are in. */
const volatile __u32 netns;

/* The slot of the device of an event, or -1 where nobody asked for it. */
static __always_inline int slot_of(__u64 device)
{
	return device >> 32 == netns ? device_slot((__u32)device) : -1;
}

SEC("raw_tp/xdp_run")
int BPF_PROG(count_xdp, __u64 device, __u32 msg, __u32 cpu, __u32 dropped, __u32 sent,
	     __u32 redirected, __u32 aborted, __u32 lost, __u32 steered, __u32 received,
	     __u32 kept, __u32 inbox_dropped)
{
	int slot = slot_of(device);
	struct counters_entry *entry = slot < 0 ? 0 : entry_of(slot, msg, false);

	/* its run has none either, and is counted as missing */
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

/*
 * Until when the time that a message was disabled has been counted, on whichever CPU: in the place
 * of its entry on CPU 0. dpctool sets the number of elements, and what they are when it begins.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} disabled_until SEC(".maps");

/*
 * The message was disabled from the interrupt to here, at least. The run that enabled it tells; and
 * one that ended at its bound, or there would be nothing to see while that goes on. Several DPCs of
 * a message may do so at a time: one of them counts.
 */
static __always_inline void count_disabled(int slot, struct counters_entry *entry,
					   const struct dpc_run *run)
{
	__u32 key = devices[slot].first + (__u32)run->msg * cpus;
	__u64 *until, from, counted;

	if (!(run->flags & (DPCNIC_RUN_ENABLED | DPCNIC_RUN_MORE)) || !run->irq_ns ||
	    !run->ended_ns)
		return;
	until = bpf_map_lookup_elem(&disabled_until, &key);
	if (!until)
		return;
	entry->disabled_runs++;
	counted = *(volatile __u64 *)until;
	from = counted > run->irq_ns ? counted : run->irq_ns;
	if (run->flags & DPCNIC_RUN_MORE &&
	    (run->ended_ns <= from ||
	     !__sync_bool_compare_and_swap(until, counted, run->ended_ns)))
		return;
	entry->disabled_ns += elapsed(from, run->ended_ns);
}

SEC("raw_tp/dpc_run")
int see_run(const struct dpc_run *run)
{
	int slot = slot_of(run->device);
	struct counters_entry *entry;

	if (slot < 0)
		return 0;
	entry = counting ? entry_of(slot, (__u32)run->msg, true) : 0;
	if (entry) {
		count_run(entry, run);
		count_disabled(slot, entry, run);
	}
	if (sending)
		send_run(run);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
