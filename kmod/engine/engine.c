// SPDX-License-Identifier: GPL-2.0
/*
 * Life of an engine: made, registered (IRQs and DPCs in use), enabled, deregistered, freed; and
 * what its messages count.
 */
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "engine.h"
#include "throttle.h"

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
	stats->cancelled = READ_ONCE(msg->cancelled);
	stats->holds = READ_ONCE(msg->hold_cnt);
	for_each_possible_cpu(cpu) {
		const struct dpcnic_dpc *dpc = &msg->dpc[cpu];

		stats->isr.interrupts += READ_ONCE(dpc->isr.interrupts);
		stats->isr.late += READ_ONCE(dpc->isr.late);
		stats->isr.empty += READ_ONCE(dpc->isr.empty);
		stats->isr.disowned += READ_ONCE(dpc->isr.disowned);
		stats->isr.queued += READ_ONCE(dpc->isr.queued);
		stats->isr.coalesced += READ_ONCE(dpc->isr.coalesced);
		stats->run.runs += READ_ONCE(dpc->run.runs);
		stats->run.packets += READ_ONCE(dpc->run.packets);
		stats->run.throttled += READ_ONCE(dpc->run.throttled);
		stats->run.requeued += READ_ONCE(dpc->run.requeued);
		stats->run.kept += READ_ONCE(dpc->run.kept);
		stats->run.unsolicited += READ_ONCE(dpc->run.unsolicited);
		stats->run.foreign += READ_ONCE(dpc->run.foreign);
		stats->run.cancelled += READ_ONCE(dpc->run.cancelled);
		stats->overlong += atomic64_read(&dpc->overlong);
		stats->call_queued += atomic64_read(&dpc->call.queued);
		stats->call_coalesced += atomic64_read(&dpc->call.coalesced);
		stats->call_offline += atomic64_read(&dpc->call.offline);
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

static void dpcnic_dpc_init(struct dpcnic_dpc *dpc, struct dpcnic_msg *msg, int cpu)
{
	dpc->msg = msg;
	dpc->cpu = cpu;
	INIT_CSD(&dpc->csd, dpcnic_dpc_hop, dpc);
	netif_napi_add(msg->engine->ndev, &dpc->napi, dpcnic_dpc_poll);
	netif_napi_set_irq(&dpc->napi, msg->irq);
	dpcnic_napi_keep(&dpc->napi, &dpc->config);
}

/*
 * As before the first interrupt: disabled, with no DPC outstanding. The ISR and the DPCs are
 * stopped. That may have been in the middle of a batch: NAPI completes an instance that is being
 * disabled, though it has more to do; and a DPC may queue others that are stopped already. So what
 * is forgotten here is counted, or the books (I4, D2) would not close.
 */
static void dpcnic_msg_reset(struct dpcnic_msg *msg)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct dpcnic_dpc *dpc = &msg->dpc[cpu];

		if (dpc->entry)
			dpc->run.cancelled++;
		dpc->entry = NULL;
		dpc->owes = false;
		dpc->continues = false;
		dpc->queued_ns = 0;
	}
	if (atomic_read(&msg->outstanding) >= DPCNIC_LAST_DPC || msg->parked == DPCNIC_PARKED_BATCH)
		msg->cancelled++;
	atomic_set(&msg->outstanding, DPCNIC_LAST_DPC - 1);
	msg->guest = 0;
	msg->again = false;
	msg->started = false;
	msg->parked = DPCNIC_NOT_PARKED;
	msg->disabled_ns = 0;
}

/**
 * dpcnic_msg_init() - make one message and its DPCs
 * @engine: the engine
 * @id: the message, below the count the engine was allocated for
 * @irq: its Linux IRQ number
 *
 * Context: process, RTNL held, before dpcnic_msg_setup().
 * Return: 0 or -ENOMEM.
 */
int dpcnic_msg_init(struct dpcnic_engine *engine, u16 id, int irq)
{
	struct dpcnic_msg *msg = &engine->msg[id];
	int cpu;

	if (!zalloc_cpumask_var(&msg->targets, GFP_KERNEL))
		return -ENOMEM;
	msg->dpc = kvcalloc_node(nr_cpu_ids, sizeof(*msg->dpc), GFP_KERNEL,
				 dev_to_node(engine->ndev->dev.parent));
	if (!msg->dpc) {
		free_cpumask_var(msg->targets);
		return -ENOMEM;
	}

	msg->engine = engine;
	msg->id = id;
	msg->irq = irq;
	raw_spin_lock_init(&msg->hold_lock);
	for_each_possible_cpu(cpu)
		dpcnic_dpc_init(&msg->dpc[cpu], msg, cpu);
	dpcnic_msg_reset(msg);
	return 0;
}

/**
 * dpcnic_msg_setup() - say what a message stands for
 * @msg: the message, not registered, or suspended
 * @ops: the miniport's half
 * @priv: the miniport's own, msg->priv
 *
 * Context: process.
 */
void dpcnic_msg_setup(struct dpcnic_msg *msg, const struct dpcnic_miniport_ops *ops, void *priv)
{
	msg->ops = ops;
	msg->priv = priv;
}

/**
 * dpcnic_msg_stop_dpcs() - none of the message's DPCs is at work after this
 * @msg: the message
 *
 * One that has given its NAPI back may be about to end its batch still: an RCU grace period later
 * it has.
 *
 * Context: process; waits for those that run.
 */
void dpcnic_msg_stop_dpcs(struct dpcnic_msg *msg)
{
	int cpu;

	for_each_possible_cpu(cpu)
		napi_disable(&msg->dpc[cpu].napi);
}

/**
 * dpcnic_msg_start_dpcs() - undo dpcnic_msg_stop_dpcs()
 * @msg: the message
 *
 * Context: process.
 */
void dpcnic_msg_start_dpcs(struct dpcnic_msg *msg)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		dpcnic_napi_keep(&msg->dpc[cpu].napi, &msg->dpc[cpu].config);
		napi_enable(&msg->dpc[cpu].napi);
	}
}

/* Its DPCs are ready for an ISR after this, and its rings are where it will interrupt first. */
static void dpcnic_msg_start(struct dpcnic_msg *msg)
{
	msg->home = &msg->dpc[dpcnic_irq_cpu(msg->irq)];
	dpcnic_msg_start_dpcs(msg);
}

/* After this no ISR of the first @cnt messages runs, on any CPU; their DPCs may still. */
static void dpcnic_engine_free_irqs(struct dpcnic_engine *engine, int cnt)
{
	int i;

	for (i = 0; i < cnt; i++) {
		engine->msg[i].ops->disable(&engine->msg[i]);
		free_irq(engine->msg[i].irq, &engine->msg[i]);
	}
}

/*
 * Nothing queues DPCs of the first @cnt messages any more but they themselves: have them off, and
 * out of the engine; what they had still to do is counted, and forgotten.
 */
static void dpcnic_engine_stop_dpcs(struct dpcnic_engine *engine, int cnt)
{
	int i;

	for (i = 0; i < cnt; i++)
		dpcnic_msg_stop_dpcs(&engine->msg[i]);
	synchronize_net();

	for (i = 0; i < cnt; i++) {
		engine->msg[i].ops->disable(&engine->msg[i]);
		dpcnic_msg_reset(&engine->msg[i]);
	}
}

/**
 * dpcnic_engine_register() - connect every message to its IRQ
 * @engine: all its messages are set up, and disabled in the hardware
 *
 * An ISR may run before this returns: its DPC must be ready for it. IRQF_NO_THREAD because the
 * contract is about hard IRQs; without ops->claim and ops->isr the handler does no more than one
 * register write and a NAPI schedule. IRQF_SHARED only for an INTx line (I8), the one kind of
 * message that can be another device's.
 *
 * Context: process.
 * Return: 0, or the error of request_irq(); then nothing is registered.
 */
int dpcnic_engine_register(struct dpcnic_engine *engine)
{
	int err, i;

	for (i = 0; i < engine->msg_cnt; i++) {
		struct dpcnic_msg *msg = &engine->msg[i];
		unsigned long flags = IRQF_NO_THREAD | (msg->ops->claim ? IRQF_SHARED : 0);

		/* the netdev may have been renamed since it was last up */
		snprintf(msg->name, sizeof(msg->name), "%s-msg%u", engine->ndev->name, msg->id);
		dpcnic_msg_start(msg);
		err = request_irq(msg->irq, dpcnic_msg_interrupt, flags, msg->name, msg);
		if (err) {
			netdev_err(engine->ndev, "message %d: cannot get IRQ %d: %pe\n",
				   i, msg->irq, ERR_PTR(err));
			goto free_irqs;
		}
	}
	return 0;

free_irqs:
	dpcnic_engine_free_irqs(engine, i);
	dpcnic_engine_stop_dpcs(engine, i + 1);
	return err;
}

/**
 * dpcnic_engine_deregister() - no ISR and no DPC runs after this (I7)
 * @engine: registered
 *
 * In the order interrupts, DPCs, hardware: once no ISR can run nothing queues DPCs but DPCs;
 * once these are off, and the last of them is out of the engine, nothing unmasks, nor asks the
 * miniport's ISR; and what was unmasked before is masked again.
 *
 * Context: process, may sleep until running DPCs have finished.
 */
void dpcnic_engine_deregister(struct dpcnic_engine *engine)
{
	dpcnic_engine_free_irqs(engine, engine->msg_cnt);
	dpcnic_engine_stop_dpcs(engine, engine->msg_cnt);
}

/*
 * Keep the ISR from running, and wait for one that does. A line that others share stays on for
 * them: they may be waited for (I8).
 */
static void dpcnic_msg_shut_out(struct dpcnic_msg *msg)
{
	if (msg->ops->claim) {
		WRITE_ONCE(msg->shut, true);
		synchronize_irq(msg->irq);
	} else {
		disable_irq(msg->irq);
	}
}

/* Undo dpcnic_msg_shut_out(). */
static void dpcnic_msg_let_in(struct dpcnic_msg *msg)
{
	if (msg->ops->claim)
		WRITE_ONCE(msg->shut, false);
	else
		enable_irq(msg->irq);
}

/**
 * dpcnic_engine_suspend() - no ISR and no DPC runs after this, until dpcnic_engine_resume()
 * @engine: registered
 *
 * As dpcnic_engine_deregister(), but the messages keep their IRQs: so the way back cannot fail, and
 * nothing that the user has set for them is lost. A message may be set up anew meanwhile. What its
 * DPCs had still to do is forgotten, and counted: its rings are to be empty, or new.
 *
 * Context: process, may sleep until running DPCs have finished.
 */
void dpcnic_engine_suspend(struct dpcnic_engine *engine)
{
	int i;

	for (i = 0; i < engine->msg_cnt; i++) {
		engine->msg[i].ops->disable(&engine->msg[i]);
		dpcnic_msg_shut_out(&engine->msg[i]);
	}
	dpcnic_engine_stop_dpcs(engine, engine->msg_cnt);
}

/**
 * dpcnic_engine_resume() - undo dpcnic_engine_suspend()
 * @engine: suspended
 *
 * All messages are as after registering: disabled until dpcnic_engine_enable().
 *
 * Context: process.
 */
void dpcnic_engine_resume(struct dpcnic_engine *engine)
{
	int i;

	for (i = 0; i < engine->msg_cnt; i++) {
		dpcnic_msg_start(&engine->msg[i]);
		dpcnic_msg_let_in(&engine->msg[i]);
	}
}

/**
 * dpcnic_engine_enable() - enable every message for the first time
 * @engine: registered or resumed, and no message enabled since
 *
 * An interrupt may have come already (genirq replays one that arrived while there was no handler).
 * It counted as late, and began no batch that this would break into. A message that is held stays
 * disabled until its release (I9).
 *
 * Context: process.
 */
void dpcnic_engine_enable(struct dpcnic_engine *engine)
{
	int i;

	for (i = 0; i < engine->msg_cnt; i++) {
		struct dpcnic_msg *msg = &engine->msg[i];

		/* release: see dpcnic_dpc_visit() */
		smp_store_release(&msg->started, true);
		raw_spin_lock_irq(&msg->hold_lock);
		if (msg->holds)
			msg->parked = DPCNIC_PARKED_IDLE;
		else
			dpcnic_msg_open(msg, false);
		raw_spin_unlock_irq(&msg->hold_lock);
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
	mutex_init(&engine->lock);
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

	for (i = 0; i < engine->msg_cnt; i++) {
		if (!engine->msg[i].dpc)
			continue;
		kvfree(engine->msg[i].dpc);
		free_cpumask_var(engine->msg[i].targets);
	}
	kvfree(engine);
}
