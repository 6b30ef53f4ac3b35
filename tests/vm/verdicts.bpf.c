// SPDX-License-Identifier: GPL-2.0
/*
 * XDP programs for tests: one per verdict, for UDP to the discard port (pktgen) or to that of
 * test-traffic; all else passes. And a classifier that looks at what reaches the stack.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "verdicts.h"

#define DISCARD_PORT	9
#define TRAFFIC_PORT	7000
#define UNKNOWN_VERDICT	77
#define TCI		0xa007	/* priority 5, VLAN 7 */

extern int bpf_dpcnic_steer(struct xdp_md *ctx, __u32 cpu) __ksym;

/* Where "redirect" sends to. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} device SEC(".maps");

/* The CPU of each flow, by the last byte of its source address; 255: none is named. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FLOWS);
	__type(key, __u32);
	__type(value, __u32);
} cpu_of SEC(".maps");

/* What bpf_dpcnic_steer() returned: 0 and, negated, errors up to 255. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} returned SEC(".maps");

static __always_inline int is_for_us(const struct iphdr *ip, const struct udphdr *udp)
{
	return ip->protocol == IPPROTO_UDP &&
	       (udp->dest == bpf_htons(DISCARD_PORT) || udp->dest == bpf_htons(TRAFFIC_PORT));
}

/* The headers of a packet for us, or false. */
static __always_inline int is_ours(struct xdp_md *ctx, struct ethhdr **eth, struct iphdr **ip)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct udphdr *udp;

	*eth = data;
	*ip = data + sizeof(**eth);
	udp = (void *)(*ip + 1);
	return (void *)(udp + 1) <= end && (*eth)->h_proto == bpf_htons(ETH_P_IP) &&
	       is_for_us(*ip, udp);
}

#define VERDICT(name, verdict)					\
	SEC("xdp.frags")					\
	int name(struct xdp_md *ctx)				\
	{							\
		struct ethhdr *eth;				\
		struct iphdr *ip;				\
								\
		return is_ours(ctx, &eth, &ip) ? (verdict) : XDP_PASS;	\
	}

VERDICT(drop, XDP_DROP)
VERDICT(aborted, XDP_ABORTED)
VERDICT(unknown, UNKNOWN_VERDICT)
VERDICT(redirect, bpf_redirect_map(&device, 0, 0))

SEC("xdp")
int pass_without_frags(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Back to where it came from. */
SEC("xdp.frags")
int send_back(struct xdp_md *ctx)
{
	__u8 mac[ETH_ALEN];
	struct ethhdr *eth;
	struct iphdr *ip;

	if (!is_ours(ctx, &eth, &ip))
		return XDP_PASS;
	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	return XDP_TX;
}

/* To the CPU that the flow's entry names. */
SEC("xdp.frags")
int steer(struct xdp_md *ctx)
{
	struct ethhdr *eth;
	struct iphdr *ip;
	__u32 flow, *cpu;
	__u64 *count;

	if (!is_ours(ctx, &eth, &ip))
		return XDP_PASS;
	flow = bpf_ntohl(ip->saddr) & (FLOWS - 1);
	cpu = bpf_map_lookup_elem(&cpu_of, &flow);
	if (!cpu || *cpu == NO_CPU)
		return XDP_PASS;
	flow = -bpf_dpcnic_steer(ctx, *cpu);
	count = bpf_map_lookup_elem(&returned, &flow);
	if (count)
		++*count;
	return XDP_PASS;
}

/* Metadata in front, and a byte less behind: both reach the stack. */
SEC("xdp.frags")
int metadata(struct xdp_md *ctx)
{
	struct ethhdr *eth;
	struct iphdr *ip;
	__u32 *meta;

	if (!is_ours(ctx, &eth, &ip))
		return XDP_PASS;
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	*meta = 0x3a7a;
	bpf_dpcnic_steer(ctx, 1);
	return XDP_PASS;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FLOWS);
	__type(key, __u32);
	__type(value, struct flow_seen);
} seen SEC(".maps");

/* Behind the UDP header pktgen writes a magic number and the packet's; test-traffic the latter. */
struct numbered {
	__be32 traffic_number;
	__be32 pktgen_number;
};

static __always_inline int has_metadata(struct __sk_buff *skb)
{
	__u32 *meta = (void *)(long)skb->data_meta;

	return (void *)(meta + 1) <= (void *)(long)skb->data && *meta == 0x3a7a;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp = (void *)(ip + 1);
	struct numbered *payload = (void *)(udp + 1);
	struct flow_seen *flow;
	int from_pktgen, meta, tagged;
	__u32 key, number;

	if ((void *)(payload + 1) > end || skb->protocol != bpf_htons(ETH_P_IP) ||
	    !is_for_us(ip, udp))
		return TC_ACT_OK;
	from_pktgen = udp->dest == bpf_htons(DISCARD_PORT);
	key = bpf_ntohl(ip->saddr) & (FLOWS - 1);
	number = bpf_ntohl(from_pktgen ? payload->pktgen_number : payload->traffic_number);
	meta = has_metadata(skb);
	tagged = skb->vlan_present && skb->vlan_proto == bpf_htons(ETH_P_8021Q) &&
		 skb->vlan_tci == TCI;
	flow = bpf_map_lookup_elem(&seen, &key);
	if (!flow)
		return TC_ACT_OK;

	bpf_spin_lock(&flow->lock);
	flow->out_of_order += flow->packets && number <= flow->last;
	flow->last = number;
	flow->packets++;
	flow->hashed += !!skb->hash;
	flow->with_metadata += meta;
	flow->tagged += tagged;
	bpf_spin_unlock(&flow->lock);
	__sync_fetch_and_or(&flow->cpus, 1ULL << bpf_get_smp_processor_id());
	return from_pktgen ? TC_ACT_SHOT : TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
