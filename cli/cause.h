/* SPDX-License-Identifier: GPL-2.0 */
/* Why a figure is over its limit, as far as that can be told from what was observed. */
#ifndef DPCTOOL_CAUSE_H
#define DPCTOOL_CAUSE_H

#include "host.h"
#include "level.h"
#include "limit.h"

/**
 * struct row - the figures of one message on one CPU
 * @level: what they come from
 * @values: by enum figure
 */
struct row {
	enum level level;
	struct value values[FIGURES];
};

/** row_label() - "msg 3", or what else names it; until the next call but one */
const char *row_label(const struct row *row);

/**
 * struct suspicion - a figure over its limit, and all that is known around it
 * @row: whose figure
 * @limit: its limit
 * @rows: all rows of all devices, @row among them
 * @row_count: how many
 * @host: what the CPUs did meanwhile
 * @period_ns: how long the rows were observed
 */
struct suspicion {
	const struct row *row;
	const struct limit *limit;
	const struct row *rows;
	size_t row_count;
	const struct host_load *host;
	__u64 period_ns;
};

/**
 * struct cause - a likely cause
 * @key: its name, for programs; NULL if none is visible
 * @likely: a sentence without its full stop: what was seen
 * @try: what to do or to look at next
 */
struct cause {
	const char *key;
	char likely[256];
	char try[160];
};

/* Names of all causes, and when each of them is taken for likely, for the help text. */
extern const char cause_help[];

/** cause_find() - fill in the most likely cause of @suspicion */
void cause_find(struct cause *cause, const struct suspicion *suspicion);

#endif /* DPCTOOL_CAUSE_H */
