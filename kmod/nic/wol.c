// SPDX-License-Identifier: GPL-2.0
/* Wake on LAN: the device stays on while the machine sleeps, and wakes it. */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pm_wakeup.h>

#include "nic.h"

#define DPCNIC_WOL	(WAKE_PHY | WAKE_UCAST | WAKE_MCAST | WAKE_BCAST | WAKE_MAGIC)

/**
 * dpcnic_get_wol() - ethtool_ops.get_wol
 * @ndev: the netdev
 * @wol: out; nothing is supported where device or machine cannot signal a wake-up
 */
void dpcnic_get_wol(struct net_device *ndev, struct ethtool_wolinfo *wol)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	wol->supported = device_can_wakeup(&nic->pdev->dev) ? DPCNIC_WOL : 0;
	wol->wolopts = nic->wol;
}

/**
 * dpcnic_set_wol() - ethtool_ops.set_wol
 * @ndev: the netdev
 * @wol: in; the core has compared it with what dpcnic_get_wol() supports
 *
 * Return: 0, or an error and nothing has changed.
 */
int dpcnic_set_wol(struct net_device *ndev, struct ethtool_wolinfo *wol)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int err;

	if (wol->wolopts && !device_can_wakeup(&nic->pdev->dev))
		return -EOPNOTSUPP;
	if (wol->wolopts & ~DPCNIC_WOL)
		return -EINVAL;
	err = device_set_wakeup_enable(&nic->pdev->dev, wol->wolopts);
	if (!err)
		nic->wol = wol->wolopts;
	return err;
}

/**
 * dpcnic_wol_arm() - have the device wake the machine by what the user chose
 * @nic: the NIC, detached
 *
 * Context: process.
 * Return: 0 or an error.
 */
int dpcnic_wol_arm(struct dpcnic_nic *nic)
{
	u32 filters = 0;
	int err = 0;

	if (nic->wol & WAKE_PHY)
		filters |= DPC_WUFC_LNKC;
	if (nic->wol & WAKE_MAGIC)
		filters |= DPC_WUFC_MAG;
	if (nic->wol & WAKE_UCAST)
		filters |= DPC_WUFC_EX;
	if (nic->wol & WAKE_MCAST)
		filters |= DPC_WUFC_MC;
	if (nic->wol & WAKE_BCAST)
		filters |= DPC_WUFC_BC;

	if (!netif_running(nic->ndev)) /* else it has a link */
		err = dpcnic_hw_start_link(&nic->hw, dpcnic_link_modes(nic));
	if (!err)
		dpcnic_hw_arm_wake(&nic->hw, filters);
	return err;
}
