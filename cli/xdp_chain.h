/* SPDX-License-Identifier: GPL-2.0 */
/* XDP programs that share a device: each is called by the dispatcher of libxdp. */
#ifndef DPCTOOL_XDP_CHAIN_H
#define DPCTOOL_XDP_CHAIN_H

#include "xdp_device.h"
#include "xdp_policy.h"

/** xdp_chain_has() - does the dispatcher of device @ifindex call program @id? */
bool xdp_chain_has(__u32 ifindex, __u32 id);

/** xdp_chain_takes() - is what the device has attached, if anything, a dispatcher? */
bool xdp_chain_takes(__u32 ifindex);

/**
 * xdp_chain_attach() - have the dispatcher call a policy, and attach a dispatcher if there is none
 * @policy: just opened, its maps those of a loaded one
 * @id: the kernel's number of the program that is called
 *
 * Returns a descriptor of that program, as long as @policy lives, or -errno.
 */
int xdp_chain_attach(const struct xdp_policy *policy, __u32 ifindex, enum xdp_mode mode, __u32 *id);

/** xdp_chain_detach() - no longer call program @id; the last one takes the dispatcher along */
int xdp_chain_detach(__u32 ifindex, __u32 id);

#endif /* DPCTOOL_XDP_CHAIN_H */
