// SPDX-License-Identifier: GPL-2.0
/* Throttle policies for dpctool-throttle.t: a user's own, and some that make no sense. */
#include "throttle.bpf.h"

/* Half of what there may be, as long as packets are left. */
SEC("struct_ops")
__u32 BPF_PROG(half_bound, struct dpcnic_throttle_ctx *run)
{
	return run->more_pending ? run->max / 2 : run->max;
}

THROTTLE_POLICY(half, half_bound, 0);

SEC("struct_ops")
__u32 BPF_PROG(nothing_bound, struct dpcnic_throttle_ctx *run)
{
	return 0;
}

THROTTLE_POLICY(nothing, nothing_bound, DPCNIC_THROTTLE_TIMES | DPCNIC_THROTTLE_WAITING);

SEC("struct_ops")
__u32 BPF_PROG(everything_bound, struct dpcnic_throttle_ctx *run)
{
	return 0xffffffff;
}

THROTTLE_POLICY(everything, everything_bound, 0);

THROTTLE_POLICY(futuristic, half_bound, 1 << 30);

THROTTLE_POLICY(speechless, 0, 0);

SEC("struct_ops.s")
__u32 BPF_PROG(sleeper_bound, struct dpcnic_throttle_ctx *run)
{
	return run->max;
}

THROTTLE_POLICY(sleeper, sleeper_bound, 0);

/* Writes where it may only read. */
SEC("struct_ops")
__u32 BPF_PROG(vandal_bound, struct dpcnic_throttle_ctx *run)
{
	run->max = 1000;
	return 1000;
}

THROTTLE_POLICY(vandal, vandal_bound, 0);

char LICENSE[] SEC("license") = "GPL";
