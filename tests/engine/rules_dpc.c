// SPDX-License-Identifier: GPL-2.0
/* DPCs and their throttle: the contract's D and T rules. */
#include <linux/hrtimer.h>
#include <linux/tracepoint.h>
#include <trace/events/napi.h>

#include "sim.h"

/* --- D */

/* So many interrupts for each pair, all numbers different. */
static int pair_share(int msg, int cpu)
{
	return 1 + msg + SIM_MSGS * cpu;
}

static void test_matrix(struct sim *sim)
{
	int cpu, i, k;

	sim->logging = false;
	for (i = 0; i < sim->msg_cnt; i++)
		for_each_online_cpu(cpu)
			for (k = 0; k < pair_share(i, cpu); k++) {
				sim_receive_late(&sim->m[i], 2, cpu);
				sim_settle(sim);
			}

	for (i = 0; i < sim->msg_cnt; i++)
		for_each_online_cpu(cpu) {
			struct dpcnic_dpc *dpc = sim_dpc(&sim->m[i], cpu);

			expect_is(sim, dpc->isr.interrupts, pair_share(i, cpu));
			expect_is(sim, dpc->isr.queued, pair_share(i, cpu));
			expect_is(sim, dpc->run.runs, pair_share(i, cpu));
			expect_is(sim, dpc->run.packets, 2 * pair_share(i, cpu));
		}
}

/* From message 0's run: two other messages interrupt, and wait as entries of their own. */
static void queue_two_others(struct sim_msg *m, struct napi_struct *napi,
			     struct dpcnic_throttle *throttle)
{
	sim_deliver_now(&m->sim->m[1], m->sim->cpu);
	sim_deliver_now(&m->sim->m[2], m->sim->cpu);
}

static void test_separate_entries(struct sim *sim)
{
	sim->m[0].on_run = queue_two_others;
	sim_receive(&sim->m[0], 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 D1 D2 E0 R1 E1 R2 E2");
}

static void check_context(struct sim_msg *m, struct napi_struct *napi,
			  struct dpcnic_throttle *throttle)
{
	expect(m->sim, in_serving_softirq());
	expect(m->sim, !in_hardirq());
	expect(m->sim, !irqs_disabled());
	expect_is(m->sim, smp_processor_id(), READ_ONCE(m->target));
	expect(m->sim, napi == &sim_dpc(m, smp_processor_id())->napi);
}

static void test_context(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	int cpu;

	m->on_run = check_context;
	for_each_online_cpu(cpu) {
		sim_aim(m, cpu);
		sim_receive(m, 3 * NAPI_POLL_WEIGHT);
		sim_settle(sim);
	}
	expect_is(sim, m->runs, 3 * num_online_cpus());
}

/* --- T */

static void check_bound(struct sim_msg *m, struct napi_struct *napi,
			struct dpcnic_throttle *throttle)
{
	expect_is(m->sim, throttle->max_nbls, NAPI_POLL_WEIGHT);
	expect_is(m->sim, throttle->indicated, m->runs == 3 ? 2 : NAPI_POLL_WEIGHT);
}

static void test_bound(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = check_bound;
	sim_receive(m, 2 * NAPI_POLL_WEIGHT + 2);
	sim_settle(sim);
	expect_is(sim, m->runs, 3);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.throttled, 2);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.requeued, 2);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.packets, 2 * NAPI_POLL_WEIGHT + 2);
}

static void queue_another_in_first_run(struct sim_msg *m, struct napi_struct *napi,
				       struct dpcnic_throttle *throttle)
{
	if (m->runs == 1)
		sim_deliver_now(&m->sim->m[1], m->sim->cpu);
}

static void test_behind_another(struct sim *sim)
{
	sim->m[0].on_run = queue_another_in_first_run;
	sim_receive(&sim->m[0], 3 * NAPI_POLL_WEIGHT);
	sim_settle(sim);
	expect_log(sim, "D0 R0 D1 R1 E1 R0 R0 E0");
}

/* More is pending whatever was indicated: a bound of the miniport's own, say. */
static void more_twice(struct sim_msg *m, struct napi_struct *napi,
		       struct dpcnic_throttle *throttle)
{
	throttle->more_pending = m->runs <= 2;
	expect(m->sim, m->masked);
}

static void test_more_below_bound(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = more_twice;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.throttled, 2);
}

/* What the poll function told NAPI. A full budget means "more", whatever the message's state is. */
static void note_full_budget(void *data, struct napi_struct *napi, int work, int budget)
{
	struct sim *sim = data;

	if (napi == &sim_dpc(&sim->m[0], sim->cpu)->napi && work >= budget)
		WRITE_ONCE(sim->flag, 1);
}

static void test_exactly_bound(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	expect_is(sim, register_trace_napi_poll(note_full_budget, sim), 0);
	sim_receive(m, NAPI_POLL_WEIGHT);
	sim_settle(sim);
	unregister_trace_napi_poll(note_full_budget, sim);
	tracepoint_synchronize_unregister();
	expect_log(sim, "D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.throttled, 0);
	expect_is(sim, sim->flag, 0);
}

static void test_other_work(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	sim_receive(m, 2 * NAPI_POLL_WEIGHT);
	sim_settle(sim);
	expect_is(sim, m->other_work, 2);
	sim_netpoll(sim);
	expect_is(sim, m->other_work, 3);
	expect_is(sim, m->consumed, 2 * NAPI_POLL_WEIGHT);
}

/* --- NAPI keeps the DPC: gro_flush_timeout and napi_defer_hard_irqs=2 */

static void test_deferred(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_receive(m, 10);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.kept, 2);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.unsolicited, 0);
}

static void late_in_second_run(struct sim_msg *m, struct napi_struct *napi,
			       struct dpcnic_throttle *throttle)
{
	if (m->runs == 2) {
		atomic64_add(3, &m->produced);
		sim_deliver_now(m, m->sim->cpu);
	}
}

static void test_deferred_late(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = late_in_second_run;
	sim_receive(m, 10);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 R0 R0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.queued, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.kept, 4);
}

static void poll_here(struct sim_msg *m)
{
	sim_busy_poll(m, m->sim->cpu);
}

static void test_deferred_busy_poll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	int i;

	sim->anywhere = true;
	sim->logging = false;
	for (i = 0; i < 50; i++) {
		sim_receive(m, 10);
		sim_start(m, sim->other, poll_here);
		sim_wait(sim, sim_done(sim));
	}
	sim_settle(sim);
}

/*
 * A DPC is deferred with the debt of its batch; before that is put back, a busy poll takes the
 * DPC, and still holds it when the timer that was to run it again expires. Steps: 1, inside
 * napi_complete_done() of the DPC, which starts the timer; 2, the busy poll is inside its own.
 */
static struct sim_msg *deferred;

static void busy_poll_when_deferred(void *data, struct hrtimer *timer, enum hrtimer_mode mode)
{
	struct sim *sim = deferred->sim;

	if (timer != &sim_dpc(deferred, sim->cpu)->napi.timer || smp_processor_id() != sim->cpu ||
	    cmpxchg(&sim->step, 0, 1))
		return;
	sim_start(deferred, sim->other, poll_here);
	sim_spin(sim, READ_ONCE(sim->step) == 2);
}

static void hold_for_timer(struct sim_msg *m)
{
	struct sim *sim = m->sim;

	if (cmpxchg(&sim->step, 1, 2) != 1)
		return;
	sim_spin(sim, READ_ONCE(sim->flag) && !hrtimer_active(&sim_dpc(m, sim->cpu)->napi.timer));
}

static void find_hrtimer_start(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "hrtimer_start"))
		*(struct tracepoint **)found = tp;
}

/* The third run is the busy poll's second, which ends it. */
static void indicate_in_third_run(struct sim_msg *m, struct napi_struct *napi,
				  struct dpcnic_throttle *throttle)
{
	if (m->runs == 3)
		sim_indicate(m, napi);
}

static void test_deferred_and_taken(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct tracepoint *tp = NULL;

	sim->anywhere = true;
	deferred = m;
	m->on_run = indicate_in_third_run;
	m->on_flush = hold_for_timer;
	for_each_kernel_tracepoint(find_hrtimer_start, &tp);
	if (!tp || tracepoint_probe_register(tp, busy_poll_when_deferred, NULL)) {
		sim_fail(sim, "cannot watch hrtimer_start");
		return;
	}
	sim_receive(m, 10);
	/* in this thread, hence when the softirq of this CPU is over and the debt is put back */
	sim_wait(sim, READ_ONCE(sim->step) == 2);
	WRITE_ONCE(sim->flag, 1);
	sim_wait(sim, sim_done(sim));
	tracepoint_probe_unregister(tp, busy_poll_when_deferred, NULL);
	tracepoint_synchronize_unregister();
	sim_settle(sim);
	expect_is(sim, m->msg->enables, 1);
}

/* --- threaded NAPI */

static void check_thread(struct sim_msg *m, struct napi_struct *napi,
			 struct dpcnic_throttle *throttle)
{
	expect(m->sim, !in_serving_softirq());
	expect(m->sim, in_softirq());
	expect(m->sim, current->flags & PF_KTHREAD);
	expect(m->sim, napi->thread == current);
}

static void test_threaded(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	m->on_run = check_thread;
	sim_receive(m, 2 * NAPI_POLL_WEIGHT + 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 R0 E0");
}

static void threaded_first_run(struct sim_msg *m, struct napi_struct *napi,
			       struct dpcnic_throttle *throttle)
{
	check_thread(m, napi, throttle);
	if (m->runs == 1)
		sim_indicate(m, napi);
}

static void late_once(struct sim_msg *m)
{
	if (m->sim->step++)
		return;
	atomic64_add(3, &m->produced);
	sim_deliver_now(m, m->sim->cpu);
}

static void test_threaded_late_finishing(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	sim->logging = false; /* one run more or less: see dpcnic_dpc_complete() */
	m->on_run = threaded_first_run;
	m->on_flush = late_once;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.kept, 1);
	expect_is(sim, m->msg->enables, 1);
}

const struct sim_test sim_dpc_tests[] = {
	{ "D1 each message and CPU has its own DPC and counters", test_matrix, SIM_MSGS, 1 },
	{ "D1 DPCs of different messages wait on a CPU as separate entries",
	  test_separate_entries, 3, 1 },
	{ "D5 a DPC runs in softirq, on the CPU it was queued for", test_context, 1, 1 },
	{ "T1 the bound is passed to the DPC, and is NAPI's weight", test_bound, 1, 1 },
	{ "T2 more pending: runs again behind what else waits on the CPU",
	  test_behind_another, 2, 1 },
	{ "T2 T3 more pending is the miniport's word, whatever it indicated; enabled at its end",
	  test_more_below_bound, 1, 1 },
	{ "T3 as many packets as the bound: nothing is pending, no further run",
	  test_exactly_bound, 1, 1 },
	{ "T4 other work is done by every run, even one that may not receive",
	  test_other_work, 1, 1, .netpoll = true },
	{ "I4 NAPI defers: disabled until the last run, then enabled once", test_deferred, 1, 1,
	  "gro_flush_timeout=2000000 napi_defer_hard_irqs=2" },
	{ "I4 NAPI defers, late meanwhile", test_deferred_late, 1, 1,
	  "gro_flush_timeout=2000000 napi_defer_hard_irqs=2" },
	{ "I4 NAPI defers, busy poll meanwhile", test_deferred_busy_poll, 1, 2,
	  "gro_flush_timeout=200000 napi_defer_hard_irqs=2" },
	{ "I4 NAPI defers, and a busy poll takes the DPC at once and outlasts the timer",
	  test_deferred_and_taken, 1, 2, "gro_flush_timeout=2000000 napi_defer_hard_irqs=1" },
	{ "D5 threaded NAPI: the DPC runs in its thread", test_threaded, 1, 1, "threaded=1" },
	{ "I4 D2 threaded NAPI: late while the DPC finishes", test_threaded_late_finishing, 1, 1,
	  "threaded=1" },
	{ }
};
