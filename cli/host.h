/* SPDX-License-Identifier: GPL-2.0 */
/* What keeps the host's CPUs from DPCs: interrupts, ksoftirqd, the hypervisor. */
#ifndef DPCTOOL_HOST_H
#define DPCTOOL_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct host_cpu - what a CPU did; 0 also where the kernel does not tell
 * @online: it was online when that was read
 * @ksoftirqd_ns: how long its ksoftirqd ran
 * @ksoftirqd_wait_ns: how long that waited for the CPU, ready to run
 * @stolen_ns: how long the hypervisor had the CPU run something else
 */
struct host_cpu {
	bool online;
	__u64 ksoftirqd_ns;
	__u64 ksoftirqd_wait_ns;
	__u64 stolen_ns;
};

/**
 * struct host_irq - an IRQ
 * @irq: its number
 * @counts: its interrupts, by CPU
 * @actions: what /proc/interrupts calls it; NULL if nobody wants it, or before host_since()
 */
struct host_irq {
	__u32 irq;
	__u64 *counts;
	char *actions;
};

/**
 * struct host_load - what all CPUs did, since boot or in a time
 * @time_ns: when that was read, CLOCK_MONOTONIC; or the time
 * @cpu_count: how many CPUs there can be
 * @cpus: they
 * @irq_count: how many IRQs there are
 * @irqs: they
 */
struct host_load {
	__u64 time_ns;
	__u32 cpu_count;
	struct host_cpu *cpus;
	size_t irq_count;
	struct host_irq *irqs;
};

/** host_read() - what @cpus CPUs did since boot; free it also if there is no memory for all */
bool host_read(struct host_load *load, __u32 cpus);

/** host_read_interrupts() - only the interrupts; the same otherwise */
bool host_read_interrupts(struct host_load *load, __u32 cpus);

/**
 * host_since() - leave in @load what it has more than @before, which was read earlier; nothing of a
 * CPU that was not online then. Names the IRQs.
 */
void host_since(struct host_load *load, const struct host_load *before);

/** host_busiest() - the IRQ other than @except with the most interrupts on @cpu, or NULL */
const struct host_irq *host_busiest(const struct host_load *load, __u32 cpu, __u64 except);

/** host_free() - free what host_read() filled in */
void host_free(struct host_load *load);

#endif /* DPCTOOL_HOST_H */
