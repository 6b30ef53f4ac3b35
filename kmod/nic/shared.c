// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that several queues share (I8): the ISR finds the queues that have work and targets the
 * CPU of each (I3); the DPC of a CPU works on its queues.
 *
 * Fewer messages than queues is what MSI-X may leave us with. Less than that is a single message,
 * MSI or the INTx line, for everything. Then what the interrupt is about has to be read from the
 * device, which I2 forbids where there is another way: MSI's ISR reads ICR (as does its trigger,
 * see there), and INTx's claim does at every interrupt of the line. (NDIS has the ISR of a line
 * read its cause register, too.) It comes before the look at the rings. Reading clears the causes,
 * so what happens later is latched and interrupts when the message is enabled: a packet is seen by
 * this look or announced by that interrupt.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/netdevice.h>

#include "nic.h"

/*
 * Is a DPC to look at the queue? While it runs it moves the indices that we would look by, so its
 * own CPU is targeted unseen.
 */
static bool dpcnic_shared_has_work(const struct dpcnic_msg *msg, const struct dpcnic_queue *queue)
{
	unsigned long flags = READ_ONCE(queue->flags);

	if (unlikely(flags))
		return !(flags & BIT(DPCNIC_QUEUE_AWAY));
	return dpcnic_dpc_busy(msg, queue->cpu) || dpcnic_rx_pending(&queue->rx) ||
	       dpcnic_tx_pending(&queue->tx);
}

/* Target the CPU of each queue that has work. */
static void dpcnic_shared_find(struct dpcnic_nic *nic, struct dpcnic_msg *msg,
			       struct cpumask *targets)
{
	int i;

	for (i = msg->id; i < nic->queue_cnt; i += nic->queue_msg_cnt) {
		const struct dpcnic_queue *queue = &nic->queue[i];

		if (dpcnic_shared_has_work(msg, queue))
			__cpumask_set_cpu(queue->cpu, targets);
	}
}

/* MSI-X: the message says by itself that it is about its queues. */
static enum dpcnic_verdict dpcnic_shared_isr(struct dpcnic_msg *msg, struct cpumask *targets)
{
	dpcnic_shared_find(dpcnic_msg_nic(msg), msg, targets);
	return DPCNIC_VERDICT_TARGETS;
}

static void dpcnic_shared_work(struct dpcnic_queue *queue, struct dpcnic_dpc *dpc,
			       struct dpcnic_throttle *throttle)
{
	bool owner = queue->cpu == dpc->cpu;

	/* acquire: the rings that it has when it is back */
	if (unlikely(test_bit_acquire(DPCNIC_QUEUE_AWAY, &queue->flags)))
		return;
	if (owner) {
		dpcnic_rx_hold(&queue->rx);
		if (unlikely(test_bit(DPCNIC_QUEUE_WAKE, &queue->flags)) && throttle->max_nbls) {
			clear_bit(DPCNIC_QUEUE_WAKE, &queue->flags);
			smp_mb__after_atomic(); /* before our look at what it is for */
		}
	}
	dpcnic_queue_work(queue, dpc, owner, throttle);
	if (owner)
		dpcnic_rx_release(&queue->rx);
}

/*
 * The DPC works on the queues of its CPU, and on what those of others have for it (R2). What the
 * queues before have left of the bound is the bound of the next (T1). Each run begins with another
 * queue, so that none is starved by those before it.
 */
static void dpcnic_shared_dpc(struct dpcnic_dpc *dpc, void *context,
			      struct dpcnic_throttle *throttle)
{
	struct dpcnic_nic *nic = dpcnic_msg_nic(dpc->msg);
	unsigned int cnt = dpcnic_msg_queue_cnt(nic, dpc->msg->id);
	unsigned int i, nth;

	if (unlikely(!cnt))
		return; /* fewer queues than messages: netpoll asks all */
	nth = (u32)dpc->run.runs % cnt;
	for (i = 0; i < cnt; i++) {
		dpcnic_shared_work(&nic->queue[dpc->msg->id + nth * nic->queue_msg_cnt], dpc,
				   throttle);
		nth = nth + 1 < cnt ? nth + 1 : 0;
	}
}

const struct dpcnic_miniport_ops dpcnic_shared_ops = {
	.disable	= dpcnic_msg_disable,
	.enable		= dpcnic_msg_enable,
	.trigger	= dpcnic_msg_trigger,
	.isr		= dpcnic_shared_isr,
	.dpc		= dpcnic_shared_dpc,
	.spread		= true,
};

/*
 * Read the causes of the single message. Those that no ring can tell are kept for a DPC.
 *
 * Context: any.
 * Return: all of them.
 */
static u32 dpcnic_single_read_cause(struct dpcnic_nic *nic)
{
	u32 cause = dpcnic_hw_other_cause(&nic->hw);

	if (unlikely(cause & DPCNIC_HW_OTHER_CAUSES))
		atomic_or(cause & DPCNIC_HW_OTHER_CAUSES, &nic->causes);
	return cause;
}

/* Link and other causes belong to no CPU: this one's DPC takes them. */
static enum dpcnic_verdict dpcnic_intx_isr(struct dpcnic_msg *msg, struct cpumask *targets)
{
	struct dpcnic_nic *nic = dpcnic_msg_nic(msg);

	dpcnic_shared_find(nic, msg, targets);
	if (unlikely(atomic_read(&nic->causes)))
		__cpumask_set_cpu(smp_processor_id(), targets);
	return DPCNIC_VERDICT_TARGETS;
}

static enum dpcnic_verdict dpcnic_msi_isr(struct dpcnic_msg *msg, struct cpumask *targets)
{
	dpcnic_single_read_cause(dpcnic_msg_nic(msg));
	return dpcnic_intx_isr(msg, targets);
}

/* Others may share the line: it is ours if this device has a cause (MiniportInterrupt). */
static bool dpcnic_intx_claim(struct dpcnic_msg *msg)
{
	return dpcnic_single_read_cause(dpcnic_msg_nic(msg)) & DPCNIC_HW_SINGLE_CAUSES;
}

/*
 * An MSI is sent when a cause comes up. One that is still latched cannot come up again, so it is
 * read first. (A line stays asserted while a cause is latched.)
 */
static void dpcnic_msi_trigger(struct dpcnic_msg *msg)
{
	dpcnic_single_read_cause(dpcnic_msg_nic(msg));
	dpcnic_msg_trigger(msg);
}

static void dpcnic_single_dpc(struct dpcnic_dpc *dpc, void *context,
			      struct dpcnic_throttle *throttle)
{
	struct dpcnic_nic *nic = dpcnic_msg_nic(dpc->msg);

	/* not by netpoll, as in dpcnic_other_dpc() */
	if (unlikely(atomic_read(&nic->causes)) && throttle->max_nbls)
		dpcnic_other_work(nic, atomic_xchg(&nic->causes, 0));
	dpcnic_shared_dpc(dpc, context, throttle);
}

const struct dpcnic_miniport_ops dpcnic_msi_ops = {
	.disable	= dpcnic_msg_disable,
	.enable		= dpcnic_msg_enable,
	.trigger	= dpcnic_msi_trigger,
	.isr		= dpcnic_msi_isr,
	.dpc		= dpcnic_single_dpc,
	.spread		= true,
};

/* claim reads the cause before the mask is written; what comes between is latched as well. */
const struct dpcnic_miniport_ops dpcnic_intx_ops = {
	.disable	= dpcnic_msg_disable,
	.enable		= dpcnic_msg_enable,
	.trigger	= dpcnic_msg_trigger,
	.claim		= dpcnic_intx_claim,
	.isr		= dpcnic_intx_isr,
	.dpc		= dpcnic_single_dpc,
	.spread		= true,
};
