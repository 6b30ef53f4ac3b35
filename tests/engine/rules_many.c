// SPDX-License-Identifier: GPL-2.0
/* Batches of several DPCs: targets, calls, contexts, shared lines (I3, I4, I8, D2 to D5). */
#include <linux/cpu.h>
#include <linux/hw_breakpoint.h>
#include <linux/interrupt.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>

#include "sim.h"

static struct dpcnic_dpc *here(struct sim *sim)
{
	return sim_dpc(&sim->m[0], sim->cpu);
}

static struct dpcnic_dpc *there(struct sim *sim)
{
	return sim_dpc(&sim->m[0], sim->other);
}

/* --- I3 */

static enum dpcnic_verdict target_all(struct sim_msg *m, struct cpumask *targets)
{
	cpumask_copy(targets, cpu_online_mask);
	return DPCNIC_VERDICT_TARGETS;
}

static void test_targets(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	int cpu;

	m->on_isr = target_all;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	for_each_online_cpu(cpu) {
		struct dpcnic_dpc *dpc = sim_dpc(m, cpu);

		expect_is(sim, dpc->isr.queued, 1);
		expect_is(sim, dpc->run.runs, 1);
		expect_is(sim, dpc->run.foreign, 0);
		expect_is(sim, m->share[cpu].runs, 1);
	}
	expect_is(sim, m->msg->enables, 1);
}

static enum dpcnic_verdict target_other(struct sim_msg *m, struct cpumask *targets)
{
	cpumask_set_cpu(m->sim->other, targets);
	return DPCNIC_VERDICT_TARGETS;
}

static void test_target_elsewhere(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = target_other;
	sim_receive_share(m, 5, sim->other);
	sim_settle(sim);
	expect_is(sim, here(sim)->run.runs, 0);
	expect_is(sim, there(sim)->run.runs, 1);
	expect_is(sim, there(sim)->run.packets, 5);
	expect_is(sim, m->msg->enables, 1);
}

static enum dpcnic_verdict default_and_targets(struct sim_msg *m, struct cpumask *targets)
{
	cpumask_copy(targets, cpu_online_mask);
	return DPCNIC_VERDICT_DEFAULT;
}

static void test_default_ignores_targets(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = default_and_targets;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	expect_is(sim, here(sim)->run.runs, 1);
	expect_is(sim, there(sim)->isr.queued, 0);
	expect_is(sim, there(sim)->run.runs, 0);
}

/* --- I4: the last of several */

/* The DPC of CPU sim->flag waits in its run until the other has finished. */
static void outlast(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;
	int first = sim->flag == sim->cpu ? sim->other : sim->cpu;

	if (dpc->cpu != sim->flag)
		return;
	sim_spin(sim, READ_ONCE(m->share[first].runs));
	sim_spin(sim, atomic_read(&m->msg->outstanding) == DPCNIC_LAST_DPC);
	expect(sim, m->masked);
	expect_is(sim, m->msg->enables, 0);
}

static enum dpcnic_verdict target_both(struct sim_msg *m, struct cpumask *targets)
{
	cpumask_set_cpu(m->sim->cpu, targets);
	cpumask_set_cpu(m->sim->other, targets);
	return DPCNIC_VERDICT_TARGETS;
}

static void last_is(struct sim *sim, int cpu)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = target_both;
	m->on_share = outlast;
	sim->flag = cpu;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	expect_is(sim, m->msg->enables, 1);
	expect_is(sim, here(sim)->run.runs, 1);
	expect_is(sim, there(sim)->run.runs, 1);
}

static void test_last_elsewhere(struct sim *sim)
{
	last_is(sim, sim->other);
}

static void test_last_here(struct sim *sim)
{
	last_is(sim, sim->cpu);
}

/* --- D3, D4: calls */

static int gift;

static void call_other_once(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;
	cpumask_t queued;

	if (dpc->cpu == sim->other) {
		expect(sim, context == &gift);
		return;
	}
	expect(sim, !context);
	if (sim->step++)
		return;
	atomic64_add(100, &m->share[sim->other].produced);
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(sim->other), &gift, &queued));
	expect(sim, cpumask_equal(&queued, cpumask_of(sim->other)));
}

static void test_call(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_share = call_other_once;
	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	expect_is(sim, atomic64_read(&there(sim)->call.queued), 1);
	expect_is(sim, there(sim)->run.packets, 100);
	expect_is(sim, there(sim)->run.runs, 2);
	expect_is(sim, m->msg->enables, 1);
}

static enum dpcnic_verdict call_from_isr(struct sim_msg *m, struct cpumask *targets)
{
	struct sim *sim = m->sim;

	if (!sim->step++)
		expect(sim, dpcnic_dpc_queue(m->msg, NULL, cpu_online_mask, &gift, NULL));
	return DPCNIC_VERDICT_TARGETS;
}

static void expect_gift(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	expect(m->sim, context == &gift);
}

static void test_call_from_isr(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	int cpu;

	m->on_isr = call_from_isr;
	m->on_share = expect_gift;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	for_each_online_cpu(cpu)
		expect_is(sim, m->share[cpu].runs, 1);
	expect_is(sim, m->msg->enables, 1);
	expect_is(sim, here(sim)->isr.empty, 0);
}

/* A DPC queues itself, twice, while it runs. */
static void call_self(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;
	cpumask_t queued;

	if (sim->step++) {
		expect(sim, context == &gift);
		return;
	}
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(dpc->cpu), &gift, &queued));
	expect(sim, cpumask_test_cpu(dpc->cpu, &queued));
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(dpc->cpu), sim, &queued));
	expect(sim, cpumask_empty(&queued));
}

static void test_call_self(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_share = call_self;
	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	expect_is(sim, here(sim)->run.runs, 2);
	expect_is(sim, atomic64_read(&here(sim)->call.queued), 1);
	expect_is(sim, atomic64_read(&here(sim)->call.coalesced), 1);
	expect_is(sim, m->msg->enables, 1);
}

/* Message 1 keeps the other CPU busy, so that the DPC called there waits: steps 1, until 2. */
static void keep_busy(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	WRITE_ONCE(m->sim->step, 1);
	sim_spin(m->sim, READ_ONCE(m->sim->step) == 2);
}

static void call_twice(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;
	cpumask_t queued;

	if (dpc->cpu == sim->other) {
		expect(sim, context == &gift); /* of the call that made the entry */
		return;
	}
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(sim->other), &gift, &queued));
	expect(sim, cpumask_test_cpu(sim->other, &queued));
	atomic64_add(3, &m->share[sim->other].produced);
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(sim->other), sim, &queued));
	expect(sim, cpumask_empty(&queued));
	WRITE_ONCE(sim->step, 2);
}

static void test_call_coalesces(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct dpcnic_msg_stats stats;

	sim->m[1].on_share = keep_busy;
	m->on_share = call_twice;
	sim_aim(&sim->m[1], sim->other);
	sim_receive_share(&sim->m[1], 1, sim->other);
	sim_wait(sim, READ_ONCE(sim->step) == 1);
	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	dpcnic_msg_read_stats(m->msg, &stats);
	expect_is(sim, stats.call_queued, 1);
	expect_is(sim, stats.call_coalesced, 1);
	expect_is(sim, there(sim)->run.runs, 1);
	expect_is(sim, there(sim)->run.packets, 3);
}

/* The other CPU's DPC runs when it is called: it runs once more. Steps: 1, it runs; 2, called. */
static void call_running(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;

	if (dpc->cpu == sim->other) {
		if (cmpxchg(&sim->step, 0, 1) == 0)
			sim_spin(sim, READ_ONCE(sim->step) == 2);
		return;
	}
	sim_spin(sim, READ_ONCE(sim->step) == 1);
	atomic64_add(3, &m->share[sim->other].produced);
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(sim->other), NULL, NULL));
	WRITE_ONCE(sim->step, 2);
}

static void test_call_running(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = target_both;
	m->on_share = call_running;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	expect_is(sim, there(sim)->run.runs, 2);
	expect_is(sim, there(sim)->run.packets, 3);
	expect_is(sim, m->msg->enables, 1);
}

/* As call_running(), but a trap stops the call, so that the run called goes on meanwhile. */
static void call_stopped(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;

	if (dpc->cpu == sim->other) {
		if (context == &gift)
			WRITE_ONCE(sim->flag, 1);
		if (cmpxchg(&sim->step, 0, 1) == 0)
			sim_spin(sim, READ_ONCE(sim->step) == 2);
		return;
	}
	sim_spin(sim, READ_ONCE(sim->step) == 1);
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(sim->other), &gift, NULL));
}

/* The DPC called pays its own debt while the caller is about to rely on that one. */
static void test_call_stopped_at_debt(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_trap(sim, &there(sim)->owes, HW_BREAKPOINT_LEN_1, there(sim));
	m->on_isr = target_both;
	m->on_share = call_stopped;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	sim_untrap(sim);
	expect_is(sim, sim->flag, 1);
	expect_is(sim, m->msg->enables, 1);
}

/* The other CPU's DPC calls this CPU's, which deregister has stopped already: it comes first. */
static void call_closed(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;

	WRITE_ONCE(sim->flag, 1);
	sim_spin(sim, test_bit(NAPI_STATE_DISABLE, &dpc->napi.state));
	expect(sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(sim->cpu), &gift, NULL));
}

static void test_call_closed(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	struct dpcnic_msg_stats stats;

	m->on_isr = target_other;
	m->on_share = call_closed;
	sim_receive_share(m, 1, sim->other);
	sim_wait(sim, READ_ONCE(sim->flag));
	sim_close(sim);
	dpcnic_msg_read_stats(m->msg, &stats);
	expect_is(sim, stats.cancelled, 1);
	expect_is(sim, here(sim)->run.cancelled, 1);
	expect_is(sim, there(sim)->run.cancelled, 0);
	expect_is(sim, stats.enables, 0);

	m->on_share = NULL;
	if (!sim_open_again(sim))
		return;
	sim_receive_share(m, 1, sim->other);
	sim_settle(sim);
	expect_is(sim, m->msg->enables, 1);
	expect_is(sim, here(sim)->run.runs, 0);
}

/* Whoever else is busy. */
static enum dpcnic_verdict default_only(struct sim_msg *m, struct cpumask *targets)
{
	return DPCNIC_VERDICT_DEFAULT;
}

static void schedule_other(struct sim_msg *m)
{
	sim_schedule(m, m->sim->other);
}

/* An unsolicited run is kept for the call, and runs once more before there is a debt. */
static void test_call_stopped_at_napi(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_trap(sim, &there(sim)->napi.state, HW_BREAKPOINT_LEN_8, there(sim));
	m->on_isr = default_only;
	m->on_share = call_stopped;
	sim_start(m, sim->other, schedule_other);
	sim_wait(sim, READ_ONCE(sim->step) == 1);
	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	sim_untrap(sim);
	expect_is(sim, sim->flag, 1);
	expect_is(sim, m->msg->enables, 1);
}

static void call_in_vain(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	expect(m->sim, !context);
	expect(m->sim, !dpcnic_dpc_queue(m->msg, dpc, cpu_online_mask, &gift, NULL));
}

static void test_call_unsolicited(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_share = call_in_vain;
	atomic64_add(2, &m->share[sim->cpu].produced);
	sim_schedule(m, sim->cpu);
	sim_settle(sim);
	expect_is(sim, here(sim)->run.unsolicited, 1);
	expect_is(sim, here(sim)->run.packets, 2);
	expect_is(sim, there(sim)->run.runs, 0);
	expect_is(sim, m->msg->enables, 0);
}

/* --- D3: offline CPUs */

static void call_offline(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	cpumask_t queued;

	expect(m->sim, dpcnic_dpc_queue(m->msg, dpc, cpumask_of(m->sim->other), NULL, &queued));
	expect(m->sim, cpumask_empty(&queued));
}

static void test_offline(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	if (remove_cpu(sim->other)) {
		sim_fail(sim, "CPU %d does not go offline", sim->other);
		return;
	}
	m->on_share = call_offline;
	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	expect_is(sim, atomic64_read(&there(sim)->call.offline), 1);
	m->on_isr = target_other;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	if (add_cpu(sim->other))
		sim_fail(sim, "CPU %d does not come back", sim->other);
	expect_is(sim, atomic64_read(&there(sim)->call.offline), 2);
	expect_is(sim, atomic64_read(&there(sim)->call.queued), 0);
	expect_is(sim, there(sim)->isr.queued, 0);
	expect_is(sim, here(sim)->isr.empty, 1);
	expect_is(sim, m->msg->enables, 2);
}

/* --- I4: late interrupts of a message with an ISR */

static void late_for_other_once(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct sim *sim = m->sim;

	if (dpc->cpu != sim->cpu || sim->step++)
		return;
	atomic64_add(4, &m->share[sim->other].produced);
	sim_deliver_now(m, sim->other);
}

static void test_late_asks_again(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_share = late_for_other_once;
	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	expect_log(sim, "D0 I0 I0 E0");
	expect_is(sim, there(sim)->isr.late, 1);
	expect_is(sim, there(sim)->run.packets, 4);
	expect_is(sim, m->msg->enables, 1);
}

/* The first batch has a DPC on the other CPU only. */
static enum dpcnic_verdict other_then_default(struct sim_msg *m, struct cpumask *targets)
{
	if (m->sim->step++)
		return DPCNIC_VERDICT_DEFAULT;
	return target_other(m, targets);
}

static void late_here_in_first_run(struct sim_msg *m, struct napi_struct *napi,
				   struct dpcnic_throttle *throttle)
{
	if (m->runs > 1)
		return;
	atomic64_add(4, &m->produced);
	sim_deliver_now(m, m->sim->cpu);
}

static void test_late_asks_for_home(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = other_then_default;
	m->on_run = late_here_in_first_run;
	sim_receive_late(m, 0, sim->cpu);
	sim_settle(sim);
	expect_log(sim, "D0 I0 R0 I0 R0 E0");
	expect_is(sim, there(sim)->run.runs, 1);
	expect_is(sim, here(sim)->run.runs, 1);
	expect_is(sim, here(sim)->run.packets, 4);
}

static void late_for_nothing_once(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	if (!m->sim->step++)
		sim_deliver_now(m, m->sim->other);
}

static void test_late_for_nothing(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_share = late_for_nothing_once;
	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	/* no trigger: or an interrupt that a device sends unasked would beget the next for ever */
	expect_log(sim, "D0 I0 I0 E0");
	expect_is(sim, m->msg->enables, 1);
}

static void late_for_other_when_enabled(struct sim_msg *m)
{
	struct sim *sim = m->sim;

	if (sim->step++)
		return;
	atomic64_add(4, &m->share[sim->other].produced);
	sim_deliver_now(m, sim->other);
}

static void late_at_end(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_receive_share(m, 1, sim->cpu);
	sim_settle(sim);
	expect_is(sim, there(sim)->isr.late, 1);
	expect_is(sim, there(sim)->run.packets, 4);
	expect_is(sim, m->msg->enables, 2);
}

static void test_late_at_enable(struct sim *sim)
{
	sim->m[0].on_enable = late_for_other_when_enabled;
	late_at_end(sim);
}

static void test_late_behind_enable(struct sim *sim)
{
	sim->m[0].on_enabled = late_for_other_when_enabled;
	late_at_end(sim);
}

/* --- I8: a line */

static void test_line_not_ours(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->not_ours = true;
	sim_deliver_now(m, sim->cpu);
	expect_log(sim, "C0");
	expect(sim, !m->masked);
	expect_is(sim, here(sim)->isr.disowned, 1);
	expect_is(sim, here(sim)->isr.interrupts, 0);
	expect_is(sim, here(sim)->isr.queued, 0);
}

static void test_line_ours(struct sim *sim)
{
	sim_receive(&sim->m[0], 1);
	sim_settle(sim);
	expect_log(sim, "C0 D0 I0 R0 E0");
	expect_is(sim, here(sim)->isr.disowned, 0);
}

static void line_in_first_run(struct sim_msg *m, struct napi_struct *napi,
			      struct dpcnic_throttle *throttle)
{
	if (m->runs > 1)
		return;
	m->not_ours = m->sim->flag;
	sim_deliver_now(m, m->sim->cpu);
}

/* Another device of the line interrupts while our batch is outstanding. */
static void test_line_busy(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = line_in_first_run;
	sim->flag = 1;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "C0 D0 I0 R0 C0 E0");
	expect_is(sim, here(sim)->isr.disowned, 1);
	expect_is(sim, here(sim)->isr.late, 0);
}

/* Ours does: what it was is found before the message is enabled. */
static void test_line_late(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = line_in_first_run;
	sim_receive(m, 1);
	sim_settle(sim);
	expect_log(sim, "C0 D0 I0 R0 C0 I0 R0 E0");
	expect_is(sim, here(sim)->isr.disowned, 0);
	expect_is(sim, here(sim)->isr.late, 1);
}

static irqreturn_t another_device(int irq, void *data)
{
	return IRQ_NONE;
}

static int share_irq(struct sim *sim)
{
	int irq = sim->m[0].irq;
	/* genirq does not complain in the kernel's log about one that is only tried */
	int err = request_irq(irq, another_device, IRQF_SHARED | IRQF_PROBE_SHARED,
			      "another device", sim);

	if (!err)
		free_irq(irq, sim);
	return err;
}

static void test_line_shared(struct sim *sim)
{
	expect_is(sim, share_irq(sim), 0);
}

static void test_message_not_shared(struct sim *sim)
{
	expect_is(sim, share_irq(sim), -EBUSY);
}

/* --- D5: kthreads are bound */

static void test_threads_bound(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	int cpu;

	sim->anywhere = true;
	/* Since 6.14 a kthread that starts unbinds itself, so each is to have run. */
	for_each_online_cpu(cpu) {
		sim_receive_share(m, 1, cpu);
		sim_settle(sim);
	}
	rtnl_lock();
	dpcnic_engine_bind_threads(sim->engine);
	rtnl_unlock();
	for_each_online_cpu(cpu) {
		struct task_struct *thread = sim_dpc(m, cpu)->napi.thread;
		u64 foreign = sim_dpc(m, cpu)->run.foreign;

		if (!thread || !cpumask_equal(thread->cpus_ptr, cpumask_of(cpu)))
			sim_fail(sim, "the kthread of DPC %d is not bound to its CPU", cpu);
		sim_receive_share(m, 3 * NAPI_POLL_WEIGHT, cpu);
		sim_settle(sim);
		expect_is(sim, sim_dpc(m, cpu)->run.foreign, foreign);
		expect_is(sim, sim_dpc(m, cpu)->run.packets, 1 + 3 * NAPI_POLL_WEIGHT);
	}
}

const struct sim_test sim_many_tests[] = {
	{ "I3 targets: one DPC on each CPU of the set; enabled once", test_targets, 1, 1,
	  .kind = SIM_SPREAD },
	{ "I3 targets: none on the interrupted CPU, if it is not in the set",
	  test_target_elsewhere, 1, 2, .kind = SIM_SPREAD },
	{ "I3 default: the targets are ignored", test_default_ignores_targets, 1, 2,
	  .kind = SIM_SPREAD },
	{ "I4 of two DPCs the one on the other CPU is last, and enables",
	  test_last_elsewhere, 1, 2, .kind = SIM_SPREAD },
	{ "I4 of two DPCs the one on the interrupted CPU is last, and enables",
	  test_last_here, 1, 2, .kind = SIM_SPREAD },
	{ "D3 D4 a DPC queues one on another CPU, whose runs have its context", test_call, 1, 2,
	  .kind = SIM_SPREAD },
	{ "D3 the ISR queues DPCs on all CPUs, with a context", test_call_from_isr, 1, 1,
	  .kind = SIM_SPREAD },
	{ "D2 D3 a DPC queues itself while it runs: it runs once more, and once",
	  test_call_self, 1, 1, .kind = SIM_SPREAD },
	{ "D2 D4 queued again while it waits: coalesced, told so, the first context stays",
	  test_call_coalesces, 2, 2, .kind = SIM_SPREAD },
	{ "D2 I4 queued from another CPU while it runs: runs once more, then enabled",
	  test_call_running, 1, 2, .kind = SIM_SPREAD },
	{ "D2 I4 a call is stopped between finding a debt and relying on it",
	  test_call_stopped_at_debt, 1, 2, .kind = SIM_SPREAD },
	{ "D2 I4 a call is stopped between asking NAPI in vain and noting who owes",
	  test_call_stopped_at_napi, 1, 2, .kind = SIM_SPREAD },
	{ "I7 a call whose DPC is stopped already: both it and the batch are counted as cancelled",
	  test_call_closed, 1, 2, .kind = SIM_SPREAD, .closes = true },
	{ "D3 I4 a run that nobody asked for queues no DPCs", test_call_unsolicited, 1, 2,
	  .kind = SIM_SPREAD },
	{ "D3 an offline CPU is never queued to; that is counted and told", test_offline, 1, 2,
	  .kind = SIM_SPREAD },
	{ "I4 late: the ISR is asked again, and the batch goes on", test_late_asks_again, 1, 2,
	  .kind = SIM_SPREAD },
	{ "I4 I10 late: asked again by another CPU's DPC, default is the one that has the rings",
	  test_late_asks_for_home, 1, 2, .kind = SIM_ISR },
	{ "I4 late for nothing: asked again, enabled once", test_late_for_nothing, 1, 2,
	  .kind = SIM_SPREAD },
	{ "I4 late just before the message is enabled: interrupts again", test_late_at_enable, 1, 2,
	  .kind = SIM_SPREAD },
	{ "I4 late when the message is enabled but its batch not closed: interrupts again",
	  test_late_behind_enable, 1, 2, .kind = SIM_SPREAD },
	{ "I8 a line that another device asserts: disowned, not disabled", test_line_not_ours, 1, 1,
	  .kind = SIM_LINE },
	{ "I8 a line may be another device's, too", test_line_shared, 1, 1, .kind = SIM_LINE },
	{ "I1 the IRQ of a message may not", test_message_not_shared, 1, 1 },
	{ "I8 a line that we assert", test_line_ours, 1, 1, .kind = SIM_LINE },
	{ "I8 a line that another device asserts while our batch is outstanding: disowned",
	  test_line_busy, 1, 1, .kind = SIM_LINE },
	{ "I8 I4 a line that we assert while our batch is outstanding: late", test_line_late, 1, 1,
	  .kind = SIM_LINE },
	{ "D5 threaded NAPI: each kthread is bound to the CPU of its DPC", test_threads_bound, 1, 1,
	  "threaded=1", .kind = SIM_SPREAD },
	{ }
};
