/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What was counted in Prometheus' text format 0.0.4: counters and histograms per message, or per
 * message and CPU. What a device's level does not know is not there. Of other drivers than dpcnic
 * NAPI instances are in place of messages, as whose message that is may be learned late, and a
 * series must not change its labels: which it is then a metric of its own tells. One that the
 * kernel has no number for is named by the row that it was given, and an IRQ that is of no message
 * by its own.
 *
 * Names, labels and units of what is printed are an interface: dashboards and alerts are made of
 * them. Each metric's meaning is its HELP.
 */
#ifndef DPCTOOL_EXPOSITION_H
#define DPCTOOL_EXPOSITION_H

#include <stdbool.h>
#include <stdio.h>

#include "counters.h"
#include "device.h"
#include "figures.h"
#include "rows.h"

/**
 * struct exposition_row - what one message's DPCs did, on one CPU or on all
 * @slot: the device's index in the list
 * @number: which of the device's rows
 * @id: the message, NAPI instance or IRQ
 * @cpu: the CPU, where rows are by CPU
 * @entry: what was counted
 * @values: the figures of that
 */
struct exposition_row {
	size_t slot;
	__u32 number;
	struct row_id id;
	__u32 cpu;
	struct counters_entry entry;
	struct value values[FIGURES];
};

/**
 * struct exposition - all that is printed
 * @list: the devices
 * @present: of each of them: it is there, under this name
 * @kernel: its release
 * @by_cpu: rows are of one CPU each
 * @observing: runs are being counted still
 * @lost: runs that were not counted
 * @count: how many rows there are
 * @rows: they, each message, or message and CPU, once
 */
struct exposition {
	const struct device_list *list;
	bool present[OBSERVE_DEVICES];
	const char *kernel;
	bool by_cpu;
	bool observing;
	__u64 lost;
	size_t count;
	struct exposition_row *rows;
};

/**
 * exposition_series() - how many series are printed of @devices, @rows, and @napis NAPI instances,
 * at most
 */
__u64 exposition_series(__u64 devices, __u64 rows, __u64 napis);

/** exposition_add() - append a device's row @number to @exposition, whose @rows have room for it */
void exposition_add(struct exposition *exposition, size_t slot, __u32 number,
		    const struct row_id *id, __u32 cpu, const struct counters_entry *entry);

/** exposition_print() - print @exposition; errors are left in @out */
void exposition_print(const struct exposition *exposition, FILE *out);

#endif /* DPCTOOL_EXPOSITION_H */
