// SPDX-License-Identifier: GPL-2.0
/* The throttle policy "fixed": every run may indicate the same number of packets. */
#include "throttle.bpf.h"

/* Set by dpctool: the bound, in packets; from 1. */
const volatile __u32 packets = 64;

SEC("struct_ops")
__u32 BPF_PROG(fixed_bound, struct dpcnic_throttle_ctx *run)
{
	return packets;
}

THROTTLE_POLICY(fixed, fixed_bound, 0);

char LICENSE[] SEC("license") = "GPL";
