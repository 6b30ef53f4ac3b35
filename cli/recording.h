/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings: what one observation saw, in a file.
 *
 * A header, then chunks: a first one that says what was observed, the runs as they came, and at the
 * end what was counted, and what was lost. The numbers are in the byte order of the host that
 * recorded. A reader skips chunks whose type it does not know; RECORDING_VERSION changes when an
 * older one would misread the rest.
 */
#ifndef DPCTOOL_RECORDING_H
#define DPCTOOL_RECORDING_H

#include <jansson.h>
#include <stdbool.h>

#include "counters.h"
#include "device.h"
#include "error.h"
#include "host.h"
#include "observer.h"
#include "rows.h"
#include "timeline.h"

#define RECORDING_MAGIC		"dpctool"	/* 8 bytes with its zero */
#define RECORDING_VERSION	2
#define RECORDING_ORDER		0x01020304

/**
 * struct recording_header - what a recording begins with
 * @magic: RECORDING_MAGIC
 * @order: RECORDING_ORDER
 * @version: RECORDING_VERSION
 */
struct recording_header {
	char magic[8];
	__u32 order;
	__u32 version;
};

/** enum recording_type - what a chunk holds */
enum recording_type {
	/*
	 * JSON: "host", "kernel", "dpctool" (version), "t0_ns" (CLOCK_REALTIME of the start),
	 * "start_ns" (CLOCK_MONOTONIC), "cpus" (that there can be)
	 */
	RECORDING_BEGIN = 1,
	RECORDING_RUNS = 2,	/* array of struct timeline_event, with the row for its msg */
	RECORDING_COUNTERS = 3,	/* struct recording_counters, struct counters_entry */
	/*
	 * JSON: "devices" (array of "name", "ifindex", "driver", "level" and "why" it is no
	 * higher one, "napis" (how many of the rows are there for NAPI instances, the others being
	 * IRQs; 0 at L3), "rows" (array of "msg", "irq", "napi" (each null where unknown),
	 * "interrupts" (are those that were counted all it had?))), "period_ns", "uncounted" (runs
	 * missing in the counters), "lost" (runs missing among RECORDING_RUNS), "by_cpu" (of these,
	 * the ones that found no room in the ring, by CPU), "command" (null, or "argv", "exit",
	 * "signal"), "load" (what the CPUs did meanwhile, host_json.h; not in older ones)
	 */
	RECORDING_END = 4,
};

/**
 * struct recording_chunk - the head of a chunk
 * @type: enum recording_type
 * @reserved: 0
 * @size: bytes that follow; they are filled up with zeros to a multiple of 8
 */
struct recording_chunk {
	__u32 type;
	__u32 reserved;
	__u64 size;
};

/**
 * struct recording_counters - whose counters follow, as a struct counters_entry
 * @ifindex: the device
 * @row: which of its rows
 * @cpu: the CPU
 * @reserved: 0
 */
struct recording_counters {
	__u32 ifindex;
	__u32 row;
	__u32 cpu;
	__u32 reserved;
};

/**
 * struct recording - a recording that is open to be read
 * @path: its file
 * @host: where it was made
 * @start_ns: when it began, CLOCK_MONOTONIC there
 * @start_realtime_ns: the same on CLOCK_REALTIME
 * @period_ns: how long it took
 * @cpus: how many CPUs there can be
 * @uncounted: runs missing in the counters
 * @losses: runs missing among those handed over
 * @load: what the host's CPUs did meanwhile; nothing, of no CPUs, if that was not recorded
 * @command: the COMMAND it lasted as long as, or null
 * @list: the devices
 * @rows: their rows, by slot
 */
struct recording {
	const char *path;
	const char *host;
	__u64 start_ns;
	__u64 start_realtime_ns;
	__u64 period_ns;
	__u32 cpus;
	__u64 uncounted;
	struct losses losses;
	struct host_load load;
	json_t *command;
	struct device_list list;
	struct rows *rows;
};

/**
 * recording_open() - read the recording @path; fails unless it is whole and sound. The caller ends
 * with recording_close().
 */
enum exit_code recording_open(struct recording **recording, const char *path);

void recording_close(struct recording *recording);

/**
 * recording_select() - keep only device @name of @recording's devices, or with NULL all
 */
enum exit_code recording_select(struct recording *recording, const char *name);

/** recording_entry() - fill @entry with what was counted; all zero where there was no run */
void recording_entry(const struct recording *recording, __u32 ifindex, __u32 row, __u32 cpu,
		     struct counters_entry *entry);

/**
 * recording_visit() - call @take with each run of the devices, in the order they came, until it
 * returns -ECANCELED
 */
void recording_visit(const struct recording *recording,
		     int (*take)(void *context, void *event, size_t size), void *context);

#endif /* DPCTOOL_RECORDING_H */
