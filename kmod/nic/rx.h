/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A receive ring.
 *
 *	          next                      filled
 *	           |                          |
 *	 ..........v..........................v.........
 *	  software |  done, then still empty  | software
 *
 * Indices run freely and are masked on use. Descriptors from next up to filled hold pages: the
 * first of them may be done, the rest wait for packets. Those up to told, which follows filled in
 * batches, belong to the device, and no run goes further. The descriptor at told has its status
 * cleared, and so have those up to filled, so a look past the last one finds nothing done.
 */
#ifndef DPCNIC_NIC_RX_H
#define DPCNIC_NIC_RX_H

#include <linux/cache.h>
#include <linux/dma-mapping.h>
#include <linux/if_ether.h>
#include <linux/minmax.h>
#include <linux/netdevice.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <net/page_pool/helpers.h>
#include <net/xdp.h>

#include "../engine/engine.h"
#include "../hw/desc.h"
#include "steer.h"

#define DPCNIC_RX_DESC_DEFAULT	256
#define DPCNIC_RX_DESC_MIN	64
#define DPCNIC_RX_DESC_MAX	4096

#define DPCNIC_RX_HEADROOM	XDP_PACKET_HEADROOM
#define DPCNIC_RX_ROOM		(PAGE_SIZE - DPCNIC_RX_HEADROOM - \
				 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
/* What the device may write to one page: it counts in KB (SRRCTL.BSIZEPACKET). */
#define DPCNIC_RX_BUF_SIZE	round_down(DPCNIC_RX_ROOM, SZ_1K)

struct dpcnic_nic;
struct dpcnic_rx_taken;
struct xsk_buff_pool;

/**
 * struct dpcnic_rx_stats - counters of one receive ring
 * @packets: packets taken from the ring: indicated, steered, or decided on by an XDP program
 * @bytes: their bytes, without CRC, and with a VLAN tag that was stripped
 * @csum_ok: of those indicated here, the ones whose checksum the hardware found right
 * @csum_bad: ... wrong
 * @xdp_drop: of @packets, those with the verdict XDP_DROP
 * @xdp_tx: ... XDP_TX; @drop_tx included
 * @xdp_redirect: ... XDP_REDIRECT; @drop_redirect included
 * @xdp_aborted: ... XDP_ABORTED, or a verdict that is none
 * @steered: of @packets, those put in an inbox for another CPU (R2)
 * @kept: packets that were to go to another CPU, and stayed with the one that still had packets
 *	of the same flow, to keep them in order
 * @drop_inbox: of @packets, those that found the inbox full, or its CPU gone (R3)
 * @drop_tx: packets with the verdict XDP_TX that could not be sent
 * @drop_redirect: packets with the verdict XDP_REDIRECT that their target did not take
 * @alloc_fail: pages that could not be had for the ring
 * @drop_skb: packets dropped for want of an skb, or of a page to copy them to (xsk.c)
 * @drop_desc: packets dropped because their descriptors made no sense
 * @drop_stop: packets that were in the ring when it was taken down
 */
struct dpcnic_rx_stats {
	u64 packets;
	u64 bytes;
	u64 csum_ok;
	u64 csum_bad;
	u64 xdp_drop;
	u64 xdp_tx;
	u64 xdp_redirect;
	u64 xdp_aborted;
	u64 steered;
	u64 kept;
	u64 drop_inbox;
	u64 drop_tx;
	u64 drop_redirect;
	u64 alloc_fail;
	u64 drop_skb;
	u64 drop_desc;
	u64 drop_stop;
};

/**
 * struct dpcnic_rx_tally - what one run adds to the counters
 * @packets: packets
 * @bytes: their bytes
 * @csum_ok: indicated with a checksum found right
 * @csum_bad: indicated with a checksum found wrong
 */
struct dpcnic_rx_tally {
	u32 packets;
	u32 bytes;
	u32 csum_ok;
	u32 csum_bad;
};

/**
 * struct dpcnic_xdp_buff - a packet as an XDP program and the driver's kfuncs see it
 * @xdp: the program's context
 * @desc: the packet's last descriptor; valid while the program runs
 * @cpu: the CPU to indicate it on, DPCNIC_STEER_HERE if the program has named none
 * @hash: as of the ring
 *
 * The ring has one; with an AF_XDP pool each of the pool's buffers is one.
 */
struct dpcnic_xdp_buff {
	struct xdp_buff xdp;
	const union dpcnic_rx_desc *desc;
	int cpu;
	bool hash;
};

/**
 * enum dpcnic_rx_under_way - what has become of a packet whose last descriptor has not been taken
 * @DPCNIC_RX_NONE: there is no such packet
 * @DPCNIC_RX_SKB: its descriptors so far are in the ring's skb
 * @DPCNIC_RX_XDP: ... in its xdp
 * @DPCNIC_RX_DISCARD: it is dropped, and counted, and so will be what is left of it
 */
enum dpcnic_rx_under_way {
	DPCNIC_RX_NONE,
	DPCNIC_RX_SKB,
	DPCNIC_RX_XDP,
	DPCNIC_RX_DISCARD,
};

/* So many skbs are allocated at once: with more it often takes a second slab, which is slower. */
#define DPCNIC_SKB_BULK		8

/* XDP_TX packets wait for so many others, or the end of the run, before the ring is locked. */
#define DPCNIC_XDP_TX_BATCH	16

/**
 * struct dpcnic_rx_mem - what a receive ring is made of
 *
 * Made before it is needed, while the ring may have another, and put in the place of that by
 * dpcnic_rx_ring_install(). Whoever made it owns it until then, and again after
 * dpcnic_rx_ring_remove().
 *
 * @desc: the descriptors; NULL if there is none of all this
 * @page: the page behind each, NULL where there is none
 * @buf: the same, where there is @xsk
 * @pool: where pages come from and go back to
 * @xsk: the AF_XDP pool to receive into, NULL if pages are; no part of the memory
 * @rxq: tells XDP where packets come from; registered
 * @dma: of @desc
 * @cnt: number of descriptors
 * @filled: those that have a page, from the first on
 */
struct dpcnic_rx_mem {
	union dpcnic_rx_desc *desc;
	union {
		struct page **page;
		struct xdp_buff **buf;
	};
	struct page_pool *pool;
	struct xsk_buff_pool *xsk;
	struct xdp_rxq_info rxq;
	dma_addr_t dma;
	u32 cnt;
	u32 filled;
};

/**
 * struct dpcnic_rx_ring - one receive ring
 *
 * Everything that changes is written by the DPC that has the ring (engine: msg->home; where queues
 * share the message the one of queue->cpu), or in process context while no DPC can run.
 *
 * @desc: the descriptors, shared with the device
 * @page: the page behind each descriptor, NULL where there is none
 * @buf: the same, where there is @xsk
 * @pool: where pages come from and go back to
 * @tail: RDT
 * @skb: valid in state DPCNIC_RX_SKB
 * @prog: the XDP program, NULL if there is none. Written under RTNL; the NIC holds it, see xdp.c.
 * @mask: number of descriptors - 1
 * @next: next descriptor to look at
 * @filled: next descriptor to put a page in
 * @told: what the device knows of @filled
 * @xdp_busy: packets that a program saw are under way still, though there may be none any more;
 *	or there is @xsk
 * @sync: DMA needs to be synchronised; mapping a page may turn that on
 * @under_way: enum dpcnic_rx_under_way
 * @hash: tell the stack the hardware's hash (NETIF_F_RXHASH)
 * @csum: trust the hardware's checksums (NETIF_F_RXCSUM)
 * @spare_cnt: how many skbs are in @spare
 * @returned: so many skbs may have come back to NAPI's cache, see dpcnic_rx_skb()
 * @spare: skbs for packets to come
 * @syncp: for readers of @stats
 * @stats: see there; kept while the ring is down
 * @xdp: the packet that a program sees
 * @steer: inboxes, NULL as long as there was no program since the ring was made (steer.h)
 * @tx_batch: packets with the verdict XDP_TX, @tx_batched of them
 * @tx_batched: 0 between runs
 * @rxq: tells XDP where packets come from; as of dpcnic_rx_ring_install()
 * @xsk: the AF_XDP pool whose buffers the device receives into, NULL if these are pages; as of
 *	dpcnic_rx_ring_install()
 * @xsk_rxq: @rxq of packets in the pool's buffers; registered while the queue has a pool (xsk.c)
 * @holder: tells the page pool which CPU has the ring, see dpcnic_rx_hold()
 * @ndev: constant
 * @dev: for DMA; constant
 * @dma: of @desc
 * @idx: queue; constant
 */
struct dpcnic_rx_ring {
	union dpcnic_rx_desc *desc;
	union {
		struct page **page;
		struct xdp_buff **buf;
	};
	struct page_pool *pool;
	void __iomem *tail;
	struct sk_buff *skb;
	struct bpf_prog *prog;
	u32 mask;
	u32 next;
	u32 filled;
	u32 told;
	u8 under_way;
	bool sync;
	bool xdp_busy;
	u32 spare_cnt;
	u32 returned;
	struct dpcnic_steer *steer;
	void *spare[DPCNIC_SKB_BULK];
	struct u64_stats_sync syncp;
	struct dpcnic_rx_stats stats;

	/* with an XDP program */
	struct dpcnic_xdp_buff xdp ____cacheline_aligned;
	u32 tx_batched;
	struct xdp_frame *tx_batch[DPCNIC_XDP_TX_BATCH];
	struct xdp_rxq_info rxq;
	struct xsk_buff_pool *xsk;
	struct xdp_rxq_info xsk_rxq;

	struct napi_struct holder;

	/* written in process context only; read for every packet, where it is indicated (R2) */
	struct net_device *ndev ____cacheline_aligned;
	u16 idx;
	bool hash;
	bool csum;

	/* slow path only */
	struct device *dev;
	dma_addr_t dma;
} ____cacheline_aligned;

int dpcnic_rx_mem_alloc(struct dpcnic_rx_ring *rxr, u32 desc_cnt, struct xsk_buff_pool *xsk,
			struct dpcnic_rx_mem *mem);
int dpcnic_rx_mem_fill(struct dpcnic_rx_mem *mem);
void dpcnic_rx_mem_free(struct dpcnic_rx_ring *rxr, struct dpcnic_rx_mem *mem);
void dpcnic_rx_ring_init(struct dpcnic_rx_ring *rxr);
void dpcnic_rx_ring_install(struct dpcnic_rx_ring *rxr, const struct dpcnic_rx_mem *mem);
void dpcnic_rx_ring_remove(struct dpcnic_rx_ring *rxr, struct dpcnic_rx_mem *mem);
int dpcnic_rx_ring_start(struct dpcnic_nic *nic, struct dpcnic_rx_ring *rxr);
bool dpcnic_rx_ring_starved(const struct dpcnic_rx_ring *rxr);
bool dpcnic_rx_pending(const struct dpcnic_rx_ring *rxr);
bool dpcnic_rx_busy(const struct dpcnic_rx_ring *rxr);
void dpcnic_rx_work(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
		    struct dpcnic_throttle *throttle);
void dpcnic_rx_read_stats(const struct dpcnic_rx_ring *rxr, struct dpcnic_rx_stats *stats);

/* for xdp.c and xsk.c */
void dpcnic_rx_add_plain(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
			 struct dpcnic_rx_taken taken, struct dpcnic_rx_tally *tally);
void dpcnic_rx_add_rare(const struct dpcnic_rx_ring *rxr, struct sk_buff *skb,
			const struct dpcnic_rx_facts *facts, struct dpcnic_rx_tally *tally);
void dpcnic_rx_drop(struct dpcnic_rx_ring *rxr, u64 *cause);
void dpcnic_rx_end(struct dpcnic_rx_ring *rxr, struct dpcnic_throttle *throttle, u32 taken,
		   u32 bound, const struct dpcnic_rx_tally *tally);
void dpcnic_rx_report(struct dpcnic_rx_ring *rxr, struct dpcnic_throttle *throttle, u32 taken,
		      u32 bound, const struct dpcnic_rx_tally *tally);

/**
 * struct dpcnic_rx_taken - a descriptor taken from the ring, and its page
 * @desc: the descriptor, valid until the ring is refilled
 * @page: the page, the caller's now
 * @buf: the same, where the ring has an AF_XDP pool
 * @status: its wb.status_error
 */
struct dpcnic_rx_taken {
	const union dpcnic_rx_desc *desc;
	union {
		struct page *page;
		struct xdp_buff *buf;
	};
	u32 status;
};

/* Bytes in the page. */
static inline u32 dpcnic_rx_len(const struct dpcnic_rx_taken *taken)
{
	return le16_to_cpu(taken->desc->wb.length);
}

/**
 * dpcnic_rx_next() - take the next descriptor that the device is done with
 * @rxr: the ring, with one that is the device's: see dpcnic_rx_stretch()
 * @taken: out: the descriptor
 *
 * Context: the DPC's.
 * Return: false if there is none.
 */
static inline bool dpcnic_rx_next(struct dpcnic_rx_ring *rxr, struct dpcnic_rx_taken *taken)
{
	u32 i = rxr->next & rxr->mask;
	const union dpcnic_rx_desc *desc = &rxr->desc[i];

	taken->status = le32_to_cpu(READ_ONCE(desc->wb.status_error));
	if (!(taken->status & DPC_RXD_STAT_DD))
		return false;
	dma_rmb(); /* DD first, then the rest of the descriptor and the packet */

	taken->desc = desc;
	taken->page = rxr->page[i];
	rxr->next++;
	return true;
}

/**
 * dpcnic_rx_stretch() - how far may a run of the ring go at least?
 * @rxr: the ring
 * @end: where the last stretch ended, the ring's next before the first; out: where this one does
 * @packets: how many more may be taken
 *
 * What was never given to the device is not taken back, whatever stands in its descriptor: there is
 * no page behind it, or one that is somebody else's by now. A stretch holds no more descriptors
 * than are the device's, and no more than packets may be taken, so that inside it one comparison
 * stands for both bounds. At its end some packets may be left of the bound: those of several
 * descriptors took more than one, and those that were dropped do not count.
 *
 * Context: the DPC's.
 * Return: false if the run ends here, or has ended before.
 */
static inline bool dpcnic_rx_stretch(const struct dpcnic_rx_ring *rxr, u32 *end, u32 packets)
{
	if (rxr->next != *end)
		return false;
	*end += min(packets, rxr->told - rxr->next);
	return rxr->next != *end;
}

/* Can a packet begin like this? The stack and XDP programs rely on an Ethernet header. */
static inline bool dpcnic_rx_can_begin(u32 len)
{
	return len >= ETH_HLEN && len <= DPCNIC_RX_BUF_SIZE;
}

/**
 * dpcnic_rx_is_whole() - is a descriptor a packet of its own, and one that makes sense?
 * @rxr: the ring
 * @taken: the descriptor
 *
 * Context: the DPC's.
 * Return: true if so; otherwise it is part of one, or to be dropped.
 */
static inline bool dpcnic_rx_is_whole(const struct dpcnic_rx_ring *rxr,
				      const struct dpcnic_rx_taken *taken)
{
	return rxr->under_way == DPCNIC_RX_NONE && (taken->status & DPC_RXD_STAT_EOP) &&
	       dpcnic_rx_can_begin(dpcnic_rx_len(taken));
}

/**
 * dpcnic_rx_sync() - see what the device has written to a page
 * @rxr: the ring
 * @page: the page
 * @len: how much
 *
 * Context: the DPC's.
 */
static inline void dpcnic_rx_sync(const struct dpcnic_rx_ring *rxr, struct page *page, u32 len)
{
	if (unlikely(rxr->sync))
		page_pool_dma_sync_for_cpu(rxr->pool, page, 0, len);
}

/* Write a descriptor for the device to receive into @page. */
static inline void dpcnic_rx_describe(union dpcnic_rx_desc *desc, struct page *page)
{
	desc->read.pkt_addr = cpu_to_le64(page_pool_get_dma_addr(page) + DPCNIC_RX_HEADROOM);
	desc->read.hdr_addr = 0;
}

/**
 * dpcnic_rx_post() - put a page into the next descriptor for the device
 * @rxr: the ring, with room for it
 * @page: the page, synchronised for the device
 *
 * Context: the DPC's.
 */
static inline void dpcnic_rx_post(struct dpcnic_rx_ring *rxr, struct page *page)
{
	u32 i = rxr->filled++ & rxr->mask;

	rxr->page[i] = page;
	dpcnic_rx_describe(&rxr->desc[i], page);
}

/**
 * dpcnic_rx_reuse() - put the page of a packet that was dropped back into the ring
 * @rxr: the ring
 * @page: the page, taken from it in this run
 *
 * Context: the DPC's.
 */
static inline void dpcnic_rx_reuse(struct dpcnic_rx_ring *rxr, struct page *page)
{
	if (unlikely(rxr->sync))
		dma_sync_single_range_for_device(rxr->dev, page_pool_get_dma_addr(page),
						 DPCNIC_RX_HEADROOM, DPCNIC_RX_BUF_SIZE,
						 DMA_BIDIRECTIONAL);
	dpcnic_rx_post(rxr, page);
}

/**
 * dpcnic_rx_hold() - a DPC begins to work on the ring
 * @rxr: the ring
 *
 * A page that comes back while the DPC runs, on the CPU where it runs, goes straight to the page
 * pool's cache: the pool believes in a NAPI instance that is polled there. It is not the DPC's own.
 * Another CPU's DPC may have the ring next (I10), and a softirq that has looked up the former NAPI
 * would then use the cache at the same time as the new one; and busy polling runs a DPC on any
 * CPU. This instance is never scheduled, and while it names a CPU nobody asks there but the DPC and
 * what it calls. Where the ring has a message of its own NAPI's completion is a part of that: it
 * indicates what GRO has merged, of which much may be freed at once.
 *
 * Context: the DPC's, which has the ring.
 */
static inline void dpcnic_rx_hold(struct dpcnic_rx_ring *rxr)
{
	WRITE_ONCE(rxr->holder.list_owner, smp_processor_id());
}

/**
 * dpcnic_rx_release() - undo dpcnic_rx_hold(), if this CPU has held
 * @rxr: the ring
 *
 * It is nobody's, or another CPU's, where the DPC worked on its inbox only, and where the ring has
 * gone to another DPC since the message was enabled.
 *
 * Context: the DPC's.
 */
static inline void dpcnic_rx_release(struct dpcnic_rx_ring *rxr)
{
	if (READ_ONCE(rxr->holder.list_owner) == smp_processor_id())
		WRITE_ONCE(rxr->holder.list_owner, -1);
}

/**
 * dpcnic_rx_note_returned() - skbs may have come back to NAPI's cache
 * @rxr: the ring, whose packets take theirs from there now, see dpcnic_rx_skb()
 * @skbs: how many; the cache holds no more than a few dozen
 *
 * Context: the DPC's that has the ring.
 */
static inline void dpcnic_rx_note_returned(struct dpcnic_rx_ring *rxr, u32 skbs)
{
	rxr->returned = min_t(u32, rxr->returned + skbs, NAPI_POLL_WEIGHT);
}

/**
 * dpcnic_steer_in_use() - may the packet in @rxr->xdp have to go to another CPU?
 * @rxr: the ring, with a program
 *
 * Context: the DPC's.
 * Return: false if the program has named no CPU, neither for this packet nor for those before it.
 */
static inline bool dpcnic_steer_in_use(const struct dpcnic_rx_ring *rxr)
{
	return rxr->xdp.cpu != DPCNIC_STEER_HERE || rxr->steer->use;
}

#endif /* DPCNIC_NIC_RX_H */
