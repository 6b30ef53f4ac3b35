// SPDX-License-Identifier: GPL-2.0
/*
 * PHY and NVM are shared with the management firmware and the other port. Who uses one owns its
 * bit in SW_FW_SYNC; that register in turn is guarded by SWSM (datasheet 4.7, 8.7).
 */

#include <linux/delay.h>
#include <linux/device.h>

#include "internal.h"

#define DPC_SWSM_US		100000
#define DPC_SYNC_TRIES		200
#define DPC_SYNC_TRY_US		5000

static bool dpcnic_hw_swsm_try_fw(struct dpcnic_hw *hw)
{
	dpcnic_hw_rmw32(hw, DPC_SWSM, 0, DPC_SWSM_SWESMBI);
	return dpcnic_hw_rd32(hw, DPC_SWSM) & DPC_SWSM_SWESMBI;
}

static void dpcnic_hw_swsm_put(struct dpcnic_hw *hw)
{
	dpcnic_hw_rmw32(hw, DPC_SWSM, DPC_SWSM_SMBI | DPC_SWSM_SWESMBI, 0);
}

/* Against other drivers SMBI, which a read takes; then against firmware SWESMBI, if it sticks. */
static int dpcnic_hw_swsm_get(struct dpcnic_hw *hw)
{
	bool mine;
	u32 val;

	if (dpcnic_hw_poll(hw, DPC_SWSM, val, !(val & DPC_SWSM_SMBI), DPC_SWSM_US))
		return -ETIMEDOUT;

	if (read_poll_timeout(dpcnic_hw_swsm_try_fw, mine, mine, 50, DPC_SWSM_US, false, hw)) {
		dpcnic_hw_swsm_put(hw);
		return -ETIMEDOUT;
	}
	return 0;
}

/*
 * dpcnic_hw_sync_init() - free the semaphore if a driver that crashed has left it taken
 *
 * SWSM.SMBI is only held for moments: if it cannot be had for so long, nobody holds it who could
 * give it back.
 *
 * Context: process, before anybody uses @hw.
 */
void dpcnic_hw_sync_init(struct dpcnic_hw *hw)
{
	u32 val;

	if (dpcnic_hw_poll(hw, DPC_SWSM, val, !(val & DPC_SWSM_SMBI), DPC_SWSM_US))
		dev_warn(hw->dev, "the semaphore of PHY and NVM was left taken, by a kernel that crashed perhaps; freed\n");
	dpcnic_hw_swsm_put(hw);
}

/* Take @resource if neither firmware nor the other port has it. */
static int dpcnic_hw_sync_try(struct dpcnic_hw *hw, u32 resource)
{
	u32 owned;
	int err;

	err = dpcnic_hw_swsm_get(hw);
	if (err)
		return err;

	owned = dpcnic_hw_rd32(hw, DPC_SW_FW_SYNC);
	if (owned & (resource | resource << DPC_SW_FW_SYNC_FW_SHIFT))
		err = -EBUSY;
	else
		dpcnic_hw_wr32(hw, DPC_SW_FW_SYNC, owned | resource);

	dpcnic_hw_swsm_put(hw);
	return err;
}

/*
 * dpcnic_hw_sync_get() - become the only user of a shared resource (4.7.1)
 * @resource: DPC_SW_FW_SYNC_SW_*
 *
 * Context: process.
 * Return: 0; -ENODEV when the device is gone; -ETIMEDOUT or -EBUSY when somebody else does not let
 * go.
 */
int dpcnic_hw_sync_get(struct dpcnic_hw *hw, u32 resource)
{
	int err, i;

	mutex_lock(&hw->sync_lock);
	for (i = 0; i < DPC_SYNC_TRIES; i++) {
		err = dpcnic_hw_sync_try(hw, resource);
		if (err != -EBUSY || dpcnic_hw_gone(hw))
			break;
		usleep_range(DPC_SYNC_TRY_US, 2 * DPC_SYNC_TRY_US);
	}
	if (!err)
		return 0;

	mutex_unlock(&hw->sync_lock);
	if (dpcnic_hw_gone(hw))
		return -ENODEV;
	dev_err(hw->dev, "firmware or the other port keeps the %s locked; power cycle the machine\n",
		resource == DPC_SW_FW_SYNC_SW_EEP ? "NVM" : "PHY");
	return err;
}

/* dpcnic_hw_sync_put() - give it back; without SWSM too, for nobody else writes our bit */
void dpcnic_hw_sync_put(struct dpcnic_hw *hw, u32 resource)
{
	int err = dpcnic_hw_swsm_get(hw);

	dpcnic_hw_rmw32(hw, DPC_SW_FW_SYNC, resource, 0);
	if (!err)
		dpcnic_hw_swsm_put(hw);
	mutex_unlock(&hw->sync_lock);
}
