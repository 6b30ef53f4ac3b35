// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>

#include "ethtool.h"
#include "genl.h"
#include "hashing.h"
#include "policy_abi.h"

/* The kernel's set of hash functions, a bit each: enum in its include/linux/ethtool.h. */
static const char *const functions[] = { "toeplitz", "xor", "crc32" };

static const char *function_name(__u32 bits)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (bits == 1U << i)
			return functions[i];
	return NULL;
}

/* A copy of @bytes, of which there are *@size; NULL and 0 if there are none. */
static void *copy_of(const void *bytes, size_t *size)
{
	void *copy = *size ? malloc(*size) : NULL;

	if (copy)
		memcpy(copy, bytes, *size);
	else
		*size = 0;
	return copy;
}

static void take_key(struct hashing *hashing, const void *bytes, size_t size)
{
	hashing->key = copy_of(bytes, &size);
	hashing->key_size = size;
}

static void take_table(struct hashing *hashing, const void *bytes, size_t size)
{
	hashing->table = copy_of(bytes, &size);
	hashing->table_size = size / sizeof(*hashing->table);
}

static int take_setting(const struct nlattr *attribute, void *context)
{
	struct hashing *hashing = context;

	switch (mnl_attr_get_type(attribute)) {
	case ETHTOOL_A_RSS_HFUNC:
		hashing->function = function_name(mnl_attr_get_u32(attribute));
		break;
	case ETHTOOL_A_RSS_HKEY:
		take_key(hashing, mnl_attr_get_payload(attribute),
			 mnl_attr_get_payload_len(attribute));
		break;
	case ETHTOOL_A_RSS_INDIR:
		take_table(hashing, mnl_attr_get_payload(attribute),
			   mnl_attr_get_payload_len(attribute));
		break;
	case ETHTOOL_A_RSS_INPUT_XFRM:
		hashing->transform = (__u8)mnl_attr_get_u32(attribute);
		break;
	}
	return MNL_CB_OK;
}

static void take_settings(const struct nlmsghdr *answer, void *context)
{
	mnl_attr_parse(answer, GENL_HDRLEN, take_setting, context);
}

/* Asked without room, the kernel tells how much it takes. */
static int read_by_ioctl(struct hashing *hashing, __u32 ifindex)
{
	struct ethtool_rxfh sizes = { .cmd = ETHTOOL_GRSSH }, *order;
	size_t table_bytes, key_bytes;
	char dev[IF_NAMESIZE];
	int error;

	if (!if_indextoname(ifindex, dev))
		return -ENODEV;
	error = ethtool_ioctl(dev, &sizes);
	if (error)
		return error;
	table_bytes = sizes.indir_size * sizeof(*hashing->table);
	key_bytes = sizes.key_size;
	order = calloc(1, sizeof(*order) + table_bytes + key_bytes);
	if (!order)
		return -ENOMEM;
	order->cmd = ETHTOOL_GRSSH;
	order->indir_size = sizes.indir_size;
	order->key_size = sizes.key_size;
	error = ethtool_ioctl(dev, order);
	if (!error) {
		hashing->function = function_name(order->hfunc);
		hashing->transform = order->input_xfrm;
		take_table(hashing, order->rss_config, table_bytes);
		take_key(hashing, (char *)order->rss_config + table_bytes, key_bytes);
	}
	free(order);
	return error;
}

static int read_by_netlink(struct hashing *hashing, __u32 ifindex)
{
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	struct nlattr *header;
	struct genl genl;
	int error;

	error = genl_open(&genl, ETHTOOL_GENL_NAME);
	if (error)
		return error;
	question = genl_question(&genl, buffer, ETHTOOL_MSG_RSS_GET, false);
	header = mnl_attr_nest_start(question, ETHTOOL_A_RSS_HEADER);
	mnl_attr_put_u32(question, ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
	mnl_attr_nest_end(question, header);
	error = genl_ask(&genl, question, take_settings, hashing);
	genl_close(&genl);
	return error;
}

/*
 * ETHTOOL_MSG_RSS_GET came with 6.2. Before, the kernel says what it says of a device that spreads
 * nothing, which the ioctl tells from others.
 */
int hashing_read(struct hashing *hashing, __u32 ifindex)
{
	int error;

	*hashing = (struct hashing){ 0 };
	error = read_by_netlink(hashing, ifindex);
	return error == -EOPNOTSUPP ? read_by_ioctl(hashing, ifindex) : error;
}

void hashing_free(struct hashing *hashing)
{
	free(hashing->key);
	free(hashing->table);
}

__u32 hashing_types(const char *dev)
{
	static const struct {
		__u32 flow_type;
		__u32 type;
	} with_ports[] = {
		{ TCP_V4_FLOW, POLICY_HASH_TCP4 }, { UDP_V4_FLOW, POLICY_HASH_UDP4 },
		{ TCP_V6_FLOW, POLICY_HASH_TCP6 }, { UDP_V6_FLOW, POLICY_HASH_UDP6 },
	};
	__u32 types = POLICY_HASH_DEFAULT;

	for (size_t i = 0; i < sizeof(with_ports) / sizeof(with_ports[0]); i++) {
		struct ethtool_rxnfc order = {
			.cmd = ETHTOOL_GRXFH,
			.flow_type = with_ports[i].flow_type,
		};

		if (ethtool_ioctl(dev, &order))
			continue;
		if (order.data & RXH_L4_B_0_1 && order.data & RXH_L4_B_2_3)
			types |= with_ports[i].type;
		else
			types &= ~with_ports[i].type;
	}
	return types;
}

/*
 * By ioctl(2), as in 6.12 the netlink family can only read: ETHTOOL_MSG_RSS_SET came with 6.17. One
 * call sets all of it, or nothing. The transform stays by being what it is: RXH_XFRM_NO_CHANGE is
 * invalid before 6.8, where that byte is reserved, and was refused of most devices for a while
 * after.
 */
int hashing_write(const char *dev, const struct hashing *now, const __u32 *table, const __u8 *key)
{
	size_t table_bytes = table ? now->table_size * sizeof(*table) : 0;
	size_t key_bytes = key ? now->key_size : 0;
	struct ethtool_rxfh *order = calloc(1, sizeof(*order) + table_bytes + key_bytes);
	int error;

	if (!order)
		return -ENOMEM;
	order->cmd = ETHTOOL_SRSSH;
	order->input_xfrm = now->transform;
	order->indir_size = table ? (__u32)now->table_size : ETH_RXFH_INDIR_NO_CHANGE;
	order->key_size = (__u32)key_bytes;
	if (table)
		memcpy(order->rss_config, table, table_bytes);
	if (key)
		memcpy((char *)order->rss_config + table_bytes, key, key_bytes);
	error = ethtool_ioctl(dev, order);
	free(order);
	return error;
}

size_t hashing_entries(const struct hashing *hashing, __u32 queue)
{
	size_t entries = 0;

	for (size_t i = 0; i < hashing->table_size; i++)
		entries += hashing->table[i] == queue;
	return entries;
}

/* Each gets a run of entries, which begins and ends where its share does, rounded down. */
bool hashing_weigh(__u32 *table, size_t size, const struct number_list *weights, __u32 *starved)
{
	__u64 sum = number_list_sum(weights), before = 0, i = 0, first;

	for (__u32 at = 0; at < weights->count; at++) {
		before += weights->numbers[at];
		for (first = i; i < before * size / sum; i++)
			table[i] = at;
		*starved = at;
		if (i == first && weights->numbers[at])
			return false;
	}
	return true;
}
