// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <search.h>
#include <stdlib.h>

#include "run_row.h"
#include "trace_abi.h"
#include "tracks.h"

/*
 * Tracks about the same, at most. A DPC can be queued while it runs, and a message be disabled
 * while the run that has enabled it ends: two will do for what really happens.
 */
#define LANES	4

const char *const slice_names[SLICE_KINDS] = {
	[SLICE_DISABLED] = "disabled",
	[SLICE_WAIT] = "wait",
	[SLICE_RUN] = "run",
	[MARK_INTERRUPT] = "interrupt",
	[MARK_THROTTLED] = "throttled",
};

/**
 * struct tracks - all tracks of an export
 * @export: where they are counted
 * @sink: who writes them
 * @tree: the tracks, by what they are about: tsearch(3)
 * @track_count: how many there are
 * @interrupt_count: interrupts told of
 */
struct tracks {
	struct export *export;
	const struct tracks_sink *sink;
	void *tree;
	__u32 track_count;
	__u64 interrupt_count;
};

struct tracks *tracks_new(struct export *export, const struct tracks_sink *sink)
{
	struct tracks *tracks = calloc(1, sizeof(*tracks));

	if (!tracks)
		no_memory();
	tracks->export = export;
	tracks->sink = sink;
	return tracks;
}

static void free_lanes(void *node)
{
	struct track *track = node, *next;

	for (; track; track = next) {
		next = track->next;
		free(track);
	}
}

void tracks_free(struct tracks *tracks)
{
	tdestroy(tracks->tree, free_lanes);
	free(tracks);
}

static int compare_tracks(const void *left, const void *right)
{
	const struct track *a = left, *b = right;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	if (a->msg != b->msg)
		return a->msg < b->msg ? -1 : 1;
	return a->cpu < b->cpu ? -1 : a->cpu > b->cpu;
}

/* Names @track, and puts it in its place. */
static void describe(const struct tracks *tracks, struct track *track)
{
	const struct recording *recording = tracks->export->recording;
	struct value irq;

	switch (track->kind) {
	case TRACK_DEVICE:
		snprintf(track->name, sizeof(track->name), "%s",
			 recording->list.devices[track->slot].name);
		break;
	case TRACK_MSG:
		track->order = track->msg;
		irq = run_irq(&recording->irqs[track->slot], track->msg);
		if (irq.known)
			snprintf(track->name, sizeof(track->name), "msg %u (IRQ %llu)", track->msg,
				 irq.number);
		else
			snprintf(track->name, sizeof(track->name), "msg %u", track->msg);
		break;
	case TRACK_DISABLED:
		snprintf(track->name, sizeof(track->name), "disabled");
		break;
	case TRACK_PACKETS:
		track->order = 1;
		snprintf(track->name, sizeof(track->name), "packets");
		break;
	case TRACK_DPC:
		track->order = 2 + track->cpu;
		snprintf(track->name, sizeof(track->name), "cpu %u", track->cpu);
		break;
	case TRACK_CPUS:
		snprintf(track->name, sizeof(track->name), "CPUs");
		break;
	case TRACK_CPU:
		track->order = track->cpu;
		snprintf(track->name, sizeof(track->name), "cpu %u", track->cpu);
		break;
	}
}

/* A track like @like, which is not in the tree. */
static struct track *begin_track(struct tracks *tracks, const struct track *like)
{
	struct track *track = malloc(sizeof(*track));

	if (!track)
		no_memory();
	*track = *like;
	track->id = ++tracks->track_count;
	describe(tracks, track);
	tracks->sink->track(tracks->export, track);
	return track;
}

static struct track *find_track(struct tracks *tracks, enum track_kind kind,
				const struct track *parent, __u32 slot, __u32 msg, __u32 cpu)
{
	const struct track like = {
		.kind = kind, .parent = parent, .slot = slot, .msg = msg, .cpu = cpu,
	};
	struct track **found = tfind(&like, &tracks->tree, compare_tracks);
	struct track *track;

	if (found)
		return *found;
	track = begin_track(tracks, &like);
	if (!tsearch(track, &tracks->tree, compare_tracks))
		no_memory();
	tracks->export->msg_tracks += kind == TRACK_MSG;
	tracks->export->cpu_tracks += kind == TRACK_CPU;
	return track;
}

/* The first track about the same as @track that has nothing after @from_ns; NULL: no room. */
static struct track *find_lane(struct tracks *tracks, struct track *track, __u64 from_ns)
{
	size_t lanes = 1;

	while (track->until_ns > from_ns) {
		if (!track->next && lanes == LANES)
			return NULL;
		if (!track->next)
			track->next = begin_track(tracks, &(struct track){
				.kind = track->kind, .parent = track->parent,
				.slot = track->slot, .msg = track->msg, .cpu = track->cpu,
			});
		track = track->next;
		lanes++;
	}
	return track;
}

/* The interrupt that led to the run, marked when its first run comes; NULL if that is unknown. */
static const struct interrupt *find_interrupt(struct tracks *tracks, struct track *msg,
					      const struct timeline_event *event)
{
	struct slice mark = {
		.kind = MARK_INTERRUPT, .track = msg, .msg = msg,
		.from_ns = event->irq_ns, .to_ns = event->irq_ns, .event = event,
	};
	struct interrupt *interrupt;

	/* What nobody asked for still has the stamp of an interrupt long over. */
	if (!event->irq_ns || event->irq_ns > event->started_ns ||
	    (event->flags & DPCNIC_RUN_UNSOLICITED))
		return NULL;
	for (size_t i = 0; i < TRACK_INTERRUPTS; i++)
		if (msg->interrupts[i].at_ns == event->irq_ns)
			return &msg->interrupts[i];
	msg->newest = (msg->newest + 1) % TRACK_INTERRUPTS;
	interrupt = &msg->interrupts[msg->newest];
	interrupt->id = ++tracks->interrupt_count;
	interrupt->at_ns = event->irq_ns;
	mark.interrupt = interrupt;
	tracks->sink->mark(tracks->export, &mark);
	return interrupt;
}

static void put_slice(struct tracks *tracks, struct track *track, struct slice *slice)
{
	slice->track = track;
	track->until_ns = slice->to_ns;
	tracks->sink->slice(tracks->export, slice);
	tracks->export->slices++;
}

static void put_run(struct tracks *tracks, struct track *msg, struct track *dpc, struct track *cpu,
		    const struct timeline_event *event, __u64 ended_ns)
{
	struct slice slice = { .msg = msg, .event = event };

	if (event->queued_ns && event->queued_ns < event->started_ns) {
		slice.kind = SLICE_WAIT;
		slice.from_ns = event->queued_ns;
		slice.to_ns = event->started_ns;
		put_slice(tracks, dpc, &slice);
	}
	slice.kind = SLICE_RUN;
	slice.from_ns = event->started_ns;
	slice.to_ns = ended_ns;
	put_slice(tracks, cpu, &slice);
	slice.interrupt = find_interrupt(tracks, msg, event);
	put_slice(tracks, dpc, &slice);
	if (event->flags & DPCNIC_RUN_MORE) {
		slice.kind = MARK_THROTTLED;
		slice.from_ns = ended_ns;
		slice.interrupt = NULL;
		tracks->sink->mark(tracks->export, &slice);
	}
}

/* All tracks are found before anything is put on one of them: a run is told of whole, or not. */
void tracks_run(struct tracks *tracks, const struct timeline_event *event)
{
	struct export *export = tracks->export;
	__u32 slot = (__u32)run_slot(&export->recording->list, event);
	struct track *device, *msg, *disabled = NULL, *dpc, *cpu, *packets;
	/* CPUs' clocks agree to within their reading. */
	__u64 ended_ns = event->ended_ns > event->started_ns ? event->ended_ns : event->started_ns;
	__u64 begun_ns = event->started_ns;
	bool enabled = event->flags & DPCNIC_RUN_ENABLED && event->irq_ns &&
		       event->irq_ns < ended_ns;

	if (!event->started_ns || !event->ended_ns) {
		export->unstamped++;
		return;
	}
	if (event->queued_ns && event->queued_ns < begun_ns)
		begun_ns = event->queued_ns;
	device = find_track(tracks, TRACK_DEVICE, NULL, slot, 0, 0);
	msg = find_track(tracks, TRACK_MSG, device, slot, event->msg, 0);
	dpc = find_track(tracks, TRACK_DPC, msg, slot, event->msg, event->cpu);
	packets = find_track(tracks, TRACK_PACKETS, msg, slot, event->msg, 0);
	cpu = find_track(tracks, TRACK_CPUS, NULL, 0, 0, 0);
	cpu = find_track(tracks, TRACK_CPU, cpu, 0, 0, event->ran_on);
	dpc = find_lane(tracks, dpc, begun_ns);
	cpu = find_lane(tracks, cpu, event->started_ns);
	if (enabled) {
		disabled = find_track(tracks, TRACK_DISABLED, msg, slot, event->msg, 0);
		disabled = find_lane(tracks, disabled, event->irq_ns);
	}
	if (!dpc || !cpu || (enabled && !disabled)) {
		export->overlapping++;
		return;
	}
	if (enabled)
		put_slice(tracks, disabled, &(struct slice){
			.kind = SLICE_DISABLED, .msg = msg, .event = event,
			.from_ns = event->irq_ns, .to_ns = ended_ns,
		});
	put_run(tracks, msg, dpc, cpu, event, ended_ns);
	tracks->sink->sample(export, packets, ended_ns, event->packets);
	export->runs++;
}
