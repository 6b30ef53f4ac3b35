/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows: what counters and runs of a device are about. dpcnic's have a row per message. Of any other
 * driver it is a NAPI instance, whose message and IRQ may be unknown, or an IRQ that no instance is
 * known to belong to.
 */
#ifndef DPCTOOL_ROWS_H
#define DPCTOOL_ROWS_H

#include <linux/types.h>

#include "output.h"
#include "units.h"

/**
 * struct row_id - a row
 * @msg: its message
 * @irq: its IRQ
 * @napi: the kernel's number of its NAPI instance
 * @known: set of the figures that are known of it, 1 << enum figure
 */
struct row_id {
	struct value msg;
	struct value irq;
	struct value napi;
	__u64 known;
};

/**
 * struct rows - the rows of a device
 * @ids: device->messages of them
 */
struct rows {
	struct row_id *ids;
};

/** row_is_of() - is it one of @msgs? A row of which that is unknown is one if all are. */
bool row_is_of(const struct row_id *row, const struct id_set *msgs);

/** row_name() - "msg 3", "napi 8201", "irq 33" or "-", until the next call but one */
const char *row_name(const struct row_id *row);

/**
 * rows_order() - numbers of the @count rows, by their messages; those of none known at the end, as
 * they are. The caller frees it.
 */
__u32 *rows_order(const struct row_id *ids, __u32 count);

/** rows_free() - free the rows of @count devices, and @rows itself, unless NULL */
void rows_free(struct rows *rows, size_t count);

#endif /* DPCTOOL_ROWS_H */
