// SPDX-License-Identifier: GPL-2.0
/* Messages kept from interrupting, DPCs kept from running, DPCs that run too long (I6, I9, D6). */
#include <linux/delay.h>
#include <linux/irq.h>

#include "sim.h"

/* --- I6 */

static void interrupt_excluded(void *arg)
{
	struct sim_msg *m = arg;

	sim_receive(m, 1);
	/* it has reached genirq, which keeps it from us */
	sim_wait(m->sim, !atomic_read(&m->in_flight));
	expect_log(m->sim, "");
	WRITE_ONCE(m->sim->step, 1);
}

static void test_synchronize(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	dpcnic_msg_synchronize(m->msg, interrupt_excluded, m);
	expect_is(sim, sim->step, 1);
	sim_settle(sim);
	expect_log(sim, "D0 R0 E0");
}

/* The ISR is inside; the function has to wait. Steps: 1, inside; 2, somebody waits outside. */
static enum dpcnic_verdict stay_inside(struct sim_msg *m, struct cpumask *targets)
{
	struct sim *sim = m->sim;

	WRITE_ONCE(sim->step, 1);
	sim_spin(sim, irqd_irq_disabled(irq_get_irq_data(m->irq)));
	expect_is(sim, sim->flag, 0);
	return DPCNIC_VERDICT_DEFAULT;
}

static void note_alone(void *arg)
{
	struct sim_msg *m = arg;

	WRITE_ONCE(m->sim->flag, 1);
}

static void test_synchronize_waits(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_isr = stay_inside;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->step) == 1);
	dpcnic_msg_synchronize(m->msg, note_alone, m);
	expect_is(sim, sim->flag, 1);
}

/*
 * An interrupt was late, so that the end of the batch is to ask the ISR again; but it comes to its
 * end only when the function (flag 1) is inside.
 */
static void late_and_on_until_excluded(struct sim_msg *m, struct napi_struct *napi,
				       struct dpcnic_throttle *throttle)
{
	struct sim *sim = m->sim;

	if (!sim->step) {
		sim_deliver_now(m, sim->other);
		WRITE_ONCE(sim->step, 1);
	}
	if (!READ_ONCE(sim->flag)) {
		atomic64_inc(&m->produced);
		throttle->more_pending = true;
	}
}

static enum dpcnic_verdict not_inside(struct sim_msg *m, struct cpumask *targets)
{
	if (READ_ONCE(m->sim->flag) == 1) {
		sim_fail(m->sim, "asked while a function excludes it (I6)");
		WRITE_ONCE(m->sim->step, 2);
	}
	return DPCNIC_VERDICT_DEFAULT;
}

static void see_the_batch_end(void *arg)
{
	struct sim_msg *m = arg;
	struct sim *sim = m->sim;
	u32 enables = READ_ONCE(m->enables);

	WRITE_ONCE(sim->flag, 1);
	sim_wait(sim, READ_ONCE(m->enables) != enables || READ_ONCE(sim->step) == 2);
	WRITE_ONCE(sim->flag, 2);
}

static void test_synchronize_asked_again(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->logging = false;
	m->on_isr = not_inside;
	m->on_run = late_and_on_until_excluded;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->step) == 1);
	dpcnic_msg_synchronize(m->msg, see_the_batch_end, m);
	sim_settle(sim);
	/* the one that was late, and the one that was triggered in its place */
	expect_is(sim, sim_dpc(m, sim->other)->isr.late, 1);
	expect_is(sim, sim_dpc(m, sim->other)->isr.interrupts, 3);
}

/* --- I9 */

static void test_hold(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_hold(m);
	expect(sim, m->masked);
	sim_receive(m, 3);
	sim_receive(&sim->m[1], 1);
	sim_wait(sim, READ_ONCE(sim_dpc(&sim->m[1], sim->cpu)->run.runs) == 1);
	expect_is(sim, m->runs, 0);
	sim_release(m);
	sim_settle(sim);
	expect_is(sim, m->runs, 1);
	expect_is(sim, m->consumed, 3);
	expect_is(sim, m->msg->hold_cnt, 1);
}

static void test_hold_nests(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_hold(m);
	sim_hold(m);
	sim_receive(m, 1);
	sim_release(m);
	expect(sim, m->masked);
	sim_hold(m);
	sim_release(m);
	expect(sim, m->masked);
	expect_is(sim, m->runs, 0);
	sim_release(m);
	sim_settle(sim);
	expect_is(sim, m->runs, 1);
}

/* Its DPC runs on the other CPU (step 1) until it is held here. */
static void wait_for_hold(struct sim_msg *m, struct napi_struct *napi,
			  struct dpcnic_throttle *throttle)
{
	struct sim *sim = m->sim;

	if (cmpxchg(&sim->step, 0, 1))
		return;
	sim_spin(sim, READ_ONCE(m->msg->holds));
}

static void test_hold_in_batch(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = wait_for_hold;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->step) == 1);
	sim_hold(m);
	sim_wait(sim, READ_ONCE(m->msg->parked) == DPCNIC_PARKED_BATCH);
	expect(sim, m->masked);
	expect_is(sim, m->msg->enables, 0);
	sim_release(m);
	sim_settle(sim);
	expect_is(sim, m->msg->enables, 1);
}

/*
 * The other CPU has seen no hold and is about to enable the message (step 1) when it is held here.
 * A hold that did not wait would return meanwhile, in much less time than we give it.
 */
static void enable_slowly(struct sim_msg *m)
{
	struct sim *sim = m->sim;
	u64 end;

	if (cmpxchg(&sim->step, 0, 1))
		return;
	sim_spin(sim, READ_ONCE(m->msg->holds));
	end = ktime_get_mono_fast_ns() + 50 * NSEC_PER_MSEC;
	while (!READ_ONCE(m->held) && ktime_get_mono_fast_ns() < end)
		cpu_relax();
}

static void test_hold_enabling(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_enable = enable_slowly;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->step) == 1);
	sim_hold(m);
	expect(sim, m->masked);
	expect_is(sim, m->msg->enables, 1);
	sim_release(m);
	expect(sim, !m->masked);
}

/* A late one runs on nobody's account. */
static void test_hold_late(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_hold(m);
	sim_receive_late(m, 1, sim->cpu);
	sim_wait(sim, READ_ONCE(m->runs) == 1);
	expect(sim, m->masked);
	sim_release(m);
	sim_settle(sim);
	expect_is(sim, m->msg->enables, 0);
	expect_is(sim, sim_dpc(m, sim->cpu)->isr.late, 1);
	expect_is(sim, sim_dpc(m, sim->cpu)->run.unsolicited, 1);
}

static void test_hold_closed(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim_hold(m);
	sim_close(sim);
	if (!sim_open_again(sim))
		return;
	expect(sim, m->masked);
	expect(sim, !sim->m[1].masked);
	sim_release(m);
	expect(sim, !m->masked);
}

/* --- pause */

static void test_pause(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	dpcnic_msg_pause(m->msg);
	expect(sim, m->masked);
	sim_receive(m, 5);
	sim_receive_late(m, 5, sim->cpu);
	sim_receive(&sim->m[1], 1);
	sim_wait(sim, READ_ONCE(sim_dpc(&sim->m[1], sim->cpu)->run.runs) == 1);
	sim_wait(sim, !atomic_read(&m->in_flight));
	expect_is(sim, m->runs, 0);
	dpcnic_msg_resume(m->msg);
	sim_settle(sim);
	expect_is(sim, m->consumed, 10);
}

/* In the middle of a batch that has ever more to do. */
static void more_until_flag(struct sim_msg *m, struct napi_struct *napi,
			    struct dpcnic_throttle *throttle)
{
	WRITE_ONCE(m->sim->step, 1);
	if (READ_ONCE(m->sim->flag))
		return;
	atomic64_inc(&m->produced);
	throttle->more_pending = true;
}

/* Between two runs, as a hold waits for one that goes on. */
static void test_release_in_batch(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	sim->logging = false;
	m->on_run = more_until_flag;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->step));
	sim_hold(m);
	sim_release(m);
	expect(sim, m->masked);
	expect_is(sim, m->msg->enables, 0);
	WRITE_ONCE(sim->flag, 1);
	sim_settle(sim);
	expect_is(sim, m->msg->enables, 1);
}

static void test_pause_batch(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];
	u32 runs;

	sim->logging = false;
	m->on_run = more_until_flag;
	sim_aim(m, sim->other);
	sim_receive(m, 1);
	sim_wait(sim, READ_ONCE(sim->step));
	dpcnic_msg_pause(m->msg);
	runs = m->runs;
	msleep(20);
	expect_is(sim, m->runs, runs);
	expect_is(sim, m->msg->enables, 0);
	WRITE_ONCE(sim->flag, 1);
	dpcnic_msg_resume(m->msg);
	sim_settle(sim);
	expect(sim, m->runs > runs);
	expect_is(sim, m->msg->enables, 1);
}

/* --- D6 */

static void first_run_long(struct sim_msg *m, struct napi_struct *napi,
			   struct dpcnic_throttle *throttle)
{
	unsigned long start = jiffies;

	if (m->runs == 1)
		sim_spin(m->sim, time_after(jiffies, start + DPCNIC_DPC_WATCHDOG + 1));
}

static void test_watchdog(struct sim *sim)
{
	struct sim_msg *m = &sim->m[0];

	m->on_run = first_run_long;
	sim_aim(m, sim->other); /* jiffies go on here */
	sim_receive(m, 1);
	sim_settle(sim);
	/* counted when the DPC has let go of everything else */
	sim_wait(sim, atomic64_read(&sim_dpc(m, sim->other)->overlong));
	expect_is(sim, atomic64_read(&sim_dpc(m, sim->other)->overlong), 1);
	expect_is(sim, sim_dpc(m, sim->other)->run.runs, 1);
}

const struct sim_test sim_hold_tests[] = {
	{ "I6 a function excludes the ISR, which comes afterwards", test_synchronize, 1, 1 },
	{ "I6 a function waits for the ISR that runs", test_synchronize_waits, 1, 2,
	  .kind = SIM_ISR },
	{ "I6 a function excludes the ISR that the end of a batch asks again",
	  test_synchronize_asked_again, 1, 2, .kind = SIM_ISR },
	{ "I9 held: disabled until released, other messages are not", test_hold, 2, 1,
	  .holds = true },
	{ "I9 holds nest", test_hold_nests, 1, 1, .holds = true },
	{ "I9 held in the middle of a batch: its last DPC leaves it disabled, the release enables",
	  test_hold_in_batch, 1, 2, .holds = true },
	{ "I9 held and released in the middle of a batch: its last DPC enables, not the release",
	  test_release_in_batch, 1, 2, .holds = true },
	{ "I9 held when about to be enabled elsewhere: that comes first", test_hold_enabling, 1, 2,
	  .holds = true },
	{ "I9 I4 an interrupt on its way when the message was held: late, worked on",
	  test_hold_late, 1, 1, .holds = true },
	{ "I9 held while the device is closed and opened", test_hold_closed, 2, 1,
	  .holds = true, .closes = true },
	{ "paused: no DPC runs; what came meanwhile is done when resumed", test_pause, 2, 1,
	  .holds = true },
	{ "I4 paused in the middle of a batch, which goes on when resumed", test_pause_batch, 1, 2,
	  .holds = true },
	{ "D6 a DPC that runs too long is counted", test_watchdog, 1, 2 },
	{ }
};
