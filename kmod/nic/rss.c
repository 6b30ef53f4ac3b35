// SPDX-License-Identifier: GPL-2.0
/* Receive side scaling in the hardware: Toeplitz key, indirection table, hashed fields (R1). */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "nic.h"

/**
 * dpcnic_rss_init() - random key, equal shares
 * @nic: the NIC, with @queue_cnt set
 *
 * Context: process.
 */
void dpcnic_rss_init(struct dpcnic_nic *nic)
{
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
 * UDP ports are left out, as is the kernel's habit: fragments of one flow would be spread over
 * queues and reordered.
 *
 * Context: process, RTNL held.
 */
void dpcnic_rss_apply(struct dpcnic_nic *nic)
{
	dpcnic_hw_set_rss_key(&nic->hw, nic->rss_key);
	dpcnic_hw_set_rss_table(&nic->hw, nic->rss_table);
	dpcnic_hw_set_rss_types(&nic->hw, DPCNIC_HW_RSS_IPV4 | DPCNIC_HW_RSS_TCP4 |
					  DPCNIC_HW_RSS_IPV6 | DPCNIC_HW_RSS_TCP6);
}
