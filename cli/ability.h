/* SPDX-License-Identifier: GPL-2.0 */
/* Which devices to observe, and how much of each can be seen. */
#ifndef DPCTOOL_ABILITY_H
#define DPCTOOL_ABILITY_H

#include "args.h"
#include "attach.h"
#include "device.h"

/**
 * ability_find() - find the devices of @request, and the level each of them can be observed at
 *
 * That is the highest that its driver, the kernel and our privileges promise, or what the user
 * asked for; observer_start() may have to lower it. Fails if there is no device, or a level that
 * was asked for cannot be had, or one has nothing of what the command needs.
 */
enum exit_code ability_find(struct device_list *list, const struct request *request);

/** ability_devices() - find the devices of @request only */
enum exit_code ability_devices(struct device_list *list, const struct request *request);

/**
 * ability_obstacle() - what stands between @device and @level, as far as that can be told without
 * trying it
 *
 * Return: false if nothing does.
 */
bool ability_obstacle(struct obstacle *obstacle, const struct device *device, enum level level);

/** ability_generic() - is any of them not observed at L3? */
bool ability_generic(const struct device_list *list);

/** ability_warn() - tell on stderr of the devices of which just interrupts can be seen */
void ability_warn(const struct device_list *list, const struct request *request);

/** ability_print() - a line of text for each device that is not observed at L3, and why */
void ability_print(const struct device_list *list);

/** ability_json() - add to @document how each device is observed: keys "level", "devices" */
void ability_json(json_t *document, const struct device_list *list);

#endif /* DPCTOOL_ABILITY_H */
