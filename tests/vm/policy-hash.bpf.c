// SPDX-License-Identifier: GPL-2.0
/*
 * The hardware's hash against the software's (R4), packet by packet, as an XDP program that is
 * bound to the device: BPF_F_XDP_DEV_BOUND_ONLY, for the kernel's bpf_xdp_metadata_rx_hash().
 *
 * "rss_key" must have the hardware's key. All packets pass. policy-hash.c attaches it.
 */
#include "hash.bpf.h"
#include "policy-hash.h"

/* The kernel's, of enum xdp_rss_hash_type; L3 only: no ports are hashed. */
enum xdp_rss_hash_type {
	XDP_RSS_L4 = 1 << 3,
};

int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash,
			     enum xdp_rss_hash_type *type) __ksym;

/* Keys: kind * COMPARED_RESULTS + result. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COMPARED_KINDS * COMPARED_RESULTS);
	__type(key, __u32);
	__type(value, __u64);
} compared SEC(".maps");

static __always_inline int result(enum compared_kind kind, enum compared_result result)
{
	__u32 key = kind * COMPARED_RESULTS + result;
	__u64 *counter = bpf_map_lookup_elem(&compared, &key);

	if (counter)
		(*counter)++;
	return XDP_PASS;
}

SEC("xdp.frags")
int policy_hash(struct xdp_md *ctx)
{
	enum compared_kind kind = COMPARED_NONE;
	__u32 hardware, software, length = 0;
	enum xdp_rss_hash_type type = 0;
	struct packet packet;
	bool hashed;

	hashed = !bpf_xdp_metadata_rx_hash(ctx, &hardware, &type);
	if (parse(ctx, &packet))
		length = hash_input(ctx, &packet);
	switch (length) {
	case 0:
		return result(kind, hashed ? COMPARED_HARDWARE_ONLY : COMPARED_SAME);
	case 8:
		kind = COMPARED_IPV4;
		break;
	case 12:
		kind = COMPARED_IPV4_PORTS;
		break;
	case 32:
		kind = COMPARED_IPV6;
		break;
	default:
		kind = COMPARED_IPV6_PORTS;
	}
	if (!hashed || !hash_packet(ctx, &packet, false, &software))
		return result(kind, COMPARED_SOFTWARE_ONLY);
	if (hardware != software)
		return result(kind, COMPARED_HASHES_DIFFER);
	if (!(type & XDP_RSS_L4) != (kind == COMPARED_IPV4 || kind == COMPARED_IPV6))
		return result(kind, COMPARED_TYPES_DIFFER);
	return result(kind, COMPARED_SAME);
}

char LICENSE[] SEC("license") = "GPL";
