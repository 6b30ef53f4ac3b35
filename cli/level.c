// SPDX-License-Identifier: GPL-2.0
#include <strings.h>

#include "level.h"

const char *const level_names[LEVELS] = { "L0", "L1", "L2", "L3" };

const char *const level_help[LEVELS] = {
	[LEVEL_0] = "/proc and sysfs",
	[LEVEL_1] = "the kernel's tracepoints",
	[LEVEL_2] = "the kernel's tracepoints and functions",
	[LEVEL_3] = "dpcnic's tracepoints",
};

bool level_parse(const char *text, enum level *level)
{
	for (*level = LEVEL_0; *level < LEVELS; ++*level)
		if (!strcasecmp(text, level_names[*level]))
			return true;
	return false;
}
