// SPDX-License-Identifier: GPL-2.0
/* An XDP program that the verifier refuses, for dpctool-policy.t. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int wild(struct xdp_md *ctx)
{
	/* reads what may be beyond the packet */
	return *(unsigned char *)(long)ctx->data ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
