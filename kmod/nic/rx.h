/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A receive ring.
 *
 *	          next                      filled
 *	           |                          |
 *	 ..........v..........................v.........
 *	  software |  done, then still empty  | software
 *
 * Indices run freely and are masked on use. Descriptors from next up to filled belong to the
 * device: the first of them may be done, the rest wait for packets. The descriptor at filled has
 * its status cleared, so a look past the last one finds nothing done.
 */
#ifndef DPCNIC_NIC_RX_H
#define DPCNIC_NIC_RX_H

#include <linux/cache.h>
#include <linux/netdevice.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <net/page_pool/types.h>

#include "../engine/engine.h"
#include "../hw/desc.h"

#define DPCNIC_RX_DESC_DEFAULT	256
#define DPCNIC_RX_DESC_MIN	64
#define DPCNIC_RX_DESC_MAX	4096

struct dpcnic_nic;

/**
 * struct dpcnic_rx_stats - counters of one receive ring
 * @packets: packets indicated
 * @bytes: their bytes, without CRC
 * @csum_ok: of those, the ones whose checksum the hardware found right
 * @csum_bad: ... wrong
 * @alloc_fail: pages that could not be had for the ring
 * @drop_skb: packets dropped for want of an skb
 * @drop_desc: packets dropped because their descriptors made no sense
 * @drop_stop: packets that were in the ring when it was taken down
 */
struct dpcnic_rx_stats {
	u64 packets;
	u64 bytes;
	u64 csum_ok;
	u64 csum_bad;
	u64 alloc_fail;
	u64 drop_skb;
	u64 drop_desc;
	u64 drop_stop;
};

/**
 * struct dpcnic_rx_ring - one receive ring
 *
 * Everything that changes is written by the DPC that has the ring (engine: msg->home; where queues
 * share the message the one of queue->cpu), or in process context while no DPC can run.
 *
 * @desc: the descriptors, shared with the device
 * @page: the page behind each descriptor, NULL where there is none
 * @pool: where pages come from and go back to
 * @tail: RDT
 * @skb: packet whose first descriptors have been taken and whose last has not arrived
 * @mask: number of descriptors - 1
 * @next: next descriptor to look at
 * @filled: next descriptor to give to the device
 * @discard: drop what is left of the packet under way
 * @hash: tell the stack the hardware's hash (NETIF_F_RXHASH)
 * @csum: trust the hardware's checksums (NETIF_F_RXCSUM)
 * @syncp: for readers of @stats
 * @stats: see there; kept while the ring is down
 * @ndev: constant
 * @dev: for DMA; constant
 * @dma: of @desc
 * @idx: queue; constant
 */
struct dpcnic_rx_ring {
	union dpcnic_rx_desc *desc;
	struct page **page;
	struct page_pool *pool;
	void __iomem *tail;
	struct sk_buff *skb;
	u32 mask;
	u32 next;
	u32 filled;
	bool discard;
	bool hash;
	bool csum;
	struct u64_stats_sync syncp;
	struct dpcnic_rx_stats stats;

	/* slow path only */
	struct net_device *ndev;
	struct device *dev;
	dma_addr_t dma;
	u16 idx;
} ____cacheline_aligned;

int dpcnic_rx_ring_alloc(struct dpcnic_rx_ring *rxr, u32 desc_cnt);
void dpcnic_rx_ring_free(struct dpcnic_rx_ring *rxr);
int dpcnic_rx_ring_start(struct dpcnic_nic *nic, struct dpcnic_rx_ring *rxr);
bool dpcnic_rx_ring_starved(const struct dpcnic_rx_ring *rxr);
bool dpcnic_rx_pending(const struct dpcnic_rx_ring *rxr);
void dpcnic_rx_work(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
		    struct dpcnic_throttle *throttle);
void dpcnic_rx_read_stats(const struct dpcnic_rx_ring *rxr, struct dpcnic_rx_stats *stats);
u32 dpcnic_rx_buf_size(void);

#endif /* DPCNIC_NIC_RX_H */
