/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What generic.bpf.c and dpctool tell each other about network devices of any driver: dpctool which
 * IRQs are theirs; the programs which NAPI instances they saw, on which CPUs, and who started them.
 */
#ifndef DPCNIC_OBSERVE_GENERIC_ABI_H
#define DPCNIC_OBSERVE_GENERIC_ABI_H

#include <linux/types.h>

/* In place of an IRQ: there are several, so none can be named. */
#define GENERIC_SEVERAL		(~0U)

/**
 * struct generic_irq - element of map irqs, by the kernel's number of the IRQ
 * @index: of its counts in map arrivals, plus 1; 0 if it is no watched device's
 * @device: whose it is: index in devices[]; of a line that several share, one of them
 */
struct generic_irq {
	__u32 index;
	__u32 device;
};

/**
 * struct generic_napi - element of map napis: a NAPI instance; those of a device stand together, in
 * the order they were first seen
 * @device: index in devices[]
 * @id: the kernel's number of it; 0 if it has none
 * @irq: the IRQ whose handler was seen to schedule it; 0 if none was
 * @queued_on: CPU on which it was scheduled last
 * @coalesced: requests that found it scheduled, since its last run; several CPUs add to it
 * @more: its last run used its budget up, so the next one continues it
 * @began: it was seen to begin a run
 * @reserved: 0
 * @address: where it is, in the kernel
 * @ran_at: where it ran last: the CPU in the upper half, in the lower the index of its entry there,
 *	plus 1; 0 before its first run. Written as one: a run is counted when others may have it
 *	already
 * @queued_ns: when it was scheduled; 0 if it is not, or that was not seen
 * @irq_ns: the interrupt whose handler did it, or 0
 * @ended_ns: with @more: when its last run ended
 *
 * But for @coalesced and @ran_at only who has it scheduled writes it.
 */
struct generic_napi {
	__u32 device;
	__u32 id;
	__u32 irq;
	__u32 queued_on;
	__u32 coalesced;
	__u32 more;
	__u32 began;
	__u32 reserved;
	__u64 address;
	__u64 ran_at;
	__u64 queued_ns;
	__u64 irq_ns;
	__u64 ended_ns;
};

/**
 * struct generic_id - key of map ids: a NAPI instance as the kernel tells it from others
 * @device: index in devices[]
 * @id: the kernel's number of it
 */
struct generic_id {
	__u32 device;
	__u32 id;
};

/**
 * struct generic_place - a NAPI instance on a CPU: key of map places, and element of map rows,
 * which tells whose the entry of the same index is
 * @napi: index in map napis, plus 1; 0 if nothing is there yet. Written last
 * @cpu: the CPU
 */
struct generic_place {
	__u32 napi;
	__u32 cpu;
};

#endif /* DPCNIC_OBSERVE_GENERIC_ABI_H */
