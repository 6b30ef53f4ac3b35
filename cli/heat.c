// SPDX-License-Identifier: GPL-2.0
/* "dpctool heat": one figure as a map of messages and CPUs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "counting.h"
#include "distribution.h"
#include "figures.h"
#include "heat.h"
#include "observed.h"
#include "utf8.h"

/* From the least to the most; a level is twice the one before. The blank is for "no runs". */
static const char marks[] = ".:-=+*%@";

#define LEVELS		(sizeof(marks) - 1)

enum { HEAT_VERBS = 9 };

static const struct verb verbs[HEAT_VERBS + 1] = {
	{ "lat-avg", "time from queued to started, average" },
	{ "lat-p99", "the same, not exceeded by 99% of the runs" },
	{ "run-avg", "time from started to ended, average" },
	{ "run-p99", "the same, not exceeded by 99% of the runs" },
	{ "runs", "runs" },
	{ "intr", "interrupts" },
	{ "throt", "runs ended by their bound with packets left" },
	{ "disabled", "how long the message was disabled" },
	{ "pkts", "packets" },
};

static const enum figure figure_of[HEAT_VERBS] = {
	FIGURE_LAT_AVG, FIGURE_LAT_P99, FIGURE_RUN_AVG, FIGURE_RUN_P99, FIGURE_RUN, FIGURE_INTR,
	FIGURE_THROT, FIGURE_DISABLED, FIGURE_PKTS,
};

static const struct field fields[] = {
	{ .key = "dev", .help = "the network device" },
	{ .key = "msg", .help = "the message" },
	{ .key = "napi", .help = "not at L3: the kernel's number of the NAPI instance" },
	{ .key = "cpu", .help = "the CPU that ran the DPCs" },
	{ .key = "value",
	  .help = "the figure, of the runs of this message on this CPU; times are in nanoseconds; "
		  "null where it could not be observed. No row: no runs, nor interrupts" },
};

/**
 * struct map - one device's figures
 * @device: the device
 * @rows: its rows
 * @figure: which one
 * @cpus: how many CPUs there can be
 * @label: width of the first column, the names of the rows
 * @width: of a CPU's column: a blank at least, and its number
 * @cells: by row and CPU
 * @ran: by row and CPU: there were runs, or interrupts
 * @cpu_ran: by CPU: the same for any row
 * @most: the largest of @cells
 */
struct map {
	const struct device *device;
	const struct row_id *rows;
	enum figure figure;
	__u32 cpus;
	int label;
	int width;
	struct value *cells;
	bool *ran;
	bool *cpu_ran;
	__u64 most;
};

static void map_free(struct map *map)
{
	free(map->cells);
	free(map->ran);
	free(map->cpu_ran);
}

static void map_alloc(struct map *map)
{
	map->cells = calloc((size_t)map->device->messages * map->cpus, sizeof(*map->cells));
	map->ran = calloc((size_t)map->device->messages * map->cpus, sizeof(*map->ran));
	map->cpu_ran = calloc(map->cpus, sizeof(*map->cpu_ran));
	if (!map->cells || !map->ran || !map->cpu_ran)
		no_memory();
}

static void map_take(struct map *map, const struct observed *observed, size_t slot)
{
	const struct request *request = observed->request;
	struct value values[FIGURES];
	struct counters_entry entry;

	for (__u32 row = 0; row < map->device->messages; row++) {
		for (__u32 cpu = 0; cpu < map->cpus; cpu++) {
			size_t at = (size_t)row * map->cpus + cpu;

			counting_take(observed->counting, slot, row, cpu, &entry);
			if (!row_is_of(&map->rows[row], &request->msgs) ||
			    !id_set_has(&request->cpus, cpu))
				continue;
			memset(values, 0, sizeof(values));
			figures_fill(values, &entry, map->rows[row].known, observed->period_ns, 1);
			map->ran[at] = entry_runs(&entry, 0) || entry.interrupts;
			map->cpu_ran[cpu] |= map->ran[at];
			map->cells[at] = values[map->figure];
			if (map->cells[at].known && map->cells[at].number > map->most)
				map->most = map->cells[at].number;
		}
	}
}

static void format_value(char *buffer, size_t size, enum figure figure, __u64 value)
{
	if (figures[figure].kind == FIELD_DURATION)
		format_duration(buffer, size, value);
	else
		snprintf(buffer, size, "%llu", value);
}

static void draw_scale(struct canvas *canvas, const struct map *map)
{
	char mark[] = " . ", edge[32];
	__u64 top = scale_top(map->most);

	canvas->put(canvas, "scale");
	for (unsigned int level = 0; level < LEVELS; level++) {
		__u64 low = top >> (LEVELS - 1 - level);

		if (level && !low)
			continue;
		format_value(edge, sizeof(edge), map->figure, level ? low : 0);
		mark[1] = marks[level];
		canvas->put(canvas, " ");
		canvas->heat(canvas, level, LEVELS, mark);
		canvas->put(canvas, edge);
	}
	canvas_printf(canvas, " and more; blank: no runs, %s: not observable\n", OUTPUT_UNKNOWN);
}

static bool row_ran(const struct map *map, __u32 row)
{
	for (__u32 cpu = 0; cpu < map->cpus; cpu++)
		if (map->ran[(size_t)row * map->cpus + cpu])
			return true;
	return false;
}

/* No blanks at the end of a line: they wait until something follows. */
static void draw_row(struct canvas *canvas, const struct map *map, __u32 row, __u64 top)
{
	unsigned int level;
	int blanks = 0;
	char mark[] = "   .";

	canvas_printf(canvas, "%-*s", map->label, row_name(&map->rows[row]));
	for (__u32 cpu = 0; cpu < map->cpus; cpu++) {
		size_t at = (size_t)row * map->cpus + cpu;

		if (!map->cpu_ran[cpu])
			continue;
		if (!map->ran[at]) {
			blanks += map->width;
			continue;
		}
		canvas_printf(canvas, "%*s", blanks + map->width - 4, "");
		blanks = 0;
		if (!map->cells[at].known) {
			canvas_printf(canvas, "   %s", OUTPUT_UNKNOWN);
			continue;
		}
		level = scale_level(map->cells[at].number, top, LEVELS);
		mark[3] = marks[level];
		canvas->heat(canvas, level, LEVELS, mark);
	}
	canvas->put(canvas, "\n");
}

static void draw_map(struct canvas *canvas, const struct map *map, const char *name,
		     __u64 period_ns)
{
	char period[32];
	__u32 *order;

	format_duration(period, sizeof(period), period_ns);
	canvas_printf(canvas, "%s, %s, %s\n", name, map->device->name, period);
	canvas_printf(canvas, "%-*s", map->label, "cpu");
	for (__u32 cpu = 0; cpu < map->cpus; cpu++)
		if (map->cpu_ran[cpu])
			canvas_printf(canvas, "%*u", map->width, cpu);
	canvas->put(canvas, "\n");
	order = rows_order(map->rows, map->device->messages);
	for (__u32 i = 0; i < map->device->messages; i++)
		if (row_ran(map, order[i]))
			draw_row(canvas, map, order[i], scale_top(map->most));
	free(order);
	draw_scale(canvas, map);
}

static json_t *cell_json(const struct map *map, __u32 row, __u32 cpu)
{
	const struct value *cell = &map->cells[(size_t)row * map->cpus + cpu];

	return json_pack("{s:o, s:o, s:o, s:I, s:o}", "dev", utf8_json(map->device->name),
			 "msg", number_json(map->rows[row].msg),
			 "napi", number_json(map->rows[row].napi),
			 "cpu", (json_int_t)cpu, "value", number_json(*cell));
}

static void map_json(const struct map *map, json_t *rows)
{
	for (__u32 row = 0; row < map->device->messages; row++)
		for (__u32 cpu = 0; cpu < map->cpus; cpu++)
			if (map->ran[(size_t)row * map->cpus + cpu])
				json_array_append_new(rows, cell_json(map, row, cpu));
}

/* Columns as wide as what is in them needs. */
static void map_measure(struct map *map)
{
	int length;

	map->label = sizeof("msg 0000");
	map->width = map->cpus > 1000 ? 5 : 4;
	for (__u32 row = 0; row < map->device->messages; row++) {
		length = (int)strlen(row_name(&map->rows[row]));
		if (row_ran(map, row) && length > map->label)
			map->label = length;
	}
}

/* The map of a device; the caller ends with map_free(). */
static struct map map_make(const struct observed *observed, size_t slot, enum figure figure)
{
	struct map map = {
		.device = &observed->list.devices[slot],
		.rows = observed->rows[slot].ids,
		.figure = figure,
		.cpus = counting_cpus(observed->counting),
	};

	map_alloc(&map);
	map_take(&map, observed, slot);
	map_measure(&map);
	return map;
}

void heat_draw(struct canvas *canvas, const struct observed *observed, size_t slot,
	       enum figure figure, const char *name)
{
	struct map map = map_make(observed, slot, figure);

	draw_map(canvas, &map, name, observed->period_ns);
	map_free(&map);
}

static void add_json(json_t *rows, const struct observed *observed, size_t slot, enum figure figure)
{
	struct map map = map_make(observed, slot, figure);

	map_json(&map, rows);
	map_free(&map);
}

static enum exit_code print_all(struct observed *observed)
{
	const struct request *request = observed->request;
	struct canvas_stdout out = canvas_stdout(colour_depth(request->colour));
	enum figure figure = figure_of[request->verb];
	json_t *rows = json_array();

	for (size_t slot = 0; slot < observed->list.count; slot++) {
		if (request->format == OUTPUT_TEXT)
			heat_draw(&out.canvas, observed, slot, figure, verbs[request->verb].name);
		else
			add_json(rows, observed, slot, figure);
	}
	observed_end(observed, rows, "figure");
	return DPCTOOL_OK;
}

static enum exit_code run(const struct request *request)
{
	return observe(request, print_all);
}

static const char *const text[] = {
	"Observes for the interval (default 1s), or while COMMAND runs, and prints one figure of "
	"\"dpctool show\" for every message (lines) and CPU (columns) that ran a DPC meanwhile. "
	"Each level begins at twice the value that the one before it begins at; the scale below "
	"says where. With count N, one map for each of N intervals; --jsonl goes on and on.",
	NULL
};

const struct command heat_command = {
	.name = "heat",
	.help = "a map of messages and CPUs, coloured by one figure",
	.text = text,
	.verbs = verbs,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL |
		    1 << KEYWORD_COUNT,
	.takes_command = true,
	.reads_file = true,
	.streams = true,
	.observes = true,
	.fields = fields,
	.field_count = sizeof(fields) / sizeof(fields[0]),
	.run = run,
};
