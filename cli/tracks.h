/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DPC runs as a timeline: slices of time on tracks. What its formats have in common; each hands in
 * a struct tracks_sink that writes them.
 */
#ifndef DPCTOOL_TRACKS_H
#define DPCTOOL_TRACKS_H

#include "export.h"

/** enum track_kind - what a track is about */
enum track_kind {
	TRACK_DEVICE,	/* a device: holds its messages' tracks */
	TRACK_MSG,	/* a message: its interrupts, and the tracks of the next four kinds */
	TRACK_DISABLED,	/* when it was disabled */
	TRACK_PACKETS,	/* a counter: how many packets each of its runs had */
	TRACK_WAIT,	/* when its DPC for one CPU waited: it may, as soon as it runs */
	TRACK_DPC,	/* when this ran */
	TRACK_CPUS,	/* the host: holds its CPUs' tracks */
	TRACK_CPU,	/* a CPU: the runs on it */
};

/* How many interrupts a message remembers: runs come in the order of their ends, nearly. */
#define TRACK_INTERRUPTS	8

/**
 * struct interrupt - an interrupt that began a batch of DPCs
 * @id: tells it from all others; 0 is none
 * @at_ns: when, CLOCK_MONOTONIC
 */
struct interrupt {
	__u64 id;
	__u64 at_ns;
};

/**
 * struct track - a track; its slices follow each other and do not overlap
 * @kind: what it is about
 * @id: tells it from all others, from 1 on
 * @parent: which track holds it, or NULL
 * @slot: its device's, for kinds that have one; else 0
 * @msg: the same
 * @cpu: the same
 * @order: its place in @parent
 * @name: what it is called there; if slices overlap, several tracks about the same share them, with
 *	the same name
 * @until_ns: end of its last slice
 * @next: another track about the same, or NULL
 * @interrupts: the latest of a message, the newest at @newest
 * @newest: see there
 */
struct track {
	enum track_kind kind;
	__u32 id;
	const struct track *parent;
	__u32 slot;
	__u32 msg;
	__u32 cpu;
	__u32 order;
	char name[48];
	__u64 until_ns;
	struct track *next;
	struct interrupt interrupts[TRACK_INTERRUPTS];
	size_t newest;
};

/** enum slice_kind - what a slice or mark says */
enum slice_kind {
	SLICE_DISABLED,		/* on TRACK_DISABLED: from the interrupt until enabled */
	SLICE_WAIT,		/* on TRACK_WAIT: from queued to started */
	SLICE_RUN,		/* on TRACK_DPC, and on TRACK_CPU: from started to ended */
	MARK_INTERRUPT,		/* on TRACK_MSG */
	MARK_THROTTLED,		/* on TRACK_DPC: the run ended by its bound, packets left */
	SLICE_KINDS
};

/* What they are called. */
extern const char *const slice_names[SLICE_KINDS];

/**
 * struct slice - a slice, or a mark, which has no length
 * @kind: what it says
 * @track: where
 * @msg: the message's track
 * @from_ns: when it begins, CLOCK_MONOTONIC
 * @to_ns: when it ends
 * @event: the run
 * @interrupt: the mark's, and on TRACK_DPC the one that led to the run; or NULL
 */
struct slice {
	enum slice_kind kind;
	const struct track *track;
	const struct track *msg;
	__u64 from_ns;
	__u64 to_ns;
	const struct timeline_event *event;
	const struct interrupt *interrupt;
};

/**
 * struct tracks_sink - writes a timeline in one format
 * @track: a track begins; its parent has been told of
 * @slice: a slice; those of a track come in order
 * @mark: a mark; an interrupt's comes before its runs
 * @sample: a counter's value, from then on
 */
struct tracks_sink {
	void (*track)(struct export *export, const struct track *track);
	void (*slice)(struct export *export, const struct slice *slice);
	void (*mark)(struct export *export, const struct slice *mark);
	void (*sample)(struct export *export, const struct track *track, __u64 at_ns, __u64 value);
};

/** struct tracks - all tracks of an export */
struct tracks;

struct tracks *tracks_new(struct export *export, const struct tracks_sink *sink);
void tracks_free(struct tracks *tracks);

/** tracks_run() - tell the sink of one more run, and count it in the struct export */
void tracks_run(struct tracks *tracks, const struct timeline_event *event);

#endif /* DPCTOOL_TRACKS_H */
