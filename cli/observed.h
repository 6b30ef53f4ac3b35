/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Observations of what is counted, as they happen or from a recording, for commands that print what
 * came of them.
 */
#ifndef DPCTOOL_OBSERVED_H
#define DPCTOOL_OBSERVED_H

#include <jansson.h>

#include "args.h"
#include "counting.h"
#include "device.h"

/**
 * struct observed - an observation whose interval has ended
 * @request: what was asked for
 * @list: the devices
 * @rows: their rows, by slot
 * @counting: what was counted
 * @host: where, NULL for this host
 * @start_realtime_ns: when the interval began, CLOCK_REALTIME
 * @period_ns: how long the interval was
 * @lost: runs that are missing in it
 * @cost: what observing cost meanwhile
 * @load: what the host's CPUs did meanwhile, if it was recorded; NULL if it is observed now
 * @command: the COMMAND it lasted as long as, or null
 */
struct observed {
	const struct request *request;
	struct device_list list;
	const struct rows *rows;
	struct counting *counting;
	const char *host;
	__u64 start_realtime_ns;
	__u64 period_ns;
	__u64 lost;
	struct observer_cost cost;
	const struct host_load *load;
	json_t *command;
};

/**
 * observe() - observe the devices of @request for its interval, as often as it says, or while its
 * COMMAND runs, or read its recording, and have @print tell each time
 */
enum exit_code observe(const struct request *request,
		       enum exit_code (*print)(struct observed *observed));

/** observe_with() - the same, and call @begin, unless NULL, as soon as an observation has begun */
enum exit_code observe_with(const struct request *request, void (*begin)(void),
			    enum exit_code (*print)(struct observed *observed));

/** observed_document() - a JSON document about an observation */
json_t *observed_document(const struct observed *observed);

/**
 * observed_end() - the end of what @print prints: how many runs were lost, or the JSON document
 * @rows: its rows; dropped in text
 * @key: names the verb in the document
 */
void observed_end(const struct observed *observed, json_t *rows, const char *key);

#endif /* DPCTOOL_OBSERVED_H */
