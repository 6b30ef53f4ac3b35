/* SPDX-License-Identifier: GPL-2.0 */
/* What the host's CPUs did, as recordings keep it: see RECORDING_END in recording.h. */
#ifndef DPCTOOL_HOST_JSON_H
#define DPCTOOL_HOST_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "host.h"

/** host_json() - @load as JSON, without the CPUs and IRQs that did nothing */
json_t *host_json(const struct host_load *load);

/**
 * host_parse() - fill @load, of @cpus CPUs, from what host_json() made; nothing in it is believed
 *
 * Return: false if it cannot be, or there is no memory; the caller frees it all the same.
 */
bool host_parse(struct host_load *load, const json_t *json, __u32 cpus);

#endif /* DPCTOOL_HOST_JSON_H */
