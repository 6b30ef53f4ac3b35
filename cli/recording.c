// SPDX-License-Identifier: GPL-2.0
/*
 * Reads recordings. They may come from anywhere: nothing in them is believed before it was looked
 * at.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "figures.h"
#include "host_json.h"
#include "recording.h"
#include "utf8.h"

/* No kernel has more. */
#define CPUS_MAX	TIMELINE_IDS

/* Rows of a device: a bit more than twice its messages for NAPI, and those. */
#define ROWS_MAX	(4 * MESSAGES_MAX)

/**
 * struct reader - a recording and where its parts are in the file
 * @recording: what others see of it
 * @data: the file
 * @size: of it, in bytes
 * @begin: RECORDING_BEGIN
 * @end: RECORDING_END
 * @counters: the RECORDING_COUNTERS, sorted
 * @counters_count: how many
 * @device_count: devices in the file
 */
struct reader {
	struct recording recording;
	const char *data;
	size_t size;
	json_t *begin;
	json_t *end;
	const struct recording_counters **counters;
	size_t counters_count;
	size_t device_count;
};

static enum exit_code refuse(const struct reader *reader, const char *try, const char *what)
{
	return fail(DPCTOOL_REFUSED, try, "%s: %s", reader->recording.path, what);
}

static enum exit_code damaged(const struct reader *reader, const char *what)
{
	return fail(DPCTOOL_REFUSED, "to record it again", "%s: damaged: %s",
		    reader->recording.path, what);
}

/* A regular file only: anything else has no size. An empty one cannot be mapped. */
static enum exit_code map_file(struct reader *reader)
{
	enum exit_code code = DPCTOOL_OK;
	struct stat about;
	void *data;
	int fd;

	fd = open(reader->recording.path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse(reader, "dpctool help record", strerror(errno));
	if (fstat(fd, &about) || !S_ISREG(about.st_mode) || !about.st_size) {
		code = refuse(reader, "dpctool help record", "no recording: not a file, or empty");
	} else {
		data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data == MAP_FAILED)
			code = refuse(reader, NULL, strerror(errno));
		else
			reader->data = data;
		reader->size = (size_t)about.st_size;
	}
	close(fd);
	return code;
}

static enum exit_code check_header(const struct reader *reader)
{
	const struct recording_header *header = (const void *)reader->data;

	if (reader->size < sizeof(*header) ||
	    memcmp(header->magic, RECORDING_MAGIC, sizeof(header->magic)))
		return refuse(reader, "dpctool help record", "no recording of dpctool");
	if (header->order != RECORDING_ORDER)
		return refuse(reader, "dpctool on a host of the same byte order",
			      "recorded on a host with another byte order");
	if (header->version != RECORDING_VERSION)
		return fail(DPCTOOL_REFUSED, "the dpctool it was made with",
			    "%s: recorded by a dpctool with another format (version %u, not %u)",
			    reader->recording.path, header->version, RECORDING_VERSION);
	return DPCTOOL_OK;
}

/* Goes from chunk to chunk; returns NULL behind the last whole one. */
static const struct recording_chunk *next_chunk(const struct reader *reader, size_t *offset)
{
	const struct recording_chunk *chunk = (const void *)(reader->data + *offset);
	size_t left = reader->size - *offset;

	if (left < sizeof(*chunk) || left - sizeof(*chunk) < chunk->size ||
	    left - sizeof(*chunk) - chunk->size < -chunk->size % 8)
		return NULL;
	*offset += sizeof(*chunk) + chunk->size + -chunk->size % 8;
	return chunk;
}

static enum exit_code take_json(const struct reader *reader, const struct recording_chunk *chunk,
				json_t **json)
{
	if (*json)
		return damaged(reader, "it begins or ends twice");
	*json = json_loadb((const char *)(chunk + 1), chunk->size, 0, NULL);
	return *json ? DPCTOOL_OK : damaged(reader, "no JSON where it should be");
}

static enum exit_code take_counters(struct reader *reader, const struct recording_chunk *chunk)
{
	const struct recording_counters *counters = (const void *)(chunk + 1);
	const struct recording_counters **more;

	if (chunk->size != sizeof(*counters) + sizeof(struct counters_entry))
		return damaged(reader, "counters of another size");
	more = reallocarray(reader->counters, reader->counters_count + 1, sizeof(*more));
	if (!more)
		return refuse(reader, NULL, "out of memory");
	more[reader->counters_count++] = counters;
	reader->counters = more;
	return DPCTOOL_OK;
}

static enum exit_code take_chunk(struct reader *reader, const struct recording_chunk *chunk)
{
	if (!reader->begin && chunk->type != RECORDING_BEGIN)
		return damaged(reader, "its beginning is missing");
	switch (chunk->type) {
	case RECORDING_BEGIN:
		return take_json(reader, chunk, &reader->begin);
	case RECORDING_END:
		return take_json(reader, chunk, &reader->end);
	case RECORDING_COUNTERS:
		return take_counters(reader, chunk);
	case RECORDING_RUNS:
		if (chunk->size % sizeof(struct timeline_event))
			return damaged(reader, "runs of another size");
		return DPCTOOL_OK;
	}
	return DPCTOOL_OK;
}

static int compare_counters(const void *left, const void *right)
{
	const struct recording_counters *a = *(const struct recording_counters *const *)left;
	const struct recording_counters *b = *(const struct recording_counters *const *)right;

	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return a->cpu < b->cpu ? -1 : a->cpu > b->cpu;
}

static enum exit_code read_chunks(struct reader *reader)
{
	size_t offset = sizeof(struct recording_header);
	const struct recording_chunk *chunk;
	enum exit_code code;

	while ((chunk = next_chunk(reader, &offset))) {
		code = take_chunk(reader, chunk);
		if (code)
			return code;
	}
	if (!reader->end || offset != reader->size)
		return refuse(reader, "to record it again, and let dpctool end it",
			      "broke off before its end, so its counters are missing");
	if (reader->counters_count)
		qsort(reader->counters, reader->counters_count, sizeof(*reader->counters),
		      compare_counters);
	return DPCTOOL_OK;
}

/* It goes to the terminal, and is as long as the kernel allows. */
static bool is_name(const char *name)
{
	return *name && strlen(name) < IF_NAMESIZE && !strchr(name, ' ') &&
	       utf8_is_printable(name);
}

/* It goes there, too, and @size is the room for it. */
static bool is_text(const char *text, size_t size)
{
	return strlen(text) < size && utf8_is_printable(text);
}

static struct value read_number(const json_t *row, const char *key)
{
	const json_t *number = json_object_get(row, key);

	return json_is_integer(number) ? value_number((__u64)json_integer_value(number)) :
					 (struct value){ 0 };
}

/* What a row tells follows from the level, and whether its interrupts are known. */
static void read_row(struct row_id *id, const json_t *row, const struct device *device,
		     __u32 number)
{
	*id = (struct row_id){
		.msg = read_number(row, "msg"),
		.irq = read_number(row, "irq"),
		.napi = read_number(row, "napi"),
	};
	if (device->level == LEVEL_3 || number < device->napis)
		id->known = figures_of_level(device->level);
	if (device->level < LEVEL_3 && json_is_true(json_object_get(row, "interrupts")))
		id->known |= figures_of_level(LEVEL_0);
	else if (device->level < LEVEL_3)
		id->known &= ~figures_of_level(LEVEL_0);
}

static enum exit_code read_rows(struct reader *reader, const json_t *rows, struct device *device)
{
	struct rows *of = &reader->recording.rows[reader->recording.list.count];
	json_t *row;
	size_t i;

	if (json_array_size(rows) > ROWS_MAX || device->napis > json_array_size(rows))
		return damaged(reader, "more rows than there can be");
	device->messages = (__u32)json_array_size(rows);
	of->ids = calloc(device->messages + 1, sizeof(*of->ids));
	if (!of->ids)
		return refuse(reader, NULL, "out of memory");
	json_array_foreach(rows, i, row)
		read_row(&of->ids[i], row, device, (__u32)i);
	reader->recording.list.count++;
	reader->device_count++;
	return DPCTOOL_OK;
}

static enum exit_code read_device(struct reader *reader, json_t *json)
{
	struct recording *recording = &reader->recording;
	struct device *device = &recording->list.devices[recording->list.count];
	const char *name, *driver, *level, *why;
	json_int_t ifindex, napis;
	json_t *rows;

	if (json_unpack(json, "{s:s, s:I, s:s, s:s, s:s, s:I, s:o}", "name", &name, "ifindex",
			&ifindex, "driver", &driver, "level", &level, "why", &why, "napis", &napis,
			"rows", &rows) ||
	    !is_name(name) || ifindex <= 0 || ifindex > INT32_MAX || napis < 0 ||
	    napis > ROWS_MAX || !is_text(driver, sizeof(device->driver)) ||
	    !is_text(why, sizeof(device->why)) || !level_parse(level, &device->level))
		return damaged(reader, "a device that cannot be");
	memcpy(device->name, name, strlen(name) + 1);
	memcpy(device->driver, driver, strlen(driver) + 1);
	memcpy(device->why, why, strlen(why) + 1);
	device->ifindex = (__u32)ifindex;
	device->napis = (__u32)napis;
	return read_rows(reader, rows, device);
}

static enum exit_code read_devices(struct reader *reader, const json_t *devices)
{
	enum exit_code code = DPCTOOL_OK;
	json_t *device;
	size_t i;

	if (!json_array_size(devices) || json_array_size(devices) > OBSERVE_DEVICES)
		return damaged(reader, "no devices, or more than there can be");
	reader->recording.rows = calloc(json_array_size(devices),
					sizeof(*reader->recording.rows));
	if (!reader->recording.rows)
		return refuse(reader, NULL, "out of memory");
	json_array_foreach(devices, i, device) {
		code = read_device(reader, device);
		if (code)
			break;
	}
	return code;
}

static enum exit_code read_begin(struct reader *reader)
{
	struct recording *recording = &reader->recording;
	json_int_t start_ns, start_realtime_ns, cpus;

	if (json_unpack(reader->begin, "{s:s, s:I, s:I, s:I}", "host", &recording->host,
			"start_ns", &start_ns, "t0_ns", &start_realtime_ns, "cpus", &cpus) ||
	    !utf8_is_printable(recording->host) || cpus < 1 || cpus > CPUS_MAX)
		return damaged(reader, "where and when it was recorded");
	recording->start_ns = (__u64)start_ns;
	recording->start_realtime_ns = (__u64)start_realtime_ns;
	recording->cpus = (__u32)cpus;
	return DPCTOOL_OK;
}

static enum exit_code read_end(struct reader *reader)
{
	struct recording *recording = &reader->recording;
	json_int_t period_ns, uncounted, lost;
	json_t *devices, *by_cpu, *value;
	const json_t *load;
	size_t cpu;

	if (json_unpack(reader->end, "{s:o, s:I, s:I, s:I, s:o, s:o}", "devices", &devices,
			"period_ns", &period_ns, "uncounted", &uncounted, "lost", &lost, "by_cpu",
			&by_cpu, "command", &recording->command) ||
	    period_ns < 0 || uncounted < 0 || lost < 0 ||
	    json_array_size(by_cpu) > recording->cpus)
		return damaged(reader, "what was lost");
	recording->period_ns = (__u64)period_ns;
	recording->uncounted = (__u64)uncounted;
	recording->losses.lost = (__u64)lost;
	recording->losses.cpus = json_array_size(by_cpu);
	recording->losses.by_cpu = calloc(recording->cpus, sizeof(*recording->losses.by_cpu));
	if (!recording->losses.by_cpu)
		return refuse(reader, NULL, "out of memory");
	json_array_foreach(by_cpu, cpu, value)
		recording->losses.by_cpu[cpu] = (__u64)json_integer_value(value);
	load = json_object_get(reader->end, "load");
	if (load && !host_parse(&recording->load, load, recording->cpus))
		return damaged(reader, "what the CPUs did");
	return read_devices(reader, devices);
}

enum exit_code recording_open(struct recording **recording, const char *path)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	enum exit_code code;

	*recording = NULL;
	if (!reader)
		return fail(DPCTOOL_REFUSED, NULL, "%s: out of memory", path);
	reader->recording.path = path;
	code = map_file(reader);
	code = code ? code : check_header(reader);
	code = code ? code : read_chunks(reader);
	code = code ? code : read_begin(reader);
	code = code ? code : read_end(reader);
	if (code)
		recording_close(&reader->recording);
	else
		*recording = &reader->recording;
	return code;
}

static struct reader *reader_of(const struct recording *recording)
{
	return (struct reader *)((char *)recording - offsetof(struct reader, recording));
}

void recording_close(struct recording *recording)
{
	struct reader *reader;

	if (!recording)
		return;
	reader = reader_of(recording);
	if (reader->data)
		munmap((void *)reader->data, reader->size);
	json_decref(reader->begin);
	json_decref(reader->end);
	free(reader->counters);
	free(recording->losses.by_cpu);
	host_free(&recording->load);
	rows_free(recording->rows, reader->device_count);
	free(reader);
}

enum exit_code recording_select(struct recording *recording, const char *name)
{
	struct device_list *list = &recording->list;
	struct rows rows;

	if (!name)
		return DPCTOOL_OK;
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->devices[i].name, name))
			continue;
		list->devices[0] = list->devices[i];
		/* the others stay, to be freed */
		rows = recording->rows[0];
		recording->rows[0] = recording->rows[i];
		recording->rows[i] = rows;
		list->count = 1;
		return DPCTOOL_OK;
	}
	return fail(DPCTOOL_NOT_FOUND, "without dev, for all devices in it",
		    "%s: no device %s was recorded", recording->path, name);
}

void recording_entry(const struct recording *recording, __u32 ifindex, __u32 row, __u32 cpu,
		     struct counters_entry *entry)
{
	const struct recording_counters wanted = { .ifindex = ifindex, .row = row, .cpu = cpu };
	const struct recording_counters *key = &wanted, **found = NULL;
	const struct reader *reader = reader_of(recording);

	if (reader->counters_count)
		found = bsearch(&key, reader->counters, reader->counters_count,
				sizeof(*found), compare_counters);
	if (found)
		memcpy(entry, *found + 1, sizeof(*entry));
	else
		*entry = (struct counters_entry){ 0 };
}

/* Runs of devices that were not selected are none of the caller's. */
static bool is_selected(const struct recording *recording, __u32 ifindex)
{
	for (size_t i = 0; i < recording->list.count; i++)
		if (recording->list.devices[i].ifindex == ifindex)
			return true;
	return false;
}

void recording_visit(const struct recording *recording,
		     int (*take)(void *context, void *event, size_t size), void *context)
{
	const struct reader *reader = reader_of(recording);
	size_t offset = sizeof(struct recording_header);
	const struct recording_chunk *chunk;
	struct timeline_event event;

	while ((chunk = next_chunk(reader, &offset))) {
		const char *run = (const char *)(chunk + 1);

		if (chunk->type != RECORDING_RUNS)
			continue;
		for (; run < (const char *)(chunk + 1) + chunk->size; run += sizeof(event)) {
			memcpy(&event, run, sizeof(event));
			if (is_selected(recording, event.ifindex) &&
			    take(context, &event, sizeof(event)) == -ECANCELED)
				return;
		}
	}
}
