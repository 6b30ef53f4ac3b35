// SPDX-License-Identifier: GPL-2.0
/* "dpctool heat": one figure as a map of messages and CPUs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "counting.h"
#include "figures.h"
#include "heat.h"
#include "observed.h"

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
	{ .key = "cpu", .help = "the CPU that ran the DPCs" },
	{ .key = "value",
	  .help = "the figure, of the runs of this message on this CPU; times are in nanoseconds; "
		  "null where it could not be observed. No row: no runs" },
};

/**
 * struct map - one device's figures
 * @device: the device
 * @figure: which one
 * @cpus: how many CPUs there can be
 * @cells: by message and CPU
 * @ran: by message and CPU: there were runs
 * @cpu_ran: by CPU: the same for any message
 * @most: the largest of @cells
 */
struct map {
	const struct device *device;
	enum figure figure;
	__u32 cpus;
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

static bool map_alloc(struct map *map)
{
	map->cells = calloc((size_t)map->device->messages * map->cpus, sizeof(*map->cells));
	map->ran = calloc((size_t)map->device->messages * map->cpus, sizeof(*map->ran));
	map->cpu_ran = calloc(map->cpus, sizeof(*map->cpu_ran));
	return map->cells && map->ran && map->cpu_ran;
}

static void map_take(struct map *map, const struct observed *observed, size_t slot)
{
	const struct request *request = observed->request;
	struct value values[FIGURES];
	struct counters_entry entry;

	for (__u32 msg = 0; msg < map->device->messages; msg++) {
		for (__u32 cpu = 0; cpu < map->cpus; cpu++) {
			size_t at = (size_t)msg * map->cpus + cpu;

			counting_take(observed->counting, slot, msg, cpu, &entry);
			if (!id_set_has(&request->msgs, msg) || !id_set_has(&request->cpus, cpu))
				continue;
			memset(values, 0, sizeof(values));
			figures_fill(values, &entry, observed->period_ns, 1);
			map->ran[at] = values[FIGURE_RUN].number;
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

static bool row_ran(const struct map *map, __u32 msg)
{
	for (__u32 cpu = 0; cpu < map->cpus; cpu++)
		if (map->ran[(size_t)msg * map->cpus + cpu])
			return true;
	return false;
}

/* No blanks at the end of a line: they wait until something follows. */
static void draw_row(struct canvas *canvas, const struct map *map, __u32 msg, __u64 top)
{
	unsigned int level, blanks = 0;
	char mark[] = "   .";

	canvas_printf(canvas, "msg %-5u", msg);
	for (__u32 cpu = 0; cpu < map->cpus; cpu++) {
		size_t at = (size_t)msg * map->cpus + cpu;

		if (!map->cpu_ran[cpu])
			continue;
		if (!map->ran[at]) {
			blanks += 4;
			continue;
		}
		canvas_printf(canvas, "%*s", blanks, "");
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

	format_duration(period, sizeof(period), period_ns);
	canvas_printf(canvas, "%s, %s, %s\n", name, map->device->name, period);
	canvas->put(canvas, "cpu      ");
	for (__u32 cpu = 0; cpu < map->cpus; cpu++)
		if (map->cpu_ran[cpu])
			canvas_printf(canvas, "%4u", cpu);
	canvas->put(canvas, "\n");
	for (__u32 msg = 0; msg < map->device->messages; msg++)
		if (row_ran(map, msg))
			draw_row(canvas, map, msg, scale_top(map->most));
	draw_scale(canvas, map);
}

static void map_json(const struct map *map, json_t *rows)
{
	for (__u32 msg = 0; msg < map->device->messages; msg++) {
		for (__u32 cpu = 0; cpu < map->cpus; cpu++) {
			size_t at = (size_t)msg * map->cpus + cpu;
			const struct value *cell = &map->cells[at];
			json_t *row;

			if (!map->ran[at])
				continue;
			row = json_object();
			json_object_set_new(row, "dev", json_string(map->device->name));
			json_object_set_new(row, "msg", json_integer(msg));
			json_object_set_new(row, "cpu", json_integer(cpu));
			json_object_set_new(row, "value", cell->known ?
					    json_integer((json_int_t)cell->number) : json_null());
			json_array_append_new(rows, row);
		}
	}
}

/* The map of a device: free it also if that fails. */
static enum exit_code map_make(struct map *map, const struct observed *observed, size_t slot,
			       enum figure figure)
{
	*map = (struct map){ .device = &observed->list.devices[slot], .figure = figure,
			     .cpus = counting_cpus(observed->counting) };
	if (!map_alloc(map))
		return fail(DPCTOOL_REFUSED, "with fewer devices", "heat: out of memory");
	map_take(map, observed, slot);
	return DPCTOOL_OK;
}

enum exit_code heat_draw(struct canvas *canvas, const struct observed *observed, size_t slot,
			 enum figure figure, const char *name)
{
	enum exit_code code;
	struct map map;

	code = map_make(&map, observed, slot, figure);
	if (!code)
		draw_map(canvas, &map, name, observed->period_ns);
	map_free(&map);
	return code;
}

static enum exit_code add_json(json_t *rows, const struct observed *observed, size_t slot,
			       enum figure figure)
{
	enum exit_code code;
	struct map map;

	code = map_make(&map, observed, slot, figure);
	if (!code)
		map_json(&map, rows);
	map_free(&map);
	return code;
}

static enum exit_code print_all(struct observed *observed)
{
	const struct request *request = observed->request;
	struct canvas_stdout out = canvas_stdout(colour_depth(request->colour));
	enum figure figure = figure_of[request->verb];
	enum exit_code code = DPCTOOL_OK;
	json_t *rows = json_array();

	for (size_t slot = 0; !code && slot < observed->list.count; slot++) {
		if (request->format == OUTPUT_TEXT)
			code = heat_draw(&out.canvas, observed, slot, figure,
					 verbs[request->verb].name);
		else
			code = add_json(rows, observed, slot, figure);
	}
	if (code)
		json_decref(rows);
	else
		observed_end(observed, rows, "figure");
	return code;
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
	.fields = fields,
	.field_count = sizeof(fields) / sizeof(fields[0]),
	.run = run,
};
