/* SPDX-License-Identifier: GPL-2.0 */
/* Receive side scaling of any network device: hash function, key and indirection table. */
#ifndef DPCTOOL_HASHING_H
#define DPCTOOL_HASHING_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "units.h"

/**
 * struct hashing - how a device spreads packets over its queues
 * @function: name of the hash function, NULL if the device does not tell
 * @key: the hash key
 * @key_size: its bytes; 0 if the device does not tell
 * @table: the indirection table, a queue per entry
 * @table_size: its entries; 0 if the device does not tell
 * @transform: what becomes of a packet's fields before they are hashed, RXH_XFRM_*; 0: nothing
 */
struct hashing {
	const char *function;
	__u8 *key;
	size_t key_size;
	__u32 *table;
	size_t table_size;
	__u8 transform;
};

/**
 * hashing_read() - fill @hashing with what device @ifindex has; free it also if that fails
 *
 * Returns 0 or -errno; -EOPNOTSUPP: the device spreads nothing, or does not tell.
 */
int hashing_read(struct hashing *hashing, __u32 ifindex);

/** hashing_free() - free what hashing_read() filled in */
void hashing_free(struct hashing *hashing);

/**
 * hashing_types() - what device @dev hashes: enum policy_hash, of bpf/xdp/policy_abi.h
 *
 * A device that does not tell counts as one that hashes what dpcnic does unless told otherwise.
 */
__u32 hashing_types(const char *dev);

/**
 * hashing_write() - give device @dev another table, another key, or both at once
 * @now: what it has
 * @table: as long as the one it has, or NULL to keep that
 * @key: the same
 *
 * Returns 0 or -errno.
 */
int hashing_write(const char *dev, const struct hashing *now, const __u32 *table, const __u8 *key);

/**
 * hashing_weigh() - fill a table by weights, as ethtool(8) does it
 * @table: gets indices of @weights
 * @size: its entries
 * @weights: of which one at least is not 0
 * @starved: index of the weight that is too small for one entry, if there is one
 *
 * Returns true if each weight that is not 0 got an entry.
 */
bool hashing_weigh(__u32 *table, size_t size, const struct number_list *weights, __u32 *starved);

/** hashing_entries() - how many entries of the table name @queue */
size_t hashing_entries(const struct hashing *hashing, __u32 queue);

#endif /* DPCTOOL_HASHING_H */
