/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms, as "dpctool hist" prints them. */
#ifndef DPCTOOL_HIST_H
#define DPCTOOL_HIST_H

#include "canvas.h"
#include "counters.h"

/** enum hist_verb - the quantities that have one */
enum hist_verb { HIST_LAT, HIST_RUN, HIST_PKTS, HIST_VERBS };

/** hist_draw() - draw that of @entry, counted of @what in @period_ns */
void hist_draw(struct canvas *canvas, enum hist_verb verb, const struct counters_entry *entry,
	       const char *what, __u64 period_ns);

#endif /* DPCTOOL_HIST_H */
