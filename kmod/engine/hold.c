// SPDX-License-Identifier: GPL-2.0
/*
 * For those who change what an ISR or a DPC reads: exclude a message's ISR (I6), keep it disabled
 * (I9), stop its DPCs for a while.
 */
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/rcupdate.h>

#include "engine.h"

/**
 * dpcnic_msg_synchronize() - run a function in mutual exclusion with a message's ISR (I6)
 * @msg: a registered message
 * @fn: the function; may sleep
 * @arg: its argument
 *
 * Its DPCs may run meanwhile: see dpcnic_msg_pause(). An interrupt that comes meanwhile is held by
 * genirq and taken afterwards; and a batch that ends meanwhile does not ask the miniport's ISR
 * again, but triggers such an interrupt. (NdisMSynchronizeWithInterruptEx may be called at any IRQL
 * and spins; here every caller can sleep, and the hard IRQ pays nothing for it.)
 *
 * Context: process.
 */
void dpcnic_msg_synchronize(struct dpcnic_msg *msg, void (*fn)(void *arg), void *arg)
{
	disable_irq(msg->irq);
	atomic_inc(&msg->excluded);
	/* whoever did not see this yet, and is about to ask the ISR again, has IRQs off */
	if (msg->ops->isr)
		synchronize_rcu();
	fn(arg);
	atomic_dec(&msg->excluded);
	enable_irq(msg->irq);
}

/**
 * dpcnic_msg_park() - does a hold forbid that the message is enabled at the end of its batch?
 * @msg: a message with no DPC outstanding
 *
 * Context: IRQs off.
 * Return: true if so; then the last release will enable it.
 */
bool dpcnic_msg_park(struct dpcnic_msg *msg)
{
	bool held;

	raw_spin_lock(&msg->hold_lock);
	held = READ_ONCE(msg->holds);
	if (held) {
		msg->parked = DPCNIC_PARKED_BATCH;
		atomic_set(&msg->outstanding, DPCNIC_LAST_DPC - 1);
	}
	raw_spin_unlock(&msg->hold_lock);
	return held;
}

/* No batch is outstanding: open an account without a DPC. Context: the ISR excluded. */
static void dpcnic_msg_park_idle(void *arg)
{
	struct dpcnic_msg *msg = arg;

	raw_spin_lock_irq(&msg->hold_lock);
	if (!atomic_read(&msg->outstanding)) {
		msg->parked = DPCNIC_PARKED_IDLE;
		atomic_set(&msg->outstanding, DPCNIC_LAST_DPC - 1);
	}
	raw_spin_unlock_irq(&msg->hold_lock);
}

/* Context: process, engine->lock held. */
static void dpcnic_msg_hold_locked(struct dpcnic_msg *msg)
{
	if (msg->holds) {
		WRITE_ONCE(msg->holds, msg->holds + 1);
		return;
	}
	msg->hold_cnt++;
	WRITE_ONCE(msg->holds, 1);
	/* whoever did not see this yet, and is about to enable the message, has IRQs off */
	synchronize_rcu();
	msg->ops->disable(msg);
	dpcnic_msg_synchronize(msg, dpcnic_msg_park_idle, msg);
}

/* Context: process, engine->lock held. */
static void dpcnic_msg_release_locked(struct dpcnic_msg *msg)
{
	enum dpcnic_parked parked;

	raw_spin_lock_irq(&msg->hold_lock);
	WRITE_ONCE(msg->holds, msg->holds - 1);
	if (!msg->holds) {
		parked = msg->parked;
		msg->parked = DPCNIC_NOT_PARKED;
		if (parked != DPCNIC_NOT_PARKED)
			dpcnic_msg_open(msg, parked == DPCNIC_PARKED_BATCH);
	}
	raw_spin_unlock_irq(&msg->hold_lock);
}

/**
 * dpcnic_msg_hold() - disable a message until dpcnic_msg_release(); nests (I9)
 * @msg: a registered message
 *
 * Its outstanding DPCs run on, but the last of them does not enable it. An interrupt that is on
 * its way still counts as late. Other messages are not touched.
 *
 * Context: process. (MiniportDisableMessageInterrupt is called at the device's IRQL.)
 */
void dpcnic_msg_hold(struct dpcnic_msg *msg)
{
	mutex_lock(&msg->engine->lock);
	dpcnic_msg_hold_locked(msg);
	mutex_unlock(&msg->engine->lock);
}

/**
 * dpcnic_msg_release() - undo one dpcnic_msg_hold()
 * @msg: the message
 *
 * The last release enables the message, unless DPCs are outstanding: then their last does (I4).
 *
 * Context: process.
 */
void dpcnic_msg_release(struct dpcnic_msg *msg)
{
	mutex_lock(&msg->engine->lock);
	dpcnic_msg_release_locked(msg);
	mutex_unlock(&msg->engine->lock);
}

/**
 * dpcnic_msg_pause() - hold a message, and have none of its DPCs run, until dpcnic_msg_resume()
 * @msg: a registered message
 *
 * DPCs may be stopped in the middle of a batch: it goes on when they are resumed.
 *
 * Context: process; waits for DPCs that run.
 */
void dpcnic_msg_pause(struct dpcnic_msg *msg)
{
	mutex_lock(&msg->engine->lock);
	dpcnic_msg_hold_locked(msg);
	dpcnic_msg_stop_dpcs(msg);
	mutex_unlock(&msg->engine->lock);
}

/**
 * dpcnic_msg_resume() - undo dpcnic_msg_pause()
 * @msg: the message
 *
 * Context: process.
 */
void dpcnic_msg_resume(struct dpcnic_msg *msg)
{
	int cpu;

	mutex_lock(&msg->engine->lock);
	dpcnic_msg_start_dpcs(msg);
	for_each_possible_cpu(cpu)
		dpcnic_dpc_resume(&msg->dpc[cpu]);
	dpcnic_msg_release_locked(msg);
	mutex_unlock(&msg->engine->lock);
}
