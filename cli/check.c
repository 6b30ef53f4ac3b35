// SPDX-License-Identifier: GPL-2.0
/* "dpctool check": are all figures within their limits? For people, scripts and cron. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ability.h"
#include "args.h"
#include "attach.h"
#include "cause.h"
#include "distribution.h"
#include "observed.h"
#include "utf8.h"

/* Keys of the rows in JSON: each is one figure over its limit. */
static const struct field fields[] = {
	{ .key = "dev", .help = "the network device" },
	{ .key = "msg", .help = "the message" },
	{ .key = "irq", .help = "its IRQ" },
	{ .key = "napi", .help = "not at L3: the kernel's number of the NAPI instance" },
	{ .key = "cpu", .help = "the CPU that ran the DPCs" },
	{ .key = "runs", .help = "how many runs the figure is of" },
	{ .key = "figure", .help = "the figure that is over its limit, by its name in LIMITS" },
	{ .key = "unit",
	  .help = "what value and limit are counted in: ns, ppm (parts per million) or count" },
	{ .key = "value", .help = "what it is" },
	{ .key = "limit", .help = "what it may be at most" },
	{ .key = "cause", .help = cause_help },
	{ .key = "likely", .help = "the same as a sentence, with what was seen" },
	{ .key = "try", .help = "what to do about it, or to look at next" },
};

/* The outcome, by exit status. */
static const char *const verdicts[DPCTOOL_CODES] = {
	[DPCTOOL_OK] = "ok",
	[DPCTOOL_CHECK] = "failed",
	[DPCTOOL_NOTHING] = "nothing",
};

/* Units in JSON. */
static const char *const units[] = {
	[UNIT_COUNT] = "count",
	[UNIT_TIME] = "ns",
	[UNIT_SHARE] = "ppm",
};

/**
 * struct check - a check being made
 * @observed: what was observed
 * @limits: the limits
 * @tested: by limit: in how many rows its figure was known
 * @rows: a row for each message and CPU that had a run, also those not asked for: they may be why
 *	others fail
 * @row_count: how many
 * @runs: of the rows asked for, the sum
 * @messages: of them, how many there are
 * @failed: of these, how many are over a limit
 * @violations: the rows of the JSON document, NULL in text
 * @has_before: there was memory for @before
 * @before: what the CPUs had done when it began
 * @since: what they did since
 * @host: the same, or what was recorded
 */
struct check {
	struct observed *observed;
	struct limits limits;
	size_t tested[LIMITS_MAX];
	struct row *rows;
	size_t row_count;
	__u64 runs;
	unsigned int messages;
	unsigned int failed;
	json_t *violations;
	bool has_before;
	struct host_load before;
	struct host_load since;
	const struct host_load *host;
};

/* observe_with() hands on nothing of ours. */
static struct check check;

static __u64 number(const struct row *row, enum figure figure)
{
	return row->values[figure].number;
}

static struct row *add_row(void)
{
	struct row *rows = realloc(check.rows, (check.row_count + 1) * sizeof(*rows));

	if (!rows)
		return NULL;
	check.rows = rows;
	rows[check.row_count] = (struct row){ 0 };
	return &rows[check.row_count++];
}

static bool take_device(size_t slot, const struct row_id *ids)
{
	const struct device *device = &check.observed->list.devices[slot];
	struct counting *counting = check.observed->counting;
	struct counters_entry entry;
	struct row *row;

	for (__u32 i = 0; i < device->messages; i++) {
		for (__u32 cpu = 0; cpu < counting_cpus(counting); cpu++) {
			counting_take(counting, slot, i, cpu, &entry);
			if (!entry_runs(&entry, 0))
				continue;
			row = add_row();
			if (!row)
				return false;
			row->values[FIGURE_DEV] = value_text(device->name);
			row->level = device->level;
			row->values[FIGURE_MSG] = ids[i].msg;
			row->values[FIGURE_IRQ] = ids[i].irq;
			row->values[FIGURE_NAPI] = ids[i].napi;
			row->values[FIGURE_CPU] = value_number(cpu);
			figures_fill(row->values, &entry, ids[i].known,
				     check.observed->period_ns, 1);
		}
	}
	return true;
}

static bool take_rows(void)
{
	bool ok = true;

	for (size_t slot = 0; ok && slot < check.observed->list.count; slot++)
		ok = take_device(slot, check.observed->rows[slot].ids);
	return ok;
}

static bool is_asked_for(const struct row *row)
{
	const struct request *request = check.observed->request;

	const struct row_id id = { .msg = row->values[FIGURE_MSG] };

	return row_is_of(&id, &request->msgs) &&
	       id_set_has(&request->cpus, (__u32)number(row, FIGURE_CPU));
}

static bool is_over(const struct limit *limit, const struct row *row)
{
	struct value value = limit_value(limit, row->values);

	return value.known && value.number > limit->most.number;
}

static void find_cause(struct cause *cause, const struct limit *limit, const struct row *row)
{
	struct suspicion suspicion = {
		.row = row,
		.limit = limit,
		.rows = check.rows,
		.row_count = check.row_count,
		.host = check.host,
		.period_ns = check.observed->period_ns,
	};

	cause_find(cause, &suspicion);
}

static json_t *violation_json(const struct limit *limit, const struct row *row)
{
	struct cause cause;

	find_cause(&cause, limit, row);
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:s, s:s, s:I, s:I, s:s?, s:o, s:o}",
			 "dev", utf8_json(row->values[FIGURE_DEV].text),
			 "msg", number_json(row->values[FIGURE_MSG]),
			 "irq", number_json(row->values[FIGURE_IRQ]),
			 "napi", number_json(row->values[FIGURE_NAPI]),
			 "cpu", (json_int_t)number(row, FIGURE_CPU),
			 "runs", (json_int_t)number(row, FIGURE_RUN),
			 "figure", limit->of->name,
			 "unit", units[limit->most.unit],
			 "value", (json_int_t)limit_value(limit, row->values).number,
			 "limit", (json_int_t)limit->most.number,
			 "cause", cause.key, "likely", utf8_json(cause.likely),
			 "try", utf8_json(cause.try));
}

/* "lat-p99 88.0us > 50.0us" */
static void print_violation(const struct limit *limit, const struct row *row)
{
	struct amount amount = { limit->most.unit, limit_value(limit, row->values).number };
	char value[32], most[32];

	format_amount(value, sizeof(value), &amount);
	format_amount(most, sizeof(most), &limit->most);
	printf("%s %s > %s", limit->of->name, value, most);
}

static const char *cause_key(const struct limit *limit, const struct row *row)
{
	struct cause cause;

	find_cause(&cause, limit, row);
	return cause.key;
}

/* Was it told already, as it has the same cause as an earlier limit that the row is over? */
static bool is_told(const struct limit *limit, const struct row *row)
{
	for (const struct limit *i = check.limits.limits; i < limit; i++)
		if (is_over(i, row) && cause_key(i, row) == cause_key(limit, row))
			return true;
	return false;
}

/* One line: all figures of the row that have the same cause as that of @first. */
static void print_cause(const struct limit *first, const struct row *row)
{
	const struct limit *end = check.limits.limits + check.limits.count;
	const char *separator = ": ";
	struct cause cause;

	find_cause(&cause, first, row);
	printf("FAIL %s %s cpu %llu", row->values[FIGURE_DEV].text, row_label(row),
	       number(row, FIGURE_CPU));
	for (const struct limit *i = first; i < end; i++) {
		if (!is_over(i, row) || cause_key(i, row) != cause.key)
			continue;
		fputs(separator, stdout);
		print_violation(i, row);
		separator = ", ";
	}
	printf(" (n=%llu). %s %s. Try: %s.\n", number(row, FIGURE_RUN),
	       cause.key ? "Likely:" : "Likely", cause.likely, cause.try);
}

/* Tests the row; tells in text or JSON if it is over a limit. */
static bool test_row(const struct row *row)
{
	bool failed = false;

	for (size_t i = 0; i < check.limits.count; i++) {
		const struct limit *limit = &check.limits.limits[i];

		check.tested[i] += limit_value(limit, row->values).known;
		if (!is_over(limit, row))
			continue;
		failed = true;
		if (check.violations)
			json_array_append_new(check.violations, violation_json(limit, row));
		else if (!is_told(limit, row))
			print_cause(limit, row);
	}
	return failed;
}

static bool is_same_message(const struct row *one, const struct row *other)
{
	return !strcmp(one->values[FIGURE_DEV].text, other->values[FIGURE_DEV].text) &&
	       number(one, FIGURE_MSG) == number(other, FIGURE_MSG) &&
	       number(one, FIGURE_NAPI) == number(other, FIGURE_NAPI);
}

/* Rows of a message stand side by side. */
static void test_rows(void)
{
	const struct row *last = NULL;
	bool failed = false;

	for (size_t i = 0; i < check.row_count; i++) {
		const struct row *row = &check.rows[i];

		if (!is_asked_for(row))
			continue;
		if (!last || !is_same_message(last, row)) {
			check.messages++;
			failed = false;
		}
		if (test_row(row)) {
			check.failed += !failed;
			failed = true;
		}
		check.runs += number(row, FIGURE_RUN);
		last = row;
	}
}

/* Does the level of any device know that figure? */
static bool is_known(enum figure figure)
{
	for (size_t i = 0; i < check.observed->list.count; i++)
		if (figures_of_level(check.observed->list.devices[i].level) & 1ULL << figure)
			return true;
	return false;
}

/*
 * The first limit whose figure no row knew, NULL if there is none. Where we chose the limits, those
 * that nothing here can tell of are left out.
 */
static const struct limit *untested(void)
{
	bool chosen = check.observed->request->max;

	for (size_t i = 0; i < check.limits.count; i++)
		if (!check.tested[i] &&
		    (!check.runs || chosen || is_known(check.limits.limits[i].of->figure)))
			return &check.limits.limits[i];
	return NULL;
}

/* A limit that nothing was held against does not hold. */
static enum exit_code outcome(void)
{
	if (check.failed)
		return DPCTOOL_CHECK;
	return untested() ? DPCTOOL_NOTHING : DPCTOOL_OK;
}

static void print_limits(void)
{
	const char *separator = "";
	char most[32];

	for (size_t i = 0; i < check.limits.count; i++) {
		if (!check.tested[i])
			continue;
		format_amount(most, sizeof(most), &check.limits.limits[i].most);
		printf("%s%s <= %s", separator, check.limits.limits[i].of->name, most);
		separator = ", ";
	}
}

static void print_verdict(enum exit_code code)
{
	char period[32];

	format_duration(period, sizeof(period), check.observed->period_ns);
	printf("%s: ", verdicts[code]);
	if (code == DPCTOOL_CHECK)
		printf("%u of ", check.failed);
	printf("%u messages, %llu runs in %s, lost %llu", check.messages, check.runs, period,
	       check.observed->lost);
	if (code == DPCTOOL_OK) {
		printf(", all within limits (");
		print_limits();
		putchar(')');
	} else if (code == DPCTOOL_NOTHING && check.runs) {
		printf(": no run tells of %s", untested()->of->name);
	} else if (code == DPCTOOL_NOTHING) {
		printf(": no DPC ran, so nothing was checked");
	}
	puts(code == DPCTOOL_NOTHING ? ". Try: again with traffic, or a longer interval" : "");
	ability_print(&check.observed->list);
}

static json_t *limits_json(void)
{
	json_t *limits = json_array();

	for (size_t i = 0; i < check.limits.count; i++) {
		const struct limit *limit = &check.limits.limits[i];

		json_array_append_new(limits, json_pack("{s:s, s:s, s:I, s:I}",
							"figure", limit->of->name,
							"unit", units[limit->most.unit],
							"limit", (json_int_t)limit->most.number,
							"tested", (json_int_t)check.tested[i]));
	}
	return limits;
}

static void print_document(enum exit_code code)
{
	struct observed *observed = check.observed;
	json_t *document = observed_document(observed);

	json_object_set_new(document, "verdict", json_string(verdicts[code]));
	json_object_set_new(document, "messages", json_integer(check.messages));
	json_object_set_new(document, "runs", json_integer((json_int_t)check.runs));
	json_object_set_new(document, "limits", limits_json());
	json_object_set_new(document, "rows", check.violations);
	json_print(document, observed->request->format == OUTPUT_PRETTY);
}

/* Loading the program takes its time: what the CPUs did until then is no cause of anything. */
static void begin(void)
{
	check.has_before = host_read(&check.before, attach_cpus());
}

/* What the CPUs did while the figures were observed. */
static bool take_host(void)
{
	check.host = check.observed->load;
	if (check.host)
		return true;
	if (!check.has_before || !host_read(&check.since, attach_cpus()))
		return false;
	host_since(&check.since, &check.before);
	check.host = &check.since;
	return true;
}

static enum exit_code print_all(struct observed *observed)
{
	enum exit_code code, ended;

	check.observed = observed;
	if (!take_host() || !take_rows())
		return fail(DPCTOOL_REFUSED, "with fewer devices", "check: out of memory");
	if (observed->request->format != OUTPUT_TEXT)
		check.violations = json_array();
	test_rows();
	code = outcome();
	if (check.violations)
		print_document(code);
	else
		print_verdict(code);
	/* Runs that were lost cannot make good what others did. */
	ended = output_end(observed->request->strict && code != DPCTOOL_CHECK, observed->lost);
	return ended ? ended : code;
}

static enum exit_code run(const struct request *request)
{
	enum exit_code code;

	code = limits_parse(&check.limits, request->max ? request->max : LIMITS_DEFAULT);
	if (!code)
		code = observe_with(request, begin, print_all);
	host_free(&check.before);
	host_free(&check.since);
	free(check.rows);
	return code;
}

static const char *const text[] = {
	"Observes for the interval (default 1s), or while COMMAND runs, and holds the figures of "
	"every message and CPU that ran a DPC meanwhile against limits. Prints a line for those "
	"over theirs, with the likely cause, as far as it was seen in the same time, and a verdict; "
	"exits with status 6 if there are such, and with 8 if there was nothing to check.",
	"LIMITS are FIGURE=VALUE with commas between. Of times, with their unit: lat-avg, lat-p99, "
	"lat-max (from queued to started), run-avg, run-p99, run-max (from started to ended). In "
	"per cent of the time: disabled (the message was). Numbers: intr, runs, pkts. Numbers, or "
	"per cent of the runs: throt (ended by their bound with packets left), coal, kept, unsol, "
	"foreign, overlong. Numbers, or per cent of the packets: inbox-drop, xdp-abort, xdp-lost. "
	"They are those of \"dpctool show\", whose help says what each is; a p99 may be up to a "
	"quarter too high there, so a check of one may fail early, but never late.",
	"What a device's level cannot know (see \"dpctool feature\") keeps no limit that max gives, and "
	"the check ends with status 8; of those below, it is left out.",
	"Without max they are " LIMITS_DEFAULT ": Windows lets a DPC run for 100us; it may wait "
	"for ten of those; overlong is the driver's own watchdog, and the rest is packets lost.",
	NULL
};

const struct command check_command = {
	.name = "check",
	.help = "are all figures within limits, and if not, why?",
	.text = text,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU |
		    1 << KEYWORD_INTERVAL | 1 << KEYWORD_MAX,
	.takes_command = true,
	.reads_file = true,
	.observes = true,
	.lowest = LEVEL_1,
	.fields = fields,
	.field_count = sizeof(fields) / sizeof(fields[0]),
	.run = run,
};
