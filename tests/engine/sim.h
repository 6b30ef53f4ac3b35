/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device that exists in memory only, for tests of the engine: messages with a mask bit, a
 * latched cause and a ring that is a number of packets. What it does not invent: its interrupts
 * come through genirq's handle_edge_irq() in hard-IRQ context of a chosen CPU, its DPCs through
 * NAPI, netpoll and busy poll.
 *
 * It checks on its own what no miniport may ever see broken (a message enabled twice, two runs on
 * one ring, a call after deregister); the rest is for the tests, which steer it by hooks: what is
 * to happen "while a DPC runs" is called from that run, so no test depends on timing.
 */
#ifndef DPCNIC_TEST_SIM_H
#define DPCNIC_TEST_SIM_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/prandom.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "engine/engine.h"

#define SIM_MSGS	3
/* A wait longer than this is a hang; shorter than what the kernel's own detectors allow. */
#define SIM_PATIENCE	(8ull * NSEC_PER_SEC)

struct sim;
struct sim_msg;
struct sim_test;

/**
 * struct sim_wire - a message on its way to one CPU; like an APIC's request bit it holds one
 * @hop: brings it to the CPU
 * @irq: raises a real interrupt there
 * @msg: the message
 * @cpu: the CPU
 * @hopping: @hop is on its way: any CPU may send, and the kernel does not look after that
 * @tickets: interrupts that somebody waits for
 * @taken: of @tickets those whose interrupt has been handled
 */
struct sim_wire {
	call_single_data_t hop;
	struct irq_work irq;
	struct sim_msg *msg;
	int cpu;
	atomic_t hopping;
	atomic_t tickets;
	atomic_t taken;
};

/**
 * struct sim_share - a ring of its own for one DPC of a message whose rings are spread
 * @produced: packets that arrived
 * @consumed: packets taken off the ring; plain, because never two runs work on it
 * @working: a run is at the ring
 * @runs: runs that were given the ring
 * @random: what a run does at random; written by the run
 */
struct sim_share {
	atomic64_t produced;
	u64 consumed;
	atomic_t working;
	u32 runs;
	struct rnd_state random;
};

/* How the miniport wants its messages. */
enum sim_kind {
	SIM_PLAIN,	/* without an ISR: the engine has the default verdict */
	SIM_ISR,	/* with an ISR, rings that move */
	SIM_SPREAD,	/* with an ISR, a share for each DPC */
	SIM_LINE,	/* as SIM_ISR, on a line that others share */
};

/**
 * struct sim_msg - the hardware's side of one message
 * @sim: the device
 * @id: MessageId
 * @irq: Linux IRQ number, while there is an engine
 * @msg: the engine's side, while there is an engine
 * @wire: one per possible CPU
 * @in_flight: interrupts on the wires or being handled
 * @lock: masked and cause change together
 * @masked: the mask bit
 * @cause: latched cause: raises the interrupt once unmasked
 * @target: the CPU that the message's address names; written by irq_chip.irq_set_affinity()
 * @share: one per possible CPU, for messages whose rings are spread
 * @held: holds that the test has (sim_hold()); under the engine's lock
 * @not_ours: on a line: another device asserts it
 * @produced: packets that arrived
 * @consumed: packets taken off the ring; plain, because never two runs work on it
 * @other_work: causes that no throttle bounds; run by every run, whatever its bound
 * @working: a run is at the ring
 * @enabling: inside enable()
 * @runs: runs that were given the ring
 * @enables: calls of enable()
 * @disables: calls of disable() by the ISR
 * @on_isr: called in the ISR
 * @on_run: called in each run, after it looked at the ring
 * @on_share: called in each run of a share, after it looked at it
 * @on_enable: called in enable(), before the mask bit changes
 * @on_enabled: called in enable(), after the mask bit changed
 * @on_flush: called while NAPI completes a run that indicated by sim_indicate()
 */
struct sim_msg {
	struct sim *sim;
	u16 id;
	int irq;
	struct dpcnic_msg *msg;
	struct sim_wire *wire;
	atomic_t in_flight;

	raw_spinlock_t lock;
	bool masked;
	bool cause;
	int target;
	struct sim_share *share;
	int held;
	bool not_ours;
	atomic64_t produced;
	u64 consumed;
	u64 other_work;
	atomic_t working;
	atomic_t enabling;
	u32 runs;
	u32 enables;
	u32 disables;

	enum dpcnic_verdict (*on_isr)(struct sim_msg *m, struct cpumask *targets);
	void (*on_run)(struct sim_msg *m, struct napi_struct *napi,
		       struct dpcnic_throttle *throttle);
	void (*on_share)(struct sim_msg *m, struct dpcnic_dpc *dpc, void *context);
	void (*on_enable)(struct sim_msg *m);
	void (*on_enabled)(struct sim_msg *m);
	void (*on_flush)(struct sim_msg *m);
};

/**
 * struct sim_job - something that another CPU does meanwhile, in process context
 * @work: brings it there
 * @m: argument
 * @fn: what to do
 * @done: it returned
 */
struct sim_job {
	struct work_struct work;
	struct sim_msg *m;
	void (*fn)(struct sim_msg *m);
	bool done;
};

/**
 * struct sim - the device
 * @parent: the netdev's, as every NIC has one
 * @ndev: registered, so that NAPI, busy poll, netpoll and sysfs take it for a network device
 * @idle_napi: never scheduled; without any NAPI a device has no sysfs "threaded"
 * @m: the messages' hardware
 * @msg_cnt: as many of them the engine has
 * @engine: the engine under test
 * @open: the engine is registered: calls are allowed
 * @closing: deregister has begun: it masks, and an interrupt on its way may still begin a batch
 * @anywhere: runs may be on any CPU and in any context (busy poll, netpoll, kthreads)
 * @logging: note each call in @log
 * @cpu: the CPU of the test's own thread; "here"
 * @other: another CPU, if there is one
 * @job: what @other does meanwhile
 * @step: for hooks: how far the test's script is
 * @flag: for hooks: somebody is to go on
 * @seed: of the random tests
 * @pause_lock: pauses do not nest
 * @text_lock: for the texts below
 * @failed: something was not as it must be
 * @hung: a wait ended for lack of patience; those that follow do not wait
 * @log_len: length of @log
 * @report_len: length of @report
 * @log: calls in their order: D disable by ISR, I isr, R run, E enable by DPC, e enable by ISR,
 *	T trigger, each followed by the message
 * @report: what was not as it must be
 */
struct sim {
	struct device *parent;
	struct net_device *ndev;
	struct napi_struct idle_napi;
	struct sim_msg m[SIM_MSGS];
	int msg_cnt;
	struct dpcnic_engine *engine;
	bool open;
	bool closing;
	bool anywhere;
	bool logging;
	int cpu;
	int other;
	struct sim_job job;
	int step;
	int flag;
	u64 seed;
	struct mutex pause_lock; /* see above */

	raw_spinlock_t text_lock;
	bool failed;
	bool hung;
	int log_len;
	int report_len;
	char log[1024];
	char report[8192];
};

int sim_create(struct sim *sim);
void sim_destroy(struct sim *sim);
int sim_build(struct sim *sim, int msg_cnt, enum sim_kind kind);
void sim_dismantle(struct sim *sim);
int sim_open(struct sim *sim);
bool sim_open_again(struct sim *sim);
void sim_close(struct sim *sim);
void sim_drain(struct sim *sim);
void sim_start(struct sim_msg *m, int cpu, void (*fn)(struct sim_msg *m));
bool sim_done(struct sim *sim);

/* What the world does to the device */
void sim_aim(struct sim_msg *m, int cpu);
void sim_receive(struct sim_msg *m, unsigned int packets);
void sim_receive_late(struct sim_msg *m, unsigned int packets, int cpu);
void sim_receive_share(struct sim_msg *m, unsigned int packets, int cpu);
void sim_assert(struct sim_msg *m);
void sim_deliver(struct sim_msg *m, int cpu);
void sim_deliver_now(struct sim_msg *m, int cpu);
void sim_indicate(struct sim_msg *m, struct napi_struct *napi);

/* Holds that sim_enable() knows of */
void sim_hold(struct sim_msg *m);
void sim_release(struct sim_msg *m);

/* Stop the test's CPU in the middle of the engine's code */
void sim_trap(struct sim *sim, const void *what, unsigned int len, struct dpcnic_dpc *dpc);
void sim_untrap(struct sim *sim);

/* What the kernel does to a DPC that nobody asked for */
void sim_busy_poll(struct sim_msg *m, int cpu);
void sim_schedule(struct sim_msg *m, int cpu);
int sim_netpoll_start(struct sim *sim);
void sim_netpoll_stop(struct sim *sim);
void sim_netpoll(struct sim *sim);

bool sim_idle(struct sim *sim);
void sim_settle(struct sim *sim);
void sim_check_books(struct sim *sim, const struct sim_test *test);
void sim_log_reset(struct sim *sim);

__printf(2, 3) void sim_fail(struct sim *sim, const char *fmt, ...);
void sim_hang(struct sim *sim, const char *what, const char *where, int line);
void sim_expect_log(struct sim *sim, const char *want, const char *where, int line);

static inline bool sim_spread(const struct sim_msg *m)
{
	return m->msg->ops->spread;
}

static inline struct dpcnic_dpc *sim_dpc(struct sim_msg *m, int cpu)
{
	/* a machine of one CPU has no other */
	if (WARN_ON_ONCE(cpu >= nr_cpu_ids))
		cpu = 0;
	return &m->msg->dpc[cpu];
}

/* Checks: go on after a failure, so that the report shows all of it. */
#define expect(sim, cond) do {							\
	if (!(cond))								\
		sim_fail(sim, "%s:%d: not so: %s", __func__, __LINE__, #cond);	\
} while (0)

#define expect_is(sim, got, want) do {						\
	u64 __got = (got), __want = (want);					\
										\
	if (__got != __want)							\
		sim_fail(sim, "%s:%d: %s is %llu, not %llu", __func__, __LINE__,	\
			 #got, __got, __want);					\
} while (0)

/* The calls were these, in this order. */
#define expect_log(sim, want)	sim_expect_log(sim, want, __func__, __LINE__)

#define __sim_wait(dev, cond, text, pause) ({					\
	u64 __end = ktime_get_mono_fast_ns() + SIM_PATIENCE;			\
	struct sim *__dev = (dev);						\
	bool __so;								\
										\
	while (!(__so = (cond))) {						\
		if (READ_ONCE(__dev->hung))					\
			break;							\
		if (ktime_get_mono_fast_ns() > __end) {				\
			sim_hang(__dev, text, __func__, __LINE__);		\
			break;							\
		}								\
		pause;								\
	}									\
	__so;									\
})

/* Wait for a condition: asleep, or in a hook that must not sleep. */
#define sim_wait(dev, cond)	__sim_wait(dev, cond, #cond, usleep_range(50, 200))
#define sim_spin(dev, cond)	__sim_wait(dev, cond, #cond, cpu_relax())

/**
 * struct sim_test - one test
 * @name: what it shows, with the number of the rule
 * @fn: shows it, on a device that is open; it need not wait until all is done
 * @msgs: messages of the device
 * @cpus: CPUs it needs
 * @attributes: how sysfs attributes of the network device must be set, "name=value ..."
 * @kind: of messages
 * @netpoll: netpoll has the device
 * @holds: the test holds messages, so that they are enabled without a batch
 * @closes: the test itself closes the device and opens it again
 */
struct sim_test {
	const char *name;
	void (*fn)(struct sim *sim);
	int msgs;
	int cpus;
	const char *attributes;
	enum sim_kind kind;
	bool netpoll;
	bool holds;
	bool closes;
};

/* see count_atomics.h */
extern unsigned long sim_atomics;

/* Each ends with an entry that has no name. */
extern const struct sim_test sim_batch_tests[];
extern const struct sim_test sim_dpc_tests[];
extern const struct sim_test sim_many_tests[];
extern const struct sim_test sim_hold_tests[];
extern const struct sim_test sim_race_tests[];

#endif /* DPCNIC_TEST_SIM_H */
