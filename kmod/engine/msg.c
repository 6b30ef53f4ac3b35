// SPDX-License-Identifier: GPL-2.0
/*
 * Messages: from the interrupt to the DPC it queues, and back to the enabled message.
 *
 * A batch is all that happens between an interrupt and the next: the ISR disables its message
 * and queues DPCs, and the last of them enables the message again (I4). msg->outstanding is the
 * batch's account.
 */
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "engine.h"
#include "stamp.h"
#include "throttle.h"
#include "trace.h"

/* Value of msg->outstanding with one DPC left: the batch itself and that DPC. */
#define DPCNIC_LAST_DPC		2

/*
 * End the batch: unmask in the hardware, then close the account, in this order. The other way
 * round another CPU could take an interrupt, begin a new batch and mask, and the unmask would
 * undo that (I4). In this order an interrupt that comes between the two finds a batch
 * outstanding and counts as late, which loses nothing, see dpcnic_msg_late().
 *
 * Context: IRQs off, or that late interrupt could be taken here over and over and never let the
 *	second step happen.
 */
static void dpcnic_msg_end_batch(struct dpcnic_msg *msg)
{
	u64 disabled_at = msg->disabled_ns;

	msg->enables++;
	msg->ops->enable(msg);
	/* here, or another CPU's message_disabled of the next batch could come before it */
	if (trace_message_enabled_enabled())
		trace_message_enabled(msg->engine->ndev->ifindex, msg->id, raw_smp_processor_id(),
				      disabled_at ? dpcnic_stamp() - disabled_at : 0);
	/* release: whoever begins the next batch sees the rings as this one left them */
	atomic_set_release(&msg->outstanding, 0);
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
 * Return: true if it was the last one.
 */
bool dpcnic_msg_put(struct dpcnic_msg *msg)
{
	unsigned long flags;

	if (atomic_read_acquire(&msg->outstanding) != DPCNIC_LAST_DPC &&
	    atomic_dec_return(&msg->outstanding) != DPCNIC_LAST_DPC - 1)
		return false;

	local_irq_save(flags);
	dpcnic_msg_end_batch(msg);
	local_irq_restore(flags);
	return true;
}

/*
 * The message interrupted another CPU than last time: give the rings to @dpc, the DPC of this
 * CPU (I10). No batch is outstanding, so no queued DPC works on them; but an unsolicited run of
 * the old home may (busy poll). Then the rings stay where they are for this batch. Pairs with
 * dpcnic_dpc_visit(), which announces itself before it looks at msg->home.
 *
 * Context: hard IRQ.
 * Return: the DPC that has the rings now.
 */
static struct dpcnic_dpc *dpcnic_msg_move_home(struct dpcnic_msg *msg, struct dpcnic_dpc *dpc)
{
	struct dpcnic_dpc *old = msg->home;

	WRITE_ONCE(msg->home, dpc);
	smp_mb(); /* our write of home before our read of guest; the visitor does the reverse */
	if (!test_bit(0, &msg->guest))
		return dpc;

	WRITE_ONCE(msg->home, old);
	return old;
}

/*
 * The message is already disabled: this interrupt was on its way when the mask was written (I4).
 * Its cause may be newer than the outstanding DPC's last look at the rings, so somebody has to
 * look again before the message is enabled: the home DPC if it is ours, else the hardware is
 * asked to hold the cause until the message is enabled.
 *
 * Context: hard IRQ.
 */
static void dpcnic_msg_late(struct dpcnic_msg *msg, struct dpcnic_dpc *dpc, u64 now)
{
	dpc->isr.late++;
	if (READ_ONCE(msg->home) == dpc)
		dpcnic_dpc_run_again(dpc, now);
	else
		msg->ops->trigger(msg);
}

/* Disable the message and do what its ISR asks for (I2, I3). Context: hard IRQ. */
static enum dpcnic_isr_outcome dpcnic_msg_begin_batch(struct dpcnic_msg *msg,
						      struct dpcnic_dpc *dpc, u64 now)
{
	struct net_device *ndev = msg->engine->ndev;

	/* The account opens before a DPC can finish. */
	atomic_set(&msg->outstanding, DPCNIC_LAST_DPC);
	msg->ops->disable(msg);
	msg->disabled_ns = now;
	trace_message_disabled(ndev->ifindex, msg->id, dpc->cpu);

	if (msg->ops->isr && msg->ops->isr(msg) == DPCNIC_VERDICT_NONE) {
		dpc->isr.empty++;
		dpcnic_msg_end_batch(msg);
		return DPCNIC_ISR_EMPTY;
	}

	if (unlikely(msg->home != dpc))
		dpc = dpcnic_msg_move_home(msg, dpc);
	dpcnic_dpc_queue(dpc, now);
	return DPCNIC_ISR_DEFAULT;
}

/*
 * The hard-IRQ handler of every message. The IRQ is never shared and always claimed (I1); genirq
 * runs it on one CPU at a time, so the ISR's own fields need no lock.
 */
static irqreturn_t dpcnic_msg_interrupt(int irq, void *data)
{
	struct dpcnic_msg *msg = data;
	struct dpcnic_dpc *dpc = &msg->dpc[smp_processor_id()];
	enum dpcnic_isr_outcome outcome = DPCNIC_ISR_LATE;
	u64 now = dpcnic_stamp();

	dpc->isr.interrupts++;
	/* acquire: pairs with dpcnic_msg_end_batch() on another CPU */
	if (likely(!atomic_read_acquire(&msg->outstanding)))
		outcome = dpcnic_msg_begin_batch(msg, dpc, now);
	else
		dpcnic_msg_late(msg, dpc, now);

	trace_interrupt(msg->engine->ndev->ifindex, msg->id, dpc->cpu, outcome);
	return IRQ_HANDLED;
}

/**
 * dpcnic_msg_read_stats() - counters of a message, summed over CPUs
 * @msg: the message
 * @stats: out
 *
 * Context: any. Writers go on meanwhile: the sum is exact once the message is idle.
 */
void dpcnic_msg_read_stats(const struct dpcnic_msg *msg, struct dpcnic_msg_stats *stats)
{
	int cpu;

	memset(stats, 0, sizeof(*stats));
	stats->enables = READ_ONCE(msg->enables);
	for_each_possible_cpu(cpu) {
		const struct dpcnic_dpc *dpc = &msg->dpc[cpu];

		stats->isr.interrupts += READ_ONCE(dpc->isr.interrupts);
		stats->isr.late += READ_ONCE(dpc->isr.late);
		stats->isr.empty += READ_ONCE(dpc->isr.empty);
		stats->isr.queued += READ_ONCE(dpc->isr.queued);
		stats->isr.coalesced += READ_ONCE(dpc->isr.coalesced);
		stats->run.runs += READ_ONCE(dpc->run.runs);
		stats->run.packets += READ_ONCE(dpc->run.packets);
		stats->run.throttled += READ_ONCE(dpc->run.throttled);
		stats->run.requeued += READ_ONCE(dpc->run.requeued);
		stats->run.kept += READ_ONCE(dpc->run.kept);
		stats->run.unsolicited += READ_ONCE(dpc->run.unsolicited);
		stats->run.foreign += READ_ONCE(dpc->run.foreign);
	}
}

/* The CPU the IRQ will arrive on first, as far as its affinity tells now. */
static int dpcnic_irq_cpu(int irq)
{
	const struct cpumask *affinity = irq_get_affinity_mask(irq);
	int cpu = nr_cpu_ids;

	if (affinity)
		cpu = cpumask_first_and(affinity, cpu_online_mask);
	return cpu < nr_cpu_ids ? cpu : cpumask_first(cpu_online_mask);
}

/**
 * dpcnic_msg_init() - set up one message and its DPCs
 * @engine: the engine
 * @id: the message, below the count the engine was allocated for
 * @irq: its Linux IRQ number
 * @ops: the miniport's half
 * @priv: the miniport's own, msg->priv
 *
 * Context: process, RTNL held, before dpcnic_engine_register().
 * Return: 0 or -ENOMEM.
 */
int dpcnic_msg_init(struct dpcnic_engine *engine, u16 id, int irq,
		    const struct dpcnic_miniport_ops *ops, void *priv)
{
	struct net_device *ndev = engine->ndev;
	struct dpcnic_msg *msg = &engine->msg[id];
	int cpu;

	msg->dpc = kvcalloc_node(nr_cpu_ids, sizeof(*msg->dpc), GFP_KERNEL,
				 dev_to_node(ndev->dev.parent));
	if (!msg->dpc)
		return -ENOMEM;

	msg->engine = engine;
	msg->id = id;
	msg->irq = irq;
	msg->ops = ops;
	msg->priv = priv;

	for_each_possible_cpu(cpu) {
		struct dpcnic_dpc *dpc = &msg->dpc[cpu];

		dpc->msg = msg;
		dpc->cpu = cpu;
		netif_napi_add(ndev, &dpc->napi, dpcnic_dpc_poll);
		netif_napi_set_irq(&dpc->napi, irq);
	}
	return 0;
}

/*
 * As before the first interrupt: disabled, with no DPC outstanding. Taking the DPCs away in the
 * middle of a batch leaves its account open: NAPI completes a disabled instance by itself.
 */
static void dpcnic_msg_reset(struct dpcnic_msg *msg)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct dpcnic_dpc *dpc = &msg->dpc[cpu];

		dpc->waiting = false;
		dpc->owes = false;
		dpc->continues = false;
		dpc->queued_ns = 0;
	}
	atomic_set(&msg->outstanding, DPCNIC_LAST_DPC - 1);
	msg->guest = 0;
	msg->disabled_ns = 0;
	msg->home = &msg->dpc[dpcnic_irq_cpu(msg->irq)];
	/* the netdev may have been renamed since it was last up */
	snprintf(msg->name, sizeof(msg->name), "%s-msg%u", msg->engine->ndev->name, msg->id);
}

static void dpcnic_msg_disable_dpcs(struct dpcnic_msg *msg)
{
	int cpu;

	for_each_possible_cpu(cpu)
		napi_disable(&msg->dpc[cpu].napi);
}

static void dpcnic_msg_enable_dpcs(struct dpcnic_msg *msg)
{
	int cpu;

	for_each_possible_cpu(cpu)
		napi_enable(&msg->dpc[cpu].napi);
}

/* After this no ISR of the message runs, on any CPU; its DPCs may still. */
static void dpcnic_msg_free_irq(struct dpcnic_msg *msg)
{
	msg->ops->disable(msg);
	free_irq(msg->irq, msg);
}

/**
 * dpcnic_engine_register() - connect every message to its IRQ
 * @engine: all its messages are set up and disabled in the hardware
 *
 * An ISR may run before this returns: its DPC must be ready for it. IRQF_NO_THREAD because the
 * contract is about hard IRQs; the handler does no more than one register write and a NAPI
 * schedule.
 *
 * Context: process.
 * Return: 0, or the error of request_irq(); then nothing is registered.
 */
int dpcnic_engine_register(struct dpcnic_engine *engine)
{
	int err, i;

	for (i = 0; i < engine->msg_cnt; i++) {
		struct dpcnic_msg *msg = &engine->msg[i];

		dpcnic_msg_reset(msg);
		dpcnic_msg_enable_dpcs(msg);
		err = request_irq(msg->irq, dpcnic_msg_interrupt, IRQF_NO_THREAD, msg->name, msg);
		if (err) {
			netdev_err(engine->ndev, "message %d: cannot get IRQ %d: %pe\n",
				   i, msg->irq, ERR_PTR(err));
			dpcnic_msg_disable_dpcs(msg);
			goto free_irqs;
		}
	}
	return 0;

free_irqs:
	while (i--) {
		dpcnic_msg_free_irq(&engine->msg[i]);
		dpcnic_msg_disable_dpcs(&engine->msg[i]);
	}
	return err;
}

/**
 * dpcnic_engine_deregister() - no ISR and no DPC runs after this (I7)
 * @engine: registered
 *
 * In the order interrupts, DPCs, hardware: once no ISR can run nothing queues DPCs but DPCs;
 * once these are off nothing unmasks; and what the last of them unmasked before is masked again.
 *
 * Context: process, may sleep until running DPCs have finished.
 */
void dpcnic_engine_deregister(struct dpcnic_engine *engine)
{
	int i;

	for (i = 0; i < engine->msg_cnt; i++)
		dpcnic_msg_free_irq(&engine->msg[i]);

	for (i = 0; i < engine->msg_cnt; i++) {
		struct dpcnic_msg *msg = &engine->msg[i];

		dpcnic_msg_disable_dpcs(msg);
		msg->ops->disable(msg);
	}
}

/**
 * dpcnic_engine_enable() - enable every message for the first time
 * @engine: registered, and no message enabled since
 *
 * An interrupt may have come already (genirq replays one that arrived while there was no handler).
 * It counted as late, and began no batch that this would break into.
 *
 * Context: process.
 */
void dpcnic_engine_enable(struct dpcnic_engine *engine)
{
	unsigned long flags;
	int i;

	for (i = 0; i < engine->msg_cnt; i++) {
		struct dpcnic_msg *msg = &engine->msg[i];

		/* unmask, then open the account: see dpcnic_msg_end_batch() */
		local_irq_save(flags);
		msg->ops->enable(msg);
		atomic_set_release(&msg->outstanding, 0);
		local_irq_restore(flags);
	}
}

/**
 * dpcnic_engine_alloc() - make an engine for @msg_cnt messages
 * @ndev: owner of the NAPIs
 * @msg_cnt: messages; each is to be set up by dpcnic_msg_init()
 *
 * Return: the engine, or NULL.
 */
struct dpcnic_engine *dpcnic_engine_alloc(struct net_device *ndev, u16 msg_cnt)
{
	struct dpcnic_engine *engine;

	engine = kvzalloc(struct_size(engine, msg, msg_cnt), GFP_KERNEL);
	if (!engine)
		return NULL;

	engine->msg_cnt = msg_cnt;
	engine->ndev = ndev;
	dpcnic_throttle_join(engine);
	return engine;
}

/**
 * dpcnic_engine_free() - undo dpcnic_engine_alloc() and every dpcnic_msg_init()
 * @engine: not registered; some of its messages may never have been set up
 *
 * Context: process, RTNL held.
 */
void dpcnic_engine_free(struct dpcnic_engine *engine)
{
	int cpu, i;

	dpcnic_throttle_leave(engine);
	for (i = 0; i < engine->msg_cnt; i++) {
		if (!engine->msg[i].dpc)
			continue;
		for_each_possible_cpu(cpu)
			__netif_napi_del(&engine->msg[i].dpc[cpu].napi);
	}
	/* one wait for all of them, where netif_napi_del() would wait for each */
	synchronize_net();

	for (i = 0; i < engine->msg_cnt; i++)
		kvfree(engine->msg[i].dpc);
	kvfree(engine);
}
