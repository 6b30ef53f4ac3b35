/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Ethernet driver: one struct dpcnic_nic per PCI function, from probe to remove.
 *
 * A packet's way in: hardware -> engine/msg.c (message, ISR) -> engine/dpc.c (DPC) -> queue.c
 * -> rx.c -> stack. With an XDP program: rx.c -> xdp.c (-> steer.c -> another DPC) -> stack; with
 * an AF_XDP pool: rx.c -> xdp.c -> xsk.c -> socket. Its way out: tx.c, for XDP frames tx_frame.c,
 * from an AF_XDP socket xsk.c -> hardware, and back by queue.c -> tx.c. Where queues share a
 * message, shared.c is in the place of queue.c.
 */
#ifndef DPCNIC_NIC_NIC_H
#define DPCNIC_NIC_NIC_H

#include <linux/atomic.h>
#include <linux/dim.h>
#include <linux/gfp.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include "../compat.h"
#include "../engine/engine.h"
#include "../hw/hw.h"
#include "ptp.h"
#include "rx.h"
#include "tx.h"

#define DPCNIC_NAME		"dpcnic"

/* nic->pause: which directions are wanted, and whether the link partner is asked */
#define DPCNIC_PAUSE_RX		BIT(0)
#define DPCNIC_PAUSE_TX		BIT(1)
#define DPCNIC_PAUSE_AUTONEG	BIT(2)

/* Header, two VLAN tags and CRC on top of the MTU */
#define DPCNIC_FRAME_OVERHEAD	(ETH_HLEN + 2 * VLAN_HLEN + ETH_FCS_LEN)

/* Memory for rings: where there is none the user's request fails, and no process is killed. */
#define DPCNIC_RING_GFP		(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/**
 * enum dpcnic_queue_flag - of a queue whose message serves several
 * @DPCNIC_QUEUE_AWAY: no DPC is to touch its rings: they are exchanged (reconfigure.c). Written
 *	under RTNL.
 * @DPCNIC_QUEUE_WAKE: its DPC is to run, though its rings may not show why. Set by anybody, cleared
 *	by that DPC.
 */
enum dpcnic_queue_flag {
	DPCNIC_QUEUE_AWAY,
	DPCNIC_QUEUE_WAKE,
};

/**
 * struct dpcnic_queue - a pair of rings
 * @rx: receive ring
 * @tx: transmit ring
 * @cpu: where the message serves several queues, the CPU whose DPC works on this one; see spread.c
 * @flags: enum dpcnic_queue_flag, by bit operations
 * @xsk: the AF_XDP pool that it has, in use while the NIC is up; or NULL. Under RTNL.
 */
struct dpcnic_queue {
	struct dpcnic_rx_ring rx;
	struct dpcnic_tx_ring tx;
	int cpu;
	unsigned long flags;
	struct xsk_buff_pool *xsk;
};

/**
 * struct dpcnic_coalesce - how often a queue message may interrupt; see coalesce.c
 * @adaptive: the interval follows the traffic. Written under RTNL, read by DPCs.
 * @applied: what @dim decided is in effect. Set by @dim.work, cleared by the DPC that has @dim.
 * @usecs: least time between two interrupts while it does not. Written under RTNL.
 * @busy: bit 0: a DPC has @dim
 * @nic: the NIC; constant
 * @lock: the device has what was decided last. Process context.
 * @dim: the kernel's algorithm. Of the DPC that has set @busy; and of process context while no
 *	DPC can run.
 */
struct dpcnic_coalesce {
	bool adaptive;
	bool applied;
	u16 usecs;
	unsigned long busy;
	struct dpcnic_nic *nic;
	spinlock_t lock; /* see above */
	struct dim dim;
};

/**
 * struct dpcnic_sizes - what may be asked of a NIC's rings
 * @queue_cnt: queue pairs, 1 to DPC_QUEUES
 * @rx_desc_cnt: descriptors of each receive ring, a power of two
 * @tx_desc_cnt: descriptors of each transmit ring, a power of two
 */
struct dpcnic_sizes {
	u16 queue_cnt;
	u32 rx_desc_cnt;
	u32 tx_desc_cnt;
};

/**
 * struct dpcnic_nic - one NIC; the netdev's private data
 * @queue: the queue pairs, DPC_QUEUES of them, of which the first @queue_cnt are in use. They live
 *	as long as the NIC, so their counters never go back; ring memory lives from open to stop.
 * @hw: the device
 * @engine: messages 0..@queue_msg_cnt-1 for the queues: message m serves the queues q with
 *	q % @queue_msg_cnt == m. One more for link and other causes if there are two or more (I8).
 * @ndev: the netdev
 * @pdev: the PCI function
 * @queue_cnt: queue pairs in use. Changed under RTNL while neither DPC nor device is at work.
 * @queue_msg_cnt: messages for queues; constant
 * @up: rings and messages are in use. Written under RTNL; a DPC reads it, see
 *	dpcnic_tx_stays_stopped().
 * @insert_tags: the device inserts VLAN tags; see vlan.c. Written under RTNL; whoever sends reads
 *	it, with the queue's lock held.
 * @rx_desc_cnt: descriptors of each receive ring. Under RTNL.
 * @tx_desc_cnt: descriptors of each transmit ring. Under RTNL.
 * @coalesce: by queue message
 * @rss_key: Toeplitz key. Under RTNL.
 * @rss_table: RSS indirection table. Under RTNL.
 * @rss_types: what is hashed, DPCNIC_HW_RSS_* bits. Under RTNL.
 * @filter_features: netdev features that the receive filter follows. Under the netdev's address
 *	lock.
 * @vlans: VLANs to receive, a bit each. Under RTNL.
 * @xdp_prog: the XDP program, or NULL; a reference. Under RTNL.
 * @speeds: out of DPCNIC_HW_SPEEDS, what the link partner is offered. Under RTNL.
 * @forced: the one of DPCNIC_HW_SPEEDS that is set without regard to the partner; 0 if none is.
 *	Under RTNL.
 * @pause: DPCNIC_PAUSE_* bits. Written under RTNL; @service reads it without.
 * @wol: WAKE_* bits. Under RTNL; constant while asleep.
 * @ledctl: LEDCTL as it was before LEDs began to blink. Under RTNL.
 * @link: as last read, with the pause that it was given. Written by @service, under @link_lock.
 * @link_lock: whoever copies @link gets all of one look. Process context.
 * @link_flushed: since there is no link what was in the rings has been dropped. Of @service.
 * @pause_frame: longest frame, in bytes, that flow control leaves room for. Of @service.
 * @service: link changes, and once a second what needs a regular look; runs from open to stop
 * @reset: stop and open after a transmit time-out, or to drop what waits for a link
 * @stats_lock: @hw_stats and the registers behind it, which a read clears
 * @hw_stats: hardware counters since probe
 * @dma_errors: times the device found its DMA out of step
 * @causes: with a single message: link and other causes that were read from the device and wait
 *	for a DPC
 * @ptp: the clock, and time stamps (ptp.h)
 * @cpuhp: links the NIC to CPU hotplug
 * @spread_lock: serialises changes of queue->cpu from open to stop. Taken with CPU hotplug held
 *	off or from within it, so nothing that holds off hotplug may be done with it held.
 * @spreading: CPU hotplug changes queue->cpu. Under @spread_lock.
 */
struct dpcnic_nic {
	struct dpcnic_queue *queue;
	struct dpcnic_hw hw;
	struct dpcnic_engine *engine;
	struct net_device *ndev;
	struct pci_dev *pdev;
	u16 queue_cnt;
	u16 queue_msg_cnt;
	bool up;
	bool insert_tags;

	u32 rx_desc_cnt;
	u32 tx_desc_cnt;
	struct dpcnic_coalesce coalesce[DPC_QUEUES];
	u8 rss_key[DPC_RSSRK_BYTES];
	u8 rss_table[DPC_RETA_ENTRIES];
	u8 rss_types;
	netdev_features_t filter_features;
	u32 vlans[DPC_VFTA_WORDS];

	struct bpf_prog *xdp_prog;
	u32 speeds;
	u32 forced;
	u8 pause;
	u32 wol;
	u32 ledctl;
	struct dpcnic_hw_link link;
	spinlock_t link_lock; /* see above */
	u32 pause_frame;
	bool link_flushed;
	struct delayed_work service;
	struct work_struct reset;

	spinlock_t stats_lock; /* see above */
	struct dpcnic_hw_stats hw_stats;
	atomic64_t dma_errors;
	atomic_t causes;
	struct dpcnic_ptp ptp;

	struct hlist_node cpuhp;
	struct mutex spread_lock; /* see above */
	bool spreading;
};

/* queue.c: rings and messages together */
int dpcnic_queues_create(struct dpcnic_nic *nic, u16 msg_cnt);
void dpcnic_queues_destroy(struct dpcnic_nic *nic);
void dpcnic_queues_setup_msgs(struct dpcnic_nic *nic);
int dpcnic_queues_start(struct dpcnic_nic *nic);
bool dpcnic_queues_hold(const struct dpcnic_nic *nic, u16 from, u16 to);
bool dpcnic_queues_send(const struct dpcnic_nic *nic, u16 from, u16 to);
bool dpcnic_queues_busy(const struct dpcnic_nic *nic, u16 from, u16 to);
int dpcnic_queues_stop(struct dpcnic_nic *nic);
void dpcnic_queues_link_napi(struct dpcnic_nic *nic);
void dpcnic_queues_unlink_napi(struct dpcnic_nic *nic);
void dpcnic_queues_kick_starved(struct dpcnic_nic *nic);
extern const struct dpcnic_miniport_ops dpcnic_queue_ops;

void dpcnic_queue_work(struct dpcnic_queue *queue, struct dpcnic_dpc *dpc, bool owner,
		       struct dpcnic_throttle *throttle);

/* rings.c: memory of all rings */
struct dpcnic_rings;

struct dpcnic_rings *dpcnic_rings_alloc(struct dpcnic_nic *nic, const struct dpcnic_sizes *sizes);
void dpcnic_rings_free(struct dpcnic_nic *nic, struct dpcnic_rings *rings);
void dpcnic_rings_swap_queue(struct dpcnic_nic *nic, struct dpcnic_rings *rings, u16 idx);
void dpcnic_rings_swap(struct dpcnic_nic *nic, struct dpcnic_rings *rings);
int dpcnic_rings_get(struct dpcnic_nic *nic);
void dpcnic_rings_empty(struct dpcnic_nic *nic);
void dpcnic_rings_put(struct dpcnic_nic *nic);

/* shared.c: messages that several queues share */
extern const struct dpcnic_miniport_ops dpcnic_shared_ops;
extern const struct dpcnic_miniport_ops dpcnic_msi_ops;
extern const struct dpcnic_miniport_ops dpcnic_intx_ops;

/* spread.c: which CPU a queue belongs to */
int dpcnic_spread_init(void);
void dpcnic_spread_exit(void);
void dpcnic_spread_add(struct dpcnic_nic *nic);
void dpcnic_spread_remove(struct dpcnic_nic *nic);
void dpcnic_spread_irqs(struct dpcnic_nic *nic);
void dpcnic_spread_xps(struct dpcnic_nic *nic, u16 from, u16 to);
void dpcnic_spread_assign(struct dpcnic_nic *nic);
void dpcnic_spread_start(struct dpcnic_nic *nic);
void dpcnic_spread_stop(struct dpcnic_nic *nic);

/* link.c: the message for link and other causes, and the service work */
extern const struct dpcnic_miniport_ops dpcnic_other_ops;
void dpcnic_other_work(struct dpcnic_nic *nic, u32 cause);
void dpcnic_service_work(struct work_struct *work);
void dpcnic_link_down(struct dpcnic_nic *nic);

/* rss.c */
void dpcnic_rss_init(struct dpcnic_nic *nic);
void dpcnic_rss_spread(struct dpcnic_nic *nic);
void dpcnic_rss_apply(struct dpcnic_nic *nic);
void dpcnic_rss_avoid(struct dpcnic_nic *nic, u16 idx);
int dpcnic_rss_get_fields(struct net_device *ndev, struct ethtool_rxfh_fields *fields);
int dpcnic_rss_set_fields(struct net_device *ndev, const struct ethtool_rxfh_fields *fields,
			  struct netlink_ext_ack *extack);

/* netdev.c */
void dpcnic_netdev_init(struct dpcnic_nic *nic);
void dpcnic_apply_features(struct dpcnic_nic *nic, netdev_features_t features);
void dpcnic_traffic_start(struct dpcnic_nic *nic);
void dpcnic_traffic_stop(struct dpcnic_nic *nic);
int dpcnic_restart(struct dpcnic_nic *nic);
void dpcnic_reset_work(struct work_struct *work);
void dpcnic_detach(struct dpcnic_nic *nic);
int dpcnic_attach(struct dpcnic_nic *nic);

/* pm.c */
extern const struct dev_pm_ops dpcnic_pm_ops;
extern const struct pci_error_handlers dpcnic_error_handlers;
void dpcnic_shutdown(struct pci_dev *pdev);

/* reconfigure.c: number and size of rings, and what one queue receives into */
int dpcnic_queue_exchange(struct dpcnic_nic *nic, u16 idx, struct xsk_buff_pool *xsk);
void dpcnic_get_ringparam(struct net_device *ndev, struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack);
int dpcnic_set_ringparam(struct net_device *ndev, struct ethtool_ringparam *ring,
			 struct kernel_ethtool_ringparam *kernel_ring,
			 struct netlink_ext_ack *extack);
void dpcnic_get_channels(struct net_device *ndev, struct ethtool_channels *ch);
int dpcnic_set_channels(struct net_device *ndev, struct ethtool_channels *ch);

/* coalesce.c: how often messages may interrupt */
DECLARE_STATIC_KEY_FALSE(dpcnic_coalesce_key);
#define dpcnic_coalesce_in_use()	static_branch_unlikely(&dpcnic_coalesce_key)

void dpcnic_coalesce_init(struct dpcnic_nic *nic);
void dpcnic_coalesce_exit(struct dpcnic_nic *nic);
void dpcnic_coalesce_apply(struct dpcnic_nic *nic, u16 msg_id);
void dpcnic_coalesce_stop(struct dpcnic_nic *nic);
void dpcnic_coalesce_note(struct dpcnic_msg *msg);
int dpcnic_get_coalesce(struct net_device *ndev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec, struct netlink_ext_ack *extack);
int dpcnic_set_coalesce(struct net_device *ndev, struct ethtool_coalesce *ec,
			struct kernel_ethtool_coalesce *kernel_ec, struct netlink_ext_ack *extack);
int dpcnic_get_per_queue_coalesce(struct net_device *ndev, u32 queue,
				  struct ethtool_coalesce *ec);
int dpcnic_set_per_queue_coalesce(struct net_device *ndev, u32 queue,
				  struct ethtool_coalesce *ec);

/* filter.c */
void dpcnic_filter_apply(struct dpcnic_nic *nic);
void dpcnic_filter_set_features(struct dpcnic_nic *nic, netdev_features_t features);
void dpcnic_set_rx_mode(struct net_device *ndev);
int dpcnic_vlan_rx_add_vid(struct net_device *ndev, __be16 proto, u16 vid);
int dpcnic_vlan_rx_kill_vid(struct net_device *ndev, __be16 proto, u16 vid);

/* vlan.c */
netdev_features_t dpcnic_fix_features(struct net_device *ndev, netdev_features_t features);
void dpcnic_vlan_apply(struct dpcnic_nic *nic, netdev_features_t features);
int dpcnic_vlan_set_features(struct dpcnic_nic *nic, netdev_features_t features);

/* stats.c */
extern const struct netdev_stat_ops dpcnic_stat_ops;
void dpcnic_get_stats64(struct net_device *ndev, struct rtnl_link_stats64 *stats);
void dpcnic_stats_refresh(struct dpcnic_nic *nic);
void dpcnic_stats_read(struct dpcnic_nic *nic, struct dpcnic_hw_stats *hw);

/* Copy counters, of @size bytes in all, that their one writer goes on with: each of them whole. */
static inline void dpcnic_copy_stats(void *to, const void *from, size_t size)
{
	const u64 *src = from;
	u64 *dst = to;

	for (; size; size -= sizeof(*dst))
		*dst++ = READ_ONCE(*src++);
}

/* settings.c: link and pause */
u32 dpcnic_link_modes(const struct dpcnic_nic *nic);
int dpcnic_link_start(struct dpcnic_nic *nic, netdev_features_t features);
int dpcnic_get_link_ksettings(struct net_device *ndev, struct ethtool_link_ksettings *ks);
int dpcnic_set_link_ksettings(struct net_device *ndev, const struct ethtool_link_ksettings *ks);
int dpcnic_nway_reset(struct net_device *ndev);
void dpcnic_get_pauseparam(struct net_device *ndev, struct ethtool_pauseparam *pause);
int dpcnic_set_pauseparam(struct net_device *ndev, struct ethtool_pauseparam *pause);

/* selftest.c, identify.c, dump.c, wol.c: more of ethtool */
int dpcnic_selftest_cnt(void);
void dpcnic_selftest_strings(u8 *data);
void dpcnic_self_test(struct net_device *ndev, struct ethtool_test *test, u64 *data);
int dpcnic_set_phys_id(struct net_device *ndev, enum ethtool_phys_id_state state);
int dpcnic_get_regs_len(struct net_device *ndev);
void dpcnic_get_regs(struct net_device *ndev, struct ethtool_regs *regs, void *data);
int dpcnic_get_eeprom_len(struct net_device *ndev);
int dpcnic_get_eeprom(struct net_device *ndev, struct ethtool_eeprom *eeprom, u8 *data);
void dpcnic_get_wol(struct net_device *ndev, struct ethtool_wolinfo *wol);
int dpcnic_set_wol(struct net_device *ndev, struct ethtool_wolinfo *wol);
int dpcnic_wol_arm(struct dpcnic_nic *nic);

/* ethtool.c */
extern const struct ethtool_ops dpcnic_ethtool_ops;

static inline u32 dpcnic_max_frame(u32 mtu)
{
	return mtu + DPCNIC_FRAME_OVERHEAD;
}

/* Is there a message of its own for link and other causes? */
static inline bool dpcnic_has_other_msg(const struct dpcnic_nic *nic)
{
	return nic->engine->msg_cnt > nic->queue_msg_cnt;
}

static inline struct dpcnic_sizes dpcnic_present_sizes(const struct dpcnic_nic *nic)
{
	return (struct dpcnic_sizes) {
		.queue_cnt = nic->queue_cnt,
		.rx_desc_cnt = nic->rx_desc_cnt,
		.tx_desc_cnt = nic->tx_desc_cnt,
	};
}

/* The message that serves queue @idx. */
static inline struct dpcnic_msg *dpcnic_queue_msg(struct dpcnic_nic *nic, u16 idx)
{
	return &nic->engine->msg[idx % nic->queue_msg_cnt];
}

/* How many queues message @id serves. */
static inline unsigned int dpcnic_msg_queue_cnt(const struct dpcnic_nic *nic, u16 id)
{
	return id < nic->queue_cnt ? DIV_ROUND_UP(nic->queue_cnt - id, nic->queue_msg_cnt) : 0;
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
