// SPDX-License-Identifier: GPL-2.0
/*
 * VLAN tags: the device strips them from what is received, and inserts them into what is sent.
 *
 * It does both or neither, by one bit (CTRL.VME). A packet that is in a ring to get its tag when
 * that bit is cleared would be sent without, so into another VLAN. Such packets are sent first.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>

#include "nic.h"
#include "xsk.h"

/* So long packets have to be sent: what BQL lets into a ring at 10 Mb/s, and some pause. */
#define DPCNIC_VLAN_SEND_MS	1000

/**
 * dpcnic_fix_features() - ndo_fix_features: which can be on together
 * @ndev: the netdev
 * @features: what is asked for
 *
 * Return: what of that can be.
 */
netdev_features_t dpcnic_fix_features(struct net_device *ndev, netdev_features_t features)
{
	if (!(features & NETIF_F_HW_VLAN_CTAG_RX))
		features &= ~NETIF_F_HW_VLAN_CTAG_TX;
	if (features & NETIF_F_RXALL && !dpcnic_xsk_allows_all(netdev_priv(ndev))) {
		netdev_warn(ndev, "no rx-all until the AF_XDP socket goes that has small chunks without copies\n");
		features &= ~NETIF_F_RXALL;
	}
	return features;
}

/* Where each ring ends now. Whoever sends behind that sees what was written before. */
static void dpcnic_vlan_mark(struct dpcnic_nic *nic, u32 marks[DPC_QUEUES])
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++)
		marks[i] = dpcnic_tx_mark(&nic->queue[i].tx);
}

static bool dpcnic_vlan_passed(const struct dpcnic_nic *nic, const u32 marks[DPC_QUEUES])
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		if (!dpcnic_tx_passed(&nic->queue[i].tx, marks[i]))
			return false;
	}
	return true;
}

/*
 * No packet gets its tag from the device any more: until the stack sees to that itself, tx.c does.
 * Return: true when all that were to get one are sent.
 */
static bool dpcnic_vlan_stop_inserting(struct dpcnic_nic *nic)
{
	unsigned long end = jiffies + msecs_to_jiffies(DPCNIC_VLAN_SEND_MS);
	u32 marks[DPC_QUEUES];

	WRITE_ONCE(nic->insert_tags, false);
	dpcnic_vlan_mark(nic, marks);
	while (!dpcnic_vlan_passed(nic, marks)) {
		if (!netif_carrier_ok(nic->ndev) || time_after(jiffies, end))
			return false;
		usleep_range(100, 200);
	}
	return true;
}

/**
 * dpcnic_vlan_apply() - strip and insert tags, or not
 * @nic: the NIC; no packet in its rings is to get a tag if none are to be stripped
 * @features: those that are to be
 *
 * Context: process, RTNL held.
 */
void dpcnic_vlan_apply(struct dpcnic_nic *nic, netdev_features_t features)
{
	dpcnic_hw_set_vlan_mode(&nic->hw, features & NETIF_F_HW_VLAN_CTAG_RX);
	WRITE_ONCE(nic->insert_tags, !!(features & NETIF_F_HW_VLAN_CTAG_TX));
}

/**
 * dpcnic_vlan_set_features() - the same, while packets are sent and received
 * @nic: the NIC, up
 * @features: those that are to be; the netdev has others yet
 *
 * Every received packet's descriptor tells whether it still has its tag. Packets that cannot be
 * sent, without a link or because of pause, are dropped, which takes a reset.
 *
 * Context: process, RTNL held.
 * Return: 0; or the device's error, and the interface is down.
 */
int dpcnic_vlan_set_features(struct dpcnic_nic *nic, netdev_features_t features)
{
	struct net_device *ndev = nic->ndev;

	if (ndev->features & ~features & NETIF_F_HW_VLAN_CTAG_RX &&
	    !dpcnic_vlan_stop_inserting(nic)) {
		netdev_warn(ndev, "packets that wait for a VLAN tag cannot be sent; resetting the device\n");
		/* what it is set up by afterwards */
		ndev->features &= ~(NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_CTAG_TX);
		return dpcnic_restart(nic);
	}
	dpcnic_vlan_apply(nic, features);
	return 0;
}
