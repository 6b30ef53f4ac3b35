// SPDX-License-Identifier: GPL-2.0
/* Steering: inboxes, and the order of flows. See steer.h. */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/busy_poll.h>
#include <net/xdp.h>

#include "indicate.h"
#include "nic.h"
#include "rx.h"
#include "steer.h"
#include "xdp.h"
#include "xsk.h"

static_assert(sizeof(struct dpcnic_parcel) <= sizeof(struct xdp_frame),
	      "XDP programs leave that much of the headroom alone");
/* indices run freely */
static_assert(!(DPCNIC_INBOX_SLOTS & (DPCNIC_INBOX_SLOTS - 1)));

/**
 * dpcnic_steer_alloc() - make a queue's inboxes, unless it has them
 * @rxr: the queue's ring
 *
 * Context: process, RTNL held.
 * Return: 0, or -ENOMEM and nothing has changed.
 */
int dpcnic_steer_alloc(struct dpcnic_rx_ring *rxr)
{
	struct dpcnic_steer *steer;
	int cpu;

	if (rxr->steer)
		return 0;
	steer = kvzalloc(struct_size(steer, inbox, nr_cpu_ids), GFP_KERNEL);
	if (!steer)
		return -ENOMEM;
	if (!zalloc_cpumask_var(&steer->cpus, GFP_KERNEL))
		goto free_steer;
	for_each_possible_cpu(cpu) {
		struct dpcnic_inbox *inbox = kvzalloc_node(sizeof(*inbox), GFP_KERNEL,
							   cpu_to_node(cpu));

		if (!inbox)
			goto free_inboxes;
		u64_stats_init(&inbox->syncp);
		steer->inbox[cpu] = inbox;
	}
	/* release: a DPC that sees it sees what is in it */
	smp_store_release(&rxr->steer, steer);
	return 0;

free_inboxes:
	for_each_possible_cpu(cpu)
		kvfree(steer->inbox[cpu]);
	free_cpumask_var(steer->cpus);
free_steer:
	kvfree(steer);
	return -ENOMEM;
}

/**
 * dpcnic_steer_free() - undo dpcnic_steer_alloc()
 * @rxr: the queue's ring, freed
 *
 * Context: process.
 */
void dpcnic_steer_free(struct dpcnic_rx_ring *rxr)
{
	int cpu;

	if (!rxr->steer)
		return;
	for_each_possible_cpu(cpu)
		kvfree(rxr->steer->inbox[cpu]);
	free_cpumask_var(rxr->steer->cpus);
	kvfree(rxr->steer);
	rxr->steer = NULL;
}

/* Drop and count the packets from @from on. They have not been handed over, or nobody reads. */
static void dpcnic_inbox_drop(struct dpcnic_rx_ring *rxr, struct dpcnic_inbox *inbox, u32 from)
{
	u64_stats_update_begin(&inbox->syncp);
	inbox->drop_gone += inbox->tail - from;
	u64_stats_update_end(&inbox->syncp);
	while (inbox->tail != from) {
		struct dpcnic_parcel *parcel = inbox->slot[--inbox->tail % DPCNIC_INBOX_SLOTS];

		dpcnic_parcel_put(rxr, parcel, false);
	}
}

/*
 * No CPU has been named. Where flows went is history: it must not keep one there when that CPU is
 * busy, nor where the packets behind its mark were dropped.
 */
static void dpcnic_steer_forget(struct dpcnic_steer *steer)
{
	memset(steer->flow, 0, sizeof(steer->flow));
	steer->use = DPCNIC_STEER_UNUSED;
}

/**
 * dpcnic_steer_drain() - drop and count what is in a queue's inboxes
 * @rxr: the queue's ring, whose pages are still there
 *
 * Context: process, while no DPC can run.
 */
void dpcnic_steer_drain(struct dpcnic_rx_ring *rxr)
{
	struct dpcnic_steer *steer = rxr->steer;
	int cpu;

	if (!steer)
		return;
	for_each_possible_cpu(cpu) {
		struct dpcnic_inbox *inbox = steer->inbox[cpu];

		dpcnic_inbox_drop(rxr, inbox, inbox->head);
		inbox->handed = inbox->tail;
		inbox->flushed = inbox->tail;
	}
	cpumask_clear(steer->cpus);
	steer->pending = false;
	dpcnic_steer_forget(steer);
	steer->prog = NULL;
}

/**
 * dpcnic_steer_busy() - are there packets in a queue's inboxes?
 * @rxr: the queue's ring
 *
 * Context: any; with DPCs at work the answer may be old.
 * Return: true if there are.
 */
bool dpcnic_steer_busy(const struct dpcnic_rx_ring *rxr)
{
	const struct dpcnic_steer *steer = smp_load_acquire(&rxr->steer); /* dpcnic_steer_alloc() */
	int cpu;

	if (!steer)
		return false;
	for_each_possible_cpu(cpu) {
		if (READ_ONCE(steer->inbox[cpu]->head) != READ_ONCE(steer->inbox[cpu]->tail))
			return true;
	}
	return false;
}

/**
 * dpcnic_steer_read_stats() - the counters of a queue's inboxes
 * @rxr: the queue's ring
 * @stats: out
 *
 * Context: any.
 */
void dpcnic_steer_read_stats(const struct dpcnic_rx_ring *rxr, struct dpcnic_steer_stats *stats)
{
	const struct dpcnic_steer *steer = smp_load_acquire(&rxr->steer); /* dpcnic_steer_alloc() */
	int cpu;

	memset(stats, 0, sizeof(*stats));
	if (!steer)
		return;
	for_each_possible_cpu(cpu) {
		const struct dpcnic_inbox *inbox = steer->inbox[cpu];
		struct dpcnic_steer_stats one;
		unsigned int start;

		do {
			start = u64_stats_fetch_begin(&inbox->syncp);
			one.packets = READ_ONCE(inbox->packets);
			one.bytes = READ_ONCE(inbox->bytes);
			one.csum_ok = READ_ONCE(inbox->csum_ok);
			one.csum_bad = READ_ONCE(inbox->csum_bad);
			one.drop_skb = READ_ONCE(inbox->drop_skb);
			one.drop_gone = READ_ONCE(inbox->drop_gone);
		} while (u64_stats_fetch_retry(&inbox->syncp, start));
		stats->packets += one.packets;
		stats->bytes += one.bytes;
		stats->csum_ok += one.csum_ok;
		stats->csum_bad += one.csum_bad;
		stats->drop_skb += one.drop_skb;
		stats->drop_gone += one.drop_gone;
	}
}

/*
 * Have the packets up to @mark left the inbox, and GRO behind it? Either a later run of the DPC
 * says so, or it has no run under way, which left nothing in GRO.
 */
static bool dpcnic_inbox_left(const struct dpcnic_rx_ring *rxr, const struct dpcnic_dpc *dpc,
			      int cpu, u32 mark)
{
	const struct dpcnic_inbox *inbox = rxr->steer->inbox[cpu];

	if ((s32)(READ_ONCE(inbox->flushed) - mark) >= 0)
		return true;
	/* acquire: it was taken out by a run, before we look at whether that is over */
	if ((s32)(smp_load_acquire(&inbox->head) - mark) < 0)
		return false;
	return !dpcnic_dpc_busy(dpc->msg, cpu) &&
	       !dpcnic_napi_gro_holds(&dpc->msg->dpc[cpu].napi);
}

/**
 * dpcnic_steer_new_prog() - the ring gets another program, or none, right after this
 * @rxr: the ring
 *
 * It may lie where one lay that no run has missed yet. Runs that have that under way still are over
 * before it does.
 *
 * Context: process, RTNL held.
 */
void dpcnic_steer_new_prog(struct dpcnic_rx_ring *rxr)
{
	if (rxr->steer)
		WRITE_ONCE(rxr->steer->new_prog, true);
}

/**
 * dpcnic_steer_begin() - a run of the ring begins
 * @rxr: the ring
 * @dpc: the DPC that has it
 * @prog: the program that is to decide now, or NULL
 *
 * Context: the DPC's.
 * Return: false if the ring must rest, as packets that another program sent elsewhere, or left to
 * GRO here, are not indicated yet.
 */
bool dpcnic_steer_begin(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			const struct bpf_prog *prog)
{
	struct dpcnic_steer *steer = rxr->steer;
	int cpu;

	/* what GRO has kept is of the last run: that took out what was there when it began */
	steer->run++;
	steer->left = steer->run - 1 - dpc->gro_kept;
	if (unlikely(dpc->gro_kept))
		napi_gro_flush(&dpc->napi, false);
	if (unlikely(steer->use == DPCNIC_STEER_LATE))
		steer->use = DPCNIC_STEER_USED;
	steer->own_waits = steer->inbox[dpc->cpu]->tail != steer->inbox[dpc->cpu]->head;
	if (likely(steer->prog == prog && !READ_ONCE(steer->new_prog)))
		return true;
	/* nothing is added while it rests */
	if (unlikely(dpc->gro_kept && !steer->rests)) {
		steer->rests = true;
		return false;
	}

	if (steer->use) {
		for_each_possible_cpu(cpu) {
			if (!dpcnic_inbox_left(rxr, dpc, cpu, steer->inbox[cpu]->tail))
				return false;
		}
		dpcnic_steer_forget(steer);
	}
	WRITE_ONCE(steer->new_prog, false);
	steer->rests = false;
	steer->prog = prog;
	return true;
}

/* May the next packet of a flow go to another CPU than the one before? */
static bool dpcnic_flow_may_move(const struct dpcnic_rx_ring *rxr, const struct dpcnic_dpc *dpc,
				 const struct dpcnic_flow *flow)
{
	if (flow->cpu == dpc->cpu && (s32)(flow->run - rxr->steer->left) > 0)
		return false;
	if (unlikely(!cpu_online(flow->cpu)))
		return true;
	return dpcnic_inbox_left(rxr, dpc, flow->cpu, flow->mark);
}

/* Is there room in the inbox? The reader's line is only looked at when there seems to be none. */
static inline bool dpcnic_inbox_has_room(struct dpcnic_inbox *inbox)
{
	if (likely(inbox->tail - inbox->seen < DPCNIC_INBOX_SLOTS))
		return true;
	/* acquire: the reader is done with the slots */
	inbox->seen = smp_load_acquire(&inbox->head);
	return inbox->tail - inbox->seen < DPCNIC_INBOX_SLOTS;
}

/* The inbox is full (R3). */
static noinline bool dpcnic_steer_drop(struct dpcnic_rx_ring *rxr, struct dpcnic_parcel *parcel,
				       struct dpcnic_xdp_tally *verdicts)
{
	dpcnic_parcel_put(rxr, parcel, true);
	verdicts->drop_inbox++;
	return true;
}

/* dpcnic_steer_packet(), where the CPU is settled. */
static inline bool dpcnic_steer_to(struct dpcnic_rx_ring *rxr, const struct dpcnic_dpc *dpc,
				   struct dpcnic_flow *flow, u32 cpu,
				   struct dpcnic_xdp_tally *verdicts)
{
	struct dpcnic_parcel *parcel = rxr->xdp.xdp.data_hard_start;
	struct dpcnic_steer *steer = rxr->steer;
	struct dpcnic_inbox *inbox = steer->inbox[cpu];
	u32 tail = inbox->tail;

	if (cpu == dpc->cpu && likely(!steer->own_waits)) {
		flow->mark = tail;
		flow->run = steer->run;
		return false;
	}

	dpcnic_xdp_pack(&rxr->xdp, parcel);
	if (unlikely(!dpcnic_inbox_has_room(inbox)))
		return dpcnic_steer_drop(rxr, parcel, verdicts);
	if (tail == inbox->handed) {
		__cpumask_set_cpu(cpu, steer->cpus);
		steer->pending = true;
	}
	inbox->slot[tail % DPCNIC_INBOX_SLOTS] = parcel;
	inbox->tail = tail + 1;
	flow->mark = tail + 1;
	verdicts->steered++;
	return true;
}

/*
 * The last packet with these low bits in its hash was of another flow, or went elsewhere: this one
 * may go to @cpu, unless order is against it (steer.h).
 */
static noinline bool dpcnic_steer_move(struct dpcnic_rx_ring *rxr, const struct dpcnic_dpc *dpc,
				       struct dpcnic_flow *flow, u32 cpu,
				       struct dpcnic_xdp_tally *verdicts)
{
	u32 hash = le32_to_cpu(rxr->xdp.desc->wb.rss_hash);

	if (flow->hash == hash && flow->cpu != cpu && !dpcnic_flow_may_move(rxr, dpc, flow)) {
		verdicts->kept++;
	} else {
		flow->hash = hash;
		flow->cpu = cpu;
	}
	return dpcnic_steer_to(rxr, dpc, flow, flow->cpu, verdicts);
}

/* dpcnic_steer_packet() for a packet without a hash. */
static noinline bool dpcnic_steer_flowless(struct dpcnic_rx_ring *rxr,
					   const struct dpcnic_dpc *dpc, u32 cpu,
					   struct dpcnic_xdp_tally *verdicts)
{
	return dpcnic_steer_to(rxr, dpc, &rxr->steer->no_flow, cpu, verdicts);
}

static inline bool dpcnic_steer_has_flow(const struct dpcnic_rx_ring *rxr)
{
	return rxr->xdp.desc->wb.info & cpu_to_le32(DPC_RXD_RSS_TYPE);
}

static inline struct dpcnic_flow *dpcnic_steer_flow(const struct dpcnic_rx_ring *rxr)
{
	return &rxr->steer->flow[le32_to_cpu(rxr->xdp.desc->wb.rss_hash) % DPCNIC_STEER_FLOWS];
}

/* dpcnic_steer_packet() in the first run in which the program names CPUs. */
static noinline bool dpcnic_steer_first(struct dpcnic_rx_ring *rxr, const struct dpcnic_dpc *dpc,
					u32 cpu, u32 indicated, struct dpcnic_xdp_tally *verdicts)
{
	struct dpcnic_steer *steer = rxr->steer;

	if (steer->use == DPCNIC_STEER_UNUSED)
		steer->use = indicated ? DPCNIC_STEER_LATE : DPCNIC_STEER_USED;
	if (steer->use == DPCNIC_STEER_LATE && cpu != dpc->cpu) {
		verdicts->kept++;
		cpu = dpc->cpu;
	}
	return dpcnic_steer_has_flow(rxr) ?
	       dpcnic_steer_move(rxr, dpc, dpcnic_steer_flow(rxr), cpu, verdicts) :
	       dpcnic_steer_flowless(rxr, dpc, cpu, verdicts);
}

/**
 * dpcnic_steer_packet() - send a packet to the CPU that the program has named for it (R2)
 * @rxr: the ring, with the packet in @rxr->xdp
 * @dpc: the DPC that has it
 * @indicated: packets that this run has indicated itself
 * @verdicts: what became of it is counted here
 *
 * What is rare is called last: so this function, which every packet takes, saves no registers.
 *
 * Context: the DPC's; dpcnic_steer_in_use() is true.
 * Return: false if the packet is to be indicated here; true if it is in an inbox, or dropped.
 */
bool dpcnic_steer_packet(struct dpcnic_rx_ring *rxr, const struct dpcnic_dpc *dpc, u32 indicated,
			 struct dpcnic_xdp_tally *verdicts)
{
	u32 cpu = rxr->xdp.cpu == DPCNIC_STEER_HERE ? dpc->cpu : rxr->xdp.cpu;
	struct dpcnic_flow *flow;

	if (unlikely(rxr->steer->use != DPCNIC_STEER_USED))
		return dpcnic_steer_first(rxr, dpc, cpu, indicated, verdicts);
	if (unlikely(!dpcnic_steer_has_flow(rxr)))
		return dpcnic_steer_flowless(rxr, dpc, cpu, verdicts);
	flow = dpcnic_steer_flow(rxr);
	if (unlikely(flow->hash != le32_to_cpu(rxr->xdp.desc->wb.rss_hash) || flow->cpu != cpu))
		return dpcnic_steer_move(rxr, dpc, flow, cpu, verdicts);
	return dpcnic_steer_to(rxr, dpc, flow, cpu, verdicts);
}

/**
 * dpcnic_steer_hand_over() - let the other CPUs have what this run has put in their inboxes
 * @rxr: the ring
 * @dpc: the DPC that has it
 *
 * A run outside of any batch may queue no DPC (I4); then the message is triggered, and the run
 * that follows hands over. Only then can a CPU have gone offline since the program named it: what
 * was for that is dropped, as nobody was told of it yet. (One that has been told is run elsewhere.)
 *
 * Context: the DPC's.
 */
void dpcnic_steer_hand_over(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc)
{
	struct dpcnic_steer *steer = rxr->steer;
	int cpu;

	if (unlikely(!dpcnic_dpc_may_queue(dpc))) {
		dpc->msg->ops->trigger(dpc->msg);
		return;
	}
	for_each_cpu(cpu, steer->cpus) {
		struct dpcnic_inbox *inbox = steer->inbox[cpu];

		if (unlikely(!cpu_online(cpu)))
			dpcnic_inbox_drop(rxr, inbox, inbox->handed);
		/* release: the reader finds the slots filled */
		smp_store_release(&inbox->handed, inbox->tail);
	}
	dpcnic_dpc_queue(dpc->msg, dpc, steer->cpus, NULL, NULL);
	cpumask_clear(steer->cpus);
	WRITE_ONCE(steer->pending, false);
}

/*
 * Indicate @cnt packets, from slot @head on. Those that GRO would do no more with than put them in
 * a list, at a hundred instructions each, go to the stack as one.
 */
static void dpcnic_steer_indicate(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
				  const struct dpcnic_inbox *inbox, u32 head, u32 cnt,
				  struct dpcnic_rx_tally *tally)
{
	bool gro = !netif_elide_gro(rxr->ndev);
	void *skbs[DPCNIC_SKB_BULK];
	LIST_HEAD(list);
	u32 got, i;

	got = napi_skb_cache_get_bulk(skbs, cnt);
	for (i = 0; i < cnt; i++) {
		struct dpcnic_parcel *parcel = inbox->slot[(head + i) % DPCNIC_INBOX_SLOTS];
		struct sk_buff *skb;

		if (unlikely(i >= got)) {
			dpcnic_parcel_put(rxr, parcel, false);
			continue;
		}
		skb = skbs[i];
		dpcnic_skb_build(skb, parcel, parcel->headroom, parcel->len);
		dpcnic_parcel_tell(rxr, skb, parcel, tally);
		if (likely(gro)) {
			napi_gro_receive(napi, skb);
		} else {
			skb_mark_napi_id(skb, napi);
			list_add_tail(&skb->list, &list);
		}
	}
	netif_receive_skb_list(&list);
}

/*
 * A run begins, with packets up to @head taken from the inbox by those before. If GRO has kept some
 * of them, it is what a run before has taken out of GRO that has left with its end.
 */
static void dpcnic_inbox_note_left(struct dpcnic_inbox *inbox, struct dpcnic_dpc *dpc, u32 head)
{
	if (likely(!dpc->gro_kept)) {
		WRITE_ONCE(inbox->flushed, head);
		return;
	}
	if ((s32)(inbox->taken_out - inbox->flushed) > 0)
		WRITE_ONCE(inbox->flushed, inbox->taken_out);
	if (inbox->flushed == head)
		return;
	napi_gro_flush(&dpc->napi, false);
	inbox->taken_out = head;
}

/**
 * dpcnic_steer_work() - indicate what is in the inbox of a DPC's CPU
 * @rxr: the ring it comes from
 * @dpc: the DPC
 * @throttle: what is left of the bound; the outcome is added
 *
 * Context: the DPC's.
 */
void dpcnic_steer_work(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
		       struct dpcnic_throttle *throttle)
{
	struct dpcnic_inbox *inbox = rxr->steer->inbox[dpc->cpu];
	u32 handed = smp_load_acquire(&inbox->handed); /* dpcnic_steer_hand_over() */
	u32 bound = throttle->max_nbls - throttle->indicated;
	struct dpcnic_rx_tally tally = {};
	u32 head = inbox->head;
	u32 taken, cnt;

	dpcnic_inbox_note_left(inbox, dpc, head);
	taken = min(handed - head, bound);
	if (!taken)
		goto pending;

	for (handed = head + taken; head != handed; head += cnt) {
		cnt = min(handed - head, DPCNIC_SKB_BULK);
		dpcnic_steer_indicate(rxr, &dpc->napi, inbox, head, cnt, &tally);
	}
	/* release: we are done with the slots, and NAPI still held; dpcnic_inbox_left() */
	smp_store_release(&inbox->head, head);

	u64_stats_update_begin(&inbox->syncp);
	inbox->packets += tally.packets;
	inbox->bytes += tally.bytes;
	inbox->csum_ok += tally.csum_ok;
	inbox->csum_bad += tally.csum_bad;
	inbox->drop_skb += taken - tally.packets;
	u64_stats_update_end(&inbox->syncp);
	throttle->indicated += taken;
	dpcnic_xdp_trace_received(dpc, taken);
pending:
	if (head != READ_ONCE(inbox->handed) && throttle->indicated == throttle->max_nbls)
		throttle->more_pending = true;
}
