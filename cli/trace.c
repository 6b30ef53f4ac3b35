// SPDX-License-Identifier: GPL-2.0
/* "dpctool trace": one line per DPC run, as they come. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ability.h"
#include "args.h"
#include "observer.h"
#include "recording.h"
#include "run_row.h"
#include "watch.h"

/* Events printed before the clock and the signals are looked at. */
#define BATCH		1024

/* How often whose the runs are, and what the time is, is asked again. */
#define LOOK_NS		(NSEC_PER_SEC / 10)

/**
 * struct trace - a trace being printed
 * @request: what was asked for
 * @list: the devices
 * @rows: their rows, by slot
 * @columns: what to print
 * @watch: how long it goes on, NULL if it is from a recording
 * @realtime_offset: CLOCK_REALTIME less CLOCK_MONOTONIC
 * @offset_until_ns: that is taken again for a run that has ended later
 * @observer: where the events come from, NULL if from a recording
 * @limit: events to print at most
 * @printed: events printed
 * @looked_ns: when whose the runs are was last asked again
 * @filtered: events that came and were not asked for
 * @batch: events printed, since the clock and the signals were looked at
 * @cost: what observing cost
 * @document: what the document begins with, or the last line of a stream
 */
struct trace {
	const struct request *request;
	struct device_list list;
	const struct rows *rows;
	struct columns columns;
	struct watch *watch;
	__u64 realtime_offset;
	__u64 offset_until_ns;
	struct observer *observer;
	__u64 limit;
	__u64 printed;
	__u64 looked_ns;
	__u64 filtered;
	unsigned int batch;
	struct observer_cost cost;
	json_t *document;
};

/* As one of the rows of a document, or as a line that can be read without one. */
static void print_row(const struct trace *trace, const struct value *values)
{
	bool stream = trace->request->format == OUTPUT_STREAM;
	json_t *row = row_json(&trace->columns, values);

	if (stream) {
		json_object_update_missing_new(row, json_pack("{s:s, s:s}", "schema",
							      DPCTOOL_SCHEMA, "object", "run"));
	} else if (trace->printed) {
		fputs(",\n", stdout);
	}
	json_dumpf(row, stdout, JSON_COMPACT);
	if (stream)
		putchar('\n');
	json_decref(row);
}

/* Somebody may set the clock. */
static void follow_clock(struct trace *trace, const struct timeline_event *event)
{
	if (!trace->watch || event->ended_ns < trace->offset_until_ns)
		return;
	trace->realtime_offset = watch_offset(trace->watch);
	trace->offset_until_ns = event->ended_ns + LOOK_NS;
}

/* Called by the ring's reader; an error makes it stop after this event. */
static int print_event(void *context, void *data, size_t size)
{
	struct trace *trace = context;
	struct run_row row;

	(void)size;
	follow_clock(trace, data);
	run_row_fill(&row, data, &trace->list, trace->rows, trace->realtime_offset);
	if (trace->request->format == OUTPUT_TEXT)
		stream_row(&trace->columns, row.values);
	else
		print_row(trace, row.values);
	trace->printed++;
	if (trace->printed == trace->limit)
		return -ECANCELED;
	return ++trace->batch % BATCH ? 0 : -EAGAIN;
}

/* Whose run it is may be known only since it ran. */
static void look_again(struct trace *trace, const struct timeline_event *event)
{
	const struct row_id *row = run_row_id(&trace->list, trace->rows, event);
	__u64 now;

	if (!trace->observer || row->irq.known)
		return;
	now = now_ns();
	if (trace->looked_ns && now - trace->looked_ns < LOOK_NS)
		return;
	trace->looked_ns = now;
	trace->rows = observer_look(trace->observer);
}

/* The same where all messages and CPUs come: of a recording, or not at L3. */
static int choose_event(void *context, void *data, size_t size)
{
	const struct timeline_event *event = data;
	struct trace *trace = context;

	look_again(trace, event);
	if (row_is_of(run_row_id(&trace->list, trace->rows, event), &trace->request->msgs) &&
	    id_set_has(&trace->request->cpus, event->ran_on))
		return print_event(context, data, size);
	trace->filtered++;
	return 0;
}

/* @host: NULL for this one. */
static void print_head(struct trace *trace, const char *host, __u64 start_realtime_ns)
{
	if (trace->request->format == OUTPUT_TEXT) {
		stream_header(&trace->columns);
		return;
	}
	trace->document = document_new("trace", host, start_realtime_ns);
	ability_json(trace->document, &trace->list);
	if (trace->request->format == OUTPUT_STREAM)
		return;
	putchar('{');
	json_dumpf(trace->document, stdout, JSON_COMPACT | JSON_EMBED);
	fputs(",\"rows\":[\n", stdout);
}

static void print_tail_text(const struct trace *trace, const struct losses *losses)
{
	const char *separator = " (";
	char cost[64];

	printf("-- %llu events, lost %llu", trace->printed, losses->lost);
	cost_format(cost, sizeof(cost), &trace->cost);
	for (size_t i = 0; i < losses->cpus; i++) {
		if (!losses->by_cpu[i])
			continue;
		printf("%scpu%zu %llu", separator, i, losses->by_cpu[i]);
		separator = ", ";
	}
	printf("%s, filtered %llu%s\n", *separator == ',' ? ")" : "", losses->filtered, cost);
	ability_print(&trace->list);
}

static void print_tail_json(const struct trace *trace, const struct losses *losses,
			    json_t *command, __u64 period_ns)
{
	json_t *by_cpu = json_object(), *tail;
	char cpu[24];

	for (size_t i = 0; i < losses->cpus; i++) {
		if (!losses->by_cpu[i])
			continue;
		snprintf(cpu, sizeof(cpu), "%zu", i);
		json_object_set_new(by_cpu, cpu, json_integer((json_int_t)losses->by_cpu[i]));
	}
	tail = json_pack("{s:I, s:I, s:I, s:{s:I, s:o}, s:o, s:O}",
			 "period_ns", (json_int_t)period_ns,
			 "events", (json_int_t)trace->printed,
			 "filtered", (json_int_t)losses->filtered,
			 "lost", "runs", (json_int_t)losses->lost, "by_cpu", by_cpu,
			 "observer", cost_json(&trace->cost), "command", command);
	if (trace->request->format == OUTPUT_STREAM) {
		json_object_update(trace->document, tail);
		json_dumpf(trace->document, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		fputs("\n],", stdout);
		json_dumpf(tail, stdout, JSON_COMPACT | JSON_EMBED);
		fputs("}\n", stdout);
	}
	json_decref(tail);
}

static enum exit_code print_tail(const struct trace *trace, const struct losses *losses,
				 json_t *command, __u64 period_ns)
{
	if (trace->request->format == OUTPUT_TEXT)
		print_tail_text(trace, losses);
	else
		print_tail_json(trace, losses, command, period_ns);
	return output_end(trace->request->strict, losses->lost);
}

static enum exit_code print_live(struct trace *trace)
{
	struct losses losses = { 0 };
	enum exit_code code, ended;
	struct watch watch;
	json_t *command;
	__u64 period_ns;

	code = watch_start(&watch, trace->request->argv);
	if (code)
		return code;
	trace->watch = &watch;
	print_head(trace, NULL, watch.start_realtime_ns);
	observer_follow(trace->observer, &watch, request_end_ns(trace->request, watch.start_ns));
	period_ns = now_ns() - watch.start_ns;
	devices_follow(&trace->list);
	trace->cost = observer_cost(trace->observer);
	command = watch_command(&watch);
	code = observer_losses(trace->observer, &losses);
	losses.filtered += trace->filtered;
	code = code ? code : print_tail(trace, &losses, command, period_ns);
	json_decref(command);
	free(losses.by_cpu);
	ended = watch_finish(&watch);
	return ended ? ended : code;
}

static enum exit_code choose_columns(struct trace *trace)
{
	return columns_choose(&trace->columns, run_fields, RUN_FIELDS, trace->request->columns,
			      trace->list.count > 1, ability_generic(&trace->list));
}

static enum exit_code trace_now(struct trace *trace)
{
	const struct request *request = trace->request;
	const struct observer_request asked = {
		.list = &trace->list,
		.exact = request->level_given,
		.lowest = LEVEL_1,
		.ring_bytes = request->ring_bytes,
		.msgs = &request->msgs,
		.cpus = &request->cpus,
		.take = choose_event,
		.context = trace,
	};
	enum exit_code code;

	code = ability_find(&trace->list, request);
	code = code ? code : choose_columns(trace);
	code = code ? code : observer_start(&trace->observer, &asked);
	if (code)
		return code;
	/* once more, as a level may have been lowered */
	choose_columns(trace);
	trace->rows = observer_look(trace->observer);
	code = print_live(trace);
	observer_free(trace->observer);
	return code;
}

static enum exit_code trace_then(struct trace *trace)
{
	const struct request *request = trace->request;
	struct recording *recording;
	struct losses losses;
	enum exit_code code;

	code = recording_open(&recording, request->input);
	if (code)
		return code;
	code = recording_select(recording, request->device);
	if (!code) {
		trace->list = recording->list;
		code = choose_columns(trace);
	}
	if (!code) {
		trace->rows = recording->rows;
		trace->realtime_offset = recording->start_realtime_ns - recording->start_ns;
		print_head(trace, recording->host, recording->start_realtime_ns);
		recording_visit(recording, choose_event, trace);
		losses = recording->losses;
		losses.filtered = trace->filtered;
		code = print_tail(trace, &losses, recording->command, recording->period_ns);
	}
	recording_close(recording);
	return code;
}

static enum exit_code run(const struct request *request)
{
	struct trace trace = { .request = request, .limit = ~0ULL };
	enum exit_code code;

	if (request->given & 1 << KEYWORD_COUNT)
		trace.limit = request->count;
	code = request->input ? trace_then(&trace) : trace_now(&trace);
	json_decref(trace.document);
	return code;
}

static const char *const text[] = {
	"Prints a line for every run of a DPC until N events are printed, the interval is over, "
	"COMMAND has ended or SIGINT comes; then how many events were lost, as they found no room "
	"in the ring buffer, and on which CPUs, and how many were filtered out by msg and cpu.",
	"JSON has each run on a line of its own, with -p, too.",
	NULL
};

const struct command trace_command = {
	.name = "trace",
	.help = "one line per DPC run",
	.text = text,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU | 1 << KEYWORD_INTERVAL |
		    1 << KEYWORD_COUNT | 1 << KEYWORD_RING,
	.takes_command = true,
	.reads_file = true,
	.streams = true,
	.observes = true,
	.lowest = LEVEL_1,
	.fields = run_fields,
	.field_count = RUN_FIELDS,
	.has_columns = true,
	.run = run,
};
