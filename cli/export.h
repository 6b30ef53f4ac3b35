/* SPDX-License-Identifier: GPL-2.0 */
/* "dpctool export": what is observed or was recorded, for other programs. */
#ifndef DPCTOOL_EXPORT_H
#define DPCTOOL_EXPORT_H

#include <stdio.h>

#include "args.h"
#include "recording.h"
#include "timeline.h"

/**
 * struct export - runs being exported
 * @recording: where they come from
 * @file: where they go; errors stay in it, and are looked at in the end
 * @runs: runs written
 * @unstamped: runs left out, as their start or end is unknown
 * @overlapping: runs left out, as more than there can be took place at the same time
 * @msg_tracks: messages that have a timeline
 * @cpu_tracks: CPUs that have one
 * @slices: stretches of time on these
 * @context: the writer's own
 */
struct export {
	const struct recording *recording;
	FILE *file;
	__u64 runs;
	__u64 unstamped;
	__u64 overlapping;
	__u64 msg_tracks;
	__u64 cpu_tracks;
	__u64 slices;
	void *context;
};

/**
 * struct export_writer - one format
 * @file: what is written unless -o names another
 * @timeline: it has tracks and slices to tell of
 * @begin: is called before the first run
 * @run: with each
 * @end: behind the last one, unless NULL
 */
struct export_writer {
	const char *file;
	bool timeline;
	void (*begin)(struct export *export);
	void (*run)(struct export *export, const struct timeline_event *event);
	void (*end)(struct export *export);
};

/**
 * export_runs() - write the runs of a recording, or of one made now, as @request asks, and say what
 * was written
 */
enum exit_code export_runs(const struct request *request, const struct export_writer *writer);

/* The verbs, each in a file of its own. */
enum exit_code export_perfetto(const struct request *request);
enum exit_code export_chrome(const struct request *request);
enum exit_code export_csv(const struct request *request);
enum exit_code export_prometheus(const struct request *request);

#endif /* DPCTOOL_EXPORT_H */
