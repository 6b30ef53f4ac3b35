// SPDX-License-Identifier: GPL-2.0
/* The IEEE 1588 clock, and the packets that it stamps (datasheet 7.9, Time Sync registers). */

#include <linux/in.h>
#include <linux/ptp_classify.h>

#include "internal.h"

/* The filters used; others are free. */
#define DPC_STAMP_ETQF		3
#define DPC_STAMP_FTQF		3

/* An FTQF that matches nothing, as after reset */
#define DPC_FTQF_OFF		(DPC_FTQF_PROTOCOL_BP | DPC_FTQF_SOURCE_BP | \
				 DPC_FTQF_DESTINATION_BP | DPC_FTQF_SOURCE_PORT_BP)

/**
 * dpcnic_hw_set_clock_rate() - how fast the clock goes; it stands still after a reset
 * @hw: the port
 * @rate: what to add each 16 ns, DPCNIC_HW_CLOCK_RATE for its nominal rate; 24 bits
 *
 * Context: any.
 */
void dpcnic_hw_set_clock_rate(struct dpcnic_hw *hw, u32 rate)
{
	dpcnic_hw_wr32(hw, DPC_TIMINCA, FIELD_PREP(DPC_TIMINCA_INCPERIOD, 1) |
					FIELD_PREP(DPC_TIMINCA_INCVALUE, rate));
}

/**
 * dpcnic_hw_latch_clock() - take the time, at the moment of this read
 * @hw: the port
 *
 * Context: any; not together with itself, until dpcnic_hw_latched_clock() was called.
 * Return: for that.
 */
u32 dpcnic_hw_latch_clock(struct dpcnic_hw *hw)
{
	return dpcnic_hw_rd32(hw, DPC_SYSTIML);
}

/**
 * dpcnic_hw_latched_clock() - the time that was taken
 * @hw: the port
 * @low: of dpcnic_hw_latch_clock()
 *
 * Context: as that.
 * Return: units of 1 / (1 << DPCNIC_HW_CLOCK_SHIFT) ns; they wrap around after ten hours.
 */
u64 dpcnic_hw_latched_clock(struct dpcnic_hw *hw, u32 low)
{
	return (u64)dpcnic_hw_rd32(hw, DPC_SYSTIMH) << 32 | low;
}

/* Find PTP event messages over UDP: both ports are 319. Registers have them in network order. */
static void dpcnic_hw_find_udp(struct dpcnic_hw *hw, bool on)
{
	u32 port = (__force u32)cpu_to_be16(PTP_EV_PORT);

	if (!on) {
		dpcnic_hw_wr32(hw, DPC_FTQF(DPC_STAMP_FTQF), DPC_FTQF_OFF);
		return;
	}
	dpcnic_hw_wr32(hw, DPC_IMIR(DPC_STAMP_FTQF), port);
	dpcnic_hw_wr32(hw, DPC_IMIREXT(DPC_STAMP_FTQF), DPC_IMIREXT_SIZE_BP | DPC_IMIREXT_CTRL_BP);
	dpcnic_hw_wr32(hw, DPC_SPQF(DPC_STAMP_FTQF), port);
	dpcnic_hw_wr32(hw, DPC_FTQF(DPC_STAMP_FTQF),
		       FIELD_PREP(DPC_FTQF_PROTOCOL, IPPROTO_UDP) | DPC_FTQF_VF_BP |
		       DPC_FTQF_1588 | DPC_FTQF_SOURCE_BP | DPC_FTQF_DESTINATION_BP);
}

/**
 * dpcnic_hw_set_stamps() - which packets get a stamp
 * @hw: the port
 * @tx: those sent with DPC_TXD_TSTAMP
 * @rx: which of those received; they have DPC_RXD_STAT_TS
 *
 * Stamps that wait are lost. Reset turns all off.
 *
 * Context: any; not together with itself.
 */
void dpcnic_hw_set_stamps(struct dpcnic_hw *hw, bool tx, enum dpcnic_hw_stamps rx)
{
	u32 type = DPC_TSYNCRXCTL_TYPE_EVENT_V2;
	u32 etqf = 0;

	if (rx == DPCNIC_HW_STAMP_V2_EVENT)
		etqf = FIELD_PREP(DPC_ETQF_ETYPE, ETH_P_1588) | DPC_ETQF_ENABLE | DPC_ETQF_1588;
	else
		type = DPC_TSYNCRXCTL_TYPE_L4_V1;

	dpcnic_hw_wr32(hw, DPC_ETQF(DPC_STAMP_ETQF), etqf);
	dpcnic_hw_find_udp(hw, rx != DPCNIC_HW_STAMP_NONE);
	/* version 1's message: 0 is Sync, 1 is Delay_Req */
	dpcnic_hw_wr32(hw, DPC_TSYNCRXCFG, rx == DPCNIC_HW_STAMP_V1_DELAY_REQ);
	dpcnic_hw_wr32(hw, DPC_TSYNCTXCTL, tx ? DPC_TSYNC_EN : 0);
	dpcnic_hw_wr32(hw, DPC_TSYNCRXCTL, rx == DPCNIC_HW_STAMP_NONE ? 0 :
		       DPC_TSYNC_EN | FIELD_PREP(DPC_TSYNCRXCTL_TYPE, type));
	dpcnic_hw_rd32(hw, DPC_TXSTMPH);
	dpcnic_hw_rd32(hw, DPC_RXSTMPH);
	dpcnic_hw_rd32(hw, DPC_RXSATRH);
}

/**
 * dpcnic_hw_take_tx_stamp() - when the packet with DPC_TXD_TSTAMP was sent
 * @hw: the port
 * @stamp: out: the time, in the clock's units
 *
 * Frees the register for the next.
 *
 * Context: any; not together with itself.
 * Return: false if there is none, or none yet.
 */
bool dpcnic_hw_take_tx_stamp(struct dpcnic_hw *hw, u64 *stamp)
{
	if (!(dpcnic_hw_rd32(hw, DPC_TSYNCTXCTL) & DPC_TSYNC_VALID) || dpcnic_hw_gone(hw))
		return false;
	*stamp = dpcnic_hw_rd32(hw, DPC_TXSTMPL);
	*stamp |= (u64)dpcnic_hw_rd32(hw, DPC_TXSTMPH) << 32;
	return true;
}

/**
 * dpcnic_hw_take_rx_stamp() - when the packet with DPC_RXD_STAT_TS was received
 * @hw: the port
 * @stamp: out: the time, in the clock's units
 *
 * Frees the register for the next. Until then no other packet has DPC_RXD_STAT_TS.
 *
 * Context: any; not together with itself.
 * Return: false if there is none.
 */
bool dpcnic_hw_take_rx_stamp(struct dpcnic_hw *hw, u64 *stamp)
{
	if (!dpcnic_hw_rx_stamp_waits(hw))
		return false;
	*stamp = dpcnic_hw_rd32(hw, DPC_RXSTMPL);
	*stamp |= (u64)dpcnic_hw_rd32(hw, DPC_RXSTMPH) << 32;
	dpcnic_hw_rd32(hw, DPC_RXSATRH);
	return true;
}

/**
 * dpcnic_hw_rx_stamp_waits() - is there one that nobody has taken?
 * @hw: the port
 *
 * Context: any.
 * Return: true if so.
 */
bool dpcnic_hw_rx_stamp_waits(struct dpcnic_hw *hw)
{
	return dpcnic_hw_rd32(hw, DPC_TSYNCRXCTL) & DPC_TSYNC_VALID && !dpcnic_hw_gone(hw);
}
