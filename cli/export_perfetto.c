// SPDX-License-Identifier: GPL-2.0
/*
 * "dpctool export perfetto": the timeline as Perfetto's own format, packet by packet. Times are
 * CLOCK_MONOTONIC; a reader learns from the first packets what CLOCK_REALTIME was then.
 */
#include <stdlib.h>
#include <string.h>

#include "perfetto.pb-c.h"
#include "run_row.h"
#include "trace_abi.h"
#include "tracks.h"

/* There is one sequence of packets, and one category of events. */
#define SEQUENCE	1
#define CATEGORY	1

/* Names of events: those of slice_names[], then the messages', by the id of their tracks. */
#define NAME_OF_KIND(kind)	((kind) + 1)
#define NAME_OF_MSG(track)	(SLICE_KINDS + 1 + (track)->id)

/* Sets of flags told apart, as in enum dpcnic_run_flags. */
#define FLAG_SETS	256

enum annotation {
	ANNOTATION_PACKETS, ANNOTATION_BOUND, ANNOTATION_INTERRUPTS, ANNOTATION_COALESCED,
	ANNOTATION_CPU, ANNOTATION_DPC_CPU, ANNOTATION_FLAGS,
	ANNOTATIONS
};

/* As trace calls them. */
static const enum run_field annotated[ANNOTATIONS] = {
	[ANNOTATION_PACKETS] = RUN_PKTS,
	[ANNOTATION_BOUND] = RUN_BOUND,
	[ANNOTATION_INTERRUPTS] = RUN_INTR,
	[ANNOTATION_COALESCED] = RUN_COAL,
	[ANNOTATION_CPU] = RUN_CPU,
	[ANNOTATION_DPC_CPU] = RUN_DPC_CPU,
	[ANNOTATION_FLAGS] = RUN_FLAGS,
};

/**
 * struct perfetto - a trace being written
 * @tracks: its tracks
 * @flags_known: the sets of flags that have been given their text
 */
struct perfetto {
	struct tracks *tracks;
	bool flags_known[FLAG_SETS];
};

/** struct file_buffer - a buffer of protobuf-c that is a file */
struct file_buffer {
	ProtobufCBuffer base;
	FILE *file;
};

static void append(ProtobufCBuffer *buffer, size_t size, const uint8_t *data)
{
	fwrite(data, size, 1, ((struct file_buffer *)buffer)->file);
}

/* A trace is the sum of its packets: each of them is written as a trace of its own. */
static void put_packet(struct export *export, Pf__TracePacket *packet)
{
	struct file_buffer buffer = { .base = { .append = append }, .file = export->file };
	Pf__Trace trace = PF__TRACE__INIT;

	packet->has_trusted_packet_sequence_id = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	if (!packet->has_sequence_flags) {
		packet->has_sequence_flags = true;
		packet->sequence_flags =
			PF__TRACE_PACKET__SEQUENCE_FLAGS__SEQ_NEEDS_INCREMENTAL_STATE;
	}
	trace.n_packet = 1;
	trace.packet = &packet;
	pf__trace__pack_to_buffer(&trace, &buffer.base);
}

static void put_clocks(struct export *export)
{
	const struct recording *recording = export->recording;
	Pf__ClockSnapshot__Clock monotonic = PF__CLOCK_SNAPSHOT__CLOCK__INIT;
	Pf__ClockSnapshot__Clock realtime = PF__CLOCK_SNAPSHOT__CLOCK__INIT;
	Pf__ClockSnapshot__Clock *clocks[] = { &monotonic, &realtime };
	Pf__TracePacketDefaults defaults = PF__TRACE_PACKET_DEFAULTS__INIT;
	Pf__ClockSnapshot snapshot = PF__CLOCK_SNAPSHOT__INIT;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;

	monotonic.has_clock_id = true;
	monotonic.has_timestamp = true;
	monotonic.clock_id = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	monotonic.timestamp = recording->start_ns;
	realtime.has_clock_id = true;
	realtime.has_timestamp = true;
	realtime.clock_id = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_REALTIME;
	realtime.timestamp = recording->start_realtime_ns;
	snapshot.has_primary_trace_clock = true;
	snapshot.primary_trace_clock = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	snapshot.n_clocks = 2;
	snapshot.clocks = clocks;
	defaults.has_timestamp_clock_id = true;
	defaults.timestamp_clock_id = PF__BUILTIN_CLOCK__BUILTIN_CLOCK_MONOTONIC;
	packet.has_first_packet_on_sequence = true;
	packet.first_packet_on_sequence = true;
	packet.has_sequence_flags = true;
	packet.sequence_flags = PF__TRACE_PACKET__SEQUENCE_FLAGS__SEQ_INCREMENTAL_STATE_CLEARED;
	packet.clock_snapshot = &snapshot;
	packet.trace_packet_defaults = &defaults;
	put_packet(export, &packet);
}

/* protobuf-c writes what it is given, and never changes it. */
static char *unchanged(const char *text)
{
	return (char *)text;
}

static void name(Pf__InternedName *names, Pf__InternedName **list, size_t i, const char *text)
{
	pf__interned_name__init(&names[i]);
	names[i].has_iid = true;
	names[i].iid = i + 1;
	names[i].name = unchanged(text);
	list[i] = &names[i];
}

/* All names that are known in advance. */
static void put_names(struct export *export)
{
	Pf__InternedName category, kinds[SLICE_KINDS], keys[ANNOTATIONS];
	Pf__InternedName *categories[1], *kind_list[SLICE_KINDS], *key_list[ANNOTATIONS];
	Pf__InternedData names = PF__INTERNED_DATA__INIT;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;

	name(&category, categories, CATEGORY - 1, "dpc");
	for (size_t i = 0; i < SLICE_KINDS; i++)
		name(kinds, kind_list, i, slice_names[i]);
	for (size_t i = 0; i < ANNOTATIONS; i++)
		name(keys, key_list, i, run_fields[annotated[i]].key);
	names.n_event_categories = 1;
	names.event_categories = categories;
	names.n_event_names = SLICE_KINDS;
	names.event_names = kind_list;
	names.n_debug_annotation_names = ANNOTATIONS;
	names.debug_annotation_names = key_list;
	packet.interned_data = &names;
	put_packet(export, &packet);
}

/* What a message's runs are called on the tracks of CPUs. */
static void put_msg_name(struct export *export, const struct track *track)
{
	Pf__InternedName msg = PF__INTERNED_NAME__INIT, *list = &msg;
	Pf__InternedData names = PF__INTERNED_DATA__INIT;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	char text[64];

	snprintf(text, sizeof(text), "%s msg %u", track->parent->name, track->msg);
	msg.has_iid = true;
	msg.iid = NAME_OF_MSG(track);
	msg.name = text;
	names.n_event_names = 1;
	names.event_names = &list;
	packet.interned_data = &names;
	put_packet(export, &packet);
}

static void put_track(struct export *export, const struct track *track)
{
	Pf__CounterDescriptor counter = PF__COUNTER_DESCRIPTOR__INIT;
	Pf__TrackDescriptor descriptor = PF__TRACK_DESCRIPTOR__INIT;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	char about[512];

	descriptor.has_uuid = true;
	descriptor.uuid = track->id;
	descriptor.name = unchanged(track->name);
	descriptor.has_parent_uuid = !!track->parent;
	descriptor.parent_uuid = track->parent ? track->parent->id : 0;
	descriptor.has_sibling_order_rank = !!track->parent;
	descriptor.sibling_order_rank = (int32_t)track->order;
	if (track->kind == TRACK_DEVICE || track->kind == TRACK_MSG || track->kind == TRACK_CPUS) {
		descriptor.has_child_ordering = true;
		descriptor.child_ordering = PF__TRACK_DESCRIPTOR__CHILD_TRACKS_ORDERING__EXPLICIT;
	}
	if (track->kind == TRACK_PACKETS) {
		counter.unit_name = unchanged("packets per run");
		descriptor.counter = &counter;
	}
	if (track->kind == TRACK_DEVICE) {
		snprintf(about, sizeof(about), "recorded on %s; lost: %llu runs",
			 export->recording->host, export->recording->losses.lost);
		descriptor.description = about;
	}
	packet.track_descriptor = &descriptor;
	put_packet(export, &packet);
	if (track->kind == TRACK_MSG)
		put_msg_name(export, track);
}

static void put_event(struct export *export, Pf__TrackEvent *event, const struct track *track,
		      Pf__TrackEvent__Type type, __u64 at_ns)
{
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;

	event->has_track_uuid = true;
	event->track_uuid = track->id;
	event->has_type = true;
	event->type = type;
	packet.has_timestamp = true;
	packet.timestamp = at_ns;
	packet.track_event = event;
	put_packet(export, &packet);
}

/* The number that stands for the names of @flags; they are written when it is used first. */
static __u64 intern_flags(struct export *export, __u32 flags)
{
	Pf__InternedString words = PF__INTERNED_STRING__INIT, *list = &words;
	Pf__InternedData strings = PF__INTERNED_DATA__INIT;
	Pf__TracePacket packet = PF__TRACE_PACKET__INIT;
	struct perfetto *perfetto = export->context;
	__u32 set = flags % FLAG_SETS;
	char text[RUN_FLAGS_SIZE];

	words.has_iid = true;
	words.iid = set + 1;
	if (perfetto->flags_known[set])
		return words.iid;
	perfetto->flags_known[set] = true;
	run_flags(text, sizeof(text), set);
	words.has_str = true;
	words.str.data = (uint8_t *)text;
	words.str.len = strlen(text);
	strings.n_debug_annotation_string_values = 1;
	strings.debug_annotation_string_values = &list;
	packet.interned_data = &strings;
	put_packet(export, &packet);
	return words.iid;
}

/** struct annotations - what is noted at an event */
struct annotations {
	Pf__DebugAnnotation of[ANNOTATIONS];
	Pf__DebugAnnotation *list[ANNOTATIONS];
};

static void annotate(struct export *export, Pf__TrackEvent *to, struct annotations *annotations,
		     const struct timeline_event *run)
{
	const __u32 values[ANNOTATIONS] = {
		[ANNOTATION_PACKETS] = run->packets,
		[ANNOTATION_BOUND] = run->bound,
		[ANNOTATION_INTERRUPTS] = run->interrupts,
		[ANNOTATION_COALESCED] = run->coalesced,
		[ANNOTATION_CPU] = run->ran_on,
		[ANNOTATION_DPC_CPU] = run->cpu,
	};

	for (size_t i = 0; i < ANNOTATIONS; i++) {
		Pf__DebugAnnotation *annotation = &annotations->of[i];

		pf__debug_annotation__init(annotation);
		annotation->has_name_iid = true;
		annotation->name_iid = i + 1;
		annotation->has_uint_value = i != ANNOTATION_FLAGS;
		annotation->uint_value = values[i];
		annotations->list[i] = annotation;
	}
	annotations->of[ANNOTATION_FLAGS].has_string_value_iid = true;
	annotations->of[ANNOTATION_FLAGS].string_value_iid = intern_flags(export, run->flags);
	to->n_debug_annotations = ANNOTATIONS;
	to->debug_annotations = annotations->list;
}

/* Begins a slice, or is a mark: it has the name, the details of the run, and the flow. */
static void put_begin(struct export *export, const struct slice *slice, Pf__TrackEvent__Type type)
{
	Pf__TrackEvent event = PF__TRACK_EVENT__INIT;
	struct annotations annotations;
	uint64_t category = CATEGORY;
	uint64_t flow;

	event.n_category_iids = 1;
	event.category_iids = &category;
	event.has_name_iid = true;
	event.name_iid = slice->track->kind == TRACK_CPU ? NAME_OF_MSG(slice->msg) :
							   NAME_OF_KIND(slice->kind);
	if (slice->kind == SLICE_RUN || slice->kind == MARK_THROTTLED)
		annotate(export, &event, &annotations, slice->event);
	if (slice->interrupt) {
		flow = slice->interrupt->id;
		event.n_flow_ids = 1;
		event.flow_ids = &flow;
	}
	put_event(export, &event, slice->track, type, slice->from_ns);
}

static void put_slice(struct export *export, const struct slice *slice)
{
	Pf__TrackEvent end = PF__TRACK_EVENT__INIT;

	put_begin(export, slice, PF__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN);
	put_event(export, &end, slice->track, PF__TRACK_EVENT__TYPE__TYPE_SLICE_END, slice->to_ns);
}

static void put_mark(struct export *export, const struct slice *mark)
{
	put_begin(export, mark, PF__TRACK_EVENT__TYPE__TYPE_INSTANT);
}

static void put_sample(struct export *export, const struct track *track, __u64 at_ns, __u64 value)
{
	Pf__TrackEvent event = PF__TRACK_EVENT__INIT;

	event.has_counter_value = true;
	event.counter_value = (int64_t)value;
	put_event(export, &event, track, PF__TRACK_EVENT__TYPE__TYPE_COUNTER, at_ns);
}

static const struct tracks_sink sink = {
	.track = put_track,
	.slice = put_slice,
	.mark = put_mark,
	.sample = put_sample,
};

static void begin(struct export *export)
{
	struct perfetto *perfetto = calloc(1, sizeof(*perfetto));

	if (!perfetto)
		no_memory();
	perfetto->tracks = tracks_new(export, &sink);
	export->context = perfetto;
	put_clocks(export);
	put_names(export);
}

static void put_run(struct export *export, const struct timeline_event *event)
{
	struct perfetto *perfetto = export->context;

	tracks_run(perfetto->tracks, event);
}

static void end(struct export *export)
{
	struct perfetto *perfetto = export->context;

	tracks_free(perfetto->tracks);
	free(perfetto);
}

static const struct export_writer writer = {
	.file = "dpctool.pftrace",
	.timeline = true,
	.begin = begin,
	.run = put_run,
	.end = end,
};

enum exit_code export_perfetto(const struct request *request)
{
	return export_runs(request, &writer);
}
