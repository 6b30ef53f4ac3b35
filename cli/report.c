// SPDX-License-Identifier: GPL-2.0
/*
 * "dpctool report": the word that makes other commands read a recording (args.c). The reading is
 * theirs: observed.c, trace.c.
 */
#include <stddef.h>

#include "args.h"

static const struct verb verbs[] = {
	{ "show", "the table of messages and CPUs (default)" },
	{ "top", "the same, on a screen" },
	{ "trace", "one line per DPC run" },
	{ "hist", "a histogram" },
	{ "heat", "a map of messages and CPUs" },
	{ "check", "are all figures within limits, and if not, why?" },
	{ "export", "a file for other programs" },
	{ 0 }
};

static const char *const text[] = {
	"Does what the command that follows does, with its words, from the file that \"dpctool "
	"record\" has written, at any time and on any host: \"dpctool report -i run.rec hist lat "
	"dev eth0\". No privilege and no dpcnic is needed.",
	NULL
};

const struct command report_command = {
	.name = "report",
	.help = "what was recorded, as show, top, trace, hist, heat, check or export would tell it",
	.text = text,
	.verbs = verbs,
	.reads_file = true,
};
