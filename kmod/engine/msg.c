// SPDX-License-Identifier: GPL-2.0
/*
 * Messages: from the interrupt to the DPCs it queues, and back to the enabled message.
 *
 * A batch is all that happens between an interrupt and the next: the ISR disables its message
 * and queues DPCs, these may queue more, and the last of them enables the message again (I4).
 * msg->outstanding is the batch's account: 0 while the message is enabled, else 1 for the batch
 * itself and 1 for each outstanding DPC.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>

#include "engine.h"
#include "stamp.h"
#include "trace.h"

/*
 * The message interrupted another CPU than last time: give the rings to @dpc, the DPC of this
 * CPU (I10). No batch is outstanding, so no queued DPC works on them; but an unsolicited run of
 * the old home may (busy poll), see dpcnic_dpc_visit(). Then the rings stay where they are for this
 * batch. We keep visitors out meanwhile, rather than look whether there is one: one that is on
 * its way could see the rings given to it and then taken back.
 *
 * Context: hard IRQ.
 * Return: the DPC that has the rings now.
 */
static struct dpcnic_dpc *dpcnic_msg_move_home(struct dpcnic_msg *msg, struct dpcnic_dpc *dpc)
{
	if (test_and_set_bit_lock(0, &msg->guest))
		return msg->home;
	WRITE_ONCE(msg->home, dpc);
	clear_bit_unlock(0, &msg->guest);
	return dpc;
}

/*
 * Ask the miniport's ISR what the message needs, and queue that (I3). The caller holds a part of
 * the batch's account, so that no DPC queued here can be the last one before we return. @dpc is
 * the one that a default verdict means.
 *
 * Context: hard IRQ, or a DPC with IRQs off.
 */
static enum dpcnic_isr_outcome dpcnic_msg_ask(struct dpcnic_msg *msg, struct dpcnic_dpc *dpc,
					      u64 now)
{
	msg->isr_called = false;
	cpumask_clear(msg->targets);
	if (msg->ops->isr(msg, msg->targets) == DPCNIC_VERDICT_DEFAULT) {
		dpcnic_dpc_queue_one(dpc, now);
		return DPCNIC_ISR_DEFAULT;
	}
	if (dpcnic_dpc_queue_targets(msg, now) || msg->isr_called)
		return DPCNIC_ISR_TARGETS;
	return DPCNIC_ISR_EMPTY;
}

/*
 * Before the message is enabled: if an interrupt was late, its cause may be newer than what any
 * DPC saw, so the ISR is asked once more. No DPC is outstanding here, and no ISR begins a batch.
 *
 * Return: true if the batch goes on, with DPCs that are outstanding now.
 */
static bool dpcnic_msg_ask_again(struct dpcnic_msg *msg)
{
	do {
		struct dpcnic_dpc *dpc = msg->home;

		if (!xchg(&msg->again, false))
			return false;
		if (msg->ops->spread)
			dpc = &msg->dpc[smp_processor_id()];
		atomic_set(&msg->outstanding, DPCNIC_LAST_DPC); /* ours */
		dpcnic_msg_ask(msg, dpc, dpcnic_stamp());
	} while (atomic_dec_return(&msg->outstanding) == DPCNIC_LAST_DPC - 1);
	return true;
}

/*
 * An interrupt was late, but where? Either it came while there was a batch to ask again; or after
 * that and before the account was closed, and then nobody will, unless the message interrupts.
 */
static void dpcnic_msg_settle_late(struct dpcnic_msg *msg)
{
	if (READ_ONCE(msg->again) && xchg(&msg->again, false))
		msg->ops->trigger(msg);
}

/**
 * dpcnic_msg_open() - unmask in the hardware, then close the account, in this order
 * @msg: a disabled message with no DPC outstanding
 * @batch: a batch ends with this; false where there was none
 *
 * The other way round another CPU could take an interrupt, begin a new batch and mask, and the
 * unmask would undo that (I4). In this order an interrupt that comes between the two finds a batch
 * outstanding and counts as late, which loses nothing, see dpcnic_msg_late().
 *
 * Context: IRQs off, or that late interrupt could be taken here over and over and never let the
 *	second step happen.
 */
void dpcnic_msg_open(struct dpcnic_msg *msg, bool batch)
{
	u64 disabled_at = msg->disabled_ns;

	msg->enables += batch;
	msg->ops->enable(msg);
	/* here, or another CPU's message_disabled of the next batch could come before it */
	if (trace_message_enabled_enabled() && batch)
		trace_message_enabled(msg->engine->ndev->ifindex, msg->id, raw_smp_processor_id(),
				      dpcnic_since(disabled_at));
	/* release: whoever begins the next batch sees the rings as this one left them */
	atomic_set_release(&msg->outstanding, 0);
	if (unlikely(msg->ops->isr)) {
		/* our write of outstanding before our read of again; see dpcnic_msg_late() */
		smp_mb();
		dpcnic_msg_settle_late(msg);
	}
}

/*
 * The last DPC has finished. While the ISR is excluded (I6) it is not asked: what is left of a late
 * interrupt is settled when the message is opened, by a new one.
 *
 * Context: IRQs off.
 * Return: true if the message was enabled; false if the batch goes on, or the message is held.
 */
static bool dpcnic_msg_end_batch(struct dpcnic_msg *msg)
{
	if (unlikely(msg->ops->isr) && !atomic_read(&msg->excluded) && dpcnic_msg_ask_again(msg))
		return false;
	if (unlikely(READ_ONCE(msg->holds)) && dpcnic_msg_park(msg))
		return false;

	dpcnic_msg_open(msg, true);
	return true;
}

/**
 * dpcnic_msg_put() - one outstanding DPC of the message has finished
 * @msg: the message
 *
 * The last one enables the message (I4). Where a message has one DPC, as in the steady state, it
 * finds itself alone by a plain read: nobody else holds a part of the batch, so nobody can
 * change the count (I5).
 *
 * Context: the DPC's.
 * Return: true if it was the last one and enabled the message.
 */
bool dpcnic_msg_put(struct dpcnic_msg *msg)
{
	unsigned long flags;
	bool enabled;

	if (atomic_read_acquire(&msg->outstanding) != DPCNIC_LAST_DPC &&
	    atomic_dec_return(&msg->outstanding) != DPCNIC_LAST_DPC - 1)
		return false;

	local_irq_save(flags);
	enabled = dpcnic_msg_end_batch(msg);
	local_irq_restore(flags);
	return enabled;
}

/*
 * The message is already disabled: this interrupt was on its way when the mask was written (I4).
 * Its cause may be newer than the outstanding DPCs' last look at the rings, so somebody has to
 * look again before the message is enabled. Where the miniport has an ISR, only that knows who;
 * whoever ends the batch asks it. Else the home DPC, if it is ours; else the hardware is asked to
 * hold the cause until the message is enabled.
 *
 * Context: hard IRQ.
 */
static void dpcnic_msg_late(struct dpcnic_msg *msg, struct dpcnic_dpc *dpc)
{
	dpc->isr.late++;
	if (msg->ops->isr) {
		WRITE_ONCE(msg->again, true);
		/* our write of again before our read of outstanding; see dpcnic_msg_open() */
		smp_mb();
		if (!atomic_read(&msg->outstanding))
			dpcnic_msg_settle_late(msg);
	} else if (READ_ONCE(msg->home) == dpc) {
		dpcnic_dpc_run_again(dpc);
	} else {
		msg->ops->trigger(msg);
	}
}

/* The batch of a message whose miniport has an ISR of its own. Context: hard IRQ. */
static enum dpcnic_isr_outcome dpcnic_msg_begin_asked(struct dpcnic_msg *msg,
						      struct dpcnic_dpc *dpc, u64 now)
{
	enum dpcnic_isr_outcome outcome;
	int cpu = dpc->cpu;

	WRITE_ONCE(msg->began_on, cpu);
	if (unlikely(msg->home != dpc && !msg->ops->spread))
		dpc = dpcnic_msg_move_home(msg, dpc);
	outcome = dpcnic_msg_ask(msg, dpc, now);
	if (outcome == DPCNIC_ISR_EMPTY)
		msg->dpc[cpu].isr.empty++;
	/* the DPCs may all have finished while we asked for them */
	if (atomic_dec_return(&msg->outstanding) == DPCNIC_LAST_DPC - 1)
		dpcnic_msg_end_batch(msg);
	return outcome;
}

/* Disable the message and do what its ISR asks for (I2, I3). Context: hard IRQ. */
static enum dpcnic_isr_outcome dpcnic_msg_begin_batch(struct dpcnic_msg *msg,
						      struct dpcnic_dpc *dpc, u64 now)
{
	/* The account opens before a DPC can finish: with one part, the default DPC's or ours. */
	atomic_set(&msg->outstanding, DPCNIC_LAST_DPC);
	msg->ops->disable(msg);
	msg->disabled_ns = now;
	trace_message_disabled(msg->engine->ndev->ifindex, msg->id, dpc->cpu);

	if (unlikely(msg->ops->isr))
		return dpcnic_msg_begin_asked(msg, dpc, now);

	if (unlikely(msg->home != dpc))
		dpc = dpcnic_msg_move_home(msg, dpc);
	dpcnic_dpc_queue_default(dpc, now);
	return DPCNIC_ISR_DEFAULT;
}

/*
 * Is this interrupt of an INTx line another device's (I8)? The miniport is asked even while a
 * batch is outstanding. Our device is silent then, but for the time between unmask and the end of
 * the batch; and if nobody asked it then, the line would stay asserted and interrupt over and over
 * until the CPU that ends the batch comes to it, which in a virtual machine may not even run. What
 * the miniport learns this way is not lost: an interrupt it claims is a late one. While the message
 * is shut out its device is silent as well, once more if a DPC that had not stopped yet has enabled
 * it.
 */
static bool dpcnic_msg_disown(struct dpcnic_msg *msg, struct dpcnic_dpc *dpc)
{
	if (unlikely(READ_ONCE(msg->shut)))
		msg->ops->disable(msg);
	else if (msg->ops->claim(msg))
		return false;
	dpc->isr.disowned++;
	return true;
}

/**
 * dpcnic_msg_interrupt() - the hard-IRQ handler of every message
 * @irq: its IRQ
 * @data: the message
 *
 * The IRQ is never shared and always claimed (I1), unless it is an INTx line (I8). genirq runs
 * this on one CPU at a time, so the ISR's own fields need no lock.
 *
 * Return: IRQ_HANDLED; IRQ_NONE on an INTx line that another device asserted.
 */
irqreturn_t dpcnic_msg_interrupt(int irq, void *data)
{
	struct dpcnic_msg *msg = data;
	struct dpcnic_dpc *dpc = &msg->dpc[smp_processor_id()];
	enum dpcnic_isr_outcome outcome = DPCNIC_ISR_LATE;
	u64 now = dpcnic_stamp();

	if (unlikely(msg->ops->claim) && dpcnic_msg_disown(msg, dpc))
		return IRQ_NONE;

	dpc->isr.interrupts++;
	/* acquire: pairs with dpcnic_msg_open() on another CPU */
	if (likely(!atomic_read_acquire(&msg->outstanding)))
		outcome = dpcnic_msg_begin_batch(msg, dpc, now);
	else
		dpcnic_msg_late(msg, dpc);

	trace_interrupt(msg->engine->ndev->ifindex, msg->id, dpc->cpu, outcome);
	return IRQ_HANDLED;
}
