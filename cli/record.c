// SPDX-License-Identifier: GPL-2.0
/* "dpctool record": everything about the DPC runs, in a file for later. Its format: recording.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ability.h"
#include "args.h"
#include "attach.h"
#include "distribution.h"
#include "figures.h"
#include "host_json.h"
#include "observer.h"
#include "record.h"
#include "recording.h"
#include "utf8.h"
#include "version.h"
#include "watch.h"

/* Runs of a chunk, at most. */
#define BATCH		4096

/**
 * struct record - a recording being made
 * @request: what was asked for
 * @path: the file
 * @new: what it is called until all is written; "" if it has its name already
 * @file: the same
 * @size: how long it is, -1 if it does not tell
 * @told: say what was recorded
 * @list: the devices
 * @observer: who observes
 * @batch: runs not written yet
 * @batched: how many
 * @runs: runs written or in @batch
 * @before: what the CPUs had done when it began
 * @load: what they did since
 * @error: errno of the first write that failed, or 0
 */
struct record {
	const struct request *request;
	const char *path;
	char new[PATH_MAX];
	FILE *file;
	long size;
	bool told;
	struct device_list *list;
	struct observer *observer;
	struct timeline_event batch[BATCH];
	size_t batched;
	__u64 runs;
	struct host_load before;
	struct host_load load;
	int error;
};

/* Whoever closes the file says what went wrong. */
static void put(struct record *record, const void *data, size_t size)
{
	if (fwrite(data, 1, size, record->file) < size && !record->error)
		record->error = errno;
}

static void put_chunk(struct record *record, __u32 type, const void *head, size_t head_size,
		      const void *data, size_t size)
{
	const struct recording_chunk chunk = { .type = type, .size = head_size + size };
	static const char zeros[8];

	put(record, &chunk, sizeof(chunk));
	put(record, head, head_size);
	put(record, data, size);
	put(record, zeros, -chunk.size % 8);
}

static void put_json(struct record *record, __u32 type, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	if (!text)
		no_memory();
	put_chunk(record, type, NULL, 0, text, strlen(text));
	free(text);
	json_decref(json);
}

static void flush_batch(struct record *record)
{
	if (record->batched)
		put_chunk(record, RECORDING_RUNS, NULL, 0, record->batch,
			  record->batched * sizeof(record->batch[0]));
	record->batched = 0;
}

/* Called by the ring's reader. Enough is when nothing can be written any more. */
static int take_run(void *context, void *event, size_t size)
{
	struct record *record = context;

	(void)size;
	record->batch[record->batched++] = *(const struct timeline_event *)event;
	record->runs++;
	if (record->batched < BATCH)
		return 0;
	flush_batch(record);
	return ferror(record->file) ? -ECANCELED : -EAGAIN;
}

/* A set of figures has a bit for each; JSON has no numbers of so many bits. */
static json_t *row_json_of(const struct row_id *row)
{
	return json_pack("{s:o, s:o, s:o, s:b}", "msg", number_json(row->msg),
			 "irq", number_json(row->irq), "napi", number_json(row->napi),
			 "interrupts", (bool)(row->known & figures_of_level(LEVEL_0)));
}

static json_t *devices_json(const struct device_list *list, const struct rows *rows)
{
	json_t *devices = json_array();

	for (size_t slot = 0; slot < list->count; slot++) {
		const struct device *device = &list->devices[slot];
		json_t *ids = json_array();

		for (__u32 row = 0; row < device->messages; row++)
			json_array_append_new(ids, row_json_of(&rows[slot].ids[row]));
		json_array_append_new(devices, json_pack("{s:o, s:I, s:o, s:s, s:o, s:I, s:o}",
							 "name",
							 utf8_json_printable(device->name),
							 "ifindex", (json_int_t)device->ifindex,
							 "driver",
							 utf8_json_printable(device->driver),
							 "level", level_names[device->level],
							 "why", utf8_json_printable(device->why),
							 "napis", (json_int_t)device->napis,
							 "rows", ids));
	}
	return devices;
}

static void put_begin(struct record *record, const struct watch *watch)
{
	const struct recording_header header = {
		.magic = RECORDING_MAGIC, .order = RECORDING_ORDER, .version = RECORDING_VERSION,
	};
	struct utsname host;

	uname(&host);
	put(record, &header, sizeof(header));
	put_json(record, RECORDING_BEGIN,
		 json_pack("{s:o, s:s, s:s, s:I, s:I, s:I}",
			   "host", utf8_json_printable(host.nodename), "kernel", host.release,
			   "dpctool", DPCTOOL_VERSION,
			   "t0_ns", (json_int_t)watch->start_realtime_ns,
			   "start_ns", (json_int_t)watch->start_ns,
			   "cpus", (json_int_t)attach_cpus()));
}

static void put_counters(struct record *record)
{
	struct counters_entry entry;
	__u32 cpus = attach_cpus();

	for (size_t slot = 0; slot < record->list->count; slot++) {
		const struct device *device = &record->list->devices[slot];
		struct recording_counters of = { .ifindex = device->ifindex };

		for (of.row = 0; of.row < device->messages; of.row++) {
			for (of.cpu = 0; of.cpu < cpus; of.cpu++) {
				observer_entry(record->observer, slot, of.row, of.cpu, &entry);
				if (entry_runs(&entry, 0) || entry.interrupts)
					put_chunk(record, RECORDING_COUNTERS, &of, sizeof(of),
						  &entry, sizeof(entry));
			}
		}
	}
}

static void put_end(struct record *record, const struct rows *rows, const struct losses *losses,
		    __u64 period_ns, json_t *command)
{
	json_t *by_cpu = json_array();

	for (size_t cpu = 0; cpu < losses->cpus; cpu++)
		json_array_append_new(by_cpu, json_integer((json_int_t)losses->by_cpu[cpu]));
	put_json(record, RECORDING_END,
		 json_pack("{s:o, s:I, s:I, s:I, s:o, s:O, s:o}",
			   "devices", devices_json(record->list, rows),
			   "period_ns", (json_int_t)period_ns,
			   "uncounted", (json_int_t)observer_uncounted(record->observer),
			   "lost", (json_int_t)losses->lost,
			   "by_cpu", by_cpu,
			   "command", command,
			   "load", host_json(&record->load)));
}

static void print_summary(const struct record *record, const struct losses *losses,
			  __u64 period_ns, json_t *command)
{
	const struct request *request = record->request;
	struct observer_cost cost = observer_cost(record->observer);
	char period[32], cost_text[64];
	json_t *document;

	if (request->format == OUTPUT_TEXT) {
		format_duration(period, sizeof(period), period_ns);
		printf("%s: %s, %llu runs, lost %llu", record->path, period, record->runs,
		       losses->lost);
		/* A pipe does not tell. */
		if (record->size >= 0)
			printf(", %ld bytes", record->size);
		cost_format(cost_text, sizeof(cost_text), &cost);
		printf("%s\n", cost_text);
		ability_print(record->list);
		return;
	}
	document = document_new("record", NULL, now_realtime_ns() - period_ns);
	ability_json(document, record->list);
	document_add(document, json_pack("{s:o, s:o, s:I, s:I, s:{s:I}, s:o, s:O}",
					 "file", utf8_json(record->path),
					 "bytes", record->size < 0 ? json_null() :
						  json_integer((json_int_t)record->size),
					 "period_ns", (json_int_t)period_ns,
					 "runs", (json_int_t)record->runs,
					 "lost", "runs", (json_int_t)losses->lost,
					 "observer", cost_json(&cost),
					 "command", command));
	json_print(document, request->format == OUTPUT_PRETTY);
}

static enum exit_code refuse(const char *path)
{
	return fail(DPCTOOL_REFUSED, "another file, with -o", "%s: %s", path, strerror(errno));
}

static bool is_replaced(const char *path)
{
	struct stat about;

	return stat(path, &about) || S_ISREG(about.st_mode);
}

/* What is there will be lost: so it must be a recording, or empty. */
static enum exit_code check_file(const char *path)
{
	char magic[sizeof(RECORDING_MAGIC)];
	size_t got;
	FILE *old;

	if (!is_replaced(path))
		return DPCTOOL_OK;
	old = fopen(path, "re");
	if (!old)
		return errno == ENOENT ? DPCTOOL_OK : refuse(path);
	got = fread(magic, 1, sizeof(magic), old);
	fclose(old);
	if (!got || (got == sizeof(magic) && !memcmp(magic, RECORDING_MAGIC, sizeof(magic))))
		return DPCTOOL_OK;
	return fail(DPCTOOL_REFUSED, "another file, with -o",
		    "%s: not overwritten: it is no recording of dpctool", path);
}

/*
 * What is there stays until there is a whole recording to take its place, and whoever reads it then
 * keeps it. Pipes and devices are just written to.
 */
static enum exit_code open_file(struct record *record)
{
	const char *path = record->path;
	mode_t mask;
	int fd;

	if (!is_replaced(path)) {
		record->file = fopen(path, "we");
		return record->file ? DPCTOOL_OK : refuse(path);
	}
	if (snprintf(record->new, sizeof(record->new), "%s.XXXXXX", path) >=
	    (int)sizeof(record->new)) {
		record->new[0] = '\0';
		errno = ENAMETOOLONG;
		return refuse(path);
	}
	fd = mkostemp(record->new, O_CLOEXEC);
	if (fd < 0) {
		record->new[0] = '\0';
		return refuse(path);
	}
	/* mkostemp() lets nobody else read it */
	mask = umask(0);
	umask(mask);
	fchmod(fd, 0666 & ~mask);
	record->file = fdopen(fd, "w");
	if (!record->file)
		no_memory();
	return DPCTOOL_OK;
}

/* All is written, or that failed: half of a recording is none. */
static enum exit_code close_file(struct record *record)
{
	if (fclose(record->file) && !record->error)
		record->error = errno;
	record->file = NULL;
	if (!record->error && record->new[0] && rename(record->new, record->path))
		record->error = errno;
	if (!record->error) {
		record->new[0] = '\0';
		return DPCTOOL_OK;
	}
	return fail(DPCTOOL_REFUSED, "where there is room, with -o", "%s: not all was written: %s",
		    record->path, strerror(record->error));
}

static void add_runs(FILE *file, const void *context)
{
	const struct record *record = context;

	fprintf(file, ", %llu runs", record->runs);
}

static enum exit_code observe_and_write(struct record *record, enum exit_code *ended)
{
	struct losses losses = { 0 };
	const struct rows *rows;
	enum exit_code code;
	struct watch watch;
	json_t *command;
	__u64 period_ns;

	code = watch_start(&watch, record->request->argv);
	if (code)
		return code;
	put_begin(record, &watch);
	if (!host_read(&record->before, attach_cpus()))
		no_memory();
	watch_progress(&watch, request_end_ns(record->request, watch.start_ns), add_runs, record);
	observer_follow(record->observer, &watch, request_end_ns(record->request, watch.start_ns));
	watch_hide(&watch);
	flush_batch(record);
	period_ns = now_ns() - watch.start_ns;
	if (!host_read(&record->load, attach_cpus()))
		no_memory();
	host_since(&record->load, &record->before);
	devices_follow(record->list);
	command = watch_command(&watch);
	code = observer_losses(record->observer, &losses);
	if (!code) {
		rows = observer_look(record->observer);
		put_counters(record);
		put_end(record, rows, &losses, period_ns, command);
		record->size = ftell(record->file);
		if (record->told)
			code = close_file(record);
	}
	if (!code && record->told) {
		print_summary(record, &losses, period_ns, command);
		code = output_end(record->request->strict, losses.lost);
	}
	free(losses.by_cpu);
	json_decref(command);
	*ended = watch_finish(&watch);
	return code;
}

/* The file is made when nothing but its own errors can keep it from being written. */
static enum exit_code observe_into(struct record *record, enum exit_code *ended)
{
	const struct request *request = record->request;
	const struct observer_request asked = {
		.list = record->list,
		.exact = request->level_given,
		.lowest = LEVEL_1,
		.counting = true,
		.ring_bytes = request->ring_bytes,
		.msgs = &request->msgs,
		.cpus = &request->cpus,
		.take = take_run,
		.context = record,
	};
	enum exit_code code;

	*ended = DPCTOOL_OK;
	code = observer_start(&record->observer, &asked);
	if (!code && !record->file)
		code = open_file(record);
	code = code ? code : observe_and_write(record, ended);
	observer_free(record->observer);
	host_free(&record->before);
	host_free(&record->load);
	return code;
}

static struct record *record_new(const struct request *request, struct device_list *list,
				 const char *path)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		no_memory();
	record->request = request;
	record->list = list;
	record->path = path;
	return record;
}

enum exit_code record_runs(const struct request *request, struct device_list *list,
			   FILE *file, const char *path, enum exit_code *ended)
{
	struct record *record = record_new(request, list, path);
	enum exit_code code;
	int error;

	record->file = file;
	code = observe_into(record, ended);
	if (fflush(file) && !record->error)
		record->error = errno;
	error = record->error;
	free(record);
	errno = error;
	return code;
}

static enum exit_code run(const struct request *request)
{
	const char *path = request->columns ? request->columns : RECORDING_FILE;
	enum exit_code code, ended;
	struct device_list list;
	struct record *record;

	code = ability_find(&list, request);
	code = code ? code : check_file(path);
	if (code)
		return code;
	record = record_new(request, &list, path);
	record->told = true;
	code = observe_into(record, &ended);
	if (record->file)
		fclose(record->file);
	if (record->new[0])
		unlink(record->new);
	free(record);
	return ended && code != DPCTOOL_REFUSED ? ended : code;
}

static const char *const text[] = {
	"Records until the interval is over, COMMAND has ended or SIGINT comes. The file has every "
	"run of a DPC, and the counters of all messages and CPUs: these are complete also if runs "
	"found no room in the ring buffer, and were lost. \"dpctool report\" shows it.",
	NULL
};

const struct command record_command = {
	.name = "record",
	.help = "everything about the DPC runs, in a file for \"report\"",
	.text = text,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_INTERVAL | 1 << KEYWORD_RING,
	.takes_command = true,
	.writes_file = true,
	.observes = true,
	.lowest = LEVEL_1,
	.run = run,
};
