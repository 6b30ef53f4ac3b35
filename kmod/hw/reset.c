// SPDX-License-Identifier: GPL-2.0
/* Reset and life signs (datasheet 4.2 reset, 4.5 initialization, 5.2.3.3 master disable). */

#include <linux/delay.h>
#include <linux/device.h>

#include "internal.h"

#define DPC_MASTER_DISABLE_US	80000
#define DPC_RST_US		100000
#define DPC_AUTO_RD_US		10000

/**
 * dpcnic_hw_check_gone() - a register read all-ones: is the device still there?
 * @hw: the port
 * @reg: the register that did; STATUS is read to confirm, which is never all-ones
 *
 * Context: any; waits for the device.
 * Return: all-ones, as the register did
 */
u32 dpcnic_hw_check_gone(struct dpcnic_hw *hw, u32 reg)
{
	if (readl(hw->regs + DPC_STATUS) == ~0U && !xchg(&hw->gone, true))
		dev_err(hw->dev, "no answer from register 0x%05x: the device is gone; remove it and rescan the PCI bus\n",
			reg);
	return ~0U;
}

/**
 * dpcnic_hw_found() - the device may be back: power, slot or function were reset
 * @hw: the port
 *
 * All it knew is forgotten: dpcnic_hw_reset() is next.
 *
 * Context: process, nobody else uses @hw.
 * Return: 0; -ENODEV when it does not answer.
 */
int dpcnic_hw_found(struct dpcnic_hw *hw)
{
	bool gone = readl(hw->regs + DPC_STATUS) == ~0U;

	WRITE_ONCE(hw->gone, gone);
	return gone ? -ENODEV : 0;
}

/* Read-modify-write of CTRL, which link, filters and reset all change bits of (8.2.1). */
void dpcnic_hw_update_ctrl(struct dpcnic_hw *hw, u32 clear, u32 set)
{
	spin_lock_bh(&hw->reg_lock);
	dpcnic_hw_rmw32(hw, DPC_CTRL, clear, set);
	spin_unlock_bh(&hw->reg_lock);
}

/* Read-modify-write of RCTL, which queue and filter code both change bits of (8.10.1). */
void dpcnic_hw_update_rctl(struct dpcnic_hw *hw, u32 clear, u32 set)
{
	spin_lock_bh(&hw->reg_lock);
	dpcnic_hw_rmw32(hw, DPC_RCTL, clear, set);
	spin_unlock_bh(&hw->reg_lock);
}

/**
 * dpcnic_hw_init() - prepare the structure; changes nothing in the device but what another driver
 * has left taken
 * @hw: the port
 * @dev: for log messages
 * @regs: BAR 0
 *
 * Context: process.
 * Return: 0; -ENODEV when the device does not answer; -EOPNOTSUPP when the port is not set up
 * for its internal copper PHY.
 */
int dpcnic_hw_init(struct dpcnic_hw *hw, struct device *dev, void __iomem *regs)
{
	u32 mode;

	*hw = (struct dpcnic_hw) {
		.regs = regs,
		.dev = dev,
	};
	spin_lock_init(&hw->reg_lock);
	mutex_init(&hw->sync_lock);

	hw->func = FIELD_GET(DPC_STATUS_LAN_ID, dpcnic_hw_rd32(hw, DPC_STATUS));
	mode = FIELD_GET(DPC_CTRL_EXT_LINK_MODE, dpcnic_hw_rd32(hw, DPC_CTRL_EXT));
	if (dpcnic_hw_gone(hw))
		return -ENODEV;
	if (mode) {
		dev_err(dev, "link mode %u: only the internal copper PHY (0) is supported\n", mode);
		return -EOPNOTSUPP;
	}
	dpcnic_hw_sync_init(hw);
	return 0;
}

/*
 * Stop DMA before a reset, or a request under way may hang the bus (5.2.3.3). If requests stay
 * pending, resetting all the same is the only way on.
 */
static void dpcnic_hw_stop_dma(struct dpcnic_hw *hw)
{
	u32 val;

	dpcnic_hw_disable_rx(hw);
	dpcnic_hw_disable_tx(hw);
	dpcnic_hw_flush(hw);
	usleep_range(10000, 20000); /* packets in the FIFOs */

	dpcnic_hw_update_ctrl(hw, 0, DPC_CTRL_GIO_MASTER_DIS);
	if (dpcnic_hw_poll(hw, DPC_STATUS, val, !(val & DPC_STATUS_GIO_MASTER_EN),
			   DPC_MASTER_DISABLE_US))
		dev_warn(hw->dev, "PCIe requests still pending after %u ms; resetting anyway\n",
			 DPC_MASTER_DISABLE_US / 1000);
}

/**
 * dpcnic_hw_reset() - bring the port into its initial state (4.2.1.6 software reset, 4.5)
 * @hw: the port
 *
 * Afterwards: all interrupts masked and no cause pending; no routing, DMA or queue enabled; the
 * own address as in the NVM, no other filter. Statistics may be lost: update them before. The PHY
 * and its link partner notice nothing on silicon. In QEMU the link is down until autonegotiation
 * is started again.
 *
 * QEMU sends an interrupt from in here for each vector whose EITR interval is running, masked or
 * not, so interrupt handlers must be able to stand one until free_irq().
 *
 * Context: process.
 * Return: 0; -ENODEV when the device is gone; -ETIMEDOUT when it does not come out of reset.
 */
int dpcnic_hw_reset(struct dpcnic_hw *hw)
{
	u32 val;

	/* Step 1: nothing may interrupt or write to memory. */
	dpcnic_hw_irq_disable_all(hw);
	dpcnic_hw_stop_dma(hw);

	/* Step 2: reset. Registers must be left alone for 1 ms. */
	dpcnic_hw_update_ctrl(hw, 0, DPC_CTRL_RST);
	usleep_range(1000, 2000);
	if (dpcnic_hw_poll(hw, DPC_CTRL, val, !(val & DPC_CTRL_RST), DPC_RST_US)) {
		dev_err(hw->dev, "stuck in reset after %u ms; reset the PCI function\n",
			DPC_RST_US / 1000);
		return -ETIMEDOUT;
	}

	if (dpcnic_hw_gone(hw))
		return -ENODEV;

	/*
	 * Step 3: registers get their values from the NVM. Without NVM that never signals, nor in
	 * QEMU, so it is no error; a wrong MAC address or NVM checksum will tell.
	 */
	if (dpcnic_hw_poll(hw, DPC_EECD, val, val & DPC_EECD_AUTO_RD, DPC_AUTO_RD_US))
		dev_dbg(hw->dev, "no end of NVM auto-read signalled\n");

	/* Step 4: what reset leaves behind. Queue 0 comes enabled, tables are not cleared. */
	dpcnic_hw_irq_disable_all(hw);
	dpcnic_hw_wr32(hw, DPC_RXDCTL(0), 0);
	dpcnic_hw_wr32(hw, DPC_TXDCTL(0), 0);
	dpcnic_hw_wr32(hw, DPC_WUC, 0);
	dpcnic_hw_wr32(hw, DPC_WUFC, 0);
	dpcnic_hw_clear_filters(hw);

	/* Step 5: forget causes of before. EICR is not cleared by reset, and not by reading. */
	dpcnic_hw_rd32(hw, DPC_ICR);
	dpcnic_hw_wr32(hw, DPC_EICR, ~0U);
	dpcnic_hw_flush(hw);

	return dpcnic_hw_gone(hw) ? -ENODEV : 0;
}

/**
 * dpcnic_hw_set_driver_loaded() - tell the management firmware who runs the port (8.2.3)
 * @hw: the port
 * @loaded: a driver does
 *
 * Reset clears it.
 *
 * Context: process; not together with itself.
 */
void dpcnic_hw_set_driver_loaded(struct dpcnic_hw *hw, bool loaded)
{
	dpcnic_hw_rmw32(hw, DPC_CTRL_EXT, DPC_CTRL_EXT_DRV_LOAD,
			loaded ? DPC_CTRL_EXT_DRV_LOAD : 0);
}
