/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the policies must do, written once more from the rules alone (NDIS's RSS rules, as told in
 * bpf/xdp/parse.bpf.h): byte by byte and bit by bit, with nothing of bpf/xdp but the constants.
 */
#ifndef DPCNIC_POLICY_MODEL_H
#define DPCNIC_POLICY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "policy_abi.h"

/* The key of Microsoft's verification suite. */
static const __u8 model_suite_key[POLICY_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* Whether bit @i is set, the first bit being the highest of the first byte. */
static inline bool model_bit(const __u8 *bytes, size_t i)
{
	return bytes[i / 8] >> (7 - i % 8) & 1;
}

/* The hash by its definition, each bit of the result for itself. */
static inline __u32 model_toeplitz(const __u8 key[POLICY_KEY_BYTES], const __u8 *input,
				   size_t length)
{
	__u32 hash = 0;

	for (size_t bit = 0; bit < 32; bit++) {
		bool set = false;

		for (size_t i = 0; i < length * 8; i++)
			set ^= model_bit(input, i) & model_bit(key, i + bit);
		hash = hash << 1 | set;
	}
	return hash;
}

/**
 * struct model_packet - a packet, read from the front
 * @data: it
 * @length: in bytes
 * @at: how far it was read
 * @bad: something was not there, or not as it must be
 * @version: 4 or 6
 * @protocol: the transport's
 * @address_bytes: 4 or 16
 * @ip: source and destination address of the IP header
 * @transport: those as the transport knows them (RFC 6275)
 * @ports: whether there are any
 * @port: source and destination port
 */
struct model_packet {
	const __u8 *data;
	size_t length;
	size_t at;
	bool bad;
	unsigned int version;
	unsigned int protocol;
	size_t address_bytes;
	__u8 ip[2][16];
	__u8 transport[2][16];
	bool ports;
	__u8 port[2][2];
};

static inline unsigned int model_byte(struct model_packet *packet)
{
	if (packet->at >= packet->length) {
		packet->bad = true;
		return 0;
	}
	return packet->data[packet->at++];
}

static inline unsigned int model_word(struct model_packet *packet)
{
	unsigned int high = model_byte(packet);

	return high << 8 | model_byte(packet);
}

static inline void model_bytes(struct model_packet *packet, __u8 *to, size_t count)
{
	while (count--) {
		__u8 byte = (__u8)model_byte(packet);

		if (to)
			*to++ = byte;
	}
}

/* Ports, if the transport's header is here as a whole. */
static inline void model_read_transport(struct model_packet *packet)
{
	size_t header = packet->protocol == 6 ? 20 : packet->protocol == 17 ? 8 : 0;

	if (!header || packet->at + header > packet->length)
		return;
	packet->ports = true;
	model_bytes(packet, packet->port[0], 2);
	model_bytes(packet, packet->port[1], 2);
}

static inline void model_read_ipv4(struct model_packet *packet)
{
	unsigned int first = model_byte(packet), fragment;

	packet->version = 4;
	packet->address_bytes = 4;
	model_bytes(packet, NULL, 5);
	fragment = model_word(packet);
	model_byte(packet);
	packet->protocol = model_byte(packet);
	model_word(packet);
	model_bytes(packet, packet->ip[0], 4);
	model_bytes(packet, packet->ip[1], 4);
	if (first >> 4 != 4 || (first & 15) < 5)
		packet->bad = true;
	else
		model_bytes(packet, NULL, ((first & 15) - 5) * 4);
	memcpy(packet->transport, packet->ip, sizeof(packet->ip));
	if (!packet->bad && !(fragment & 0x2000) && !(fragment & 0x1fff))
		model_read_transport(packet);
}

/* A destination options header behind its first two bytes, with @end behind it. */
static inline void model_read_options(struct model_packet *packet, size_t end)
{
	unsigned int seen = 0;

	while (packet->at < end && !packet->bad) {
		unsigned int type = model_byte(packet), length;

		if (++seen > 8)
			packet->bad = true;
		if (type == 0)
			continue;
		/* a length beyond the header is none, though the packet goes on there */
		length = model_byte(packet);
		if (packet->at + length > end || (type == 201 && length != 16))
			packet->bad = true;
		else
			model_bytes(packet, type == 201 ? packet->transport[0] : NULL, length);
	}
}

static inline void model_read_ipv6(struct model_packet *packet)
{
	unsigned int first = model_byte(packet), headers = 0, next;

	packet->version = 6;
	packet->address_bytes = 16;
	if (first >> 4 != 6)
		packet->bad = true;
	model_bytes(packet, NULL, 5);
	next = model_byte(packet);
	model_byte(packet);
	model_bytes(packet, packet->ip[0], 16);
	model_bytes(packet, packet->ip[1], 16);
	memcpy(packet->transport, packet->ip, sizeof(packet->ip));

	while (!packet->bad) {
		unsigned int this = next, length;
		size_t start = packet->at, end;

		/* hop-by-hop, destination options, routing, fragment, authentication */
		if (this != 0 && this != 60 && this != 43 && this != 44 && this != 51) {
			packet->protocol = this;
			model_read_transport(packet);
			return;
		}
		if (++headers > 8)
			packet->bad = true;
		next = model_byte(packet);
		length = model_byte(packet);
		end = start + (this == 44 ? 8 : this == 51 ? 8 + 4 * length : 8 + 8 * length);
		if (end > packet->length)
			packet->bad = true;
		if (packet->bad)
			return;
		if (this == 44) {
			packet->protocol = next;
			return;
		}
		if (this == 60)
			model_read_options(packet, end);
		if (this == 43 && length == 2 && packet->data[start + 2] == 2 &&
		    packet->data[start + 3] == 1)
			memcpy(packet->transport[1], packet->data + start + 8, 16);
		packet->at = end;
	}
}

/* Read a frame; false if it is not to be hashed at all. */
static inline bool model_read(struct model_packet *packet, const __u8 *data, size_t length)
{
	unsigned int type;

	memset(packet, 0, sizeof(*packet));
	packet->data = data;
	packet->length = length;
	model_bytes(packet, NULL, 12);
	type = model_word(packet);
	for (int tags = 0; tags < 2 && (type == 0x8100 || type == 0x88a8); tags++) {
		model_word(packet);
		type = model_word(packet);
	}
	if (packet->bad)
		return false;
	if (type == 0x0800)
		model_read_ipv4(packet);
	else if (type == 0x86dd)
		model_read_ipv6(packet);
	else
		return false;
	return !packet->bad;
}

/* Whether @a comes behind @b. */
static inline bool model_behind(const __u8 *a, const __u8 *b, size_t count)
{
	/*
	 * Which order it is does not matter, but the numbers that make a hash do: as BPF compares,
	 * words of up to 8 bytes, the first byte the least.
	 */
	for (size_t word = 0; word < count; word += 8) {
		size_t bytes = count - word < 8 ? count - word : 8;

		for (size_t i = bytes; i-- > 0;)
			if (a[word + i] != b[word + i])
				return a[word + i] > b[word + i];
	}
	return false;
}

/* A packet's hash; false if it has none. */
static inline bool model_hash(const struct model_packet *packet, __u32 types, bool symmetric,
			      const __u8 key[POLICY_KEY_BYTES], __u32 *hash)
{
	bool four = packet->version == 4, tcp = packet->protocol == 6;
	__u32 with_ports = four ? (tcp ? POLICY_HASH_TCP4 : POLICY_HASH_UDP4) :
				  (tcp ? POLICY_HASH_TCP6 : POLICY_HASH_UDP6);
	size_t bytes = packet->address_bytes;
	int first = 0;
	__u8 input[36];
	bool ports = packet->ports && types & with_ports;
	const __u8 (*address)[16] = ports && tcp ? packet->transport : packet->ip;

	if (!ports && !(types & (four ? POLICY_HASH_IPV4 : POLICY_HASH_IPV6)))
		return false;
	if (symmetric && memcmp(address[0], address[1], bytes))
		first = model_behind(address[0], address[1], bytes);
	else if (symmetric && ports)
		first = model_behind(packet->port[0], packet->port[1], 2);
	memcpy(input, address[first], bytes);
	memcpy(input + bytes, address[!first], bytes);
	memcpy(input + 2 * bytes, packet->port[first], 2);
	memcpy(input + 2 * bytes + 2, packet->port[!first], 2);
	*hash = model_toeplitz(key, input, 2 * bytes + (ports ? 4 : 0));
	return true;
}

#endif /* DPCNIC_POLICY_MODEL_H */
