/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What timeline.bpf.h hands to dpctool: one event per DPC run, and the count of those it could not
 * hand over.
 */
#ifndef DPCNIC_OBSERVE_TIMELINE_H
#define DPCNIC_OBSERVE_TIMELINE_H

#include <linux/types.h>

/* Messages and CPUs a filter can name. MSI-X ends at 2048 messages, x86-64 kernels at 8192 CPUs. */
#define TIMELINE_IDS		8192

/**
 * struct timeline_event - one run of a DPC; the fields of dpcnic:dpc_run and where it ran
 * @ran_on: the CPU that ran it; @cpu is the one it belongs to
 * @reserved: 0
 *
 * Recordings (cli/recording.h) hold it as it is here.
 */
struct timeline_event {
	__u64 irq_ns;
	__u64 queued_ns;
	__u64 started_ns;
	__u64 ended_ns;
	__u32 ifindex;
	__u32 msg;
	__u32 cpu;
	__u32 ran_on;
	__u32 packets;
	__u32 bound;
	__u32 interrupts;
	__u32 coalesced;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct timeline_counts - what became of the runs of the watched devices, per CPU
 * @sent: put into the ring
 * @lost: found no room in the ring
 * @filtered: of a message or on a CPU that was not asked for
 */
struct timeline_counts {
	__u64 sent;
	__u64 lost;
	__u64 filtered;
};

#endif /* DPCNIC_OBSERVE_TIMELINE_H */
