// SPDX-License-Identifier: GPL-2.0
/* The least that an XDP program can do, for tests/bench/xdp. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#define OTHER_CPU	1

extern int bpf_dpcnic_steer(struct xdp_md *ctx, __u32 cpu) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpu_map SEC(".maps");

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* To an address that is nobody's: the peer's hardware drops it, so its driver has no work. */
SEC("xdp")
int send_back(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const __u8 nobody[ETH_ALEN] = { 0x02, 0xdc, 0, 0, 0, 0xfe };
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, nobody, ETH_ALEN);
	return XDP_TX;
}

SEC("xdp")
int cpumap(struct xdp_md *ctx)
{
	return bpf_redirect_map(&cpu_map, OTHER_CPU, 0);
}

SEC("xdp")
int steer(struct xdp_md *ctx)
{
	bpf_dpcnic_steer(ctx, OTHER_CPU);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
