// SPDX-License-Identifier: GPL-2.0
/* The PTP hardware clock, and time stamps. See ptp.h. */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "nic.h"
#include "ptp.h"

/* The clock's units wrap around after ten hours, and are to be read twice in that time or more. */
#define DPCNIC_PTP_INTERVAL	(3600 * HZ)
/* How often to look for a stamp that nobody takes, as its packet was dropped. */
#define DPCNIC_PTP_RX_INTERVAL	HZ
/* A packet that is not sent for so long gets no stamp. */
#define DPCNIC_PTP_TX_TIMEOUT	(15 * HZ)

#define DPCNIC_PTP_TX_TAKEN	0

/* How often to look at two clocks to compare them. */
#define DPCNIC_PTP_LOOKS	4

static struct dpcnic_nic *dpcnic_ptp_nic(const struct ptp_clock_info *info)
{
	return container_of(info, struct dpcnic_nic, ptp.info);
}

/*
 * How far the clock is ahead of the kernel's boot time, by which it is known should the device
 * forget the time. Of some looks at both the quickest is the truest: an SMI, or a hypervisor, may
 * take milliseconds in between. Context: ptp->lock held.
 */
static u64 dpcnic_ptp_ahead(struct dpcnic_nic *nic)
{
	u64 quickest = U64_MAX;
	u64 ahead = 0;
	int i;

	for (i = 0; i < DPCNIC_PTP_LOOKS; i++) {
		u64 before = ktime_get_boottime_ns();
		u64 now = timecounter_read(&nic->ptp.tc);
		u64 took = ktime_get_boottime_ns() - before;

		if (took < quickest) {
			quickest = took;
			ahead = now - before - took / 2;
		}
	}
	return ahead;
}

/* Context: ptp->lock held. */
static u64 dpcnic_ptp_read(DPCNIC_CYCLECOUNTER *cc)
{
	struct dpcnic_nic *nic = container_of(cc, struct dpcnic_nic, ptp.cc);

	return dpcnic_hw_latched_clock(&nic->hw, dpcnic_hw_latch_clock(&nic->hw));
}

static int dpcnic_ptp_adjfine(struct ptp_clock_info *info, long scaled_ppm)
{
	struct dpcnic_nic *nic = dpcnic_ptp_nic(info);
	unsigned long flags;

	spin_lock_irqsave(&nic->ptp.lock, flags);
	nic->ptp.rate = adjust_by_scaled_ppm(DPCNIC_HW_CLOCK_RATE, scaled_ppm);
	dpcnic_hw_set_clock_rate(&nic->hw, nic->ptp.rate);
	spin_unlock_irqrestore(&nic->ptp.lock, flags);
	return 0;
}

static int dpcnic_ptp_adjtime(struct ptp_clock_info *info, s64 delta)
{
	struct dpcnic_nic *nic = dpcnic_ptp_nic(info);
	unsigned long flags;

	spin_lock_irqsave(&nic->ptp.lock, flags);
	timecounter_adjtime(&nic->ptp.tc, delta);
	nic->ptp.ahead += delta;
	spin_unlock_irqrestore(&nic->ptp.lock, flags);
	return 0;
}

/* While a device is being reset, what it will go on from then. Context: ptp->lock held. */
static u64 dpcnic_ptp_now(struct dpcnic_nic *nic, struct ptp_system_timestamp *sts)
{
	u64 ns;
	u32 low;

	ptp_read_system_prets(sts);
	if (nic->ptp.away) {
		ns = ktime_get_boottime_ns() + nic->ptp.ahead;
		ptp_read_system_postts(sts);
		return ns;
	}
	low = dpcnic_hw_latch_clock(&nic->hw);
	ptp_read_system_postts(sts);
	return timecounter_cyc2time(&nic->ptp.tc, dpcnic_hw_latched_clock(&nic->hw, low));
}

static int dpcnic_ptp_gettimex64(struct ptp_clock_info *info, struct timespec64 *ts,
				 struct ptp_system_timestamp *sts)
{
	struct dpcnic_nic *nic = dpcnic_ptp_nic(info);
	unsigned long flags;
	u64 ns;

	spin_lock_irqsave(&nic->ptp.lock, flags);
	ns = dpcnic_ptp_now(nic, sts);
	spin_unlock_irqrestore(&nic->ptp.lock, flags);
	if (dpcnic_hw_gone(&nic->hw))
		return -ENODEV;
	*ts = ns_to_timespec64(ns);
	return 0;
}

static int dpcnic_ptp_settime64(struct ptp_clock_info *info, const struct timespec64 *ts)
{
	struct dpcnic_nic *nic = dpcnic_ptp_nic(info);
	unsigned long flags;

	spin_lock_irqsave(&nic->ptp.lock, flags);
	timecounter_init(&nic->ptp.tc, &nic->ptp.cc, timespec64_to_ns(ts));
	nic->ptp.ahead = timespec64_to_ns(ts) - ktime_get_boottime_ns();
	spin_unlock_irqrestore(&nic->ptp.lock, flags);
	return 0;
}

static int dpcnic_ptp_enable(struct ptp_clock_info *info, struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

/* Take a stamp by @take. Return: false if there is none. */
static bool dpcnic_ptp_take(struct dpcnic_nic *nic,
			    bool (*take)(struct dpcnic_hw *hw, u64 *stamp),
			    struct skb_shared_hwtstamps *stamps)
{
	unsigned long flags;
	bool taken;
	u64 stamp;

	spin_lock_irqsave(&nic->ptp.lock, flags);
	taken = take(&nic->hw, &stamp);
	if (taken)
		stamps->hwtstamp = ns_to_ktime(timecounter_cyc2time(&nic->ptp.tc, stamp));
	spin_unlock_irqrestore(&nic->ptp.lock, flags);
	return taken;
}

/* The packet that has the register for a sent one's stamp gets it, or at last nothing. */
static void dpcnic_ptp_finish_tx(struct dpcnic_nic *nic, struct skb_shared_hwtstamps *stamps)
{
	struct dpcnic_ptp *ptp = &nic->ptp;
	struct sk_buff *skb = ptp->tx_skb;

	WRITE_ONCE(ptp->tx_skb, NULL);
	clear_bit_unlock(DPCNIC_PTP_TX_TAKEN, &ptp->tx_taken);
	atomic64_inc(stamps ? &ptp->stats_pkts : &ptp->stats_lost);
	if (stamps)
		skb_tstamp_tx(skb, stamps);
	dev_kfree_skb_any(skb);
}

/* Return: whether a packet still waits for its stamp. */
static bool dpcnic_ptp_tx_work(struct dpcnic_nic *nic)
{
	struct skb_shared_hwtstamps stamps = {};
	struct dpcnic_ptp *ptp = &nic->ptp;

	if (!smp_load_acquire(&ptp->tx_skb)) /* dpcnic_ptp_tx() */
		return false;
	if (dpcnic_ptp_take(nic, dpcnic_hw_take_tx_stamp, &stamps)) {
		dpcnic_ptp_finish_tx(nic, &stamps);
	} else if (time_after(jiffies, ptp->tx_since + DPCNIC_PTP_TX_TIMEOUT)) {
		netdev_warn(nic->ndev, "a packet sent %u s ago got no time stamp\n",
			    DPCNIC_PTP_TX_TIMEOUT / HZ);
		dpcnic_ptp_finish_tx(nic, NULL);
	}
	return READ_ONCE(ptp->tx_skb);
}

/*
 * A packet that was dropped before the stack saw it leaves its stamp in the register, and no other
 * packet would ever get one. Nothing is in a ring for two looks long.
 */
static void dpcnic_ptp_rx_work(struct dpcnic_nic *nic)
{
	struct skb_shared_hwtstamps nobodys;
	struct dpcnic_ptp *ptp = &nic->ptp;

	if (!dpcnic_hw_rx_stamp_waits(&nic->hw)) {
		WRITE_ONCE(ptp->rx_stale, false);
	} else if (!READ_ONCE(ptp->rx_stale)) {
		WRITE_ONCE(ptp->rx_stale, true);
	} else {
		WRITE_ONCE(ptp->rx_stale, false);
		dpcnic_ptp_take(nic, dpcnic_hw_take_rx_stamp, &nobodys);
	}
}

/*
 * Note what the time is, unless the device has forgotten it already. If it is gone, what was known
 * last must do. @away: from now on the device may not be asked, until dpcnic_ptp_after_reset().
 */
static void dpcnic_ptp_look(struct dpcnic_nic *nic, bool away)
{
	struct dpcnic_ptp *ptp = &nic->ptp;
	unsigned long flags;
	u64 ahead;

	spin_lock_irqsave(&ptp->lock, flags);
	if (!ptp->away) {
		ahead = dpcnic_ptp_ahead(nic);
		if (!dpcnic_hw_gone(&nic->hw))
			ptp->ahead = ahead;
		ptp->away = away;
	}
	spin_unlock_irqrestore(&ptp->lock, flags);
}

/**
 * dpcnic_ptp_before_reset() - the device is about to forget the time
 * @nic: the NIC
 *
 * Context: process, RTNL held.
 */
void dpcnic_ptp_before_reset(struct dpcnic_nic *nic)
{
	dpcnic_ptp_look(nic, true);
}

/* Context: the clock's worker. */
static long dpcnic_ptp_work(struct ptp_clock_info *info)
{
	struct dpcnic_nic *nic = dpcnic_ptp_nic(info);
	bool rx_on;

	/* put aside; dpcnic_ptp_after_reset() goes on from there */
	if (!netif_device_present(nic->ndev))
		return DPCNIC_PTP_RX_INTERVAL;

	dpcnic_ptp_look(nic, false);
	rx_on = READ_ONCE(nic->ptp.config.rx_filter) != HWTSTAMP_FILTER_NONE;
	if (rx_on)
		dpcnic_ptp_rx_work(nic);
	if (dpcnic_ptp_tx_work(nic))
		return 1;
	return rx_on ? DPCNIC_PTP_RX_INTERVAL : DPCNIC_PTP_INTERVAL;
}

/**
 * dpcnic_ptp_tx() - a packet that is to be sent asks for a stamp
 * @nic: the NIC
 * @skb: the packet
 *
 * Context: ndo_start_xmit's.
 * Return: true if it is to be sent with DPC_TXD_TSTAMP.
 */
bool dpcnic_ptp_tx(struct dpcnic_nic *nic, struct sk_buff *skb)
{
	struct dpcnic_ptp *ptp = &nic->ptp;

	if (!READ_ONCE(ptp->tx_on))
		return false;
	if (test_and_set_bit_lock(DPCNIC_PTP_TX_TAKEN, &ptp->tx_taken)) {
		atomic64_inc(&ptp->stats_busy);
		return false;
	}
	skb_shinfo(skb)->tx_flags |= SKBTX_IN_PROGRESS;
	ptp->tx_since = jiffies;
	/* release: the worker sees tx_since; it may have been sent long before it looks */
	smp_store_release(&ptp->tx_skb, skb_get(skb));
	ptp_schedule_worker(ptp->clock, 0);
	return true;
}

/**
 * dpcnic_ptp_rx() - a received packet has a stamp
 * @nic: the NIC
 * @skb: the packet
 *
 * Context: the DPC's.
 */
void dpcnic_ptp_rx(struct dpcnic_nic *nic, struct sk_buff *skb)
{
	if (dpcnic_ptp_take(nic, dpcnic_hw_take_rx_stamp, skb_hwtstamps(skb)))
		WRITE_ONCE(nic->ptp.rx_stale, false);
}

/* What the device is to stamp. Context: process, RTNL held. */
static void dpcnic_ptp_apply(struct dpcnic_nic *nic)
{
	const struct kernel_hwtstamp_config *config = &nic->ptp.config;
	enum dpcnic_hw_stamps rx;
	unsigned long flags;

	switch (config->rx_filter) {
	case HWTSTAMP_FILTER_PTP_V1_L4_SYNC:
		rx = DPCNIC_HW_STAMP_V1_SYNC;
		break;
	case HWTSTAMP_FILTER_PTP_V1_L4_DELAY_REQ:
		rx = DPCNIC_HW_STAMP_V1_DELAY_REQ;
		break;
	case HWTSTAMP_FILTER_PTP_V2_EVENT:
		rx = DPCNIC_HW_STAMP_V2_EVENT;
		break;
	default:
		rx = DPCNIC_HW_STAMP_NONE;
	}
	/* it reads stamps away, of which a DPC may have read one half */
	spin_lock_irqsave(&nic->ptp.lock, flags);
	dpcnic_hw_set_stamps(&nic->hw, config->tx_type == HWTSTAMP_TX_ON, rx);
	spin_unlock_irqrestore(&nic->ptp.lock, flags);
	WRITE_ONCE(nic->ptp.tx_on, config->tx_type == HWTSTAMP_TX_ON);
}

/**
 * dpcnic_hwtstamp_get() - ndo_hwtstamp_get
 * @ndev: the netdev
 * @config: out: what is stamped
 *
 * Context: process, RTNL held.
 * Return: 0, or -EOPNOTSUPP without a clock.
 */
int dpcnic_hwtstamp_get(struct net_device *ndev, struct kernel_hwtstamp_config *config)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (!nic->ptp.clock)
		return -EOPNOTSUPP;
	*config = nic->ptp.config;
	return 0;
}

/* What the device does for a filter that was asked for: that, or more. Or -ERANGE. */
static int dpcnic_ptp_filter(int asked)
{
	switch (asked) {
	case HWTSTAMP_FILTER_NONE:
	case HWTSTAMP_FILTER_PTP_V1_L4_SYNC:
	case HWTSTAMP_FILTER_PTP_V1_L4_DELAY_REQ:
		return asked;
	case HWTSTAMP_FILTER_PTP_V2_EVENT:
	case HWTSTAMP_FILTER_PTP_V2_SYNC:
	case HWTSTAMP_FILTER_PTP_V2_DELAY_REQ:
	case HWTSTAMP_FILTER_PTP_V2_L2_EVENT:
	case HWTSTAMP_FILTER_PTP_V2_L2_SYNC:
	case HWTSTAMP_FILTER_PTP_V2_L2_DELAY_REQ:
	case HWTSTAMP_FILTER_PTP_V2_L4_EVENT:
	case HWTSTAMP_FILTER_PTP_V2_L4_SYNC:
	case HWTSTAMP_FILTER_PTP_V2_L4_DELAY_REQ:
		return HWTSTAMP_FILTER_PTP_V2_EVENT;
	default:
		return -ERANGE;
	}
}

/**
 * dpcnic_hwtstamp_set() - ndo_hwtstamp_set
 * @ndev: the netdev
 * @config: what to stamp; out: what is, which may be more
 * @extack: for the reason why not, or NULL
 *
 * Context: process, RTNL held.
 * Return: 0, or an error and nothing has changed.
 */
int dpcnic_hwtstamp_set(struct net_device *ndev, struct kernel_hwtstamp_config *config,
			struct netlink_ext_ack *extack)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int filter = dpcnic_ptp_filter(config->rx_filter);

	if (!nic->ptp.clock)
		return -EOPNOTSUPP;
	if (config->tx_type != HWTSTAMP_TX_OFF && config->tx_type != HWTSTAMP_TX_ON) {
		NL_SET_ERR_MSG(extack, "the hardware stamps packets in two steps only (tx-type 1)");
		return -ERANGE;
	}
	if (filter < 0) {
		NL_SET_ERR_MSG(extack,
			       "the hardware stamps PTP only: all event messages of version 2, or one kind of version 1");
		return -ERANGE;
	}
	config->rx_filter = filter;
	nic->ptp.config.tx_type = config->tx_type;
	WRITE_ONCE(nic->ptp.config.rx_filter, filter);
	if (nic->up)
		dpcnic_ptp_apply(nic);
	ptp_schedule_worker(nic->ptp.clock, 0);
	return 0;
}

/**
 * dpcnic_get_ts_info() - ethtool -T
 * @ndev: the netdev
 * @info: out
 *
 * Context: process, RTNL held.
 * Return: 0.
 */
int dpcnic_get_ts_info(struct net_device *ndev, struct kernel_ethtool_ts_info *info)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (!nic->ptp.clock)
		return ethtool_op_get_ts_info(ndev, info);
	info->so_timestamping = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
				SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE |
				SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
	info->phc_index = ptp_clock_index(nic->ptp.clock);
	info->tx_types = BIT(HWTSTAMP_TX_OFF) | BIT(HWTSTAMP_TX_ON);
	info->rx_filters = BIT(HWTSTAMP_FILTER_NONE) | BIT(HWTSTAMP_FILTER_PTP_V1_L4_SYNC) |
			   BIT(HWTSTAMP_FILTER_PTP_V1_L4_DELAY_REQ) |
			   BIT(HWTSTAMP_FILTER_PTP_V2_EVENT);
	return 0;
}

/**
 * dpcnic_get_ts_stats() - ethtool -I -T
 * @ndev: the netdev
 * @stats: out
 *
 * Context: process, RTNL held.
 */
void dpcnic_get_ts_stats(struct net_device *ndev, struct ethtool_ts_stats *stats)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (!nic->ptp.clock)
		return;
	stats->pkts = atomic64_read(&nic->ptp.stats_pkts);
	stats->lost = atomic64_read(&nic->ptp.stats_lost);
	stats->err = atomic64_read(&nic->ptp.stats_busy);
}

/**
 * dpcnic_ptp_after_reset() - the clock goes on as if it had not been reset
 * @nic: the NIC
 *
 * Context: process, RTNL held.
 */
void dpcnic_ptp_after_reset(struct dpcnic_nic *nic)
{
	unsigned long flags;

	spin_lock_irqsave(&nic->ptp.lock, flags);
	dpcnic_hw_set_clock_rate(&nic->hw, nic->ptp.rate);
	timecounter_init(&nic->ptp.tc, &nic->ptp.cc, ktime_get_boottime_ns() + nic->ptp.ahead);
	timecounter_adjtime(&nic->ptp.tc, nic->ptp.ahead - dpcnic_ptp_ahead(nic));
	nic->ptp.away = false;
	spin_unlock_irqrestore(&nic->ptp.lock, flags);
	dpcnic_ptp_apply(nic);
}

/**
 * dpcnic_ptp_stop() - no packet that waits to be sent will be
 * @nic: the NIC, sending nothing more
 *
 * Context: process, RTNL held.
 */
void dpcnic_ptp_stop(struct dpcnic_nic *nic)
{
	if (!nic->ptp.clock)
		return;
	ptp_cancel_worker_sync(nic->ptp.clock);
	if (nic->ptp.tx_skb)
		dpcnic_ptp_finish_tx(nic, NULL);
	/* it goes on reading the clock */
	ptp_schedule_worker(nic->ptp.clock, DPCNIC_PTP_RX_INTERVAL);
}

/**
 * dpcnic_ptp_create() - start the clock, at the kernel's time, and offer it
 * @nic: the NIC, reset
 *
 * Without a clock the NIC does all it does but time stamps.
 *
 * Context: process, before the netdev is registered.
 */
void dpcnic_ptp_create(struct dpcnic_nic *nic)
{
	struct dpcnic_ptp *ptp = &nic->ptp;

	spin_lock_init(&ptp->lock);
	ptp->rate = DPCNIC_HW_CLOCK_RATE;
	ptp->cc.read = dpcnic_ptp_read;
	ptp->cc.mask = CYCLECOUNTER_MASK(64);
	ptp->cc.mult = 1;
	ptp->cc.shift = DPCNIC_HW_CLOCK_SHIFT;
	dpcnic_hw_set_clock_rate(&nic->hw, ptp->rate);
	ptp->ahead = ktime_get_real_ns() - ktime_get_boottime_ns();
	timecounter_init(&ptp->tc, &ptp->cc, ktime_get_real_ns());

	ptp->info = (struct ptp_clock_info) {
		.owner		= THIS_MODULE,
		.name		= DPCNIC_NAME,
		.max_adj	= DPCNIC_HW_CLOCK_PPB,
		.adjfine	= dpcnic_ptp_adjfine,
		.adjtime	= dpcnic_ptp_adjtime,
		.gettimex64	= dpcnic_ptp_gettimex64,
		.settime64	= dpcnic_ptp_settime64,
		.enable		= dpcnic_ptp_enable,
		.do_aux_work	= dpcnic_ptp_work,
	};
	ptp->clock = ptp_clock_register(&ptp->info, &nic->pdev->dev);
	if (IS_ERR(ptp->clock)) {
		dev_warn(&nic->pdev->dev, "no PTP hardware clock, no time stamps: %pe\n",
			 ptp->clock);
		ptp->clock = NULL;
	}
	if (ptp->clock)
		ptp_schedule_worker(ptp->clock, DPCNIC_PTP_INTERVAL);
}

/**
 * dpcnic_ptp_destroy() - undo dpcnic_ptp_create()
 * @nic: the NIC, stopped
 *
 * Context: process.
 */
void dpcnic_ptp_destroy(struct dpcnic_nic *nic)
{
	if (nic->ptp.clock)
		ptp_clock_unregister(nic->ptp.clock);
}
