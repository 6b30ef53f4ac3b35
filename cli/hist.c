// SPDX-License-Identifier: GPL-2.0
/* "dpctool hist": how one quantity is spread over all runs of a device. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "counting.h"
#include "distribution.h"
#include "hist.h"
#include "observed.h"
#include "utf8.h"

#define BAR_WIDTH	32

/* Buckets of a line, at most, where there are too few lines: eight octaves. */
#define STEP_MAX	32

static const struct verb verbs[HIST_VERBS + 1] = {
	[HIST_LAT] = { "lat", "time from queued to started" },
	[HIST_RUN] = { "run", "time from started to ended" },
	[HIST_PKTS] = { "pkts", "packets taken off rings and inboxes per run" },
};

/**
 * struct quantity - one verb's quantity
 * @title: its name
 * @suffix: what ends its keys in JSON
 * @offset: where its distribution is in struct counters_entry
 * @is_duration: it is a time
 */
static const struct quantity {
	const char *title;
	const char *suffix;
	size_t offset;
	bool is_duration;
} quantities[HIST_VERBS] = {
	[HIST_LAT] = { "queue->run latency", "_ns", offsetof(struct counters_entry, latency),
		       true },
	[HIST_RUN] = { "run time", "_ns", offsetof(struct counters_entry, duration), true },
	[HIST_PKTS] = { "packets per run", "", offsetof(struct counters_entry, packets), false },
};

static const struct {
	const char *name;
	const char *key;
	unsigned int permille;
} percentiles[] = {
	{ "p50", "p50", 500 },	  { "p90", "p90", 900 },  { "p99", "p99", 990 },
	{ "p99.9", "p999", 999 }, { "max", "max", 1000 },
};

static const struct field fields[] = {
	{ .key = "dev", .help = "the network device" },
	{ .key = "runs", .help = "number of runs in the histogram" },
	{ .key = "sum_ns",
	  .help = "sum of their values; this and the other keys lack _ns where the quantity is "
		  "packets" },
	{ .key = "p50_ns, p90_ns, p99_ns, p999_ns",
	  .help = "values that 50, 90, 99 and 99.9 percent of the runs do not exceed: upper edges "
		  "of buckets, at most a quarter too high; null without runs" },
	{ .key = "max_ns",
	  .help = "the largest value: exact in the first histogram, the upper edge of its bucket "
		  "in later ones; null without runs" },
	{ .key = "max_cpu", .help = "the CPU it was on" },
	{ .key = "buckets",
	  .help = "the buckets with runs, ascending: low_ns and high_ns, both inclusive (high_ns "
		  "is null in the open last one), and count" },
};

/**
 * struct histogram - some runs
 * @what: whose
 * @quantity: the quantity
 * @sum: its distribution
 * @max: its largest value; in all intervals but the first an upper bound
 * @max_cpu: the CPU that was on, ~0 if that is not known
 * @step: how many buckets a line is of in text; a power of two
 */
struct histogram {
	const char *what;
	const struct quantity *quantity;
	struct counters_distribution sum;
	__u64 max;
	__u32 max_cpu;
	__u32 step;
};

static const struct counters_distribution *part_of(const struct counters_entry *entry,
						   const struct quantity *quantity)
{
	return (const void *)((const char *)entry + quantity->offset);
}

static void take(struct histogram *histogram, struct observed *observed, size_t slot)
{
	const struct row_id *rows = observed->rows[slot].ids;
	const struct request *request = observed->request;
	struct counting *counting = observed->counting;
	struct counters_entry entry;
	const struct counters_distribution *part = part_of(&entry, histogram->quantity);
	__u64 max;

	for (__u32 row = 0; row < observed->list.devices[slot].messages; row++) {
		for (__u32 cpu = 0; cpu < counting_cpus(counting); cpu++) {
			if (!row_is_of(&rows[row], &request->msgs) ||
			    !id_set_has(&request->cpus, cpu))
				continue;
			counting_take(counting, slot, row, cpu, &entry);
			max = distribution_percentile(part, 1000);
			if (max > histogram->max || !distribution_count(&histogram->sum)) {
				histogram->max = max;
				histogram->max_cpu = cpu;
			}
			distribution_add(&histogram->sum, part);
		}
	}
}

static const char *format_quantity(char *buffer, size_t size, const struct quantity *quantity,
				   __u64 value)
{
	if (quantity->is_duration)
		format_duration(buffer, size, value);
	else
		snprintf(buffer, size, "%llu", value);
	return buffer;
}

static __u64 count_of(const struct histogram *histogram, __u32 first)
{
	__u64 count = 0;

	for (__u32 i = 0; i < histogram->step; i++)
		count += histogram->sum.bucket[first + i];
	return count;
}

/* Draws the line of the buckets from @first on. */
static void draw_line(struct canvas *canvas, const struct histogram *histogram, __u32 first,
		      __u64 most)
{
	static const char bar[] = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
	__u32 last = first + histogram->step - 1;
	__u64 count = count_of(histogram, first);
	char low[32], high[32], range[72];

	format_quantity(low, sizeof(low), histogram->quantity, histogram_low(first));
	if (last == HISTOGRAM_BUCKETS - 1)
		snprintf(range, sizeof(range), "%s-", low);
	else if (histogram_low(first) == histogram_high(last))
		snprintf(range, sizeof(range), "%s", low);
	else
		snprintf(range, sizeof(range), "%s-%s", low,
			 format_quantity(high, sizeof(high), histogram->quantity,
					 histogram_high(last)));
	canvas_printf(canvas, "%17s %10llu |%-*.*s|\n", range, count, BAR_WIDTH,
		      (int)(((double)count * BAR_WIDTH + (double)most - 1) / (double)most), bar);
}

/*
 * From the first line with runs to the last one; a gap of several is one line.
 */
static void draw_buckets(struct canvas *canvas, const struct histogram *histogram)
{
	__u32 step = histogram->step, behind = 0;
	__u64 most = 0;

	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i += step)
		if (count_of(histogram, i) > most)
			most = count_of(histogram, i);
	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i += step) {
		if (!count_of(histogram, i))
			continue;
		if (behind && i - behind == step)
			draw_line(canvas, histogram, behind, most);
		else if (behind && i > behind)
			canvas_printf(canvas, "%17s\n", "...");
		draw_line(canvas, histogram, i, most);
		behind = i + step;
	}
}

static void draw(struct canvas *canvas, const struct histogram *histogram, __u64 period_ns)
{
	__u64 value, runs = distribution_count(&histogram->sum);
	char buffer[32];

	format_duration(buffer, sizeof(buffer), period_ns);
	canvas_printf(canvas, "%s, %s, %s, n=%llu", histogram->quantity->title, histogram->what,
		      buffer, runs);
	for (size_t i = 0; runs && i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
		value = distribution_percentile(&histogram->sum, percentiles[i].permille);
		format_quantity(buffer, sizeof(buffer), histogram->quantity, value);
		canvas_printf(canvas, "  %s %s", percentiles[i].name, buffer);
	}
	if (runs && histogram->max_cpu != ~0U)
		canvas_printf(canvas, " (cpu%u)", histogram->max_cpu);
	canvas->put(canvas, "\n");
	draw_buckets(canvas, histogram);
}

/* A canvas that only counts lines. */
struct line_counter {
	struct canvas canvas;
	unsigned int lines;
};

static void count_lines(struct canvas *canvas, const char *text)
{
	for (; *text; text++)
		((struct line_counter *)canvas)->lines += *text == '\n';
}

void hist_draw(struct canvas *canvas, enum hist_verb verb, const struct counters_entry *entry,
	       const char *what, __u64 period_ns, unsigned int lines)
{
	struct histogram histogram = { .what = what, .quantity = &quantities[verb],
				       .sum = *part_of(entry, &quantities[verb]),
				       .max_cpu = ~0U, .step = 1 };

	for (; histogram.step < STEP_MAX; histogram.step *= histogram.step == 1 ? 4 : 2) {
		struct line_counter counter = { .canvas = { .put = count_lines } };

		draw(&counter.canvas, &histogram, period_ns);
		if (counter.lines <= lines)
			break;
	}
	draw(canvas, &histogram, period_ns);
}

static json_t *key_value(json_t *object, const struct quantity *quantity, const char *key,
			 json_t *value)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%s", key, quantity->suffix);
	json_object_set_new(object, name, value);
	return object;
}

static json_t *bucket_json(const struct histogram *histogram, __u32 bucket)
{
	json_t *json = json_object();
	bool open = bucket == HISTOGRAM_BUCKETS - 1;

	key_value(json, histogram->quantity, "low",
		  json_integer((json_int_t)histogram_low(bucket)));
	key_value(json, histogram->quantity, "high",
		  open ? json_null() : json_integer((json_int_t)histogram_high(bucket)));
	json_object_set_new(json, "count", json_integer((json_int_t)histogram->sum.bucket[bucket]));
	return json;
}

static json_t *histogram_json(const struct histogram *histogram)
{
	__u64 runs = distribution_count(&histogram->sum);
	json_t *row = json_object(), *buckets = json_array();

	json_object_set_new(row, "dev", utf8_json(histogram->what));
	json_object_set_new(row, "runs", json_integer((json_int_t)runs));
	key_value(row, histogram->quantity, "sum", json_integer((json_int_t)histogram->sum.sum));
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++) {
		__u64 value = distribution_percentile(&histogram->sum, percentiles[i].permille);

		key_value(row, histogram->quantity, percentiles[i].key,
			  runs ? json_integer((json_int_t)value) : json_null());
	}
	json_object_set_new(row, "max_cpu", runs ? json_integer(histogram->max_cpu) : json_null());
	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram->sum.bucket[i])
			json_array_append_new(buckets, bucket_json(histogram, i));
	json_object_set_new(row, "buckets", buckets);
	return row;
}

static enum exit_code print_all(struct observed *observed)
{
	const struct request *request = observed->request;
	struct canvas_stdout out = canvas_stdout(COLOUR_NONE);
	json_t *rows = json_array();

	for (size_t slot = 0; slot < observed->list.count; slot++) {
		struct histogram histogram = { .what = observed->list.devices[slot].name,
					       .quantity = &quantities[request->verb],
					       .step = 1 };

		take(&histogram, observed, slot);
		if (request->format == OUTPUT_TEXT)
			draw(&out.canvas, &histogram, observed->period_ns);
		else
			json_array_append_new(rows, histogram_json(&histogram));
	}
	observed_end(observed, rows, "quantity");
	return DPCTOOL_OK;
}

static enum exit_code run(const struct request *request)
{
	return observe(request, print_all);
}

static const char *const text[] = {
	"Observes for the interval (default 1s), or while COMMAND runs, and prints a histogram of "
	"all runs of each device. Every power of two is cut into four buckets. With count N, one "
	"for each of N intervals; --jsonl goes on and on.",
	NULL
};

const struct command hist_command = {
	.name = "hist",
	.help = "a histogram of waiting times, running times or packets per run",
	.text = text,
	.verbs = verbs,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL |
		    1 << KEYWORD_COUNT,
	.takes_command = true,
	.reads_file = true,
	.streams = true,
	.observes = true,
	.lowest = LEVEL_1,
	.fields = fields,
	.field_count = sizeof(fields) / sizeof(fields[0]),
	.run = run,
};
