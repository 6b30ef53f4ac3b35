// SPDX-License-Identifier: GPL-2.0
/* "dpctool show": one row per message and CPU. */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "counting.h"
#include "distribution.h"
#include "trace_abi.h"
#include "watch.h"

enum show_field {
	SHOW_DEV, SHOW_MSG, SHOW_IRQ, SHOW_CPU, SHOW_INTR, SHOW_QUEUED, SHOW_COAL, SHOW_RUN,
	SHOW_LAT_AVG, SHOW_LAT_P99, SHOW_LAT_MAX, SHOW_RUN_AVG, SHOW_RUN_P99, SHOW_RUN_MAX,
	SHOW_PKTS, SHOW_THROT, SHOW_DISABLED, SHOW_DISABLED_PPM,
	SHOW_XDP_DROP, SHOW_XDP_TX, SHOW_XDP_REDIR, SHOW_XDP_ABORT, SHOW_XDP_LOST, SHOW_STEER_OUT,
	SHOW_STEER_IN, SHOW_STEER_KEPT, SHOW_INBOX_DROP, SHOW_REQUEUED, SHOW_KEPT, SHOW_UNSOL,
	SHOW_ENABLED, SHOW_FOREIGN, SHOW_OVERLONG, SHOW_UNSTAMPED,
	SHOW_FIELDS
};

static const struct field fields[SHOW_FIELDS] = {
	[SHOW_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_MANY, 0,
		"the network device" },
	[SHOW_MSG] = { "MSG", "msg", FIELD_NUMBER, FIELD_SHOWN, 0,
		"the message; \"total\" (JSON: null) in the sum over the device's rows" },
	[SHOW_IRQ] = { "IRQ", "irq", FIELD_NUMBER, FIELD_SHOWN, 0,
		"the message's IRQ" },
	[SHOW_CPU] = { "CPU", "cpu", FIELD_NUMBER, FIELD_SHOWN, 0,
		"the CPU that ran the DPCs" },
	[SHOW_INTR] = { "INTR", "interrupts", FIELD_NUMBER, FIELD_SHOWN, 0,
		"interrupts since each DPC's previous run, late and empty ones included; those "
		"that no run has followed yet are in none of the rows" },
	[SHOW_QUEUED] = { "QUEUED", "queued", FIELD_NUMBER, FIELD_SHOWN, 0,
		"runs that the ISR or another DPC queued" },
	[SHOW_COAL] = { "COAL", "coalesced", FIELD_NUMBER, FIELD_SHOWN, 0,
		"requests that found the DPC queued already, since each DPC's previous run" },
	[SHOW_RUN] = { "RUN", "runs", FIELD_NUMBER, FIELD_SHOWN, 0,
		"all runs: QUEUED, REQUEUED, KEPT and UNSOL together" },
	[SHOW_LAT_AVG] = { "LAT-AVG", "lat_avg_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"time from queued to started, average" },
	[SHOW_LAT_P99] = { "LAT-P99", "lat_p99_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"the same, not exceeded by 99% of the runs: the upper edge of a histogram bucket, "
		"at most a quarter too high" },
	[SHOW_LAT_MAX] = { "LAT-MAX", "lat_max_ns", FIELD_DURATION, FIELD_EXTRA, 0,
		"the same, longest; exact in the first table, an upper edge like LAT-P99 in later "
		"ones" },
	[SHOW_RUN_AVG] = { "RUN-AVG", "run_avg_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"time from started to ended, average" },
	[SHOW_RUN_P99] = { "RUN-P99", "run_p99_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"the same, as LAT-P99" },
	[SHOW_RUN_MAX] = { "RUN-MAX", "run_max_ns", FIELD_DURATION, FIELD_EXTRA, 0,
		"the same, as LAT-MAX" },
	[SHOW_PKTS] = { "PKTS", "packets", FIELD_NUMBER, FIELD_SHOWN, 0,
		"packets taken from the ring, or from the CPU's inbox" },
	[SHOW_THROT] = { "THROT", "throttled", FIELD_NUMBER, FIELD_SHOWN, 0,
		"runs ended by their bound with packets left" },
	[SHOW_DISABLED] = { "DISABLED", "disabled_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"how long the message was disabled, in the row of the CPU that enabled it again" },
	[SHOW_DISABLED_PPM] = { "DIS%", "disabled_ppm", FIELD_PPM, FIELD_SHOWN, 0,
		"the same as a share of the time observed; of all messages in the rows, in the sum "
		"(JSON: parts per million)" },
	[SHOW_XDP_DROP] = { "XDP-DROP", "xdp_drop", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those that an XDP program dropped" },
	[SHOW_XDP_TX] = { "XDP-TX", "xdp_tx", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those that it sent back" },
	[SHOW_XDP_REDIR] = { "XDP-REDIR", "xdp_redirect", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those that it sent elsewhere" },
	[SHOW_XDP_ABORT] = { "XDP-ABORT", "xdp_aborted", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those it failed on, or gave no valid verdict for" },
	[SHOW_XDP_LOST] = { "XDP-LOST", "xdp_lost", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of XDP-TX and XDP-REDIR, those that were dropped after all" },
	[SHOW_STEER_OUT] = { "STEER-OUT", "steered_out", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those put in the inbox of another CPU, as an XDP program named it" },
	[SHOW_STEER_IN] = { "STEER-IN", "steered_in", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those taken from this CPU's inbox" },
	[SHOW_STEER_KEPT] = { "STEER-KEPT", "steer_kept", FIELD_NUMBER, FIELD_EXTRA, 0,
		"packets that were not sent to the CPU that was named, to keep their flow in order" },
	[SHOW_INBOX_DROP] = { "INBOX-DROP", "inbox_dropped", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those dropped as the inbox of the CPU named was full" },
	[SHOW_REQUEUED] = { "REQUEUED", "requeued", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that continued one that had more pending" },
	[SHOW_KEPT] = { "KEPT", "kept", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that NAPI added on its own to a DPC that was not done (gro_flush_timeout)" },
	[SHOW_UNSOL] = { "UNSOL", "unsolicited", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs nobody asked for: busy poll, NAPI's watchdog" },
	[SHOW_ENABLED] = { "ENABLED", "enabled", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that enabled their message" },
	[SHOW_FOREIGN] = { "FOREIGN", "foreign", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs on another CPU than the one they were queued for" },
	[SHOW_OVERLONG] = { "OVERLONG", "overlong", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs longer than the DPC watchdog allows (20ms); below the table, if there are "
		"any" },
	[SHOW_UNSTAMPED] = { "UNSTAMPED", "unstamped", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that waited, but lack a time stamp, as they began to wait before anybody "
		"observed: they are counted, but in no time" },
};

/**
 * struct report - one table being made
 * @columns: of the table
 * @table: its text, or NULL
 * @warnings: for below the table, if there is one
 * @rows: its JSON, or NULL
 * @totals: the sums in JSON, or NULL
 * @period_ns: time it covers
 * @unstamped: sum of SHOW_UNSTAMPED
 */
struct report {
	const struct columns *columns;
	struct table *table;
	FILE *warnings;
	json_t *rows;
	json_t *totals;
	__u64 period_ns;
	__u64 unstamped;
};

static struct value average(const struct counters_distribution *distribution)
{
	__u64 count = distribution_count(distribution);

	return count ? value_number((distribution->sum + count / 2) / count) : (struct value){ 0 };
}

static struct value percentile(const struct counters_distribution *distribution,
			       unsigned int permille)
{
	return distribution_count(distribution) ?
		value_number(distribution_percentile(distribution, permille)) : (struct value){ 0 };
}

/* An entry taken while its program writes it may have a run's time already, but not yet the run. */
static __u64 unstamped_runs(const struct counters_entry *entry)
{
	__u64 queued = entry_runs(entry, DPCNIC_RUN_QUEUED) +
		       entry_runs(entry, DPCNIC_RUN_REQUEUED);
	__u64 stamped = distribution_count(&entry->latency);

	return queued > stamped ? queued - stamped : 0;
}

static void fill_xdp(struct value *values, const struct counters_xdp *xdp)
{
	values[SHOW_XDP_DROP] = value_number(xdp->dropped);
	values[SHOW_XDP_TX] = value_number(xdp->sent);
	values[SHOW_XDP_REDIR] = value_number(xdp->redirected);
	values[SHOW_XDP_ABORT] = value_number(xdp->aborted);
	values[SHOW_XDP_LOST] = value_number(xdp->lost);
	values[SHOW_STEER_OUT] = value_number(xdp->steered);
	values[SHOW_STEER_IN] = value_number(xdp->received);
	values[SHOW_STEER_KEPT] = value_number(xdp->kept);
	values[SHOW_INBOX_DROP] = value_number(xdp->inbox_dropped);
}

/*
 * Fills in all fields that are not the row's name. @messages: how many messages the row is about.
 */
static void fill_values(struct value *values, const struct counters_entry *entry, __u64 period_ns,
			__u32 messages)
{
	__u64 enabled = entry_runs(entry, DPCNIC_RUN_ENABLED);

	values[SHOW_INTR] = value_number(entry->interrupts);
	values[SHOW_QUEUED] = value_number(entry_runs(entry, DPCNIC_RUN_QUEUED));
	values[SHOW_COAL] = value_number(entry->coalesced);
	values[SHOW_RUN] = value_number(entry_runs(entry, 0));
	values[SHOW_LAT_AVG] = average(&entry->latency);
	values[SHOW_LAT_P99] = percentile(&entry->latency, 990);
	values[SHOW_LAT_MAX] = percentile(&entry->latency, 1000);
	values[SHOW_RUN_AVG] = average(&entry->duration);
	values[SHOW_RUN_P99] = percentile(&entry->duration, 990);
	values[SHOW_RUN_MAX] = percentile(&entry->duration, 1000);
	values[SHOW_PKTS] = value_number(entry->packets.sum);
	values[SHOW_THROT] = value_number(entry_runs(entry, DPCNIC_RUN_MORE));
	if (entry->disabled_runs || !enabled) {
		values[SHOW_DISABLED] = value_number(entry->disabled_ns);
		if (period_ns && messages)
			values[SHOW_DISABLED_PPM] =
				value_number((__u64)(1e6 * (double)entry->disabled_ns /
						     (double)period_ns / messages));
	}
	fill_xdp(values, &entry->xdp);
	values[SHOW_REQUEUED] = value_number(entry_runs(entry, DPCNIC_RUN_REQUEUED));
	values[SHOW_KEPT] = value_number(entry_runs(entry, DPCNIC_RUN_KEPT));
	values[SHOW_ENABLED] = value_number(enabled);
	values[SHOW_UNSOL] = value_number(entry_runs(entry, DPCNIC_RUN_UNSOLICITED));
	values[SHOW_FOREIGN] = value_number(entry_runs(entry, DPCNIC_RUN_FOREIGN));
	values[SHOW_OVERLONG] = value_number(entry_runs(entry, DPCNIC_RUN_OVERLONG));
	values[SHOW_UNSTAMPED] = value_number(unstamped_runs(entry));
}

/* The DPC watchdog: a line below the table for each message and CPU that it barked at. */
static void warn_overlong(FILE *warnings, const char *device, __u32 msg, __u32 cpu,
			  const struct counters_entry *entry)
{
	__u64 overlong = entry_runs(entry, DPCNIC_RUN_OVERLONG);
	char longest[32];

	if (!overlong)
		return;
	format_duration(longest, sizeof(longest), distribution_percentile(&entry->duration, 1000));
	fprintf(warnings, "-- watchdog: %s message %u on CPU %u: ", device, msg, cpu);
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

/* Adds the device's rows, those of messages and CPUs that had a run, and their sum. */
static void add_device(struct report *report, const struct request *request,
		       struct counting *counting, size_t slot, const struct device *device)
{
	struct counters_entry entry, sum = { 0 };
	struct value values[SHOW_FIELDS] = { [SHOW_DEV] = value_text(device->name) };
	struct irq_map *irqs = malloc(sizeof(*irqs));
	__u32 messages = 0, last_msg = ~0U;

	if (irqs)
		irq_map_read(irqs, device);
	for (__u32 msg = 0; msg < device->messages; msg++) {
		for (__u32 cpu = 0; cpu < counting_cpus(counting); cpu++) {
			counting_take(counting, slot, msg, cpu, &entry);
			if (!id_set_has(&request->msgs, msg) || !id_set_has(&request->cpus, cpu) ||
			    !entry_runs(&entry, 0))
				continue;
			values[SHOW_MSG] = value_number(msg);
			values[SHOW_IRQ] = irqs ? irqs->irqs[msg] : (struct value){ 0 };
			values[SHOW_CPU] = value_number(cpu);
			fill_values(values, &entry, report->period_ns, 1);
			add_row(report, report->rows, values);
			if (report->warnings)
				warn_overlong(report->warnings, device->name, msg, cpu, &entry);
			entry_add(&sum, &entry);
			messages += msg != last_msg;
			last_msg = msg;
		}
	}
	free(irqs);

	values[SHOW_MSG] = (struct value){ .text = "total" };
	values[SHOW_IRQ] = (struct value){ .text = "" };
	values[SHOW_CPU] = (struct value){ .text = "" };
	fill_values(values, &sum, report->period_ns, messages);
	add_row(report, report->totals, values);
	report->unstamped += unstamped_runs(&sum);
}

static void print_report(const struct request *request, const struct columns *columns,
			 struct counting *counting, const struct device_list *list,
			 const struct watch *watch, __u64 period_ns, __u64 lost)
{
	struct report report = { .columns = columns, .period_ns = period_ns };
	char *warnings = NULL, period[32];
	size_t warnings_size;
	json_t *document;

	if (request->format == OUTPUT_TEXT) {
		report.table = table_new(columns);
		report.warnings = open_memstream(&warnings, &warnings_size);
	} else {
		report.rows = json_array();
		report.totals = json_array();
	}
	for (size_t slot = 0; slot < list->count; slot++)
		add_device(&report, request, counting, slot, &list->devices[slot]);

	if (report.table) {
		table_print(report.table);
		format_duration(period, sizeof(period), period_ns);
		printf("-- %s, lost %llu", period, lost);
		if (report.unstamped)
			printf(", unstamped %llu", report.unstamped);
		putchar('\n');
		if (report.warnings) {
			fclose(report.warnings);
			fputs(warnings, stdout);
			free(warnings);
		}
	} else {
		document = watch_document(watch, "show", period_ns, lost);
		json_object_set_new(document, "rows", report.rows);
		json_object_set_new(document, "totals", report.totals);
		json_print(document, request->format == OUTPUT_PRETTY);
	}
	fflush(stdout);
}

static enum exit_code observe(const struct request *request, const struct columns *columns,
			      struct counting *counting, const struct device_list *list)
{
	__u64 start, end, until, lost, all_lost = 0;
	enum exit_code code;
	struct watch watch;
	bool last = false;

	code = watch_start(&watch, request->argv);
	if (code)
		return code;
	start = watch.start_ns;
	for (__u64 i = 1; !last; i++) {
		until = request->argv ? ~0ULL : watch.start_ns + i * request->interval_ns;
		last = watch_wait(&watch, until, -1) == WATCH_END || i == request->count;
		if (last)
			counting_stop(counting);
		end = now_ns();
		lost = counting_take_lost(counting);
		all_lost += lost;
		print_report(request, columns, counting, list, &watch, end - start, lost);
		start = end;
	}
	code = watch_finish(&watch);
	return code ? code : output_end(request->strict, all_lost);
}

static enum exit_code run(const struct request *request)
{
	struct device_list list;
	struct counting *counting;
	struct columns columns;
	enum exit_code code;

	code = devices_find(&list, request->device, "observe");
	if (code)
		return code;
	code = columns_choose(&columns, fields, SHOW_FIELDS, request->columns, list.count > 1);
	if (code)
		return code;
	code = counting_start(&counting, &list);
	if (code)
		return code;
	code = observe(request, &columns, counting, &list);
	counting_free(counting);
	return code;
}

static const char *const text[] = {
	"Observes for the interval (default 1s), or while COMMAND runs, and prints a row for every "
	"message and CPU that ran a DPC meanwhile, and their sum. Counting begins right before "
	"COMMAND does and ends right after it.",
	"With count N, prints N tables, one per interval; each covers its own interval.",
	NULL
};

const struct command show_command = {
	.name = "show",
	.help = "what every message and CPU did: interrupts, DPCs, their times, packets",
	.text = text,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL |
		    1 << KEYWORD_COUNT,
	.takes_command = true,
	.fields = fields,
	.field_count = SHOW_FIELDS,
	.has_columns = true,
	.run = run,
};
