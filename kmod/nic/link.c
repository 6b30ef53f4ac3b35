// SPDX-License-Identifier: GPL-2.0
/*
 * Link: the message for link and other causes, and the work that follows it.
 *
 * Reading the PHY sleeps, so the DPC only notes that there is something to look at.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "nic.h"
#include "xsk.h"

#define DPCNIC_SERVICE_INTERVAL	HZ

/**
 * dpcnic_other_work() - act on link and other causes
 * @nic: the NIC
 * @cause: DPC_ICR_* bits; those of queues are ignored
 *
 * Context: a DPC's.
 */
void dpcnic_other_work(struct dpcnic_nic *nic, u32 cause)
{
	if (cause & DPC_ICR_DOUTSYNC)
		atomic64_inc(&nic->dma_errors);
	if (cause & DPC_ICR_LSC)
		mod_delayed_work(system_wq, &nic->service, 0);
}

/*
 * The register must be read before the message is enabled again, or no new cause interrupts. Not by
 * netpoll, from whose context no work may be scheduled (who sends may hold a lock that this takes);
 * the run that the message asked for follows.
 */
static void dpcnic_other_dpc(struct dpcnic_dpc *dpc, void *context,
			     struct dpcnic_throttle *throttle)
{
	struct dpcnic_nic *nic = dpcnic_msg_nic(dpc->msg);

	if (likely(throttle->max_nbls))
		dpcnic_other_work(nic, dpcnic_hw_other_cause(&nic->hw));
}

const struct dpcnic_miniport_ops dpcnic_other_ops = {
	.disable	= dpcnic_msg_disable,
	.enable		= dpcnic_msg_enable,
	.trigger	= dpcnic_msg_trigger,
	.dpc		= dpcnic_other_dpc,
};

static const char *dpcnic_pause_name(const struct dpcnic_hw_link *link)
{
	if (link->rx_pause)
		return link->tx_pause ? "rx/tx" : "rx";
	return link->tx_pause ? "tx" : "off";
}

static void dpcnic_link_set_pause(struct dpcnic_nic *nic, const struct dpcnic_hw_link *link)
{
	nic->pause_frame = dpcnic_max_frame(READ_ONCE(nic->ndev->mtu));
	dpcnic_hw_set_pause(&nic->hw, link->tx_pause, link->rx_pause, nic->pause_frame);
}

static void dpcnic_link_up(struct dpcnic_nic *nic, const struct dpcnic_hw_link *link)
{
	dpcnic_link_set_pause(nic, link);
	netdev_info(nic->ndev, "Link is Up - %uMbps/%s - flow control %s\n", link->speed,
		    link->full_duplex ? "Full" : "Half", dpcnic_pause_name(link));
	netif_carrier_on(nic->ndev);
	nic->link_flushed = false;
	dpcnic_xsk_kick(nic);
}

/**
 * dpcnic_link_down() - the link went down, or is taken down
 * @nic: the NIC
 *
 * Context: process; @service, or with it cancelled.
 */
void dpcnic_link_down(struct dpcnic_nic *nic)
{
	if (!netif_carrier_ok(nic->ndev))
		return;
	netif_carrier_off(nic->ndev);
	netdev_info(nic->ndev, "Link is Down\n");
}

/* Pause as the user wants it, if that is not what the link partner was asked. */
static void dpcnic_link_force_pause(const struct dpcnic_nic *nic, struct dpcnic_hw_link *link)
{
	u8 pause = READ_ONCE(nic->pause);

	if (pause & DPCNIC_PAUSE_AUTONEG || !link->full_duplex)
		return;
	link->rx_pause = pause & DPCNIC_PAUSE_RX;
	link->tx_pause = pause & DPCNIC_PAUSE_TX;
}

/* What is looped back needs no partner, and no negotiation. */
static int dpcnic_link_read(struct dpcnic_nic *nic, struct dpcnic_hw_link *link)
{
	if (!(READ_ONCE(nic->ndev->features) & NETIF_F_LOOPBACK))
		return dpcnic_hw_read_link(&nic->hw, link);
	*link = (struct dpcnic_hw_link) { .up = true, .full_duplex = true, .speed = SPEED_1000 };
	return 0;
}

/*
 * There is no link. Without one the device sends nothing, and what is in its rings would go out
 * when there is one again, however old; until then its senders wait. So at the second look, when it
 * was not just on its way, it is dropped, by a reset. Once only: a reset has the link negotiated
 * anew, and who sends without asking for a link (netconsole) would never let it come.
 */
static void dpcnic_link_none(struct dpcnic_nic *nic)
{
	if (!netif_carrier_ok(nic->ndev) && !nic->link_flushed &&
	    dpcnic_queues_hold(nic, 0, READ_ONCE(nic->queue_cnt))) {
		nic->link_flushed = true;
		schedule_work(&nic->reset);
	}
	dpcnic_link_down(nic);
}

static void dpcnic_link_publish(struct dpcnic_nic *nic, const struct dpcnic_hw_link *link)
{
	spin_lock(&nic->link_lock);
	nic->link = *link;
	spin_unlock(&nic->link_lock);
}

/* Who sees a carrier sees the link it stands for: one that comes is published before. */
static void dpcnic_link_check(struct dpcnic_nic *nic)
{
	const struct dpcnic_hw_link old = nic->link; /* nobody else writes it */
	struct dpcnic_hw_link link;

	if (dpcnic_link_read(nic, &link))
		return; /* PHY busy; the next round tells */

	dpcnic_link_force_pause(nic, &link);
	if (!link.up)
		dpcnic_link_none(nic);
	dpcnic_link_publish(nic, &link);
	if (!link.up)
		return;
	if (!netif_carrier_ok(nic->ndev))
		dpcnic_link_up(nic, &link);
	else if (link.rx_pause != old.rx_pause || link.tx_pause != old.tx_pause ||
		 nic->pause_frame != dpcnic_max_frame(READ_ONCE(nic->ndev->mtu)))
		dpcnic_link_set_pause(nic, &link);
}

/*
 * Interrupts may arrive elsewhere than they did (I10), and NAPI may have got threads. What follows
 * from that needs RTNL; if somebody holds it, the next round does it. Who takes the NIC down holds
 * it, and waits for us.
 */
static void dpcnic_follow(struct dpcnic_nic *nic)
{
	if (!rtnl_trylock())
		return;
	dpcnic_engine_bind_threads(nic->engine);
	if (nic->up)
		dpcnic_queues_link_napi(nic);
	rtnl_unlock();
}

/* Is the device gone? Then the stack is to use it no more; whoever finds it again attaches it. */
static bool dpcnic_link_gone(struct dpcnic_nic *nic)
{
	if (!dpcnic_hw_gone(&nic->hw))
		return false;
	netif_device_detach(nic->ndev);
	dpcnic_link_down(nic);
	return true;
}

/**
 * dpcnic_service_work() - link changes, and what needs a regular look
 * @work: nic->service
 *
 * Context: process.
 */
void dpcnic_service_work(struct work_struct *work)
{
	struct dpcnic_nic *nic = container_of(to_delayed_work(work), struct dpcnic_nic, service);

	dpcnic_link_check(nic);
	if (dpcnic_link_gone(nic))
		return;
	dpcnic_stats_refresh(nic);
	dpcnic_queues_kick_starved(nic);
	dpcnic_follow(nic);
	schedule_delayed_work(&nic->service, DPCNIC_SERVICE_INTERVAL);
}
