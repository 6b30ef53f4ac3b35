/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every throttle policy includes. One of your own needs no more than this:
 *
 *	#include "throttle.bpf.h"
 *
 *	SEC("struct_ops")
 *	__u32 BPF_PROG(bound, struct dpcnic_throttle_ctx *run)
 *	{
 *		return run->waiting ? 8 : run->max;
 *	}
 *
 *	THROTTLE_POLICY(considerate, bound, DPCNIC_THROTTLE_WAITING);
 *	char LICENSE[] SEC("license") = "GPL";
 *
 * The arguments and rules are in kmod/engine/throttle_abi.h. "dpctool throttle attach dev IF file
 * OBJ" attaches it.
 */
#ifndef DPCNIC_THROTTLE_BPF_H
#define DPCNIC_THROTTLE_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "throttle_abi.h"

/* Messages that the policies here keep books of; a 82576 has 25 at most. */
#define THROTTLE_MSGS	64

/* The policy @name, whose program is @function and needs @needs (enum dpcnic_throttle_flags). */
#define THROTTLE_POLICY(name, function, needs)		\
	SEC(".struct_ops.link")				\
	struct dpcnic_throttle_ops name = {		\
		.flags = (needs),			\
		.bound = (void *)(function),		\
	}

#endif /* DPCNIC_THROTTLE_BPF_H */
