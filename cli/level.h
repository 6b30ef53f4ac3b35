/* SPDX-License-Identifier: GPL-2.0 */
/* How much of a device can be seen: by its driver, the kernel, and what we may do. */
#ifndef DPCTOOL_LEVEL_H
#define DPCTOOL_LEVEL_H

#include <stdbool.h>

/** enum level - what the figures of a device come from; each level has all that is below it */
enum level {
	LEVEL_0,	/* /proc and sysfs: interrupts, and nothing else */
	LEVEL_1,	/* the kernel's tracepoints: runs, packets; times where they are certain */
	LEVEL_2,	/* and its functions: who queued which run, and when */
	LEVEL_3,	/* dpcnic's own tracepoints */
	LEVELS
};

/* The names: "L0" ... */
extern const char *const level_names[LEVELS];

/* What each of them is, in a few words. */
extern const char *const level_help[LEVELS];

/** level_parse() - the level that @text names */
bool level_parse(const char *text, enum level *level);

#endif /* DPCTOOL_LEVEL_H */
