// SPDX-License-Identifier: GPL-2.0
/* "dpctool export": what is observed or was recorded, for other programs. One file per format. */
#include "export.h"

/* What those take that write runs. */
#define RUNS	(1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL | \
		 1 << KEYWORD_RING)

static const struct verb verbs[] = {
	{ "csv", "a line per DPC run, for spreadsheets and scripts" },
	{ 0 }
};

/* What each verb runs, and the keywords it takes; in the order of verbs[]. */
static const struct {
	enum exit_code (*run)(const struct request *request);
	unsigned int keywords;
} exports[] = {
	{ export_csv, RUNS },
};

static enum exit_code run(const struct request *request)
{
	const char *name = verbs[request->verb].name;

	if (request->given & ~exports[request->verb].keywords)
		return fail(DPCTOOL_USAGE, "dpctool help export",
			    "export: %s: takes no such parameter", name);
	return exports[request->verb].run(request);
}

static const char *const text[] = {
	"Writes the runs of DPCs to a file that other programs read: those of a recording, with -i "
	"FILE or \"dpctool report -i FILE export ...\", or those seen until the interval is over, "
	"COMMAND has ended or SIGINT comes. Then it says what it wrote, and what it could not.",
	NULL
};

const struct command export_command = {
	.name = "export",
	.help = "the DPC runs as a file for other programs",
	.text = text,
	.verbs = verbs,
	.keywords = RUNS,
	.takes_command = true,
	.writes_file = true,
	.reads_file = true,
	.run = run,
};
