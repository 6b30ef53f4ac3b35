/* SPDX-License-Identifier: GPL-2.0 */
/* A packet's RSS hash as the hardware computes it (R4): which fields, and their Toeplitz hash. */
#ifndef DPCNIC_XDP_HASH_BPF_H
#define DPCNIC_XDP_HASH_BPF_H

#include "parse.bpf.h"
#include "toeplitz.h"

/* Set by the loader: what is hashed, POLICY_HASH_*. */
const volatile __u32 hash_types = POLICY_HASH_DEFAULT;

/* The key, multiplied out by toeplitz_expand(). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct policy_key);
} rss_key SEC(".maps");

/* The type that a packet's ports are hashed by. */
static __always_inline __u32 hash_type_of_ports(const struct packet *packet)
{
	if (packet->protocol == IPPROTO_TCP)
		return packet->family == 4 ? POLICY_HASH_TCP4 : POLICY_HASH_TCP6;
	return packet->family == 4 ? POLICY_HASH_UDP4 : POLICY_HASH_UDP6;
}

/*
 * TCP over IPv6 is hashed by the addresses the transport knows, wherever they are: the type of
 * hash that NDIS calls NDIS_HASH_TCP_IPV6_EX, which dpcnic has the hardware compute. All other
 * types are by the IPv6 header.
 */
static __always_inline void hash_mobile_addresses(struct xdp_md *ctx, struct packet *packet)
{
	if (packet->home)
		bpf_xdp_load_bytes(ctx, packet->home, packet->v6.source, sizeof(struct in6_addr));
	if (packet->final)
		bpf_xdp_load_bytes(ctx, packet->final, packet->v6.destination,
				   sizeof(struct in6_addr));
}

/**
 * hash_input() - choose what is hashed of a packet
 * @ctx: the program's argument
 * @packet: from parse(); @packet->input then begins with the input
 *
 * Return: the input's length, or 0 if it is not hashed.
 */
static __always_inline __u32 hash_input(struct xdp_md *ctx, struct packet *packet)
{
	__u32 type = packet->family == 4 ? POLICY_HASH_IPV4 : POLICY_HASH_IPV6;
	__u32 length = packet->family == 4 ? offsetof(struct packet, v4.ports) :
					     offsetof(struct packet, v6.ports);

	if (packet->has_ports && hash_types & hash_type_of_ports(packet)) {
		if (packet->family == 6 && packet->protocol == IPPROTO_TCP)
			hash_mobile_addresses(ctx, packet);
		return length + sizeof(packet->v4.ports);
	}
	return hash_types & type ? length : 0;
}

/**
 * hash_sort() - make the input the same for both directions of a flow
 * @packet: after hash_input()
 *
 * The end with the smaller address, or with equal addresses the smaller port, becomes the source.
 * An address and its port stay together: sorted for themselves, they would make one of two flows.
 */
static __always_inline void hash_sort(struct packet *packet)
{
	__u64 source[2], destination[2];
	bool swap;

	if (packet->family == 4) {
		__be32 ports = packet->v4.ports, address = packet->v4.source;

		swap = address > packet->v4.destination ||
		       (address == packet->v4.destination && ports << 16 > (ports & 0xffff0000));
		if (swap) {
			packet->v4.source = packet->v4.destination;
			packet->v4.destination = address;
			packet->v4.ports = ports << 16 | ports >> 16;
		}
		return;
	}
	source[0] = packet->v6.source[0];
	source[1] = packet->v6.source[1];
	destination[0] = packet->v6.destination[0];
	destination[1] = packet->v6.destination[1];
	if (source[0] != destination[0])
		swap = source[0] > destination[0];
	else if (source[1] != destination[1])
		swap = source[1] > destination[1];
	else
		swap = packet->v6.ports << 16 > (packet->v6.ports & 0xffff0000);
	if (swap) {
		packet->v6.source[0] = destination[0];
		packet->v6.source[1] = destination[1];
		packet->v6.destination[0] = source[0];
		packet->v6.destination[1] = source[1];
		packet->v6.ports = packet->v6.ports << 16 | packet->v6.ports >> 16;
	}
}

/**
 * hash_packet() - a packet's hash
 * @ctx: the program's argument
 * @packet: from parse(); its addresses are then those hashed
 * @symmetric: a constant: the same for both directions of a flow, and so not the hardware's
 * @hash: where to put it
 *
 * Return: whether it has one.
 */
static __always_inline bool hash_packet(struct xdp_md *ctx, struct packet *packet, bool symmetric,
					__u32 *hash)
{
	__u32 length = hash_input(ctx, packet), zero = 0;
	const struct policy_key *key;

	key = bpf_map_lookup_elem(&rss_key, &zero);
	if (!length || !key)
		return false;
	if (symmetric)
		hash_sort(packet);
	if (packet->family == 4) {
		*hash = toeplitz_add(key, packet->input, 0, 8);
		if (length == 12)
			*hash ^= toeplitz_add(key, packet->input, 8, 12);
	} else {
		*hash = toeplitz_add(key, packet->input, 0, 32);
		if (length == 36)
			*hash ^= toeplitz_add(key, packet->input, 32, 36);
	}
	return true;
}

#endif /* DPCNIC_XDP_HASH_BPF_H */
