/* SPDX-License-Identifier: GPL-2.0 */
/* Throttle policies (T5), as the engine sees them. The policies' own side: throttle_abi.h. */
#ifndef DPCNIC_ENGINE_THROTTLE_H
#define DPCNIC_ENGINE_THROTTLE_H

#include <linux/jump_label.h>

#include "engine.h"
#include "throttle_abi.h"

DECLARE_STATIC_KEY_FALSE(dpcnic_throttle_used);

/* Is a policy attached, to whichever device? A jump not taken where there is none. */
static __always_inline bool dpcnic_throttle_in_use(void)
{
	return static_branch_unlikely(&dpcnic_throttle_used);
}

/**
 * struct dpcnic_ask - one run of a DPC, and what its policy said
 * @ctx: what the policy is told
 * @started_ns: when the run started; 0 until somebody needs it
 * @epoch: the attachment that was asked, 0 if no policy is attached to the device
 * @times: the policy wants to know how long the run takes
 */
struct dpcnic_ask {
	struct dpcnic_throttle_ctx ctx;
	u64 started_ns;
	u32 epoch;
	bool times;
};

u32 dpcnic_throttle_ask(const struct dpcnic_dpc *dpc, struct dpcnic_ask *ask);
void dpcnic_throttle_note(struct dpcnic_dpc *dpc, const struct dpcnic_ask *ask,
			  const struct dpcnic_throttle *throttle);
void dpcnic_throttle_join(struct dpcnic_engine *engine);
void dpcnic_throttle_leave(struct dpcnic_engine *engine);

#endif /* DPCNIC_ENGINE_THROTTLE_H */
