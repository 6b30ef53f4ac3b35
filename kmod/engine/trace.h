/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoints: the module's public interface for observers (system "dpcnic").
 *
 * Names, order and meaning of the fields are stable; flag and enum values are in trace_abi.h.
 * Arguments are scalars, so that raw tracepoint programs need no BTF. A raw tracepoint takes at
 * most 12 of them, and dpc_run uses all 12.
 *
 * dpc_run alone carries everything a per-(message, CPU) table needs, but what XDP made of packets,
 * which is xdp_run's; the others show the single steps. (dpctool's observer is
 * bpf/observe/observe.bpf.c.) For observers clocks are read only while somebody listens to dpc_run
 * or message_enabled, so a closed tracepoint costs its not-taken jump, and the two stamps their
 * stores, of 0. (A throttle policy may have clocks read, too.)
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dpcnic

#if !defined(DPCNIC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DPCNIC_TRACE_H

#include <linux/tracepoint.h>
#include "trace_abi.h"

/*
 * An interrupt; the last that its handler emits. None of one that is disowned (I8).
 * @ifindex: the device
 * @msg: the message
 * @cpu: the CPU it arrived on
 * @outcome: enum dpcnic_isr_outcome
 * Context: hard IRQ.
 */
TRACE_EVENT(interrupt,
	TP_PROTO(u32 ifindex, u32 msg, u32 cpu, u32 outcome),
	TP_ARGS(ifindex, msg, cpu, outcome),
	TP_STRUCT__entry(
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
		__field(u32, outcome)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->msg = msg;
		__entry->cpu = cpu;
		__entry->outcome = outcome;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u outcome=%s",
		  __entry->ifindex, __entry->msg, __entry->cpu,
		  __print_symbolic(__entry->outcome,
				   { DPCNIC_ISR_DEFAULT, "default" },
				   { DPCNIC_ISR_TARGETS, "targets" },
				   { DPCNIC_ISR_EMPTY, "empty" },
				   { DPCNIC_ISR_LATE, "late" }))
);

/*
 * A DPC was asked for. @cpu is the CPU it is for; @by is enum dpcnic_dpc_by; @coalesced is 1
 * where an entry was waiting already (D2).
 * Context: the queuer's: hard IRQ, or that of dpc_run; there also IRQs off, where a message's last
 * DPC asks its ISR again after a late interrupt.
 */
TRACE_EVENT(dpc_queued,
	TP_PROTO(u32 ifindex, u32 msg, u32 cpu, u32 by, u32 coalesced),
	TP_ARGS(ifindex, msg, cpu, by, coalesced),
	TP_STRUCT__entry(
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
		__field(u32, by)
		__field(u32, coalesced)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->msg = msg;
		__entry->cpu = cpu;
		__entry->by = by;
		__entry->coalesced = coalesced;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u by=%s%s",
		  __entry->ifindex, __entry->msg, __entry->cpu,
		  __print_symbolic(__entry->by,
				   { DPCNIC_BY_ISR, "isr" },
				   { DPCNIC_BY_CALL, "call" },
				   { DPCNIC_BY_MORE, "more" }),
		  __entry->coalesced ? " coalesced" : "")
);

/*
 * A DPC ran; emitted once per run, at its end. netpoll's polls (budget 0) are no runs, and emit
 * nothing.
 * @device: as a raw tracepoint's program gets it: @ifindex in the lower half, @netns in the upper.
 *	Indices are given per network namespace: only both name a device
 * @netns: inode number of its network namespace, as in /proc/PID/ns/net
 * @cpu: the CPU the DPC belongs to; where it ran is the event's own CPU
 * @irq_ns: interrupt that began this batch of DPCs (the message is disabled from here until it
 *	is enabled again); 0 for a run that is part of none (unsolicited, or continuing such a one)
 * @queued_ns: when this run was queued, or the rest that it continues; 0 for one that NAPI kept, or
 *	nobody asked for
 * @started_ns, @ended_ns: the run itself, GRO flush included
 * @packets: packets taken off rings and inboxes, whatever became of them; one that is steered
 *	counts again on the CPU that gets it
 * @bound: the throttle's bound (T1)
 * @interrupts: interrupts of this message on @cpu since the last run of this DPC, late and empty
 *	ones included; where queues share messages also those on the CPU where the batch began,
 *	whose own DPC nobody may have asked for
 * @coalesced: requests since the last run of this DPC that found an entry waiting already (D2)
 * @flags: enum dpcnic_run_flags
 * Does not nest on a CPU, as BHs are disabled: an observer's counters per CPU need no atomics.
 * (With PREEMPT_RT another run may come in between: a BPF program is then skipped, and that is
 * counted.)
 * Context: softirq, or a NAPI kthread, or a busy polling task; BHs disabled.
 */
TRACE_EVENT(dpc_run,
	TP_PROTO(u64 device, u32 msg, u32 cpu, u64 irq_ns, u64 queued_ns,
		 u64 started_ns, u64 ended_ns, u32 packets, u32 bound,
		 u32 interrupts, u32 coalesced, u32 flags),
	TP_ARGS(device, msg, cpu, irq_ns, queued_ns, started_ns, ended_ns,
		packets, bound, interrupts, coalesced, flags),
	TP_STRUCT__entry(
		__field(u64, irq_ns)
		__field(u64, queued_ns)
		__field(u64, started_ns)
		__field(u64, ended_ns)
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
		__field(u32, packets)
		__field(u32, bound)
		__field(u32, interrupts)
		__field(u32, coalesced)
		__field(u32, flags)
		__field(u32, netns)
	),
	TP_fast_assign(
		__entry->irq_ns = irq_ns;
		__entry->queued_ns = queued_ns;
		__entry->started_ns = started_ns;
		__entry->ended_ns = ended_ns;
		__entry->ifindex = (u32)device;
		__entry->msg = msg;
		__entry->cpu = cpu;
		__entry->packets = packets;
		__entry->bound = bound;
		__entry->interrupts = interrupts;
		__entry->coalesced = coalesced;
		__entry->flags = flags;
		__entry->netns = device >> 32;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u irq_ns=%llu queued_ns=%llu started_ns=%llu ended_ns=%llu packets=%u bound=%u interrupts=%u coalesced=%u flags=%s",
		  __entry->ifindex, __entry->msg, __entry->cpu,
		  __entry->irq_ns, __entry->queued_ns,
		  __entry->started_ns, __entry->ended_ns,
		  __entry->packets, __entry->bound,
		  __entry->interrupts, __entry->coalesced,
		  __print_flags(__entry->flags, "|",
				{ DPCNIC_RUN_QUEUED, "queued" },
				{ DPCNIC_RUN_REQUEUED, "requeued" },
				{ DPCNIC_RUN_UNSOLICITED, "unsolicited" },
				{ DPCNIC_RUN_MORE, "more" },
				{ DPCNIC_RUN_ENABLED, "enabled" },
				{ DPCNIC_RUN_FOREIGN, "foreign" },
				{ DPCNIC_RUN_KEPT, "kept" },
				{ DPCNIC_RUN_OVERLONG, "overlong" }))
);

/*
 * What XDP made of packets in one run of a DPC: once per ring and per inbox that it worked on,
 * before its dpc_run; not where there is no program. (@device, @netns: as in dpc_run.)
 * @dropped, @sent, @redirected, @aborted: verdicts of the program (XDP_DROP, XDP_TX,
 *	XDP_REDIRECT, XDP_ABORTED or unknown) on packets of the ring; the rest was passed, indicated
 *	here or @steered. What comes from an inbox had its verdict before: @received alone tells of
 *	it
 * @lost: of @sent and @redirected, those that could not be sent, or that their target did not take
 * @steered: put in the inbox of another CPU (R2)
 * @received: taken from the inbox of this CPU
 * @kept: not sent to the CPU that the program named, to keep a flow in order
 * @inbox_dropped: dropped as the inbox was full (R3)
 * Context: that of dpc_run.
 */
TRACE_EVENT(xdp_run,
	TP_PROTO(u64 device, u32 msg, u32 cpu, u32 dropped, u32 sent, u32 redirected,
		 u32 aborted, u32 lost, u32 steered, u32 received, u32 kept,
		 u32 inbox_dropped),
	TP_ARGS(device, msg, cpu, dropped, sent, redirected, aborted, lost, steered,
		received, kept, inbox_dropped),
	TP_STRUCT__entry(
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
		__field(u32, dropped)
		__field(u32, sent)
		__field(u32, redirected)
		__field(u32, aborted)
		__field(u32, lost)
		__field(u32, steered)
		__field(u32, received)
		__field(u32, kept)
		__field(u32, inbox_dropped)
		__field(u32, netns)
	),
	TP_fast_assign(
		__entry->ifindex = (u32)device;
		__entry->msg = msg;
		__entry->cpu = cpu;
		__entry->dropped = dropped;
		__entry->sent = sent;
		__entry->redirected = redirected;
		__entry->aborted = aborted;
		__entry->lost = lost;
		__entry->steered = steered;
		__entry->received = received;
		__entry->kept = kept;
		__entry->inbox_dropped = inbox_dropped;
		__entry->netns = device >> 32;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u dropped=%u sent=%u redirected=%u aborted=%u lost=%u steered=%u received=%u kept=%u inbox_dropped=%u",
		  __entry->ifindex, __entry->msg, __entry->cpu, __entry->dropped,
		  __entry->sent, __entry->redirected, __entry->aborted, __entry->lost,
		  __entry->steered, __entry->received, __entry->kept,
		  __entry->inbox_dropped)
);

/*
 * A DPC ran longer than the watchdog allows (D6, DPCNIC_DPC_WATCHDOG_MS). @ran_ns: how long, GRO
 * flush included; to the nearest clock tick (1 to 10 ms) unless somebody listens to dpc_run or
 * message_enabled. @packets: what it took in that time. Context: that of dpc_run, which follows
 * with DPCNIC_RUN_OVERLONG.
 */
TRACE_EVENT(dpc_watchdog,
	TP_PROTO(u32 ifindex, u32 msg, u32 cpu, u64 ran_ns, u32 packets),
	TP_ARGS(ifindex, msg, cpu, ran_ns, packets),
	TP_STRUCT__entry(
		__field(u64, ran_ns)
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
		__field(u32, packets)
	),
	TP_fast_assign(
		__entry->ran_ns = ran_ns;
		__entry->ifindex = ifindex;
		__entry->msg = msg;
		__entry->cpu = cpu;
		__entry->packets = packets;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u ran_ns=%llu packets=%u",
		  __entry->ifindex, __entry->msg, __entry->cpu, __entry->ran_ns, __entry->packets)
);

/*
 * The message was masked in the hardware by its ISR (I2).
 * @ifindex, @msg: which; @cpu: where
 * Context: hard IRQ on @cpu.
 */
TRACE_EVENT(message_disabled,
	TP_PROTO(u32 ifindex, u32 msg, u32 cpu),
	TP_ARGS(ifindex, msg, cpu),
	TP_STRUCT__entry(
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->msg = msg;
		__entry->cpu = cpu;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u",
		  __entry->ifindex, __entry->msg, __entry->cpu)
);

/*
 * The message was unmasked in the hardware (I4) by the last of its DPCs, which ran on @cpu; or by
 * the ISR (it asked for none, or all have finished meanwhile, on other CPUs), or by the release of
 * a hold that outlasted them (I9), on @cpu.
 * @ifindex, @msg: which
 * @disabled_ns: how long it had been disabled, 0 where unknown
 * Context: IRQs off: softirq and the like, hard IRQ, or process.
 */
TRACE_EVENT(message_enabled,
	TP_PROTO(u32 ifindex, u32 msg, u32 cpu, u64 disabled_ns),
	TP_ARGS(ifindex, msg, cpu, disabled_ns),
	TP_STRUCT__entry(
		__field(u64, disabled_ns)
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
	),
	TP_fast_assign(
		__entry->disabled_ns = disabled_ns;
		__entry->ifindex = ifindex;
		__entry->msg = msg;
		__entry->cpu = cpu;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u disabled_ns=%llu",
		  __entry->ifindex, __entry->msg, __entry->cpu,
		  __entry->disabled_ns)
);

/*
 * A DPC reached its bound with packets left and queues itself again (T2). Also told by
 * DPCNIC_RUN_MORE in dpc_run; here on its own for those who look for nothing else. Also where a
 * ring rests before another program may have it: with a bound above @packets then.
 * @ifindex, @msg, @cpu: the DPC
 * @bound: the bound (T1), in packets
 * @packets: how many it took, up to that
 * Context: that of dpc_run.
 */
TRACE_EVENT(throttle,
	TP_PROTO(u32 ifindex, u32 msg, u32 cpu, u32 bound, u32 packets),
	TP_ARGS(ifindex, msg, cpu, bound, packets),
	TP_STRUCT__entry(
		__field(u32, ifindex)
		__field(u32, msg)
		__field(u32, cpu)
		__field(u32, bound)
		__field(u32, packets)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->msg = msg;
		__entry->cpu = cpu;
		__entry->bound = bound;
		__entry->packets = packets;
	),
	TP_printk("ifindex=%u msg=%u cpu=%u bound=%u packets=%u",
		  __entry->ifindex, __entry->msg, __entry->cpu,
		  __entry->bound, __entry->packets)
);

#endif /* DPCNIC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH engine
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
