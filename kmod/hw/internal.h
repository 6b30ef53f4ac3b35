/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of kmod/hw share and nobody else needs. */
#ifndef DPCNIC_HW_INTERNAL_H
#define DPCNIC_HW_INTERNAL_H

#include <linux/iopoll.h>

#include "hw.h"

/*
 * Poll @reg into @val until @cond, the device is gone, or @timeout_us are over; 0 or -ETIMEDOUT.
 * Sleeps.
 */
#define dpcnic_hw_poll(_hw, reg, val, cond, timeout_us) ({				\
	struct dpcnic_hw *hw__ = (_hw);							\
											\
	read_poll_timeout(dpcnic_hw_rd32, val, (cond) || dpcnic_hw_gone(hw__), 50,	\
			  timeout_us, false, hw__, reg);				\
})

void dpcnic_hw_sync_init(struct dpcnic_hw *hw);
int dpcnic_hw_sync_get(struct dpcnic_hw *hw, u32 resource);
void dpcnic_hw_sync_put(struct dpcnic_hw *hw, u32 resource);
void dpcnic_hw_clear_filters(struct dpcnic_hw *hw);
void dpcnic_hw_update_ctrl(struct dpcnic_hw *hw, u32 clear, u32 set);
void dpcnic_hw_update_rctl(struct dpcnic_hw *hw, u32 clear, u32 set);

#endif /* DPCNIC_HW_INTERNAL_H */
