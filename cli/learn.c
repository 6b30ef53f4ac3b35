// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "generic.h"
#include "learn.h"
#include "observer.h"
#include "watch.h"

/* As many as can be observed at a time; @slot_of tells whose wiring each of them has. */
static void choose(struct device_list *list, size_t *slot_of, const struct wiring *wirings,
		   size_t count)
{
	list->count = 0;
	for (size_t i = 0; i < count && list->count < OBSERVE_DEVICES; i++) {
		struct device *device = &list->devices[list->count];

		if (device_is_ours(wirings[i].device.name))
			continue;
		*device = wirings[i].device;
		device->level = LEVEL_2;
		generic_size(device);
		slot_of[list->count++] = i;
	}
}

static enum exit_code observe(struct observer *observer, __u64 interval_ns)
{
	enum exit_code code;
	struct watch watch;

	code = watch_start(&watch, NULL);
	if (code)
		return code;
	watch_progress(&watch, watch.start_ns + interval_ns, NULL, NULL);
	watch_wait(&watch, watch.start_ns + interval_ns, -1);
	observer_stop(observer);
	return watch_finish(&watch);
}

enum exit_code learn_wirings(struct wiring *wirings, size_t count, __u64 interval_ns)
{
	size_t slot_of[OBSERVE_DEVICES];
	struct device_list list;
	const struct observer_request asked = { .list = &list, .lowest = LEVEL_1 };
	struct observer *observer;
	const struct rows *rows;
	enum exit_code code;

	choose(&list, slot_of, wirings, count);
	if (!list.count)
		return DPCTOOL_OK;
	code = observer_start(&observer, &asked);
	if (code)
		return code;
	code = observe(observer, interval_ns);
	rows = observer_look(observer);
	for (size_t i = 0; i < list.count && !code; i++)
		wiring_learn(&wirings[slot_of[i]], rows[i].ids, list.devices[i].napis);
	observer_free(observer);
	return code;
}
