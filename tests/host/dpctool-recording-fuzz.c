// SPDX-License-Identifier: GPL-2.0
/* For libFuzzer: reads a file as a recording, and all of it that can be read. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static int take(void *context, void *event, size_t size)
{
	__u64 *sum = context;

	(void)size;
	*sum += ((const struct timeline_event *)event)->packets;
	return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	int file = memfd_create("recording", 0);
	struct recording *recording;
	struct counters_entry entry;
	char path[64];
	__u64 sum = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (write(file, data, size) != (ssize_t)size)
		abort();
	if (!recording_open(&recording, path)) {
		recording_visit(recording, take, &sum);
		for (size_t i = 0; i < recording->list.count; i++)
			recording_entry(recording, recording->list.devices[i].ifindex, 1,
					recording->cpus - 1, &entry);
		recording_select(recording, recording->list.devices[0].name);
		recording_close(recording);
	}
	close(file);
	return 0;
}
