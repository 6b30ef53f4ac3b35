/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The message-interrupt contract, for any NIC.
 *
 *	message (one vector) --ISR--> DPCs (one NAPI per message and CPU) --> the last of them
 *	enables the message
 *
 * NDIS name				here
 * ---------				----
 * NdisMRegisterInterruptEx		dpcnic_engine_register()
 * NdisMDeregisterInterruptEx		dpcnic_engine_deregister()
 * MiniportMessageInterrupt		dpcnic_miniport_ops.isr
 * MiniportInterrupt			dpcnic_miniport_ops.claim, then .isr
 * QueueDefaultInterruptDpc		DPCNIC_VERDICT_DEFAULT
 * TargetProcessors			DPCNIC_VERDICT_TARGETS
 * NdisMQueueDpc, NdisMQueueDpcEx	dpcnic_dpc_queue()
 * MiniportMessageInterruptDPC		dpcnic_miniport_ops.dpc
 * NDIS_RECEIVE_THROTTLE_PARAMETERS	struct dpcnic_throttle
 * NdisMSynchronizeWithInterruptEx	dpcnic_msg_synchronize()
 * MiniportDisableMessageInterrupt	dpcnic_msg_hold()
 * MiniportEnableMessageInterrupt	dpcnic_msg_release()
 *
 * The engine knows no register, no ring and no packet. Rule numbers (I4, D2, T3, ...) are those
 * of the contract, which CONTRACT.md lists.
 */
#ifndef DPCNIC_ENGINE_H
#define DPCNIC_ENGINE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/irqreturn.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../compat.h"
#include "trace_abi.h"

struct dpcnic_dpc;
struct dpcnic_engine;
struct dpcnic_msg;
struct dpcnic_throttle_ops;

/**
 * struct dpcnic_throttle - what one DPC run may indicate, and what it left behind
 * @max_nbls: in: the most packets this run may indicate (T1); 0 forbids receive work altogether
 *	(netpoll)
 * @indicated: out: packets taken off rings and inboxes by this run, whatever became of them,
 *	0..@max_nbls
 * @more_pending: out: packets are left beyond @max_nbls (T2). True with empty rings or false
 *	with packets left is a bug of the miniport (T3).
 */
struct dpcnic_throttle {
	u32 max_nbls;
	u32 indicated;
	bool more_pending;
};

/**
 * enum dpcnic_verdict - what an ISR asks for (I3)
 * @DPCNIC_VERDICT_DEFAULT: one DPC on the interrupted CPU; the targets are ignored
 * @DPCNIC_VERDICT_TARGETS: one DPC on each CPU of the targets. With an empty set, and nothing
 *	queued by dpcnic_dpc_queue(), the message is enabled again at once.
 */
enum dpcnic_verdict {
	DPCNIC_VERDICT_DEFAULT,
	DPCNIC_VERDICT_TARGETS,
};

/**
 * struct dpcnic_miniport_ops - the NIC's half of the contract, one table per kind of message
 *
 * Whose are the rings? Without @spread all that the message stands for belongs to one of its DPCs,
 * msg->home, which the engine moves to where the message interrupts (I10); other DPCs of the
 * message must leave it alone, see dpcnic_dpc_is_home(). With @spread every DPC has rings of its
 * own, and which these are is the miniport's affair; it changes that under dpcnic_msg_pause().
 *
 * @disable: mask this message and no other in the hardware; one posted write (I2). Context: hard
 *	IRQ or any other, IRQs off or on.
 * @enable: unmask it. A cause that arrived while it was masked must raise the interrupt now: the
 *	engine counts on the hardware to hold it (T3). Context: as @disable.
 * @trigger: raise this message's cause by software; held like any other cause while the message
 *	is masked. Context: as @disable.
 * @claim: for an INTx line, which others may share (I8): did this device raise it? If so it must
 *	stop asserting the line, whether the message is enabled or not; called before @disable.
 *	Needs @isr. NULL for messages that are never shared (I1). Context: hard IRQ.
 * @isr: optional; tells what the (already disabled) message needs: returns a verdict and may set
 *	CPUs in @targets, which is empty. NULL stands for DPCNIC_VERDICT_DEFAULT, at the cost of
 *	no call. Context: hard IRQ; or the last DPC, IRQs off, if an interrupt was late. Never two
 *	at a time for one message.
 * @dpc: work on what belongs to @dpc; bounds its receive work by @throttle->max_nbls, and nothing
 *	else (T4). @context is what its queuer gave, NULL if that was the ISR's verdict or nobody
 *	(D4). Packets are indicated by @dpc->napi. Context: softirq (or a NAPI kthread, a busy
 *	polling task, netpoll), BHs disabled; never two at a time for one DPC.
 * @release: optional; what @dpc did is over, as is what the stack did with the packets that GRO had
 *	kept, which NAPI gives it when the run completes. Until now no other DPC could have had
 *	what belongs to @dpc. Context: as @dpc.
 * @spread: see above
 */
struct dpcnic_miniport_ops {
	void (*disable)(struct dpcnic_msg *msg);
	void (*enable)(struct dpcnic_msg *msg);
	void (*trigger)(struct dpcnic_msg *msg);
	bool (*claim)(struct dpcnic_msg *msg);
	enum dpcnic_verdict (*isr)(struct dpcnic_msg *msg, struct cpumask *targets);
	void (*dpc)(struct dpcnic_dpc *dpc, void *context, struct dpcnic_throttle *throttle);
	void (*release)(struct dpcnic_dpc *dpc);
	bool spread;
};

/**
 * struct dpcnic_isr_stats - counters of one (message, CPU) that its ISR writes
 * @interrupts: interrupts taken on this CPU
 * @late: of those, the ones that arrived while the message was disabled (I4)
 * @empty: of those, the ones that found nothing to do (I1)
 * @disowned: interrupts on this CPU that another device on the line raised (I8); not in
 *	@interrupts
 * @queued: DPCs queued here by a verdict
 * @coalesced: verdicts and late interrupts that found this DPC waiting already (D2)
 */
struct dpcnic_isr_stats {
	u64 interrupts;
	u64 late;
	u64 empty;
	u64 disowned;
	u64 queued;
	u64 coalesced;
};

/**
 * struct dpcnic_call_stats - counters of one (message, CPU) that are written from whichever CPUs,
 * by dpcnic_dpc_queue() but for @offline
 * @queued: DPCs queued here
 * @coalesced: calls that found this DPC waiting already (D2)
 * @offline: calls, and targets of a verdict, refused because the CPU was offline (D3)
 */
struct dpcnic_call_stats {
	atomic64_t queued;
	atomic64_t coalesced;
	atomic64_t offline;
};

/**
 * struct dpcnic_run_stats - counters of one (message, CPU) that its DPC writes
 * @runs: times this DPC ran; as many as it was queued (by verdict or call), and @requeued, @kept
 *	and @unsolicited together, less @cancelled
 * @packets: packets it took off rings and inboxes, whatever became of them
 * @throttled: runs ended by their bound with packets left (T2), or with a ring that rests
 * @requeued: runs that continue such a run
 * @kept: runs of a DPC that NAPI did not let go
 * @unsolicited: runs that no ISR or DPC asked for (I4)
 * @foreign: runs on another CPU than this one (D5)
 * @cancelled: entries that were taken away before they ran, as the DPC was stopped for good (I7).
 *	Written by dpcnic_engine_deregister() and dpcnic_engine_suspend(), then.
 */
struct dpcnic_run_stats {
	u64 runs;
	u64 packets;
	u64 throttled;
	u64 requeued;
	u64 kept;
	u64 unsolicited;
	u64 foreign;
	u64 cancelled;
};

/**
 * struct dpcnic_msg_stats - a message's counters
 * @enables: times it was enabled again, once per batch (I4)
 * @cancelled: batches that were broken off, and did not end with an enable (I7)
 * @holds: times it was held disabled, nested holds not counted (I9)
 * @overlong: runs longer than DPCNIC_DPC_WATCHDOG_MS, summed over its DPCs
 * @call_queued: DPCs queued by dpcnic_dpc_queue(), summed over them
 * @call_coalesced: calls that coalesced, summed over its DPCs
 * @call_offline: calls and targets refused, summed over its DPCs
 * @isr: summed over its DPCs
 * @run: summed over its DPCs
 */
struct dpcnic_msg_stats {
	u64 enables;
	u64 cancelled;
	u64 holds;
	u64 overlong;
	u64 call_queued;
	u64 call_coalesced;
	u64 call_offline;
	struct dpcnic_isr_stats isr;
	struct dpcnic_run_stats run;
};

/**
 * struct dpcnic_last_run - how a DPC's last run ended, for a throttle policy (throttle_abi.h)
 * @run_ns: how long it worked; 0 if unknown
 * @epoch: the attachment of the policy that bounded it, 0 if none did
 * @bound: its bound
 * @packets: packets it took off rings and inboxes
 * @more_pending: it left packets behind
 */
struct dpcnic_last_run {
	u64 run_ns;
	u32 epoch;
	u32 bound;
	u32 packets;
	bool more_pending;
};

/**
 * struct dpcnic_dpc - one DPC: the pair of a message and a CPU (D1)
 *
 * "Holds the NAPI" below means: polls @napi with NAPI_STATE_SCHED set, which NAPI grants to one
 * context at a time.
 *
 * @napi: schedules and runs it. First, so that a poll finds everything by one pointer.
 * @msg: its message; constant
 * @entry: the entry that waits to run (D2), NULL if none does: what its queuer gave as context, or
 *	the DPC itself for no context. Set by whoever queues it, cleared by the run that takes it.
 * @cpu: its CPU; constant
 * @owes: it is one of the outstanding DPCs of @msg (I4). Set by whoever queues it, cleared by the
 *	run that completes it; see dpc.c for why neither needs an atomic in the steady state (I5).
 * @continues: the last run ended with more pending (T2). Written only by the holder of the NAPI.
 * @gro_kept: GRO had packets when the last run began: an earlier one had ended without giving them
 *	to the stack (busy polling, gro_flush_timeout, the bound where HZ >= 1000). For the
 *	miniport. Written only by the holder of the NAPI.
 * @seen_interrupts: @isr.interrupts as of the last run. Written only by the holder of the NAPI;
 *	where the miniport has an ISR by any run of @msg, atomically.
 * @seen_coalesced: coalesced requests as of the last run. Written only by the holder of the NAPI.
 * @queued_ns: when the last entry, or rest of a run (@continues), was queued; 0 where nobody
 *	listened. Written just before @entry, and read only if there is one, or with @continues.
 * @context: of the entry last taken, for runs that continue it. Written only by the holder of the
 *	NAPI.
 * @isr: written by the ISR of @msg, of which only one runs at a time (genirq); where the miniport
 *	has one by the last DPC, too, which asks it again
 * @run: written only by the holder of the NAPI
 * @last: written only by the holder of the NAPI, while a throttle policy is attached
 * @call: written by any
 * @overlong: runs longer than DPCNIC_DPC_WATCHDOG_MS (D6); written by any run, at its end
 * @csd: brings it to its CPU when queued on another; owned by whoever got the NAPI scheduled
 * @thread: process ID of the NAPI kthread that was found bound to @cpu (D5), 0 if none was. Written
 *	by dpcnic_engine_bind_threads(), and where @cpu goes offline.
 * @config: what @napi keeps while the DPC is stopped; the kernel's
 */
struct dpcnic_dpc {
	struct napi_struct napi;
	struct dpcnic_msg *msg;
	void *entry;
	int cpu;
	bool owes;
	bool continues;
	bool gro_kept;
	u32 seen_interrupts;
	u32 seen_coalesced;
	u64 queued_ns;
	void *context;
	struct dpcnic_isr_stats isr;
	struct dpcnic_run_stats run;
	struct dpcnic_last_run last;

	struct dpcnic_call_stats call;
	atomic64_t overlong;
	call_single_data_t csd;
	pid_t thread;
	struct napi_config config;
} ____cacheline_aligned;

/**
 * struct dpcnic_msg - one message: a vector, its IRQ, and its row of DPCs
 *
 * In the steady state (one DPC, on one CPU) only that CPU writes here (I5).
 *
 * @outstanding: 0 while the message is enabled; otherwise 1 plus the number of its outstanding
 *	DPCs (I4). Set by the ISR, taken back by the DPCs.
 * @holds: nested holds (I9). Written under engine->lock, the last release under @hold_lock, too;
 *	read without by who ends a batch.
 * @home: the DPC that works on the message's rings, unless @ops->spread. Written by the ISR only,
 *	see dpcnic_msg_move_home().
 * @guest: bit 0: an unsolicited run works on the rings, which keeps @home where it is, or they are
 *	on the move (I10)
 * @ops: the miniport; as of registering
 * @priv: the miniport's own; as of registering
 * @dpc: its DPCs, one per possible CPU, indexed by CPU; constant
 * @disabled_ns: when the message was last disabled, 0 where nobody listened. Written by the ISR.
 * @enables: times it was enabled again. Written by whoever ends the batch.
 * @engine: constant
 * @again: an interrupt was late: ask @ops->isr once more before the message is enabled. Set by the
 *	ISR, taken by whoever ends the batch; atomically.
 * @excluded: functions that run in mutual exclusion with @ops->isr (I6), so that it must not be
 *	asked again. Written by dpcnic_msg_synchronize(), atomically.
 * @started: it has been enabled since it was registered; before that no DPC may touch the rings.
 *	Written by dpcnic_engine_enable(), and by whoever stops the message.
 * @shut: the ISR is to take no interrupt for its own, see dpcnic_msg_shut_out(). Written in
 *	process context.
 * @began_on: the CPU where the batch began, with @ops->isr. Written by the ISR.
 * @isr_called: @ops->isr queued a DPC by itself. Written by the ISR.
 * @targets: for @ops->isr to fill. Written by the ISR.
 * @hold_lock: who ends a batch and who releases agree on which of them enables the message
 * @parked: why a held message stays disabled though no DPC is outstanding. Under @hold_lock.
 * @hold_cnt: times it was held. Under engine->lock.
 * @cancelled: batches that were broken off when it was stopped. Written by whoever stops it.
 * @irq: Linux IRQ number; constant
 * @id: MessageId; constant
 * @name: its name in /proc/interrupts, "<netdev>-msg<id>"; as of registering
 */
struct dpcnic_msg {
	atomic_t outstanding;
	int holds;
	struct dpcnic_dpc *home;
	unsigned long guest;
	const struct dpcnic_miniport_ops *ops;
	void *priv;
	struct dpcnic_dpc *dpc;
	u64 disabled_ns;
	u64 enables;
	struct dpcnic_engine *engine;

	bool again;
	bool isr_called;
	bool started;
	bool shut;
	int began_on;
	atomic_t excluded;
	cpumask_var_t targets;
	raw_spinlock_t hold_lock; /* see above */
	enum dpcnic_parked {
		DPCNIC_NOT_PARKED,
		DPCNIC_PARKED_IDLE,	/* it was enabled when it was held */
		DPCNIC_PARKED_BATCH,	/* a batch ended meanwhile and is owed its enable */
	} parked;
	u64 hold_cnt;
	u64 cancelled;
	int irq;
	u16 id;
	char name[IFNAMSIZ + 12];
} ____cacheline_aligned;

/* What interrupt and DPC write of a message in the steady state is one cache line (I5). */
static_assert(offsetof(struct dpcnic_msg, engine) <= SMP_CACHE_BYTES);

/**
 * struct dpcnic_engine - the messages of one device (NDIS: the interrupt handle)
 * @ndev: owner of the NAPIs
 * @throttle: the device's throttle policy, or NULL (T5); rules in throttle.c
 * @throttle_epoch: the number of its attachment
 * @throttle_node: in the list of all engines
 * @lock: serialises holds and releases; taken in process context only
 * @msg_cnt: number of messages
 * @msg: the messages, indexed by MessageId
 */
struct dpcnic_engine {
	struct net_device *ndev;
	const struct dpcnic_throttle_ops __rcu *throttle;
	u32 throttle_epoch;
	struct list_head throttle_node;
	struct mutex lock; /* see above */
	u16 msg_cnt;
	struct dpcnic_msg msg[] __counted_by(msg_cnt);
};

/* How tracepoints name a device: see dpc_run in trace.h. */
static inline u64 dpcnic_trace_device(const struct net_device *ndev)
{
	return (u64)dev_net(ndev)->ns.inum << 32 | (u32)ndev->ifindex;
}

/* The watchdog's limit in jiffies: no clock is read for it (D6). */
#define DPCNIC_DPC_WATCHDOG	msecs_to_jiffies(DPCNIC_DPC_WATCHDOG_MS)

/* Value of msg->outstanding with one DPC left: the batch itself and that DPC. */
#define DPCNIC_LAST_DPC		2

/* Does an entry of this DPC wait to run, or the rest of a run that had more pending (D2, T2)? */
static inline bool dpcnic_dpc_waits(const struct dpcnic_dpc *dpc)
{
	return READ_ONCE(dpc->entry) || READ_ONCE(dpc->continues);
}

/* throttle.c */
int dpcnic_throttle_init(void);

/* engine.c: life */
struct dpcnic_engine *dpcnic_engine_alloc(struct net_device *ndev, u16 msg_cnt);
void dpcnic_engine_free(struct dpcnic_engine *engine);
int dpcnic_msg_init(struct dpcnic_engine *engine, u16 id, int irq);
void dpcnic_msg_setup(struct dpcnic_msg *msg, const struct dpcnic_miniport_ops *ops, void *priv);
int dpcnic_engine_register(struct dpcnic_engine *engine);
void dpcnic_engine_deregister(struct dpcnic_engine *engine);
void dpcnic_engine_suspend(struct dpcnic_engine *engine);
void dpcnic_engine_resume(struct dpcnic_engine *engine);
void dpcnic_engine_enable(struct dpcnic_engine *engine);
void dpcnic_msg_read_stats(const struct dpcnic_msg *msg, struct dpcnic_msg_stats *stats);

/* thread.c: the NAPI kthreads' CPUs */
void dpcnic_engine_bind_threads(struct dpcnic_engine *engine);
void dpcnic_engine_unbind_threads(struct dpcnic_engine *engine, int cpu);

/* hold.c: synchronise with a message, hold it, pause it */
void dpcnic_msg_synchronize(struct dpcnic_msg *msg, void (*fn)(void *arg), void *arg);
void dpcnic_msg_hold(struct dpcnic_msg *msg);
void dpcnic_msg_release(struct dpcnic_msg *msg);
void dpcnic_msg_pause(struct dpcnic_msg *msg);
void dpcnic_msg_resume(struct dpcnic_msg *msg);

/* for a miniport's ISR or DPC */
bool dpcnic_dpc_queue(struct dpcnic_msg *msg, const struct dpcnic_dpc *from,
		      const struct cpumask *cpus, void *context, struct cpumask *queued);

/* for anybody */
void dpcnic_dpc_wake(struct dpcnic_dpc *dpc);

/**
 * dpcnic_dpc_is_home() - do the message's rings belong to this DPC?
 * @dpc: the DPC, of a message whose rings are not spread
 *
 * Context: ops->dpc.
 * Return: true if they do.
 */
static inline bool dpcnic_dpc_is_home(const struct dpcnic_dpc *dpc)
{
	return READ_ONCE(dpc->msg->home) == dpc;
}

/**
 * dpcnic_dpc_busy() - may this DPC have moved on in its rings, unseen by us?
 * @msg: the message
 * @cpu: the DPC's CPU
 *
 * Where its ring indices are read without holding its NAPI: they are as it left them if this is
 * false, and if this is asked first.
 *
 * Context: ops->isr, or ops->dpc of another DPC.
 * Return: true if it may.
 */
static inline bool dpcnic_dpc_busy(const struct dpcnic_msg *msg, int cpu)
{
	/* acquire: pairs with the release of the NAPI */
	return test_bit_acquire(NAPI_STATE_SCHED, &msg->dpc[cpu].napi.state);
}

/**
 * dpcnic_dpc_may_queue() - may the run under way queue DPCs, see dpcnic_dpc_queue()?
 * @dpc: the DPC that runs
 *
 * A debt that it has now it will have until it completes: the batch stays open.
 *
 * Context: ops->dpc.
 * Return: false if it is no part of a batch.
 */
static inline bool dpcnic_dpc_may_queue(const struct dpcnic_dpc *dpc)
{
	return READ_ONCE(dpc->owes);
}

/* Within the engine. msg.c -> dpc.c -> msg.c: interrupt, queue, run, enable */
irqreturn_t dpcnic_msg_interrupt(int irq, void *data);
int dpcnic_dpc_poll(struct napi_struct *napi, int budget);
void dpcnic_dpc_queue_default(struct dpcnic_dpc *dpc, u64 now);
bool dpcnic_dpc_queue_one(struct dpcnic_dpc *dpc, u64 now);
unsigned int dpcnic_dpc_queue_targets(struct dpcnic_msg *msg, u64 now);
void dpcnic_dpc_run_again(struct dpcnic_dpc *dpc);
void dpcnic_dpc_hop(void *data);
void dpcnic_dpc_resume(struct dpcnic_dpc *dpc);
bool dpcnic_msg_put(struct dpcnic_msg *msg);
void dpcnic_msg_open(struct dpcnic_msg *msg, bool batch);
bool dpcnic_msg_park(struct dpcnic_msg *msg);
void dpcnic_msg_stop_dpcs(struct dpcnic_msg *msg);
void dpcnic_msg_start_dpcs(struct dpcnic_msg *msg);

#endif /* DPCNIC_ENGINE_H */
