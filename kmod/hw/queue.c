// SPDX-License-Identifier: GPL-2.0
/*
 * Queues (datasheet 4.5.9 receive, 4.5.10 transmit initialization, 7.1.4 and 7.2.2 descriptors).
 *
 * Bring-up: enable each queue, then receive or transmit as a whole, then move the tails; a tail
 * written before its queue is enabled may be ignored.
 */

#include <linux/delay.h>
#include <linux/device.h>

#include "desc.h"
#include "internal.h"

#define DPC_QUEUE_US		100000
#define DPC_PTHRESH		8	/* prefetch when fewer descriptors are on the chip, ... */
#define DPC_RX_HTHRESH		8	/* ... and at least so many are in memory */
#define DPC_TX_HTHRESH		1
#define DPC_WTHRESH		1	/* write back at once: latency before bus efficiency */
#define DPC_COLLISION_THRESHOLD	15

/* Wait for ENABLE, which has the same place in RXDCTL and TXDCTL, to become what was written. */
static int dpcnic_hw_wait_queue(struct dpcnic_hw *hw, u32 reg, bool enabled)
{
	u32 val;

	BUILD_BUG_ON(DPC_RXDCTL_ENABLE != DPC_TXDCTL_ENABLE);

	if (!dpcnic_hw_poll(hw, reg, val, !!(val & DPC_RXDCTL_ENABLE) == enabled, DPC_QUEUE_US))
		return dpcnic_hw_gone(hw) ? -ENODEV : 0;
	dev_err(hw->dev, "%s queue %u does not %s; take the interface down and up to reset it\n",
		reg >= DPC_TXQ(0) ? "transmit" : "receive",
		(reg >= DPC_TXQ(0) ? reg - DPC_TXQ(0) : reg - DPC_RXQ(0)) / 0x40,
		enabled ? "start" : "stop");
	return -ETIMEDOUT;
}

/*
 * Stop the queue of @reg, RXDCTL or TXDCTL; one that is stopped need not be waited for. Packets for
 * a receive queue are dropped from then on. After success its memory may be freed.
 */
static int dpcnic_hw_disable_queue(struct dpcnic_hw *hw, u32 reg)
{
	int err;

	if (!(dpcnic_hw_rd32(hw, reg) & DPC_RXDCTL_ENABLE))
		return 0;
	dpcnic_hw_wr32(hw, reg, 0);
	err = dpcnic_hw_wait_queue(hw, reg, false);
	if (!err)
		usleep_range(100, 200); /* the last write-back */
	return err;
}

/**
 * dpcnic_hw_disable_rxq() - stop a receive queue (4.5.9.1, 8.10.9 RXDCTL)
 * @hw: the port
 * @queue: receive queue
 *
 * Context: process.
 * Return: 0; -ENODEV when the device is gone; -ETIMEDOUT when it does not stop, and only
 * dpcnic_hw_reset() ends its DMA.
 */
int dpcnic_hw_disable_rxq(struct dpcnic_hw *hw, unsigned int queue)
{
	return dpcnic_hw_disable_queue(hw, DPC_RXDCTL(queue));
}

/**
 * dpcnic_hw_enable_rxq() - program and start a receive queue (4.5.9)
 * @hw: the port
 * @queue: receive queue
 * @cfg: its ring
 *
 * Starts with head and tail at 0: without descriptors, until dpcnic_hw_set_rx_tail(). @cfg->drop
 * should be set whenever there are several queues: without it one full queue stalls the packet
 * buffer for all. PAUSE then holds the sender back for the packet buffer's sake alone.
 *
 * Context: process.
 * Return: 0; -ENODEV when the device is gone; -ETIMEDOUT when the queue does not stop or start, and
 * only dpcnic_hw_reset() ends its DMA.
 */
int dpcnic_hw_enable_rxq(struct dpcnic_hw *hw, unsigned int queue,
			 const struct dpcnic_hw_rxq_cfg *cfg)
{
	u32 srrctl;
	int err;

	/* Step 1: ring registers may be written with the queue stopped only. */
	err = dpcnic_hw_disable_queue(hw, DPC_RXDCTL(queue));
	if (err)
		return err;

	/* Step 2: the ring. */
	dpcnic_hw_wr32(hw, DPC_RDBAL(queue), lower_32_bits(cfg->dma));
	dpcnic_hw_wr32(hw, DPC_RDBAH(queue), upper_32_bits(cfg->dma));
	dpcnic_hw_wr32(hw, DPC_RDLEN(queue), cfg->cnt * sizeof(union dpcnic_rx_desc));
	dpcnic_hw_wr32(hw, DPC_RDH(queue), 0);
	dpcnic_hw_wr32(hw, DPC_RDT(queue), 0);

	/* Step 3: buffers and descriptor type. */
	srrctl = FIELD_PREP(DPC_SRRCTL_BSIZEPACKET, cfg->buf_size / 1024) |
		 FIELD_PREP(DPC_SRRCTL_DESCTYPE, DPC_SRRCTL_DESCTYPE_ADV_ONE_BUFFER);
	if (cfg->drop)
		srrctl |= DPC_SRRCTL_DROP_EN;
	dpcnic_hw_wr32(hw, DPC_SRRCTL(queue), srrctl);

	/* Step 4: start. */
	dpcnic_hw_wr32(hw, DPC_RXDCTL(queue), FIELD_PREP(DPC_RXDCTL_PTHRESH, DPC_PTHRESH) |
					      FIELD_PREP(DPC_RXDCTL_HTHRESH, DPC_RX_HTHRESH) |
					      FIELD_PREP(DPC_RXDCTL_WTHRESH, DPC_WTHRESH) |
					      DPC_RXDCTL_ENABLE);
	return dpcnic_hw_wait_queue(hw, DPC_RXDCTL(queue), true);
}

/**
 * dpcnic_hw_enable_txq() - program and start a transmit queue (4.5.10)
 * @hw: the port
 * @queue: transmit queue
 * @dma: DMA address of the descriptors, aligned to 128 bytes
 * @cnt: descriptors, a multiple of 8
 *
 * Starts with head and tail at 0, and with both contexts undefined.
 *
 * Context: process.
 * Return: as dpcnic_hw_enable_rxq().
 */
int dpcnic_hw_enable_txq(struct dpcnic_hw *hw, unsigned int queue, dma_addr_t dma, u32 cnt)
{
	int err;

	err = dpcnic_hw_disable_queue(hw, DPC_TXDCTL(queue));
	if (err)
		return err;

	dpcnic_hw_wr32(hw, DPC_TDBAL(queue), lower_32_bits(dma));
	dpcnic_hw_wr32(hw, DPC_TDBAH(queue), upper_32_bits(dma));
	dpcnic_hw_wr32(hw, DPC_TDLEN(queue), cnt * sizeof(union dpcnic_tx_desc));
	dpcnic_hw_wr32(hw, DPC_TDH(queue), 0);
	dpcnic_hw_wr32(hw, DPC_TDT(queue), 0);
	/* No head write-back: descriptors with DPC_TXD_RS get DD instead (7.2.3). */
	dpcnic_hw_wr32(hw, DPC_TDWBAL(queue), 0);
	dpcnic_hw_wr32(hw, DPC_TDWBAH(queue), 0);

	dpcnic_hw_wr32(hw, DPC_TXDCTL(queue), FIELD_PREP(DPC_TXDCTL_PTHRESH, DPC_PTHRESH) |
					      FIELD_PREP(DPC_TXDCTL_HTHRESH, DPC_TX_HTHRESH) |
					      FIELD_PREP(DPC_TXDCTL_WTHRESH, DPC_WTHRESH) |
					      DPC_TXDCTL_ENABLE);
	return dpcnic_hw_wait_queue(hw, DPC_TXDCTL(queue), true);
}

/**
 * dpcnic_hw_disable_txq() - stop a transmit queue (4.5.10.1, 8.12.13 TXDCTL)
 * @hw: the port
 * @queue: transmit queue; what it still holds is not sent
 *
 * Context: process.
 * Return: as dpcnic_hw_disable_rxq().
 */
int dpcnic_hw_disable_txq(struct dpcnic_hw *hw, unsigned int queue)
{
	return dpcnic_hw_disable_queue(hw, DPC_TXDCTL(queue));
}

/**
 * dpcnic_hw_disable_queues() - stop receive and transmit queues (4.5.9.1, 4.5.10.1)
 * @hw: the port
 * @cnt: how many, from the first on
 *
 * They stop together, and are waited for once.
 *
 * Context: process.
 * Return: as dpcnic_hw_disable_rxq().
 */
int dpcnic_hw_disable_queues(struct dpcnic_hw *hw, unsigned int cnt)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < cnt; i++) {
		dpcnic_hw_wr32(hw, DPC_RXDCTL(i), 0);
		dpcnic_hw_wr32(hw, DPC_TXDCTL(i), 0);
	}
	for (i = 0; i < cnt; i++) {
		err = dpcnic_hw_wait_queue(hw, DPC_RXDCTL(i), false) ?: err;
		err = dpcnic_hw_wait_queue(hw, DPC_TXDCTL(i), false) ?: err;
		if (dpcnic_hw_gone(hw))
			return -ENODEV;
	}
	usleep_range(100, 200); /* the last write-back */
	return err;
}

/**
 * dpcnic_hw_enable_rx() - receive (4.5.9, 8.10.1 RCTL)
 * @hw: the port, its queues enabled and filters set
 * @max_frame: longest frame to receive, in bytes with VLAN tag and CRC; longer ones are dropped
 *
 * May be called again to change @max_frame; buffers must fit before it grows.
 *
 * Context: any but hard IRQ.
 */
void dpcnic_hw_enable_rx(struct dpcnic_hw *hw, u32 max_frame)
{
	dpcnic_hw_wr32(hw, DPC_RLPML, max_frame);
	dpcnic_hw_update_rctl(hw, DPC_RCTL_MO, DPC_RCTL_RXEN | DPC_RCTL_LPE | DPC_RCTL_BAM);
}

/**
 * dpcnic_hw_disable_rx() - stop receiving into any queue (8.10.1 RCTL)
 * @hw: the port
 *
 * A packet being stored is finished; queues stay enabled.
 *
 * Context: any but hard IRQ.
 */
void dpcnic_hw_disable_rx(struct dpcnic_hw *hw)
{
	dpcnic_hw_update_rctl(hw, DPC_RCTL_RXEN, 0);
}

/**
 * dpcnic_hw_enable_tx() - transmit (4.5.10, 8.12.1 TCTL)
 * @hw: the port, its queues enabled
 *
 * Context: process; not together with dpcnic_hw_disable_tx().
 */
void dpcnic_hw_enable_tx(struct dpcnic_hw *hw)
{
	dpcnic_hw_rmw32(hw, DPC_TCTL, DPC_TCTL_CT,
			DPC_TCTL_EN | DPC_TCTL_PSP | DPC_TCTL_RTLC |
			FIELD_PREP(DPC_TCTL_CT, DPC_COLLISION_THRESHOLD));
}

/**
 * dpcnic_hw_disable_tx() - stop transmitting from any queue (8.12.1 TCTL)
 * @hw: the port
 *
 * Context: process; not together with dpcnic_hw_enable_tx().
 */
void dpcnic_hw_disable_tx(struct dpcnic_hw *hw)
{
	dpcnic_hw_rmw32(hw, DPC_TCTL, DPC_TCTL_EN, 0);
}
