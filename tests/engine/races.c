// SPDX-License-Identifier: GPL-2.0
/*
 * Races: every CPU does what may happen at any time, in random order, a fixed number of times.
 * Whatever the order was: the device checks itself all the time (sim.h), and in the end every
 * packet was worked on, every message is enabled and the books close.
 */
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "sim.h"

#define RACE_RECEIVE	BIT(0)	/* packets arrive */
#define RACE_LATE	BIT(1)	/* packets arrive, told of by a late interrupt on any CPU */
#define RACE_AIM	BIT(2)	/* a message's affinity changes */
#define RACE_SCHEDULE	BIT(3)	/* an unsolicited run */
#define RACE_BUSY_POLL	BIT(4)	/* a busy polling task */
#define RACE_HOLD	BIT(5)	/* a message is held, and released again */
#define RACE_PAUSE	BIT(6)	/* a message's DPCs are paused, and resumed */
#define RACE_NETPOLL	BIT(7)	/* netpoll */
#define RACE_WAKE	BIT(8)	/* packets arrive, told of by dpcnic_dpc_wake() */
/* without netpoll: see sim_netpoll_start() */
#define RACE_ALL	(GENMASK(6, 0) | RACE_WAKE)

#define RACE_STEPS	1500

/**
 * struct racer - what one CPU does
 * @sim: the device
 * @random: its own source
 * @what: RACE_*
 * @steps: how often
 * @done: it has ended
 */
struct racer {
	struct sim *sim;
	struct rnd_state random;
	unsigned long what;
	int steps;
	bool done;
};

static u32 pick(struct racer *racer, u32 count)
{
	return prandom_u32_state(&racer->random) % count;
}

static int pick_cpu(struct racer *racer)
{
	return cpumask_nth(pick(racer, num_online_cpus()), cpu_online_mask);
}

/* Packets arrive, which nothing tells of yet. */
static void race_receive(struct racer *racer, struct sim_msg *m, u32 most)
{
	atomic64_add(pick(racer, most),
		     sim_spread(m) ? &m->share[pick_cpu(racer)].produced : &m->produced);
}

/* Packets arrive, and whose they are is to look. */
static void race_wake(struct racer *racer, struct sim_msg *m)
{
	int cpu = pick_cpu(racer);

	atomic64_add(pick(racer, 100), sim_spread(m) ? &m->share[cpu].produced : &m->produced);
	smp_mb(); /* before our look at whose they are */
	dpcnic_dpc_wake(sim_spread(m) ? sim_dpc(m, cpu) : READ_ONCE(m->msg->home));
}

/* Now and then, as a hold waits for RCU. */
static void race_hold(struct racer *racer, struct sim_msg *m)
{
	if (pick(racer, 16))
		return;
	dpcnic_msg_hold(m->msg);
	if (pick(racer, 2))
		usleep_range(50, 500);
	dpcnic_msg_release(m->msg);
}

static void race_pause(struct racer *racer, struct sim_msg *m)
{
	if (pick(racer, 16))
		return;
	mutex_lock(&racer->sim->pause_lock);
	dpcnic_msg_pause(m->msg);
	if (pick(racer, 2))
		usleep_range(50, 500);
	dpcnic_msg_resume(m->msg);
	mutex_unlock(&racer->sim->pause_lock);
}

static void race_step(struct racer *racer)
{
	struct sim_msg *m = &racer->sim->m[pick(racer, racer->sim->msg_cnt)];

	/* what is not asked for becomes the most usual thing */
	switch (BIT(pick(racer, 12)) & racer->what) {
	case RACE_LATE:
		race_receive(racer, m, 100);
		sim_deliver(m, pick_cpu(racer));
		break;
	case RACE_AIM:
		sim_aim(m, pick_cpu(racer));
		break;
	case RACE_SCHEDULE:
		sim_schedule(m, pick_cpu(racer));
		break;
	case RACE_BUSY_POLL:
		sim_busy_poll(m, pick_cpu(racer));
		break;
	case RACE_HOLD:
		race_hold(racer, m);
		break;
	case RACE_PAUSE:
		race_pause(racer, m);
		break;
	case RACE_NETPOLL:
		sim_netpoll(racer->sim);
		break;
	case RACE_WAKE:
		race_wake(racer, m);
		break;
	default:
		race_receive(racer, m, 200);
		sim_assert(m);
	}
}

static int race_thread(void *data)
{
	struct racer *racer = data;

	while (racer->steps-- > 0 && !READ_ONCE(racer->sim->hung)) {
		race_step(racer);
		cond_resched();
	}
	/* pairs with race_over(): the racer may be freed */
	smp_store_release(&racer->done, true);
	return 0;
}

static bool race_over(struct racer *racers)
{
	int cpu;

	for_each_online_cpu(cpu)
		/* pairs with race_thread() */
		if (!smp_load_acquire(&racers[cpu].done))
			return false;
	return true;
}

/* Start a racer on every CPU. Return: them, or NULL. */
static struct racer *race_start(struct sim *sim, unsigned long what, int steps)
{
	struct racer *racers = kcalloc(nr_cpu_ids, sizeof(*racers), GFP_KERNEL);
	struct task_struct *task;
	int cpu;

	sim->logging = false;
	if (!racers) {
		sim_fail(sim, "no memory for racers");
		return NULL;
	}
	for_each_online_cpu(cpu) {
		struct racer *racer = &racers[cpu];

		racer->sim = sim;
		racer->what = what;
		racer->steps = steps;
		prandom_seed_state(&racer->random, sim->seed++);
		task = kthread_create(race_thread, racer, "dpcnic_racer/%d", cpu);
		if (IS_ERR(task)) {
			sim_fail(sim, "no racer: %pe", task);
			racer->done = true;
			continue;
		}
		kthread_bind(task, cpu);
		wake_up_process(task);
	}
	return racers;
}

/* They end by themselves, as nothing they do waits for anything. */
static void race_join(struct sim *sim, struct racer *racers)
{
	while (racers && !race_over(racers))
		usleep_range(500, 2000);
	kfree(racers);
}

static void race(struct sim *sim, unsigned long what)
{
	race_join(sim, race_start(sim, what, RACE_STEPS));
	sim_settle(sim);
}

/*
 * In a run of one CPU's share: packets arrive for another's, of which no interrupt tells, only a
 * call. Without a batch there is none: then the device is to interrupt.
 */
static void call_at_random(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context)
{
	struct rnd_state *random = &m->share[dpc->cpu].random;
	int cpu;

	if (context && context != m)
		sim_fail(m->sim, "message %u: a context that nobody gave (D4)", m->id);
	if (prandom_u32_state(random) % 4)
		return;
	cpu = cpumask_nth(prandom_u32_state(random) % num_online_cpus(), cpu_online_mask);
	atomic64_inc(&m->share[cpu].produced);
	if (!dpcnic_dpc_queue(m->msg, dpc, cpumask_of(cpu), m, NULL))
		sim_assert(m);
}

static void race_calls(struct sim *sim)
{
	int cpu, i;

	for (i = 0; i < sim->msg_cnt; i++) {
		for_each_possible_cpu(cpu)
			prandom_seed_state(&sim->m[i].share[cpu].random, sim->seed++);
		sim->m[i].on_share = call_at_random;
	}
}

static void test_calling(struct sim *sim)
{
	race_calls(sim);
	race(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM);
}

static void test_calling_and_all(struct sim *sim)
{
	sim->anywhere = true;
	race_calls(sim);
	race(sim, RACE_ALL);
}

static void test_holding(struct sim *sim)
{
	race(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM | RACE_HOLD);
}

static void test_pausing(struct sim *sim)
{
	sim->anywhere = true;
	race(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM | RACE_BUSY_POLL | RACE_PAUSE);
}

/* CPUs but the first go offline and come back all the time. */
static void test_hotplug(struct sim *sim)
{
	struct racer *racers;
	int cpu, round;

	sim->anywhere = true;
	racers = race_start(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM | RACE_SCHEDULE,
			    4 * RACE_STEPS);
	for (round = 0; round < 2; round++) {
		for_each_possible_cpu(cpu) {
			if (cpu == sim->cpu)
				continue;
			if (remove_cpu(cpu) || add_cpu(cpu))
				sim_fail(sim, "CPU %d does not go, or not come back", cpu);
		}
	}
	race_join(sim, racers);
	sim_settle(sim);
}

static void test_firing(struct sim *sim)
{
	race(sim, RACE_RECEIVE | RACE_LATE);
}

static void test_moving(struct sim *sim)
{
	race(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM);
}

static void test_scheduling(struct sim *sim)
{
	sim->anywhere = true;
	race(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM | RACE_SCHEDULE);
}

static void test_busy_polling(struct sim *sim)
{
	sim->anywhere = true;
	race(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM | RACE_BUSY_POLL);
}

static void test_waking(struct sim *sim)
{
	sim->anywhere = true;
	race(sim, RACE_RECEIVE | RACE_AIM | RACE_BUSY_POLL | RACE_WAKE);
}

static void test_everything(struct sim *sim)
{
	sim->anywhere = true;
	race(sim, RACE_ALL & ~(RACE_HOLD | RACE_PAUSE));
}

static void test_netpolling(struct sim *sim)
{
	sim->anywhere = true;
	race(sim, (RACE_ALL | RACE_NETPOLL) & ~(RACE_HOLD | RACE_PAUSE));
}

/* As every_other_empty, but right: only what is on the ring matters. */
static enum dpcnic_verdict look_at_ring(struct sim_msg *m, struct cpumask *targets)
{
	/* consumed may be written by a busy poll now: then there is something to do */
	return atomic64_read(&m->produced) == READ_ONCE(m->consumed) ?
	       DPCNIC_VERDICT_TARGETS : DPCNIC_VERDICT_DEFAULT;
}

static void test_empty(struct sim *sim)
{
	int i;

	for (i = 0; i < sim->msg_cnt; i++)
		sim->m[i].on_isr = look_at_ring;
	race(sim, RACE_RECEIVE | RACE_LATE | RACE_AIM);
}

static void test_deregistering(struct sim *sim)
{
	struct racer *racers;
	int i, round;

	sim->anywhere = true;
	racers = race_start(sim, RACE_ALL & ~(RACE_HOLD | RACE_PAUSE), RACE_STEPS);
	for (round = 0; round < 30; round++) {
		usleep_range(1000, 5000);
		sim_close(sim);
		usleep_range(200, 1000);
		if (!sim_open_again(sim))
			break;
	}
	race_join(sim, racers);

	/* an interrupt that a closed device did not hear is a driver's to make up for */
	for (i = 0; i < sim->msg_cnt; i++)
		sim_receive(&sim->m[i], 1);
	sim_settle(sim);
}

const struct sim_test sim_race_tests[] = {
	{ "race: interrupts and late ones on all CPUs", test_firing, SIM_MSGS, 1 },
	{ "race: ISRs that find nothing to do", test_empty, SIM_MSGS, 1, .kind = SIM_ISR },
	{ "race: I10 affinity changes", test_moving, SIM_MSGS, 1 },
	{ "race: unsolicited runs", test_scheduling, SIM_MSGS, 1 },
	{ "race: busy poll", test_busy_polling, SIM_MSGS, 1 },
	{ "race: DPCs are woken", test_waking, SIM_MSGS, 1 },
	{ "race: everything", test_everything, SIM_MSGS, 1 },
	{ "race: everything, and netpoll", test_netpolling, SIM_MSGS, 1, .netpoll = true },
	{ "race: everything, one message", test_everything, 1, 1 },
	{ "race: everything, NAPI defers", test_everything, SIM_MSGS, 1,
	  "gro_flush_timeout=20000 napi_defer_hard_irqs=2" },
	{ "race: everything, threaded NAPI", test_everything, SIM_MSGS, 1, "threaded=1" },
	{ "race: everything, threaded NAPI that defers", test_everything, SIM_MSGS, 1,
	  "threaded=1 gro_flush_timeout=20000 napi_defer_hard_irqs=2" },
	{ "race: I9 holds", test_holding, SIM_MSGS, 1, .holds = true },
	{ "race: pauses", test_pausing, SIM_MSGS, 1, .holds = true },
	{ "race: D3 several DPCs that queue each other", test_calling, SIM_MSGS, 1,
	  .kind = SIM_SPREAD },
	{ "race: D3 several DPCs, and everything", test_calling_and_all, SIM_MSGS, 1,
	  .kind = SIM_SPREAD, .holds = true },
	{ "race: D3 several DPCs of one message, and everything", test_calling_and_all, 1, 1,
	  .kind = SIM_SPREAD, .holds = true },
	{ "race: D3 several DPCs, and everything, NAPI defers", test_calling_and_all, SIM_MSGS, 1,
	  "gro_flush_timeout=20000 napi_defer_hard_irqs=2", .kind = SIM_SPREAD, .holds = true },
	{ "race: D3 several DPCs, and everything, threaded NAPI", test_calling_and_all, SIM_MSGS, 1,
	  "threaded=1", .kind = SIM_SPREAD, .holds = true },
	{ "race: CPUs go offline and come back", test_hotplug, SIM_MSGS, 2 },
	{ "race: I7 deregister against everything", test_deregistering, SIM_MSGS, 1,
	  .closes = true },
	{ "race: I7 deregister against everything, NAPI defers", test_deregistering, SIM_MSGS, 1,
	  "gro_flush_timeout=20000 napi_defer_hard_irqs=2", .closes = true },
	{ "race: I7 deregister against everything, threaded NAPI", test_deregistering, SIM_MSGS, 1,
	  "threaded=1", .closes = true },
	{ }
};
