// SPDX-License-Identifier: GPL-2.0
/*
 * DPCs: queued, run under a throttle, completed.
 *
 * A DPC is a NAPI instance. NAPI gives it what the contract needs of a queue: one entry per DPC
 * (NAPI_STATE_SCHED), a CPU-local list, and "run once more" for a DPC queued while it runs
 * (NAPI_STATE_MISSED). What NAPI does not know is whether an entry waits or its run has begun,
 * which dpc->entry tells; and whether a poll is one of the batch's outstanding DPCs, which
 * dpc->owes tells.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/smp.h>

#include "engine.h"
#include "stamp.h"
#include "throttle.h"
#include "trace.h"

/* Tell observers and counters of an entry, or of a request that coalesced. Return: @queued. */
static bool dpcnic_dpc_note_verdict(struct dpcnic_dpc *dpc, bool queued)
{
	if (likely(queued))
		dpc->isr.queued++;
	else
		dpc->isr.coalesced++;
	trace_dpc_queued(dpc->msg->engine->ndev->ifindex, dpc->msg->id, dpc->cpu, DPCNIC_BY_ISR,
			 !queued);
	return queued;
}

/**
 * dpcnic_dpc_hop() - a DPC queued on another CPU has arrived on its own
 * @data: the DPC
 *
 * Context: IRQs off.
 */
void dpcnic_dpc_hop(void *data)
{
	struct dpcnic_dpc *dpc = data;

	__napi_schedule_irqoff(&dpc->napi);
}

/*
 * The caller has the NAPI scheduled (napi_schedule_prep()), and with it dpc->csd: put it on the
 * list of its own CPU (D5). That CPU cannot go offline while we cannot be preempted. If it is
 * offline already, NAPI is to run here: for dpcnic_dpc_resume(); and for an interrupt, where the
 * home's CPU went and a visitor (busy poll, netpoll) keeps the rings there, dpcnic_msg_move_home().
 *
 * Context: not preemptible.
 */
static void dpcnic_dpc_schedule(struct dpcnic_dpc *dpc)
{
	if (dpc->cpu == smp_processor_id() || !cpu_online(dpc->cpu) ||
	    smp_call_function_single_async(dpc->cpu, &dpc->csd))
		__napi_schedule(&dpc->napi);
}

/**
 * dpcnic_dpc_queue_default() - queue the one DPC of a batch, which has been charged for it
 * @dpc: the DPC
 * @now: stamp
 *
 * The steady state (I5). No entry waits, as every entry is charged to a batch, and the last is
 * over; and nobody else can queue a DPC of this message, as there is none that could
 * ask for it; so entry and debt (dpc->owes) are plain writes. The debt is written while we hold
 * the NAPI, so no poll can miss it. If the NAPI is taken by an unsolicited run, that run may be
 * past its own look at the debt: asking once more after the write makes a further run follow.
 *
 * Context: hard IRQ.
 */
void dpcnic_dpc_queue_default(struct dpcnic_dpc *dpc, u64 now)
{
	WRITE_ONCE(dpc->queued_ns, now);
	WRITE_ONCE(dpc->entry, dpc);
	dpcnic_dpc_note_verdict(dpc, true);

	if (likely(napi_schedule_prep(&dpc->napi))) {
		WRITE_ONCE(dpc->owes, true);
		if (likely(dpc->cpu == smp_processor_id()))
			__napi_schedule_irqoff(&dpc->napi);
		else
			dpcnic_dpc_schedule(dpc);
	} else {
		WRITE_ONCE(dpc->owes, true);
		if (napi_schedule_prep(&dpc->napi))
			dpcnic_dpc_schedule(dpc);
	}
}

/*
 * Put an entry where others may be doing the same, or a run may be taking it, on other CPUs (D2).
 * If one waits, its run has not looked for work yet: what the caller published before is found.
 * See dpcnic_dpc_take_entry() for the other side.
 *
 * Return: false if one waits already.
 */
static bool dpcnic_dpc_enter(struct dpcnic_dpc *dpc, void *entry, u64 now)
{
	smp_mb(); /* what was published, before our look at the entry */
	if (READ_ONCE(dpc->entry))
		return false;
	/* if another is faster, this is the time of his, too */
	WRITE_ONCE(dpc->queued_ns, now);
	return !cmpxchg(&dpc->entry, NULL, entry);
}

/*
 * Make a DPC with an entry one of the outstanding ones, and have it run. The caller holds a part
 * of the batch himself, so the count cannot come to its end meanwhile. A DPC that is outstanding
 * already is not charged twice; whether it is changes under our eyes where it is just completing,
 * therefore the exchange: dpcnic_dpc_complete() takes a debt away, and puts it back in the same
 * way.
 *
 * NAPI is asked before the debt is written. Either we hold it then, and no run can complete and
 * take away the debt that we rely on; or NAPI keeps the DPC of whoever holds it, who puts the debt
 * back. That run may have begun without one: asking again after the write makes one more follow.
 *
 * Context: not preemptible.
 */
static void dpcnic_dpc_charge(struct dpcnic_dpc *dpc)
{
	bool scheduled = napi_schedule_prep(&dpc->napi);
	atomic_t *outstanding = &dpc->msg->outstanding;

	atomic_inc(outstanding);
	if (xchg(&dpc->owes, true))
		atomic_dec(outstanding);
	if (scheduled || napi_schedule_prep(&dpc->napi))
		dpcnic_dpc_schedule(dpc);
}

/**
 * dpcnic_dpc_queue_one() - queue a DPC by the ISR's verdict, one of several of its message
 * @dpc: the DPC; its CPU is online
 * @now: stamp
 *
 * Context: dpcnic_msg_ask().
 * Return: true if queued, false if it coalesced with a waiting entry (D2).
 */
bool dpcnic_dpc_queue_one(struct dpcnic_dpc *dpc, u64 now)
{
	if (!dpcnic_dpc_note_verdict(dpc, dpcnic_dpc_enter(dpc, dpc, now)))
		return false;
	dpcnic_dpc_charge(dpc);
	return true;
}

/**
 * dpcnic_dpc_queue_targets() - queue the DPCs that the ISR put in msg->targets (I3)
 * @msg: the message
 * @now: stamp
 *
 * Offline CPUs are never queued to (D3); they are counted.
 *
 * Context: dpcnic_msg_ask().
 * Return: how many DPCs were asked for.
 */
unsigned int dpcnic_dpc_queue_targets(struct dpcnic_msg *msg, u64 now)
{
	unsigned int asked = 0;
	int cpu;

	for_each_cpu(cpu, msg->targets) {
		if (unlikely(!cpu_online(cpu))) {
			atomic64_inc(&msg->dpc[cpu].call.offline);
			continue;
		}
		dpcnic_dpc_queue_one(&msg->dpc[cpu], now);
		asked++;
	}
	return asked;
}

/* One CPU's part of dpcnic_dpc_queue(). */
static bool dpcnic_dpc_call(struct dpcnic_dpc *dpc, void *context, u64 now)
{
	bool queued;

	if (unlikely(!cpu_online(dpc->cpu))) {
		atomic64_inc(&dpc->call.offline);
		return false;
	}
	queued = dpcnic_dpc_enter(dpc, context ?: dpc, now);
	atomic64_inc(queued ? &dpc->call.queued : &dpc->call.coalesced);
	trace_dpc_queued(dpc->msg->engine->ndev->ifindex, dpc->msg->id, dpc->cpu, DPCNIC_BY_CALL,
			 !queued);
	if (queued)
		dpcnic_dpc_charge(dpc);
	return queued;
}

/**
 * dpcnic_dpc_queue() - queue DPCs of a message on any CPUs (D3; NdisMQueueDpcEx)
 * @msg: the message
 * @from: the DPC of @msg that asks, NULL for the ISR of @msg
 * @cpus: where; offline CPUs are left out and counted
 * @context: for those DPCs (D4), or NULL; one that waits already keeps the context it has
 * @queued: out: where one was queued, as opposed to coalesced with one that waits (D2) or offline;
 *	may be NULL
 *
 * What the caller wrote before is seen by the DPCs that run, coalesced or not. A DPC queued in the
 * middle of its run has a further run. The message is enabled by the last of all (I4).
 *
 * A run that no ISR or DPC asked for (busy poll, netpoll) is no part of a batch that DPCs could
 * belong to, so it queues none; it may trigger its message instead.
 *
 * Context: @msg's ops->isr, or ops->dpc for @from.
 * Return: false if refused altogether, for that reason.
 */
bool dpcnic_dpc_queue(struct dpcnic_msg *msg, const struct dpcnic_dpc *from,
		      const struct cpumask *cpus, void *context, struct cpumask *queued)
{
	u64 now = dpcnic_stamp();
	int cpu;

	if (queued)
		cpumask_clear(queued);
	if (from && !dpcnic_dpc_may_queue(from))
		return false;

	for_each_cpu_and(cpu, cpus, cpu_possible_mask) {
		if (dpcnic_dpc_call(&msg->dpc[cpu], context, now) && queued)
			cpumask_set_cpu(cpu, queued);
	}
	if (!from)
		msg->isr_called = true;
	return true;
}

/**
 * dpcnic_dpc_run_again() - make a DPC look at its rings once more, on nobody's account
 * @dpc: a DPC of this CPU
 *
 * No entry is made: entries are for requests that are charged to a batch, and ours may be over. A
 * DPC that still waits will look anyway (D2). One that runs is kept by NAPI for one run more, and
 * with it its part of the batch.
 *
 * Context: hard IRQ.
 */
void dpcnic_dpc_run_again(struct dpcnic_dpc *dpc)
{
	smp_mb(); /* the interrupt before our look at the entry: see dpcnic_dpc_begin() */
	if (READ_ONCE(dpc->entry))
		dpcnic_dpc_note_verdict(dpc, false);
	else if (napi_schedule_prep(&dpc->napi))
		__napi_schedule_irqoff(&dpc->napi);
}

/**
 * dpcnic_dpc_wake() - have a DPC look at its rings once more
 * @dpc: the DPC that has them
 *
 * What the caller wrote before is seen. If a run of it waits, or is under way (then NAPI adds one),
 * that run is what was asked for. Otherwise the message interrupts, as for anything else: a batch,
 * and an ISR that queues the DPC where the rings are then (I4, I10).
 *
 * Context: any.
 */
void dpcnic_dpc_wake(struct dpcnic_dpc *dpc)
{
	if (!napi_if_scheduled_mark_missed(&dpc->napi))
		dpc->msg->ops->trigger(dpc->msg);
}

/**
 * dpcnic_dpc_resume() - a DPC that was stopped goes on with what it had to do
 * @dpc: the DPC, its NAPI enabled again. Where GRO has kept packets their timer is gone: a run that
 *	nobody asked for gives them to the stack.
 *
 * Context: process.
 */
void dpcnic_dpc_resume(struct dpcnic_dpc *dpc)
{
	if (!READ_ONCE(dpc->owes) && !READ_ONCE(dpc->entry) &&
	    !READ_ONCE(dpc->continues) && !dpcnic_napi_gro_holds(&dpc->napi))
		return;
	local_bh_disable();
	if (napi_schedule_prep(&dpc->napi))
		dpcnic_dpc_schedule(dpc);
	local_bh_enable();
}

static inline void dpcnic_dpc_release(struct dpcnic_dpc *dpc)
{
	const struct dpcnic_miniport_ops *ops = dpc->msg->ops;

	if (ops->release)
		ops->release(dpc);
}

/*
 * A run outside of any batch. It may work on the rings if they are this DPC's, and keeps them from
 * being given to another meanwhile, see dpcnic_msg_move_home(). If somebody else is on such a
 * visit, or the rings are on the move, the message is to interrupt, so that nothing this run was to
 * look at is forgotten.
 */
static void dpcnic_dpc_visit(struct dpcnic_dpc *dpc, struct dpcnic_throttle *throttle)
{
	struct dpcnic_msg *msg = dpc->msg;

	/* acquire: the rings are ready; before that an early interrupt may have brought us here */
	if (unlikely(!smp_load_acquire(&msg->started))) {
		msg->ops->trigger(msg);
		return;
	}
	if (msg->ops->spread) {
		msg->ops->dpc(dpc, NULL, throttle);
		return;
	}
	if (test_and_set_bit_lock(0, &msg->guest)) {
		msg->ops->trigger(msg);
		return;
	}
	if (READ_ONCE(msg->home) == dpc) {
		msg->ops->dpc(dpc, NULL, throttle);
		dpcnic_dpc_release(dpc); /* before the rings can be given to another */
	}
	clear_bit_unlock(0, &msg->guest);
}

/**
 * struct dpcnic_run - one run of a DPC, as dpc_run reports it
 * @irq_ns: interrupt that began the batch, 0 outside of any; like the other stamps 0 where nobody
 *	listened
 * @queued_ns: when it was queued
 * @started_ns: when it started
 * @started_tick: when it started, in jiffies
 * @interrupts: interrupts that belong to the run, see dpcnic_dpc_interrupts()
 * @coalesced: requests that found an entry waiting since the last run
 * @flags: enum dpcnic_run_flags
 * @owes: it began as one of its message's outstanding DPCs
 */
struct dpcnic_run {
	u64 irq_ns;
	u64 queued_ns;
	u64 started_ns;
	unsigned long started_tick;
	u32 interrupts;
	u32 coalesced;
	u32 flags;
	bool owes;
};

/*
 * Is this the only outstanding DPC of its message, on its own CPU? Then nobody else can queue DPCs
 * of the message but an interrupt on this CPU, and entries need no barriers (I5).
 */
static bool dpcnic_dpc_is_alone(const struct dpcnic_dpc *dpc, bool owes)
{
	return owes && atomic_read(&dpc->msg->outstanding) == DPCNIC_LAST_DPC &&
	       dpc->cpu == smp_processor_id();
}

/*
 * Take what made this run, and say what it was: one of the four causes in trace_abi.h. The stamp is
 * that of the entry or of the rest that is continued; without either it is of the past.
 */
static u32 dpcnic_dpc_take_entry(struct dpcnic_dpc *dpc, bool owes, u64 *queued_ns)
{
	void *entry = smp_load_acquire(&dpc->entry); /* dpcnic_dpc_enter() */
	bool continues = dpc->continues;

	WRITE_ONCE(dpc->continues, false);
	*queued_ns = entry || continues ? READ_ONCE(dpc->queued_ns) : 0;
	if (likely(entry)) {
		dpc->context = entry == dpc ? NULL : entry;
		/* From here another request stamps and queues anew. */
		WRITE_ONCE(dpc->entry, NULL);
		return DPCNIC_RUN_QUEUED;
	}
	if (continues) {
		dpc->run.requeued++;
		return DPCNIC_RUN_REQUEUED;
	}
	if (owes) {
		dpc->run.kept++;
		return DPCNIC_RUN_KEPT;
	}
	dpc->context = NULL;
	dpc->run.unsolicited++;
	return DPCNIC_RUN_UNSOLICITED;
}

/* Requests that found an entry waiting, since ever; wraps. */
static u32 dpcnic_dpc_coalesced(const struct dpcnic_dpc *dpc)
{
	return READ_ONCE(dpc->isr.coalesced) + atomic64_read(&dpc->call.coalesced);
}

/* Interrupts on the DPC's CPU that no run was told of, where any of the message's may be. */
static u32 dpcnic_dpc_claim_interrupts(struct dpcnic_dpc *dpc)
{
	u32 now = (u32)READ_ONCE(dpc->isr.interrupts);
	u32 seen = READ_ONCE(dpc->seen_interrupts);

	return now != seen && try_cmpxchg(&dpc->seen_interrupts, &seen, now) ? now - seen : 0;
}

/*
 * Interrupts that belong to this run: those on its CPU since the last one. What the miniport's ISR
 * asks for need not be a DPC of the CPU that was interrupted: then they belong to the first that
 * runs.
 */
static u32 dpcnic_dpc_interrupts(struct dpcnic_dpc *dpc)
{
	struct dpcnic_msg *msg = dpc->msg;
	u32 interrupts;

	if (unlikely(msg->ops->isr))
		return dpcnic_dpc_claim_interrupts(dpc) +
		       dpcnic_dpc_claim_interrupts(&msg->dpc[READ_ONCE(msg->began_on)]);

	interrupts = (u32)READ_ONCE(dpc->isr.interrupts) - dpc->seen_interrupts;
	dpc->seen_interrupts += interrupts;
	return interrupts;
}

/* Note the stamps and counts that belong to this run. */
static void dpcnic_dpc_begin(struct dpcnic_dpc *dpc, struct dpcnic_run *run)
{
	run->started_tick = jiffies;
	run->started_ns = dpcnic_stamp();
	run->interrupts = dpcnic_dpc_interrupts(dpc);
	run->coalesced = dpcnic_dpc_coalesced(dpc) - dpc->seen_coalesced;
	dpc->seen_coalesced += run->coalesced;

	dpc->gro_kept = dpcnic_napi_gro_holds(&dpc->napi);
	run->owes = READ_ONCE(dpc->owes);
	run->irq_ns = run->owes ? dpc->msg->disabled_ns : 0;
	run->flags = dpcnic_dpc_take_entry(dpc, run->owes, &run->queued_ns);
	if (unlikely(!dpcnic_dpc_is_alone(dpc, run->owes)))
		smp_mb(); /* the entry taken before we look for work: see dpcnic_dpc_enter() */
	if (unlikely(dpc->cpu != smp_processor_id())) {
		run->flags |= DPCNIC_RUN_FOREIGN;
		dpc->run.foreign++;
	}
}

/* Let the miniport work, bounded by @throttle. */
static void dpcnic_dpc_work(struct dpcnic_dpc *dpc, bool owes, struct dpcnic_throttle *throttle)
{
	if (likely(owes))
		dpc->msg->ops->dpc(dpc, dpc->context, throttle);
	else
		dpcnic_dpc_visit(dpc, throttle);

	dpc->run.runs++;
	dpc->run.packets += throttle->indicated;
}

/*
 * The same, bounded by the device's throttle policy if it has one (T5). Given no pointer to the
 * poll's struct dpcnic_run, for which the compiler would keep, and clear, that in memory.
 */
static noinline void dpcnic_dpc_work_by_policy(struct dpcnic_dpc *dpc, bool owes, u64 started_ns,
					       u32 interrupts, u32 coalesced,
					       struct dpcnic_throttle *throttle)
{
	struct dpcnic_ask ask = {
		.ctx.max = throttle->max_nbls,
		.ctx.interrupts = interrupts,
		.ctx.coalesced = coalesced,
		.started_ns = started_ns,
	};

	throttle->max_nbls = dpcnic_throttle_ask(dpc, &ask);
	dpcnic_dpc_work(dpc, owes, throttle);
	dpcnic_throttle_note(dpc, &ask, throttle);
}

/* Packets are left beyond the bound: wait behind whatever else waits on this CPU (T2). */
static void dpcnic_dpc_requeue(struct dpcnic_dpc *dpc, const struct dpcnic_throttle *throttle)
{
	struct dpcnic_msg *msg = dpc->msg;

	WRITE_ONCE(dpc->continues, true);
	dpc->run.throttled++;
	if (!READ_ONCE(dpc->entry))
		WRITE_ONCE(dpc->queued_ns, dpcnic_stamp());
	trace_throttle(msg->engine->ndev->ifindex, msg->id, dpc->cpu, throttle->max_nbls,
		       throttle->indicated);
	trace_dpc_queued(msg->engine->ndev->ifindex, msg->id, dpc->cpu, DPCNIC_BY_MORE, 0);
}

/*
 * NAPI keeps this DPC: will the run that follows see what we have just written? Yes where it can
 * only come after us: from the softirq of this CPU, from this very kthread, or from a timer of
 * this CPU that has not expired. Otherwise somebody else holds the NAPI, or a timer found it held
 * and gave up.
 */
static bool dpcnic_dpc_runs_after_us(struct napi_struct *napi)
{
	if (!napi_is_scheduled(napi))
		return hrtimer_active(&napi->timer);
	if (test_bit(NAPI_STATE_SCHED_THREADED, &napi->state))
		return napi->thread == current;
	return READ_ONCE(napi->list_owner) == smp_processor_id();
}

/*
 * Give the NAPI back and, if this run owed it, its part of the batch (I4).
 *
 * A run pays the debt it began with: one that was charged meanwhile is for work that this run may
 * not have seen, and a further run follows. It pays while it holds the NAPI: afterwards a busy
 * polling task could begin a run and pay, too. If NAPI keeps the DPC (queued again while it ran,
 * or deferred by gro_flush_timeout), the debt is put back for the next run; if it was charged anew
 * meanwhile, one debt is enough, and ours is paid: the other may be paid by now, and ours the
 * last. If the next run may have begun already, and missed the debt, one more is asked for.
 *
 * Return: true if the message was enabled.
 */
static bool dpcnic_dpc_complete(struct dpcnic_dpc *dpc, const struct dpcnic_run *run, int work)
{
	struct napi_struct *napi = &dpc->napi;

	if (likely(run->owes))
		WRITE_ONCE(dpc->owes, false);

	if (likely(napi_complete_done(napi, work)))
		return run->owes && dpcnic_msg_put(dpc->msg);

	if (!run->owes)
		return false;
	/* xchg: our write of owes before our look at who holds the NAPI */
	if (xchg(&dpc->owes, true))
		return dpcnic_msg_put(dpc->msg);
	if (!dpcnic_dpc_runs_after_us(napi))
		napi_schedule(napi);
	return false;
}

/* The DPC watchdog (D6). We may not hold the NAPI any more. */
static void dpcnic_dpc_overlong(struct dpcnic_dpc *dpc, struct dpcnic_run *run, u32 packets)
{
	const struct dpcnic_msg *msg = dpc->msg;
	u64 ran_ns = dpcnic_since(run->started_ns) ?:
		     jiffies_to_nsecs(jiffies - run->started_tick);

	run->flags |= DPCNIC_RUN_OVERLONG;
	atomic64_inc(&dpc->overlong);
	trace_dpc_watchdog(msg->engine->ndev->ifindex, msg->id, dpc->cpu, ran_ns, packets);
}

static void dpcnic_dpc_trace(const struct dpcnic_dpc *dpc, const struct dpcnic_run *run,
			     const struct dpcnic_throttle *throttle)
{
	const struct dpcnic_msg *msg = dpc->msg;

	trace_dpc_run(dpcnic_trace_device(msg->engine->ndev), msg->id, dpc->cpu, run->irq_ns,
		      run->queued_ns, run->started_ns, dpcnic_stamp(), throttle->indicated,
		      throttle->max_nbls, run->interrupts, run->coalesced, run->flags);
}

/**
 * dpcnic_dpc_poll() - run one DPC; the NAPI poll function
 * @napi: the DPC's
 * @budget: NAPI's weight, or 0 for netpoll
 *
 * Context: softirq, NAPI kthread, busy poll, netpoll; BHs disabled.
 * Return: @budget if more is pending, else a smaller number.
 */
int dpcnic_dpc_poll(struct napi_struct *napi, int budget)
{
	struct dpcnic_dpc *dpc = container_of(napi, struct dpcnic_dpc, napi);
	struct dpcnic_throttle throttle = { .max_nbls = budget };
	struct dpcnic_run run;
	int ret;

	/* netpoll does not hold the NAPI: transmit work only, and none of the DPC's accounts */
	if (unlikely(!budget)) {
		dpcnic_dpc_visit(dpc, &throttle);
		return 0;
	}

	dpcnic_dpc_begin(dpc, &run);
	if (dpcnic_throttle_in_use())
		dpcnic_dpc_work_by_policy(dpc, run.owes, run.started_ns, run.interrupts,
					  run.coalesced, &throttle);
	else
		dpcnic_dpc_work(dpc, run.owes, &throttle);

	if (throttle.more_pending) {
		run.flags |= DPCNIC_RUN_MORE;
		dpcnic_dpc_requeue(dpc, &throttle);
		ret = budget;
	} else {
		/* NAPI takes a full budget for "more is pending", which T3 forbids here */
		ret = min_t(int, throttle.indicated, budget - 1);
		if (dpcnic_dpc_complete(dpc, &run, ret))
			run.flags |= DPCNIC_RUN_ENABLED;
	}
	if (likely(run.owes))
		dpcnic_dpc_release(dpc);

	/* at the end, as completing indicates what GRO kept back */
	if (unlikely(time_after(jiffies, run.started_tick + DPCNIC_DPC_WATCHDOG)))
		dpcnic_dpc_overlong(dpc, &run, throttle.indicated);
	if (trace_dpc_run_enabled())
		dpcnic_dpc_trace(dpc, &run, &throttle);
	return ret;
}
