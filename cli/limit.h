/* SPDX-License-Identifier: GPL-2.0 */
/* What "dpctool check" holds figures against: "lat-p99=50us,throt=5%,overlong=0". */
#ifndef DPCTOOL_LIMIT_H
#define DPCTOOL_LIMIT_H

#include "figures.h"
#include "units.h"

/*
 * Without limits of the user's: what a DPC should keep to anywhere.
 *
 * run-p99: Windows driver guidance gives a DPC 100us, after which it keeps everything else of its
 * CPU waiting. lat-p99: ten of those, and about what a ring of 1024 descriptors takes of the
 * shortest packets at 1 Gb/s (0.7ms) before it overflows. overlong: the driver's own watchdog, at
 * 20ms. The rest are packets lost.
 */
#define LIMITS_DEFAULT	"lat-p99=1ms,run-p99=100us,overlong=0,inbox-drop=0,xdp-abort=0,xdp-lost=0"

/**
 * struct limit_figure - a figure that can have a limit
 * @name: its name in limits
 * @figure: the figure of a row
 * @whole: the figure it may be a share of, or FIGURE_DEV where there is no such
 */
struct limit_figure {
	const char *name;
	enum figure figure;
	enum figure whole;
};

extern const struct limit_figure limit_figures[];	/* terminated by an empty one */

/** struct limit - the most that a figure may be */
struct limit {
	const struct limit_figure *of;
	struct amount most;
};

#define LIMITS_MAX	32

/** struct limits - limits in the order they were given, each of another figure */
struct limits {
	size_t count;
	struct limit limits[LIMITS_MAX];
};

/** limits_parse() - fill @limits from FIGURE=VALUE with commas between */
enum exit_code limits_parse(struct limits *limits, const char *text);

/** limit_value() - what the figure is in the row of @values, in the unit of @limit */
struct value limit_value(const struct limit *limit, const struct value *values);

#endif /* DPCTOOL_LIMIT_H */
