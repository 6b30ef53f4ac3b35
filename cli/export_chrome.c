// SPDX-License-Identifier: GPL-2.0
/*
 * "dpctool export chrome": the timeline as JSON, in the Trace Event Format that Chrome once had and
 * many viewers read. Times are microseconds since the recording began, with three decimals: most
 * readers have no integers for CLOCK_MONOTONIC. What that was is in otherData.
 */
#include <jansson.h>
#include <stdlib.h>

#include "run_row.h"
#include "tracks.h"

/* A track's place in a process is behind those of all messages before: they have two per CPU. */
#define TRACKS_OF_MSG	(3 + 2 * TIMELINE_IDS)

/**
 * struct chrome - a trace being written
 * @tracks: its tracks
 * @events: events written
 * @flows: flows written
 */
struct chrome {
	struct tracks *tracks;
	__u64 events;
	__u64 flows;
};

/* The format has no groups of tracks but processes, with threads. */
static __u32 process_of(const struct track *track)
{
	while (track->parent)
		track = track->parent;
	return track->id;
}

/* What every event begins with. The caller closes the brace. */
static void begin_event(struct export *export, char phase, const struct track *track)
{
	struct chrome *chrome = export->context;

	fputs(chrome->events++ ? ",\n" : "\n", export->file);
	fprintf(export->file, "{\"ph\":\"%c\",\"pid\":%u,\"tid\":%u", phase, process_of(track),
		track->id);
}

static void put_time(struct export *export, const char *key, __u64 from_ns, __u64 to_ns)
{
	__u64 ns = to_ns < from_ns ? from_ns - to_ns : to_ns - from_ns;

	fprintf(export->file, ",\"%s\":%s%llu.%03llu", key, to_ns < from_ns ? "-" : "", ns / 1000,
		ns % 1000);
}

static void put_at(struct export *export, __u64 at_ns)
{
	put_time(export, "ts", export->recording->start_ns, at_ns);
}

static void put_json(struct export *export, json_t *json)
{
	json_dumpf(json, export->file, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
}

/* What a process or thread is called, or where it stands. */
static void put_about(struct export *export, const struct track *track, const char *what,
		      const char *key, json_t *value)
{
	begin_event(export, 'M', track);
	fprintf(export->file, ",\"name\":\"%s\",\"args\":{\"%s\":", what, key);
	put_json(export, value);
	fputs("}}", export->file);
}

static void put_track(struct export *export, const struct track *track)
{
	const struct track *parent = track->parent;
	__u64 order = track->order;
	char name[128];

	if (track->kind == TRACK_PACKETS)
		return;
	if (!parent) {
		put_about(export, track, "process_name", "name", json_string(track->name));
		put_about(export, track, "process_sort_index", "sort_index",
			  json_integer(track->kind == TRACK_CPUS ? OBSERVE_DEVICES : track->slot));
		return;
	}
	snprintf(name, sizeof(name), "%s", track->name);
	if (parent->kind == TRACK_MSG) {
		snprintf(name, sizeof(name), "msg %u %s", track->msg, track->name);
		order = track->msg * TRACKS_OF_MSG + 1 + order;
	} else if (track->kind == TRACK_MSG) {
		order = track->msg * TRACKS_OF_MSG;
	}
	put_about(export, track, "thread_name", "name", json_string(name));
	put_about(export, track, "thread_sort_index", "sort_index",
		  json_integer((json_int_t)order));
}

static void put_args(struct export *export, const struct timeline_event *run)
{
	char flags[RUN_FLAGS_SIZE];

	run_flags(flags, sizeof(flags), run->flags);
	fprintf(export->file, ",\"args\":{\"%s\":%u,\"%s\":%u,\"%s\":%u,\"%s\":%u,\"%s\":%u,"
		"\"%s\":%u,\"%s\":\"%s\"}", run_fields[RUN_PKTS].key, run->packets,
		run_fields[RUN_BOUND].key, run->bound, run_fields[RUN_INTR].key, run->interrupts,
		run_fields[RUN_COAL].key, run->coalesced, run_fields[RUN_CPU].key, run->ran_on,
		run_fields[RUN_DPC_CPU].key, run->cpu, run_fields[RUN_FLAGS].key, flags);
}

static void put_name(struct export *export, const struct slice *slice)
{
	char name[64];

	snprintf(name, sizeof(name), "%s", slice_names[slice->kind]);
	if (slice->track->kind == TRACK_CPU)
		snprintf(name, sizeof(name), "%s msg %u", slice->msg->parent->name,
			 slice->msg->msg);
	fputs(",\"cat\":\"dpc\",\"name\":", export->file);
	put_json(export, json_string(name));
}

/* From the interrupt's slice, which has no length, to the run's. */
static void put_flow(struct export *export, const struct slice *slice)
{
	struct chrome *chrome = export->context;

	begin_event(export, 's', slice->msg);
	put_at(export, slice->interrupt->at_ns);
	fprintf(export->file, ",\"cat\":\"flow\",\"name\":\"dpc\",\"id\":%llu}", ++chrome->flows);
	begin_event(export, 'f', slice->track);
	put_at(export, slice->from_ns);
	fprintf(export->file, ",\"cat\":\"flow\",\"name\":\"dpc\",\"id\":%llu,\"bp\":\"e\"}",
		chrome->flows);
}

static void put_slice(struct export *export, const struct slice *slice)
{
	begin_event(export, 'X', slice->track);
	put_at(export, slice->from_ns);
	put_time(export, "dur", slice->from_ns, slice->to_ns);
	put_name(export, slice);
	if (slice->kind == SLICE_RUN)
		put_args(export, slice->event);
	fputc('}', export->file);
	if (slice->kind == SLICE_RUN && slice->interrupt)
		put_flow(export, slice);
}

/* A flow can only begin at a slice. */
static void put_mark(struct export *export, const struct slice *mark)
{
	if (mark->kind == MARK_INTERRUPT) {
		put_slice(export, mark);
		return;
	}
	begin_event(export, 'i', mark->track);
	put_at(export, mark->from_ns);
	put_name(export, mark);
	put_args(export, mark->event);
	fputs(",\"s\":\"t\"}", export->file);
}

static void put_sample(struct export *export, const struct track *track, __u64 at_ns, __u64 value)
{
	begin_event(export, 'C', track);
	put_at(export, at_ns);
	fprintf(export->file, ",\"name\":\"msg %u packets\",\"args\":{\"packets\":%llu}}",
		track->msg, value);
}

static const struct tracks_sink sink = {
	.track = put_track,
	.slice = put_slice,
	.mark = put_mark,
	.sample = put_sample,
};

static void begin(struct export *export)
{
	const struct recording *recording = export->recording;
	struct chrome *chrome = calloc(1, sizeof(*chrome));

	if (!chrome)
		no_memory();
	chrome->tracks = tracks_new(export, &sink);
	export->context = chrome;
	fputs("{\"displayTimeUnit\":\"ns\",\"otherData\":", export->file);
	put_json(export, json_pack("{s:s, s:I, s:I, s:I}", "host", recording->host,
				   "t0_ns", (json_int_t)recording->start_realtime_ns,
				   "start_ns", (json_int_t)recording->start_ns,
				   "lost", (json_int_t)recording->losses.lost));
	fputs(",\"traceEvents\":[", export->file);
}

static void put_run(struct export *export, const struct timeline_event *event)
{
	struct chrome *chrome = export->context;

	tracks_run(chrome->tracks, event);
}

static void end(struct export *export)
{
	struct chrome *chrome = export->context;

	fputs("\n]}\n", export->file);
	tracks_free(chrome->tracks);
	free(chrome);
}

static const struct export_writer writer = {
	.file = "dpctool.json",
	.timeline = true,
	.begin = begin,
	.run = put_run,
	.end = end,
};

enum exit_code export_chrome(const struct request *request)
{
	return export_runs(request, &writer);
}
