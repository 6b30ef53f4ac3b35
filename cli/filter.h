/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows are wanted, as typed: "msg 0-3 cpu 2 dev eth0 pkts>1000 lat-p99>50us". */
#ifndef DPCTOOL_FILTER_H
#define DPCTOOL_FILTER_H

#include <net/if.h>
#include <stdbool.h>

#include "figures.h"
#include "units.h"

/* How filters are written, for help texts. */
#define FILTER_HELP	"msg LIST, cpu LIST, dev IF, COLUMN>VALUE or COLUMN<VALUE"

#define FILTER_BOUNDS	8

/**
 * struct filter_bound - a bound of a figure
 * @figure: the figure
 * @below: it must be below @number, else above
 * @number: in the figure's unit
 */
struct filter_bound {
	enum figure figure;
	bool below;
	__u64 number;
};

/**
 * struct filter - all that must hold
 * @msgs: the messages
 * @cpus: the CPUs
 * @dev: the device, or "" for any
 * @bounds: of figures
 * @count: how many
 */
struct filter {
	struct id_set msgs;
	struct id_set cpus;
	char dev[IF_NAMESIZE];
	struct filter_bound bounds[FILTER_BOUNDS];
	size_t count;
};

/**
 * filter_parse() - fill @filter from @text, words with blanks between; nothing is no filter. If
 * that fails, @error says why, and @filter stays what it was.
 */
bool filter_parse(struct filter *filter, const char *text, char *error, size_t error_size);

/** filter_takes() - are the runs of this message on this CPU wanted? */
bool filter_takes(const struct filter *filter, const char *dev, __u32 msg, __u32 cpu);

/** filter_keeps() - are the bounds kept? A figure that is unknown keeps none. */
bool filter_keeps(const struct filter *filter, const struct value *values);

#endif /* DPCTOOL_FILTER_H */
