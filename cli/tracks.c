// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <search.h>
#include <stdlib.h>

#include "run_row.h"
#include "trace_abi.h"
#include "tracks.h"

/*
 * Tracks about the same, at most. Between the write that enables a message and the stamp of its
 * run's end there may be the next interrupt: two will do for what really happens.
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
	case TRACK_WAIT:
		track->order = 2 + 2 * track->cpu;
		snprintf(track->name, sizeof(track->name), "cpu %u wait", track->cpu);
		break;
	case TRACK_DPC:
		track->order = 3 + 2 * track->cpu;
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

/**
 * struct places - where a run goes, and for how long
 * @msg: its message
 * @packets: the message's counter
 * @disabled: how long the message was disabled, if the run enabled it; else NULL
 * @wait: its wait, if that is known; else NULL
 * @dpc: the run
 * @cpu: the same
 * @ended_ns: when it ended; CPUs' clocks agree to within their reading only
 */
struct places {
	struct track *msg;
	struct track *packets;
	struct track *disabled;
	struct track *wait;
	struct track *dpc;
	struct track *cpu;
	__u64 ended_ns;
};

/* All of them are found before anything is put there: a run is told of whole, or not. */
static bool find_places(struct tracks *tracks, const struct timeline_event *event,
			struct places *places)
{
	__u32 slot = (__u32)run_slot(&tracks->export->recording->list, event);
	__u64 started_ns = event->started_ns;
	struct track *device, *cpus;
	bool fits;

	places->ended_ns = event->ended_ns > started_ns ? event->ended_ns : started_ns;
	device = find_track(tracks, TRACK_DEVICE, NULL, slot, 0, 0);
	cpus = find_track(tracks, TRACK_CPUS, NULL, 0, 0, 0);
	places->msg = find_track(tracks, TRACK_MSG, device, slot, event->msg, 0);
	places->packets = find_track(tracks, TRACK_PACKETS, places->msg, slot, event->msg, 0);
	places->dpc = find_track(tracks, TRACK_DPC, places->msg, slot, event->msg, event->cpu);
	places->dpc = find_lane(tracks, places->dpc, started_ns);
	places->cpu = find_track(tracks, TRACK_CPU, cpus, 0, 0, event->ran_on);
	places->cpu = find_lane(tracks, places->cpu, started_ns);
	fits = places->dpc && places->cpu;
	if (event->queued_ns && event->queued_ns < started_ns) {
		places->wait = find_track(tracks, TRACK_WAIT, places->msg, slot, event->msg,
					  event->cpu);
		places->wait = find_lane(tracks, places->wait, event->queued_ns);
		fits = fits && places->wait;
	}
	if ((event->flags & DPCNIC_RUN_ENABLED) && event->irq_ns &&
	    event->irq_ns < places->ended_ns) {
		places->disabled = find_track(tracks, TRACK_DISABLED, places->msg, slot, event->msg,
					      0);
		places->disabled = find_lane(tracks, places->disabled, event->irq_ns);
		fits = fits && places->disabled;
	}
	return fits;
}

static void put_slice(struct tracks *tracks, enum slice_kind kind, struct track *track,
		      __u64 from_ns, __u64 to_ns, struct slice *slice)
{
	slice->kind = kind;
	slice->track = track;
	slice->from_ns = from_ns;
	slice->to_ns = to_ns;
	track->until_ns = to_ns;
	tracks->sink->slice(tracks->export, slice);
	tracks->export->slices++;
}

static void put_run(struct tracks *tracks, const struct places *places,
		    const struct timeline_event *event)
{
	struct slice slice = { .msg = places->msg, .event = event };

	if (places->disabled)
		put_slice(tracks, SLICE_DISABLED, places->disabled, event->irq_ns,
			  places->ended_ns, &slice);
	if (places->wait)
		put_slice(tracks, SLICE_WAIT, places->wait, event->queued_ns, event->started_ns,
			  &slice);
	put_slice(tracks, SLICE_RUN, places->cpu, event->started_ns, places->ended_ns, &slice);
	slice.interrupt = find_interrupt(tracks, places->msg, event);
	put_slice(tracks, SLICE_RUN, places->dpc, event->started_ns, places->ended_ns, &slice);
	if (event->flags & DPCNIC_RUN_MORE) {
		slice.kind = MARK_THROTTLED;
		slice.from_ns = places->ended_ns;
		slice.interrupt = NULL;
		tracks->sink->mark(tracks->export, &slice);
	}
	tracks->sink->sample(tracks->export, places->packets, places->ended_ns, event->packets);
}

void tracks_run(struct tracks *tracks, const struct timeline_event *event)
{
	struct places places = { 0 };

	if (!event->started_ns || !event->ended_ns) {
		tracks->export->unstamped++;
	} else if (!find_places(tracks, event, &places)) {
		tracks->export->overlapping++;
	} else {
		put_run(tracks, &places, event);
		tracks->export->runs++;
	}
}
