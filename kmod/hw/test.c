// SPDX-License-Identifier: GPL-2.0
/* Do registers hold what is written; the PHY's loopback. */

#include <linux/device.h>
#include <linux/mii.h>

#include "internal.h"

/* Which bits must read back as written, where the device does nothing of its own with them */
static const struct {
	u32 first;
	u16 step;
	u16 cnt;
	u32 mask;
} dpcnic_hw_test_ranges[] = {
	{ DPC_FCAL, 0, 1, ~0U },
	{ DPC_FCAH, 0, 1, GENMASK(15, 0) },
	{ DPC_FCT, 0, 1, GENMASK(15, 0) },
	{ DPC_FCTTV, 0, 1, GENMASK(15, 0) },
	{ DPC_RSSRK(0), 4, DPC_RSSRK_BYTES / 4, ~0U },
	{ DPC_RETA(0), 4, DPC_RETA_ENTRIES / 4, DPC_RETA_QUEUE * 0x01010101 },
	{ DPC_MTA(0), 4, DPC_MTA_WORDS, ~0U },
	{ DPC_VFTA(0), 4, DPC_VFTA_WORDS, ~0U },
	{ DPC_RAL(1), 8, 15, ~0U },
	{ DPC_RAL(16), 8, DPC_RAR_ENTRIES - 16, ~0U },
	{ DPC_RDBAL(0), DPC_RDBAL(1) - DPC_RDBAL(0), DPC_QUEUES, GENMASK(31, 7) },
	{ DPC_RDBAH(0), DPC_RDBAH(1) - DPC_RDBAH(0), DPC_QUEUES, ~0U },
	{ DPC_RDLEN(0), DPC_RDLEN(1) - DPC_RDLEN(0), DPC_QUEUES, GENMASK(19, 7) },
	{ DPC_TDBAL(0), DPC_TDBAL(1) - DPC_TDBAL(0), DPC_QUEUES, GENMASK(31, 7) },
	{ DPC_TDBAH(0), DPC_TDBAH(1) - DPC_TDBAH(0), DPC_QUEUES, ~0U },
	{ DPC_TDLEN(0), DPC_TDLEN(1) - DPC_TDLEN(0), DPC_QUEUES, GENMASK(19, 7) },
};

static int dpcnic_hw_test_register(struct dpcnic_hw *hw, u32 reg, u32 mask)
{
	static const u32 patterns[] = { 0x5a5a5a5a, 0xa5a5a5a5, 0x00000000, 0xffffffff };
	unsigned int i;
	u32 got;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		dpcnic_hw_wr32(hw, reg, patterns[i] & mask);
		got = dpcnic_hw_rd32(hw, reg);
		if ((got ^ patterns[i]) & mask) {
			dev_err(hw->dev, "register 0x%05x: wrote 0x%08x, read 0x%08x\n", reg,
				patterns[i] & mask, got);
			return -EIO;
		}
	}
	return 0;
}

/**
 * dpcnic_hw_test_registers() - do registers hold what is written?
 * @hw: the port, all queues disabled; dpcnic_hw_reset() is due afterwards
 *
 * Context: process.
 * Return: 0; -EIO, and the first that does not is named in the log.
 */
int dpcnic_hw_test_registers(struct dpcnic_hw *hw)
{
	unsigned int i, n;
	int err;

	for (i = 0; i < ARRAY_SIZE(dpcnic_hw_test_ranges); i++)
		for (n = 0; n < dpcnic_hw_test_ranges[i].cnt; n++) {
			err = dpcnic_hw_test_register(hw, dpcnic_hw_test_ranges[i].first +
							  n * dpcnic_hw_test_ranges[i].step,
						      dpcnic_hw_test_ranges[i].mask);
			if (err)
				return err;
		}
	return 0;
}

/**
 * dpcnic_hw_start_loopback() - have the PHY send back all it is sent (3.5.6.3 PHY loopback)
 * @hw: the port
 *
 * The link partner sees the link go. dpcnic_hw_start_link() ends it. QEMU receives nothing if there
 * was no link since the last reset.
 *
 * Context: process.
 * Return: 0, or as dpcnic_hw_read_phy().
 */
int dpcnic_hw_start_loopback(struct dpcnic_hw *hw)
{
	dpcnic_hw_update_ctrl(hw, DPC_CTRL_SPEED,
			      DPC_CTRL_FRCSPD | DPC_CTRL_FRCDPX | DPC_CTRL_FD | DPC_CTRL_SLU |
			      FIELD_PREP(DPC_CTRL_SPEED, DPC_STATUS_SPEED_1000));
	return dpcnic_hw_write_phy(hw, MII_BMCR, BMCR_LOOPBACK | BMCR_SPEED1000 | BMCR_FULLDPLX);
}
