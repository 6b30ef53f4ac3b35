/* SPDX-License-Identifier: GPL-2.0 */
/* A DPC run as a row: what "dpctool trace" prints, and "dpctool export csv" writes. */
#ifndef DPCTOOL_RUN_ROW_H
#define DPCTOOL_RUN_ROW_H

#include "device.h"
#include "output.h"
#include "timeline.h"

enum run_field {
	RUN_TIME, RUN_DEV, RUN_CPU, RUN_MSG, RUN_IRQ, RUN_EVENT, RUN_LAT, RUN_RUN,
	RUN_PKTS, RUN_FLAGS, RUN_BOUND, RUN_INTR, RUN_COAL, RUN_DPC_CPU,
	RUN_IRQ_AT, RUN_QUEUED_AT, RUN_STARTED_AT, RUN_ENDED_AT,
	RUN_FIELDS
};

extern const struct field run_fields[RUN_FIELDS];

/* Room for the names of all flags. */
#define RUN_FLAGS_SIZE	96

/**
 * struct run_row - the row of a run
 * @values: of its fields
 * @flags: text of one of them
 */
struct run_row {
	struct value values[RUN_FIELDS];
	char flags[RUN_FLAGS_SIZE];
};

/**
 * run_row_fill() - fill @row with @event
 * @list: the devices, of which it is a run
 * @irqs: their messages' IRQs
 * @realtime_offset: CLOCK_REALTIME less CLOCK_MONOTONIC
 */
void run_row_fill(struct run_row *row, const struct timeline_event *event,
		  const struct device_list *list, const struct irq_map *irqs,
		  __u64 realtime_offset);

/** run_flags() - the names of a run's @flags, with commas between */
void run_flags(char *words, size_t size, __u32 flags);

/** run_slot() - the device of which @event is a run: its place in @list */
size_t run_slot(const struct device_list *list, const struct timeline_event *event);

/** run_irq() - the IRQ of message @msg */
struct value run_irq(const struct irq_map *irqs, __u32 msg);

#endif /* DPCTOOL_RUN_ROW_H */
