// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool: what the link is to be like. What is offered to the link partner is the user's choice of
 * speeds, and of pause; or nothing is, and the link has the speed and duplex that the user set.
 * 1000BASE-T needs negotiation; there nothing else is offered then.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "nic.h"

#define DPCNIC_ALWAYS_ADVERTISED	(ADVERTISED_Autoneg | ADVERTISED_TP)

/* What can be set without regard to the link partner. */
static const struct {
	u32 mode;
	u32 speed;
	u8 duplex;
} dpcnic_forced_modes[] = {
	{ ADVERTISED_10baseT_Half, SPEED_10, DUPLEX_HALF },
	{ ADVERTISED_10baseT_Full, SPEED_10, DUPLEX_FULL },
	{ ADVERTISED_100baseT_Half, SPEED_100, DUPLEX_HALF },
	{ ADVERTISED_100baseT_Full, SPEED_100, DUPLEX_FULL },
	{ ADVERTISED_1000baseT_Full, SPEED_1000, DUPLEX_FULL },
};

/* Pause after IEEE 802.3 28B.3: both directions are offered as symmetric. */
static u32 dpcnic_link_offer(const struct dpcnic_nic *nic, u32 speeds)
{
	u32 offer = speeds;

	if (nic->pause & DPCNIC_PAUSE_RX)
		offer |= ADVERTISED_Pause | ADVERTISED_Asym_Pause;
	if (nic->pause & DPCNIC_PAUSE_TX)
		offer ^= ADVERTISED_Asym_Pause;
	return offer;
}

/**
 * dpcnic_link_modes() - what the link is to be like
 * @nic: the NIC
 *
 * Context: process, RTNL held.
 * Return: for dpcnic_hw_start_link().
 */
u32 dpcnic_link_modes(const struct dpcnic_nic *nic)
{
	if (nic->forced && nic->forced != ADVERTISED_1000baseT_Full)
		return nic->forced;
	return dpcnic_link_offer(nic, nic->forced ?: nic->speeds) | ADVERTISED_Autoneg;
}

/**
 * dpcnic_link_start() - begin anew with what is set; a link that there was goes down for that
 * @nic: the NIC
 * @features: with NETIF_F_LOOPBACK what is sent comes back, and nothing else
 *
 * Context: process, RTNL held.
 * Return: 0, or as dpcnic_hw_start_link().
 */
int dpcnic_link_start(struct dpcnic_nic *nic, netdev_features_t features)
{
	if (features & NETIF_F_LOOPBACK)
		return dpcnic_hw_start_loopback(&nic->hw);
	return dpcnic_hw_start_link(&nic->hw, dpcnic_link_modes(nic));
}

static int dpcnic_relink(struct dpcnic_nic *nic)
{
	return nic->up ? dpcnic_link_start(nic, nic->ndev->features) : 0;
}

/* Speed and duplex that a link would have; unknown where that is to be negotiated. */
static void dpcnic_get_forced(const struct dpcnic_nic *nic, struct ethtool_link_settings *base)
{
	int i;

	base->speed = SPEED_UNKNOWN;
	base->duplex = DUPLEX_UNKNOWN;
	for (i = 0; i < ARRAY_SIZE(dpcnic_forced_modes); i++) {
		if (dpcnic_forced_modes[i].mode == nic->forced) {
			base->speed = dpcnic_forced_modes[i].speed;
			base->duplex = dpcnic_forced_modes[i].duplex;
		}
	}
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
	bool up = netif_carrier_ok(ndev); /* first: the link that it stands for is there by now */
	struct dpcnic_hw_link link;

	spin_lock(&nic->link_lock);
	link = nic->link;
	spin_unlock(&nic->link_lock);
	up = up && link.up;
	ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.supported,
						DPCNIC_HW_ADVERTISABLE | DPCNIC_ALWAYS_ADVERTISED);
	ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.advertising,
						dpcnic_link_offer(nic, nic->speeds) |
						(nic->forced ? ADVERTISED_TP :
							       DPCNIC_ALWAYS_ADVERTISED));
	if (up && link.autoneg_done)
		ethtool_convert_legacy_u32_to_link_mode(ks->link_modes.lp_advertising,
							link.lp_advertising);
	ks->base.port = PORT_TP;
	ks->base.autoneg = nic->forced ? AUTONEG_DISABLE : AUTONEG_ENABLE;
	if (up) {
		ks->base.speed = link.speed;
		ks->base.duplex = link.full_duplex;
	} else {
		dpcnic_get_forced(nic, &ks->base);
	}
	return 0;
}

/* What is set without regard to the partner. Return: 0, or an error if that cannot be. */
static int dpcnic_parse_forced(struct net_device *ndev, const struct ethtool_link_ksettings *ks,
			       u32 *forced)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(dpcnic_forced_modes); i++) {
		if (dpcnic_forced_modes[i].speed == ks->base.speed &&
		    dpcnic_forced_modes[i].duplex == ks->base.duplex) {
			*forced = dpcnic_forced_modes[i].mode;
			return 0;
		}
	}
	netdev_err(ndev, "without autonegotiation there are 10 and 100 Mb/s, half and full duplex, and 1000 Mb/s full: ethtool -s %s autoneg off speed 100 duplex full\n",
		   ndev->name);
	return -EINVAL;
}

/* What is to be offered. Return: 0, or an error if that cannot be. */
static int dpcnic_parse_speeds(struct net_device *ndev, const struct ethtool_link_ksettings *ks,
			       u32 *speeds)
{
	u32 advertising;

	if (!ethtool_convert_link_mode_to_legacy_u32(&advertising, ks->link_modes.advertising) ||
	    advertising & ~(DPCNIC_HW_ADVERTISABLE | DPCNIC_ALWAYS_ADVERTISED) ||
	    !(advertising & DPCNIC_HW_SPEEDS)) {
		netdev_err(ndev, "not all of these modes, or none, can be offered; ethtool %s lists those that can\n",
			   ndev->name);
		return -EINVAL;
	}
	*speeds = advertising & DPCNIC_HW_SPEEDS;
	return 0;
}

/**
 * dpcnic_set_link_ksettings() - ethtool_ops.set_link_ksettings: which speeds are offered, or set
 * @ndev: the netdev
 * @ks: in; its pause bits are not looked at, that is dpcnic_set_pauseparam()'s matter
 *
 * What is offered is kept while a speed is set.
 *
 * Return: 0, or an error and nothing has changed.
 */
int dpcnic_set_link_ksettings(struct net_device *ndev, const struct ethtool_link_ksettings *ks)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	u32 old_speeds = nic->speeds, speeds = old_speeds;
	u32 old_forced = nic->forced, forced = 0;
	int err;

	if (ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_INVALID &&
	    ks->base.eth_tp_mdix_ctrl != ETH_TP_MDI_AUTO) {
		netdev_err(ndev, "crossing pairs (MDI-X) is left to the PHY\n");
		return -EOPNOTSUPP;
	}
	if (ks->base.autoneg == AUTONEG_ENABLE)
		err = dpcnic_parse_speeds(ndev, ks, &speeds);
	else
		err = dpcnic_parse_forced(ndev, ks, &forced);
	if (err)
		return err;

	nic->speeds = speeds;
	nic->forced = forced;
	err = dpcnic_relink(nic);
	if (err) {
		nic->speeds = old_speeds;
		nic->forced = old_forced;
	}
	return err;
}

/**
 * dpcnic_nway_reset() - ethtool_ops.nway_reset: negotiate again
 * @ndev: the netdev
 *
 * Return: 0; -EINVAL if nothing is negotiated; -ENETDOWN while the device is down, and then opening
 * it does it; or another error.
 */
int dpcnic_nway_reset(struct net_device *ndev)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (nic->forced)
		return -EINVAL;
	return nic->up ? dpcnic_relink(nic) : -ENETDOWN;
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
 * answers pause is what was asked for. Without any nothing is offered, and with pause to be
 * negotiated there is none.
 *
 * Return: 0, or an error and nothing has changed.
 */
int dpcnic_set_pauseparam(struct net_device *ndev, struct ethtool_pauseparam *pause)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	u32 old_modes = dpcnic_link_modes(nic);
	u8 old = nic->pause;
	int err = 0;

	WRITE_ONCE(nic->pause, (pause->autoneg ? DPCNIC_PAUSE_AUTONEG : 0) |
			       (pause->rx_pause ? DPCNIC_PAUSE_RX : 0) |
			       (pause->tx_pause ? DPCNIC_PAUSE_TX : 0));
	if (dpcnic_link_modes(nic) != old_modes)
		err = dpcnic_relink(nic);
	if (err)
		WRITE_ONCE(nic->pause, old);
	else if (nic->up)
		mod_delayed_work(system_wq, &nic->service, 0);
	return err;
}
