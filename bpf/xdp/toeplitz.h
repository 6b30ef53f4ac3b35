/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Toeplitz hash of receive side scaling (R1, R4), for BPF programs and for user space.
 *
 * Its definition: for each bit of the input that is set, XOR the hash with the 32 bits of the key
 * that begin at the bit's own place. So every byte of the input contributes independently of all
 * others, and what the 256 values of a byte contribute at each of 36 places can be computed once
 * per key: struct policy_key, 36 KB. A packet then costs 6 BPF instructions per byte (load, scale,
 * add twice, load, XOR): 72 for TCP over IPv4, 216 for TCP over IPv6. Bit by bit it is at least 4
 * per bit, 384 and 1152; a table for half-bytes needs only 4.5 KB, but twice the instructions. A
 * packet touches at most 36 cache lines of either.
 */
#ifndef DPCNIC_XDP_TOEPLITZ_H
#define DPCNIC_XDP_TOEPLITZ_H

#include "policy_abi.h"

/**
 * toeplitz_expand() - multiply a key out
 * @key: for toeplitz_add()
 * @bytes: the key as ethtool shows it and the hardware takes it
 *
 * For user space: a packet has no time for it.
 */
static inline void toeplitz_expand(struct policy_key *key, const __u8 bytes[POLICY_KEY_BYTES])
{
	for (unsigned int place = 0; place < POLICY_INPUT_BYTES; place++) {
		__u64 window = 0;

		/* the 32 bits that begin at this byte, and the 7 that follow them */
		for (unsigned int i = 0; i < 5; i++)
			window = window << 8 | bytes[place + i];
		for (unsigned int value = 0; value < 256; value++) {
			__u32 part = 0;

			for (unsigned int bit = 0; bit < 8; bit++)
				if (value & 0x80 >> bit)
					part ^= (__u32)(window >> (8 - bit));
			key->part[place][value] = part;
		}
	}
}

/**
 * toeplitz_add() - hash some bytes of an input
 * @key: made by toeplitz_expand()
 * @input: the whole input
 * @first: the bytes from this one, a constant
 * @end: up to this one, a constant; at most POLICY_INPUT_BYTES
 *
 * Return: what they contribute: the hash of the input is the XOR over all of its bytes.
 */
static inline __attribute__((always_inline)) __u32
toeplitz_add(const struct policy_key *key, const __u8 *input, unsigned int first, unsigned int end)
{
	__u32 hash = 0;

#ifdef __clang__
#pragma clang loop unroll(full)
#endif
	for (unsigned int place = first; place < end; place++)
		hash ^= key->part[place][input[place]];
	return hash;
}

#endif /* DPCNIC_XDP_TOEPLITZ_H */
