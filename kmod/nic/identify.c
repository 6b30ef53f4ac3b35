// SPDX-License-Identifier: GPL-2.0
/* ethtool -p: which of the machine's ports is this? Its LEDs blink. */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "nic.h"

#define DPCNIC_BLINKS_PER_SECOND	2

/**
 * dpcnic_set_phys_id() - ethtool_ops.set_phys_id
 * @ndev: the netdev
 * @state: begin, on, off, end. Between them the core sleeps without RTNL, and lets nobody else
 *	begin.
 *
 * Return: times the LEDs are to blink in a second, for ETHTOOL_ID_ACTIVE; otherwise 0; or an error.
 */
int dpcnic_set_phys_id(struct net_device *ndev, enum ethtool_phys_id_state state)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_hw *hw = &nic->hw;

	switch (state) {
	case ETHTOOL_ID_ACTIVE:
		nic->ledctl = dpcnic_hw_rd32(hw, DPC_LEDCTL);
		return dpcnic_hw_gone(hw) ? -ENODEV : DPCNIC_BLINKS_PER_SECOND;
	case ETHTOOL_ID_ON:
	case ETHTOOL_ID_OFF:
		dpcnic_hw_set_leds(hw, state == ETHTOOL_ID_ON);
		return 0;
	case ETHTOOL_ID_INACTIVE:
		dpcnic_hw_wr32(hw, DPC_LEDCTL, nic->ledctl);
		return 0;
	default:
		return -EINVAL;
	}
}
