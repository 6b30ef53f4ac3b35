// SPDX-License-Identifier: GPL-2.0
/* The network device: open and stop, reset, addresses, MTU, features. */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "nic.h"
#include "xdp.h"
#include "xsk.h"

/**
 * dpcnic_apply_features() - let rings know the features that they act by
 * @nic: the NIC
 * @features: what is on
 *
 * Context: process, RTNL held.
 */
void dpcnic_apply_features(struct dpcnic_nic *nic, netdev_features_t features)
{
	int i;

	for (i = 0; i < DPC_QUEUES; i++) {
		WRITE_ONCE(nic->queue[i].rx.csum, !!(features & NETIF_F_RXCSUM));
		WRITE_ONCE(nic->queue[i].rx.hash, !!(features & NETIF_F_RXHASH));
		WRITE_ONCE(nic->queue[i].rx.xdp.hash, !!(features & NETIF_F_RXHASH));
	}
}

/* Everything the device forgets in a reset, but rings and interrupts. */
static int dpcnic_reset_and_configure(struct dpcnic_nic *nic)
{
	int err;

	/* otherwise dpcnic_detach() has looked at the clock, which may know nothing any more */
	if (netif_device_present(nic->ndev))
		dpcnic_ptp_before_reset(nic);
	err = dpcnic_hw_reset(&nic->hw);
	if (err)
		return err;

	dpcnic_ptp_after_reset(nic);
	dpcnic_hw_set_driver_loaded(&nic->hw, true);
	dpcnic_hw_set_mac(&nic->hw, nic->ndev->dev_addr);
	dpcnic_hw_set_rx_csum(&nic->hw, true);
	dpcnic_rss_apply(nic);
	dpcnic_apply_features(nic, nic->ndev->features);
	dpcnic_filter_apply(nic);
	dpcnic_vlan_apply(nic, nic->ndev->features);
	return 0;
}

/**
 * dpcnic_traffic_start() - DPCs, hotplug and stack make use of the rings
 * @nic: the NIC, its queues started
 *
 * Context: process, RTNL held.
 */
void dpcnic_traffic_start(struct dpcnic_nic *nic)
{
	dpcnic_spread_start(nic);
	dpcnic_queues_link_napi(nic);
	WRITE_ONCE(nic->up, true);
	/* those not in use, too: the watchdog looks at all */
	netif_tx_wake_all_queues(nic->ndev);
	dpcnic_xsk_kick(nic);
	schedule_delayed_work(&nic->service, 0);
}

/**
 * dpcnic_traffic_stop() - undo dpcnic_traffic_start(), but for the service work
 * @nic: the NIC
 *
 * DPCs run on, but wake no transmit queue any more. One that was about to may have: queues are to
 * be stopped once more when no DPC can run. That is done here, too, that packets wait where they
 * are not lost.
 *
 * Context: process, RTNL held.
 */
void dpcnic_traffic_stop(struct dpcnic_nic *nic)
{
	WRITE_ONCE(nic->up, false);
	netif_tx_disable(nic->ndev);
	dpcnic_spread_stop(nic);
	dpcnic_queues_unlink_napi(nic);
}

/* The last of the work that interrupts, and open itself, have begun: no message is registered. */
static void dpcnic_work_stop(struct dpcnic_nic *nic)
{
	cancel_delayed_work_sync(&nic->service);
	dpcnic_coalesce_stop(nic);
	dpcnic_link_down(nic);
}

/*
 * From reset to running, with rings that have memory. Hardware first, interrupts last: what can
 * fail most fails before much has changed. After an error all is as before, but for the reset.
 */
static int dpcnic_start(struct dpcnic_nic *nic)
{
	int err;

	err = dpcnic_reset_and_configure(nic);
	if (err)
		return err;
	pci_set_master(nic->pdev); /* dpcnic_queues_stop() may have cut it off */

	dpcnic_spread_assign(nic);
	dpcnic_queues_setup_msgs(nic);
	err = dpcnic_engine_register(nic->engine);
	if (err)
		return err;

	err = dpcnic_queues_start(nic);
	if (err)
		goto stop_queues;

	err = dpcnic_link_start(nic, nic->ndev->features);
	if (err)
		goto stop_queues;

	dpcnic_traffic_start(nic);
	return 0;

stop_queues:
	dpcnic_queues_stop(nic);
	dpcnic_engine_deregister(nic->engine);
	dpcnic_work_stop(nic);
	return err;
}

/* The reverse. The DPC for other causes queues the service work, so that goes after all DPCs. */
static void dpcnic_halt(struct dpcnic_nic *nic)
{
	dpcnic_traffic_stop(nic);
	dpcnic_queues_stop(nic);
	dpcnic_engine_deregister(nic->engine);
	netif_tx_disable(nic->ndev);
	dpcnic_ptp_stop(nic);
	dpcnic_work_stop(nic);
	dpcnic_stats_refresh(nic);
}

/* Bring the device up, memory first. */
static int dpcnic_up(struct dpcnic_nic *nic)
{
	int err;

	err = dpcnic_rings_get(nic);
	if (err)
		return err;
	err = dpcnic_start(nic);
	if (err)
		dpcnic_rings_put(nic);
	return err;
}

static void dpcnic_down(struct dpcnic_nic *nic)
{
	if (!nic->up)
		return; /* a reset failed half-way */
	dpcnic_halt(nic);
	dpcnic_rings_put(nic);
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

/* It is down and cannot be brought up. Who opens it tries again. */
static void dpcnic_give_up(struct dpcnic_nic *nic, int err)
{
	netdev_err(nic->ndev, "cannot start again: %pe; now down. Try: ip link set %s up\n",
		   ERR_PTR(err), nic->ndev->name);
	dev_close(nic->ndev);
}

/**
 * dpcnic_restart() - stop, reset the device, and start again
 * @nic: the NIC, up; or with its messages registered and its queues started in part
 *
 * The rings keep their memory, so that only the device, or what its interrupts take, can fail. If
 * that does the interface is down.
 *
 * Context: process, RTNL held.
 * Return: 0 or an error.
 */
int dpcnic_restart(struct dpcnic_nic *nic)
{
	int err;

	dpcnic_halt(nic);
	dpcnic_rings_empty(nic);
	err = dpcnic_start(nic);
	if (!err)
		return 0;

	dpcnic_rings_put(nic);
	dpcnic_give_up(nic, err);
	return err;
}

/**
 * dpcnic_reset_work() - reset after a transmit time-out, or to drop what waits for a link
 * @work: nic->reset
 *
 * Context: process.
 */
void dpcnic_reset_work(struct work_struct *work)
{
	struct dpcnic_nic *nic = container_of(work, struct dpcnic_nic, reset);

	rtnl_lock();
	if (nic->up)
		dpcnic_restart(nic);
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
	dpcnic_ptp_before_reset(nic);
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

/*
 * The buffers fit any MTU, so only the device's limit changes; nothing is stopped. Where flow
 * control begins depends on it, too: that is the service work's.
 */
static int dpcnic_change_mtu(struct net_device *ndev, int mtu)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (!dpcnic_xdp_fits_mtu(nic->xdp_prog, mtu)) {
		netdev_err(ndev, "MTU %d needs an XDP program that knows frags; detach this one first\n",
			   mtu);
		return -EINVAL;
	}
	if (!dpcnic_xsk_fits_mtu(nic, mtu)) {
		netdev_err(ndev, "MTU %d: such packets do not fit the chunks of an AF_XDP socket that is bound without copies; close it first\n",
			   mtu);
		return -EINVAL;
	}
	WRITE_ONCE(ndev->mtu, mtu);
	if (nic->up) {
		dpcnic_hw_enable_rx(&nic->hw, dpcnic_max_frame(mtu));
		mod_delayed_work(system_wq, &nic->service, 0);
	}
	return 0;
}

static int dpcnic_set_features(struct net_device *ndev, netdev_features_t features)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int err = 0;

	if (nic->up) {
		/* first, as this may reset the device, and that sets up what was before */
		err = dpcnic_vlan_set_features(nic, features);
		if (err)
			return err;
		if ((features ^ ndev->features) & NETIF_F_LOOPBACK)
			err = dpcnic_link_start(nic, features);
		if (err) {
			dpcnic_vlan_apply(nic, ndev->features);
			return err;
		}
		dpcnic_filter_set_features(nic, features);
	}
	dpcnic_apply_features(nic, features);
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
	.ndo_fix_features	= dpcnic_fix_features,
	.ndo_set_features	= dpcnic_set_features,
	.ndo_hwtstamp_get	= dpcnic_hwtstamp_get,
	.ndo_hwtstamp_set	= dpcnic_hwtstamp_set,
	.ndo_vlan_rx_add_vid	= dpcnic_vlan_rx_add_vid,
	.ndo_vlan_rx_kill_vid	= dpcnic_vlan_rx_kill_vid,
	.ndo_bpf		= dpcnic_bpf,
	.ndo_xdp_xmit		= dpcnic_xdp_xmit,
	.ndo_xsk_wakeup		= dpcnic_xsk_wakeup,
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
	ndev->hw_features |= NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_CTAG_TX |
			     NETIF_F_HW_VLAN_CTAG_FILTER;
	ndev->features = ndev->hw_features | NETIF_F_HIGHDMA;
	/* when told: what QEMU makes of it are IP fragments of one datagram */
	ndev->hw_features |= NETIF_F_GSO_UDP_L4;
	/* for those who want to see what is broken, or all of it */
	ndev->hw_features |= NETIF_F_RXALL | NETIF_F_RXFCS;
	ndev->hw_features |= NETIF_F_LOOPBACK;
	dpcnic_xdp_init(ndev);
}
