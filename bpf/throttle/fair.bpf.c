// SPDX-License-Identifier: GPL-2.0
/*
 * The throttle policy "fair": messages that share a CPU share what one run may indicate.
 *
 * NAPI lets the DPCs that wait on a CPU run in turns, each for up to 64 packets. So one that is
 * queued behind n others waits for up to n * 64 packets. Here each of them gets its part of 64, so
 * it waits for the same 64 however many there are.
 *
 * That alone is not equal: the number that waits changes from turn to turn, and a message whose
 * turns always come when few others wait (because it causes what they receive, say) would always
 * get more. So the policy counts what each message was given while it had packets left, and one
 * that is behind may catch up: between messages that have packets left all the time, the difference
 * is at most two turns of 64 packets, however long that goes on. A message that runs empty wants no
 * more and saves nothing up: when packets are left again, it starts level with the one ahead.
 */
#include "throttle.bpf.h"

/* Packets given to each message on this CPU, counted from when it last had none left. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, THROTTLE_MSGS);
	__type(key, __u32);
	__type(value, __u64);
} given SEC(".maps");

/* The same of the one that is ahead of all. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} ahead SEC(".maps");

SEC("struct_ops")
__u32 BPF_PROG(fair_bound, struct dpcnic_throttle_ctx *run)
{
	__u32 msg = run->msg, zero = 0, share = run->max / (run->waiting + 1);
	__u64 *mine = bpf_map_lookup_elem(&given, &msg);
	__u64 *most = bpf_map_lookup_elem(&ahead, &zero);
	__u64 behind;

	if (!mine || !most)
		return share;
	if (run->more_pending)
		*mine += run->packets;
	else
		*mine = *most;
	if (*mine > *most)
		*most = *mine;

	behind = *most - *mine;
	return behind > share ? (behind < run->max ? behind : run->max) : share;
}

THROTTLE_POLICY(fair, fair_bound, DPCNIC_THROTTLE_WAITING);

char LICENSE[] SEC("license") = "GPL";
