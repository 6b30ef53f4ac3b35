// SPDX-License-Identifier: GPL-2.0
/*
 * Standard statistics: ip -s link, and per queue by netdev netlink (qstats). What only this driver
 * has is in ethtool.c.
 */
#include <linux/netdevice.h>
#include <linux/spinlock.h>
#include <net/netdev_queues.h>

#include "nic.h"
#include "steer.h"

/**
 * dpcnic_stats_refresh() - add what the hardware counted since the last time
 * @nic: the NIC
 *
 * Context: process.
 */
void dpcnic_stats_refresh(struct dpcnic_nic *nic)
{
	spin_lock(&nic->stats_lock);
	dpcnic_hw_stats_update(&nic->hw, &nic->hw_stats);
	spin_unlock(&nic->stats_lock);
}

/**
 * dpcnic_stats_read() - the hardware's counters, up to now
 * @nic: the NIC
 * @hw: out: a copy, all of one look
 *
 * Context: process.
 */
void dpcnic_stats_read(struct dpcnic_nic *nic, struct dpcnic_hw_stats *hw)
{
	spin_lock(&nic->stats_lock);
	dpcnic_hw_stats_update(&nic->hw, &nic->hw_stats);
	*hw = nic->hw_stats;
	spin_unlock(&nic->stats_lock);
}

/**
 * dpcnic_get_stats64() - ndo_get_stats64
 * @ndev: the netdev
 * @stats: out
 *
 * Packets and bytes are those that the stack or an XDP program saw. The hardware's counters are as
 * of the last dpcnic_stats_refresh(), as this may be called where reading registers takes too long.
 *
 * Context: any.
 */
void dpcnic_get_stats64(struct net_device *ndev, struct rtnl_link_stats64 *stats)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	const struct dpcnic_hw_stats *hw = &nic->hw_stats;
	int i;

	for (i = 0; i < DPC_QUEUES; i++) {
		struct dpcnic_steer_stats steer;
		struct dpcnic_rx_stats rx;
		struct dpcnic_tx_stats tx;

		dpcnic_rx_read_stats(&nic->queue[i].rx, &rx);
		dpcnic_steer_read_stats(&nic->queue[i].rx, &steer);
		dpcnic_tx_read_stats(&nic->queue[i].tx, &tx);
		stats->rx_packets += rx.packets;
		stats->rx_bytes += rx.bytes;
		stats->rx_dropped += rx.drop_skb + rx.drop_desc + rx.drop_stop + rx.drop_inbox +
				     steer.drop_skb + steer.drop_gone;
		stats->rx_missed_errors += READ_ONCE(hw->rqdpc[i]);
		stats->tx_packets += tx.packets;
		stats->tx_bytes += tx.bytes;
		stats->tx_dropped += tx.drop_map + tx.drop_csum + tx.drop_stop;
	}

	stats->multicast = READ_ONCE(hw->mprc);
	stats->rx_missed_errors += READ_ONCE(hw->mpc);
	stats->rx_crc_errors = READ_ONCE(hw->crcerrs);
	stats->rx_frame_errors = READ_ONCE(hw->algnerrc);
	stats->rx_length_errors = READ_ONCE(hw->ruc) + READ_ONCE(hw->roc);
	stats->rx_errors = stats->rx_crc_errors + stats->rx_frame_errors +
			   stats->rx_length_errors + READ_ONCE(hw->rxerrc);
	stats->tx_aborted_errors = READ_ONCE(hw->ecol);
	stats->tx_window_errors = READ_ONCE(hw->latecol);
	stats->tx_carrier_errors = READ_ONCE(hw->tncrs);
	stats->tx_errors = stats->tx_aborted_errors + stats->tx_window_errors;
	stats->collisions = READ_ONCE(hw->colc);
}

static void dpcnic_get_queue_stats_rx(struct net_device *ndev, int idx,
				      struct netdev_queue_stats_rx *stats)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	u64 overruns = READ_ONCE(nic->hw_stats.rqdpc[idx]);
	struct dpcnic_steer_stats steer;
	struct dpcnic_rx_stats rx;

	dpcnic_rx_read_stats(&nic->queue[idx].rx, &rx);
	dpcnic_steer_read_stats(&nic->queue[idx].rx, &steer);
	stats->packets = rx.packets;
	stats->bytes = rx.bytes;
	stats->alloc_fail = rx.alloc_fail + rx.drop_skb + steer.drop_skb;
	stats->csum_unnecessary = rx.csum_ok + steer.csum_ok;
	stats->csum_bad = rx.csum_bad + steer.csum_bad;
	stats->hw_drop_overruns = overruns;
	stats->hw_drops = overruns;
}

static void dpcnic_get_queue_stats_tx(struct net_device *ndev, int idx,
				      struct netdev_queue_stats_tx *stats)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_tx_stats tx;

	dpcnic_tx_read_stats(&nic->queue[idx].tx, &tx);
	stats->packets = tx.packets;
	stats->bytes = tx.bytes;
	stats->needs_csum = tx.csum;
	stats->hw_gso_packets = tx.tso_packets;
	stats->hw_gso_wire_packets = tx.tso_segs;
	stats->stop = tx.stop;
	stats->wake = tx.wake;
}

/* What was counted by queues that are not in use now. */
static void dpcnic_get_base_stats(struct net_device *ndev, struct netdev_queue_stats_rx *rx,
				  struct netdev_queue_stats_tx *tx)
{
	const struct dpcnic_nic *nic = netdev_priv(ndev);
	int i;

	rx->packets = 0;
	rx->bytes = 0;
	rx->alloc_fail = 0;
	rx->csum_unnecessary = 0;
	rx->csum_bad = 0;
	rx->hw_drop_overruns = 0;
	rx->hw_drops = 0;

	tx->packets = 0;
	tx->bytes = 0;
	tx->needs_csum = 0;
	tx->hw_gso_packets = 0;
	tx->hw_gso_wire_packets = 0;
	tx->stop = 0;
	tx->wake = 0;

	for (i = nic->queue_cnt; i < DPC_QUEUES; i++) {
		struct netdev_queue_stats_rx rxq;
		struct netdev_queue_stats_tx txq;

		dpcnic_get_queue_stats_rx(ndev, i, &rxq);
		rx->packets += rxq.packets;
		rx->bytes += rxq.bytes;
		rx->alloc_fail += rxq.alloc_fail;
		rx->csum_unnecessary += rxq.csum_unnecessary;
		rx->csum_bad += rxq.csum_bad;
		rx->hw_drop_overruns += rxq.hw_drop_overruns;
		rx->hw_drops += rxq.hw_drops;

		dpcnic_get_queue_stats_tx(ndev, i, &txq);
		tx->packets += txq.packets;
		tx->bytes += txq.bytes;
		tx->needs_csum += txq.needs_csum;
		tx->hw_gso_packets += txq.hw_gso_packets;
		tx->hw_gso_wire_packets += txq.hw_gso_wire_packets;
		tx->stop += txq.stop;
		tx->wake += txq.wake;
	}
}

const struct netdev_stat_ops dpcnic_stat_ops = {
	.get_queue_stats_rx	= dpcnic_get_queue_stats_rx,
	.get_queue_stats_tx	= dpcnic_get_queue_stats_tx,
	.get_base_stats		= dpcnic_get_base_stats,
};
