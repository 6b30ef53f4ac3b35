// SPDX-License-Identifier: GPL-2.0
/*
 * Reads recordings. They may come from anywhere: nothing in them is believed before it was looked
 * at.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording.h"

/* No kernel has more. */
#define CPUS_MAX	TIMELINE_IDS

/**
 * struct reader - a recording and where its parts are in the file
 * @recording: what others see of it
 * @data: the file
 * @size: of it, in bytes
 * @begin: RECORDING_BEGIN
 * @end: RECORDING_END
 * @counters: the RECORDING_COUNTERS, sorted
 * @counters_count: how many
 */
struct reader {
	struct recording recording;
	const char *data;
	size_t size;
	json_t *begin;
	json_t *end;
	const struct recording_counters **counters;
	size_t counters_count;
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
	if (a->msg != b->msg)
		return a->msg < b->msg ? -1 : 1;
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
	for (const char *c = name; *c; c++)
		if (!isgraph((unsigned char)*c))
			return false;
	return *name && strlen(name) < IF_NAMESIZE;
}

static enum exit_code read_irqs(const struct reader *reader, const json_t *irqs,
				struct irq_map *map)
{
	json_t *irq;
	size_t msg;

	if (json_array_size(irqs) > MESSAGES_MAX)
		return damaged(reader, "more messages than there can be");
	json_array_foreach(irqs, msg, irq)
		if (json_is_integer(irq))
			map->irqs[msg] = value_number((__u64)json_integer_value(irq));
	return DPCTOOL_OK;
}

static enum exit_code read_device(struct reader *reader, json_t *json)
{
	struct recording *recording = &reader->recording;
	struct device *device = &recording->list.devices[recording->list.count];
	json_int_t ifindex, messages;
	const char *name;
	json_t *irqs;

	if (json_unpack(json, "{s:s, s:I, s:I, s:o}", "name", &name, "ifindex", &ifindex,
			"messages", &messages, "irqs", &irqs) ||
	    !is_name(name) || ifindex <= 0 || ifindex > INT32_MAX || messages < 0 ||
	    messages > MESSAGES_MAX)
		return damaged(reader, "a device that cannot be");
	memcpy(device->name, name, strlen(name) + 1);
	device->ifindex = (__u32)ifindex;
	device->messages = (__u32)messages;
	return read_irqs(reader, irqs, &recording->irqs[recording->list.count++]);
}

static enum exit_code read_devices(struct reader *reader, const json_t *devices)
{
	enum exit_code code = DPCTOOL_OK;
	json_t *device;
	size_t i;

	if (!json_array_size(devices) || json_array_size(devices) > OBSERVE_DEVICES)
		return damaged(reader, "no devices, or more than there can be");
	reader->recording.irqs = calloc(json_array_size(devices),
					sizeof(*reader->recording.irqs));
	if (!reader->recording.irqs)
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
	    cpus < 1 || cpus > CPUS_MAX)
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
	free(recording->irqs);
	free(reader);
}

enum exit_code recording_select(struct recording *recording, const char *name)
{
	struct device_list *list = &recording->list;

	if (!name)
		return DPCTOOL_OK;
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->devices[i].name, name))
			continue;
		list->devices[0] = list->devices[i];
		recording->irqs[0] = recording->irqs[i];
		list->count = 1;
		return DPCTOOL_OK;
	}
	return fail(DPCTOOL_NOT_FOUND, "without dev, for all devices in it",
		    "%s: no device %s was recorded", recording->path, name);
}

void recording_entry(const struct recording *recording, __u32 ifindex, __u32 msg, __u32 cpu,
		     struct counters_entry *entry)
{
	const struct recording_counters wanted = { .ifindex = ifindex, .msg = msg, .cpu = cpu };
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
