// SPDX-License-Identifier: GPL-2.0
/* The network device: open and stop, addresses, MTU, features. */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "nic.h"
#include "xdp.h"

static void dpcnic_apply_rx_mode(struct net_device *ndev);

static void dpcnic_apply_features(struct dpcnic_nic *nic, netdev_features_t features)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		WRITE_ONCE(nic->queue[i].rx.csum, !!(features & NETIF_F_RXCSUM));
		WRITE_ONCE(nic->queue[i].rx.hash, !!(features & NETIF_F_RXHASH));
	}
}

/*
 * Strip VLAN tags, or not. Every descriptor tells whether its packet still has its tag, so this may
 * change while packets arrive.
 */
static void dpcnic_apply_vlan(struct dpcnic_nic *nic, netdev_features_t features)
{
	dpcnic_hw_set_vlan_strip(&nic->hw, features & NETIF_F_HW_VLAN_CTAG_RX);
}

/* Everything the device forgets in a reset, but rings and interrupts. */
static int dpcnic_reset_and_configure(struct dpcnic_nic *nic)
{
	int err = dpcnic_hw_reset(&nic->hw);

	if (err)
		return err;

	dpcnic_hw_set_driver_loaded(&nic->hw, true);
	dpcnic_hw_set_mac(&nic->hw, nic->ndev->dev_addr);
	dpcnic_hw_set_rx_csum(&nic->hw, true);
	dpcnic_rss_apply(nic);
	dpcnic_apply_features(nic, nic->ndev->features);
	dpcnic_apply_vlan(nic, nic->ndev->features);
	return 0;
}

/*
 * Bring the device up. Memory first, hardware second, interrupts last: what can fail most fails
 * before anything has changed.
 */
static int dpcnic_up(struct dpcnic_nic *nic)
{
	int err;

	err = dpcnic_queues_alloc_rings(nic);
	if (err)
		return err;

	err = dpcnic_reset_and_configure(nic);
	if (err)
		goto free_rings;

	dpcnic_spread_assign(nic);
	dpcnic_queues_setup_msgs(nic);
	err = dpcnic_engine_register(nic->engine);
	if (err)
		goto free_rings;

	err = dpcnic_queues_start(nic);
	if (err)
		goto stop_queues;

	err = dpcnic_hw_start_link(&nic->hw, dpcnic_link_advertising(nic));
	if (err)
		goto stop_queues;

	dpcnic_apply_rx_mode(nic->ndev);
	dpcnic_spread_start(nic);
	dpcnic_queues_link_napi(nic);
	nic->up = true;
	netif_tx_start_all_queues(nic->ndev);
	schedule_delayed_work(&nic->service, 0);
	return 0;

stop_queues:
	dpcnic_queues_stop(nic);
	dpcnic_engine_deregister(nic->engine);
free_rings:
	dpcnic_queues_free_rings(nic);
	return err;
}

/*
 * The reverse. A DPC may wake a transmit queue, and the one for other causes queues the service
 * work: so both are stopped once no DPC can run. The queues before that, too, that packets wait
 * where they are not lost.
 */
static void dpcnic_down(struct dpcnic_nic *nic)
{
	if (!nic->up)
		return; /* a reset failed half-way */
	nic->up = false;

	netif_tx_disable(nic->ndev);
	dpcnic_spread_stop(nic);
	dpcnic_queues_unlink_napi(nic);
	dpcnic_queues_stop(nic);
	dpcnic_engine_deregister(nic->engine);
	netif_tx_disable(nic->ndev);
	cancel_delayed_work_sync(&nic->service);
	dpcnic_link_down(nic);
	dpcnic_stats_refresh(nic);
	dpcnic_queues_free_rings(nic);
}

static int dpcnic_open(struct net_device *ndev)
{
	return dpcnic_up(netdev_priv(ndev));
}

static int dpcnic_stop(struct net_device *ndev)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	dpcnic_down(nic);
	dpcnic_hw_stop_link(&nic->hw);
	return 0;
}

/* It was taken down and cannot be brought up. */
static void dpcnic_give_up(struct dpcnic_nic *nic, int err)
{
	netdev_err(nic->ndev, "cannot start again: %pe; now down. Try: ip link set %s up\n",
		   ERR_PTR(err), nic->ndev->name);
	dev_close(nic->ndev);
}

/* Queues @cnt and up are not in use, or not yet. Return: 0, or an error and nothing has changed. */
static int dpcnic_apply_queue_cnt(struct dpcnic_nic *nic, u16 cnt)
{
	u16 old = nic->queue_cnt;
	int err;

	err = netif_set_real_num_queues(nic->ndev, cnt, cnt);
	if (err)
		return err;

	nic->queue_cnt = cnt;
	/* the core sees to it that a table of the user's fits */
	if (!netif_is_rxfh_configured(nic->ndev))
		dpcnic_rss_spread(nic);
	dpcnic_spread_xps(nic, old, cnt);
	return 0;
}

/**
 * dpcnic_set_queue_cnt() - change the number of queues in use
 * @nic: the NIC, up or down
 * @cnt: 1 to DPC_QUEUES
 *
 * If that fails everything is as before.
 *
 * Context: process, RTNL held.
 * Return: 0 or an error.
 */
int dpcnic_set_queue_cnt(struct dpcnic_nic *nic, u16 cnt)
{
	u16 old = nic->queue_cnt;
	bool up = nic->up;
	int err, again;

	if (cnt == old)
		return 0;
	if (!up)
		return dpcnic_apply_queue_cnt(nic, cnt);

	dpcnic_down(nic);
	err = dpcnic_apply_queue_cnt(nic, cnt);
	if (!err)
		err = dpcnic_up(nic);
	if (!err)
		return 0;

	netdev_err(nic->ndev, "cannot start with %u queues: %pe; going back to %u\n", cnt,
		   ERR_PTR(err), old);
	again = dpcnic_apply_queue_cnt(nic, old);
	if (!again)
		again = dpcnic_up(nic);
	if (again)
		dpcnic_give_up(nic, again);
	return err;
}

/**
 * dpcnic_reset_work() - stop and open again after a transmit time-out
 * @work: nic->reset
 *
 * Context: process.
 */
void dpcnic_reset_work(struct work_struct *work)
{
	struct dpcnic_nic *nic = container_of(work, struct dpcnic_nic, reset);
	int err;

	rtnl_lock();
	if (netif_running(nic->ndev) && netif_device_present(nic->ndev)) {
		dpcnic_down(nic);
		err = dpcnic_up(nic);
		if (err)
			dpcnic_give_up(nic, err);
	}
	rtnl_unlock();
}

/**
 * dpcnic_detach() - put the NIC aside, until dpcnic_attach()
 * @nic: the NIC, in any state
 *
 * The stack uses it no more but for closing it, and the device does nothing.
 *
 * Context: process, RTNL held.
 */
void dpcnic_detach(struct dpcnic_nic *nic)
{
	netif_device_detach(nic->ndev);
	dpcnic_down(nic);
}

/**
 * dpcnic_attach() - undo dpcnic_detach(), whatever the device has forgotten meanwhile
 * @nic: the NIC
 *
 * If it was up and cannot be brought up it is closed, so that opening it tries again.
 *
 * Context: process, RTNL held.
 * Return: 0, or an error, and a message has been printed.
 */
int dpcnic_attach(struct dpcnic_nic *nic)
{
	int err;

	if (!netif_running(nic->ndev)) {
		err = dpcnic_reset_and_configure(nic);
		netif_device_attach(nic->ndev);
		return err;
	}
	err = dpcnic_up(nic);
	netif_device_attach(nic->ndev);
	if (err)
		dpcnic_give_up(nic, err);
	return err;
}

static void dpcnic_tx_timeout(struct net_device *ndev, unsigned int txqueue)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	netdev_err(ndev, "transmit queue %u timed out; resetting the device\n", txqueue);
	dpcnic_tx_count_timeout(&nic->queue[txqueue].tx);
	schedule_work(&nic->reset);
}

static int dpcnic_set_mac_address(struct net_device *ndev, void *addr)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int err;

	err = eth_prepare_mac_addr_change(ndev, addr);
	if (err)
		return err;
	eth_commit_mac_addr_change(ndev, addr);
	dpcnic_hw_set_mac(&nic->hw, ndev->dev_addr);
	return 0;
}

/* The buffers fit any MTU, so only the device's limit changes; nothing is stopped. */
static int dpcnic_change_mtu(struct net_device *ndev, int mtu)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (!dpcnic_xdp_fits_mtu(nic->xdp_prog, mtu)) {
		netdev_err(ndev, "MTU %d needs an XDP program that knows frags; detach this one first\n",
			   mtu);
		return -EINVAL;
	}
	WRITE_ONCE(ndev->mtu, mtu);
	if (netif_running(ndev))
		dpcnic_hw_enable_rx(&nic->hw, dpcnic_max_frame(mtu));
	return 0;
}

static int dpcnic_set_features(struct net_device *ndev, netdev_features_t features)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	dpcnic_apply_features(nic, features);
	if (nic->up)
		dpcnic_apply_vlan(nic, features);
	return 0;
}

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

/* Context: the netdev's address lock held, BHs disabled. */
static void dpcnic_set_rx_mode(struct net_device *ndev)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw_mta mta = {};
	struct netdev_hw_addr *ha;
	unsigned int mode = 0;

	if (!dpcnic_apply_unicast(ndev, &nic->hw) || ndev->flags & IFF_PROMISC)
		mode |= DPCNIC_HW_RX_ALL_UNICAST;
	if (ndev->flags & (IFF_PROMISC | IFF_ALLMULTI))
		mode |= DPCNIC_HW_RX_ALL_MULTICAST;

	netdev_for_each_mc_addr(ha, ndev)
		dpcnic_hw_mta_add(&mta, ha->addr);
	dpcnic_hw_set_multicast(&nic->hw, &mta);
	dpcnic_hw_set_rx_mode(&nic->hw, mode);
}

static void dpcnic_apply_rx_mode(struct net_device *ndev)
{
	netif_addr_lock_bh(ndev);
	dpcnic_set_rx_mode(ndev);
	netif_addr_unlock_bh(ndev);
}

static const struct net_device_ops dpcnic_netdev_ops = {
	.ndo_open		= dpcnic_open,
	.ndo_stop		= dpcnic_stop,
	.ndo_start_xmit		= dpcnic_start_xmit,
	.ndo_features_check	= dpcnic_features_check,
	.ndo_tx_timeout		= dpcnic_tx_timeout,
	.ndo_get_stats64	= dpcnic_get_stats64,
	.ndo_set_mac_address	= dpcnic_set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_set_rx_mode	= dpcnic_set_rx_mode,
	.ndo_change_mtu		= dpcnic_change_mtu,
	.ndo_set_features	= dpcnic_set_features,
	.ndo_bpf		= dpcnic_bpf,
	.ndo_xdp_xmit		= dpcnic_xdp_xmit,
};

/**
 * dpcnic_netdev_init() - what the stack is told about the netdev
 * @nic: the NIC
 *
 * Context: process, before the netdev is registered.
 */
void dpcnic_netdev_init(struct dpcnic_nic *nic)
{
	struct net_device *ndev = nic->ndev;

	ndev->netdev_ops = &dpcnic_netdev_ops;
	ndev->ethtool_ops = &dpcnic_ethtool_ops;
	ndev->stat_ops = &dpcnic_stat_ops;
	ndev->min_mtu = ETH_MIN_MTU;
	ndev->max_mtu = DPCNIC_HW_FRAME_MAX - DPCNIC_FRAME_OVERHEAD;
	ndev->priv_flags |= IFF_UNICAST_FLT | IFF_LIVE_ADDR_CHANGE;

	ndev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_SCTP_CRC |
			    NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_RXCSUM | NETIF_F_RXHASH;
	ndev->vlan_features = ndev->hw_features;
	/*
	 * Stripping only. The device inserts tags by the same bit (CTRL.VME), so a packet in a ring
	 * would be sent without its tag if stripping were turned off: that is left to the stack.
	 */
	ndev->hw_features |= NETIF_F_HW_VLAN_CTAG_RX;
	ndev->features = ndev->hw_features | NETIF_F_HIGHDMA;
	dpcnic_xdp_init(ndev);
}
