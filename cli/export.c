// SPDX-License-Identifier: GPL-2.0
/* "dpctool export": what is observed or was recorded, for other programs. One file per format. */
#include "export.h"

/* What those take that write runs. */
enum {
	RUNS = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL |
	       1 << KEYWORD_RING,
};

/* What takes who is scraped. */
enum {
	SCRAPED = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL |
		  1 << KEYWORD_COUNT | 1 << KEYWORD_TEXTFILE | 1 << KEYWORD_LISTEN |
		  1 << KEYWORD_BY | 1 << KEYWORD_SERIES | 1 << KEYWORD_USER,
};

static const struct verb verbs[] = {
	{ "perfetto", "a timeline for ui.perfetto.dev: tracks of messages and of CPUs, flows from "
		"interrupts to runs, marks where a run was throttled" },
	{ "chrome", "the same as JSON, for viewers that read Chrome's Trace Event Format" },
	{ "csv", "a line per DPC run, for spreadsheets and scripts" },
	{ "prometheus", "counters and histograms, as long as it runs, for Prometheus" },
	{ 0 }
};

/* What each verb runs, and the keywords it takes; in the order of verbs[]. */
static const struct {
	enum exit_code (*run)(const struct request *request);
	unsigned int keywords;
} exports[] = {
	{ export_perfetto, RUNS },
	{ export_chrome, RUNS },
	{ export_csv, RUNS },
	{ export_prometheus, SCRAPED },
};

static enum exit_code run(const struct request *request)
{
	unsigned int other = request->given & ~exports[request->verb].keywords;

	if (other)
		return misgiven(request, verbs[request->verb].name, "takes no such parameter",
				other);
	return exports[request->verb].run(request);
}

static const char *const text[] = {
	"Writes the runs of DPCs to a file that other programs read: those of a recording, with -i "
	"FILE or \"dpctool report -i FILE export ...\", or those seen until the interval is over, "
	"COMMAND has ended or SIGINT comes. Then it says what it wrote, and what it could not.",
	"prometheus is no file of runs: it counts until SIGINT or SIGTERM comes, and serves what it "
	"has counted since it began at http://127.0.0.1:10576/metrics, or where listen says; with "
	"textfile, it writes a file instead, at once, after every interval, and in the end. A file is "
	"replaced, so readers find a whole one; if that fails, it is removed, and dpctool ends. "
	"Before it begins it says how many series that may be. Then it gives up its privileges; a "
	"textfile's directory must be its user's own. Messages (and CPUs) have series from their "
	"first run on.",
	NULL
};

const struct command export_command = {
	.name = "export",
	.help = "the DPC runs as a file for other programs",
	.text = text,
	.verbs = verbs,
	.keywords = RUNS | SCRAPED,
	.takes_command = true,
	.writes_file = true,
	.reads_file = true,
	.observes = true,
	.lowest = LEVEL_1,
	.run = run,
};
