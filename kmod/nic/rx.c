// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: from the descriptor that the device wrote back to the packet in the stack.
 *
 * Every descriptor has a page of its own, laid out so that an skb can be built around it where it
 * lies: headroom, packet, struct skb_shared_info. A packet that is longer than the room in one
 * page takes further descriptors, whose pages become fragments.
 */
#include <linux/bpf.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/page_pool/helpers.h>

#include "nic.h"
#include "rx.h"

/* Pages are given to the device in batches: one write of the tail for this many. */
#define DPCNIC_RX_REFILL_BATCH	16

#define DPCNIC_RX_HEADROOM	XDP_PACKET_HEADROOM
#define DPCNIC_RX_ROOM		(PAGE_SIZE - DPCNIC_RX_HEADROOM - \
				 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
/* What the device may write to one page: it counts in KB (SRRCTL.BSIZEPACKET). */
#define DPCNIC_RX_BUF_SIZE	round_down(DPCNIC_RX_ROOM, SZ_1K)

static_assert(VLAN_ETH_FRAME_LEN + VLAN_HLEN + ETH_FCS_LEN <= DPCNIC_RX_BUF_SIZE);

/**
 * dpcnic_rx_buf_size() - bytes the device may write to one buffer
 *
 * Return: a multiple of 1024.
 */
u32 dpcnic_rx_buf_size(void)
{
	return DPCNIC_RX_BUF_SIZE;
}

/* Give @page to the device as the next descriptor. */
static void dpcnic_rx_post(struct dpcnic_rx_ring *rxr, struct page *page)
{
	u32 i = rxr->filled++ & rxr->mask;

	rxr->page[i] = page;
	rxr->desc[i].read.pkt_addr = cpu_to_le64(page_pool_get_dma_addr(page) +
						 DPCNIC_RX_HEADROOM);
	rxr->desc[i].read.hdr_addr = 0;
}

/*
 * Fill the ring up. One descriptor stays unused: to the device a full ring would look empty.
 *
 * Context: the DPC's, or process before the ring is started.
 */
static void dpcnic_rx_refill(struct dpcnic_rx_ring *rxr)
{
	u32 room = rxr->mask - (rxr->filled - rxr->next);
	struct page *page;

	if (room < DPCNIC_RX_REFILL_BATCH)
		return;

	do {
		page = page_pool_dev_alloc_pages(rxr->pool);
		if (unlikely(!page)) {
			u64_stats_update_begin(&rxr->syncp);
			rxr->stats.alloc_fail++;
			u64_stats_update_end(&rxr->syncp);
			break;
		}
		dpcnic_rx_post(rxr, page);
	} while (--room);

	/* clears DD of what was done here a round ago, see rx.h */
	rxr->desc[rxr->filled & rxr->mask].read.hdr_addr = 0;
	writel(rxr->filled & rxr->mask, rxr->tail);
}

/**
 * dpcnic_rx_ring_starved() - does the device have no buffer at all?
 * @rxr: the ring
 *
 * Then no packet arrives that could make a DPC try again to get pages.
 *
 * Context: any; racy, for a periodic check.
 * Return: true if all buffers are gone.
 */
bool dpcnic_rx_ring_starved(const struct dpcnic_rx_ring *rxr)
{
	return READ_ONCE(rxr->filled) == READ_ONCE(rxr->next);
}

static enum pkt_hash_types dpcnic_rx_hash_type(u32 info)
{
	switch (FIELD_GET(DPC_RXD_RSS_TYPE, info)) {
	case DPC_RSS_NONE:
		return PKT_HASH_TYPE_NONE;
	case DPC_RSS_IPV4:
	case DPC_RSS_IPV6:
	case DPC_RSS_IPV6_EX:
		return PKT_HASH_TYPE_L3;
	default:
		return PKT_HASH_TYPE_L4;
	}
}

/**
 * struct dpcnic_rx_tally - what one run of the ring adds to the counters
 * @packets: indicated
 * @bytes: indicated
 * @csum_ok: indicated with a checksum found right
 */
struct dpcnic_rx_tally {
	u32 packets;
	u32 bytes;
	u32 csum_ok;
};

static void dpcnic_rx_drop(struct dpcnic_rx_ring *rxr, u64 *cause)
{
	u64_stats_update_begin(&rxr->syncp);
	(*cause)++;
	u64_stats_update_end(&rxr->syncp);
}

static void dpcnic_rx_checksum(struct dpcnic_rx_ring *rxr, struct sk_buff *skb, u32 status,
			       struct dpcnic_rx_tally *tally)
{
	if (!rxr->csum || !(status & (DPC_RXD_STAT_L4CS | DPC_RXD_STAT_UDPCS)))
		return;

	if (unlikely(status & (DPC_RXD_ERR_L4E | DPC_RXD_ERR_IPE))) {
		dpcnic_rx_drop(rxr, &rxr->stats.csum_bad);
		return;
	}
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	tally->csum_ok++;
}

/* The packet is complete: tell the stack what the hardware knows of it, and indicate it. */
static void dpcnic_rx_indicate(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
			       struct sk_buff *skb, const union dpcnic_rx_desc *desc, u32 status,
			       struct dpcnic_rx_tally *tally)
{
	u32 info = le32_to_cpu(desc->wb.info);

	tally->packets++;
	tally->bytes += skb->len;

	dpcnic_rx_checksum(rxr, skb, status, tally);
	if (rxr->hash)
		skb_set_hash(skb, le32_to_cpu(desc->wb.rss_hash), dpcnic_rx_hash_type(info));
	skb_record_rx_queue(skb, rxr->idx);
	skb->protocol = eth_type_trans(skb, rxr->ndev);
	napi_gro_receive(napi, skb);
}

/* Build an skb around the first page of a packet. Return: it, or NULL and the page is back. */
static struct sk_buff *dpcnic_rx_build(struct dpcnic_rx_ring *rxr, struct page *page, u32 len)
{
	struct sk_buff *skb = napi_build_skb(page_address(page), PAGE_SIZE);

	if (unlikely(!skb)) {
		page_pool_put_full_page(rxr->pool, page, true);
		return NULL;
	}
	skb_mark_for_recycle(skb);
	skb_reserve(skb, DPCNIC_RX_HEADROOM);
	__skb_put(skb, len);
	return skb;
}

/*
 * Add the page of one descriptor to the packet under way.
 *
 * Return: the packet, or NULL where it is to be dropped; then @page is back already.
 */
static struct sk_buff *dpcnic_rx_add(struct dpcnic_rx_ring *rxr, struct page *page, u32 len)
{
	struct sk_buff *skb = rxr->skb;

	if (unlikely(rxr->discard))
		goto put_page;

	if (unlikely(len > DPCNIC_RX_BUF_SIZE ||
		     (skb && skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS))) {
		dpcnic_rx_drop(rxr, &rxr->stats.drop_desc);
		goto discard;
	}

	page_pool_dma_sync_for_cpu(rxr->pool, page, 0, len);
	if (likely(!skb)) {
		skb = dpcnic_rx_build(rxr, page, len);
		if (unlikely(!skb)) {
			dpcnic_rx_drop(rxr, &rxr->stats.drop_skb);
			rxr->discard = true;
		}
		return skb;
	}
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, DPCNIC_RX_HEADROOM, len, PAGE_SIZE);
	return skb;

discard:
	rxr->discard = true;
	if (skb)
		dev_kfree_skb_any(skb);
put_page:
	page_pool_put_full_page(rxr->pool, page, true);
	return NULL;
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
 * A ring without buffers is work, too: nothing will arrive in it until a DPC has got some.
 *
 * Context: hard IRQ. If the DPC runs meanwhile the answer may be wrong.
 * Return: true if there is.
 */
bool dpcnic_rx_pending(const struct dpcnic_rx_ring *rxr)
{
	return dpcnic_rx_done(rxr) || dpcnic_rx_ring_starved(rxr);
}

static void dpcnic_rx_flush_tally(struct dpcnic_rx_ring *rxr, const struct dpcnic_rx_tally *tally)
{
	u64_stats_update_begin(&rxr->syncp);
	rxr->stats.packets += tally->packets;
	rxr->stats.bytes += tally->bytes;
	rxr->stats.csum_ok += tally->csum_ok;
	u64_stats_update_end(&rxr->syncp);
}

/**
 * dpcnic_rx_work() - indicate received packets, at most @throttle->max_nbls of them (T1)
 * @rxr: the ring
 * @napi: to indicate with
 * @throttle: the bound, 0 to look only whether more is pending; the outcome is added
 *
 * Context: the DPC's.
 */
void dpcnic_rx_work(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
		    struct dpcnic_throttle *throttle)
{
	struct dpcnic_rx_tally tally = {};

	while (tally.packets < throttle->max_nbls) {
		u32 i = rxr->next & rxr->mask;
		union dpcnic_rx_desc *desc = &rxr->desc[i];
		u32 status = le32_to_cpu(READ_ONCE(desc->wb.status_error));
		struct sk_buff *skb;

		if (!(status & DPC_RXD_STAT_DD))
			break;
		dma_rmb(); /* DD first, then the rest of the descriptor and the packet */

		skb = dpcnic_rx_add(rxr, rxr->page[i], le16_to_cpu(desc->wb.length));
		rxr->page[i] = NULL;
		rxr->next++;

		if (unlikely(!(status & DPC_RXD_STAT_EOP))) {
			rxr->skb = skb;
			continue;
		}
		rxr->skb = NULL;
		rxr->discard = false;
		if (likely(skb))
			dpcnic_rx_indicate(rxr, napi, skb, desc, status, &tally);
	}

	throttle->indicated += tally.packets;
	/* T3: looked up, not guessed from the bound */
	if (tally.packets == throttle->max_nbls && dpcnic_rx_done(rxr))
		throttle->more_pending = true;

	dpcnic_rx_refill(rxr);
	dpcnic_rx_flush_tally(rxr, &tally);
}

static struct page_pool *dpcnic_rx_pool_create(struct dpcnic_rx_ring *rxr, u32 desc_cnt)
{
	struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = desc_cnt,
		.nid = dev_to_node(rxr->dev),
		.dev = rxr->dev,
		.netdev = rxr->ndev,
		.queue_idx = rxr->idx,
		.dma_dir = DMA_FROM_DEVICE,
		.offset = DPCNIC_RX_HEADROOM,
		.max_len = DPCNIC_RX_BUF_SIZE,
	};

	return page_pool_create(&params);
}

/**
 * dpcnic_rx_ring_alloc() - get memory for a ring and fill it with pages
 * @rxr: the ring, with @ndev, @dev, @idx and @tail set
 * @desc_cnt: descriptors, a power of two
 *
 * Context: process.
 * Return: 0, or an error and nothing is held.
 */
int dpcnic_rx_ring_alloc(struct dpcnic_rx_ring *rxr, u32 desc_cnt)
{
	int err = -ENOMEM;

	rxr->mask = desc_cnt - 1;
	rxr->next = 0;
	rxr->filled = 0;
	rxr->skb = NULL;
	rxr->discard = false;

	rxr->page = kvcalloc_node(desc_cnt, sizeof(*rxr->page), GFP_KERNEL, dev_to_node(rxr->dev));
	if (!rxr->page)
		return err;

	rxr->desc = dma_alloc_coherent(rxr->dev, desc_cnt * sizeof(*rxr->desc), &rxr->dma,
				       GFP_KERNEL);
	if (!rxr->desc)
		goto free_page;

	rxr->pool = dpcnic_rx_pool_create(rxr, desc_cnt);
	if (IS_ERR(rxr->pool)) {
		err = PTR_ERR(rxr->pool);
		goto free_desc;
	}
	return 0;

free_desc:
	dma_free_coherent(rxr->dev, desc_cnt * sizeof(*rxr->desc), rxr->desc, rxr->dma);
	rxr->desc = NULL;
free_page:
	kvfree(rxr->page);
	rxr->page = NULL;
	return err;
}

/* Give all pages back. Packets that no DPC has come to are counted: the hardware counted them. */
static void dpcnic_rx_drain(struct dpcnic_rx_ring *rxr)
{
	const __le32 packet = cpu_to_le32(DPC_RXD_STAT_DD | DPC_RXD_STAT_EOP);

	for (; rxr->next != rxr->filled; rxr->next++) {
		u32 i = rxr->next & rxr->mask;

		if ((rxr->desc[i].wb.status_error & packet) == packet)
			dpcnic_rx_drop(rxr, &rxr->stats.drop_stop);
		page_pool_put_full_page(rxr->pool, rxr->page[i], false);
	}
}

/**
 * dpcnic_rx_ring_free() - undo dpcnic_rx_ring_alloc()
 * @rxr: a ring that the device does not use any more; its counters stay
 *
 * Context: process.
 */
void dpcnic_rx_ring_free(struct dpcnic_rx_ring *rxr)
{
	dpcnic_rx_drain(rxr);
	if (rxr->skb)
		dev_kfree_skb_any(rxr->skb);
	rxr->skb = NULL;

	page_pool_destroy(rxr->pool);
	rxr->pool = NULL;
	dma_free_coherent(rxr->dev, (rxr->mask + 1) * sizeof(*rxr->desc), rxr->desc, rxr->dma);
	rxr->desc = NULL;
	kvfree(rxr->page);
	rxr->page = NULL;
}

/**
 * dpcnic_rx_ring_start() - let the device receive into the ring
 * @nic: the NIC
 * @rxr: an allocated ring
 *
 * Context: process; its message is still disabled.
 * Return: 0; -ENOMEM if there is not one page for it; or the device's error.
 */
int dpcnic_rx_ring_start(struct dpcnic_nic *nic, struct dpcnic_rx_ring *rxr)
{
	struct dpcnic_hw_rxq_cfg cfg = {
		.dma = rxr->dma,
		.cnt = rxr->mask + 1,
		.buf_size = DPCNIC_RX_BUF_SIZE,
		.drop = nic->queue_cnt > 1,
	};
	int err;

	err = dpcnic_hw_enable_rxq(&nic->hw, rxr->idx, &cfg);
	if (err)
		return err;

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
		*stats = rxr->stats;
	} while (u64_stats_fetch_retry(&rxr->syncp, start));
}
