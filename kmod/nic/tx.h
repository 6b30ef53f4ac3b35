/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transmit ring.
 *
 *	          next                      used
 *	           |                          |
 *	 ..........v..........................v.........
 *	    free   |    sent, or being sent   |  free
 *
 * Indices run freely and are masked on use. ndo_start_xmit moves used, the DPC moves next; each
 * has a cache line of its own.
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
#define DPCNIC_TX_DESC_MIN	64
#define DPCNIC_TX_DESC_MAX	4096

struct dpcnic_nic;

/**
 * struct dpcnic_tx_stats - counters of one transmit ring
 * @packets: packets sent, each segment of a TSO packet counted
 * @bytes: their bytes, headers of each segment counted, without CRC
 * @csum: packets whose checksum the hardware was to insert
 * @tso_packets: packets the hardware was to segment
 * @tso_segs: segments those became
 * @stop: times the queue was stopped for want of descriptors
 * @wake: times it was woken
 * @drop_map: packets dropped because they could not be mapped for DMA
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
	u64 stop;
	u64 wake;
	u64 drop_map;
	u64 drop_csum;
	u64 drop_stop;
	u64 timeout;
};

/**
 * struct dpcnic_tx_buf - what is behind one transmit descriptor
 * @skb: the packet, at the first descriptor of a packet only
 * @bytes: on the wire, with @skb
 * @last: index of the packet's last descriptor, with @skb
 * @segs: packets on the wire, with @skb
 * @frag: mapped as a page, otherwise as single memory
 * @dma: mapping; its length is 0 where the descriptor has none
 * @len: length of @dma
 */
struct dpcnic_tx_buf {
	struct sk_buff *skb;
	u32 bytes;
	u32 last;
	u16 segs;
	bool frag;
	DEFINE_DMA_UNMAP_ADDR(dma);
	DEFINE_DMA_UNMAP_LEN(len);
};

/**
 * struct dpcnic_tx_ring - one transmit ring
 * @desc: the descriptors, shared with the device
 * @buf: what is behind each
 * @tail: TDT
 * @txq: the stack's queue
 * @mask: number of descriptors - 1
 * @used: next free descriptor. Written by ndo_start_xmit under the queue's lock.
 * @syncp: for readers of @stats, written under the queue's lock
 * @stats: see there, but for @stats.wake; written under the queue's lock
 * @next: first descriptor not known to be sent. Written by the DPC that has the ring.
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

	/* ndo_start_xmit */
	u32 used ____cacheline_aligned;
	struct u64_stats_sync syncp;
	struct dpcnic_tx_stats stats;

	/* the DPC */
	u32 next ____cacheline_aligned;
	struct u64_stats_sync wake_syncp;
	u64 wake;

	/* slow path only */
	struct device *dev;
	dma_addr_t dma;
	u16 idx;
} ____cacheline_aligned;

int dpcnic_tx_ring_alloc(struct dpcnic_tx_ring *txr, u32 desc_cnt);
void dpcnic_tx_ring_free(struct dpcnic_tx_ring *txr);
int dpcnic_tx_ring_start(struct dpcnic_nic *nic, struct dpcnic_tx_ring *txr);
bool dpcnic_tx_pending(const struct dpcnic_tx_ring *txr);
void dpcnic_tx_work(struct dpcnic_tx_ring *txr, u32 napi_budget);
void dpcnic_tx_read_stats(const struct dpcnic_tx_ring *txr, struct dpcnic_tx_stats *stats);
void dpcnic_tx_count_timeout(struct dpcnic_tx_ring *txr);

netdev_tx_t dpcnic_start_xmit(struct sk_buff *skb, struct net_device *ndev);
netdev_features_t dpcnic_features_check(struct sk_buff *skb, struct net_device *ndev,
					netdev_features_t features);

#endif /* DPCNIC_NIC_TX_H */
