// SPDX-License-Identifier: GPL-2.0
/* XDP programs for dpctool-policy.t: a user's own. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("xdp.frags")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Not made for packets of several buffers. */
SEC("xdp")
int whole(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* What a map calls is no policy. */
SEC("xdp/cpumap")
int called(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
