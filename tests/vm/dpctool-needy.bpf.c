// SPDX-License-Identifier: GPL-2.0
/* An XDP program that cannot be without dpcnic, for dpctool-policy.t. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_dpcnic_steer(struct xdp_md *ctx, __u32 cpu) __ksym;

SEC("xdp.frags")
int needy(struct xdp_md *ctx)
{
	bpf_dpcnic_steer(ctx, 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
