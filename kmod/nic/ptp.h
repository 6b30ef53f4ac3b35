/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device's clock as a PTP hardware clock, and the time stamps of packets sent and received.
 *
 * The device has one register for a sent packet's stamp and one for a received one's. The latter
 * belongs to the packet that says so, and while nobody reads it no other packet gets one.
 */
#ifndef DPCNIC_NIC_PTP_H
#define DPCNIC_NIC_PTP_H

#include <linux/net_tstamp.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/spinlock.h>
#include <linux/timecounter.h>
#include <linux/types.h>

struct dpcnic_nic;
struct ethtool_ts_stats;
struct kernel_ethtool_ts_info;
struct net_device;
struct netlink_ext_ack;
struct sk_buff;

/**
 * struct dpcnic_ptp - clock and time stamps of a NIC
 * @clock: the PTP hardware clock; NULL if there is none. Constant from probe to remove.
 * @info: what it can do; constant
 * @lock: the clock's registers, and what is marked so
 * @cc: tells @tc of the clock; constant
 * @tc: turns its units into ns. Under @lock.
 * @ahead: ns that it was ahead of the kernel's boot time at the last dpcnic_ptp_before_reset(), or
 *	when it was set after that. Under @lock.
 * @away: the device is being reset, or put aside, and knows no time. Under @lock.
 * @rate: of the clock, see dpcnic_hw_set_clock_rate(). Under @lock.
 * @config: what is stamped. Under RTNL.
 * @tx_on: packets sent are stamped that ask for it. Written under RTNL.
 * @tx_taken: bit 0: a packet has the device's register, or is on its way to it
 * @tx_skb: that packet, a reference. Written by who has set @tx_taken; NULL when it is cleared.
 * @tx_since: when it was sent, in jiffies
 * @rx_stale: a received packet's stamp was there at the last look, and nobody has taken it.
 *	Written by the clock's worker; cleared by who takes one.
 * @stats_pkts: packets sent that got a stamp; like the next written by the clock's worker
 * @stats_lost: ... that got none, though they were to
 * @stats_busy: ... that got none, as another had the register
 */
struct dpcnic_ptp {
	struct ptp_clock *clock;
	struct ptp_clock_info info;
	spinlock_t lock; /* see above */
	struct cyclecounter cc;
	struct timecounter tc;
	u64 ahead;
	bool away;
	u32 rate;
	struct kernel_hwtstamp_config config;

	bool tx_on;
	unsigned long tx_taken;
	struct sk_buff *tx_skb;
	unsigned long tx_since;
	bool rx_stale;
	atomic64_t stats_pkts;
	atomic64_t stats_lost;
	atomic64_t stats_busy;
};

void dpcnic_ptp_create(struct dpcnic_nic *nic);
void dpcnic_ptp_destroy(struct dpcnic_nic *nic);
void dpcnic_ptp_before_reset(struct dpcnic_nic *nic);
void dpcnic_ptp_after_reset(struct dpcnic_nic *nic);
void dpcnic_ptp_stop(struct dpcnic_nic *nic);
bool dpcnic_ptp_tx(struct dpcnic_nic *nic, struct sk_buff *skb);
void dpcnic_ptp_rx(struct dpcnic_nic *nic, struct sk_buff *skb);
int dpcnic_hwtstamp_get(struct net_device *ndev, struct kernel_hwtstamp_config *config);
int dpcnic_hwtstamp_set(struct net_device *ndev, struct kernel_hwtstamp_config *config,
			struct netlink_ext_ack *extack);
int dpcnic_get_ts_info(struct net_device *ndev, struct kernel_ethtool_ts_info *info);
void dpcnic_get_ts_stats(struct net_device *ndev, struct ethtool_ts_stats *stats);

#endif /* DPCNIC_NIC_PTP_H */
