// SPDX-License-Identifier: GPL-2.0
/*
 * Watches the contract event by event; what breaks a rule is counted in broken_*.
 *
 * Raw tracepoints, because the kernel leaves out a program on an ordinary one while another runs on
 * that CPU, or a map is read there. Variables with a plain value are written by one at a time: the
 * driver orders those events, and a DPC's CPU runs no other meanwhile.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "trace_abi.h"

#define MSGS	64
#define CPUS	64
#define IRQS	1024
#define COUNT(what) __sync_fetch_and_add(&(what), 1)

/* common.sh takes the variables by their names. */
__u64 handled[IRQS];
__u64 interrupts[MSGS], disabled[MSGS], enabled[MSGS], is_disabled[MSGS];
__u64 runs_on[CPUS], bound_on[CPUS], most_on[CPUS];
__u64 queued_elsewhere, nothing_left;
__u64 broken_i4_disabled_twice, broken_i4_enabled_twice, broken_i4_enabled_unasked;
__u64 broken_t1_over_bound, broken_t2_more_below_bound, broken_t2_enabled_with_more;
__u64 broken_d2_cause, broken_d5_elsewhere;

SEC("raw_tp/irq_handler_entry")
int BPF_PROG(see_irq, __u32 irq)
{
	COUNT(handled[irq % IRQS]);
	return 0;
}

SEC("raw_tp/interrupt")
int BPF_PROG(see_interrupt, __u32 ifindex, __u32 msg)
{
	COUNT(interrupts[msg % MSGS]);
	return 0;
}

SEC("raw_tp/message_disabled")
int BPF_PROG(see_disabled, __u32 ifindex, __u32 msg)
{
	if (is_disabled[msg % MSGS])
		COUNT(broken_i4_disabled_twice);
	is_disabled[msg % MSGS] = 1;
	COUNT(disabled[msg % MSGS]);
	return 0;
}

SEC("raw_tp/message_enabled")
int BPF_PROG(see_enabled, __u32 ifindex, __u32 msg)
{
	if (!is_disabled[msg % MSGS])
		COUNT(broken_i4_enabled_twice);
	is_disabled[msg % MSGS] = 0;
	COUNT(enabled[msg % MSGS]);
	return 0;
}

/*
 * Not counted: where an interrupt queues in the middle of a DPC that queues itself, the kernel
 * leaves out the second.
 */
SEC("raw_tp/dpc_queued")
int BPF_PROG(see_queued, __u32 ifindex, __u32 msg, __u32 cpu)
{
	if (cpu != bpf_get_smp_processor_id())
		COUNT(queued_elsewhere);
	return 0;
}

SEC("raw_tp/dpc_run")
int BPF_PROG(see_run, __u32 ifindex, __u32 msg, __u32 cpu, __u64 irq_ns, __u64 queued_ns,
	     __u64 started_ns, __u64 ended_ns, __u32 packets, __u32 bound, __u32 by_interrupts,
	     __u32 coalesced, __u32 flags)
{
	__u32 causes = flags & (DPCNIC_RUN_QUEUED | DPCNIC_RUN_REQUEUED | DPCNIC_RUN_KEPT |
				DPCNIC_RUN_UNSOLICITED);
	__u32 here = bpf_get_smp_processor_id(), elsewhere = cpu != here;

	COUNT(runs_on[cpu % CPUS]);
	if (bound_on[here % CPUS] < bound)
		bound_on[here % CPUS] = bound;
	if (most_on[here % CPUS] < packets)
		most_on[here % CPUS] = packets;

	if (!causes || (causes & (causes - 1)))
		COUNT(broken_d2_cause);
	if (packets > bound)
		COUNT(broken_t1_over_bound);
	if (flags & DPCNIC_RUN_MORE && packets != bound)
		COUNT(broken_t2_more_below_bound);
	if (flags & DPCNIC_RUN_MORE && flags & DPCNIC_RUN_ENABLED)
		COUNT(broken_t2_enabled_with_more);
	/* T3, where every packet takes one descriptor: more was left, so the next run finds it */
	if (flags & DPCNIC_RUN_REQUEUED && !packets)
		COUNT(nothing_left);
	if (flags & DPCNIC_RUN_UNSOLICITED && flags & DPCNIC_RUN_ENABLED)
		COUNT(broken_i4_enabled_unasked);
	if (elsewhere != !!(flags & DPCNIC_RUN_FOREIGN))
		COUNT(broken_d5_elsewhere);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
