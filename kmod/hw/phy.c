// SPDX-License-Identifier: GPL-2.0
/* The internal copper PHY, behind MDIC (datasheet 3.5 MDIO, 8.2.4 MDIC, 4.2.1.8 PHY reset). */

#include <linux/delay.h>
#include <linux/device.h>

#include "internal.h"

#define DPC_PHY_ADDR		1
#define DPC_MDIC_US		100000
#define DPC_CFG_DONE_US		100000

static u32 dpcnic_hw_phy_resource(const struct dpcnic_hw *hw)
{
	return hw->func ? DPC_SW_FW_SYNC_SW_PHY1 : DPC_SW_FW_SYNC_SW_PHY0;
}

/* One MDIO transaction; @mdic holds operation, register and data (8.2.4). */
static int dpcnic_hw_mdic(struct dpcnic_hw *hw, u32 *mdic)
{
	int err;

	err = dpcnic_hw_sync_get(hw, dpcnic_hw_phy_resource(hw));
	if (err)
		return err;

	dpcnic_hw_wr32(hw, DPC_MDIC, *mdic | FIELD_PREP(DPC_MDIC_PHYADD, DPC_PHY_ADDR));
	err = dpcnic_hw_poll(hw, DPC_MDIC, *mdic, *mdic & DPC_MDIC_R, DPC_MDIC_US);
	dpcnic_hw_sync_put(hw, dpcnic_hw_phy_resource(hw));

	if (dpcnic_hw_gone(hw))
		return -ENODEV;
	if (err)
		return err;
	return *mdic & DPC_MDIC_E ? -EIO : 0;
}

/**
 * dpcnic_hw_read_phy() - read a PHY register (8.2.4 MDIC)
 * @hw: the port
 * @reg: MII_* (mii.h)
 * @val: where to put it
 *
 * Context: process.
 * Return: 0; -EIO when the PHY knows no such register; -ENODEV when the device is gone; -ETIMEDOUT
 * or -EBUSY when the PHY does not answer or firmware keeps it.
 */
int dpcnic_hw_read_phy(struct dpcnic_hw *hw, u8 reg, u16 *val)
{
	u32 mdic = FIELD_PREP(DPC_MDIC_OP, DPC_MDIC_OP_READ) | FIELD_PREP(DPC_MDIC_REGADD, reg);
	int err;

	err = dpcnic_hw_mdic(hw, &mdic);
	if (err)
		return err;

	*val = FIELD_GET(DPC_MDIC_DATA, mdic);
	return 0;
}

/**
 * dpcnic_hw_write_phy() - write a PHY register (8.2.4 MDIC)
 * @hw: the port
 * @reg: MII_* (mii.h)
 * @val: what to write
 *
 * Context: process.
 * Return: as dpcnic_hw_read_phy().
 */
int dpcnic_hw_write_phy(struct dpcnic_hw *hw, u8 reg, u16 val)
{
	u32 mdic = FIELD_PREP(DPC_MDIC_OP, DPC_MDIC_OP_WRITE) | FIELD_PREP(DPC_MDIC_REGADD, reg) |
		   FIELD_PREP(DPC_MDIC_DATA, val);

	return dpcnic_hw_mdic(hw, &mdic);
}

/**
 * dpcnic_hw_reset_phy() - reset the PHY and let the device configure it from the NVM (4.2.1.8)
 * @hw: the port
 *
 * Drops the link. Autonegotiation must be started again.
 *
 * Context: process.
 * Return: 0; -EBUSY when the management firmware forbids it; or as dpcnic_hw_read_phy().
 */
int dpcnic_hw_reset_phy(struct dpcnic_hw *hw)
{
	u32 done = hw->func ? DPC_EEMNGCTL_CFG_DONE1 : DPC_EEMNGCTL_CFG_DONE0;
	u32 val;
	int err;

	if (dpcnic_hw_rd32(hw, DPC_MANC) & DPC_MANC_BLK_PHY_RST)
		return dpcnic_hw_gone(hw) ? -ENODEV : -EBUSY;

	err = dpcnic_hw_sync_get(hw, dpcnic_hw_phy_resource(hw));
	if (err)
		return err;

	dpcnic_hw_update_ctrl(hw, 0, DPC_CTRL_PHY_RST);
	dpcnic_hw_flush(hw);
	usleep_range(100, 200);
	dpcnic_hw_update_ctrl(hw, DPC_CTRL_PHY_RST, 0);
	dpcnic_hw_flush(hw);
	usleep_range(150, 300);

	/* Without NVM, and in QEMU, this never signals; the PHY works with its defaults then. */
	if (dpcnic_hw_poll(hw, DPC_EEMNGCTL, val, val & done, DPC_CFG_DONE_US))
		dev_dbg(hw->dev, "no end of PHY configuration signalled\n");

	dpcnic_hw_sync_put(hw, dpcnic_hw_phy_resource(hw));
	return dpcnic_hw_gone(hw) ? -ENODEV : 0;
}
