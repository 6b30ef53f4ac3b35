/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Ethernet driver: one struct dpcnic_nic per PCI function, from probe to remove.
 *
 * A packet's way in: hardware -> engine/msg.c (message, ISR) -> engine/dpc.c (DPC) -> queue.c
 * -> rx.c -> stack. Its way out: tx.c -> hardware, and back by queue.c -> tx.c.
 */
#ifndef DPCNIC_NIC_NIC_H
#define DPCNIC_NIC_NIC_H

#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include "../engine/engine.h"
#include "../hw/hw.h"
#include "rx.h"
#include "tx.h"

#define DPCNIC_NAME		"dpcnic"

/* Header, two VLAN tags and CRC on top of the MTU */
#define DPCNIC_FRAME_OVERHEAD	(ETH_HLEN + 2 * VLAN_HLEN + ETH_FCS_LEN)

/**
 * struct dpcnic_queue - a pair of rings; what a queue message stands for
 * @rx: receive ring
 * @tx: transmit ring
 */
struct dpcnic_queue {
	struct dpcnic_rx_ring rx;
	struct dpcnic_tx_ring tx;
};

/**
 * struct dpcnic_nic - one NIC; the netdev's private data
 * @queue: the queue pairs; queue i belongs to message i. They live as long as the NIC, so their
 *	counters never go back; ring memory lives from open to stop.
 * @hw: the device
 * @engine: messages 0..@queue_cnt-1 for the queues, message @queue_cnt for link and other causes
 * @ndev: the netdev
 * @pdev: the PCI function
 * @queue_cnt: queue pairs; constant
 * @up: rings and messages are in use. Under RTNL.
 * @rx_desc_cnt: descriptors of each receive ring. Under RTNL.
 * @tx_desc_cnt: descriptors of each transmit ring. Under RTNL.
 * @rss_key: Toeplitz key. Under RTNL.
 * @rss_table: RSS indirection table. Under RTNL.
 * @link: as last read. Written by @service.
 * @service: link changes, and once a second what needs a regular look; runs from open to stop
 * @reset: stop and open after a transmit time-out
 * @stats_lock: @hw_stats and the registers behind it, which a read clears
 * @hw_stats: hardware counters since probe
 * @dma_errors: times the device found its DMA out of step. Written by the other message's DPC.
 */
struct dpcnic_nic {
	struct dpcnic_queue *queue;
	struct dpcnic_hw hw;
	struct dpcnic_engine *engine;
	struct net_device *ndev;
	struct pci_dev *pdev;
	u16 queue_cnt;
	bool up;

	u32 rx_desc_cnt;
	u32 tx_desc_cnt;
	u8 rss_key[DPC_RSSRK_BYTES];
	u8 rss_table[DPC_RETA_ENTRIES];

	struct dpcnic_hw_link link;
	struct delayed_work service;
	struct work_struct reset;

	spinlock_t stats_lock; /* see above */
	struct dpcnic_hw_stats hw_stats;
	u64 dma_errors;
};

/* queue.c: rings and messages together */
int dpcnic_queues_create(struct dpcnic_nic *nic);
void dpcnic_queues_destroy(struct dpcnic_nic *nic);
int dpcnic_queues_alloc_rings(struct dpcnic_nic *nic);
void dpcnic_queues_free_rings(struct dpcnic_nic *nic);
int dpcnic_queues_start(struct dpcnic_nic *nic);
void dpcnic_queues_stop(struct dpcnic_nic *nic);
void dpcnic_queues_link_napi(struct dpcnic_nic *nic);
void dpcnic_queues_unlink_napi(struct dpcnic_nic *nic);
void dpcnic_queues_kick_starved(struct dpcnic_nic *nic);
extern const struct dpcnic_miniport_ops dpcnic_queue_ops;

/* link.c: the message for link and other causes, and the service work */
extern const struct dpcnic_miniport_ops dpcnic_other_ops;
void dpcnic_service_work(struct work_struct *work);
void dpcnic_link_down(struct dpcnic_nic *nic);

/* rss.c */
void dpcnic_rss_init(struct dpcnic_nic *nic);
void dpcnic_rss_apply(struct dpcnic_nic *nic);

/* netdev.c */
void dpcnic_netdev_init(struct dpcnic_nic *nic);
void dpcnic_reset_work(struct work_struct *work);

/* stats.c */
extern const struct netdev_stat_ops dpcnic_stat_ops;
void dpcnic_get_stats64(struct net_device *ndev, struct rtnl_link_stats64 *stats);
void dpcnic_stats_refresh(struct dpcnic_nic *nic);

/* ethtool.c */
extern const struct ethtool_ops dpcnic_ethtool_ops;

static inline u32 dpcnic_max_frame(u32 mtu)
{
	return mtu + DPCNIC_FRAME_OVERHEAD;
}

/* The message for link and other causes. */
static inline struct dpcnic_msg *dpcnic_other_msg(struct dpcnic_nic *nic)
{
	return &nic->engine->msg[nic->queue_cnt];
}

/* miniport ops that all kinds of messages share; here so that each table's calls are direct */
static inline struct dpcnic_nic *dpcnic_msg_nic(const struct dpcnic_msg *msg)
{
	return netdev_priv(msg->engine->ndev);
}

static inline void dpcnic_msg_disable(struct dpcnic_msg *msg)
{
	dpcnic_hw_irq_disable(&dpcnic_msg_nic(msg)->hw, BIT(msg->id));
}

static inline void dpcnic_msg_enable(struct dpcnic_msg *msg)
{
	dpcnic_hw_irq_enable(&dpcnic_msg_nic(msg)->hw, BIT(msg->id));
}

static inline void dpcnic_msg_trigger(struct dpcnic_msg *msg)
{
	dpcnic_hw_irq_trigger(&dpcnic_msg_nic(msg)->hw, BIT(msg->id));
}

#endif /* DPCNIC_NIC_NIC_H */
