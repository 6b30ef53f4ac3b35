/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a throttle policy sees and says (T5). A policy is a BPF struct_ops of the type
 * dpcnic_throttle_ops; bpf/throttle has three. Included by the kernel module, by the BPF programs
 * and by dpctool. Members keep their names and meaning; programs that are built with this header
 * find them by name (CO-RE), so new ones may come anywhere.
 */
#ifndef DPCNIC_THROTTLE_ABI_H
#define DPCNIC_THROTTLE_ABI_H

#include <linux/types.h>

#ifdef __bpf__
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#endif

/**
 * struct dpcnic_throttle_ctx - what a policy is told about the DPC run that begins; read only
 * @ifindex: the device
 * @msg: the message
 * @cpu: the CPU the DPC belongs to; a busy polling task may run it on another
 * @max: the most packets that NAPI allows in this run: 64, or what a busy polling task asked for
 * @interrupts: the message's interrupts on @cpu since this DPC ran last; where queues share
 *	messages also those elsewhere that this run is the first to follow
 * @coalesced: requests to queue it that found it waiting already, since it ran last (D2)
 * @waiting: other DPCs of the device that wait on @cpu now, behind this run; 0 without
 *	DPCNIC_THROTTLE_WAITING
 * @bound: the bound of its last run, 1..@max of that run. 0: there was none since the policy, or
 *	the one it replaced, was attached; then those below are 0, too.
 * @packets: packets that run took off rings and inboxes, 0..@bound
 * @more_pending: 1 if that run left packets beyond its bound (T2), so this one continues it
 * @run_ns: nanoseconds that run worked, without what completing it took; 0 if unknown, as without
 *	DPCNIC_THROTTLE_TIMES
 *
 * netpoll never asks: it may not receive.
 */
struct dpcnic_throttle_ctx {
	__u32 ifindex;
	__u32 msg;
	__u32 cpu;
	__u32 max;
	__u32 interrupts;
	__u32 coalesced;
	__u32 waiting;
	__u32 bound;
	__u32 packets;
	__u32 more_pending;
	__u64 run_ns;
};

/**
 * enum dpcnic_throttle_flags - what of the context a policy needs, as it is not for free
 * @DPCNIC_THROTTLE_TIMES: run_ns, for two readings of the clock per run
 * @DPCNIC_THROTTLE_WAITING: waiting, for a look at each message's DPC on the CPU
 */
enum dpcnic_throttle_flags {
	DPCNIC_THROTTLE_TIMES	= 1 << 0,
	DPCNIC_THROTTLE_WAITING	= 1 << 1,
};

/**
 * struct dpcnic_throttle_ops - a throttle policy
 * @ifindex: the device it is for, as the network namespace of the attaching task numbers it; set
 *	by the loader before the object is loaded
 * @flags: set of enum dpcnic_throttle_flags
 * @bound: asked at the start of each DPC run of the device, in softirq context on the CPU that
 *	runs it (or in a NAPI kthread, or a busy polling task), not sleeping; several CPUs may ask
 *	at once, but no two for one DPC. Returns how many packets the run may indicate: 0 counts
 *	as 1, above dpcnic_throttle_ctx.max counts as that.
 *
 * To be attached by a BPF link (section ".struct_ops.link"). A device takes one policy: attaching
 * another is refused with EBUSY, updating the link replaces the policy between two runs. When the
 * last reference to the link goes, or it is detached, NAPI's weight is the bound again. When the
 * device goes, the policy stays attached to nothing; the module cannot be unloaded until it goes.
 */
struct dpcnic_throttle_ops {
	__u32 ifindex;
	__u32 flags;
	__u32 (*bound)(struct dpcnic_throttle_ctx *ctx);
};

#ifdef __bpf__
#pragma clang attribute pop
#endif

#endif /* DPCNIC_THROTTLE_ABI_H */
