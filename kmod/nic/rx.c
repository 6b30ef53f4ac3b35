// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: from the descriptor that the device wrote back to the packet in the stack.
 *
 * Every descriptor has a page of its own, laid out so that an skb can be built around it where it
 * lies: headroom, packet, struct skb_shared_info. A packet that is longer than the room in one
 * page takes further descriptors, whose pages become fragments. (A ring with an AF_XDP pool has the
 * pool's buffers in the place of pages: xsk.c.)
 */
#include <linux/bpf.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/page_pool/helpers.h>
#include <net/xdp_sock_drv.h>

#include "indicate.h"
#include "nic.h"
#include "rx.h"
#include "xdp.h"
#include "xsk.h"

/* Pages are given to the device in batches: one write of the tail for this many. */
#define DPCNIC_RX_REFILL_BATCH	16

static_assert(VLAN_ETH_FRAME_LEN + VLAN_HLEN + ETH_FCS_LEN <= DPCNIC_RX_BUF_SIZE);

/*
 * Fill the ring up, and tell the device. One descriptor stays unused: to the device a full ring
 * would look empty.
 *
 * Context: the DPC's, or process before the ring is started.
 */
static void dpcnic_rx_refill(struct dpcnic_rx_ring *rxr)
{
	u32 room = rxr->mask - (rxr->filled - rxr->next);
	struct page *page;

	if (room + (rxr->filled - rxr->told) < DPCNIC_RX_REFILL_BATCH)
		return;

	for (; room; room--) {
		page = page_pool_dev_alloc_pages(rxr->pool);
		if (unlikely(!page)) {
			u64_stats_update_begin(&rxr->syncp);
			rxr->stats.alloc_fail++;
			u64_stats_update_end(&rxr->syncp);
			break;
		}
		dpcnic_rx_post(rxr, page);
	}
	rxr->told = rxr->filled;
	rxr->sync = dma_dev_need_sync(rxr->dev);

	/* clears DD of what was done here a round ago, see rx.h */
	rxr->desc[rxr->filled & rxr->mask].read.hdr_addr = 0;
	writel(rxr->filled & rxr->mask, rxr->tail);
}

/**
 * dpcnic_rx_ring_starved() - has the device too few buffers for one packet?
 * @rxr: the ring
 *
 * Then none may arrive any more that could make a DPC try again to get pages.
 *
 * Context: any; racy, for a periodic check.
 * Return: true if so.
 */
bool dpcnic_rx_ring_starved(const struct dpcnic_rx_ring *rxr)
{
	u32 frame = dpcnic_max_frame(READ_ONCE(rxr->ndev->mtu));
	u32 need = READ_ONCE(rxr->xsk) ? 1 : DIV_ROUND_UP(frame, DPCNIC_RX_BUF_SIZE);

	return READ_ONCE(rxr->told) - READ_ONCE(rxr->next) < need;
}

/**
 * dpcnic_rx_drop() - count one packet that was dropped
 * @rxr: the ring
 * @cause: which of @rxr->stats
 *
 * Context: the DPC's, or process while none can run.
 */
void dpcnic_rx_drop(struct dpcnic_rx_ring *rxr, u64 *cause)
{
	u64_stats_update_begin(&rxr->syncp);
	(*cause)++;
	u64_stats_update_end(&rxr->syncp);
}

/**
 * dpcnic_rx_add_rare() - a VLAN tag that the hardware stripped, and its time stamp
 * @rxr: the ring the packet came from
 * @skb: the packet
 * @facts: what its last descriptor says
 * @tally: where a tag is counted, as if it were still in the packet
 *
 * Not inline, so that packets without either pay for no more than a test of their status.
 *
 * Context: the DPC's.
 */
void dpcnic_rx_add_rare(const struct dpcnic_rx_ring *rxr, struct sk_buff *skb,
			const struct dpcnic_rx_facts *facts, struct dpcnic_rx_tally *tally)
{
	if (facts->status & DPC_RXD_STAT_VP) {
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), facts->vlan);
		tally->bytes += VLAN_HLEN;
	}
	if (facts->status & DPC_RXD_STAT_TS)
		dpcnic_ptp_rx(netdev_priv(rxr->ndev), skb);
}

/* Build an skb around the first page of a packet. Return: it, or NULL and the page is back. */
static inline struct sk_buff *dpcnic_rx_build(struct dpcnic_rx_ring *rxr, struct page *page,
					      u32 len)
{
	struct sk_buff *skb = dpcnic_rx_skb(rxr, page_address(page), DPCNIC_RX_HEADROOM, len);

	if (unlikely(!skb))
		page_pool_put_full_page(rxr->pool, page, true);
	return skb;
}

static void dpcnic_rx_add_first(struct dpcnic_rx_ring *rxr, struct page *page, u32 len)
{
	rxr->skb = dpcnic_rx_build(rxr, page, len);
	rxr->under_way = likely(rxr->skb) ? DPCNIC_RX_SKB : DPCNIC_RX_DISCARD;
	if (unlikely(!rxr->skb))
		dpcnic_rx_drop(rxr, &rxr->stats.drop_skb);
}

/*
 * Add the page of one descriptor to the packet under way, or begin one.
 *
 * Return: the packet if this was its last, and it is not to be dropped; else NULL.
 */
static noinline struct sk_buff *dpcnic_rx_add(struct dpcnic_rx_ring *rxr,
					      struct dpcnic_rx_taken taken)
{
	struct page *page = taken.page;
	u32 len = dpcnic_rx_len(&taken);
	bool begun = rxr->under_way == DPCNIC_RX_SKB;
	struct sk_buff *skb = rxr->skb;
	bool complete;

	if (rxr->under_way == DPCNIC_RX_DISCARD) {
		page_pool_put_full_page(rxr->pool, page, true);
	} else if (begun ? len > DPCNIC_RX_BUF_SIZE || skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS :
			   !dpcnic_rx_can_begin(len)) {
		dpcnic_rx_drop(rxr, &rxr->stats.drop_desc);
		page_pool_put_full_page(rxr->pool, page, true);
		if (begun)
			dev_kfree_skb_any(skb);
		rxr->under_way = DPCNIC_RX_DISCARD;
	} else if (!len) {
		page_pool_put_full_page(rxr->pool, page, true); /* adds nothing */
	} else {
		dpcnic_rx_sync(rxr, page, len);
		if (begun)
			skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, DPCNIC_RX_HEADROOM,
					len, PAGE_SIZE);
		else
			dpcnic_rx_add_first(rxr, page, len);
	}

	if (!(taken.status & DPC_RXD_STAT_EOP))
		return NULL;
	complete = rxr->under_way == DPCNIC_RX_SKB;
	rxr->under_way = DPCNIC_RX_NONE;
	return complete ? rxr->skb : NULL;
}

static bool dpcnic_rx_done(const struct dpcnic_rx_ring *rxr)
{
	const union dpcnic_rx_desc *desc = &rxr->desc[READ_ONCE(rxr->next) & rxr->mask];

	return READ_ONCE(desc->wb.status_error) & cpu_to_le32(DPC_RXD_STAT_DD);
}

/**
 * dpcnic_rx_pending() - is there work for the DPC? For the ISR of a message that queues share.
 * @rxr: the ring
 *
 * A ring that is short of buffers is work, too: nothing may arrive until a DPC has got some. So are
 * packets that are to be handed over to other CPUs.
 *
 * Context: hard IRQ. If the DPC runs meanwhile the answer may be wrong.
 * Return: true if there is.
 */
bool dpcnic_rx_pending(const struct dpcnic_rx_ring *rxr)
{
	const struct dpcnic_steer *steer = READ_ONCE(rxr->steer);

	return dpcnic_rx_done(rxr) || dpcnic_rx_ring_starved(rxr) ||
	       (steer && READ_ONCE(steer->pending));
}

/**
 * dpcnic_rx_busy() - is there a packet that a DPC has still to indicate?
 * @rxr: the ring
 *
 * Context: any; with the device receiving, or a DPC at work, the answer may be old.
 * Return: true if there is one, in the ring or in an inbox.
 */
bool dpcnic_rx_busy(const struct dpcnic_rx_ring *rxr)
{
	return dpcnic_rx_done(rxr) || dpcnic_steer_busy(rxr);
}

/* One descriptor of a packet that no program sees, and with its last the packet. */
static void dpcnic_rx_one(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
			  struct dpcnic_rx_taken taken, struct dpcnic_rx_tally *tally)
{
	struct dpcnic_rx_facts facts;
	struct sk_buff *skb;

	if (likely(dpcnic_rx_is_whole(rxr, &taken))) {
		dpcnic_rx_sync(rxr, taken.page, dpcnic_rx_len(&taken));
		skb = dpcnic_rx_build(rxr, taken.page, dpcnic_rx_len(&taken));
		if (unlikely(!skb)) {
			dpcnic_rx_drop(rxr, &rxr->stats.drop_skb);
			return;
		}
	} else {
		skb = dpcnic_rx_add(rxr, taken);
		if (!skb)
			return;
	}
	/* not before: what is kept across a call is written to the stack and read again */
	facts = dpcnic_rx_facts(taken.desc, taken.status);
	dpcnic_rx_tell(rxr, skb, &facts, tally);
	dpcnic_rx_indicate(rxr, napi, skb);
}

/**
 * dpcnic_rx_add_plain() - one more descriptor of a packet that began before there was a program
 * @rxr: the ring
 * @napi: to indicate with
 * @taken: the descriptor
 * @tally: where the packet is counted
 *
 * Context: the DPC's.
 */
void dpcnic_rx_add_plain(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
			 struct dpcnic_rx_taken taken, struct dpcnic_rx_tally *tally)
{
	struct dpcnic_rx_facts facts = dpcnic_rx_facts(taken.desc, taken.status);
	struct sk_buff *skb = dpcnic_rx_add(rxr, taken);

	if (!skb)
		return;
	dpcnic_rx_tell(rxr, skb, &facts, tally);
	dpcnic_rx_indicate(rxr, napi, skb);
}

static void dpcnic_rx_flush_tally(struct dpcnic_rx_ring *rxr, const struct dpcnic_rx_tally *tally)
{
	u64_stats_update_begin(&rxr->syncp);
	rxr->stats.packets += tally->packets;
	rxr->stats.bytes += tally->bytes;
	rxr->stats.csum_ok += tally->csum_ok;
	rxr->stats.csum_bad += tally->csum_bad;
	u64_stats_update_end(&rxr->syncp);
}

static inline void dpcnic_rx_tell_throttle(const struct dpcnic_rx_ring *rxr,
					   struct dpcnic_throttle *throttle, u32 taken, u32 bound)
{
	throttle->indicated += taken;
	/* T3: looked up, not guessed from the bound */
	if (taken == bound && dpcnic_rx_done(rxr))
		throttle->more_pending = true;
}

/**
 * dpcnic_rx_report() - a run of the ring ends: what there was
 * @rxr: the ring
 * @throttle: its outcome is added here
 * @taken: packets taken
 * @bound: the most that could be
 * @tally: for the counters
 *
 * Context: the DPC's.
 */
void dpcnic_rx_report(struct dpcnic_rx_ring *rxr, struct dpcnic_throttle *throttle, u32 taken,
		      u32 bound, const struct dpcnic_rx_tally *tally)
{
	dpcnic_rx_tell_throttle(rxr, throttle, taken, bound);
	dpcnic_rx_flush_tally(rxr, tally);
}

/**
 * dpcnic_rx_end() - dpcnic_rx_report(), and the ring gets new pages
 * @rxr: the ring
 * @throttle: see there
 * @taken: likewise
 * @bound: likewise
 * @tally: likewise
 *
 * Context: the DPC's.
 */
void dpcnic_rx_end(struct dpcnic_rx_ring *rxr, struct dpcnic_throttle *throttle, u32 taken,
		   u32 bound, const struct dpcnic_rx_tally *tally)
{
	dpcnic_rx_tell_throttle(rxr, throttle, taken, bound);
	dpcnic_rx_refill(rxr);
	dpcnic_rx_flush_tally(rxr, tally);
}

/**
 * dpcnic_rx_work() - indicate received packets, at most what is left of the bound (T1)
 * @rxr: the ring
 * @dpc: the DPC that has it
 * @throttle: the bound, of which something may be used up; the outcome is added
 *
 * With nothing left of the bound it still tells whether more is pending (T3).
 *
 * Context: the DPC's.
 */
void dpcnic_rx_work(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
		    struct dpcnic_throttle *throttle)
{
	struct bpf_prog *prog = smp_load_acquire(&rxr->prog); /* dpcnic_xdp_publish() */
	u32 bound = throttle->max_nbls - throttle->indicated;
	struct dpcnic_rx_tally tally = {};
	struct dpcnic_rx_taken taken;
	u32 end = rxr->next;

	if (unlikely(prog || rxr->xdp_busy)) {
		dpcnic_xdp_rx_work(rxr, dpc, throttle, prog);
		return;
	}

	while (dpcnic_rx_stretch(rxr, &end, bound - tally.packets)) {
		while (rxr->next != end && dpcnic_rx_next(rxr, &taken))
			dpcnic_rx_one(rxr, &dpc->napi, taken, &tally);
	}
	dpcnic_rx_end(rxr, throttle, tally.packets, bound, &tally);
}

/* Its pages are recycled by the DPC, see dpcnic_rx_hold(), once the ring has it. */
static struct page_pool *dpcnic_rx_pool_create(struct dpcnic_rx_ring *rxr, u32 desc_cnt)
{
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = desc_cnt,
		.nid = dev_to_node(rxr->dev),
		.dev = rxr->dev,
		.netdev = rxr->ndev,
		.queue_idx = rxr->idx,
		.dma_dir = DMA_BIDIRECTIONAL, /* for XDP_TX, by whatever program comes */
		.offset = DPCNIC_RX_HEADROOM,
		.max_len = DPCNIC_RX_BUF_SIZE,
	};

	return page_pool_create(&params);
}

/* Tell XDP where packets come from. The pool's pages may be anywhere when the ring goes. */
static int dpcnic_rx_register_rxq(struct dpcnic_rx_ring *rxr, struct dpcnic_rx_mem *mem)
{
	int err = __xdp_rxq_info_reg(&mem->rxq, rxr->ndev, rxr->idx, 0, PAGE_SIZE);

	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&mem->rxq, MEM_TYPE_PAGE_POOL, mem->pool);
	if (err)
		xdp_rxq_info_unreg(&mem->rxq);
	return err;
}

/**
 * dpcnic_rx_mem_fill() - get all the pages that memory for a ring can hold
 * @mem: the memory, in no ring
 *
 * One descriptor stays unused, as in dpcnic_rx_refill().
 *
 * Context: process.
 * Return: 0, or -ENOMEM and there are as many as there were.
 */
int dpcnic_rx_mem_fill(struct dpcnic_rx_mem *mem)
{
	for (; mem->filled < mem->cnt - 1; mem->filled++) {
		struct page *page = page_pool_alloc_pages(mem->pool, DPCNIC_RING_GFP);

		if (!page)
			return -ENOMEM;
		mem->page[mem->filled] = page;
		dpcnic_rx_describe(&mem->desc[mem->filled], page);
	}
	return 0;
}

static void dpcnic_rx_mem_drain(struct dpcnic_rx_mem *mem)
{
	while (mem->filled)
		page_pool_put_full_page(mem->pool, mem->page[--mem->filled], false);
}

/**
 * dpcnic_rx_mem_alloc() - get memory for a ring, and all the pages it can hold
 * @rxr: the ring it is for; may be in use
 * @desc_cnt: descriptors, a power of two
 * @xsk: the AF_XDP pool that it is to receive into, or NULL. Then there are no pages, and the
 *	pool's buffers are another ring's still: dpcnic_rx_ring_start() gets them.
 * @mem: out
 *
 * Context: process.
 * Return: 0, or an error and nothing is held.
 */
int dpcnic_rx_mem_alloc(struct dpcnic_rx_ring *rxr, u32 desc_cnt, struct xsk_buff_pool *xsk,
			struct dpcnic_rx_mem *mem)
{
	int err = -ENOMEM;

	*mem = (struct dpcnic_rx_mem) { .cnt = desc_cnt, .xsk = xsk };
	mem->page = kvcalloc_node(desc_cnt, sizeof(*mem->page), DPCNIC_RING_GFP,
				  dev_to_node(rxr->dev));
	if (!mem->page)
		return err;

	mem->desc = dma_alloc_coherent(rxr->dev, desc_cnt * sizeof(*mem->desc), &mem->dma,
				       DPCNIC_RING_GFP);
	if (!mem->desc)
		goto free_page;

	mem->pool = dpcnic_rx_pool_create(rxr, desc_cnt);
	if (IS_ERR(mem->pool)) {
		err = PTR_ERR(mem->pool);
		goto free_desc;
	}
	err = xsk ? 0 : dpcnic_rx_mem_fill(mem);
	if (err)
		goto destroy_pool;
	err = dpcnic_rx_register_rxq(rxr, mem);
	if (err)
		goto destroy_pool;
	return 0;

destroy_pool:
	dpcnic_rx_mem_drain(mem);
	page_pool_destroy(mem->pool);
free_desc:
	dma_free_coherent(rxr->dev, desc_cnt * sizeof(*mem->desc), mem->desc, mem->dma);
	mem->desc = NULL;
free_page:
	kvfree(mem->page);
	return err;
}

/*
 * Give all pages, or buffers, back. Packets that no DPC has come to are counted: the hardware
 * counted them.
 */
static void dpcnic_rx_drain(struct dpcnic_rx_ring *rxr)
{
	const __le32 packet = cpu_to_le32(DPC_RXD_STAT_DD | DPC_RXD_STAT_EOP);

	for (; rxr->next != rxr->filled; rxr->next++) {
		u32 i = rxr->next & rxr->mask;

		if ((rxr->desc[i].wb.status_error & packet) == packet)
			dpcnic_rx_drop(rxr, &rxr->stats.drop_stop);
		if (rxr->xsk)
			xsk_buff_free(rxr->buf[i]);
		else
			page_pool_put_full_page(rxr->pool, rxr->page[i], false);
	}
}

/**
 * dpcnic_rx_mem_free() - undo dpcnic_rx_mem_alloc()
 * @rxr: the ring it was for; may be in use with another
 * @mem: what to free; nothing if it is empty
 *
 * Context: process.
 */
void dpcnic_rx_mem_free(struct dpcnic_rx_ring *rxr, struct dpcnic_rx_mem *mem)
{
	if (!mem->desc)
		return;
	dpcnic_rx_mem_drain(mem);
	xdp_rxq_info_unreg(&mem->rxq);
	page_pool_destroy(mem->pool);
	dma_free_coherent(rxr->dev, mem->cnt * sizeof(*mem->desc), mem->desc, mem->dma);
	kvfree(mem->page);
	*mem = (struct dpcnic_rx_mem) {};
}

/**
 * dpcnic_rx_ring_init() - what of a ring stays as long as the NIC
 * @rxr: the ring, zeroed
 *
 * Context: process.
 */
void dpcnic_rx_ring_init(struct dpcnic_rx_ring *rxr)
{
	u64_stats_init(&rxr->syncp);
	/* page pools want it to be at rest when they go */
	rxr->holder.state = NAPIF_STATE_SCHED;
	rxr->holder.list_owner = -1;
}

/**
 * dpcnic_rx_ring_install() - make a ring of memory
 * @rxr: the ring, without
 * @mem: the memory, the ring's from now on
 *
 * Context: process, while no DPC can run.
 */
void dpcnic_rx_ring_install(struct dpcnic_rx_ring *rxr, const struct dpcnic_rx_mem *mem)
{
	rxr->desc = mem->desc;
	rxr->page = mem->page;
	rxr->pool = mem->pool;
	rxr->rxq = mem->rxq;
	rxr->xsk = mem->xsk;
	rxr->dma = mem->dma;
	rxr->mask = mem->cnt - 1;
	rxr->next = 0;
	rxr->filled = mem->filled;
	rxr->told = 0;
	rxr->under_way = DPCNIC_RX_NONE;
	rxr->xdp_busy = mem->xsk;
	xdp_init_buff(&rxr->xdp.xdp, PAGE_SIZE, &rxr->rxq);
	page_pool_enable_direct_recycling(rxr->pool, &rxr->holder);
}

/**
 * dpcnic_rx_ring_remove() - undo dpcnic_rx_ring_install()
 * @rxr: a ring that the device does not use any more; its counters stay
 * @mem: out: its memory, without pages
 *
 * Pages that come back later, from the stack, do so by the pool's ring: a DPC with other memory may
 * be at work then.
 *
 * Context: process, while no DPC can run.
 */
void dpcnic_rx_ring_remove(struct dpcnic_rx_ring *rxr, struct dpcnic_rx_mem *mem)
{
	dpcnic_rx_drain(rxr);
	if (rxr->under_way == DPCNIC_RX_SKB)
		dev_kfree_skb_any(rxr->skb);
	else if (rxr->under_way == DPCNIC_RX_XDP)
		dpcnic_xdp_cancel(rxr);
	rxr->under_way = DPCNIC_RX_NONE;
	dpcnic_steer_drain(rxr);
	while (rxr->spare_cnt)
		kfree_skb_partial(rxr->spare[--rxr->spare_cnt], true);
	page_pool_disable_direct_recycling(rxr->pool);

	*mem = (struct dpcnic_rx_mem) {
		.desc = rxr->desc,
		.page = rxr->page,
		.pool = rxr->pool,
		.rxq = rxr->rxq,
		.xsk = rxr->xsk,
		.dma = rxr->dma,
		.cnt = rxr->mask + 1,
	};
	rxr->desc = NULL;
	rxr->page = NULL;
	rxr->pool = NULL;
	rxr->xsk = NULL;
}

/**
 * dpcnic_rx_ring_start() - let the device receive into the ring
 * @nic: the NIC
 * @rxr: an allocated ring
 *
 * Whoever has an AF_XDP pool brings its buffers sooner or later.
 *
 * Context: process; its message is still disabled, or its DPCs are.
 * Return: 0; -ENOMEM if there are not the pages for one packet; or the device's error.
 */
int dpcnic_rx_ring_start(struct dpcnic_nic *nic, struct dpcnic_rx_ring *rxr)
{
	struct dpcnic_hw_rxq_cfg cfg = {
		.dma = rxr->dma,
		.cnt = rxr->mask + 1,
		.buf_size = rxr->xsk ? dpcnic_xsk_buf_size(rxr->xsk) : DPCNIC_RX_BUF_SIZE,
		.drop = nic->queue_cnt > 1,
	};
	int err;

	err = dpcnic_hw_enable_rxq(&nic->hw, rxr->idx, &cfg);
	if (err)
		return err;

	if (rxr->xsk) {
		dpcnic_xsk_refill(rxr);
		return 0;
	}
	dpcnic_rx_refill(rxr);
	return dpcnic_rx_ring_starved(rxr) ? -ENOMEM : 0;
}

/**
 * dpcnic_rx_read_stats() - a consistent copy of the counters
 * @rxr: the ring
 * @stats: out
 *
 * Context: any.
 */
void dpcnic_rx_read_stats(const struct dpcnic_rx_ring *rxr, struct dpcnic_rx_stats *stats)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&rxr->syncp);
		dpcnic_copy_stats(stats, &rxr->stats, sizeof(*stats));
	} while (u64_stats_fetch_retry(&rxr->syncp, start));
}
