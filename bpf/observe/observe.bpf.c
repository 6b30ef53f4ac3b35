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

SEC("raw_tp/xdp_run")
int BPF_PROG(count_xdp, __u32 ifindex, __u32 msg, __u32 cpu, __u32 dropped, __u32 sent,
	     __u32 redirected, __u32 aborted, __u32 lost, __u32 steered, __u32 received,
	     __u32 kept, __u32 inbox_dropped)
{
	int slot = device_slot(ifindex);
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

SEC("raw_tp/dpc_run")
int see_run(const struct dpc_run *run)
{
	int slot = device_slot((__u32)run->ifindex);
	struct counters_entry *entry;

	if (slot < 0)
		return 0;
	entry = counting ? entry_of(slot, (__u32)run->msg, true) : 0;
	if (entry)
		count_run(entry, run);
	if (sending)
		send_run(run);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
