// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "distribution.h"
#include "exposition.h"
#include "units.h"
#include "version.h"

/*
 * The histograms' edges: of the buckets that were counted, those that end where a power of two
 * begins, from 511 ns to 1.07 s. An edge (le) is inclusive, so it is the largest value in front of
 * that power. Four edges per power would be there, but series are what costs a Prometheus server.
 */
#define EDGE_FIRST	9
#define EDGE_LAST	30
#define EDGES		(EDGE_LAST - EDGE_FIRST + 1)

/* Besides its edges: +Inf, _sum and _count. */
#define HISTOGRAM_SERIES	(EDGES + 3)

/**
 * struct counter - a series of each row
 * @name: its metric; series of one metric stand together
 * @label: what tells it from others of this metric, or NULL
 * @help: what the metric is, at its first series
 * @figure: its value
 */
struct counter {
	const char *name;
	const char *label;
	const char *help;
	enum figure figure;
};

static const struct counter counters[] = {
	{ "dpcnic_interrupts_total", NULL,
		"Interrupts that a run has followed, late and empty ones included.", FIGURE_INTR },
	{ "dpcnic_dpc_coalesced_total", NULL,
		"Requests that found the DPC queued already.", FIGURE_COAL },
	{ "dpcnic_dpc_runs_total", "cause=\"queued\"",
		"DPC runs by cause: queued by ISR or DPC, requeued as more was pending, kept by "
		"NAPI, unsolicited.", FIGURE_QUEUED },
	{ "dpcnic_dpc_runs_total", "cause=\"requeued\"", NULL, FIGURE_REQUEUED },
	{ "dpcnic_dpc_runs_total", "cause=\"kept\"", NULL, FIGURE_KEPT },
	{ "dpcnic_dpc_runs_total", "cause=\"unsolicited\"", NULL, FIGURE_UNSOL },
	{ "dpcnic_dpc_throttled_total", NULL,
		"Runs ended by their bound with packets left.", FIGURE_THROT },
	{ "dpcnic_dpc_enabled_total", NULL,
		"Runs that enabled their message again.", FIGURE_ENABLED },
	{ "dpcnic_dpc_foreign_total", NULL,
		"Runs on another CPU than the one they were queued for.", FIGURE_FOREIGN },
	{ "dpcnic_dpc_overlong_total", NULL,
		"Runs longer than the DPC watchdog allows.", FIGURE_OVERLONG },
	{ "dpcnic_message_disabled_seconds_total", NULL,
		"Time the message was disabled, from the interrupt to the end of the run that "
		"enabled it, or of the last that was ended by its bound.", FIGURE_DISABLED },
	{ "dpcnic_packets_total", NULL,
		"Packets taken from the ring, or from the CPU's inbox.", FIGURE_PKTS },
	{ "dpcnic_xdp_packets_total", "verdict=\"drop\"",
		"Packets by the verdict of an XDP program, those it let pass not among them.",
		FIGURE_XDP_DROP },
	{ "dpcnic_xdp_packets_total", "verdict=\"tx\"", NULL, FIGURE_XDP_TX },
	{ "dpcnic_xdp_packets_total", "verdict=\"redirect\"", NULL, FIGURE_XDP_REDIR },
	{ "dpcnic_xdp_packets_total", "verdict=\"aborted\"", NULL, FIGURE_XDP_ABORT },
	{ "dpcnic_xdp_lost_packets_total", NULL,
		"Packets that XDP sent back or elsewhere, and that were dropped after all.",
		FIGURE_XDP_LOST },
	{ "dpcnic_steered_out_packets_total", NULL,
		"Packets put in the inbox of another CPU.", FIGURE_STEER_OUT },
	{ "dpcnic_steered_in_packets_total", NULL,
		"Packets taken from the CPU's inbox.", FIGURE_STEER_IN },
	{ "dpcnic_steer_kept_packets_total", NULL,
		"Packets not sent to the CPU that was named, to keep their flow in order.",
		FIGURE_STEER_KEPT },
	{ "dpcnic_inbox_dropped_packets_total", NULL,
		"Packets dropped as the inbox of the CPU named was full.", FIGURE_INBOX_DROP },
};

#define COUNTERS	(sizeof(counters) / sizeof(counters[0]))

/**
 * struct histogram - a histogram of each row
 * @name: its metric
 * @help: what that is
 * @distribution: offset in the entry
 * @figure: one that is known where the histogram is
 */
struct histogram {
	const char *name;
	const char *help;
	size_t distribution;
	enum figure figure;
};

static const struct histogram histograms[] = {
	{ "dpcnic_dpc_latency_seconds",
		"Time from queued to started, of the runs that were queued and have both stamps.",
		offsetof(struct counters_entry, latency), FIGURE_LAT_MAX },
	{ "dpcnic_dpc_run_seconds",
		"Time from started to ended, of the runs that have both stamps.",
		offsetof(struct counters_entry, duration), FIGURE_RUN_MAX },
};

#define HISTOGRAMS	(sizeof(histograms) / sizeof(histograms[0]))

/* dpctool_info, dpctool_up, dpctool_lost_runs_total */
#define OWN_SERIES	3

__u64 exposition_series(__u64 devices, __u64 rows, __u64 napis)
{
	return OWN_SERIES + devices + napis + rows * (COUNTERS + HISTOGRAMS * HISTOGRAM_SERIES);
}

void exposition_add(struct exposition *exposition, size_t slot, __u32 number,
		    const struct row_id *id, __u32 cpu, const struct counters_entry *entry)
{
	struct exposition_row *row = &exposition->rows[exposition->count++];

	*row = (struct exposition_row){
		.slot = slot, .number = number, .id = *id, .cpu = cpu, .entry = *entry,
	};
	figures_fill(row->values, entry, id->known, 0, 0);
}

static void print_head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A device may be called anything without blank, slash and colon. */
static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('"', out);
}

/* Empty if it is unknown. */
static void print_number(FILE *out, const char *name, const struct value *value)
{
	fprintf(out, ",%s=\"", name);
	if (value->known)
		fprintf(out, "%llu", value->number);
	fputc('"', out);
}

static bool is_napi(const struct exposition *exposition, const struct exposition_row *row)
{
	const struct device *device = &exposition->list->devices[row->slot];

	return device->level < LEVEL_3 && row->number < device->napis;
}

/* The labels that name a row: no other row has them, and they are always the same. */
static void print_row(FILE *out, const struct exposition *exposition,
		      const struct exposition_row *row)
{
	print_label(out, "device", exposition->list->devices[row->slot].name);
	if (is_napi(exposition, row) && row->id.napi.known)
		print_number(out, "napi", &row->id.napi);
	else if (is_napi(exposition, row))
		fprintf(out, ",row=\"%u\"", row->number);
	else if (row->id.msg.known)
		print_number(out, "message", &row->id.msg);
	else
		print_number(out, "irq", &row->id.irq);
}

/* Name and labels of a row's series; the caller adds a label, or not, and ends with "} VALUE". */
static void print_series(FILE *out, const struct exposition *exposition,
			 const struct exposition_row *row, const char *name, const char *suffix)
{
	fprintf(out, "%s%s{", name, suffix);
	print_row(out, exposition, row);
	if (exposition->by_cpu)
		fprintf(out, ",cpu=\"%u\"", row->cpu);
}

/* Exact: no floating point has come near them. */
static void print_seconds(FILE *out, __u64 ns)
{
	fprintf(out, "%llu.%09llu\n", ns / NSEC_PER_SEC, ns % NSEC_PER_SEC);
}

static void print_counter(FILE *out, const struct exposition *exposition,
			  const struct counter *counter)
{
	for (size_t i = 0; i < exposition->count; i++) {
		const struct exposition_row *row = &exposition->rows[i];
		const struct value *value = &row->values[counter->figure];

		if (!value->known)
			continue;
		print_series(out, exposition, row, counter->name, "");
		fprintf(out, "%s%s} ", counter->label ? "," : "",
			counter->label ? counter->label : "");
		if (figures[counter->figure].kind == FIELD_DURATION)
			print_seconds(out, value->number);
		else
			fprintf(out, "%llu\n", value->number);
	}
}

static void print_distribution(FILE *out, const struct exposition *exposition,
			       const struct exposition_row *row, const struct histogram *histogram)
{
	const struct counters_distribution *distribution =
		(const void *)((const char *)&row->entry + histogram->distribution);
	__u64 count = 0;
	__u32 bucket = 0;

	for (int power = EDGE_FIRST; power <= EDGE_LAST; power++) {
		__u64 edge = (1ULL << power) - 1;

		while (histogram_high(bucket) <= edge)
			count += distribution->bucket[bucket++];
		print_series(out, exposition, row, histogram->name, "_bucket");
		/* Ten digits are all that an edge has, and this is how Prometheus spells it. */
		fprintf(out, ",le=\"%.10g\"} %llu\n", (double)edge / NSEC_PER_SEC, count);
	}
	/* Not what was counted as runs: of the same moment as the buckets. */
	count = distribution_count(distribution);
	print_series(out, exposition, row, histogram->name, "_bucket");
	fprintf(out, ",le=\"+Inf\"} %llu\n", count);
	print_series(out, exposition, row, histogram->name, "_sum");
	fputs("} ", out);
	print_seconds(out, distribution->sum);
	print_series(out, exposition, row, histogram->name, "_count");
	fprintf(out, "} %llu\n", count);
}

static void print_observer(FILE *out, const struct exposition *exposition)
{
	print_head(out, "dpctool_info", "gauge", "Version of dpctool, and the kernel's.");
	fputs("dpctool_info{", out);
	print_label(out, "version", DPCTOOL_VERSION);
	fputc(',', out);
	print_label(out, "kernel", exposition->kernel);
	fputs("} 1\n", out);
	print_head(out, "dpctool_up", "gauge",
		   "1 while dpctool counts; 0 in the file it leaves behind when it has ended.");
	fprintf(out, "dpctool_up %d\n", exposition->observing);
	print_head(out, "dpctool_lost_runs_total", "counter",
		   "Runs that are missing in the other metrics, of all devices.");
	fprintf(out, "dpctool_lost_runs_total %llu\n", exposition->lost);

	print_head(out, "dpcnic_device_present", "gauge",
		   "1 while the device is there under this name; if 0, start dpctool anew.");
	for (size_t slot = 0; slot < exposition->list->count; slot++) {
		fputs("dpcnic_device_present{", out);
		print_label(out, "device", exposition->list->devices[slot].name);
		fputc(',', out);
		print_label(out, "driver", exposition->list->devices[slot].driver);
		fprintf(out, "} %d\n", exposition->present[slot]);
	}
}

/* Rows are by device and NAPI instance: those by CPU of one follow each other. */
static void print_napis(FILE *out, const struct exposition *exposition)
{
	const struct exposition_row *last = NULL;

	print_head(out, "dpcnic_napi_info", "gauge",
		   "The message and IRQ of a NAPI instance, of drivers other than dpcnic.");
	for (size_t i = 0; i < exposition->count; i++) {
		const struct exposition_row *row = &exposition->rows[i];

		if (!is_napi(exposition, row) || (last && last->slot == row->slot &&
						  last->number == row->number))
			continue;
		last = row;
		fputs("dpcnic_napi_info{", out);
		print_row(out, exposition, row);
		print_number(out, "message", &row->id.msg);
		print_number(out, "irq", &row->id.irq);
		fputs("} 1\n", out);
	}
}

void exposition_print(const struct exposition *exposition, FILE *out)
{
	print_observer(out, exposition);
	print_napis(out, exposition);
	for (size_t i = 0; i < COUNTERS; i++) {
		if (counters[i].help)
			print_head(out, counters[i].name, "counter", counters[i].help);
		print_counter(out, exposition, &counters[i]);
	}
	for (size_t i = 0; i < HISTOGRAMS; i++) {
		print_head(out, histograms[i].name, "histogram", histograms[i].help);
		for (size_t row = 0; row < exposition->count; row++)
			if (exposition->rows[row].id.known & 1ULL << histograms[i].figure)
				print_distribution(out, exposition, &exposition->rows[row],
						   &histograms[i]);
	}
}
