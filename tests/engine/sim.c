// SPDX-License-Identifier: GPL-2.0
/* The device that exists in memory only; see sim.h. */
#include <linux/device.h>
#include <linux/etherdevice.h>
#include <linux/hw_breakpoint.h>
#include <linux/irq.h>
#include <linux/netpoll.h>
#include <linux/rcupdate.h>
#include <linux/rtnetlink.h>
#include <net/busy_poll.h>

#include "sim.h"

/* --- reports: from any context */

/* Note what was not as it must be. */
void sim_fail(struct sim *sim, const char *fmt, ...)
{
	unsigned long flags;
	va_list args;

	raw_spin_lock_irqsave(&sim->text_lock, flags);
	sim->failed = true;
	va_start(args, fmt);
	sim->report_len += vscnprintf(sim->report + sim->report_len,
				      sizeof(sim->report) - sim->report_len, fmt, args);
	va_end(args);
	sim->report_len += scnprintf(sim->report + sim->report_len,
				     sizeof(sim->report) - sim->report_len, "\n");
	raw_spin_unlock_irqrestore(&sim->text_lock, flags);
}

static void sim_dump_dpc(struct sim *sim, const struct dpcnic_dpc *dpc)
{
	sim_fail(sim, "    DPC %d: waiting %d owes %d continues %d napi %#lx", dpc->cpu,
		 !!dpc->entry, dpc->owes, dpc->continues, dpc->napi.state);
	sim_fail(sim, "      interrupts %llu late %llu empty %llu queued %llu coalesced %llu",
		 dpc->isr.interrupts, dpc->isr.late, dpc->isr.empty, dpc->isr.queued,
		 dpc->isr.coalesced);
	sim_fail(sim, "      runs %llu requeued %llu kept %llu unsolicited %llu foreign %llu",
		 dpc->run.runs, dpc->run.requeued, dpc->run.kept, dpc->run.unsolicited,
		 dpc->run.foreign);
}

static void sim_dump_msg(struct sim_msg *m)
{
	struct sim *sim = m->sim;
	int cpu;

	sim_fail(sim, "  message %u: masked %d cause %d target %d in flight %d", m->id, m->masked,
		 m->cause, m->target, atomic_read(&m->in_flight));
	sim_fail(sim, "    produced %lld consumed %llu working %d", atomic64_read(&m->produced),
		 m->consumed, atomic_read(&m->working));
	sim_fail(sim, "    outstanding %d home %d guest %lu enables %llu",
		 atomic_read(&m->msg->outstanding), m->msg->home ? m->msg->home->cpu : -1,
		 m->msg->guest, m->msg->enables);
	for_each_online_cpu(cpu)
		sim_dump_dpc(sim, sim_dpc(m, cpu));
}

/* A wait was in vain: say what for, and how things are. */
void sim_hang(struct sim *sim, const char *what, const char *where, int line)
{
	int i;

	WRITE_ONCE(sim->hung, true);
	sim_fail(sim, "%s:%d: waited in vain for: %.100s", where, line, what);
	sim_fail(sim, "  step %d flag %d calls '%s'", sim->step, sim->flag, sim->log);
	for (i = 0; i < sim->msg_cnt; i++)
		sim_dump_msg(&sim->m[i]);
}

void sim_expect_log(struct sim *sim, const char *want, const char *where, int line)
{
	if (strcmp(sim->log, want))
		sim_fail(sim, "%s:%d: calls were '%s', not '%s'", where, line, sim->log, want);
}

static void sim_log(struct sim_msg *m, char call)
{
	struct sim *sim = m->sim;
	unsigned long flags;

	if (!READ_ONCE(sim->open))
		sim_fail(sim, "call %c of message %u after deregister (I7)", call, m->id);
	if (!READ_ONCE(sim->logging))
		return;
	raw_spin_lock_irqsave(&sim->text_lock, flags);
	sim->log_len += scnprintf(sim->log + sim->log_len, sizeof(sim->log) - sim->log_len,
				  "%s%c%u", sim->log_len ? " " : "", call, m->id);
	raw_spin_unlock_irqrestore(&sim->text_lock, flags);
}

void sim_log_reset(struct sim *sim)
{
	sim->log[0] = '\0';
	sim->log_len = 0;
	sim->logging = true;
}

/* --- interrupts */

/* The message has arrived at its CPU: hard-IRQ context. */
static void sim_wire_irq(struct irq_work *work)
{
	struct sim_wire *wire = container_of(work, struct sim_wire, irq);
	struct sim_msg *m = wire->msg;
	int tickets = atomic_read(&wire->tickets);

	if (!cpu_online(wire->cpu)) { /* what a CPU that goes offline leaves is sent to another */
		sim_deliver(m, cpumask_first(cpu_online_mask));
		atomic_dec(&m->in_flight);
		return;
	}
	if (!in_hardirq() || smp_processor_id() != wire->cpu)
		sim_fail(m->sim, "the test's own interrupt is none");
	generic_handle_irq(m->irq);
	atomic_set(&wire->taken, tickets);
	atomic_dec(&m->in_flight);
}

static void sim_wire_raise(struct sim_wire *wire)
{
	if (!irq_work_queue(&wire->irq))
		atomic_dec(&wire->msg->in_flight); /* joined one that was on its way */
}

/*
 * On the wire's CPU, but maybe not in an interrupt: an idle CPU runs such calls from its loop.
 * irq_work makes it one.
 */
static void sim_wire_hop(void *data)
{
	struct sim_wire *wire = data;

	/* an exchange: what was written by all who joined us is seen by the ISR */
	atomic_xchg(&wire->hopping, 0);
	sim_wire_raise(wire);
}

/* Send the message to a CPU, whatever its mask says now. Context: any. */
void sim_deliver(struct sim_msg *m, int cpu)
{
	struct sim_wire *wire = &m->wire[cpu];
	int here = get_cpu();

	if (!cpu_online(cpu)) { /* genirq has moved the message meanwhile */
		wire = &m->wire[here];
		cpu = here;
	}
	atomic_inc(&m->in_flight);
	if (cpu == here)
		sim_wire_raise(wire);
	else if (atomic_xchg(&wire->hopping, 1) ||
		 WARN_ON_ONCE(smp_call_function_single_async(cpu, &wire->hop)))
		atomic_dec(&m->in_flight); /* joined one that was on its way */
	put_cpu();
}

/*
 * Likewise, and return when its ISR has ended; one that was called before may end meanwhile, and
 * counts for nothing. Context: IRQs on, or @cpu another one, that is online.
 */
void sim_deliver_now(struct sim_msg *m, int cpu)
{
	int ticket = atomic_inc_return(&m->wire[cpu].tickets);

	sim_deliver(m, cpu);
	sim_spin(m->sim, atomic_read(&m->wire[cpu].taken) - ticket >= 0);
}

/* Raise the message's cause: it interrupts, or is held while masked. */
void sim_assert(struct sim_msg *m)
{
	unsigned long flags;
	bool raise;

	raw_spin_lock_irqsave(&m->lock, flags);
	raise = !m->masked;
	if (!raise)
		m->cause = true;
	raw_spin_unlock_irqrestore(&m->lock, flags);
	if (raise)
		sim_deliver(m, READ_ONCE(m->target));
}

/* Packets arrive. Context: any. */
void sim_receive(struct sim_msg *m, unsigned int packets)
{
	atomic64_add(packets, &m->produced);
	sim_assert(m);
}

/*
 * Packets arrive, and the interrupt that tells of them had left the device when the mask was
 * written: nothing is latched.
 */
void sim_receive_late(struct sim_msg *m, unsigned int packets, int cpu)
{
	atomic64_add(packets, &m->produced);
	sim_deliver(m, cpu);
}

/* Packets arrive on the ring of one CPU's DPC. Context: any. */
void sim_receive_share(struct sim_msg *m, unsigned int packets, int cpu)
{
	atomic64_add(packets, &m->share[cpu].produced);
	sim_assert(m);
}

static void sim_chip_nothing(struct irq_data *data)
{
}

static int sim_chip_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct sim_msg *m = irq_data_get_irq_chip_data(data);
	unsigned int cpu = READ_ONCE(m->target);

	if (!cpumask_test_cpu(cpu, mask))
		cpu = cpumask_first_and(mask, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	WRITE_ONCE(m->target, cpu);
	irq_data_update_effective_affinity(data, cpumask_of(cpu));
	return IRQ_SET_MASK_OK;
}

/* genirq replays an edge that found no handler, as an APIC does. */
static int sim_chip_retrigger(struct irq_data *data)
{
	struct sim_msg *m = irq_data_get_irq_chip_data(data);

	sim_deliver(m, READ_ONCE(m->target));
	return 1;
}

/* Masking is the device's, as with MSI-X messages that a driver masks by itself. */
static struct irq_chip sim_chip = {
	.name			= "dpcnic-test",
	.irq_ack		= sim_chip_nothing,
	.irq_mask		= sim_chip_nothing,
	.irq_unmask		= sim_chip_nothing,
	.irq_set_affinity	= sim_chip_set_affinity,
	.irq_retrigger		= sim_chip_retrigger,
};

/*
 * Change the message's affinity. Some kernels write its address only with the next interrupt;
 * here it is always written at once. Context: process.
 */
void sim_aim(struct sim_msg *m, int cpu)
{
	if (irq_set_affinity(m->irq, cpumask_of(cpu)))
		sim_fail(m->sim, "cannot aim message %u at CPU %d", m->id, cpu);
	WRITE_ONCE(m->target, cpu);
}

/* --- the miniport */

static void sim_disable(struct dpcnic_msg *msg)
{
	struct sim_msg *m = msg->priv;
	unsigned long flags;
	bool masked;

	raw_spin_lock_irqsave(&m->lock, flags);
	masked = m->masked;
	m->masked = true;
	raw_spin_unlock_irqrestore(&m->lock, flags);

	if (!in_hardirq()) /* deregister */
		return;
	sim_log(m, 'D');
	m->disables++;
	if ((masked && !READ_ONCE(m->sim->closing)) || atomic_read(&m->enabling))
		sim_fail(m->sim, "message %u: a batch begins inside another (I4)", m->id);
}

static void sim_enable(struct dpcnic_msg *msg)
{
	struct sim_msg *m = msg->priv;
	unsigned long flags;
	bool masked, cause;
	int cpu;

	sim_log(m, in_hardirq() ? 'e' : 'E');
	if (atomic_xchg(&m->enabling, 1))
		sim_fail(m->sim, "message %u: two enable it at once (I4)", m->id);
	if (m->on_enable)
		m->on_enable(m);
	for_each_possible_cpu(cpu)
		if (READ_ONCE(msg->dpc[cpu].owes))
			sim_fail(m->sim, "message %u: enabled while DPC %d is outstanding (I4)",
				 m->id, cpu);
	if (READ_ONCE(m->held))
		sim_fail(m->sim, "message %u: enabled while it is held (I9)", m->id);
	m->enables++;

	raw_spin_lock_irqsave(&m->lock, flags);
	masked = m->masked;
	cause = m->cause;
	m->masked = false;
	m->cause = false;
	raw_spin_unlock_irqrestore(&m->lock, flags);
	if (!masked)
		sim_fail(m->sim, "message %u: enabled twice (I4)", m->id);
	if (cause)
		sim_deliver(m, READ_ONCE(m->target));
	if (m->on_enabled)
		m->on_enabled(m);
	atomic_set(&m->enabling, 0);
}

static void sim_trigger(struct dpcnic_msg *msg)
{
	sim_log(msg->priv, 'T');
	sim_assert(msg->priv);
}

/* The CPUs whose rings are not empty, or may be: as a miniport with shared messages does. */
static void sim_look(struct sim_msg *m, struct cpumask *targets)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct sim_share *share = &m->share[cpu];

		if (dpcnic_dpc_busy(m->msg, cpu) ||
		    atomic64_read(&share->produced) != READ_ONCE(share->consumed))
			cpumask_set_cpu(cpu, targets);
	}
}

static enum dpcnic_verdict sim_isr(struct dpcnic_msg *msg, struct cpumask *targets)
{
	struct sim_msg *m = msg->priv;

	sim_log(m, 'I');
	if (!irqs_disabled() || !m->masked || !cpumask_empty(targets))
		sim_fail(m->sim, "message %u: ISR with IRQs on, not disabled, or with targets (I2)",
			 m->id);
	if (m->on_isr)
		return m->on_isr(m, targets);
	if (!sim_spread(m))
		return DPCNIC_VERDICT_DEFAULT;
	sim_look(m, targets);
	return DPCNIC_VERDICT_TARGETS;
}

/* Work at the ring: what a miniport does, with numbers for packets. */
static void sim_work(struct sim_msg *m, struct dpcnic_throttle *throttle)
{
	u64 there = atomic64_read(&m->produced) - m->consumed;

	throttle->indicated = min_t(u64, there, throttle->max_nbls);
	m->consumed += throttle->indicated;
	m->other_work++;
	throttle->more_pending = throttle->indicated < there;
}

static void sim_run(struct dpcnic_dpc *dpc, void *context, struct dpcnic_throttle *throttle)
{
	struct sim_msg *m = dpc->msg->priv;
	struct sim *sim = m->sim;

	sim_log(m, 'R');
	if (atomic_xchg(&m->working, 1))
		sim_fail(sim, "message %u: two runs at its ring at once (I10)", m->id);
	if (context || throttle->indicated || throttle->more_pending ||
	    throttle->max_nbls > NAPI_POLL_WEIGHT)
		sim_fail(sim, "message %u: a wrong DPC or throttle (D4, T1)", m->id);
	if (!sim->anywhere && (!in_serving_softirq() || dpc->cpu != smp_processor_id()))
		sim_fail(sim, "message %u: DPC of CPU %d runs on CPU %d, softirq %d (D5)", m->id,
			 dpc->cpu, smp_processor_id(), !!in_serving_softirq());
	m->runs++;
	/* as a miniport must: the ring belongs to one DPC, whoever else is asked for */
	if (dpcnic_dpc_is_home(dpc))
		sim_work(m, throttle);
	if (m->on_run)
		m->on_run(m, &dpc->napi, throttle);
	atomic_set(&m->working, 0);
}

/* A run where every DPC has a ring of its own. */
static void sim_run_share(struct dpcnic_dpc *dpc, void *context,
			  struct dpcnic_throttle *throttle)
{
	struct sim_msg *m = dpc->msg->priv;
	struct sim_share *share = &m->share[dpc->cpu];
	u64 there;

	if (atomic_xchg(&share->working, 1))
		sim_fail(m->sim, "message %u: two runs at the ring of CPU %d (I10)", m->id,
			 dpc->cpu);
	if (!m->sim->anywhere && dpc->cpu != smp_processor_id())
		sim_fail(m->sim, "message %u: DPC of CPU %d runs on CPU %d (D5)", m->id, dpc->cpu,
			 smp_processor_id());
	share->runs++;
	there = atomic64_read(&share->produced) - share->consumed;
	throttle->indicated = min_t(u64, there, throttle->max_nbls);
	WRITE_ONCE(share->consumed, share->consumed + throttle->indicated);
	throttle->more_pending = throttle->indicated < there;
	if (m->on_share)
		m->on_share(m, dpc, context);
	atomic_set(&share->working, 0);
}

/* On a line: is the interrupt our device's? */
static bool sim_claim(struct dpcnic_msg *msg)
{
	struct sim_msg *m = msg->priv;

	sim_log(m, 'C');
	return !READ_ONCE(m->not_ours);
}

static const struct dpcnic_miniport_ops sim_ops[] = {
	[SIM_PLAIN] = {
		.disable	= sim_disable,
		.enable		= sim_enable,
		.trigger	= sim_trigger,
		.dpc		= sim_run,
	},
	[SIM_ISR] = {
		.disable	= sim_disable,
		.enable		= sim_enable,
		.trigger	= sim_trigger,
		.isr		= sim_isr,
		.dpc		= sim_run,
	},
	[SIM_SPREAD] = {
		.disable	= sim_disable,
		.enable		= sim_enable,
		.trigger	= sim_trigger,
		.isr		= sim_isr,
		.dpc		= sim_run_share,
		.spread		= true,
	},
	[SIM_LINE] = {
		.disable	= sim_disable,
		.enable		= sim_enable,
		.trigger	= sim_trigger,
		.claim		= sim_claim,
		.isr		= sim_isr,
		.dpc		= sim_run,
	},
};

/* Hold a message; from then on it must not be enabled. Context: process. */
void sim_hold(struct sim_msg *m)
{
	dpcnic_msg_hold(m->msg);
	WRITE_ONCE(m->held, m->held + 1);
}

void sim_release(struct sim_msg *m)
{
	WRITE_ONCE(m->held, m->held - 1);
	dpcnic_msg_release(m->msg);
}

/*
 * Indicate a packet that NAPI keeps until it completes the run; it then comes to
 * sim_rx_handler(), in the middle of napi_complete_done(). Context: a run.
 */
void sim_indicate(struct sim_msg *m, struct napi_struct *napi)
{
	struct sk_buff *skb = netdev_alloc_skb(m->sim->ndev, ETH_ZLEN);

	if (!skb) {
		sim_fail(m->sim, "no memory for a packet");
		return;
	}
	skb_put_zero(skb, ETH_ZLEN);
	skb->protocol = eth_type_trans(skb, m->sim->ndev);
	skb->mark = m->id;
	napi_gro_receive(napi, skb);
}

static rx_handler_result_t sim_rx_handler(struct sk_buff **pskb)
{
	struct sim *sim = rcu_dereference((*pskb)->dev->rx_handler_data);
	struct sim_msg *m = &sim->m[(*pskb)->mark];

	if (m->on_flush)
		m->on_flush(m);
	consume_skb(*pskb);
	return RX_HANDLER_CONSUMED;
}

/* --- traps */

static struct {
	struct sim *sim;
	struct dpcnic_dpc *dpc;
	struct perf_event * __percpu *events;
} trap;

static void sim_trapped(struct perf_event *event, struct perf_sample_data *data,
			struct pt_regs *regs)
{
	struct sim *sim = trap.sim;

	if (smp_processor_id() == sim->cpu && cmpxchg(&sim->step, 1, 2) == 1)
		sim_spin(sim, !napi_is_scheduled(&trap.dpc->napi));
}

/*
 * What happens elsewhere between two statements of the engine cannot be arranged by the miniport;
 * the processor can: it traps after a write. The first write of @what by the test's CPU once
 * sim->step is 1 makes it 2, and then waits there until NAPI has finished with @dpc.
 */
void sim_trap(struct sim *sim, const void *what, unsigned int len, struct dpcnic_dpc *dpc)
{
	struct perf_event_attr attr;

	trap.sim = sim;
	trap.dpc = dpc;
	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)what;
	attr.bp_len = len;
	attr.bp_type = HW_BREAKPOINT_W;
	trap.events = register_wide_hw_breakpoint(&attr, sim_trapped, NULL);
	if (IS_ERR_PCPU(trap.events))
		sim_fail(sim, "cannot set a trap");
}

/* And somebody must have been caught in it. */
void sim_untrap(struct sim *sim)
{
	if (!IS_ERR_PCPU(trap.events))
		unregister_wide_hw_breakpoint(trap.events);
	expect_is(sim, sim->step, 2);
}

/* --- runs that nobody asked for */

/* Poll the DPC of a CPU as a busy polling socket does, here. Context: process. */
void sim_busy_poll(struct sim_msg *m, int cpu)
{
	napi_busy_loop(sim_dpc(m, cpu)->napi.napi_id, NULL, NULL, false, 8);
}

/* Schedule the DPC of a CPU behind the engine's back, here. Context: process. */
void sim_schedule(struct sim_msg *m, int cpu)
{
	local_bh_disable();
	napi_schedule(&sim_dpc(m, cpu)->napi);
	local_bh_enable();
}

static struct netpoll sim_np = { .name = "dpcnic-test" };

/*
 * Let netpoll have the device. Not for every test: with netpoll, NAPI holds a lock around each
 * poll of a DPC, and fewer things happen at once.
 */
int sim_netpoll_start(struct sim *sim)
{
	int err;

	rtnl_lock();
	err = __netpoll_setup(&sim_np, sim->ndev);
	if (!err)
		netdev_hold(sim->ndev, &sim_np.dev_tracker, GFP_KERNEL);
	rtnl_unlock();
	return err;
}

void sim_netpoll_stop(struct sim *sim)
{
	rtnl_lock();
	do_netpoll_cleanup(&sim_np);
	rtnl_unlock();
	synchronize_net();
}

/* Poll all DPCs as netconsole does, here. */
void sim_netpoll(struct sim *sim)
{
	unsigned long flags;

	local_irq_save(flags);
	netpoll_poll_dev(sim->ndev);
	local_irq_restore(flags);
}

/* --- the state of things */

static bool sim_msg_idle(struct sim_msg *m)
{
	int cpu;

	if (atomic_read(&m->in_flight) || READ_ONCE(m->masked) || READ_ONCE(m->cause) ||
	    atomic_read(&m->msg->outstanding))
		return false;
	for_each_possible_cpu(cpu)
		if (test_bit(NAPI_STATE_SCHED, &sim_dpc(m, cpu)->napi.state))
			return false;
	return true;
}

/* Nothing is on its way, and every message is enabled. */
bool sim_idle(struct sim *sim)
{
	int i;

	for (i = 0; i < sim->msg_cnt; i++)
		if (!sim_msg_idle(&sim->m[i]))
			return false;
	return true;
}

static void sim_check_shares(struct sim_msg *m)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		s64 left = atomic64_read(&m->share[cpu].produced) - m->share[cpu].consumed;

		if (left)
			sim_fail(m->sim, "message %u: %lld packets left for CPU %d (T3)", m->id,
				 left, cpu);
	}
}

/*
 * Wait until all is done; then nothing may be left. Whoever has just closed a batch's account may
 * be about to trigger an interrupt: it has IRQs off until then, so a grace period waits for it.
 * Context: process.
 */
void sim_settle(struct sim *sim)
{
	int i;

	while (sim_wait(sim, sim_idle(sim))) {
		synchronize_rcu_expedited();
		if (sim_idle(sim))
			break;
	}
	for (i = 0; i < sim->msg_cnt; i++) {
		struct sim_msg *m = &sim->m[i];

		if (m->consumed != atomic64_read(&m->produced))
			sim_fail(sim, "message %u: %llu of %lld packets left on the ring (T3)",
				 m->id, atomic64_read(&m->produced) - m->consumed,
				 atomic64_read(&m->produced));
		sim_check_shares(m);
	}
}

/* The counters. @test: what else may have enabled a message, or disabled it. Context: settled. */
void sim_check_books(struct sim *sim, const struct sim_test *test)
{
	int cpu, i;

	for (i = 0; i < sim->msg_cnt; i++) {
		struct sim_msg *m = &sim->m[i];
		struct dpcnic_msg_stats stats;

		dpcnic_msg_read_stats(m->msg, &stats);
		expect_is(sim, stats.enables + stats.cancelled,
			  stats.isr.interrupts - stats.isr.late);
		if (!test->holds && !test->closes)
			expect_is(sim, stats.enables, m->enables - 1); /* but for the first */
		if (!test->closes)
			expect_is(sim, m->disables, stats.enables);
		for_each_possible_cpu(cpu) {
			const struct dpcnic_dpc *dpc = sim_dpc(m, cpu);
			u64 causes = dpc->isr.queued + atomic64_read(&dpc->call.queued) +
				     dpc->run.requeued + dpc->run.kept + dpc->run.unsolicited;

			if (dpc->run.runs + dpc->run.cancelled == causes)
				continue;
			sim_fail(sim, "message %d: %llu runs had %llu causes:", i, dpc->run.runs,
				 causes);
			sim_dump_dpc(sim, dpc);
		}
	}
}

/* --- life */

static void sim_reset_msg(struct sim_msg *m)
{
	m->masked = true;
	m->cause = false;
	atomic64_set(&m->produced, 0);
	m->consumed = 0;
	m->other_work = 0;
	atomic_set(&m->working, 0);
	atomic_set(&m->enabling, 0);
	m->runs = 0;
	m->enables = 0;
	m->disables = 0;
	m->on_isr = NULL;
	m->on_run = NULL;
	m->on_share = NULL;
	m->held = 0;
	m->not_ours = false;
	memset(m->share, 0, nr_cpu_ids * sizeof(*m->share));
	m->on_enable = NULL;
	m->on_enabled = NULL;
	m->on_flush = NULL;
}

/* A new IRQ for each test: genirq remembers an interrupt that found no handler. */
static int sim_build_msg(struct sim *sim, u16 id, enum sim_kind kind)
{
	struct sim_msg *m = &sim->m[id];
	int err;

	sim_reset_msg(m);
	m->irq = irq_alloc_desc(NUMA_NO_NODE);
	if (m->irq < 0)
		return m->irq;
	irq_set_chip_and_handler(m->irq, &sim_chip, handle_edge_irq);
	irq_set_chip_data(m->irq, m);
	/* as with MSI: never handled outside of a hard IRQ, replays included */
	irqd_set_handle_enforce_irqctx(irq_get_irq_data(m->irq));

	err = dpcnic_msg_init(sim->engine, id, m->irq);
	if (err) {
		irq_free_desc(m->irq);
		return err;
	}
	m->msg = &sim->engine->msg[id];
	dpcnic_msg_setup(m->msg, &sim_ops[kind], m);
	sim->msg_cnt++;
	return 0;
}

/* Make an engine for so many messages, not yet registered. */
int sim_build(struct sim *sim, int msg_cnt, enum sim_kind kind)
{
	int err = 0, i;

	sim->msg_cnt = 0;
	sim->engine = dpcnic_engine_alloc(sim->ndev, msg_cnt);
	if (!sim->engine)
		return -ENOMEM;

	rtnl_lock();
	for (i = 0; !err && i < msg_cnt; i++)
		err = sim_build_msg(sim, i, kind);
	rtnl_unlock();
	if (err)
		sim_dismantle(sim);
	return err;
}

/* Undo sim_build(). */
void sim_dismantle(struct sim *sim)
{
	rtnl_lock();
	dpcnic_engine_free(sim->engine);
	rtnl_unlock();
	sim->engine = NULL;
	while (sim->msg_cnt)
		irq_free_desc(sim->m[--sim->msg_cnt].irq);
}

/* Register the engine and enable its messages; what was latched while closed interrupts. */
int sim_open(struct sim *sim)
{
	int err, i;

	WRITE_ONCE(sim->open, true);
	WRITE_ONCE(sim->closing, false);
	for (i = 0; i < sim->msg_cnt; i++)
		sim->m[i].masked = true;
	err = dpcnic_engine_register(sim->engine);
	if (err) {
		WRITE_ONCE(sim->open, false);
		return err;
	}
	dpcnic_engine_enable(sim->engine);
	return 0;
}

/* For a test that closed it. Return: it is open; otherwise the test has failed. */
bool sim_open_again(struct sim *sim)
{
	int err = sim_open(sim);

	if (err)
		sim_fail(sim, "cannot open the device again: %pe", ERR_PTR(err));
	return !err;
}

void sim_close(struct sim *sim)
{
	int i;

	WRITE_ONCE(sim->closing, true);
	dpcnic_engine_deregister(sim->engine);
	WRITE_ONCE(sim->open, false);
	for (i = 0; i < sim->msg_cnt; i++)
		expect(sim, sim->m[i].masked);
}

static bool sim_wires_idle(struct sim *sim)
{
	int i;

	for (i = 0; i < SIM_MSGS; i++)
		if (atomic_read(&sim->m[i].in_flight))
			return false;
	return true;
}

/* Wait until no interrupt is on its way. Context: process, closed. */
void sim_drain(struct sim *sim)
{
	sim_wait(sim, sim_wires_idle(sim));
}

/* --- help from another CPU */

static void sim_job_work(struct work_struct *work)
{
	struct sim_job *job = container_of(work, struct sim_job, work);

	job->fn(job->m);
	/* pairs with sim_done() */
	smp_store_release(&job->done, true);
}

/* Have a function called on a CPU, in process context. Context: any. */
void sim_start(struct sim_msg *m, int cpu, void (*fn)(struct sim_msg *m))
{
	struct sim_job *job = &m->sim->job;

	INIT_WORK(&job->work, sim_job_work);
	job->m = m;
	job->fn = fn;
	job->done = false;
	schedule_work_on(cpu, &job->work);
}

/* Has it returned? */
bool sim_done(struct sim *sim)
{
	/* pairs with sim_job_work() */
	return smp_load_acquire(&sim->job.done);
}

static netdev_tx_t sim_xmit(struct sk_buff *skb, struct net_device *ndev)
{
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops sim_netdev_ops = {
	.ndo_start_xmit	= sim_xmit,
};

static int sim_idle_poll(struct napi_struct *napi, int budget)
{
	if (budget)
		napi_complete_done(napi, 0);
	return 0;
}

static void sim_setup(struct net_device *ndev)
{
	ether_setup(ndev);
	ndev->netdev_ops = &sim_netdev_ops;
	ndev->flags |= IFF_NOARP;
	ndev->priv_flags |= IFF_NO_ADDRCONF;
	eth_hw_addr_random(ndev);
}

static int sim_create_netdev(struct sim *sim)
{
	struct net_device *ndev;
	int err;

	ndev = alloc_netdev(0, "dpctest%d", NET_NAME_ENUM, sim_setup);
	if (!ndev)
		return -ENOMEM;
	sim->ndev = ndev;
	SET_NETDEV_DEV(ndev, sim->parent);
	netif_napi_add(ndev, &sim->idle_napi, sim_idle_poll);
	/* Where one is disabled, 7.3 never ends turning threaded NAPI off. */
	napi_enable(&sim->idle_napi);
	err = register_netdev(ndev);
	if (err)
		goto free;

	rtnl_lock();
	err = dev_open(ndev, NULL);
	if (!err)
		err = netdev_rx_handler_register(ndev, sim_rx_handler, sim);
	rtnl_unlock();
	if (!err)
		return 0;
	unregister_netdev(ndev);
free:
	napi_disable(&sim->idle_napi);
	free_netdev(ndev);
	return err;
}

static int sim_create_msg(struct sim *sim, u16 id)
{
	struct sim_msg *m = &sim->m[id];
	int cpu;

	m->sim = sim;
	m->id = id;
	raw_spin_lock_init(&m->lock);
	m->wire = kcalloc(nr_cpu_ids, sizeof(*m->wire), GFP_KERNEL);
	m->share = kcalloc(nr_cpu_ids, sizeof(*m->share), GFP_KERNEL);
	if (!m->wire || !m->share)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		m->wire[cpu].msg = m;
		m->wire[cpu].cpu = cpu;
		m->wire[cpu].irq = IRQ_WORK_INIT_HARD(sim_wire_irq);
		INIT_CSD(&m->wire[cpu].hop, sim_wire_hop, &m->wire[cpu]);
	}
	return 0;
}

static void sim_destroy_msg(struct sim_msg *m)
{
	int cpu;

	if (m->wire)
		for_each_possible_cpu(cpu)
			irq_work_sync(&m->wire[cpu].irq);
	kfree(m->wire);
	kfree(m->share);
}

static void sim_destroy_msgs(struct sim *sim)
{
	int i;

	for (i = 0; i < SIM_MSGS; i++)
		sim_destroy_msg(&sim->m[i]);
}

/* Make the device: done once, for all tests. */
int sim_create(struct sim *sim)
{
	int err = 0, i;

	raw_spin_lock_init(&sim->text_lock);
	mutex_init(&sim->pause_lock);
	for (i = 0; !err && i < SIM_MSGS; i++)
		err = sim_create_msg(sim, i);
	if (err)
		goto destroy_msgs;
	sim->parent = root_device_register("dpcnic-test");
	err = PTR_ERR_OR_ZERO(sim->parent);
	if (err)
		goto destroy_msgs;
	err = sim_create_netdev(sim);
	if (!err)
		return 0;
	root_device_unregister(sim->parent);
destroy_msgs:
	sim_destroy_msgs(sim);
	return err;
}

void sim_destroy(struct sim *sim)
{
	rtnl_lock();
	netdev_rx_handler_unregister(sim->ndev);
	rtnl_unlock();
	unregister_netdev(sim->ndev);
	napi_disable(&sim->idle_napi);
	netif_napi_del(&sim->idle_napi);
	free_netdev(sim->ndev);
	root_device_unregister(sim->parent);
	sim_destroy_msgs(sim);
}
