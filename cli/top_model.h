/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rows of "dpctool top": what was counted in one interval, added up by message, CPU or device,
 * filtered and sorted. Knows no screen and no kernel.
 */
#ifndef DPCTOOL_TOP_MODEL_H
#define DPCTOOL_TOP_MODEL_H

#include "filter.h"

/** enum top_pivot - what a row is the sum of */
enum top_pivot {
	TOP_BY_BOTH,	/* one message on one CPU */
	TOP_BY_MSG,	/* a message, on all CPUs */
	TOP_BY_CPU,	/* a CPU: all messages of all devices */
	TOP_BY_DEV,	/* a device */
	TOP_PIVOTS
};

/* In a row that is of several devices, messages or CPUs: their place in struct top_row. */
#define TOP_SEVERAL	(~0U)

/* The text of such a figure. */
#define TOP_SEVERAL_TEXT	"*"

/**
 * struct top_view - which rows there are, and in which order
 * @pivot: what a row is
 * @sort: by which figure; rows that are equal there, or where it is unknown, are in the order of
 *	devices, messages and CPUs
 * @ascending: the smallest first; what is unknown is last all the same
 * @filter: which rows are left out; messages, CPUs and devices also from the sums
 */
struct top_view {
	enum top_pivot pivot;
	enum figure sort;
	bool ascending;
	struct filter filter;
};

/**
 * struct top_cell - what one message counted on one CPU
 * @slot: number of the device
 * @dev: its name, which must live as long as the rows
 * @msg: the message
 * @irq: its IRQ
 * @cpu: the CPU
 * @entry: what was counted
 */
struct top_cell {
	__u32 slot;
	const char *dev;
	__u32 msg;
	struct value irq;
	__u32 cpu;
	const struct counters_entry *entry;
};

/**
 * struct top_row - a row
 * @entry: the sum over its cells
 * @values: its figures
 * @slot: number of its device, or TOP_SEVERAL
 * @msg: its message, or TOP_SEVERAL
 * @cpu: its CPU, or TOP_SEVERAL
 * @messages: how many messages it is of
 * @last_slot: the device of the cell that came last
 * @last_msg: its message
 * @shown: it keeps the filter's bounds
 */
struct top_row {
	struct counters_entry entry;
	struct value values[FIGURES];
	__u32 slot;
	__u32 msg;
	__u32 cpu;
	__u32 messages;
	__u32 last_slot;
	__u32 last_msg;
	bool shown;
};

/** struct top_part - of which message a cell was, and in which row it is */
struct top_part {
	__u32 slot;
	__u32 msg;
	size_t row;
};

/**
 * struct top_table - the rows of an interval
 * @view: which
 * @rows: all
 * @count: how many
 * @room: for how many there is memory
 * @shown: numbers of those that are shown, in their order
 * @shown_count: how many
 * @parts: what the rows are made of
 * @part_count: how many
 * @part_room: for how many there is memory
 * @total: the sum over the rows shown
 */
struct top_table {
	const struct top_view *view;
	struct top_row *rows;
	size_t count;
	size_t room;
	size_t *shown;
	size_t shown_count;
	struct top_part *parts;
	size_t part_count;
	size_t part_room;
	struct top_row total;
};

/** top_begin() - begin anew: no rows; @table is all zero, or was filled before */
void top_begin(struct top_table *table, const struct top_view *view);

/**
 * top_add() - add what one message counted on one CPU; in the order of devices, messages and CPUs
 */
void top_add(struct top_table *table, const struct top_cell *cell);

/** top_end() - all was added, and counted in @period_ns: fill in figures and total, filter, sort */
void top_end(struct top_table *table, __u64 period_ns);

/** top_same() - are these rows the same one, of two intervals or views? */
bool top_same(enum top_pivot pivot, const struct top_row *row, const struct top_row *other);

/** top_free() - free the rows */
void top_free(struct top_table *table);

#endif /* DPCTOOL_TOP_MODEL_H */
