// SPDX-License-Identifier: GPL-2.0
/* The least that an XDP program can do, for tests/bench/run. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

/* Where in the frame the last byte of the sender's IPv4 address is; it tells flows apart. */
#define FLOW_BYTE	(ETH_HLEN + 15)

extern int bpf_dpcnic_steer(struct xdp_md *ctx, __u32 cpu) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpu_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} dev_map SEC(".maps");

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
static __always_inline int turn_round(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	const __u8 nobody[ETH_ALEN] = { 0x02, 0xdc, 0, 0, 0, 0xfe };
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return 0;
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, nobody, ETH_ALEN);
	return 1;
}

SEC("xdp")
int send_back(struct xdp_md *ctx)
{
	return turn_round(ctx) ? XDP_TX : XDP_PASS;
}

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	return turn_round(ctx) ? bpf_redirect_map(&dev_map, 0, 0) : XDP_PASS;
}

/* One of @cnt CPUs, from 1 on, by the flow. */
static __always_inline __u32 other_cpu(struct xdp_md *ctx, __u32 cnt)
{
	__u8 *byte = (void *)(long)ctx->data + FLOW_BYTE;

	if ((void *)(byte + 1) > (void *)(long)ctx->data_end)
		return 1;
	return 1 + *byte % cnt;
}

#define TO_CPUS(cnt)					\
SEC("xdp")						\
int cpumap_##cnt(struct xdp_md *ctx)			\
{							\
	return bpf_redirect_map(&cpu_map, other_cpu(ctx, cnt), 0); \
}							\
							\
SEC("xdp")						\
int steer_##cnt(struct xdp_md *ctx)			\
{							\
	bpf_dpcnic_steer(ctx, other_cpu(ctx, cnt));	\
	return XDP_PASS;				\
}

TO_CPUS(1)
TO_CPUS(2)
TO_CPUS(3)

char LICENSE[] SEC("license") = "GPL";
