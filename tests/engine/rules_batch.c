// SPDX-License-Identifier: GPL-2.0
/* Interrupts, batches and who enables: the contract's I rules. */
#include <linux/hw_breakpoint.h>
#include <linux/interrupt.h>
#include <linux/tracepoint.h>

#include "sim.h"

/* --- I1 */

struct claims {
	int irq;
	u32 handled;
	u32 not;
};

static void claims_probe(void *data, int irq, struct irqaction *action, int ret)
{
	struct claims *claims = data;

	if (irq != claims->irq)
		return;
	if (ret == IRQ_HANDLED)
		claims->handled++;
	else
		claims->not++;
}

static void find_irq_handler_exit(struct tracepoint *tp, void *found)
{
	if (!strcmp(tp->name, "irq_handler_exit"))
		*(struct tracepoint **)found = tp;
}

static enum dpcnic_verdict every_other_empty(struct sim_msg *m, struct cpumask *targets)
{
	return m->sim->step++ % 2 ? DPCNIC_VERDICT_TARGETS : DPCNIC_VERDICT_DEFAULT;
}

/* Message 0 interrupts, so many times. */
static void count_claims(struct sim *sim, int interrupts, struct claims *claims)
{
	struct tracepoint *tp = NULL;

	claims->irq = sim->m[0].irq;
	for_each_kernel_tracepoint(find_irq_handler_exit, &tp);
	if (!tp || tracepoint_probe_register(tp, claims_probe, claims)) {
		sim_fail(sim, "cannot watch irq_handler_exit");
		return;
	}
	while (interrupts--) {
		sim_deliver_now(&sim->m[0], sim->cpu);
		sim_settle(sim);
	}
	tracepoint_probe_unregister(tp, claims_probe, claims);
	tracepoint_synchronize_unregister();
}

static void test_claimed(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct claims claims = { };

	m->on_isr = every_other_empty;
	count_claims(sim, 100, &claims);

	expect_is(sim, claims.handled, 100);
	expect_is(sim, claims.not, 0);
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.interrupts, 100);
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.empty, 50);
	expect_is(sim, m->runs, 50);
}

static void test_not_claimed(struct sim *sim)
{
	struct claims claims = { };

	sim->m[0].not_ours = true;
	count_claims(sim, 1, &claims);
	expect_is(sim, claims.handled, 0);
	expect_is(sim, claims.not, 1);
}

/* --- I2 */

static enum dpcnic_verdict expect_only_disabled(struct sim_msg *m, struct cpumask *targets)
{
	expect_log(m->sim, "D1 I1");
	return DPCNIC_VERDICT_DEFAULT;
}

static void test_own_message_only(struct sim *sim)
{
	struct sim_msg *m = &sim->m[1];

	m->on_isr = expect_only_disabled;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D1 I1 R1 E1");
}

/* --- I3 */

static void default_on_each_cpu(struct sim *sim, const char *want)
{
	struct sim_msg *m = &sim->m[0];
	int cpu;

	for_each_online_cpu(cpu) {
		sim_log_reset(sim);
		sim_receive_late(m, 1, cpu);
		sim_settle(sim);
		expect_log(sim, want);
		expect_is(sim, sim_dpc(m, cpu)->isr.interrupts, 1);
		expect_is(sim, sim_dpc(m, cpu)->isr.queued, 1);
		expect_is(sim, sim_dpc(m, cpu)->run.runs, 1);
		expect_is(sim, sim_dpc(m, cpu)->run.packets, 1);
		expect_is(sim, sim_dpc(m, cpu)->run.foreign, 0);
	}
	expect_is(sim, m->runs, num_online_cpus());
}

static void test_default(struct sim *sim)
{
	default_on_each_cpu(sim, "D0 I0 R0 E0");
}

static void test_default_without_isr(struct sim *sim)
{
	default_on_each_cpu(sim, "D0 R0 E0");
}

static enum dpcnic_verdict nothing_to_do(struct sim_msg *m, struct cpumask *targets)
{
	return DPCNIC_VERDICT_TARGETS;
}

static void test_none(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = nothing_to_do;
	sim_deliver_now(m, sim->cpu);
	expect_log(sim, "D0 I0 e0");
	expect(sim, !m->masked);
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.empty, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.queued, 0);
	sim_settle(sim);
	expect_log(sim, "D0 I0 e0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.runs, 0);
}

static enum dpcnic_verdict nothing_but_soon(struct sim_msg *m, struct cpumask *targets)
{
	if (m->sim->step++)
		return DPCNIC_VERDICT_DEFAULT;
	sim_receive(m, 5);
	return DPCNIC_VERDICT_TARGETS;
}

static void test_none_but_soon(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = nothing_but_soon;
	sim_deliver_now(m, sim->cpu);
	sim_settle(sim);
	expect_log(sim, "D0 I0 e0 D0 I0 R0 E0");
}

/* --- I4: silent while disabled, enabled once */

static void test_enabled_by_last_run(struct sim *sim)
{
	sim_receive(&sim->m[0], 3 * NAPI_POLL_WEIGHT + 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 R0 R0 E0");
}

static void receive_in_first_run(struct sim_msg *m, struct napi_struct *napi,
				 struct dpcnic_throttle *throttle)
{
	if (m->runs > 1)
		return;
	sim_receive(m, 3);
	expect_is(m->sim, atomic_read(&m->in_flight), 0);
}

static void test_silent(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = receive_in_first_run;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 E0 D0 R0 E0");
}

/* --- I4: late interrupts */

static void late_now(struct sim_msg *m, int cpu)
{
	atomic64_add(3, &m->produced);
	sim_deliver_now(m, cpu);
}

/* Message 1 runs; message 0 interrupts, waits behind it, and interrupts again. */
static void late_behind_another(struct sim_msg *m, struct napi_struct *napi,
				struct dpcnic_throttle *throttle)
{
	struct sim_msg *waits = &m->sim->m[0];

	late_now(waits, m->sim->cpu);
	late_now(waits, m->sim->cpu);
}

static void test_late_waiting(struct sim *sim)
{
	struct dpcnic_dpc *dpc = sim_dpc(&sim->m[0], sim->cpu);

	sim->m[1].on_run = late_behind_another;
	sim_receive(&sim->m[1], 1);
	sim_settle(sim);
	expect_log(sim, "D1 R1 D0 E1 R0 E0");
	expect_is(sim, dpc->isr.interrupts, 2);
	expect_is(sim, dpc->isr.late, 1);
	expect_is(sim, dpc->isr.queued, 1);
	expect_is(sim, dpc->isr.coalesced, 1);
	expect_is(sim, dpc->run.runs, 1);
	expect_is(sim, dpc->run.packets, 6);
}

static void late_twice_in_first_run(struct sim_msg *m, struct napi_struct *napi,
				    struct dpcnic_throttle *throttle)
{
	if (m->runs > 1)
		return;
	late_now(m, m->sim->cpu);
	late_now(m, m->sim->cpu);
}

static void test_late_running(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct dpcnic_dpc *dpc = sim_dpc(m, sim->cpu);

	m->on_run = late_twice_in_first_run;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 E0");
	expect_is(sim, dpc->isr.interrupts, 3);
	expect_is(sim, dpc->isr.late, 2);
	expect_is(sim, dpc->isr.queued, 1);
	expect_is(sim, dpc->isr.coalesced, 0);
	expect_is(sim, dpc->run.runs, 2);
	expect_is(sim, dpc->run.kept, 1);
}

/* Packets arrive, and nothing tells of them but this. */
static void wake_now(struct sim_msg *m)
{
	atomic64_add(3, &m->produced);
	dpcnic_dpc_wake(sim_dpc(m, m->sim->cpu));
}

static void wake_in_first_run(struct sim_msg *m, struct napi_struct *napi,
			      struct dpcnic_throttle *throttle)
{
	if (m->runs == 1)
		wake_now(m);
}

static void test_woken(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct dpcnic_dpc *dpc = sim_dpc(m, sim->cpu);

	wake_now(m);
	sim_settle(sim);
	expect_log(sim, "T0 D0 R0 E0");
	expect_is(sim, dpc->isr.interrupts, 1);
	expect_is(sim, dpc->run.packets, 3);
}

static void test_woken_running(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct dpcnic_dpc *dpc = sim_dpc(m, sim->cpu);

	m->on_run = wake_in_first_run;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 E0");
	expect_is(sim, dpc->isr.interrupts, 1);
	expect_is(sim, dpc->run.kept, 1);
	expect_is(sim, dpc->run.packets, 4);
}

static void late_and_more(struct sim_msg *m, struct napi_struct *napi,
			  struct dpcnic_throttle *throttle)
{
	if (m->runs == 1)
		late_now(m, m->sim->cpu);
}

static void test_late_running_throttled(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct dpcnic_dpc *dpc = sim_dpc(m, sim->cpu);

	m->on_run = late_and_more;
	sim_receive(m, NAPI_POLL_WEIGHT + 1);
	sim_settle(sim);
	/* the second goes on with the first; NAPI, asked while the first ran, adds a third */
	expect_log(sim, "D0 R0 R0 R0 E0");
	expect_is(sim, dpc->isr.queued, 1);
	expect_is(sim, dpc->run.requeued, 1);
	expect_is(sim, dpc->run.kept, 1);
}

static void late_elsewhere_in_first_run(struct sim_msg *m, struct napi_struct *napi,
					struct dpcnic_throttle *throttle)
{
	if (m->runs == 1)
		late_now(m, m->sim->other);
}

static void test_late_elsewhere(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = late_elsewhere_in_first_run;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 T0 E0 D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->other)->isr.late, 1);
	expect_is(sim, sim_dpc(m, sim->other)->run.runs, 0);
}

static void indicate_in_first_run(struct sim_msg *m, struct napi_struct *napi,
				  struct dpcnic_throttle *throttle)
{
	if (m->runs == 1)
		sim_indicate(m, napi);
}

static void late_here_once(struct sim_msg *m)
{
	if (!m->sim->step++)
		late_now(m, m->sim->cpu);
}

static void late_elsewhere_once(struct sim_msg *m)
{
	if (!m->sim->step++)
		late_now(m, m->sim->other);
}

static void test_late_finishing(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = indicate_in_first_run;
	m->on_flush = late_here_once;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.kept, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.late, 1);
}

static void test_late_finishing_elsewhere(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = indicate_in_first_run;
	m->on_flush = late_elsewhere_once;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 T0 E0 D0 R0 E0");
}

static void test_late_before_enabled(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_enable = late_elsewhere_once;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 E0 T0 D0 R0 E0");
}

static void test_late_after_enabled(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_enabled = late_elsewhere_once;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 E0 T0 D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->other)->isr.late, 1);
}

static void test_late_after_empty(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = every_other_empty;
	sim->step = 1;
	sim_deliver_now(m, sim->cpu);
	expect_log(sim, "D0 I0 e0");
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 I0 e0 D0 I0 R0 E0");
}

/* --- I4: runs that nobody asked for */

static void schedule_other(struct sim_msg *m)
{
	sim_schedule(m, m->sim->other);
}

static void poll_here_from_other(struct sim_msg *m)
{
	sim_busy_poll(m, m->sim->cpu);
}

static void netpoll(struct sim_msg *m)
{
	sim_netpoll(m->sim);
}

static void test_unsolicited(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_schedule(m, sim->cpu);
	sim_settle(sim);
	expect_log(sim, "R0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.unsolicited, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.foreign, 0);
}

static void test_unsolicited_not_home(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_start(m, sim->other, schedule_other);
	sim_wait(sim, sim_done(sim));
	sim_wait(sim, READ_ONCE(sim_dpc(m, sim->other)->run.runs) == 1);
	sim_settle(sim);
	expect_log(sim, "");
	expect_is(sim, sim_dpc(m, sim->other)->run.unsolicited, 1);
}

static bool dpc_ran(struct sim_msg *m, int cpu)
{
	struct dpcnic_dpc *dpc = sim_dpc(m, cpu);

	return READ_ONCE(dpc->run.runs) && !test_bit(NAPI_STATE_SCHED, &dpc->napi.state);
}

/* A batch is held in its run while another DPC of the message runs to its end. */
static void hold_for_other(struct sim_msg *m, struct napi_struct *napi,
			   struct dpcnic_throttle *throttle)
{
	struct sim *sim = m->sim;

	sim_start(m, sim->other, schedule_other);
	sim_spin(sim, sim_done(sim) && dpc_ran(m, sim->other));
	expect(sim, m->masked);
}

static void test_unsolicited_in_batch(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = hold_for_other;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->other)->run.unsolicited, 1);
}

static void test_busy_poll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	atomic64_add(5, &m->produced);
	sim_start(m, sim->other, poll_here_from_other);
	sim_wait(sim, sim_done(sim));
	sim_settle(sim);
	/* NAPI polls once in its loop and once to end it */
	expect_log(sim, "R0 R0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.unsolicited, 2);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.foreign, 2);
}

static void interrupt_here_in_first_run(struct sim_msg *m, struct napi_struct *napi,
					struct dpcnic_throttle *throttle)
{
	if (m->runs == 1)
		late_now(m, m->sim->cpu);
}

static void test_interrupt_in_busy_poll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	m->on_run = interrupt_here_in_first_run;
	sim_start(m, sim->other, poll_here_from_other);
	sim_wait(sim, sim_done(sim));
	sim_settle(sim);
	expect_log(sim, "R0 D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.queued, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.unsolicited, 1);
}

static void indicate_in_second_run(struct sim_msg *m, struct napi_struct *napi,
				   struct dpcnic_throttle *throttle)
{
	if (m->runs == 2)
		sim_indicate(m, napi);
}

static void test_interrupt_finishing_busy_poll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	m->on_run = indicate_in_second_run;
	m->on_flush = late_here_once;
	sim_start(m, sim->other, poll_here_from_other);
	sim_wait(sim, sim_done(sim));
	sim_settle(sim);
	expect_log(sim, "R0 R0 D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.queued, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.unsolicited, 2);
}

/*
 * The ISR asks NAPI for a run, in vain as a busy poll holds the DPC, and only then notes that the
 * DPC owes. Between the two it is stopped, until the busy poll, and the run that it was asked for,
 * have ended. Steps: 1, the ISR is on its way; 2, it is in the trap.
 */
static void interrupt_trapped(struct sim_msg *m)
{
	struct sim *sim = m->sim;

	if (cmpxchg(&sim->step, 0, 1))
		return;
	atomic64_add(3, &m->produced);
	sim_deliver(m, sim->cpu);
	sim_spin(sim, READ_ONCE(sim->step) == 2);
}

static void test_interrupt_stopped(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct dpcnic_dpc *dpc = sim_dpc(m, sim->cpu);

	sim->anywhere = true;
	sim_trap(sim, &dpc->napi.state, HW_BREAKPOINT_LEN_8, dpc);
	m->on_run = indicate_in_second_run;
	m->on_flush = interrupt_trapped;
	sim_start(m, sim->other, poll_here_from_other);
	sim_wait(sim, sim_done(sim));
	sim_settle(sim);
	sim_untrap(sim);
	expect_is(sim, m->msg->enables, 1);
}

static void test_netpoll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	atomic64_add(5, &m->produced);
	sim_netpoll(sim);
	expect_log(sim, "R0");
	expect_is(sim, m->other_work, 1);
	expect_is(sim, m->consumed, 0);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.runs, 0);
	sim_deliver_now(m, sim->cpu);
	sim_settle(sim);
	expect_log(sim, "R0 D0 R0 E0");
}

static void test_interrupt_in_netpoll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	m->on_run = interrupt_here_in_first_run;
	sim_start(m, sim->other, netpoll);
	sim_wait(sim, sim_done(sim));
	sim_settle(sim);
	expect_log(sim, "R0 D0 R0 E0");
}

static void visit_from_other(struct sim_msg *m, struct napi_struct *napi,
			     struct dpcnic_throttle *throttle)
{
	if (m->runs > 1)
		return;
	sim_start(m, m->sim->other, schedule_other);
	sim_spin(m->sim, sim_done(m->sim) && dpc_ran(m, m->sim->other));
}

static void test_unsolicited_in_netpoll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	m->on_run = visit_from_other;
	sim_netpoll(sim);
	sim_settle(sim);
	expect_log(sim, "R0 T0 D0 R0 E0");
}

/* --- I5: see count_atomics.h */

unsigned long sim_atomics;

static void throttled_on_one_cpu(struct sim *sim)
{
	int i;

	for (i = 0; i < 100; i++) {
		sim_receive(&sim->m[0], 1 + i * 2);
		sim_settle(sim);
	}
}

static void test_no_atomics(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->logging = false;
	sim_atomics = 0;
	throttled_on_one_cpu(sim);
	expect_is(sim, sim_atomics, 0);
	expect_is(sim, m->msg->enables, 100);
	expect(sim, sim_dpc(m, sim->cpu)->run.throttled > 0);
}

/* That the counter counts: here the ISR is asked, and holds a part of the batch. */
static void test_atomics(struct sim *sim)
{
	sim->logging = false;
	sim_atomics = 0;
	throttled_on_one_cpu(sim);
	expect(sim, sim_atomics >= 300);
}

/* --- I7 */

static bool disable_pending(struct sim_msg *m, int cpu)
{
	return test_bit(NAPI_STATE_DISABLE, &sim_dpc(m, cpu)->napi.state);
}

/* Held until deregister has begun to wait for it; by then there are no more interrupts. */
static void hold_for_deregister(struct sim_msg *m, struct napi_struct *napi,
				struct dpcnic_throttle *throttle)
{
	struct dpcnic_dpc *dpc = sim_dpc(&m->sim->m[0], m->sim->other);
	struct sim *sim = m->sim;
	u64 interrupts;

	WRITE_ONCE(sim->flag, 1);
	sim_spin(sim, disable_pending(&sim->m[0], sim->other));
	interrupts = dpc->isr.interrupts;
	sim_deliver_now(&sim->m[0], sim->other);
	expect_is(sim, dpc->isr.interrupts, interrupts);
	WRITE_ONCE(sim->step, 1);
}

static void expect_dead(struct sim *sim)
{
	int cpu, i;

	sim_log_reset(sim);
	for (i = 0; i < sim->msg_cnt; i++)
		for_each_online_cpu(cpu)
			sim_deliver_now(&sim->m[i], cpu);
	expect_log(sim, "");
}

static void reopen(struct sim *sim)
{
	int i;

	for (i = 0; i < sim->msg_cnt; i++) {
		sim->m[i].on_run = NULL;
		sim->m[i].on_isr = NULL;
		sim->m[i].cause = false;
	}
	sim_drain(sim);
	if (!sim_open_again(sim))
		return;
	sim_settle(sim); /* what it did not hear while closed is replayed */
	sim_log_reset(sim);
	sim_deliver(&sim->m[0], sim->cpu);
	sim_settle(sim);
	expect_log(sim, "D0 R0 E0");
}

static void test_deregister_running(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = hold_for_deregister;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->flag));
	sim_close(sim);
	expect_is(sim, sim->step, 1);
	expect_dead(sim);
	reopen(sim);
}

/* Message 1 runs, message 0 waits behind it; both are taken away. */
static void hold_another_behind(struct sim_msg *m, struct napi_struct *napi,
				struct dpcnic_throttle *throttle)
{
	late_now(&m->sim->m[0], m->sim->other);
	hold_for_deregister(m, napi, throttle);
}

static void test_deregister_waiting(struct sim *sim)
{
	sim->m[1].on_run = hold_another_behind;
	sim_aim(&sim->m[1], sim->other);
	sim_receive(&sim->m[1], 1);
	sim_wait(sim, READ_ONCE(sim->flag));
	sim_close(sim);
	expect_is(sim, sim->step, 1);
	expect_dead(sim);
	reopen(sim);
}

static void more_for_ever(struct sim_msg *m, struct napi_struct *napi,
			  struct dpcnic_throttle *throttle)
{
	atomic64_inc(&m->produced);
	throttle->more_pending = true;
	WRITE_ONCE(m->sim->flag, 1);
}

static void test_deregister_requeueing(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->logging = false;
	m->on_run = more_for_ever;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->flag));
	sim_close(sim);
	expect_is(sim, m->msg->cancelled, 1);
	expect_dead(sim);
	reopen(sim);
}

/* An interrupt that found no handler is replayed once there is one: before the first enable. */
static void test_replayed(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_close(sim);
	sim_deliver_now(m, sim->cpu);
	sim_log_reset(sim);
	if (!sim_open_again(sim))
		return;
	sim_settle(sim);
	expect_log(sim, "T0 E0 D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.interrupts, 2);
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.late, 1);
}

/* The NAPI is free again, the message not enabled yet: there is time to overtake. */
static void enable_slowly(struct sim_msg *m)
{
	u64 end = ktime_get_mono_fast_ns() + 20 * NSEC_PER_MSEC;
	struct sim *sim = m->sim;

	WRITE_ONCE(sim->flag, 1);
	sim_spin(sim, test_bit(NAPI_STATE_NPSVC, &sim_dpc(m, sim->other)->napi.state));
	while (!READ_ONCE(sim->step) && ktime_get_mono_fast_ns() < end)
		cpu_relax();
	expect_is(sim, sim->step, 0);
}

static void test_deregister_enabling(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_enable = enable_slowly;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->flag));
	sim_close(sim);
	WRITE_ONCE(sim->step, 1);
	m->on_enable = NULL;
	expect_dead(sim);
	reopen(sim);
}

static void test_deregister_disabled(struct sim *sim)
{
	sim_close(sim);
	expect(sim, sim->m[0].masked && sim->m[1].masked);
	expect_dead(sim);
	reopen(sim);
}

/* --- I10 */

static void test_moves(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	int cpu, round;

	for (round = 1; round <= 3; round++) {
		for_each_online_cpu(cpu) {
			sim_aim(m, cpu);
			sim_log_reset(sim);
			sim_receive(m, 10);
			sim_settle(sim);
			expect_log(sim, "D0 R0 E0");
			expect_is(sim, sim_dpc(m, cpu)->run.packets, 10 * round);
		}
	}
}

static void interrupt_other_in_first_run(struct sim_msg *m, struct napi_struct *napi,
					 struct dpcnic_throttle *throttle)
{
	if (m->runs == 1)
		late_now(m, m->sim->other);
}

static void test_stays_for_busy_poll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	m->on_run = interrupt_other_in_first_run;
	sim_start(m, sim->other, poll_here_from_other);
	sim_wait(sim, sim_done(sim));
	sim_settle(sim);
	expect_log(sim, "R0 D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.queued, 1);
	expect_is(sim, sim_dpc(m, sim->other)->isr.queued, 0);

	sim_receive_late(m, 1, sim->other);
	sim_settle(sim);
	expect_is(sim, sim_dpc(m, sim->other)->run.packets, 1);
}

static void test_stays_for_netpoll(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->anywhere = true;
	m->on_run = interrupt_other_in_first_run;
	sim_netpoll(sim);
	sim_settle(sim);
	expect_log(sim, "R0 D0 R0 E0");
	expect_is(sim, sim_dpc(m, sim->cpu)->run.runs, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.foreign, 0);
}

const struct sim_test sim_batch_tests[] = {
	{ "I1 every interrupt is claimed; those that find nothing are counted",
	  test_claimed, 1, 1, .kind = SIM_ISR },
	{ "I1 I8 on a line another device's interrupt is not claimed", test_not_claimed, 1, 1,
	  .kind = SIM_LINE },
	{ "I2 the ISR disables its own message, once, and does nothing else",
	  test_own_message_only, 3, 1, .kind = SIM_ISR },
	{ "I3 default: one DPC, on the interrupted CPU", test_default, 1, 1, .kind = SIM_ISR },
	{ "I3 default is what a miniport without ISR gets", test_default_without_isr, 1, 1 },
	{ "I3 nothing to do: no DPC, enabled again at once", test_none, 1, 1, .kind = SIM_ISR },
	{ "I3 nothing to do, but a cause comes before it is enabled: interrupts again",
	  test_none_but_soon, 1, 1, .kind = SIM_ISR },
	{ "I3 nothing to do, then something", test_late_after_empty, 1, 1, .kind = SIM_ISR },
	{ "I4 enabled once, by the last run of a throttled DPC", test_enabled_by_last_run, 1, 1 },
	{ "I4 silent while disabled; what arrived meanwhile interrupts once enabled",
	  test_silent, 1, 1 },
	{ "I4 D2 late while the DPC waits: coalesces", test_late_waiting, 2, 1 },
	{ "I4 D2 late while the DPC runs: runs once more, however often", test_late_running, 1, 1 },
	{ "I4 D2 late while a DPC runs that has more pending", test_late_running_throttled, 1, 1 },
	{ "I4 a DPC is woken: its message interrupts", test_woken, 1, 1 },
	{ "I4 D2 a DPC is woken while it runs: runs once more", test_woken_running, 1, 1 },
	{ "I4 late on another CPU while the DPC runs: the hardware holds it",
	  test_late_elsewhere, 1, 2 },
	{ "I4 D2 late while the DPC finishes: runs once more and enables then",
	  test_late_finishing, 1, 1 },
	{ "I4 late on another CPU while the DPC finishes", test_late_finishing_elsewhere, 1, 2 },
	{ "I4 late on another CPU just before the message is enabled",
	  test_late_before_enabled, 1, 2 },
	{ "I4 late on another CPU when the message is enabled but its batch not closed",
	  test_late_after_enabled, 1, 2 },
	{ "I4 an unsolicited run works but does not enable", test_unsolicited, 1, 1 },
	{ "I4 I10 an unsolicited run of a DPC that has not the rings leaves them alone",
	  test_unsolicited_not_home, 1, 2 },
	{ "I4 an unsolicited run in the middle of a batch does not enable",
	  test_unsolicited_in_batch, 1, 2 },
	{ "I4 busy poll works but does not enable", test_busy_poll, 1, 2 },
	{ "I4 an interrupt while a busy poll holds its DPC: that run enables",
	  test_interrupt_in_busy_poll, 1, 2 },
	{ "I4 an interrupt while a busy poll gives its DPC back: a further run enables",
	  test_interrupt_finishing_busy_poll, 1, 2 },
	{ "I4 an interrupt is stopped between asking NAPI in vain and noting who owes",
	  test_interrupt_stopped, 1, 2 },
	{ "I4 T4 netpoll: all work but receive, and does not enable", test_netpoll, 1, 1,
	  .netpoll = true },
	{ "I4 an interrupt while netpoll is at the rings: the DPC waits",
	  test_interrupt_in_netpoll, 1, 2, .netpoll = true },
	{ "I4 an unsolicited run while netpoll is at the rings: the message is to interrupt",
	  test_unsolicited_in_netpoll, 1, 2, .netpoll = true },
	{ "I5 the steady state: no atomic operation, no full barrier but NAPI's own",
	  test_no_atomics, 1, 1 },
	{ "I5 with an ISR that is asked there are some", test_atomics, 1, 1, .kind = SIM_ISR },
	{ "I7 deregister waits for a DPC that runs; then it can be opened again",
	  test_deregister_running, 1, 2, .closes = true },
	{ "I7 deregister takes away a DPC that waits; then it can be opened again",
	  test_deregister_waiting, 2, 2, .closes = true },
	{ "I7 deregister ends a DPC that always has more; then it can be opened again",
	  test_deregister_requeueing, 1, 2, .closes = true },
	{ "I7 deregister waits for a DPC that is about to enable; then it can be opened again",
	  test_deregister_enabling, 1, 2, .closes = true },
	{ "I7 deregister of an idle device leaves all messages disabled",
	  test_deregister_disabled, 2, 1, .closes = true },
	{ "I4 an interrupt before the message is enabled for the first time",
	  test_replayed, 1, 1, .closes = true },
	{ "I10 a message moves from CPU to CPU, and its rings with it", test_moves, 1, 1 },
	{ "I10 a message moves while a busy poll is at its rings: these stay for the batch",
	  test_stays_for_busy_poll, 1, 2 },
	{ "I10 D5 a message moves while netpoll is at its rings: the DPC queued is on its own CPU",
	  test_stays_for_netpoll, 1, 2, .netpoll = true },
	{ }
};
