/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DPCNIC_OBSERVE_DPC_RUN_BPF_H
#define DPCNIC_OBSERVE_DPC_RUN_BPF_H

#include <linux/types.h>

/*
 * The arguments of tracepoint dpc_run, in order, as a raw tracepoint's program gets them (meaning:
 * kmod/engine/trace.h). Read where they are used, none has to be kept on the stack.
 */
struct dpc_run {
	__u64 device;
	__u64 msg;
	__u64 cpu;
	__u64 irq_ns;
	__u64 queued_ns;
	__u64 started_ns;
	__u64 ended_ns;
	__u64 packets;
	__u64 bound;
	__u64 interrupts;
	__u64 coalesced;
	__u64 flags;
};

#endif /* DPCNIC_OBSERVE_DPC_RUN_BPF_H */
