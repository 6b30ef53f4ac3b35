// SPDX-License-Identifier: GPL-2.0
/* The network device: open and stop, addresses, MTU, features. */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "nic.h"
#include "xdp.h"

static void dpcnic_apply_features(struct dpcnic_nic *nic, netdev_features_t features)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		WRITE_ONCE(nic->queue[i].rx.csum, !!(features & NETIF_F_RXCSUM));
		WRITE_ONCE(nic->queue[i].rx.hash, !!(features & NETIF_F_RXHASH));
	}
}

/* Everything the device forgets in a reset, but rings and interrupts. */
static int dpcnic_reset_and_configure(struct dpcnic_nic *nic)
{
	u64 clock_ahead = dpcnic_ptp_before_reset(nic);
	int err = dpcnic_hw_reset(&nic->hw);

	if (err)
		return err;

	dpcnic_ptp_after_reset(nic, clock_ahead);

	dpcnic_hw_set_mac(&nic->hw, nic->ndev->dev_addr);
	dpcnic_hw_set_rx_csum(&nic->hw, true);
	dpcnic_rss_apply(nic);
	dpcnic_apply_features(nic, nic->ndev->features);
	dpcnic_filter_apply(nic);
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

	err = dpcnic_hw_start_link(&nic->hw, DPCNIC_HW_ADVERTISABLE);
	if (err)
		goto stop_queues;

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
	dpcnic_ptp_stop(nic);
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
	if (netif_running(nic->ndev)) {
		dpcnic_down(nic);
		err = dpcnic_up(nic);
		if (err)
			dpcnic_give_up(nic, err);
	}
	rtnl_unlock();
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
		dpcnic_filter_set_features(nic, features);
	return 0;
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
	.ndo_hwtstamp_get	= dpcnic_hwtstamp_get,
	.ndo_hwtstamp_set	= dpcnic_hwtstamp_set,
	.ndo_vlan_rx_add_vid	= dpcnic_vlan_rx_add_vid,
	.ndo_vlan_rx_kill_vid	= dpcnic_vlan_rx_kill_vid,
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
	ndev->hw_features |= NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_CTAG_FILTER;
	ndev->features = ndev->hw_features | NETIF_F_HIGHDMA;
	/* for those who want to see what is broken, or all of it */
	ndev->hw_features |= NETIF_F_RXALL | NETIF_F_RXFCS;
	dpcnic_xdp_init(ndev);
}
