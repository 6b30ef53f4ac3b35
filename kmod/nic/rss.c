// SPDX-License-Identifier: GPL-2.0
/* Receive side scaling in the hardware: Toeplitz key, indirection table, hashed fields (R1). */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "nic.h"

#define DPCNIC_RSS_ADDRESSES	(RXH_IP_SRC | RXH_IP_DST)
#define DPCNIC_RSS_PORTS	(RXH_L4_B_0_1 | RXH_L4_B_2_3)

/**
 * dpcnic_rss_init() - random key, equal shares, and what is hashed
 * @nic: the NIC, with @queue_cnt set
 *
 * Ports of TCP and UDP, too (R1). Fragments have none: where a UDP flow has them beside whole
 * packets these may come by another queue, and be reordered, unless its ports are left out.
 *
 * Context: process.
 */
void dpcnic_rss_init(struct dpcnic_nic *nic)
{
	nic->rss_types = DPCNIC_HW_RSS_IPV4 | DPCNIC_HW_RSS_TCP4 | DPCNIC_HW_RSS_UDP4 |
			 DPCNIC_HW_RSS_IPV6 | DPCNIC_HW_RSS_TCP6 | DPCNIC_HW_RSS_UDP6;
	netdev_rss_key_fill(nic->rss_key, sizeof(nic->rss_key));
	dpcnic_rss_spread(nic);
}

/**
 * dpcnic_rss_spread() - give all queues in use equal shares of the table
 * @nic: the NIC
 *
 * Context: process, RTNL held or before the netdev is registered.
 */
void dpcnic_rss_spread(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(nic->rss_table); i++)
		nic->rss_table[i] = ethtool_rxfh_indir_default(i, nic->queue_cnt);
}

/**
 * dpcnic_rss_apply() - write key, table and hashed fields to the device
 * @nic: the NIC
 *
 * Context: process, RTNL held.
 */
void dpcnic_rss_apply(struct dpcnic_nic *nic)
{
	dpcnic_hw_set_rss_key(&nic->hw, nic->rss_key);
	dpcnic_hw_set_rss_table(&nic->hw, nic->rss_table);
	dpcnic_hw_set_rss_types(&nic->hw, nic->rss_types);
}

/**
 * dpcnic_rss_avoid() - let a queue get no more packets that are hashed, for a while
 * @nic: the NIC, up
 * @idx: the queue
 *
 * That is until the device is given the user's table again. The packets go to the other queues of
 * that, and to none that is not in it: such a queue may be kept for something. If there is no other
 * in the table, all stays as it is. Packets without hash come to queue 0 whatever the table says.
 *
 * Context: process, RTNL held.
 */
void dpcnic_rss_avoid(struct dpcnic_nic *nic, u16 idx)
{
	u8 table[DPC_RETA_ENTRIES];
	u8 other = idx;
	int i;

	for (i = 0; i < ARRAY_SIZE(table) && other == idx; i++)
		other = nic->rss_table[i];
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (nic->rss_table[i] != idx)
			other = nic->rss_table[i];
		table[i] = other;
	}
	dpcnic_hw_set_rss_table(&nic->hw, table);
}

/* The type that a flow type's ports are hashed by; 0 if there are none that the device knows. */
static u8 dpcnic_rss_type_of_ports(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return DPCNIC_HW_RSS_TCP4;
	case UDP_V4_FLOW:
		return DPCNIC_HW_RSS_UDP4;
	case TCP_V6_FLOW:
		return DPCNIC_HW_RSS_TCP6;
	case UDP_V6_FLOW:
		return DPCNIC_HW_RSS_UDP6;
	default:
		return 0;
	}
}

/* Is it IP, so that its addresses are hashed at least? */
static bool dpcnic_rss_is_ip(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
	case UDP_V4_FLOW:
	case SCTP_V4_FLOW:
	case AH_ESP_V4_FLOW:
	case AH_V4_FLOW:
	case ESP_V4_FLOW:
	case IPV4_FLOW:
	case TCP_V6_FLOW:
	case UDP_V6_FLOW:
	case SCTP_V6_FLOW:
	case AH_ESP_V6_FLOW:
	case AH_V6_FLOW:
	case ESP_V6_FLOW:
	case IPV6_FLOW:
		return true;
	default:
		return false;
	}
}

/**
 * dpcnic_rss_get_fields() - which header fields of a kind of packet are hashed
 * @ndev: the netdev
 * @fields: in: the flow type; out: the fields
 *
 * Context: process, RTNL held.
 * Return: 0, or -EINVAL for what is not IP and has no hash.
 */
int dpcnic_rss_get_fields(struct net_device *ndev, struct ethtool_rxfh_fields *fields)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (!dpcnic_rss_is_ip(fields->flow_type))
		return -EINVAL;
	fields->data = DPCNIC_RSS_ADDRESSES;
	if (nic->rss_types & dpcnic_rss_type_of_ports(fields->flow_type))
		fields->data |= DPCNIC_RSS_PORTS;
	return 0;
}

/* Why not: to who asked, or where the way that he took carries no message, to the log. */
static void dpcnic_rss_refuse(struct net_device *ndev, struct netlink_ext_ack *extack,
			      const char *why)
{
	if (extack)
		NL_SET_ERR_MSG_FMT(extack, "%s", why);
	else
		netdev_err(ndev, "%s\n", why);
}

/**
 * dpcnic_rss_set_fields() - choose which header fields of a kind of packet are hashed
 * @ndev: the netdev
 * @fields: the flow type and the fields
 * @extack: for the reason why not, or NULL
 *
 * The device hashes both addresses, and of TCP and UDP both ports or none. Packets received
 * meanwhile are hashed one way or the other, which their descriptors tell.
 *
 * Context: process, RTNL held.
 * Return: 0, or an error and nothing has changed.
 */
int dpcnic_rss_set_fields(struct net_device *ndev, const struct ethtool_rxfh_fields *fields,
			  struct netlink_ext_ack *extack)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	u8 type = dpcnic_rss_type_of_ports(fields->flow_type);

	if (!dpcnic_rss_is_ip(fields->flow_type)) {
		dpcnic_rss_refuse(ndev, extack, "the hardware hashes IP only");
		return -EOPNOTSUPP;
	}
	if ((fields->data & ~DPCNIC_RSS_PORTS) != DPCNIC_RSS_ADDRESSES) {
		dpcnic_rss_refuse(ndev, extack,
				  "the hardware hashes both IP addresses (sd), and nothing else but ports");
		return -EOPNOTSUPP;
	}
	switch (fields->data & DPCNIC_RSS_PORTS) {
	case 0:
		nic->rss_types &= ~type;
		break;
	case DPCNIC_RSS_PORTS:
		if (type) {
			nic->rss_types |= type;
			break;
		}
		fallthrough;
	default:
		dpcnic_rss_refuse(ndev, extack,
				  "the hardware hashes both ports (fn) or none, and of TCP and UDP only");
		return -EOPNOTSUPP;
	}
	if (nic->up)
		dpcnic_hw_set_rss_types(&nic->hw, nic->rss_types);
	return 0;
}
