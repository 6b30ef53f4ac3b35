// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool: what the standard interfaces offer, plus the counters of messages and DPCs (-S), which
 * are there with or without an observer.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "../compat.h"
#include "nic.h"
#include "steer.h"

static void dpcnic_get_drvinfo(struct net_device *ndev, struct ethtool_drvinfo *info)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	strscpy(info->driver, DPCNIC_NAME, sizeof(info->driver));
	strscpy(info->bus_info, pci_name(nic->pdev), sizeof(info->bus_info));
}

static u32 dpcnic_get_rx_ring_count(struct net_device *ndev)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	return nic->queue_cnt;
}

/* What it is asked for, newer kernels ask operations of their own for (compat.h). */
static int dpcnic_get_rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info, u32 *rule_locs)
{
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type };
	int err;

	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = dpcnic_get_rx_ring_count(ndev);
		return 0;
	case ETHTOOL_GRXFH:
		err = dpcnic_rss_get_fields(ndev, &fields);
		info->data = fields.data;
		return err;
	default:
		return -EOPNOTSUPP;
	}
}

static int dpcnic_set_rxnfc(struct net_device *ndev, struct ethtool_rxnfc *info)
{
	struct ethtool_rxfh_fields fields = { .flow_type = info->flow_type };

	if (info->cmd != ETHTOOL_SRXFH)
		return -EOPNOTSUPP;
	fields.data = info->data;
	return dpcnic_rss_set_fields(ndev, &fields, NULL);
}

static u32 dpcnic_get_rxfh_key_size(struct net_device *ndev)
{
	return DPC_RSSRK_BYTES;
}

static u32 dpcnic_get_rxfh_indir_size(struct net_device *ndev)
{
	return DPC_RETA_ENTRIES;
}

static int dpcnic_get_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int i;

	rxfh->hfunc = ETH_RSS_HASH_TOP;
	if (rxfh->key)
		memcpy(rxfh->key, nic->rss_key, sizeof(nic->rss_key));
	for (i = 0; rxfh->indir && i < DPC_RETA_ENTRIES; i++)
		rxfh->indir[i] = nic->rss_table[i];
	return 0;
}

/* The core has checked the table's entries against the number of queues. */
static int dpcnic_set_rxfh(struct net_device *ndev, struct ethtool_rxfh_param *rxfh,
			   struct netlink_ext_ack *extack)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int i;

	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE && rxfh->hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG(extack, "the hardware hashes by Toeplitz only");
		return -EOPNOTSUPP;
	}
	if (rxfh->key)
		memcpy(nic->rss_key, rxfh->key, sizeof(nic->rss_key));
	for (i = 0; rxfh->indir && i < DPC_RETA_ENTRIES; i++)
		nic->rss_table[i] = rxfh->indir[i];
	if (nic->up)
		dpcnic_rss_apply(nic);
	return 0;
}

static void dpcnic_get_eth_mac_stats(struct net_device *ndev, struct ethtool_eth_mac_stats *mac)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw_stats hw;

	dpcnic_stats_read(nic, &hw);
	mac->FramesTransmittedOK = hw.gptc;
	mac->SingleCollisionFrames = hw.scc;
	mac->MultipleCollisionFrames = hw.mcc;
	mac->FramesReceivedOK = hw.gprc;
	mac->FrameCheckSequenceErrors = hw.crcerrs;
	mac->AlignmentErrors = hw.algnerrc;
	mac->OctetsTransmittedOK = hw.gotc;
	mac->FramesWithDeferredXmissions = hw.dc;
	mac->LateCollisions = hw.latecol;
	mac->FramesAbortedDueToXSColls = hw.ecol;
	mac->CarrierSenseErrors = hw.tncrs;
	mac->OctetsReceivedOK = hw.gorc;
	mac->MulticastFramesXmittedOK = hw.mptc;
	mac->BroadcastFramesXmittedOK = hw.bptc;
	mac->MulticastFramesReceivedOK = hw.mprc;
	mac->BroadcastFramesReceivedOK = hw.bprc;
	mac->InRangeLengthErrors = hw.rlec;
}

static void dpcnic_get_eth_phy_stats(struct net_device *ndev, struct ethtool_eth_phy_stats *phy)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw_stats hw;

	dpcnic_stats_read(nic, &hw);
	phy->SymbolErrorDuringCarrier = hw.symerrs;
}

static void dpcnic_get_eth_ctrl_stats(struct net_device *ndev, struct ethtool_eth_ctrl_stats *ctrl)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw_stats hw;

	dpcnic_stats_read(nic, &hw);
	ctrl->MACControlFramesTransmitted = hw.xontxc + hw.xofftxc;
	ctrl->MACControlFramesReceived = hw.xonrxc + hw.xoffrxc + hw.fcruc;
	ctrl->UnsupportedOpcodesReceived = hw.fcruc;
}

/* PAUSE frames with a time (XOFF) and without (XON) are counted apart. */
static void dpcnic_get_pause_stats(struct net_device *ndev, struct ethtool_pause_stats *pause)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw_stats hw;

	dpcnic_stats_read(nic, &hw);
	pause->tx_pause_frames = hw.xontxc + hw.xofftxc;
	pause->rx_pause_frames = hw.xonrxc + hw.xoffrxc;
}

static const struct ethtool_rmon_hist_range dpcnic_rmon_ranges[] = {
	{ 64, 64 },
	{ 65, 127 },
	{ 128, 255 },
	{ 256, 511 },
	{ 512, 1023 },
	{ 1024, DPCNIC_HW_FRAME_MAX },
	{}
};

static void dpcnic_get_rmon_stats(struct net_device *ndev, struct ethtool_rmon_stats *rmon,
				  const struct ethtool_rmon_hist_range **ranges)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw_stats hw;

	dpcnic_stats_read(nic, &hw);
	rmon->undersize_pkts = hw.ruc;
	rmon->oversize_pkts = hw.roc;
	rmon->fragments = hw.rfc;
	rmon->jabbers = hw.rjc;

	rmon->hist[0] = hw.prc64;
	rmon->hist[1] = hw.prc127;
	rmon->hist[2] = hw.prc255;
	rmon->hist[3] = hw.prc511;
	rmon->hist[4] = hw.prc1023;
	rmon->hist[5] = hw.prc1522;
	rmon->hist_tx[0] = hw.ptc64;
	rmon->hist_tx[1] = hw.ptc127;
	rmon->hist_tx[2] = hw.ptc255;
	rmon->hist_tx[3] = hw.ptc511;
	rmon->hist_tx[4] = hw.ptc1023;
	rmon->hist_tx[5] = hw.ptc1522;
	*ranges = dpcnic_rmon_ranges;
}

/**
 * struct dpcnic_stat_desc - one line of ethtool -S
 * @name: as shown; of a message's counters behind "msg<N>_"
 * @offset: of the u64
 */
struct dpcnic_stat_desc {
	char name[ETH_GSTRING_LEN - 8];
	size_t offset;
};

#define DPCNIC_MSG_STAT(name, member) { name, offsetof(struct dpcnic_msg_stats, member) }

/* Per message, in the order of an interrupt's life; see engine.h for what each counts. */
static const struct dpcnic_stat_desc dpcnic_msg_stat_descs[] = {
	DPCNIC_MSG_STAT("interrupts", isr.interrupts),
	DPCNIC_MSG_STAT("late", isr.late),
	DPCNIC_MSG_STAT("empty", isr.empty),
	DPCNIC_MSG_STAT("disowned", isr.disowned),
	DPCNIC_MSG_STAT("dpc_queued", isr.queued),
	DPCNIC_MSG_STAT("dpc_coalesced", isr.coalesced),
	DPCNIC_MSG_STAT("dpc_called", call_queued),
	DPCNIC_MSG_STAT("dpc_call_coalesced", call_coalesced),
	DPCNIC_MSG_STAT("dpc_offline", call_offline),
	DPCNIC_MSG_STAT("dpc_runs", run.runs),
	DPCNIC_MSG_STAT("dpc_throttled", run.throttled),
	DPCNIC_MSG_STAT("dpc_requeued", run.requeued),
	DPCNIC_MSG_STAT("dpc_kept", run.kept),
	DPCNIC_MSG_STAT("dpc_unsolicited", run.unsolicited),
	DPCNIC_MSG_STAT("dpc_foreign", run.foreign),
	DPCNIC_MSG_STAT("dpc_cancelled", run.cancelled),
	DPCNIC_MSG_STAT("dpc_overlong", overlong),
	DPCNIC_MSG_STAT("dpc_packets", run.packets),
	DPCNIC_MSG_STAT("enables", enables),
	DPCNIC_MSG_STAT("cancelled", cancelled),
	DPCNIC_MSG_STAT("holds", holds),
};

/**
 * struct dpcnic_sums - what became of packets, summed over queues; what the stack counts is not
 *	here again
 * @rx_no_skb: struct dpcnic_rx_stats.drop_skb, and the same of inboxes
 * @rx_bad_desc: struct dpcnic_rx_stats.drop_desc
 * @rx_stopped: struct dpcnic_rx_stats.drop_stop
 * @rx_inbox_full: struct dpcnic_rx_stats.drop_inbox
 * @rx_inbox_gone: struct dpcnic_inbox.drop_gone
 * @rx_steered: struct dpcnic_rx_stats.steered
 * @rx_steer_kept: struct dpcnic_rx_stats.kept
 * @rx_from_inbox: struct dpcnic_inbox.packets
 * @rx_xdp_drop: struct dpcnic_rx_stats.xdp_drop; likewise the next three
 * @rx_xdp_tx: ..
 * @rx_xdp_redirect: ..
 * @rx_xdp_aborted: ..
 * @rx_xdp_tx_lost: struct dpcnic_rx_stats.drop_tx
 * @rx_xdp_redirect_lost: struct dpcnic_rx_stats.drop_redirect
 * @tx_xdp: struct dpcnic_tx_stats.xdp
 * @tx_xsk: struct dpcnic_tx_stats.xsk
 * @tx_xdp_refused: struct dpcnic_tx_stats.xdp_refused
 * @tx_no_mapping: struct dpcnic_tx_stats.drop_map
 * @tx_no_csum: struct dpcnic_tx_stats.drop_csum
 * @tx_stopped: struct dpcnic_tx_stats.drop_stop
 * @tx_timeouts: struct dpcnic_tx_stats.timeout
 * @dma_errors: struct dpcnic_nic.dma_errors
 */
struct dpcnic_sums {
	u64 rx_no_skb;
	u64 rx_bad_desc;
	u64 rx_stopped;
	u64 rx_inbox_full;
	u64 rx_inbox_gone;
	u64 rx_steered;
	u64 rx_steer_kept;
	u64 rx_from_inbox;
	u64 rx_xdp_drop;
	u64 rx_xdp_tx;
	u64 rx_xdp_redirect;
	u64 rx_xdp_aborted;
	u64 rx_xdp_tx_lost;
	u64 rx_xdp_redirect_lost;
	u64 tx_xdp;
	u64 tx_xsk;
	u64 tx_xdp_refused;
	u64 tx_no_mapping;
	u64 tx_no_csum;
	u64 tx_stopped;
	u64 tx_timeouts;
	u64 dma_errors;
};

#define DPCNIC_SUM(member) { #member, offsetof(struct dpcnic_sums, member) }

static const struct dpcnic_stat_desc dpcnic_sum_descs[] = {
	DPCNIC_SUM(rx_no_skb),
	DPCNIC_SUM(rx_bad_desc),
	DPCNIC_SUM(rx_stopped),
	DPCNIC_SUM(rx_inbox_full),
	DPCNIC_SUM(rx_inbox_gone),
	DPCNIC_SUM(rx_steered),
	DPCNIC_SUM(rx_steer_kept),
	DPCNIC_SUM(rx_from_inbox),
	DPCNIC_SUM(rx_xdp_drop),
	DPCNIC_SUM(rx_xdp_tx),
	DPCNIC_SUM(rx_xdp_redirect),
	DPCNIC_SUM(rx_xdp_aborted),
	DPCNIC_SUM(rx_xdp_tx_lost),
	DPCNIC_SUM(rx_xdp_redirect_lost),
	DPCNIC_SUM(tx_xdp),
	DPCNIC_SUM(tx_xsk),
	DPCNIC_SUM(tx_xdp_refused),
	DPCNIC_SUM(tx_no_mapping),
	DPCNIC_SUM(tx_no_csum),
	DPCNIC_SUM(tx_stopped),
	DPCNIC_SUM(tx_timeouts),
	DPCNIC_SUM(dma_errors),
};

static u64 dpcnic_stat_get(const void *stats, const struct dpcnic_stat_desc *desc)
{
	return *(const u64 *)(stats + desc->offset);
}

static int dpcnic_get_sset_count(struct net_device *ndev, int sset)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (sset == ETH_SS_TEST)
		return dpcnic_selftest_cnt();
	if (sset != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(dpcnic_sum_descs) +
	       nic->engine->msg_cnt * ARRAY_SIZE(dpcnic_msg_stat_descs);
}

static void dpcnic_get_strings(struct net_device *ndev, u32 sset, u8 *data)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int i, msg;

	if (sset == ETH_SS_TEST)
		dpcnic_selftest_strings(data);
	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(dpcnic_sum_descs); i++)
		ethtool_puts(&data, dpcnic_sum_descs[i].name);
	for (msg = 0; msg < nic->engine->msg_cnt; msg++)
		for (i = 0; i < ARRAY_SIZE(dpcnic_msg_stat_descs); i++)
			ethtool_sprintf(&data, "msg%u_%s", msg, dpcnic_msg_stat_descs[i].name);
}

static void dpcnic_sum_rx(const struct dpcnic_rx_ring *rxr, struct dpcnic_sums *sums)
{
	struct dpcnic_steer_stats steer;
	struct dpcnic_rx_stats rx;

	dpcnic_rx_read_stats(rxr, &rx);
	dpcnic_steer_read_stats(rxr, &steer);
	sums->rx_no_skb += rx.drop_skb + steer.drop_skb;
	sums->rx_bad_desc += rx.drop_desc;
	sums->rx_stopped += rx.drop_stop;
	sums->rx_inbox_full += rx.drop_inbox;
	sums->rx_inbox_gone += steer.drop_gone;
	sums->rx_steered += rx.steered;
	sums->rx_steer_kept += rx.kept;
	sums->rx_from_inbox += steer.packets;
	sums->rx_xdp_drop += rx.xdp_drop;
	sums->rx_xdp_tx += rx.xdp_tx;
	sums->rx_xdp_redirect += rx.xdp_redirect;
	sums->rx_xdp_aborted += rx.xdp_aborted;
	sums->rx_xdp_tx_lost += rx.drop_tx;
	sums->rx_xdp_redirect_lost += rx.drop_redirect;
}

static void dpcnic_sum_tx(const struct dpcnic_tx_ring *txr, struct dpcnic_sums *sums)
{
	struct dpcnic_tx_stats tx;

	dpcnic_tx_read_stats(txr, &tx);
	sums->tx_xdp += tx.xdp;
	sums->tx_xsk += tx.xsk;
	sums->tx_xdp_refused += tx.xdp_refused;
	sums->tx_no_mapping += tx.drop_map;
	sums->tx_no_csum += tx.drop_csum;
	sums->tx_stopped += tx.drop_stop;
	sums->tx_timeouts += tx.timeout;
}

static void dpcnic_sum_queues(struct dpcnic_nic *nic, struct dpcnic_sums *sums)
{
	int i;

	for (i = 0; i < DPC_QUEUES; i++) {
		dpcnic_sum_rx(&nic->queue[i].rx, sums);
		dpcnic_sum_tx(&nic->queue[i].tx, sums);
	}
	sums->dma_errors = atomic64_read(&nic->dma_errors);
}

static void dpcnic_get_ethtool_stats(struct net_device *ndev, struct ethtool_stats *stats,
				     u64 *data)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_sums sums = {};
	int i, msg;

	dpcnic_sum_queues(nic, &sums);
	for (i = 0; i < ARRAY_SIZE(dpcnic_sum_descs); i++)
		*data++ = dpcnic_stat_get(&sums, &dpcnic_sum_descs[i]);

	for (msg = 0; msg < nic->engine->msg_cnt; msg++) {
		struct dpcnic_msg_stats msg_stats;

		dpcnic_msg_read_stats(&nic->engine->msg[msg], &msg_stats);
		for (i = 0; i < ARRAY_SIZE(dpcnic_msg_stat_descs); i++)
			*data++ = dpcnic_stat_get(&msg_stats, &dpcnic_msg_stat_descs[i]);
	}
}

const struct ethtool_ops dpcnic_ethtool_ops = {
	.supported_coalesce_params = ETHTOOL_COALESCE_RX_USECS | ETHTOOL_COALESCE_USE_ADAPTIVE_RX,
	.get_drvinfo		= dpcnic_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= dpcnic_get_link_ksettings,
	.set_link_ksettings	= dpcnic_set_link_ksettings,
	.nway_reset		= dpcnic_nway_reset,
	.get_pauseparam		= dpcnic_get_pauseparam,
	.set_pauseparam		= dpcnic_set_pauseparam,
	.get_pause_stats	= dpcnic_get_pause_stats,
	.get_wol		= dpcnic_get_wol,
	.set_wol		= dpcnic_set_wol,
	.set_phys_id		= dpcnic_set_phys_id,
	.self_test		= dpcnic_self_test,
	.get_regs_len		= dpcnic_get_regs_len,
	.get_regs		= dpcnic_get_regs,
	.get_eeprom_len		= dpcnic_get_eeprom_len,
	.get_eeprom		= dpcnic_get_eeprom,
	.get_ts_info		= dpcnic_get_ts_info,
	.get_ts_stats		= dpcnic_get_ts_stats,
	.get_coalesce		= dpcnic_get_coalesce,
	.set_coalesce		= dpcnic_set_coalesce,
	.get_per_queue_coalesce	= dpcnic_get_per_queue_coalesce,
	.set_per_queue_coalesce	= dpcnic_set_per_queue_coalesce,
	.get_ringparam		= dpcnic_get_ringparam,
	.set_ringparam		= dpcnic_set_ringparam,
	.get_channels		= dpcnic_get_channels,
	.set_channels		= dpcnic_set_channels,
	.get_rxnfc		= dpcnic_get_rxnfc,
	.set_rxnfc		= dpcnic_set_rxnfc,
	DPCNIC_RXFH_FIELDS(dpcnic_rss_get_fields, dpcnic_rss_set_fields)
	DPCNIC_GET_RX_RING_COUNT(dpcnic_get_rx_ring_count)
	.get_rxfh_key_size	= dpcnic_get_rxfh_key_size,
	.get_rxfh_indir_size	= dpcnic_get_rxfh_indir_size,
	.get_rxfh		= dpcnic_get_rxfh,
	.set_rxfh		= dpcnic_set_rxfh,
	.get_eth_mac_stats	= dpcnic_get_eth_mac_stats,
	.get_eth_phy_stats	= dpcnic_get_eth_phy_stats,
	.get_eth_ctrl_stats	= dpcnic_get_eth_ctrl_stats,
	.get_rmon_stats		= dpcnic_get_rmon_stats,
	.get_sset_count		= dpcnic_get_sset_count,
	.get_strings		= dpcnic_get_strings,
	.get_ethtool_stats	= dpcnic_get_ethtool_stats,
};
