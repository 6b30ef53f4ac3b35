// SPDX-License-Identifier: GPL-2.0
/*
 * XDP programs that look for the VLAN tag of pktgen's packets: in the packet, and where the driver
 * has put one that was stripped. They are bound to the device: BPF_F_XDP_DEV_BOUND_ONLY, for the
 * kernel's bpf_xdp_metadata_rx_vlan_tag().
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DISCARD_PORT	9
#define TCI		0xa007	/* priority 5, VLAN 7 */

extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *vlan_proto,
					__u16 *vlan_tci) __ksym;
extern int bpf_dpcnic_steer(struct xdp_md *ctx, __u32 cpu) __ksym;

enum where {
	STRIPPED,
	IN_PACKET,
	UNTAGGED,
	WRONG,	/* both, another tag, another error */
	WHERES
};

/* How many packets had their tag where, by enum where. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WHERES);
	__type(key, __u32);
	__type(value, __u64);
} found SEC(".maps");

struct vlan {
	__be16 tci;
	__be16 proto;
};

/* Return: is it pktgen's? */
static __always_inline int is_ours(struct xdp_md *ctx, struct ethhdr **eth, struct vlan **vlan)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(**eth);
	__be16 proto;

	*eth = data;
	*vlan = NULL;
	if ((void *)ip > end)
		return 0;
	proto = (*eth)->h_proto;
	if (proto == bpf_htons(ETH_P_8021Q)) {
		*vlan = (void *)ip;
		ip = (void *)(*vlan + 1);
		if ((void *)ip > end)
			return 0;
		proto = (*vlan)->proto;
	}
	return proto == bpf_htons(ETH_P_IP) && (void *)(ip + 1) + sizeof(struct udphdr) <= end &&
	       ip->protocol == IPPROTO_UDP &&
	       ((struct udphdr *)(ip + 1))->dest == bpf_htons(DISCARD_PORT);
}

static __always_inline enum where where_is_tag(struct xdp_md *ctx, const struct vlan *vlan)
{
	__be16 proto = 0;
	__u16 tci = 0;
	int err = bpf_xdp_metadata_rx_vlan_tag(ctx, &proto, &tci);

	if (!err)
		return proto == bpf_htons(ETH_P_8021Q) && tci == TCI && !vlan ? STRIPPED : WRONG;
	if (err != -ENODATA)
		return WRONG;
	if (!vlan)
		return UNTAGGED;
	return vlan->tci == bpf_htons(TCI) ? IN_PACKET : WRONG;
}

static __always_inline int look(struct xdp_md *ctx, struct ethhdr **eth)
{
	struct vlan *vlan;
	__u64 *count;
	__u32 where;

	if (!is_ours(ctx, eth, &vlan))
		return 0;
	where = where_is_tag(ctx, vlan);
	count = bpf_map_lookup_elem(&found, &where);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 1;
}

SEC("xdp.frags")
int tag_pass(struct xdp_md *ctx)
{
	struct ethhdr *eth;

	look(ctx, &eth);
	return XDP_PASS;
}

/* To the CPU after next. */
SEC("xdp.frags")
int tag_steer(struct xdp_md *ctx)
{
	struct ethhdr *eth;

	if (look(ctx, &eth))
		bpf_dpcnic_steer(ctx, (bpf_get_smp_processor_id() + 2) % 4);
	return XDP_PASS;
}

SEC("xdp.frags")
int tag_back(struct xdp_md *ctx)
{
	__u8 mac[ETH_ALEN];
	struct ethhdr *eth;

	if (!look(ctx, &eth))
		return XDP_PASS;
	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
