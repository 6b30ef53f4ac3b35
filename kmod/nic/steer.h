/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Steering (R2): a packet of one CPU's ring is indicated by another CPU.
 *
 *	DPC that has the ring           inbox of (queue, CPU)             DPC (message, CPU)
 *	  XDP program names the CPU --> slot[tail++] ... handed --> slot[head++] --> GRO, stack
 *
 * An inbox has one writer, the DPC that has the ring, and one reader, the DPC of the CPU; so
 * neither locks. The writer hands over all of a run's packets at once and queues each DPC once.
 *
 * Order. The packets of a flow leave the driver in the order in which they arrived:
 *  - Another program, or none: the ring rests until all inboxes are empty and their packets have
 *    left GRO. That holds for any packet.
 *  - The same program sends a flow to another CPU than before: it stays where it was while that
 *    CPU still has packets of it. That holds for packets with a hash; if two flows with the same
 *    low bits in their hash are moved at the same time, it may not.
 *  GRO counts as left when a run begins without any packet in it, as the next one does as a rule.
 *  Where GRO has kept some (busy polling, gro_flush_timeout, HZ >= 1000) that run takes them out,
 *  and they have left with its end. (With gro_flush_timeout, and where the ring itself moves to
 *  another CPU, what is in GRO on the CPU before is not waited for.)
 */
#ifndef DPCNIC_NIC_STEER_H
#define DPCNIC_NIC_STEER_H

#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

struct bpf_prog;
struct dpcnic_dpc;
struct dpcnic_rx_ring;
struct dpcnic_throttle;
struct dpcnic_xdp_tally;
struct xdp_md;

#define DPCNIC_STEER_HERE	(-1)

/* Packets an inbox holds; more are dropped and counted (R3). */
#define DPCNIC_INBOX_SLOTS	512

/* Flows a ring remembers the CPU of, by the low bits of their hash */
#define DPCNIC_STEER_FLOWS	1024

/**
 * struct dpcnic_rx_facts - what a packet's last descriptor says of it
 * @info: wb.info
 * @hash: wb.rss_hash
 * @status: wb.status_error
 * @vlan: wb.vlan
 */
struct dpcnic_rx_facts {
	u32 info;
	u32 hash;
	u32 status;
	u16 vlan;
};

/**
 * struct dpcnic_parcel - a packet between XDP program and stack, in the headroom of its first page
 * @facts: its descriptor's
 * @len: bytes in the first page
 * @frags_size: bytes in the other pages; valid, like @frags_reserve, if there are any
 * @headroom: where in the first page the packet begins
 * @meta: bytes of XDP metadata before that
 * @frags: number of other pages
 * @frags_reserve: one of these is of the kernel's reserve (pfmemalloc)
 */
struct dpcnic_parcel {
	struct dpcnic_rx_facts facts;
	u32 len;
	u32 frags_size;
	u16 headroom;
	u8 meta;
	u8 frags;
	bool frags_reserve;
};

/**
 * struct dpcnic_inbox - packets of one ring that one CPU is to indicate
 * @tail: next slot to fill. Written by the DPC that has the ring.
 * @handed: what @head may come up to. Written by the DPC that has the ring, released.
 * @seen: what @head was when it was last looked at. Written by the DPC that has the ring.
 * @head: next slot to empty. Written by the DPC of the CPU, released.
 * @flushed: packets up to here have left GRO, too. Written by the DPC of the CPU.
 * @taken_out: packets up to here had been taken out of GRO when the last run that had to began.
 *	Written by the DPC of the CPU.
 * @syncp: for readers of the counters
 * @packets: packets taken out and indicated; like the others written by the DPC of the CPU
 * @bytes: their bytes
 * @csum_ok: of those, the ones whose checksum the hardware found right
 * @csum_bad: ... wrong
 * @drop_skb: packets dropped for want of an skb
 * @drop_gone: packets that were in it when its CPU or the ring went; written by the DPC that has
 *	the ring, or in process context
 * @slot: the packets' first pages
 */
struct dpcnic_inbox {
	u32 tail;
	u32 handed;
	u32 seen;

	u32 head ____cacheline_aligned;
	u32 flushed;
	u32 taken_out;
	struct u64_stats_sync syncp;
	u64 packets;
	u64 bytes;
	u64 csum_ok;
	u64 csum_bad;
	u64 drop_skb;
	u64 drop_gone;

	struct dpcnic_parcel *slot[DPCNIC_INBOX_SLOTS] ____cacheline_aligned;
};

/**
 * struct dpcnic_flow - where the last packet of a flow went
 * @hash: the flow
 * @cpu: the CPU
 * @mark: inbox->tail behind it
 * @run: steer->run when it stayed with the DPC that had the ring; older if the last one did not
 */
struct dpcnic_flow {
	u32 hash;
	u32 cpu;
	u32 mark;
	u32 run;
};

/**
 * enum dpcnic_steer_use - does the program that decides now name CPUs?
 * @DPCNIC_STEER_UNUSED: it has named none yet
 * @DPCNIC_STEER_LATE: it has in this run, which had indicated packets before: those flows are not
 *	remembered, so all others of the run follow them
 * @DPCNIC_STEER_USED: it has; flows are remembered
 */
enum dpcnic_steer_use {
	DPCNIC_STEER_UNUSED,
	DPCNIC_STEER_LATE,
	DPCNIC_STEER_USED,
};

/**
 * struct dpcnic_steer - a queue's inboxes
 *
 * Made when there is first a program, and kept as long as the NIC. What changes is written by the
 * DPC that has the ring, or in process context while no DPC can run.
 *
 * @run: number of the ring's run
 * @left: the packets of runs up to this have left GRO
 * @rests: the ring has rested, for another program, since its last run
 * @use: enum dpcnic_steer_use
 * @own_waits: in this run the inbox of the DPC's own CPU has packets: the ring has just moved
 *	there, and what stays must queue behind them
 * @new_prog: the ring got a program since @prog was noted. Set by dpcnic_steer_new_prog(), cleared
 *	by the run that sees to it.
 * @pending: there are packets not handed over, for @cpus. Read by the ISR, too.
 * @prog: the program that has decided on what is in the inboxes
 * @cpus: see @pending
 * @flow: by the low bits of their hash
 * @no_flow: for packets without a hash; nobody reads it
 * @inbox: by CPU; constant
 */
struct dpcnic_steer {
	u32 run;
	u32 left;
	u8 use;
	bool rests;
	bool own_waits;
	bool new_prog;
	bool pending;
	const struct bpf_prog *prog;
	cpumask_var_t cpus;
	struct dpcnic_flow flow[DPCNIC_STEER_FLOWS];
	struct dpcnic_flow no_flow;
	struct dpcnic_inbox *inbox[];
};

/**
 * struct dpcnic_steer_stats - counters of a queue's inboxes, summed; see struct dpcnic_inbox
 * @packets: see there, likewise the others
 * @bytes: ..
 * @csum_ok: ..
 * @csum_bad: ..
 * @drop_skb: ..
 * @drop_gone: ..
 */
struct dpcnic_steer_stats {
	u64 packets;
	u64 bytes;
	u64 csum_ok;
	u64 csum_bad;
	u64 drop_skb;
	u64 drop_gone;
};

int dpcnic_steer_alloc(struct dpcnic_rx_ring *rxr);
void dpcnic_steer_free(struct dpcnic_rx_ring *rxr);
void dpcnic_steer_drain(struct dpcnic_rx_ring *rxr);
bool dpcnic_steer_busy(const struct dpcnic_rx_ring *rxr);
void dpcnic_steer_read_stats(const struct dpcnic_rx_ring *rxr, struct dpcnic_steer_stats *stats);
void dpcnic_steer_new_prog(struct dpcnic_rx_ring *rxr);
bool dpcnic_steer_begin(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			const struct bpf_prog *prog);
bool dpcnic_steer_packet(struct dpcnic_rx_ring *rxr, const struct dpcnic_dpc *dpc, u32 indicated,
			 struct dpcnic_xdp_tally *verdicts);
void dpcnic_steer_hand_over(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc);
void dpcnic_steer_work(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
		       struct dpcnic_throttle *throttle);

/* steer_kfunc.c: for XDP programs */
int dpcnic_steer_init(void);
int bpf_dpcnic_steer(struct xdp_md *ctx, u32 cpu);
u32 bpf_dpcnic_backlog(struct xdp_md *ctx, u32 cpu);

#endif /* DPCNIC_NIC_STEER_H */
