/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What an observer needs to read the dpcnic tracepoints beyond the field names: the values of
 * their flag and enum fields. Included by the kernel module, by the BPF programs and by dpctool;
 * values are stable, new ones are added at the end.
 *
 * All times are CLOCK_MONOTONIC nanoseconds (what bpf_ktime_get_ns() returns). A time is 0 where
 * nobody listened yet when the stamp was due: unknown, not "at boot".
 */
#ifndef DPCNIC_TRACE_ABI_H
#define DPCNIC_TRACE_ABI_H

/* A DPC that runs longer than so many milliseconds is counted and traced (D6). */
#define DPCNIC_DPC_WATCHDOG_MS	20

/**
 * enum dpcnic_isr_outcome - what an interrupt led to (field "outcome" of dpcnic:interrupt)
 * @DPCNIC_ISR_DEFAULT: the ISR asked for one DPC on the interrupted CPU (I3,
 *	QueueDefaultInterruptDpc)
 * @DPCNIC_ISR_TARGETS: the ISR asked for DPCs on a set of CPUs (I3, TargetProcessors)
 * @DPCNIC_ISR_EMPTY: nothing to do; no DPC, the message was enabled again at once (I3), unless it
 *	is held (I9)
 * @DPCNIC_ISR_LATE: the message was already disabled; the interrupt was on its way when the mask
 *	was written (I4)
 */
enum dpcnic_isr_outcome {
	DPCNIC_ISR_DEFAULT	= 0,
	DPCNIC_ISR_TARGETS	= 1,
	DPCNIC_ISR_EMPTY	= 2,
	DPCNIC_ISR_LATE		= 3,
};

/**
 * enum dpcnic_dpc_by - who queued a DPC (field "by" of dpcnic:dpc_queued)
 * @DPCNIC_BY_ISR: the ISR's verdict; or a late interrupt, if an entry waits already
 * @DPCNIC_BY_CALL: dpcnic_dpc_queue(), from an ISR or from a DPC
 * @DPCNIC_BY_MORE: the DPC itself, because its throttle left packets behind (T2)
 */
enum dpcnic_dpc_by {
	DPCNIC_BY_ISR		= 0,
	DPCNIC_BY_CALL		= 1,
	DPCNIC_BY_MORE		= 2,
};

/**
 * enum dpcnic_run_flags - how a DPC run came about and ended (field "flags" of dpcnic:dpc_run)
 * @DPCNIC_RUN_QUEUED: an entry waited: the ISR or dpcnic_dpc_queue() queued this run. Every
 *	queueing that did not coalesce leads to exactly one such run.
 * @DPCNIC_RUN_REQUEUED: it continues a run that had more pending (T2)
 * @DPCNIC_RUN_UNSOLICITED: a poll that no ISR or DPC asked for (busy poll, NAPI's watchdog); never
 *	enables the message (I4)
 * @DPCNIC_RUN_MORE: ended by its bound with packets left (T2), or with a ring that rests before
 *	another program may have it
 * @DPCNIC_RUN_ENABLED: was the last outstanding DPC of its message and enabled it (I4)
 * @DPCNIC_RUN_FOREIGN: ran on another CPU than the one it was queued for (busy poll, an unbound
 *	kthread)
 * @DPCNIC_RUN_KEPT: NAPI runs a DPC again that it did not let go, and which is outstanding still
 *	(gro_flush_timeout, a late interrupt while it ran, or queued while it ran and had more)
 * @DPCNIC_RUN_OVERLONG: ran longer than the watchdog allows (D6)
 *
 * Each run has exactly one of QUEUED, REQUEUED, KEPT and UNSOLICITED.
 */
enum dpcnic_run_flags {
	DPCNIC_RUN_QUEUED	= 1 << 0,
	DPCNIC_RUN_REQUEUED	= 1 << 1,
	DPCNIC_RUN_UNSOLICITED	= 1 << 2,
	DPCNIC_RUN_MORE		= 1 << 3,
	DPCNIC_RUN_ENABLED	= 1 << 4,
	DPCNIC_RUN_FOREIGN	= 1 << 5,
	DPCNIC_RUN_KEPT		= 1 << 6,
	DPCNIC_RUN_OVERLONG	= 1 << 7,
};

#endif /* DPCNIC_TRACE_ABI_H */
