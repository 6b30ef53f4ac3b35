// SPDX-License-Identifier: GPL-2.0
/*
 * Wake-up by packets or link (datasheet 5.5, 8.16), and the LEDs (8.2.7).
 *
 * QEMU's device cannot signal a wake-up (no PME), so the former has never run.
 */

#include "internal.h"

/**
 * dpcnic_hw_arm_wake() - signal PME for these packets while the device sleeps (5.5.3, 8.16)
 * @hw: the port, with a link or negotiating one, all queues disabled
 * @filters: DPC_WUFC_* bits
 *
 * Packets are looked at as the filters of before have it; with DPC_WUFC_MC all multicast is.
 * dpcnic_hw_reset() ends it.
 *
 * Context: process.
 */
void dpcnic_hw_arm_wake(struct dpcnic_hw *hw, u32 filters)
{
	dpcnic_hw_wr32(hw, DPC_WUS, ~0U);
	dpcnic_hw_wr32(hw, DPC_WUFC, filters);
	dpcnic_hw_wr32(hw, DPC_WUC, DPC_WUC_PME_EN);
	dpcnic_hw_update_ctrl(hw, 0, DPC_CTRL_ADVD3WUC);
	dpcnic_hw_update_rctl(hw, 0, DPC_RCTL_RXEN | DPC_RCTL_BAM |
				     (filters & DPC_WUFC_MC ? DPC_RCTL_MPE : 0));
	dpcnic_hw_flush(hw);
}

/**
 * dpcnic_hw_set_leds() - turn all LEDs on or off
 * @hw: the port
 * @on: on
 *
 * Context: process.
 */
void dpcnic_hw_set_leds(struct dpcnic_hw *hw, bool on)
{
	dpcnic_hw_wr32(hw, DPC_LEDCTL, (on ? DPC_LEDCTL_ON : DPC_LEDCTL_OFF) * DPC_LEDCTL_ALL);
}
