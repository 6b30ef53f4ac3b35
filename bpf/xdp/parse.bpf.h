/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the policies know of a packet: addresses, protocol, ports.
 *
 * It is found as NDIS's RSS rules and the 82576's datasheet (7.1.1.7) have it:
 *
 * - One or two VLAN tags (802.1Q, 802.1ad) are skipped. One that the hardware has put into the
 *   descriptor is not in the packet.
 * - IPv4 options and IPv6 extension headers are skipped.
 * - A fragment has no ports, not even the first one, which carries them: all fragments of a packet
 *   must go the same way.
 * - Tunnels are not looked into: what counts is the outer header, and its protocol is none with
 *   ports, or that of the tunnel (VXLAN: UDP).
 * - Mobile IPv6: the addresses are those of the IPv6 header. Where the others are is noted, for
 *   the one hash that wants them.
 * - What is malformed or cut off cannot be parsed, and is not guessed at: it has no hash (R3).
 *
 * QEMU's 82576 differs, where the datasheet and NDIS decide here, in packets no host should send:
 * it skips two tags only if they are 802.1ad and then 802.1Q; hashes IPv4 headers of a wrong length
 * or with options cut off, and IPv6 headers of a wrong version, with malformed options or with the
 * last extension header cut off; takes the first of two home addresses in a header, but of several
 * destination options (or routing) headers asks the last alone; takes the reserved byte of a
 * fragment header for its length, and reads on behind it; measures authentication headers in units
 * of 8 bytes; walks any number of headers and options. The silicon, as dpcnic sets it up, skips one
 * tag. For all other packets its hash and this one were the same (policy-hash.c, random packets).
 */
#ifndef DPCNIC_XDP_PARSE_BPF_H
#define DPCNIC_XDP_PARSE_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <stdbool.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "policy_abi.h"

/* Extension headers, and options in one, that are looked at; a packet with more is not parsed. */
#define PARSE_HEADERS		8
#define PARSE_OPTIONS		8

#define PARSE_VLAN_TAGS		2
#define PARSE_TCP_BYTES		20
#define PARSE_UDP_BYTES		8
#define PARSE_FRAGMENT		0x3fff	/* IPv4: more fragments, or an offset */
#define PARSE_HOME_ADDRESS	201	/* option type, RFC 6275 */

/**
 * struct packet - what parse() found
 * @v4: addresses and ports of IPv4, in network byte order
 * @v6: the same of IPv6
 * @input: the same as the hash's input: source address, destination address, source port,
 *	destination port
 * @family: 4 or 6
 * @protocol: IPPROTO_*; of IPv6, what follows the extension headers
 * @has_ports: it is TCP or UDP, no fragment, and its header is all there
 * @home: IPv6: offset of a home address (RFC 6275), the source as the transport knows it; or 0
 * @final: IPv6: offset of the address in a routing header of type 2, the destination as the
 *	transport knows it; or 0
 */
struct packet {
	union {
		struct {
			__be32 source;
			__be32 destination;
			__be32 ports;
		} v4;
		struct {
			__u64 source[2];
			__u64 destination[2];
			__be32 ports;
		} v6;
		__u8 input[POLICY_INPUT_BYTES];
	};
	__u8 family;
	__u8 protocol;
	bool has_ports;
	__u32 home;
	__u32 final;
};

/* Bytes that a header with ports must have; 0: it has no ports. */
static __always_inline __u32 parse_transport_bytes(__u8 protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return PARSE_TCP_BYTES;
	case IPPROTO_UDP:
		return PARSE_UDP_BYTES;
	default:
		return 0;
	}
}

/*
 * Look for a home address among the options @at..@end. False if they are malformed, which they also
 * are if one goes beyond the end: those that follow never meet it.
 */
static __always_inline bool parse_options(struct xdp_md *ctx, __u32 at, __u32 end,
					  struct packet *packet)
{
	struct {
		__u8 type;
		__u8 length;
	} option;

	for (int i = 0; i < PARSE_OPTIONS; i++) {
		if (at == end)
			return true;
		if (bpf_xdp_load_bytes(ctx, at, &option.type, 1))
			return false;
		if (option.type == IPV6_TLV_PAD1) {
			at++;
			continue;
		}
		if (bpf_xdp_load_bytes(ctx, at, &option, sizeof(option)))
			return false;
		if (option.type == PARSE_HOME_ADDRESS) {
			if (option.length != sizeof(struct in6_addr))
				return false;
			packet->home = at + sizeof(option);
		}
		at += sizeof(option) + option.length;
	}
	return at == end;
}

/* Extension headers that say how long they are. What else there may be has no ports to find. */
static __always_inline bool parse_is_extension(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_DSTOPTS ||
	       protocol == IPPROTO_ROUTING || protocol == IPPROTO_FRAGMENT ||
	       protocol == IPPROTO_AH;
}

/* Find ports through a helper: where they are is not known. */
static __always_inline void parse_ports(struct xdp_md *ctx, __u32 at, struct packet *packet)
{
	__u8 header[PARSE_TCP_BYTES];
	long error;

	if (packet->protocol == IPPROTO_TCP)
		error = bpf_xdp_load_bytes(ctx, at, header, PARSE_TCP_BYTES);
	else if (packet->protocol == IPPROTO_UDP)
		error = bpf_xdp_load_bytes(ctx, at, header, PARSE_UDP_BYTES);
	else
		return;
	if (error)
		return;
	__builtin_memcpy(&packet->v6.ports, header, sizeof(packet->v6.ports));
	packet->has_ports = true;
}

/*
 * Walk the extension headers, of which the first is at @at and of type packet->protocol. Not in
 * the fast path: it reads through a helper, and so also beyond a packet's first part.
 */
static __noinline bool parse_extensions(struct xdp_md *ctx, __u32 at, struct packet *packet)
{
	struct {
		__u8 next;
		__u8 length;
		__u8 type;
		__u8 left;
	} header;
	__u32 bytes;
	__u8 last;

	for (int i = 0; parse_is_extension(packet->protocol); i++) {
		if (i == PARSE_HEADERS || bpf_xdp_load_bytes(ctx, at, &header, sizeof(header)))
			return false;
		bytes = (header.length + 1) * 8;
		if (packet->protocol == IPPROTO_FRAGMENT)
			bytes = 8;
		if (packet->protocol == IPPROTO_AH)
			bytes = (header.length + 2) * 4;
		if (bpf_xdp_load_bytes(ctx, at + bytes - 1, &last, sizeof(last)))
			return false;

		if (packet->protocol == IPPROTO_FRAGMENT) {
			packet->protocol = header.next;
			return true;
		}
		if (packet->protocol == IPPROTO_DSTOPTS &&
		    !parse_options(ctx, at + 2, at + bytes, packet))
			return false;
		if (packet->protocol == IPPROTO_ROUTING && header.type == 2 && header.left == 1 &&
		    bytes == 8 + sizeof(struct in6_addr))
			packet->final = at + 8;
		at += bytes;
		packet->protocol = header.next;
	}
	parse_ports(ctx, at, packet);
	return true;
}

static __always_inline bool parse_ipv4(const void *at, const void *end, struct packet *packet)
{
	const struct iphdr *ip = at;
	const __be32 *ports;
	__u32 bytes;

	if ((const void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5)
		return false;
	ports = at + ip->ihl * 4;
	if ((const void *)ports > end)
		return false;
	packet->family = 4;
	packet->protocol = ip->protocol;
	packet->v4.source = ip->saddr;
	packet->v4.destination = ip->daddr;
	if (ip->frag_off & bpf_htons(PARSE_FRAGMENT))
		return true;
	bytes = parse_transport_bytes(ip->protocol);
	if (bytes && (const void *)ports + bytes <= end) {
		packet->v4.ports = *ports;
		packet->has_ports = true;
	}
	return true;
}

static __always_inline bool parse_ipv6(struct xdp_md *ctx, const void *start, const void *at,
				       const void *end, struct packet *packet)
{
	const struct ipv6hdr *ip = at;
	const __u64 *address;
	__u32 bytes;

	if ((const void *)(ip + 1) > end || ip->version != 6)
		return false;
	address = (const void *)&ip->saddr;
	packet->family = 6;
	packet->protocol = ip->nexthdr;
	packet->v6.source[0] = address[0];
	packet->v6.source[1] = address[1];
	packet->v6.destination[0] = address[2];
	packet->v6.destination[1] = address[3];
	bytes = parse_transport_bytes(ip->nexthdr);
	if (!bytes)
		return parse_extensions(ctx, (const void *)(ip + 1) - start, packet);
	if ((const void *)(ip + 1) + bytes <= end) {
		packet->v6.ports = *(const __be32 *)(ip + 1);
		packet->has_ports = true;
	}
	return true;
}

/**
 * parse() - find a packet's addresses, protocol and ports
 * @ctx: the program's argument
 * @packet: filled if the packet can be parsed
 *
 * Return: whether it can: it is IPv4 or IPv6, and neither malformed nor cut off before the
 * transport's header.
 */
static __always_inline bool parse(struct xdp_md *ctx, struct packet *packet)
{
	const void *start = (const void *)(long)ctx->data;
	const void *end = (const void *)(long)ctx->data_end;
	const void *at = start + sizeof(struct ethhdr);
	__be16 type;

	__builtin_memset(packet, 0, sizeof(*packet));
	if (at > end)
		return false;
	for (int i = 0; i <= PARSE_VLAN_TAGS; i++) {
		type = *(const __be16 *)(at - sizeof(type));
		if (type == bpf_htons(ETH_P_IP))
			return parse_ipv4(at, end, packet);
		if (type == bpf_htons(ETH_P_IPV6))
			return parse_ipv6(ctx, start, at, end, packet);
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			return false;
		at += 4;
		if (at > end)
			return false;
	}
	return false;
}

#endif /* DPCNIC_XDP_PARSE_BPF_H */
