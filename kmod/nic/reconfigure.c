// SPDX-License-Identifier: GPL-2.0
/*
 * Number and size of rings, changed while they are in use (ethtool -L and -G); and what one of them
 * receives into, while all others go on (AF_XDP, xsk.c).
 *
 * All memory is had first, while the old rings run; if it cannot be had they run on. No reset, so
 * the link stays; no IRQ is given back, so what the user has set for it stays.
 *
 * Rings of another size come to one queue after the other, and the others go on. RSS has sent a
 * queue's packets to these before it is stopped, so none is lost but one that has no hash, by
 * queue 0. For another number of queues, or a single one, the receiver is off for a moment: what is
 * in the rings comes to its end, the rings' memory is exchanged, and they start again.
 *
 * What arrives where nobody receives is lost. The hardware does not count it (datasheet 8.19: only
 * while receives are enabled), so it is in no counter but the sender's. QEMU holds packets back
 * meanwhile, but drops them uncounted when the first tail is written, or when their queue has no
 * descriptor.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ethtool.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/netdevice.h>

#include "nic.h"
#include "xdp.h"

/* What is in the rings has that long to come to its end; then it is dropped and counted. */
#define DPCNIC_SETTLE_MS	50

/*
 * What is in the rings of queues @from up to, not including, @to comes to its end. Packets that are
 * in the device still get into their ring: hence one look at least.
 */
static void dpcnic_settle(struct dpcnic_nic *nic, u16 from, u16 to)
{
	unsigned long end = jiffies + msecs_to_jiffies(DPCNIC_SETTLE_MS);

	do {
		usleep_range(100, 200);
	} while (dpcnic_queues_busy(nic, from, to) && time_before(jiffies, end));
}

/* What is to be sent is, and until then the receiver stays on, as that takes longest. */
static void dpcnic_let_send(struct dpcnic_nic *nic)
{
	unsigned long end = jiffies + msecs_to_jiffies(DPCNIC_SETTLE_MS);

	while (dpcnic_queues_send(nic, 0, nic->queue_cnt) && time_before(jiffies, end))
		usleep_range(100, 200);
}

/*
 * Neither DPC, stack nor device is at work on the rings after this. Return: 0; or the device's
 * error, and it is to be started anew.
 */
static int dpcnic_pause(struct dpcnic_nic *nic)
{
	int err;

	dpcnic_traffic_stop(nic);
	dpcnic_let_send(nic);
	dpcnic_hw_disable_rx(&nic->hw);
	dpcnic_hw_flush(&nic->hw);
	dpcnic_settle(nic, 0, nic->queue_cnt);
	err = dpcnic_queues_stop(nic);
	dpcnic_engine_suspend(nic->engine);
	netif_tx_disable(nic->ndev);
	cancel_delayed_work_sync(&nic->service);
	dpcnic_coalesce_stop(nic);
	dpcnic_stats_refresh(nic);
	return err;
}

/* Undo dpcnic_pause(), with other rings. Return: 0 or the device's error. */
static int dpcnic_resume(struct dpcnic_nic *nic)
{
	int err;

	dpcnic_apply_features(nic, nic->ndev->features);
	dpcnic_rss_apply(nic);
	dpcnic_spread_assign(nic);
	dpcnic_queues_setup_msgs(nic);
	dpcnic_engine_resume(nic->engine);
	err = dpcnic_queues_start(nic);
	if (err)
		return err;
	dpcnic_traffic_start(nic);
	return 0;
}

static void dpcnic_set_sizes(struct dpcnic_nic *nic, const struct dpcnic_sizes *sizes)
{
	u16 old = nic->queue_cnt;

	nic->rx_desc_cnt = sizes->rx_desc_cnt;
	nic->tx_desc_cnt = sizes->tx_desc_cnt;
	if (sizes->queue_cnt == old)
		return;
	WRITE_ONCE(nic->queue_cnt, sizes->queue_cnt);
	/* the core sees to it that a table of the user's fits */
	if (!netif_is_rxfh_configured(nic->ndev))
		dpcnic_rss_spread(nic);
}

/* The stack's queues, with what was set for those that stay. A smaller number cannot fail. */
static int dpcnic_set_stack_queues(struct dpcnic_nic *nic, u16 cnt)
{
	u16 old = nic->ndev->real_num_tx_queues;
	int err;

	err = netif_set_real_num_queues(nic->ndev, cnt, cnt);
	if (!err)
		dpcnic_spread_xps(nic, old, cnt);
	return err;
}

/*
 * The stack knows queues that come before they have rings, but they are stopped; it knows those
 * that go until they have none any more.
 */
static int dpcnic_exchange_rings(struct dpcnic_nic *nic, const struct dpcnic_sizes *sizes,
				 struct dpcnic_rings *rings)
{
	int stopped, err;

	netif_tx_disable(nic->ndev);
	if (sizes->queue_cnt > nic->queue_cnt) {
		err = dpcnic_set_stack_queues(nic, sizes->queue_cnt);
		if (err) {
			netif_tx_wake_all_queues(nic->ndev);
			return err;
		}
	}
	stopped = dpcnic_pause(nic);
	dpcnic_rings_swap(nic, rings);
	dpcnic_set_sizes(nic, sizes);
	dpcnic_set_stack_queues(nic, sizes->queue_cnt);
	dpcnic_xdp_apply(nic);
	err = dpcnic_resume(nic);
	if (!err && !stopped)
		return 0;

	netdev_err(nic->ndev, "rings do not %s: %pe; resetting the device\n",
		   stopped ? "stop" : "start", ERR_PTR(stopped ?: err));
	return dpcnic_restart(nic);
}

/*
 * Neither DPC, stack nor device is at work on this queue's rings after this. DPCs of its message
 * that work on other queues go on: whoever did not see the flag yet has BHs or IRQs off. Return: as
 * dpcnic_pause().
 */
static int dpcnic_pause_queue(struct dpcnic_nic *nic, u16 idx)
{
	struct dpcnic_msg *msg = dpcnic_queue_msg(nic, idx);
	struct dpcnic_queue *queue = &nic->queue[idx];
	int err;

	dpcnic_tx_ring_stop(&queue->tx);
	err = dpcnic_hw_disable_rxq(&nic->hw, idx);
	dpcnic_settle(nic, idx, idx + 1);
	err = dpcnic_hw_disable_txq(&nic->hw, idx) ?: err;
	if (err)
		dpcnic_queues_stop(nic); /* or its DMA goes on */
	if (msg->ops->spread) {
		set_bit(DPCNIC_QUEUE_AWAY, &queue->flags);
		synchronize_net();
	} else {
		dpcnic_msg_pause(msg);
	}
	dpcnic_tx_ring_stop(&queue->tx); /* a DPC that was about to wake it may have */
	return err;
}

/*
 * Undo dpcnic_pause_queue(). A ring that got no page gets some later, from
 * dpcnic_queues_kick_starved(). What DPCs did not see meanwhile the message's interrupt brings.
 *
 * Return: 0 or the device's error.
 */
static int dpcnic_resume_queue(struct dpcnic_nic *nic, u16 idx)
{
	struct dpcnic_msg *msg = dpcnic_queue_msg(nic, idx);
	struct dpcnic_queue *queue = &nic->queue[idx];
	int err;

	err = dpcnic_tx_ring_start(nic, &queue->tx);
	if (!err)
		err = dpcnic_rx_ring_start(nic, &queue->rx);
	if (msg->ops->spread) {
		set_bit(DPCNIC_QUEUE_WAKE, &queue->flags);
		clear_bit_unlock(DPCNIC_QUEUE_AWAY, &queue->flags);
	} else {
		dpcnic_msg_resume(msg);
	}
	if (err && err != -ENOMEM)
		return err;
	msg->ops->trigger(msg);
	dpcnic_queues_link_napi(nic);
	netif_tx_wake_queue(queue->tx.txq);
	return 0;
}

/* dpcnic_resume_queue(), and if the device does not play along, or @stopped says so, a reset. */
static int dpcnic_restart_queue(struct dpcnic_nic *nic, u16 idx, int stopped)
{
	int err = dpcnic_resume_queue(nic, idx);

	if (!err && !stopped)
		return 0;
	netdev_err(nic->ndev, "queue %u: its rings do not %s: %pe; resetting the device\n", idx,
		   stopped ? "stop" : "start", ERR_PTR(stopped ?: err));
	return dpcnic_restart(nic);
}

/**
 * dpcnic_queue_exchange() - let a queue receive into something else
 * @nic: the NIC, up
 * @idx: the queue
 * @xsk: the AF_XDP pool to receive into, NULL for pages; afterwards it is no longer that which was
 *
 * Only this queue's rings are stopped and started. What is in them comes to its end; what the
 * device gets for the queue meanwhile is lost, as above. No memory is needed for it: the ring has
 * a page pool anyway, for copies.
 *
 * Context: process, RTNL held.
 * Return: 0; or the device's error, and the interface is down.
 */
int dpcnic_queue_exchange(struct dpcnic_nic *nic, u16 idx, struct xsk_buff_pool *xsk)
{
	struct dpcnic_queue *queue = &nic->queue[idx];
	int stopped = dpcnic_pause_queue(nic, idx);
	struct dpcnic_rx_mem rx;
	struct dpcnic_tx_mem tx;

	dpcnic_tx_ring_remove(&queue->tx, &tx);
	dpcnic_rx_ring_remove(&queue->rx, &rx);
	rx.xsk = xsk;
	if (!xsk)
		dpcnic_rx_mem_fill(&rx);
	dpcnic_rx_ring_install(&queue->rx, &rx);
	dpcnic_tx_ring_install(&queue->tx, &tx);
	return dpcnic_restart_queue(nic, idx, stopped);
}

/*
 * Rings of other sizes for as many queues, of which there are several. A reset that becomes
 * necessary on the way is one for all, those that have their new rings and those that have not.
 */
static int dpcnic_exchange_in_turn(struct dpcnic_nic *nic, const struct dpcnic_sizes *sizes,
				   struct dpcnic_rings *rings)
{
	int err = 0, stopped;
	u16 i;

	dpcnic_set_sizes(nic, sizes);
	for (i = 0; i < nic->queue_cnt && !err; i++) {
		dpcnic_rss_avoid(nic, i);
		dpcnic_hw_flush(&nic->hw);
		usleep_range(100, 200); /* what is in the device gets into the ring */
		stopped = dpcnic_pause_queue(nic, i);
		dpcnic_rings_swap_queue(nic, rings, i);
		err = dpcnic_restart_queue(nic, i, stopped);
	}
	if (!err)
		dpcnic_hw_set_rss_table(&nic->hw, nic->rss_table);
	return err;
}

/*
 * Give the NIC other rings. If that fails before the device is touched everything is as it was.
 * Context: process, RTNL held.
 */
static int dpcnic_reconfigure(struct dpcnic_nic *nic, const struct dpcnic_sizes *sizes,
			      struct netlink_ext_ack *extack)
{
	struct dpcnic_rings *rings;
	int err;

	if (!nic->up) {
		err = dpcnic_set_stack_queues(nic, sizes->queue_cnt);
		if (!err)
			dpcnic_set_sizes(nic, sizes);
		return err;
	}
	rings = dpcnic_rings_alloc(nic, sizes);
	if (IS_ERR(rings)) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "no memory for that; everything is as it was. Try fewer");
		return PTR_ERR(rings);
	}
	if (sizes->queue_cnt == nic->queue_cnt && nic->queue_cnt > 1)
		err = dpcnic_exchange_in_turn(nic, sizes, rings);
	else
		err = dpcnic_exchange_rings(nic, sizes, rings);
	dpcnic_rings_free(nic, rings);
	return err;
}

/**
 * dpcnic_get_ringparam() - ethtool -g
 * @ndev: the netdev
 * @ring: out
 * @kernel_ring: likewise; nothing of it is ours
 * @extack: for messages
 *
 * Context: process, RTNL held.
 */
void dpcnic_get_ringparam(struct net_device *ndev, struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	ring->rx_max_pending = DPCNIC_RX_DESC_MAX;
	ring->tx_max_pending = DPCNIC_TX_DESC_MAX;
	ring->rx_pending = nic->rx_desc_cnt;
	ring->tx_pending = nic->tx_desc_cnt;
}

/**
 * dpcnic_set_ringparam() - ethtool -G
 * @ndev: the netdev
 * @ring: what is asked for; the core has checked the maxima, and that no other kind is asked for
 * @kernel_ring: nothing of it is ours
 * @extack: for messages
 *
 * The hardware takes any multiple of 8. The rings are indexed by a mask, which costs an instruction
 * less per packet than anything else; so sizes are rounded up to powers of two, and the user told.
 *
 * Context: process, RTNL held.
 * Return: 0 or an error.
 */
int dpcnic_set_ringparam(struct net_device *ndev, struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kernel_ring,
			 struct netlink_ext_ack *extack)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_sizes sizes = {
		.queue_cnt = nic->queue_cnt,
		.rx_desc_cnt = roundup_pow_of_two(max(ring->rx_pending, 1U)),
		.tx_desc_cnt = roundup_pow_of_two(max(ring->tx_pending, 1U)),
	};

	if (ring->rx_pending < DPCNIC_RX_DESC_MIN || ring->tx_pending < DPCNIC_TX_DESC_MIN) {
		NL_SET_ERR_MSG_FMT_MOD(extack, "at least %u rx and %u tx descriptors are needed",
				       DPCNIC_RX_DESC_MIN, DPCNIC_TX_DESC_MIN);
		return -ERANGE;
	}
	if (sizes.rx_desc_cnt != ring->rx_pending || sizes.tx_desc_cnt != ring->tx_pending)
		NL_SET_ERR_MSG_FMT_MOD(extack, "rounded up to powers of two: rx %u, tx %u",
				       sizes.rx_desc_cnt, sizes.tx_desc_cnt);
	if (sizes.rx_desc_cnt == nic->rx_desc_cnt && sizes.tx_desc_cnt == nic->tx_desc_cnt)
		return 0;
	return dpcnic_reconfigure(nic, &sizes, extack);
}

/**
 * dpcnic_get_channels() - ethtool -l
 * @ndev: the netdev
 * @ch: out
 *
 * Context: process, RTNL held.
 */
void dpcnic_get_channels(struct net_device *ndev, struct ethtool_channels *ch)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	ch->max_combined = DPC_QUEUES;
	ch->combined_count = nic->queue_cnt;
	ch->max_other = dpcnic_has_other_msg(nic);
	ch->other_count = ch->max_other;
}

/**
 * dpcnic_set_channels() - ethtool -L
 * @ndev: the netdev
 * @ch: what is asked for
 *
 * Any number of queues goes with any number of messages (I8). The core has checked the maxima, that
 * one queue is left, and that the user's RSS table, if there is one, names no queue that goes. It
 * takes no message for the user: those go to the log.
 *
 * Context: process, RTNL held.
 * Return: 0 or an error.
 */
int dpcnic_set_channels(struct net_device *ndev, struct ethtool_channels *ch)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_sizes sizes = dpcnic_present_sizes(nic);
	int err;

	if (ch->other_count != dpcnic_has_other_msg(nic)) {
		netdev_err(ndev, "the message for link and other causes cannot be given up\n");
		return -EINVAL;
	}
	if (ch->combined_count == sizes.queue_cnt)
		return 0;
	sizes.queue_cnt = ch->combined_count;
	err = dpcnic_reconfigure(nic, &sizes, NULL);
	if (err == -ENOMEM)
		netdev_err(ndev, "no memory for %u queues; there are %u as before\n",
			   sizes.queue_cnt, nic->queue_cnt);
	return err;
}
