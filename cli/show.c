// SPDX-License-Identifier: GPL-2.0
/* "dpctool show": one row per message and CPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ability.h"
#include "args.h"
#include "counting.h"
#include "distribution.h"
#include "figures.h"
#include "observed.h"
#include "show.h"
#include "trace_abi.h"

/**
 * struct report - one table being made
 * @columns: of the table
 * @table: its text, or NULL
 * @warnings: for below the table, if there is one
 * @rows: its JSON, or NULL
 * @totals: the sums in JSON, or NULL
 * @unstamped: sum of FIGURE_UNSTAMPED
 * @sum: of the device's rows
 * @known: the figures that are known of any of them
 * @messages: how many messages these are of
 * @any: there is something that was asked for, whether it had a run or not
 */
struct report {
	const struct columns *columns;
	struct table *table;
	FILE *warnings;
	json_t *rows;
	json_t *totals;
	__u64 unstamped;
	struct counters_entry sum;
	__u64 known;
	__u32 messages;
	bool any;
};

/* The DPC watchdog: a line below the table for each message and CPU that it barked at. */
static void warn_overlong(FILE *warnings, const char *device, const struct row_id *row, __u32 cpu,
			  const struct counters_entry *entry)
{
	__u64 overlong = entry_runs(entry, DPCNIC_RUN_OVERLONG);
	char longest[32];

	if (!overlong)
		return;
	format_duration(longest, sizeof(longest), distribution_percentile(&entry->duration, 1000));
	fprintf(warnings, "-- watchdog: %s %s on CPU %u: ", device, row_name(row), cpu);
	fprintf(warnings, "%llu runs over %ums, the longest %s\n", overlong,
		DPCNIC_DPC_WATCHDOG_MS, longest);
}

static void add_row(struct report *report, json_t *rows, const struct value *values)
{
	if (report->table)
		table_add(report->table, values);
	else
		json_array_append_new(rows, row_json(report->columns, values));
}

static void add_cells(struct report *report, struct observed *observed, size_t slot, __u32 row)
{
	const struct device *device = &observed->list.devices[slot];
	const struct row_id *id = &observed->rows[slot].ids[row];
	struct value values[FIGURES] = {
		[FIGURE_DEV] = value_text(device->name), [FIGURE_MSG] = id->msg,
		[FIGURE_IRQ] = id->irq, [FIGURE_NAPI] = id->napi,
	};
	struct counters_entry entry;
	bool any = false;

	report->any |= row_is_of(id, &observed->request->msgs);
	for (__u32 cpu = 0; cpu < counting_cpus(observed->counting); cpu++) {
		counting_take(observed->counting, slot, row, cpu, &entry);
		if (!row_is_of(id, &observed->request->msgs) ||
		    !id_set_has(&observed->request->cpus, cpu) ||
		    (!entry_runs(&entry, 0) && !entry.interrupts))
			continue;
		values[FIGURE_CPU] = value_number(cpu);
		figures_fill(values, &entry, id->known, observed->period_ns, 1);
		add_row(report, report->rows, values);
		if (report->warnings)
			warn_overlong(report->warnings, device->name, id, cpu, &entry);
		entry_add(&report->sum, &entry);
		report->known |= id->known;
		any = true;
	}
	report->messages += any;
}

/* Adds the device's rows, those of messages and CPUs that had a run, and their sum. */
static void add_device(struct report *report, struct observed *observed, size_t slot)
{
	const struct device *device = &observed->list.devices[slot];
	__u32 *order = rows_order(observed->rows[slot].ids, device->messages);
	struct value values[FIGURES] = {
		[FIGURE_DEV] = value_text(device->name), [FIGURE_MSG] = { .text = "total" },
		[FIGURE_IRQ] = { .text = "" }, [FIGURE_NAPI] = { .text = "" },
		[FIGURE_CPU] = { .text = "" },
	};

	memset(&report->sum, 0, sizeof(report->sum));
	report->messages = 0;
	report->known = 0;
	report->any = false;
	for (__u32 i = 0; i < device->messages; i++)
		add_cells(report, observed, slot, order[i]);
	if (!report->messages && report->any)
		report->known = figures_of_level(device->level);
	free(order);

	figures_fill(values, &report->sum, report->known, observed->period_ns, report->messages);
	add_row(report, report->totals, values);
	report->unstamped += values[FIGURE_UNSTAMPED].number;
}

static void print_text(const struct observed *observed, struct report *report,
		       const char *warnings)
{
	char period[32], cost[64];

	table_print(report->table);
	format_duration(period, sizeof(period), observed->period_ns);
	printf("-- %s, lost %llu", period, observed->lost);
	if (report->unstamped)
		printf(", unstamped %llu", report->unstamped);
	cost_format(cost, sizeof(cost), &observed->cost);
	printf("%s\n%s", cost, warnings);
	ability_print(&observed->list);
}

static void add_devices(struct report *report, struct observed *observed)
{
	for (size_t slot = 0; slot < observed->list.count; slot++)
		add_device(report, observed, slot);
}

json_t *show_document(struct observed *observed)
{
	const struct columns all = { .fields = figures, .field_count = FIGURES };
	struct report report = { .columns = &all, .rows = json_array(), .totals = json_array() };
	json_t *document;

	add_devices(&report, observed);
	document = observed_document(observed);
	json_object_set_new(document, "rows", report.rows);
	json_object_set_new(document, "totals", report.totals);
	return document;
}

static enum exit_code print_report(struct observed *observed)
{
	const struct request *request = observed->request;
	char *warnings = NULL;
	struct columns columns;
	struct report report = { .columns = &columns };
	size_t warnings_size;
	enum exit_code code;

	if (request->format != OUTPUT_TEXT) {
		json_print(show_document(observed), request->format == OUTPUT_PRETTY);
		return DPCTOOL_OK;
	}
	code = columns_choose(&columns, figures, FIGURES, request->columns,
			      observed->list.count > 1, ability_generic(&observed->list));
	if (code)
		return code;
	report.table = table_new(&columns);
	report.warnings = open_memstream(&warnings, &warnings_size);
	add_devices(&report, observed);
	fclose(report.warnings);
	print_text(observed, &report, warnings);
	free(warnings);
	return DPCTOOL_OK;
}

static enum exit_code run(const struct request *request)
{
	return observe(request, print_report);
}

static const char *const text[] = {
	"Observes for the interval (default 1s), or while COMMAND runs, and prints a row for every "
	"message and CPU that ran a DPC meanwhile, and their sum. Counting begins right before "
	"COMMAND does and ends right after it.",
	"With count N, prints N tables, one per interval; each covers its own interval. --jsonl "
	"prints one after the other until COMMAND has ended or SIGINT comes.",
	"What a device's level cannot know is shown as -, and a line below the table says which level "
	"that is, and why. Not at L3 a row is a NAPI instance on a CPU, or, if nothing is known to "
	"be started by it, an IRQ.",
	NULL
};

const struct command show_command = {
	.name = "show",
	.help = "what every message and CPU did: interrupts, DPCs, their times, packets",
	.text = text,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL |
		    1 << KEYWORD_COUNT,
	.takes_command = true,
	.reads_file = true,
	.streams = true,
	.observes = true,
	.fields = figures,
	.field_count = FIGURES,
	.has_columns = true,
	.run = run,
};
