// SPDX-License-Identifier: GPL-2.0
/*
 * The throttle policy "time": a run may indicate as many packets as are done in a given time.
 *
 * A run cannot be stopped by a clock, only by a number of packets. So the policy learns what a
 * packet costs, for each message and CPU, from how long the last runs took: it keeps the sums of
 * their nanoseconds and of their packets, both of which lose an eighth with each run. The quotient
 * is an exponentially weighted mean in which each packet counts alike, so that long runs, which
 * are the ones to bound, count for more than short ones, whose time is mostly not the packets'.
 *
 * What a run costs besides makes its packets seem dearer the fewer they are, and a bound that is
 * low for that reason would stay low. So a run that was cut short and took less than the time
 * makes the next one longer by a packet, whatever was learned.
 *
 * A run without packets (completed transmits, say) teaches nothing.
 */
#include "throttle.bpf.h"

/* Set by dpctool: how long a run may take, in microseconds; 1..1000000. */
const volatile __u32 usecs = 50;

/* The bound while nothing is known: few enough to be short, enough to learn from. */
#define FIRST_PACKETS	8

/* The part of the past that each run makes forgotten: 1/8. */
#define FORGET_SHIFT	3

/* Packets are counted in parts, so that an eighth of a few packets is not rounded to 0. */
#define PARTS		1024ULL

/* What the past runs of a message took on this CPU, the older the less. */
struct learned {
	__u64 ns;
	__u64 parts;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, THROTTLE_MSGS);
	__type(key, __u32);
	__type(value, struct learned);
} learned SEC(".maps");

static __always_inline void learn(struct learned *past, __u64 ns, __u64 packets)
{
	past->ns += ns - (past->ns >> FORGET_SHIFT);
	past->parts += packets * PARTS - (past->parts >> FORGET_SHIFT);
}

SEC("struct_ops")
__u32 BPF_PROG(time_bound, struct dpcnic_throttle_ctx *run)
{
	__u64 allowed_ns = usecs * 1000ULL, bound, longer = 0;
	__u32 msg = run->msg;
	struct learned *past = bpf_map_lookup_elem(&learned, &msg);

	if (!past)
		return FIRST_PACKETS;
	if (run->run_ns && run->packets)
		learn(past, run->run_ns, run->packets);
	if (!past->ns)
		return FIRST_PACKETS;

	bound = allowed_ns * past->parts / past->ns / PARTS;
	if (run->more_pending && run->run_ns < allowed_ns)
		longer = run->bound + 1;
	if (bound < longer)
		bound = longer;
	return bound < run->max ? bound : run->max;
}

THROTTLE_POLICY(time, time_bound, DPCNIC_THROTTLE_TIMES);

char LICENSE[] SEC("license") = "GPL";
