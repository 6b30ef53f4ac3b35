/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The message-interrupt contract, for any NIC.
 *
 *	message (one MSI-X vector) --ISR--> DPC (one NAPI per message and CPU) --> last DPC
 *	enables the message
 *
 * NDIS name				here
 * ---------				----
 * NdisMRegisterInterruptEx		dpcnic_engine_register()
 * NdisMDeregisterInterruptEx		dpcnic_engine_deregister()
 * MiniportMessageInterrupt		dpcnic_miniport_ops.isr
 * MiniportMessageInterruptDPC		dpcnic_miniport_ops.dpc
 * QueueDefaultInterruptDpc		DPCNIC_VERDICT_DEFAULT
 * NDIS_RECEIVE_THROTTLE_PARAMETERS	struct dpcnic_throttle
 * MiniportEnableMessageInterrupt	dpcnic_miniport_ops.enable
 * MiniportDisableMessageInterrupt	dpcnic_miniport_ops.disable
 *
 * The engine knows no register, no ring and no packet. Rule numbers (I4, D2, T3, ...) are those
 * of the contract, which README.md lists.
 */
#ifndef DPCNIC_ENGINE_H
#define DPCNIC_ENGINE_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/types.h>

#include "trace_abi.h"

struct dpcnic_dpc;
struct dpcnic_engine;
struct dpcnic_msg;
struct dpcnic_throttle_ops;

/**
 * struct dpcnic_throttle - what one DPC run may indicate, and what it left behind
 * @max_nbls: in: the most packets this run may indicate (T1); 0 forbids receive work altogether
 *	(netpoll)
 * @indicated: out: packets taken off the rings by this run, 0..@max_nbls
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
 * @DPCNIC_VERDICT_DEFAULT: one DPC on the interrupted CPU
 * @DPCNIC_VERDICT_NONE: no DPC; the message is enabled again at once
 */
enum dpcnic_verdict {
	DPCNIC_VERDICT_DEFAULT,
	DPCNIC_VERDICT_NONE,
};

/**
 * struct dpcnic_miniport_ops - the NIC's half of the contract, one table per kind of message
 * @disable: mask this message and no other in the hardware; one posted write (I2). Context: hard
 *	IRQ or any other, IRQs off or on.
 * @enable: unmask it. A cause that arrived while it was masked must raise the interrupt now: the
 *	engine counts on the hardware to hold it (T3). Context: as @disable.
 * @trigger: raise this message's cause by software; held like any other cause while the message
 *	is masked. Context: as @disable.
 * @isr: optional; tells what the (already disabled) message needs. NULL stands for
 *	DPCNIC_VERDICT_DEFAULT, at the cost of no call. Context: hard IRQ.
 * @dpc: work on everything the message stands for; bounds its receive work by
 *	@throttle->max_nbls, and nothing else (T4). @napi is the instance to indicate packets
 *	with. Context: softirq (or a NAPI kthread, a busy polling task, netpoll), BHs
 *	disabled; never two at a time for one message.
 */
struct dpcnic_miniport_ops {
	void (*disable)(struct dpcnic_msg *msg);
	void (*enable)(struct dpcnic_msg *msg);
	void (*trigger)(struct dpcnic_msg *msg);
	enum dpcnic_verdict (*isr)(struct dpcnic_msg *msg);
	void (*dpc)(struct dpcnic_msg *msg, struct napi_struct *napi,
		    struct dpcnic_throttle *throttle);
};

/**
 * struct dpcnic_isr_stats - counters of one (message, CPU) that its ISR writes
 * @interrupts: interrupts taken on this CPU
 * @late: of those, the ones that arrived while the message was disabled (I4)
 * @empty: of those, the ones that found nothing to do (I1)
 * @queued: DPCs queued here
 * @coalesced: requests that found this DPC waiting already (D2)
 */
struct dpcnic_isr_stats {
	u64 interrupts;
	u64 late;
	u64 empty;
	u64 queued;
	u64 coalesced;
};

/**
 * struct dpcnic_run_stats - counters of one (message, CPU) that its DPC writes
 * @runs: times this DPC ran; as many as it was queued (struct dpcnic_isr_stats), and @requeued,
 *	@kept and @unsolicited together
 * @packets: packets it indicated
 * @throttled: runs ended by their bound with packets left (T2)
 * @requeued: runs that continue such a run
 * @kept: runs of a DPC that NAPI did not let go
 * @unsolicited: runs that no ISR or DPC asked for (I4)
 * @foreign: runs on another CPU than this one (D5)
 */
struct dpcnic_run_stats {
	u64 runs;
	u64 packets;
	u64 throttled;
	u64 requeued;
	u64 kept;
	u64 unsolicited;
	u64 foreign;
};

/**
 * struct dpcnic_msg_stats - a message's counters
 * @enables: times it was enabled again, once per batch (I4)
 * @isr: summed over its DPCs
 * @run: summed over its DPCs
 */
struct dpcnic_msg_stats {
	u64 enables;
	struct dpcnic_isr_stats isr;
	struct dpcnic_run_stats run;
};

/**
 * struct dpcnic_last_run - how a DPC's last run ended, for a throttle policy (throttle_abi.h)
 * @run_ns: how long it worked; 0 if unknown
 * @epoch: the attachment of the policy that bounded it, 0 if none did
 * @bound: its bound
 * @packets: packets it indicated
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
 * @cpu: its CPU; constant
 * @waiting: an entry waits to run (D2). Set by whoever queues it, cleared by the run that takes
 *	the entry.
 * @owes: it is one of the outstanding DPCs of @msg (I4). Set by whoever queues it, cleared by
 *	the run that completes it; see dpcnic_dpc_queue() and dpcnic_dpc_complete() for why
 *	neither needs an atomic of its own (I5).
 * @continues: the last run ended with more pending (T2). Written only by the holder of the NAPI.
 * @seen_interrupts: @isr.interrupts as of the last run. Written only by the holder of the NAPI.
 * @seen_coalesced: @isr.coalesced as of the last run. Written only by the holder of the NAPI.
 * @queued_ns: when the waiting entry was queued, 0 where nobody listened. Written with @waiting.
 * @isr: written by the ISR of @msg, of which only one runs at a time (genirq)
 * @run: written only by the holder of the NAPI
 * @last: written only by the holder of the NAPI, while a throttle policy is attached
 */
struct dpcnic_dpc {
	struct napi_struct napi;
	struct dpcnic_msg *msg;
	int cpu;
	bool waiting;
	bool owes;
	bool continues;
	u32 seen_interrupts;
	u32 seen_coalesced;
	u64 queued_ns;
	struct dpcnic_isr_stats isr;
	struct dpcnic_run_stats run;
	struct dpcnic_last_run last;
} ____cacheline_aligned;

/**
 * struct dpcnic_msg - one message: an MSI-X vector, its IRQ, and its row of DPCs
 *
 * In the steady state (one DPC, on one CPU) only that CPU writes here (I5).
 *
 * @outstanding: 0 while the message is enabled; otherwise 1 plus the number of its outstanding
 *	DPCs (I4). Set by the ISR, taken back by the DPCs.
 * @home: the DPC that works on the message's rings. Written by the ISR only, see
 *	dpcnic_msg_move_home().
 * @guest: bit 0: an unsolicited run works on the rings; keeps @home where it is (I10)
 * @ops: the miniport; constant
 * @priv: the miniport's own; constant
 * @dpc: its DPCs, one per possible CPU, indexed by CPU; constant
 * @disabled_ns: when the message was last disabled, 0 where nobody listened. Written by the ISR.
 * @enables: times it was enabled again. Written by whoever ends the batch.
 * @engine: constant
 * @irq: Linux IRQ number; constant
 * @id: MessageId; constant
 * @name: its name in /proc/interrupts, "<netdev>-msg<id>"; as of registering
 */
struct dpcnic_msg {
	atomic_t outstanding;
	struct dpcnic_dpc *home;
	unsigned long guest;
	const struct dpcnic_miniport_ops *ops;
	void *priv;
	struct dpcnic_dpc *dpc;
	u64 disabled_ns;
	u64 enables;
	struct dpcnic_engine *engine;
	int irq;
	u16 id;
	char name[IFNAMSIZ + 12];
} ____cacheline_aligned;

/* What interrupt and DPC touch of a message is one cache line (I5). */
static_assert(offsetof(struct dpcnic_msg, engine) <= SMP_CACHE_BYTES);

/**
 * struct dpcnic_engine - the messages of one device (NDIS: the interrupt handle)
 * @ndev: owner of the NAPIs
 * @throttle: the device's throttle policy, or NULL (T5); rules in throttle.c
 * @throttle_epoch: the number of its attachment
 * @throttle_node: in the list of all engines
 * @msg_cnt: number of messages
 * @msg: the messages, indexed by MessageId
 */
struct dpcnic_engine {
	struct net_device *ndev;
	const struct dpcnic_throttle_ops __rcu *throttle;
	u32 throttle_epoch;
	struct list_head throttle_node;
	u16 msg_cnt;
	struct dpcnic_msg msg[] __counted_by(msg_cnt);
};

/* Does an entry of this DPC wait to run, or the rest of a run that had more pending (D2, T2)? */
static inline bool dpcnic_dpc_waits(const struct dpcnic_dpc *dpc)
{
	return READ_ONCE(dpc->waiting) || READ_ONCE(dpc->continues);
}

int dpcnic_throttle_init(void);
struct dpcnic_engine *dpcnic_engine_alloc(struct net_device *ndev, u16 msg_cnt);
void dpcnic_engine_free(struct dpcnic_engine *engine);
int dpcnic_msg_init(struct dpcnic_engine *engine, u16 id, int irq,
		    const struct dpcnic_miniport_ops *ops, void *priv);
int dpcnic_engine_register(struct dpcnic_engine *engine);
void dpcnic_engine_deregister(struct dpcnic_engine *engine);
void dpcnic_engine_enable(struct dpcnic_engine *engine);
void dpcnic_msg_read_stats(const struct dpcnic_msg *msg, struct dpcnic_msg_stats *stats);

/* msg.c -> dpc.c -> msg.c: interrupt, queue, run, enable */
int dpcnic_dpc_poll(struct napi_struct *napi, int budget);
bool dpcnic_dpc_queue(struct dpcnic_dpc *dpc, u64 now);
void dpcnic_dpc_run_again(struct dpcnic_dpc *dpc, u64 now);
bool dpcnic_msg_put(struct dpcnic_msg *msg);

#endif /* DPCNIC_ENGINE_H */
