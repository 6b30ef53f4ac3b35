// SPDX-License-Identifier: GPL-2.0
/*
 * Queues: a pair of rings that has a message of its own, and what that message's DPC does. Where
 * several queues share a message see shared.c.
 */
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "nic.h"
#include "steer.h"
#include "xdp.h"
#include "xsk.h"

/**
 * dpcnic_queue_work() - a DPC's work on one queue
 * @queue: the queue
 * @dpc: the DPC
 * @owner: the rings are this DPC's, which has called dpcnic_rx_hold(). Otherwise only its inbox
 *	is (R2).
 * @throttle: the bound; the outcome is added
 *
 * Transmit completions are always finished (T4); receive work is what the throttle bounds. The
 * inbox first: what is in it came before what is in the ring. netpoll comes with a bound of 0 and
 * gets the transmit part.
 *
 * Context: the DPC's.
 */
void dpcnic_queue_work(struct dpcnic_queue *queue, struct dpcnic_dpc *dpc, bool owner,
		       struct dpcnic_throttle *throttle)
{
	u32 sent = 0;

	if (likely(owner))
		sent = dpcnic_tx_work(&queue->tx, throttle->max_nbls);
	if (unlikely(READ_ONCE(queue->rx.steer) && throttle->max_nbls)) {
		if (unlikely(queue->rx.xsk) && owner)
			dpcnic_xsk_tx_work(queue);
		dpcnic_steer_work(&queue->rx, dpc, throttle);
	}
	if (likely(owner && throttle->max_nbls)) {
		dpcnic_rx_note_returned(&queue->rx, sent);
		dpcnic_rx_work(&queue->rx, dpc, throttle);
		if (dpcnic_coalesce_in_use())
			dpcnic_coalesce_note(dpc->msg);
	}
}

/* The DPC of a queue message. */
static void dpcnic_queue_dpc(struct dpcnic_dpc *dpc, void *context,
			     struct dpcnic_throttle *throttle)
{
	struct dpcnic_queue *queue = dpc->msg->priv;
	bool owner = dpcnic_dpc_is_home(dpc);

	if (likely(owner))
		dpcnic_rx_hold(&queue->rx);
	dpcnic_queue_work(queue, dpc, owner, throttle);
}

static void dpcnic_queue_release(struct dpcnic_dpc *dpc)
{
	struct dpcnic_queue *queue = dpc->msg->priv;

	dpcnic_rx_release(&queue->rx);
}

/* No isr: a queue message always has work for the DPC of its CPU. */
const struct dpcnic_miniport_ops dpcnic_queue_ops = {
	.disable	= dpcnic_msg_disable,
	.enable		= dpcnic_msg_enable,
	.trigger	= dpcnic_msg_trigger,
	.dpc		= dpcnic_queue_dpc,
	.release	= dpcnic_queue_release,
};

static void dpcnic_queue_init(struct dpcnic_nic *nic, u16 idx)
{
	struct dpcnic_queue *queue = &nic->queue[idx];
	struct net_device *ndev = nic->ndev;

	queue->rx.ndev = ndev;
	queue->rx.dev = &nic->pdev->dev;
	queue->rx.idx = idx;
	queue->rx.tail = nic->hw.regs + DPC_RDT(idx);
	dpcnic_rx_ring_init(&queue->rx);

	queue->tx.dev = &nic->pdev->dev;
	queue->tx.idx = idx;
	queue->tx.tail = nic->hw.regs + DPC_TDT(idx);
	queue->tx.txq = netdev_get_tx_queue(ndev, idx);
	u64_stats_init(&queue->tx.syncp);
	u64_stats_init(&queue->tx.wake_syncp);
}

static int dpcnic_queues_init_msgs(struct dpcnic_nic *nic)
{
	int err, i;

	for (i = 0; i < nic->engine->msg_cnt; i++) {
		err = dpcnic_msg_init(nic->engine, i, pci_irq_vector(nic->pdev, i));
		if (err)
			return err;
	}
	return 0;
}

/**
 * dpcnic_queues_create() - make queues, messages and DPCs, without ring memory
 * @nic: the NIC
 * @msg_cnt: vectors it was granted
 *
 * Context: process, before the netdev is registered.
 * Return: 0 or -ENOMEM.
 */
int dpcnic_queues_create(struct dpcnic_nic *nic, u16 msg_cnt)
{
	int err, i;

	nic->queue = kvcalloc_node(DPC_QUEUES, sizeof(*nic->queue), GFP_KERNEL,
				   dev_to_node(&nic->pdev->dev));
	if (!nic->queue)
		return -ENOMEM;
	for (i = 0; i < DPC_QUEUES; i++)
		dpcnic_queue_init(nic, i);

	nic->engine = dpcnic_engine_alloc(nic->ndev, msg_cnt);
	if (!nic->engine) {
		err = -ENOMEM;
		goto free_queues;
	}
	nic->queue_msg_cnt = max(msg_cnt - 1, 1);
	dpcnic_coalesce_init(nic);
	err = dpcnic_queues_init_msgs(nic);
	if (err)
		goto free_engine;
	return 0;

free_engine:
	dpcnic_engine_free(nic->engine);
free_queues:
	kvfree(nic->queue);
	return err;
}

/**
 * dpcnic_queues_destroy() - undo dpcnic_queues_create()
 * @nic: the NIC, stopped
 *
 * Context: process.
 */
void dpcnic_queues_destroy(struct dpcnic_nic *nic)
{
	int i;

	dpcnic_coalesce_exit(nic);
	dpcnic_engine_free(nic->engine);
	for (i = 0; i < DPC_QUEUES; i++)
		dpcnic_steer_free(&nic->queue[i].rx);
	kvfree(nic->queue);
}

/* What kind of message @id is, with the present number of queues. */
static const struct dpcnic_miniport_ops *dpcnic_queue_msg_ops(const struct dpcnic_nic *nic, u16 id)
{
	if (nic->pdev->msix_enabled)
		return dpcnic_msg_queue_cnt(nic, id) == 1 ? &dpcnic_queue_ops : &dpcnic_shared_ops;
	return nic->pdev->msi_enabled ? &dpcnic_msi_ops : &dpcnic_intx_ops;
}

/**
 * dpcnic_queues_setup_msgs() - tell each message what it stands for
 * @nic: the NIC, with @queue_cnt set, and its messages not registered or suspended
 *
 * Context: process, RTNL held.
 */
void dpcnic_queues_setup_msgs(struct dpcnic_nic *nic)
{
	struct dpcnic_msg *msg = nic->engine->msg;
	int i;

	for (i = 0; i < nic->queue_msg_cnt; i++)
		dpcnic_msg_setup(&msg[i], dpcnic_queue_msg_ops(nic, i), &nic->queue[i]);
	if (dpcnic_has_other_msg(nic))
		dpcnic_msg_setup(&msg[i], &dpcnic_other_ops, NULL);
}

static void dpcnic_queues_route(struct dpcnic_nic *nic)
{
	struct dpcnic_hw *hw = &nic->hw;
	int i;

	dpcnic_hw_irq_setup(hw, nic->pdev->msix_enabled, nic->engine->msg_cnt);
	for (i = 0; i < nic->queue_cnt; i++) {
		dpcnic_hw_irq_map_rx(hw, i, dpcnic_queue_msg(nic, i)->id);
		dpcnic_hw_irq_map_tx(hw, i, dpcnic_queue_msg(nic, i)->id);
	}
	for (i = 0; i < nic->queue_msg_cnt; i++)
		dpcnic_coalesce_apply(nic, i);
	if (dpcnic_has_other_msg(nic))
		dpcnic_hw_irq_map_other(hw, nic->queue_msg_cnt);
}

/**
 * dpcnic_queues_start() - route the interrupts, start the rings, enable the messages
 * @nic: the NIC, reset, with ring memory and registered messages
 *
 * Context: process, RTNL held.
 * Return: 0 or an error; after an error dpcnic_queues_stop() is due all the same.
 */
int dpcnic_queues_start(struct dpcnic_nic *nic)
{
	int err, i;

	dpcnic_queues_route(nic);
	for (i = 0; i < nic->queue_cnt; i++) {
		err = dpcnic_tx_ring_start(nic, &nic->queue[i].tx);
		if (err)
			goto failed;
		err = dpcnic_rx_ring_start(nic, &nic->queue[i].rx);
		if (err)
			goto failed;
	}
	dpcnic_hw_enable_tx(&nic->hw);
	dpcnic_hw_enable_rx(&nic->hw, dpcnic_max_frame(nic->ndev->mtu));
	dpcnic_engine_enable(nic->engine);
	if (dpcnic_has_other_msg(nic))
		dpcnic_hw_other_enable(&nic->hw);
	return 0;

failed:
	netdev_err(nic->ndev, "queue %d: cannot start its rings: %pe\n", i, ERR_PTR(err));
	return err;
}

/**
 * dpcnic_queues_hold() - are there packets that are still to be sent?
 * @nic: the NIC, started
 * @from: the first queue to look at
 * @to: the one after the last
 *
 * Context: process.
 * Return: true if there are.
 */
bool dpcnic_queues_hold(const struct dpcnic_nic *nic, u16 from, u16 to)
{
	int i;

	for (i = from; i < to; i++) {
		if (dpcnic_tx_busy(&nic->queue[i].tx))
			return true;
	}
	return false;
}

/**
 * dpcnic_queues_send() - are there packets that are still to be sent, and can be?
 * @nic: the NIC, started
 * @from: the first queue to look at
 * @to: the one after the last
 *
 * Context: process.
 * Return: true if there are, and a link.
 */
bool dpcnic_queues_send(const struct dpcnic_nic *nic, u16 from, u16 to)
{
	return netif_carrier_ok(nic->ndev) && dpcnic_queues_hold(nic, from, to);
}

/**
 * dpcnic_queues_busy() - are there packets that can still come to their end?
 * @nic: the NIC, started
 * @from: the first queue to look at
 * @to: the one after the last
 *
 * Received ones are indicated by DPCs; those to be sent are sent while there is a link.
 *
 * Context: process.
 * Return: true if there are.
 */
bool dpcnic_queues_busy(const struct dpcnic_nic *nic, u16 from, u16 to)
{
	int i;

	for (i = from; i < to; i++) {
		if (dpcnic_rx_busy(&nic->queue[i].rx))
			return true;
	}
	return dpcnic_queues_send(nic, from, to);
}

/**
 * dpcnic_queues_stop() - the device receives and sends no more, and does no DMA for it
 * @nic: the NIC
 *
 * Afterwards the rings' memory may be given to others. So where a queue does not stop the device is
 * reset; and where that is not possible either, or the device does not answer, which need not mean
 * that it does nothing, it is cut off until it is started again.
 *
 * Context: process, RTNL held.
 * Return: 0; or an error, and the device has forgotten all that was configured.
 */
int dpcnic_queues_stop(struct dpcnic_nic *nic)
{
	int err, i;

	dpcnic_hw_disable_rx(&nic->hw);
	dpcnic_hw_disable_tx(&nic->hw);
	for (i = 0; i < nic->queue_cnt; i++)
		dpcnic_tx_ring_stop(&nic->queue[i].tx);
	err = dpcnic_hw_disable_queues(&nic->hw, nic->queue_cnt);
	if (!err)
		return 0;
	dpcnic_stats_refresh(nic);
	dpcnic_ptp_before_reset(nic);
	if (dpcnic_hw_reset(&nic->hw))
		pci_clear_master(nic->pdev);
	else
		dpcnic_ptp_after_reset(nic);
	return err;
}

/**
 * dpcnic_queues_link_napi() - tell the stack which NAPI serves which queue
 * @nic: the NIC, with registered messages
 *
 * A queue can name one NAPI: the DPC of its CPU, or where it has a message of its own the DPC where
 * the message's interrupt arrives now.
 *
 * Context: process, RTNL held.
 */
void dpcnic_queues_link_napi(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		struct dpcnic_msg *msg = dpcnic_queue_msg(nic, i);
		struct napi_struct *napi = &READ_ONCE(msg->home)->napi;

		if (msg->ops->spread)
			napi = &msg->dpc[READ_ONCE(nic->queue[i].cpu)].napi;
		netif_queue_set_napi(nic->ndev, i, NETDEV_QUEUE_TYPE_RX, napi);
		netif_queue_set_napi(nic->ndev, i, NETDEV_QUEUE_TYPE_TX, napi);
		dpcnic_rxq_set_napi(&nic->queue[i].rx.rxq, napi);
		dpcnic_rxq_set_napi(&nic->queue[i].rx.xsk_rxq, napi);
	}
}

/**
 * dpcnic_queues_unlink_napi() - undo dpcnic_queues_link_napi()
 * @nic: the NIC
 *
 * Context: process, RTNL held.
 */
void dpcnic_queues_unlink_napi(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		netif_queue_set_napi(nic->ndev, i, NETDEV_QUEUE_TYPE_RX, NULL);
		netif_queue_set_napi(nic->ndev, i, NETDEV_QUEUE_TYPE_TX, NULL);
	}
}

/**
 * dpcnic_queues_kick_starved() - run a DPC for every ring that has no buffer left
 * @nic: the NIC, started
 *
 * Context: process.
 */
void dpcnic_queues_kick_starved(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		struct dpcnic_msg *msg = dpcnic_queue_msg(nic, i);

		if (dpcnic_rx_ring_starved(&nic->queue[i].rx))
			msg->ops->trigger(msg);
	}
}
