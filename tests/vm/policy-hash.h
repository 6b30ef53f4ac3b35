/* SPDX-License-Identifier: GPL-2.0 */
/* What policy-hash.bpf.c counts and policy-hash.c prints. */
#ifndef DPCNIC_POLICY_HASH_H
#define DPCNIC_POLICY_HASH_H

/* What the software hashes of a packet. */
enum compared_kind {
	COMPARED_NONE,
	COMPARED_IPV4,
	COMPARED_IPV4_PORTS,
	COMPARED_IPV6,
	COMPARED_IPV6_PORTS,
	COMPARED_KINDS
};

/* Same: no hash either, or the same one, and with ports or without alike. */
enum compared_result {
	COMPARED_SAME,
	COMPARED_HASHES_DIFFER,
	COMPARED_TYPES_DIFFER,
	COMPARED_HARDWARE_ONLY,
	COMPARED_SOFTWARE_ONLY,
	COMPARED_RESULTS
};

#endif /* DPCNIC_POLICY_HASH_H */
