// SPDX-License-Identifier: GPL-2.0
/*
 * DPCs: queued, run under a throttle, completed.
 *
 * A DPC is a NAPI instance. NAPI gives it what the contract needs of a queue: one entry per DPC
 * (NAPI_STATE_SCHED), a CPU-local list, and "run once more" for a DPC queued while it runs
 * (NAPI_STATE_MISSED). What NAPI does not know is whether a poll was asked for by the message's
 * interrupt; dpc->owes does.
 */
#include <linux/netdevice.h>

#include "engine.h"
#include "stamp.h"
#include "throttle.h"
#include "trace.h"

/* Note that an entry waits. Return: false if one did already (D2). */
static bool dpcnic_dpc_note_queued(struct dpcnic_dpc *dpc, u64 now)
{
	bool coalesced = dpc->waiting;

	if (unlikely(coalesced)) {
		dpc->isr.coalesced++;
	} else {
		dpc->isr.queued++;
		dpc->queued_ns = now;
		WRITE_ONCE(dpc->waiting, true);
	}
	trace_dpc_queued(dpc->msg->engine->ndev->ifindex, dpc->msg->id, dpc->cpu, DPCNIC_BY_ISR,
			 coalesced);
	return !coalesced;
}

/**
 * dpcnic_dpc_queue() - queue a DPC that its message's batch has been charged for
 * @dpc: the DPC; on this CPU, but see dpcnic_msg_move_home()
 * @now: stamp
 *
 * The debt (dpc->owes) is written while we hold the NAPI, so no poll can miss it. If the NAPI is
 * taken by an unsolicited run, that run may be past its own look at the debt: asking once more
 * after the write makes a further run follow.
 *
 * Context: hard IRQ.
 * Return: true if queued, false if it coalesced with a waiting entry (D2).
 */
bool dpcnic_dpc_queue(struct dpcnic_dpc *dpc, u64 now)
{
	bool queued = dpcnic_dpc_note_queued(dpc, now);

	if (likely(napi_schedule_prep(&dpc->napi))) {
		WRITE_ONCE(dpc->owes, true);
		__napi_schedule_irqoff(&dpc->napi);
	} else {
		WRITE_ONCE(dpc->owes, true);
		if (napi_schedule_prep(&dpc->napi))
			__napi_schedule_irqoff(&dpc->napi);
	}
	return queued;
}

/**
 * dpcnic_dpc_run_again() - make a DPC look at its rings once more, on nobody's account
 * @dpc: a DPC of this CPU
 * @now: stamp
 *
 * A DPC that still waits will look anyway (D2).
 *
 * Context: hard IRQ.
 */
void dpcnic_dpc_run_again(struct dpcnic_dpc *dpc, u64 now)
{
	if (dpcnic_dpc_note_queued(dpc, now) && napi_schedule_prep(&dpc->napi))
		__napi_schedule_irqoff(&dpc->napi);
}

/*
 * A run outside of any batch. It may work on the rings if they are this DPC's, and keeps them from
 * being given to another meanwhile: it announces itself first and looks second,
 * dpcnic_msg_move_home() does the reverse. If somebody else is on such a visit, the message is to
 * interrupt, so that nothing this run was to look at is forgotten.
 */
static void dpcnic_dpc_visit(struct dpcnic_dpc *dpc, struct dpcnic_throttle *throttle)
{
	struct dpcnic_msg *msg = dpc->msg;

	if (test_and_set_bit_lock(0, &msg->guest)) {
		msg->ops->trigger(msg);
		return;
	}
	smp_mb__after_atomic(); /* our write of guest before our read of home; see above */
	if (READ_ONCE(msg->home) == dpc)
		msg->ops->dpc(msg, &dpc->napi, throttle);
	clear_bit_unlock(0, &msg->guest);
}

/**
 * struct dpcnic_run - one run of a DPC, as dpc_run reports it
 * @irq_ns: interrupt that began the batch; like the other stamps 0 where nobody listened
 * @queued_ns: when it was queued
 * @started_ns: when it started
 * @interrupts: interrupts on this CPU since the last run
 * @coalesced: requests that found an entry waiting since the last run
 * @flags: enum dpcnic_run_flags
 * @owes: it began as one of its message's outstanding DPCs
 */
struct dpcnic_run {
	u64 irq_ns;
	u64 queued_ns;
	u64 started_ns;
	u32 interrupts;
	u32 coalesced;
	u32 flags;
	bool owes;
};

/* Take what made this run, and say what it was: one of the four causes in trace_abi.h. */
static u32 dpcnic_dpc_take_entry(struct dpcnic_dpc *dpc, bool owes)
{
	bool continues = dpc->continues;

	WRITE_ONCE(dpc->continues, false);
	if (likely(dpc->waiting)) {
		/* From here an interrupt stamps and queues anew. */
		WRITE_ONCE(dpc->waiting, false);
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
	dpc->run.unsolicited++;
	return DPCNIC_RUN_UNSOLICITED;
}

/* Note the stamps and counts that belong to this run. */
static void dpcnic_dpc_begin(struct dpcnic_dpc *dpc, struct dpcnic_run *run)
{
	run->started_ns = dpcnic_stamp();
	run->irq_ns = dpc->msg->disabled_ns;
	run->queued_ns = dpc->queued_ns;
	dpc->queued_ns = 0;

	run->interrupts = (u32)dpc->isr.interrupts - dpc->seen_interrupts;
	run->coalesced = (u32)dpc->isr.coalesced - dpc->seen_coalesced;
	dpc->seen_interrupts += run->interrupts;
	dpc->seen_coalesced += run->coalesced;

	run->owes = READ_ONCE(dpc->owes);
	run->flags = dpcnic_dpc_take_entry(dpc, run->owes);
	if (unlikely(dpc->cpu != smp_processor_id())) {
		run->flags |= DPCNIC_RUN_FOREIGN;
		dpc->run.foreign++;
		/* the entry taken before the rings are read: see dpcnic_dpc_run_again() */
		smp_mb();
	}
}

/* Let the miniport work, bounded by @throttle. */
static void dpcnic_dpc_work(struct dpcnic_dpc *dpc, const struct dpcnic_run *run,
			    struct dpcnic_throttle *throttle)
{
	if (likely(run->owes))
		dpc->msg->ops->dpc(dpc->msg, &dpc->napi, throttle);
	else
		dpcnic_dpc_visit(dpc, throttle);

	dpc->run.runs++;
	dpc->run.packets += throttle->indicated;
}

/* The same, bounded by the device's throttle policy if it has one (T5). */
static noinline void dpcnic_dpc_work_by_policy(struct dpcnic_dpc *dpc,
					       const struct dpcnic_run *run,
					       struct dpcnic_throttle *throttle)
{
	struct dpcnic_ask ask = {
		.ctx.max = throttle->max_nbls,
		.ctx.interrupts = run->interrupts,
		.ctx.coalesced = run->coalesced,
		.started_ns = run->started_ns,
	};

	throttle->max_nbls = dpcnic_throttle_ask(dpc, &ask);
	dpcnic_dpc_work(dpc, run, throttle);
	dpcnic_throttle_note(dpc, &ask, throttle);
}

/* Packets are left beyond the bound: wait behind whatever else waits on this CPU (T2). */
static void dpcnic_dpc_requeue(struct dpcnic_dpc *dpc, const struct dpcnic_throttle *throttle)
{
	struct dpcnic_msg *msg = dpc->msg;
	u32 ifindex = msg->engine->ndev->ifindex;

	WRITE_ONCE(dpc->continues, true);
	dpc->run.throttled++;
	if (!dpc->waiting)
		dpc->queued_ns = dpcnic_stamp();
	trace_throttle(ifindex, msg->id, dpc->cpu, throttle->max_nbls, throttle->indicated);
	trace_dpc_queued(ifindex, msg->id, dpc->cpu, DPCNIC_BY_MORE, 0);
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
 * Give the NAPI back and, if this DPC owed it, its part of the batch (I4).
 *
 * The debt is taken while we hold the NAPI: afterwards a busy polling task could begin a run and
 * take it too. If NAPI keeps the DPC (queued again while it ran, or deferred by
 * gro_flush_timeout), the debt is put back for the next run. If that run may have begun already,
 * and missed it, one more is asked for.
 *
 * Return: true if the message was enabled.
 */
static bool dpcnic_dpc_complete(struct dpcnic_dpc *dpc, int work)
{
	struct napi_struct *napi = &dpc->napi;
	bool owes = READ_ONCE(dpc->owes);

	if (likely(owes))
		WRITE_ONCE(dpc->owes, false);

	if (likely(napi_complete_done(napi, work)))
		return owes && dpcnic_msg_put(dpc->msg);

	if (owes) {
		WRITE_ONCE(dpc->owes, true);
		smp_mb(); /* our write of owes before our look at who holds the NAPI */
		if (!dpcnic_dpc_runs_after_us(napi))
			napi_schedule(napi);
	}
	return false;
}

static void dpcnic_dpc_trace(const struct dpcnic_dpc *dpc, const struct dpcnic_run *run,
			     const struct dpcnic_throttle *throttle)
{
	const struct dpcnic_msg *msg = dpc->msg;

	trace_dpc_run(msg->engine->ndev->ifindex, msg->id, dpc->cpu, run->irq_ns, run->queued_ns,
		      run->started_ns, dpcnic_stamp(), throttle->indicated, throttle->max_nbls,
		      run->interrupts, run->coalesced, run->flags);
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
		dpcnic_dpc_work_by_policy(dpc, &run, &throttle);
	else
		dpcnic_dpc_work(dpc, &run, &throttle);

	if (throttle.more_pending) {
		run.flags |= DPCNIC_RUN_MORE;
		dpcnic_dpc_requeue(dpc, &throttle);
		ret = budget;
	} else {
		/* NAPI takes a full budget for "more is pending", which T3 forbids here */
		ret = min_t(int, throttle.indicated, budget - 1);
		if (dpcnic_dpc_complete(dpc, ret))
			run.flags |= DPCNIC_RUN_ENABLED;
	}

	if (trace_dpc_run_enabled())
		dpcnic_dpc_trace(dpc, &run, &throttle);
	return ret;
}
