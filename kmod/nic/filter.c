// SPDX-License-Identifier: GPL-2.0
/* Which packets are received, and how whole: addresses, VLANs, broken ones, CRC. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "nic.h"

/* Unicast addresses beyond the device's own. Return: false if they do not fit. */
static bool dpcnic_apply_unicast(struct net_device *ndev, struct dpcnic_hw *hw)
{
	u8 addrs[DPCNIC_HW_UC_MAX][ETH_ALEN];
	struct netdev_hw_addr *ha;
	unsigned int cnt = 0;

	if (netdev_uc_count(ndev) > DPCNIC_HW_UC_MAX) {
		dpcnic_hw_set_unicast(hw, addrs, 0);
		return false;
	}
	netdev_for_each_uc_addr(ha, ndev)
		ether_addr_copy(addrs[cnt++], ha->addr);
	return !dpcnic_hw_set_unicast(hw, addrs, cnt);
}

/* Promiscuous mode is for all VLANs, too. Context: the netdev's address lock held, BHs disabled. */
static void dpcnic_write_rx_mode(struct net_device *ndev, netdev_features_t features)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw_mta mta = {};
	struct netdev_hw_addr *ha;
	unsigned int mode = 0;

	if (!dpcnic_apply_unicast(ndev, &nic->hw) || ndev->flags & IFF_PROMISC)
		mode |= DPCNIC_HW_RX_ALL_UNICAST;
	if (ndev->flags & (IFF_PROMISC | IFF_ALLMULTI))
		mode |= DPCNIC_HW_RX_ALL_MULTICAST;
	if (!(features & NETIF_F_HW_VLAN_CTAG_FILTER) || ndev->flags & IFF_PROMISC)
		mode |= DPCNIC_HW_RX_ALL_VLANS;
	if (features & NETIF_F_RXALL)
		mode |= DPCNIC_HW_RX_BAD;
	if (features & NETIF_F_RXFCS)
		mode |= DPCNIC_HW_RX_CRC;

	netdev_for_each_mc_addr(ha, ndev)
		dpcnic_hw_mta_add(&mta, ha->addr);
	dpcnic_hw_set_multicast(&nic->hw, &mta);
	dpcnic_hw_set_rx_mode(&nic->hw, mode);
}

/**
 * dpcnic_set_rx_mode() - ndo_set_rx_mode: addresses or flags have changed
 * @ndev: the netdev
 *
 * Context: the netdev's address lock held, BHs disabled.
 */
void dpcnic_set_rx_mode(struct net_device *ndev)
{
	const struct dpcnic_nic *nic = netdev_priv(ndev);

	dpcnic_write_rx_mode(ndev, nic->filter_features);
}

/**
 * dpcnic_filter_set_features() - receive as features say
 * @nic: the NIC
 * @features: those that are to be; the netdev may have others yet
 *
 * Nothing tells of a CRC: packets on their way keep it or miss it.
 *
 * Context: process, RTNL held.
 */
void dpcnic_filter_set_features(struct dpcnic_nic *nic, netdev_features_t features)
{
	netif_addr_lock_bh(nic->ndev);
	nic->filter_features = features;
	dpcnic_write_rx_mode(nic->ndev, features);
	netif_addr_unlock_bh(nic->ndev);
}

/**
 * dpcnic_filter_apply() - write all filters to a device that has forgotten them
 * @nic: the NIC, reset and not receiving yet
 *
 * Context: process, RTNL held.
 */
void dpcnic_filter_apply(struct dpcnic_nic *nic)
{
	unsigned int i;

	/* what has a priority only is no VLAN's (802.1Q): VLAN 0 is always received */
	nic->vlans[0] |= BIT(0);
	for (i = 0; i < DPC_VFTA_WORDS; i++)
		dpcnic_hw_set_vlans(&nic->hw, i, nic->vlans[i]);
	dpcnic_filter_set_features(nic, nic->ndev->features);
}

static void dpcnic_set_vlan(struct dpcnic_nic *nic, u16 vid, bool receive)
{
	u32 *word = &nic->vlans[vid / 32];

	if (receive)
		*word |= BIT(vid % 32);
	else
		*word &= ~BIT(vid % 32);
	if (nic->up)
		dpcnic_hw_set_vlans(&nic->hw, vid / 32, *word);
}

/**
 * dpcnic_vlan_rx_add_vid() - ndo_vlan_rx_add_vid: there is a device for this VLAN
 * @ndev: the netdev
 * @proto: ETH_P_8021Q
 * @vid: the VLAN
 *
 * Called while NETIF_F_HW_VLAN_CTAG_FILTER is on, and for all when that is turned on.
 *
 * Context: process, RTNL held.
 * Return: 0.
 */
int dpcnic_vlan_rx_add_vid(struct net_device *ndev, __be16 proto, u16 vid)
{
	dpcnic_set_vlan(netdev_priv(ndev), vid, true);
	return 0;
}

/**
 * dpcnic_vlan_rx_kill_vid() - ndo_vlan_rx_kill_vid: there is none any more
 * @ndev: the netdev
 * @proto: ETH_P_8021Q
 * @vid: the VLAN
 *
 * Context: process, RTNL held.
 * Return: 0.
 */
int dpcnic_vlan_rx_kill_vid(struct net_device *ndev, __be16 proto, u16 vid)
{
	if (vid)
		dpcnic_set_vlan(netdev_priv(ndev), vid, false);
	return 0;
}
