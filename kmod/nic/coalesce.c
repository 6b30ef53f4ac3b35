// SPDX-License-Identifier: GPL-2.0
/*
 * How often a message may interrupt (ethtool -C, and -Q for single queues): the least time between
 * two interrupts, fixed or following the traffic by the kernel's DIM.
 *
 * It is a matter of messages. A queue's receive and transmit ring share one, so there is no time
 * for transmit; and where several queues share a message they share its time.
 *
 * DIM wants to know, once in a while, how many interrupts, packets and bytes there were. Only the
 * DPC that has a ring tells it, at the end of its run (dpcnic_queue_work()); the interrupts are the
 * batches of the message, which the engine counts anyway (I4). With no message adaptive that is a
 * jump not taken.
 */
#include <linux/bitops.h>
#include <linux/dim.h>
#include <linux/ethtool.h>
#include <linux/jump_label.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>

#include "../compat.h"
#include "nic.h"

/*
 * 20 000 interrupts a second, as igb has for streams by default. The first after a pause comes at
 * once; a stream of packets is taken some tens at a time.
 */
#define DPCNIC_COALESCE_USECS	50

/* messages that are adaptive, of all NICs */
DEFINE_STATIC_KEY_FALSE(dpcnic_coalesce_key);

/**
 * dpcnic_coalesce_apply() - tell the device the interval of a message
 * @nic: the NIC
 * @msg_id: the message
 *
 * Context: process, RTNL held or by @dim.work.
 */
void dpcnic_coalesce_apply(struct dpcnic_nic *nic, u16 msg_id)
{
	struct dpcnic_coalesce *co = &nic->coalesce[msg_id];
	u16 usecs;

	spin_lock(&co->lock);
	usecs = READ_ONCE(co->usecs);
	if (READ_ONCE(co->adaptive))
		usecs = net_dim_get_rx_moderation(co->dim.mode, READ_ONCE(co->dim.profile_ix)).usec;
	dpcnic_hw_irq_set_itr(&nic->hw, msg_id, usecs);
	spin_unlock(&co->lock);
}

/* DIM begins to measure. Context: of who has @dim. */
static void dpcnic_coalesce_measure(struct dpcnic_coalesce *co)
{
	WRITE_ONCE(co->applied, false);
	co->dim.state = DIM_START_MEASURE;
}

/* DIM has come to a decision, and waits for it to take effect. */
static void dpcnic_coalesce_work(struct work_struct *work)
{
	struct dpcnic_coalesce *co = container_of(work, struct dpcnic_coalesce, dim.work);

	dpcnic_coalesce_apply(co->nic, co - co->nic->coalesce);
	WRITE_ONCE(co->applied, true);
}

/**
 * dpcnic_coalesce_init() - the default for all messages
 * @nic: the NIC, with @queue_msg_cnt set
 *
 * Context: process, before the netdev is registered.
 */
void dpcnic_coalesce_init(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_msg_cnt; i++) {
		struct dpcnic_coalesce *co = &nic->coalesce[i];

		co->nic = nic;
		spin_lock_init(&co->lock);
		co->usecs = DPCNIC_COALESCE_USECS;
		co->dim.mode = DIM_CQ_PERIOD_MODE_START_FROM_EQE;
		INIT_WORK(&co->dim.work, dpcnic_coalesce_work);
	}
}

/**
 * dpcnic_coalesce_exit() - undo dpcnic_coalesce_init()
 * @nic: the NIC, stopped
 *
 * Context: process.
 */
void dpcnic_coalesce_exit(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_msg_cnt; i++) {
		if (nic->coalesce[i].adaptive)
			static_branch_dec(&dpcnic_coalesce_key);
	}
}

/**
 * dpcnic_coalesce_stop() - DIM decides nothing any more
 * @nic: the NIC, while no DPC can run
 *
 * What it had decided takes effect with the next dpcnic_coalesce_apply().
 *
 * Context: process, RTNL held.
 */
void dpcnic_coalesce_stop(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_msg_cnt; i++) {
		cancel_work_sync(&nic->coalesce[i].dim.work);
		dpcnic_coalesce_measure(&nic->coalesce[i]);
	}
}

/**
 * dpcnic_coalesce_note() - a DPC has worked on a ring of a message: let DIM know
 * @msg: the message
 *
 * DPCs that share the message share what is known of it. One that finds another at it leaves it at
 * that: what it had to tell is in the counters.
 *
 * Context: the DPC's, at the end of its run.
 */
void dpcnic_coalesce_note(struct dpcnic_msg *msg)
{
	struct dpcnic_nic *nic = netdev_priv(msg->engine->ndev);
	struct dpcnic_coalesce *co = &nic->coalesce[msg->id];
	struct dim_sample sample = {};
	u32 packets = 0;
	u32 bytes = 0;
	int i;

	if (!READ_ONCE(co->adaptive) || test_and_set_bit_lock(0, &co->busy))
		return;
	if (READ_ONCE(co->applied))
		dpcnic_coalesce_measure(co);
	/* DIM's counters have 32 bits and wrap */
	for (i = msg->id; i < nic->queue_cnt; i += nic->queue_msg_cnt) {
		packets += READ_ONCE(nic->queue[i].rx.stats.packets);
		bytes += READ_ONCE(nic->queue[i].rx.stats.bytes);
	}
	dim_update_sample(READ_ONCE(msg->enables), packets, bytes, &sample);
	net_dim(&co->dim, &sample);
	clear_bit_unlock(0, &co->busy);
}

static void dpcnic_coalesce_get(const struct dpcnic_coalesce *co, struct ethtool_coalesce *ec)
{
	ec->rx_coalesce_usecs = co->usecs;
	ec->use_adaptive_rx_coalesce = co->adaptive;
}

/* DPCs may be at work. */
static void dpcnic_coalesce_set_adaptive(struct dpcnic_coalesce *co, bool adaptive)
{
	if (adaptive == co->adaptive)
		return;
	if (adaptive) {
		/* begin where latency is least; nobody has @dim */
		co->dim.profile_ix = 0;
		dpcnic_coalesce_measure(co);
		WRITE_ONCE(co->adaptive, true);
		static_branch_inc(&dpcnic_coalesce_key);
	} else {
		static_branch_dec(&dpcnic_coalesce_key);
		WRITE_ONCE(co->adaptive, false);
		synchronize_net(); /* DPCs that have not seen that */
		cancel_work_sync(&co->dim.work);
	}
}

static void dpcnic_coalesce_set(struct dpcnic_nic *nic, u16 msg_id,
				const struct ethtool_coalesce *ec)
{
	struct dpcnic_coalesce *co = &nic->coalesce[msg_id];

	WRITE_ONCE(co->usecs, ec->rx_coalesce_usecs);
	dpcnic_coalesce_set_adaptive(co, ec->use_adaptive_rx_coalesce);
	if (nic->up)
		dpcnic_coalesce_apply(nic, msg_id);
}

static bool dpcnic_coalesce_valid(const struct ethtool_coalesce *ec)
{
	return ec->rx_coalesce_usecs <= DPCNIC_HW_ITR_MAX;
}

/**
 * dpcnic_get_coalesce() - ethtool -c: the first message's
 * @ndev: the netdev
 * @ec: out; the fixed interval is told even while it is not in use
 * @kernel_ec: nothing of it is ours
 * @extack: for messages
 *
 * Context: process, RTNL held.
 * Return: 0.
 */
int dpcnic_get_coalesce(struct net_device *ndev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec, struct netlink_ext_ack *extack)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	dpcnic_coalesce_get(&nic->coalesce[0], ec);
	return 0;
}

/**
 * dpcnic_set_coalesce() - ethtool -C: all messages'
 * @ndev: the netdev
 * @ec: what is asked for; the core has checked that it is nothing that we do not know
 * @kernel_ec: nothing of it is ours
 * @extack: for messages
 *
 * Context: process, RTNL held.
 * Return: 0 or -ERANGE.
 */
int dpcnic_set_coalesce(struct net_device *ndev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec, struct netlink_ext_ack *extack)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int i;

	if (!dpcnic_coalesce_valid(ec)) {
		NL_SET_ERR_MSG_FMT_MOD(extack, "rx-usecs: the hardware counts up to %u",
				       DPCNIC_HW_ITR_MAX);
		return -ERANGE;
	}
	for (i = 0; i < nic->queue_msg_cnt; i++)
		dpcnic_coalesce_set(nic, i, ec);
	return 0;
}

/**
 * dpcnic_get_per_queue_coalesce() - ethtool -Q, show: those of the message of a queue
 * @ndev: the netdev
 * @queue: the queue
 * @ec: out
 *
 * Context: process, RTNL held.
 * Return: 0 or -EINVAL.
 */
int dpcnic_get_per_queue_coalesce(struct net_device *ndev, u32 queue,
				  struct ethtool_coalesce *ec)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (queue >= nic->queue_cnt)
		return -EINVAL;
	dpcnic_coalesce_get(&nic->coalesce[queue % nic->queue_msg_cnt], ec);
	return 0;
}

/**
 * dpcnic_set_per_queue_coalesce() - ethtool -Q: those of the message of a queue
 * @ndev: the netdev
 * @queue: the queue; others that share its message follow
 * @ec: what is asked for
 *
 * Context: process, RTNL held.
 * Return: 0, -EINVAL if there is no such queue, or -ERANGE; the log says why.
 */
int dpcnic_set_per_queue_coalesce(struct net_device *ndev, u32 queue,
				  struct ethtool_coalesce *ec)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (queue >= nic->queue_cnt) {
		netdev_err(ndev, "queue %u is not in use; there are %u\n", queue, nic->queue_cnt);
		return -EINVAL;
	}
	if (!dpcnic_coalesce_valid(ec)) {
		netdev_err(ndev, "queue %u, rx-usecs: the hardware counts up to %u\n", queue,
			   DPCNIC_HW_ITR_MAX);
		return -ERANGE;
	}
	dpcnic_coalesce_set(nic, queue % nic->queue_msg_cnt, ec);
	return 0;
}
