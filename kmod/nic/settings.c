// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool: what the link is to be like. What is offered to the link partner is the user's choice of
 * speeds, and of pause.
 *
 * Autonegotiation is always on: 1000BASE-T needs it, and 10 or 100 Mb/s come of offering nothing
 * else.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "nic.h"

#define DPCNIC_ALWAYS_ADVERTISED	(ADVERTISED_Autoneg | ADVERTISED_TP)

/**
 * dpcnic_link_advertising() - what the link partner is offered
 * @nic: the NIC
 *
 * Pause after IEEE 802.3 28B.3: both directions are offered as symmetric.
 *
 * Context: process, RTNL held.
 * Return: ADVERTISED_* out of DPCNIC_HW_ADVERTISABLE.
 */
u32 dpcnic_link_advertising(const struct dpcnic_nic *nic)
{
	u32 advertising = nic->speeds;

	if (nic->pause & DPCNIC_PAUSE_RX)
		advertising |= ADVERTISED_Pause | ADVERTISED_Asym_Pause;
	if (nic->pause & DPCNIC_PAUSE_TX)
		advertising ^= ADVERTISED_Asym_Pause;
	return advertising;
}

/* Negotiate what is offered now; the link goes down for that. */
static int dpcnic_renegotiate(struct dpcnic_nic *nic)
{
	return nic->up ? dpcnic_hw_start_autoneg(&nic->hw, dpcnic_link_advertising(nic)) : 0;
}

/**
 * dpcnic_get_link_ksettings() - ethtool_ops.get_link_ksettings
 * @ndev: the netdev
 * @ks: out
 *
 * Return: 0
 */
int dpcnic_get_link_ksettings(struct net_device *ndev, struct ethtool_link_ksettings *ks)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	const struct dpcnic_hw_link *link = &nic->link;
	bool up = netif_carrier_ok(ndev);

	ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.supported,
						DPCNIC_HW_ADVERTISABLE | DPCNIC_ALWAYS_ADVERTISED);
	ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.advertising,
						dpcnic_link_advertising(nic) |
						DPCNIC_ALWAYS_ADVERTISED);
	if (up && link->autoneg_done)
		ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.lp_advertising,
							link->lp_advertising);
	ks->base.port = PORT_TP;
	ks->base.autoneg = AUTONEG_ENABLE;
	ks->base.speed = up ? link->speed : SPEED_UNKNOWN;
	ks->base.duplex = up ? link->full_duplex : DUPLEX_UNKNOWN;
	return 0;
}

/**
 * dpcnic_set_link_ksettings() - ethtool_ops.set_link_ksettings: which speeds are offered
 * @ndev: the netdev
 * @ks: in; its pause bits are not looked at, that is dpcnic_set_pauseparam()'s matter
 *
 * Return: 0, or an error and nothing has changed.
 */
int dpcnic_set_link_ksettings(struct net_device *ndev, const struct ethtool_link_ksettings *ks)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	u32 advertising, old = nic->speeds;
	int err;

	if (ks->base.autoneg != AUTONEG_ENABLE) {
		netdev_err(ndev, "autonegotiation cannot be turned off; to get one speed, offer no other: ethtool -s %s autoneg on speed 100 duplex full\n",
			   ndev->name);
		return -EINVAL;
	}
	if (ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_INVALID &&
	    ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_AUTO) {
		netdev_err(ndev, "crossing pairs (MDI-X) is left to the PHY\n");
		return -EOPNOTSUPP;
	}
	if (!ethtool_convert_link_mode_to_legacy_u32(&advertising, ks->link_modes.advertising) ||
	    advertising & ~(DPCNIC_HW_ADVERTISABLE | DPCNIC_ALWAYS_ADVERTISED) ||
	    !(advertising & DPCNIC_HW_SPEEDS)) {
		netdev_err(ndev, "not all of these modes, or none, can be offered; ethtool %s lists those that can\n",
			   ndev->name);
		return -EINVAL;
	}

	nic->speeds = advertising & DPCNIC_HW_SPEEDS;
	err = dpcnic_renegotiate(nic);
	if (err)
		nic->speeds = old;
	return err;
}

/**
 * dpcnic_nway_reset() - ethtool_ops.nway_reset: negotiate again
 * @ndev: the netdev
 *
 * Return: 0; -ENETDOWN while the device is down, and then opening it does it; or another error.
 */
int dpcnic_nway_reset(struct net_device *ndev)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	return nic->up ? dpcnic_renegotiate(nic) : -ENETDOWN;
}

/**
 * dpcnic_get_pauseparam() - ethtool_ops.get_pauseparam: what is wanted, not what was agreed on
 * @ndev: the netdev
 * @pause: out
 */
void dpcnic_get_pauseparam(struct net_device *ndev, struct ethtool_pauseparam *pause)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	pause->autoneg = !!(nic->pause & DPCNIC_PAUSE_AUTONEG);
	pause->rx_pause = !!(nic->pause & DPCNIC_PAUSE_RX);
	pause->tx_pause = !!(nic->pause & DPCNIC_PAUSE_TX);
}

/**
 * dpcnic_set_pauseparam() - ethtool_ops.set_pauseparam
 * @ndev: the netdev
 * @pause: in
 *
 * Without autonegotiation of pause the link partner is offered it all the same, and whatever it
 * answers pause is what was asked for.
 *
 * Return: 0, or an error and nothing has changed.
 */
int dpcnic_set_pauseparam(struct net_device *ndev, struct ethtool_pauseparam *pause)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	u32 offered = dpcnic_link_advertising(nic);
	u8 old = nic->pause;
	int err = 0;

	WRITE_ONCE(nic->pause, (pause->autoneg ? DPCNIC_PAUSE_AUTONEG : 0) |
			       (pause->rx_pause ? DPCNIC_PAUSE_RX : 0) |
			       (pause->tx_pause ? DPCNIC_PAUSE_TX : 0));
	if (dpcnic_link_advertising(nic) != offered)
		err = dpcnic_renegotiate(nic);
	if (err)
		WRITE_ONCE(nic->pause, old);
	else if (nic->up)
		mod_delayed_work(system_wq, &nic->service, 0);
	return err;
}
