/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hands DPC runs to user space through a ring buffer: the data of "dpctool trace", "record" and
 * "export" (not "prometheus"). What does not fit is counted, so that sent + lost + filtered is the
 * number of runs, exactly.
 */
#ifndef DPCNIC_OBSERVE_TIMELINE_BPF_H
#define DPCNIC_OBSERVE_TIMELINE_BPF_H

#include "dpc_run.bpf.h"
#include "timeline.h"

/* Set by dpctool: the messages and executing CPUs asked for, one bit each. */
const volatile __u64 wanted_msgs[TIMELINE_IDS / 64];
const volatile __u64 wanted_cpus[TIMELINE_IDS / 64];

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

static __always_inline void send_run(const struct dpc_run *run)
{
	__u32 ran_on = bpf_get_smp_processor_id();
	struct timeline_counts *count;
	struct timeline_event *event;
	__u32 zero = 0;

	count = bpf_map_lookup_elem(&counts, &zero);
	if (!count)
		return;
	if (!has(wanted_msgs, (__u32)run->msg) || !has(wanted_cpus, ran_on)) {
		count->filtered++;
		return;
	}
	event = bpf_ringbuf_reserve(&ring, sizeof(*event), 0);
	if (!event) {
		count->lost++;
		return;
	}
	*event = (struct timeline_event){
		.irq_ns = run->irq_ns,
		.queued_ns = run->queued_ns,
		.started_ns = run->started_ns,
		.ended_ns = run->ended_ns,
		.ifindex = (__u32)run->device,
		.msg = (__u32)run->msg,
		.cpu = (__u32)run->cpu,
		.ran_on = ran_on,
		.packets = (__u32)run->packets,
		.bound = (__u32)run->bound,
		.interrupts = (__u32)run->interrupts,
		.coalesced = (__u32)run->coalesced,
		.flags = (__u32)run->flags,
	};
	bpf_ringbuf_submit(event, bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wakeup_bytes ?
				  BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	count->sent++;
}

#endif /* DPCNIC_OBSERVE_TIMELINE_BPF_H */
