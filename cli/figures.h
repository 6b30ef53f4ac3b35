/* SPDX-License-Identifier: GPL-2.0 */
/* What dpctool tells of a message's DPCs on one CPU, and how that comes from what was counted. */
#ifndef DPCTOOL_FIGURES_H
#define DPCTOOL_FIGURES_H

#include "counters.h"
#include "level.h"
#include "output.h"

/** enum figure - the figures; what each of them is stands in figures[] */
enum figure {
	FIGURE_DEV, FIGURE_MSG, FIGURE_IRQ, FIGURE_NAPI, FIGURE_CPU, FIGURE_INTR,
	FIGURE_QUEUED, FIGURE_COAL, FIGURE_RUN, FIGURE_LAT_AVG, FIGURE_LAT_P99, FIGURE_LAT_MAX,
	FIGURE_RUN_AVG, FIGURE_RUN_P99, FIGURE_RUN_MAX, FIGURE_PKTS, FIGURE_THROT,
	FIGURE_DISABLED, FIGURE_DISABLED_PPM, FIGURE_XDP_DROP, FIGURE_XDP_TX, FIGURE_XDP_REDIR,
	FIGURE_XDP_ABORT, FIGURE_XDP_LOST, FIGURE_STEER_OUT, FIGURE_STEER_IN,
	FIGURE_STEER_KEPT, FIGURE_INBOX_DROP, FIGURE_REQUEUED, FIGURE_KEPT, FIGURE_UNSOL,
	FIGURE_ENABLED, FIGURE_FOREIGN, FIGURE_OVERLONG, FIGURE_UNSTAMPED,
	FIGURES
};

extern const struct field figures[FIGURES];

/** figures_of_level() - the set of figures that are known at @level, 1 << enum figure */
__u64 figures_of_level(enum level level);

/**
 * figures_fill() - fill in all figures but those that name the row
 * @values: by enum figure
 * @entry: what was counted
 * @known: the set of figures that are known; the others become unknown values
 * @period_ns: in this time
 * @messages: how many messages it is about
 */
void figures_fill(struct value *values, const struct counters_entry *entry, __u64 known,
		  __u64 period_ns, __u32 messages);

#endif /* DPCTOOL_FIGURES_H */
