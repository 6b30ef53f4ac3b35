/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time stamps, taken only while somebody listens to a tracepoint that carries them: reading the
 * clock is what an observer costs most.
 */
#ifndef DPCNIC_STAMP_H
#define DPCNIC_STAMP_H

#include <linux/timekeeping.h>

#include "trace.h"

/* CLOCK_MONOTONIC in ns, as bpf_ktime_get_ns() reads it; 0 while nobody listens. Context: any. */
static __always_inline u64 dpcnic_stamp(void)
{
	if (trace_dpc_run_enabled() || trace_message_enabled_enabled())
		return ktime_get_mono_fast_ns();
	return 0;
}

/*
 * ns since a stamp; 0 if nobody listened then, or does now: whoever asks may have seen a listener
 * a moment ago, as the tracepoints are not switched all at once. Context: any.
 */
static __always_inline u64 dpcnic_since(u64 stamp)
{
	u64 now = dpcnic_stamp();

	return stamp && now > stamp ? now - stamp : 0;
}

#endif /* DPCNIC_STAMP_H */
