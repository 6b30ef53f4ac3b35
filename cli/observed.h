/* SPDX-License-Identifier: GPL-2.0 */
/* One observation from beginning to end, for commands that print what came of it once. */
#ifndef DPCTOOL_OBSERVED_H
#define DPCTOOL_OBSERVED_H

#include "args.h"
#include "counting.h"
#include "device.h"
#include "watch.h"

/**
 * struct observed - an observation that has ended
 * @request: what was asked for
 * @list: the devices
 * @counting: what was counted
 * @watch: when
 * @period_ns: for how long
 * @lost: runs that are missing
 */
struct observed {
	const struct request *request;
	struct device_list list;
	struct counting *counting;
	struct watch watch;
	__u64 period_ns;
	__u64 lost;
};

/**
 * observe_once() - observe the devices of @request for its interval, or while its COMMAND runs, and
 * have @print tell
 */
enum exit_code observe_once(const struct request *request,
			    enum exit_code (*print)(struct observed *observed));

/** observe_with() - the same, and call @begin, unless NULL, as soon as the observation has begun */
enum exit_code observe_with(const struct request *request, void (*begin)(void),
			    enum exit_code (*print)(struct observed *observed));

/**
 * observed_end() - the end of what @print prints: how many runs were lost, or the JSON document
 * @rows: its rows; dropped in text
 * @key: names the verb in the document
 */
void observed_end(const struct observed *observed, json_t *rows, const char *key);

#endif /* DPCTOOL_OBSERVED_H */
