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
#include "trace_abi.h"
#include "watch.h"

/* Events printed before the clock and the signals are looked at. */
#define BATCH		1024

/* How often whose the runs are is asked again. */
#define LOOK_NS		(NSEC_PER_SEC / 10)

enum trace_field {
	TRACE_TIME, TRACE_DEV, TRACE_CPU, TRACE_MSG, TRACE_IRQ, TRACE_NAPI, TRACE_EVENT, TRACE_LAT,
	TRACE_RUN, TRACE_PKTS, TRACE_FLAGS, TRACE_BOUND, TRACE_INTR, TRACE_COAL, TRACE_DPC_CPU,
	TRACE_IRQ_AT, TRACE_QUEUED_AT, TRACE_STARTED_AT, TRACE_ENDED_AT,
	TRACE_FIELDS
};

static const struct field fields[TRACE_FIELDS] = {
	[TRACE_TIME] = { "TIME", "time_ns", FIELD_TIME, FIELD_SHOWN, 15,
		"when the run started: local time (JSON: nanoseconds of CLOCK_REALTIME)" },
	[TRACE_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_MANY, 10,
		"the network device" },
	[TRACE_CPU] = { "CPU", "cpu", FIELD_NUMBER, FIELD_SHOWN, 3,
		"the CPU that ran the DPC" },
	[TRACE_MSG] = { "MSG", "msg", FIELD_NUMBER, FIELD_SHOWN, 3,
		"the message" },
	[TRACE_IRQ] = { "IRQ", "irq", FIELD_NUMBER, FIELD_SHOWN, 4,
		"the message's IRQ" },
	[TRACE_NAPI] = { "NAPI", "napi", FIELD_NUMBER, FIELD_GENERIC, 5,
		"not at L3: the kernel's number of the NAPI instance" },
	[TRACE_EVENT] = { "EVENT", "event", FIELD_TEXT, FIELD_SHOWN, 5,
		"what happened: dpc is a run of a DPC" },
	[TRACE_LAT] = { "QUEUE->RUN", "lat_ns", FIELD_DURATION, FIELD_SHOWN, 10,
		"time from queued to started" },
	[TRACE_RUN] = { "RUN", "run_ns", FIELD_DURATION, FIELD_SHOWN, 7,
		"time from started to ended" },
	[TRACE_PKTS] = { "PKTS", "packets", FIELD_NUMBER, FIELD_SHOWN, 5,
		"packets indicated" },
	[TRACE_FLAGS] = { "FLAGS", "flags", FIELD_WORDS, FIELD_SHOWN, 24,
		"how the run came about: queued (by the ISR or another DPC), requeued (continues a "
		"run that had more pending), kept (NAPI runs a DPC again that was not done) or "
		"unsolicited (nobody asked for it); how it ended: more (by its bound, with packets "
		"left), enabled (it enabled its message); foreign: on another CPU than it was "
		"queued for; overlong: longer than the DPC watchdog allows (20ms). L2: kept is also "
		"what was queued in a way that was not seen. L1: queued only where that is "
		"certain" },
	[TRACE_BOUND] = { "BOUND", "bound", FIELD_NUMBER, FIELD_EXTRA, 5,
		"packets the run was allowed" },
	[TRACE_INTR] = { "INTR", "interrupts", FIELD_NUMBER, FIELD_EXTRA, 4,
		"interrupts since the previous run of this DPC" },
	[TRACE_COAL] = { "COAL", "coalesced", FIELD_NUMBER, FIELD_EXTRA, 4,
		"requests since its previous run that found the DPC queued already" },
	[TRACE_DPC_CPU] = { "DPC-CPU", "dpc_cpu", FIELD_NUMBER, FIELD_EXTRA, 7,
		"the CPU the DPC was queued for" },
	[TRACE_IRQ_AT] = { "IRQ-AT", "irq_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"CLOCK_MONOTONIC of the interrupt that began this batch of DPCs" },
	[TRACE_QUEUED_AT] = { "QUEUED-AT", "queued_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"the same of the queueing" },
	[TRACE_STARTED_AT] = { "STARTED-AT", "started_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"the same of the start" },
	[TRACE_ENDED_AT] = { "ENDED-AT", "ended_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"the same of the end" },
};

/**
 * struct trace - a trace being printed
 * @request: what was asked for
 * @list: the devices
 * @rows: their rows, by slot
 * @columns: what to print
 * @realtime_offset: CLOCK_REALTIME less CLOCK_MONOTONIC
 * @observer: where the events come from, NULL if from a recording
 * @limit: events to print at most
 * @printed: events printed
 * @looked_ns: when whose the runs are was last asked again
 * @filtered: events that came and were not asked for
 * @batch: events printed, since the clock and the signals were looked at
 */
struct trace {
	const struct request *request;
	struct device_list list;
	const struct rows *rows;
	struct columns columns;
	__u64 realtime_offset;
	struct observer *observer;
	__u64 limit;
	__u64 printed;
	__u64 looked_ns;
	__u64 filtered;
	unsigned int batch;
};

/* A stamp of 0 is unknown. */
static struct value stamp(__u64 ns)
{
	return ns ? value_number(ns) : (struct value){ 0 };
}

static struct value between(__u64 from, __u64 to)
{
	if (!from || !to)
		return (struct value){ 0 };
	return value_number(to > from ? to - from : 0);
}

static void format_flags(char *words, size_t size, __u32 flags)
{
	static const struct {
		__u32 flag;
		const char *name;
	} names[] = {
		{ DPCNIC_RUN_QUEUED, "queued" },
		{ DPCNIC_RUN_REQUEUED, "requeued" },
		{ DPCNIC_RUN_UNSOLICITED, "unsolicited" },
		{ DPCNIC_RUN_MORE, "more" },
		{ DPCNIC_RUN_ENABLED, "enabled" },
		{ DPCNIC_RUN_FOREIGN, "foreign" },
		{ DPCNIC_RUN_KEPT, "kept" },
		{ DPCNIC_RUN_OVERLONG, "overlong" },
	};
	size_t length = 0;

	*words = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].flag)
			length += (size_t)snprintf(words + length, size - length, "%s%s",
						   length ? "," : "", names[i].name);
}

static size_t slot_of(const struct trace *trace, const struct timeline_event *event)
{
	size_t slot = 0;

	while (slot < trace->list.count && trace->list.devices[slot].ifindex != event->ifindex)
		slot++;
	return slot;
}

/* A recording may have runs of rows that it says nothing of. */
static const struct row_id *row_of(const struct trace *trace, size_t slot,
				   const struct timeline_event *event)
{
	static struct row_id unknown;

	if (event->msg < trace->list.devices[slot].messages)
		return &trace->rows[slot].ids[event->msg];
	unknown = (struct row_id){ .msg = value_number(event->msg) };
	return &unknown;
}

static void fill_values(const struct trace *trace, const struct timeline_event *event,
			struct value *values, char *flags, size_t flags_size)
{
	size_t slot = slot_of(trace, event);
	enum level level = trace->list.devices[slot].level;
	const struct row_id *row;

	format_flags(flags, flags_size, event->flags);
	values[TRACE_TIME] = stamp(event->started_ns);
	values[TRACE_TIME].number += trace->realtime_offset;
	values[TRACE_DEV] = value_text(trace->list.devices[slot].name);
	values[TRACE_CPU] = value_number(event->ran_on);
	row = row_of(trace, slot, event);
	values[TRACE_MSG] = row->msg;
	values[TRACE_IRQ] = row->irq;
	values[TRACE_NAPI] = row->napi;
	values[TRACE_EVENT] = value_text("dpc");
	values[TRACE_LAT] = between(event->queued_ns, event->started_ns);
	values[TRACE_RUN] = between(event->started_ns, event->ended_ns);
	values[TRACE_PKTS] = value_number(event->packets);
	values[TRACE_FLAGS] = value_text(flags);
	values[TRACE_BOUND] = value_number(event->bound);
	if (level == LEVEL_3)
		values[TRACE_INTR] = value_number(event->interrupts);
	if (level >= LEVEL_2) {
		values[TRACE_COAL] = value_number(event->coalesced);
		values[TRACE_DPC_CPU] = value_number(event->cpu);
	}
	values[TRACE_IRQ_AT] = stamp(event->irq_ns);
	values[TRACE_QUEUED_AT] = stamp(event->queued_ns);
	values[TRACE_STARTED_AT] = stamp(event->started_ns);
	values[TRACE_ENDED_AT] = stamp(event->ended_ns);
}

/* Called by the ring's reader; an error makes it stop after this event. */
static int print_event(void *context, void *data, size_t size)
{
	struct value values[TRACE_FIELDS] = { 0 };
	struct trace *trace = context;
	char flags[96];
	json_t *row;

	(void)size;
	fill_values(trace, data, values, flags, sizeof(flags));
	if (trace->request->format == OUTPUT_TEXT) {
		stream_row(&trace->columns, values);
	} else {
		if (trace->printed)
			fputs(",\n", stdout);
		row = row_json(&trace->columns, values);
		json_dumpf(row, stdout, JSON_COMPACT);
		json_decref(row);
	}
	trace->printed++;
	if (trace->printed == trace->limit)
		return -ECANCELED;
	return ++trace->batch % BATCH ? 0 : -EAGAIN;
}

/* Whose run it is may be known only since it ran. */
static void look_again(struct trace *trace, const struct timeline_event *event)
{
	const struct row_id *row = row_of(trace, slot_of(trace, event), event);
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
	if (row_is_of(row_of(trace, slot_of(trace, event), event), &trace->request->msgs) &&
	    id_set_has(&trace->request->cpus, event->ran_on))
		return print_event(context, data, size);
	trace->filtered++;
	return 0;
}

/* @host: NULL for this one. */
static void print_head(const struct trace *trace, const char *host, __u64 start_realtime_ns)
{
	json_t *document;

	if (trace->request->format == OUTPUT_TEXT) {
		stream_header(&trace->columns);
		return;
	}
	document = document_new("trace", host, start_realtime_ns);
	ability_json(document, &trace->list);
	putchar('{');
	json_dumpf(document, stdout, JSON_COMPACT | JSON_EMBED);
	fputs(",\"rows\":[\n", stdout);
	json_decref(document);
}

static void print_tail_text(const struct trace *trace, const struct losses *losses)
{
	const char *separator = " (";

	printf("-- %llu events, lost %llu", trace->printed, losses->lost);
	for (size_t i = 0; i < losses->cpus; i++) {
		if (!losses->by_cpu[i])
			continue;
		printf("%scpu%zu %llu", separator, i, losses->by_cpu[i]);
		separator = ", ";
	}
	printf("%s, filtered %llu\n", *separator == ',' ? ")" : "", losses->filtered);
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
	tail = json_pack("{s:I, s:I, s:I, s:{s:I, s:o}, s:O}",
			 "period_ns", (json_int_t)period_ns,
			 "events", (json_int_t)trace->printed,
			 "filtered", (json_int_t)losses->filtered,
			 "lost", "runs", (json_int_t)losses->lost, "by_cpu", by_cpu,
			 "command", command);
	fputs("\n],", stdout);
	json_dumpf(tail, stdout, JSON_COMPACT | JSON_EMBED);
	fputs("}\n", stdout);
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
	trace->realtime_offset = watch.start_realtime_ns - watch.start_ns;
	print_head(trace, NULL, watch.start_realtime_ns);
	observer_follow(trace->observer, &watch, request_end_ns(trace->request, watch.start_ns));
	period_ns = now_ns() - watch.start_ns;
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
	return columns_choose(&trace->columns, fields, TRACE_FIELDS, trace->request->columns,
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

	if (request->given & 1 << KEYWORD_COUNT)
		trace.limit = request->count;
	return request->input ? trace_then(&trace) : trace_now(&trace);
}

static const char *const text[] = {
	"Prints a line for every run of a DPC until N events are printed, the interval is over, "
	"COMMAND has ended or SIGINT comes; then how many events were lost, as they found no room "
	"in the ring buffer, and on which CPUs, and how many were filtered out by msg and cpu.",
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
	.observes = true,
	.lowest = LEVEL_1,
	.fields = fields,
	.field_count = TRACE_FIELDS,
	.has_columns = true,
	.run = run,
};
