/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transmit ring.
 *
 *	          next                      used
 *	           |                          |
 *	 ..........v..........................v.........
 *	    free   |    sent, or being sent   |  free
 *
 * Indices run freely and are masked on use. ndo_start_xmit and ndo_xdp_xmit move used, the DPC
 * moves next; each has a cache line of its own.
 */
#ifndef DPCNIC_NIC_TX_H
#define DPCNIC_NIC_TX_H

#include <linux/cache.h>
#include <linux/dma-mapping.h>
#include <linux/netdevice.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

#include "../hw/desc.h"

#define DPCNIC_TX_DESC_DEFAULT	256
#define DPCNIC_TX_DESC_MAX	4096

/* Bytes per descriptor: DTALEN has 16 bits; half of that keeps chunks of a page multiple. */
#define DPCNIC_TX_CHUNK		SZ_32K

/* The most descriptors one packet takes: context, head, fragments, and chunks over 32 KB. */
#define DPCNIC_TX_DESC_PER_SKB	(1 + 1 + MAX_SKB_FRAGS + DIV_ROUND_UP(GSO_LEGACY_MAX_SIZE, \
								      DPCNIC_TX_CHUNK))
#define DPCNIC_TX_WAKE		(2 * DPCNIC_TX_DESC_PER_SKB)

/* MAX_SKB_FRAGS is up to whoever configures the kernel */
#define DPCNIC_TX_DESC_MIN	(DPCNIC_TX_WAKE < 64 ? 64 : 128)

static_assert(DPCNIC_TX_WAKE < DPCNIC_TX_DESC_MIN);

/* The device does not pad below this (datasheet 7.2.1.1) */
#define DPCNIC_TX_LEN_MIN	17

struct dpcnic_nic;
struct xdp_frame;

/**
 * struct dpcnic_tx_stats - counters of one transmit ring
 * @packets: packets sent, each segment of a TSO packet counted, XDP frames included
 * @bytes: their bytes, headers of each segment counted, VLAN tags that the device inserts, too,
 *	without CRC
 * @csum: of @packets, those whose checksum the hardware was to insert
 * @tso_packets: packets the hardware was to segment
 * @tso_segs: segments those became
 * @xdp: XDP frames sent: XDP_TX, or redirected here
 * @xsk: frames of AF_XDP sockets sent without copies
 * @xdp_refused: XDP frames not taken: no room, too short, not to be mapped, or the queue is down;
 *	and frames of AF_XDP sockets that are too short
 * @stop: times the queue was stopped for want of descriptors
 * @wake: times it was woken
 * @drop_map: packets dropped because they could not be mapped for DMA, or padded or given their tag
 * @drop_csum: packets dropped because their checksum could not be made
 * @drop_stop: packets that were in the ring, not sent, when it was taken down; they are in
 *	@packets, too
 * @timeout: transmit time-outs
 */
struct dpcnic_tx_stats {
	u64 packets;
	u64 bytes;
	u64 csum;
	u64 tso_packets;
	u64 tso_segs;
	u64 xdp;
	u64 xsk;
	u64 xdp_refused;
	u64 stop;
	u64 wake;
	u64 drop_map;
	u64 drop_csum;
	u64 drop_stop;
	u64 timeout;
};

/**
 * enum dpcnic_tx_kind - what a packet in the ring is
 * @DPCNIC_TX_SKB: an skb of the stack's
 * @DPCNIC_TX_OWN: a frame of this queue's receive ring (XDP_TX); its pages are mapped anyway
 * @DPCNIC_TX_FRAME: a frame from elsewhere (XDP_REDIRECT)
 * @DPCNIC_TX_XSK: a frame of an AF_XDP socket, in its pool (xsk.c)
 */
enum dpcnic_tx_kind {
	DPCNIC_TX_SKB,
	DPCNIC_TX_OWN,
	DPCNIC_TX_FRAME,
	DPCNIC_TX_XSK,
};

/**
 * struct dpcnic_tx_buf - what is behind one transmit descriptor
 * @skb: the packet, at the first descriptor of a packet only
 * @frame: the same, where it is one; neither is valid where it is an AF_XDP socket's
 * @dma: mapping; its length is 0 where the descriptor has none
 * @len: length of @dma
 * @bytes: on the wire, with @skb
 * @last: index of the packet's last descriptor, with @skb
 * @segs: packets on the wire, with @skb
 * @kind: enum dpcnic_tx_kind, with @skb
 * @page: mapped as a page, otherwise as single memory
 */
struct dpcnic_tx_buf {
	union {
		struct sk_buff *skb;
		struct xdp_frame *frame;
	};
	DEFINE_DMA_UNMAP_ADDR(dma);
	DEFINE_DMA_UNMAP_LEN(len);
	u32 bytes;
	u32 last;
	u16 segs;
	u8 kind;
	bool page;
};

/* 256 of them, the default, are two pages. */
static_assert(sizeof(struct dpcnic_tx_buf) <= 32);

/**
 * struct dpcnic_tx_mem - what a transmit ring is made of; as struct dpcnic_rx_mem
 * @desc: the descriptors; NULL if there is none of all this
 * @buf: what is behind each
 * @dma: of @desc
 * @cnt: number of descriptors
 */
struct dpcnic_tx_mem {
	union dpcnic_tx_desc *desc;
	struct dpcnic_tx_buf *buf;
	dma_addr_t dma;
	u32 cnt;
};

/**
 * struct dpcnic_tx_ring - one transmit ring
 * @desc: the descriptors, shared with the device
 * @buf: what is behind each
 * @tail: TDT
 * @txq: the stack's queue
 * @mask: number of descriptors - 1
 * @used: next free descriptor. Written under the queue's lock.
 * @open: frames are taken. Written under the queue's lock; the stack has its own way to know.
 * @syncp: for readers of @stats, written under the queue's lock
 * @stats: see there, but for @stats.wake; written under the queue's lock
 * @next: first descriptor not known to be sent. Written by the DPC that has the ring.
 * @xsk_flying: frames of AF_XDP sockets in the ring whose pool does not know that they are sent.
 *	Like the next two written by the DPC that has the ring, or in process context while no DPC
 *	can run.
 * @xsk_done: of those, the ones that are
 * @xsk_skipped: frames that were taken from a socket, but not sent, and that the pool has to be
 *	told of; in order, so when none is flying
 * @wake_syncp: for readers of @wake
 * @wake: stats.wake; written by the DPC that has the ring
 * @dev: for DMA; constant
 * @dma: of @desc
 * @idx: queue; constant
 */
struct dpcnic_tx_ring {
	union dpcnic_tx_desc *desc;
	struct dpcnic_tx_buf *buf;
	void __iomem *tail;
	struct netdev_queue *txq;
	u32 mask;

	/* whoever sends */
	u32 used ____cacheline_aligned;
	bool open;
	struct u64_stats_sync syncp;
	struct dpcnic_tx_stats stats;

	/* the DPC */
	u32 next ____cacheline_aligned;
	struct u64_stats_sync wake_syncp;
	u64 wake;
	u32 xsk_flying;
	u32 xsk_done;
	u32 xsk_skipped;

	/* slow path only */
	struct device *dev;
	dma_addr_t dma;
	u16 idx;
} ____cacheline_aligned;

int dpcnic_tx_mem_alloc(const struct dpcnic_tx_ring *txr, u32 desc_cnt, struct dpcnic_tx_mem *mem);
void dpcnic_tx_mem_free(const struct dpcnic_tx_ring *txr, struct dpcnic_tx_mem *mem);
void dpcnic_tx_ring_install(struct dpcnic_tx_ring *txr, const struct dpcnic_tx_mem *mem);
void dpcnic_tx_ring_remove(struct dpcnic_tx_ring *txr, struct dpcnic_tx_mem *mem);
int dpcnic_tx_ring_start(struct dpcnic_nic *nic, struct dpcnic_tx_ring *txr);
bool dpcnic_tx_pending(const struct dpcnic_tx_ring *txr);
bool dpcnic_tx_busy(const struct dpcnic_tx_ring *txr);
bool dpcnic_tx_stays_stopped(const struct dpcnic_tx_ring *txr);
u32 dpcnic_tx_work(struct dpcnic_tx_ring *txr, u32 napi_budget);
void dpcnic_tx_read_stats(const struct dpcnic_tx_ring *txr, struct dpcnic_tx_stats *stats);
void dpcnic_tx_count_timeout(struct dpcnic_tx_ring *txr);
u32 dpcnic_tx_mark(struct dpcnic_tx_ring *txr);
bool dpcnic_tx_passed(const struct dpcnic_tx_ring *txr, u32 mark);

void dpcnic_tx_ring_stop(struct dpcnic_tx_ring *txr);

netdev_tx_t dpcnic_start_xmit(struct sk_buff *skb, struct net_device *ndev);
netdev_features_t dpcnic_features_check(struct sk_buff *skb, struct net_device *ndev,
					netdev_features_t features);

/* for those who write descriptors: tx.c and tx_frame.c */

/* Free descriptors. One stays unused: to the device a full ring would look empty. */
static inline u32 dpcnic_tx_free(const struct dpcnic_tx_ring *txr)
{
	u32 next = smp_load_acquire(&txr->next); /* dpcnic_tx_work() */

	return txr->mask - (READ_ONCE(txr->used) - next);
}

/**
 * struct dpcnic_tx_job - one packet on its way into the ring
 * @skb: the packet, NULL where it is a frame
 * @first: its first descriptor
 * @idx: the next one to write
 * @ctx_tucmd: for the context descriptor; 0 where the packet needs none
 * @ctx_lens: likewise
 * @ctx_mss: likewise
 * @cmd: cmd_type_len of every data descriptor, without length
 * @olinfo: olinfo_status of every data descriptor
 * @bytes: bytes on the wire
 * @segs: packets on the wire
 */
struct dpcnic_tx_job {
	struct sk_buff *skb;
	u32 first;
	u32 idx;
	u32 ctx_tucmd;
	u32 ctx_lens;
	u32 ctx_mss;
	u32 cmd;
	u32 olinfo;
	u32 bytes;
	u32 segs;
};

static inline void dpcnic_tx_put_data(struct dpcnic_tx_ring *txr, struct dpcnic_tx_job *job,
				      dma_addr_t dma, u32 len)
{
	union dpcnic_tx_desc *desc = &txr->desc[job->idx++ & txr->mask];

	desc->read.addr = cpu_to_le64(dma);
	desc->read.cmd_type_len = cpu_to_le32(job->cmd | len);
	desc->read.olinfo_status = cpu_to_le32(job->olinfo);
}

static inline void dpcnic_tx_unmap(struct dpcnic_tx_ring *txr, struct dpcnic_tx_buf *buf)
{
	u32 len = dma_unmap_len(buf, len);

	if (!len)
		return;
	if (buf->page)
		dma_unmap_page(txr->dev, dma_unmap_addr(buf, dma), len, DMA_TO_DEVICE);
	else
		dma_unmap_single(txr->dev, dma_unmap_addr(buf, dma), len, DMA_TO_DEVICE);
	dma_unmap_len_set(buf, len, 0);
}

#endif /* DPCNIC_NIC_TX_H */
