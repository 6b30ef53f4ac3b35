// SPDX-License-Identifier: GPL-2.0
/*
 * Hands every DPC run to user space through a ring buffer: the data of "dpctool trace". What does
 * not fit is counted, so that sent + lost + filtered is the number of runs, exactly. Tracepoint and
 * flags: kmod/engine/trace.h, trace_abi.h.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "timeline.h"
#include "devices.bpf.h"

/* Set by dpctool: the messages and executing CPUs asked for, one bit each. */
const volatile __u64 msgs[TIMELINE_IDS / 64];
const volatile __u64 cpus[TIMELINE_IDS / 64];

/*
 * Set by dpctool: how full the ring may get before its reader is woken; until then the reader comes
 * by itself.
 */
const volatile __u64 wakeup_bytes;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct timeline_counts);
} counts SEC(".maps");

static __always_inline int has(const volatile __u64 *set, __u32 id)
{
	return id < TIMELINE_IDS && (set[id / 64] >> (id % 64) & 1);
}

SEC("raw_tp/dpc_run")
int BPF_PROG(send_run, __u32 ifindex, __u32 msg, __u32 cpu, __u64 irq_ns, __u64 queued_ns,
	     __u64 started_ns, __u64 ended_ns, __u32 packets, __u32 bound, __u32 interrupts,
	     __u32 coalesced, __u32 flags)
{
	__u32 zero = 0, ran_on = bpf_get_smp_processor_id();
	struct timeline_counts *count;
	struct timeline_event *event;

	if (device_slot(ifindex) < 0)
		return 0;
	count = bpf_map_lookup_elem(&counts, &zero);
	if (!count)
		return 0;
	if (!has(msgs, msg) || !has(cpus, ran_on)) {
		count->filtered++;
		return 0;
	}
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event) {
		count->lost++;
		return 0;
	}

	event->irq_ns = irq_ns;
	event->queued_ns = queued_ns;
	event->started_ns = started_ns;
	event->ended_ns = ended_ns;
	event->ifindex = ifindex;
	event->msg = msg;
	event->cpu = cpu;
	event->ran_on = ran_on;
	event->packets = packets;
	event->bound = bound;
	event->interrupts = interrupts;
	event->coalesced = coalesced;
	event->flags = flags;
	bpf_ringbuf_submit(event, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wakeup_bytes ?
				  BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	count->sent++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
