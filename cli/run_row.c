// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "run_row.h"
#include "trace_abi.h"

const struct field run_fields[RUN_FIELDS] = {
	[RUN_TIME] = { "TIME", "time_ns", FIELD_TIME, FIELD_SHOWN, 15,
		"when the run started: local time (JSON: nanoseconds of CLOCK_REALTIME)" },
	[RUN_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_MANY, 10,
		"the network device" },
	[RUN_CPU] = { "CPU", "cpu", FIELD_NUMBER, FIELD_SHOWN, 3,
		"the CPU that ran the DPC" },
	[RUN_MSG] = { "MSG", "msg", FIELD_NUMBER, FIELD_SHOWN, 3,
		"the message" },
	[RUN_IRQ] = { "IRQ", "irq", FIELD_NUMBER, FIELD_SHOWN, 4,
		"the message's IRQ" },
	[RUN_NAPI] = { "NAPI", "napi", FIELD_NUMBER, FIELD_GENERIC, 5,
		"not at L3: the kernel's number of the NAPI instance" },
	[RUN_EVENT] = { "EVENT", "event", FIELD_TEXT, FIELD_SHOWN, 5,
		"what happened: dpc is a run of a DPC" },
	[RUN_LAT] = { "QUEUE->RUN", "lat_ns", FIELD_DURATION, FIELD_SHOWN, 10,
		"time from queued to started" },
	[RUN_RUN] = { "RUN", "run_ns", FIELD_DURATION, FIELD_SHOWN, 7,
		"time from started to ended" },
	[RUN_PKTS] = { "PKTS", "packets", FIELD_NUMBER, FIELD_SHOWN, 5,
		"packets taken off rings and inboxes, whatever became of them" },
	[RUN_FLAGS] = { "FLAGS", "flags", FIELD_WORDS, FIELD_SHOWN, 24,
		"how the run came about: queued (by the ISR or another DPC), requeued (continues a "
		"run that had more pending), kept (NAPI runs a DPC again that was not done) or "
		"unsolicited (nobody asked for it); how it ended: more (by its bound, with packets "
		"left), enabled (it enabled its message); foreign: on another CPU than it was "
		"queued for; overlong: longer than the DPC watchdog allows (20ms). L2: kept is also "
		"what was queued in a way that was not seen. L1: queued only where that is "
		"certain" },
	[RUN_BOUND] = { "BOUND", "bound", FIELD_NUMBER, FIELD_EXTRA, 5,
		"packets the run was allowed" },
	[RUN_INTR] = { "INTR", "interrupts", FIELD_NUMBER, FIELD_EXTRA, 4,
		"interrupts since the previous run of this DPC" },
	[RUN_COAL] = { "COAL", "coalesced", FIELD_NUMBER, FIELD_EXTRA, 4,
		"requests since its previous run that found the DPC queued already" },
	[RUN_DPC_CPU] = { "DPC-CPU", "dpc_cpu", FIELD_NUMBER, FIELD_EXTRA, 7,
		"the CPU the DPC was queued for" },
	[RUN_IRQ_AT] = { "IRQ-AT", "irq_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"CLOCK_MONOTONIC of the interrupt that began this batch of DPCs; none for a run "
		"that is part of no batch" },
	[RUN_QUEUED_AT] = { "QUEUED-AT", "queued_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"the same of the queueing" },
	[RUN_STARTED_AT] = { "STARTED-AT", "started_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"the same of the start" },
	[RUN_ENDED_AT] = { "ENDED-AT", "ended_ns", FIELD_STAMP, FIELD_EXTRA, 18,
		"the same of the end" },
};

const enum run_field run_notes[RUN_NOTES] = {
	RUN_PKTS, RUN_BOUND, RUN_INTR, RUN_COAL, RUN_CPU, RUN_DPC_CPU, RUN_FLAGS,
};

/* A stamp of 0 is unknown. */
static struct value stamp(__u64 ns)
{
	return ns ? value_number(ns) : (struct value){ 0 };
}

static struct value between(__u64 from, __u64 to)
{
	if (!from || !to)
		return (struct value){ 0 };
	return value_number(to > from ? to - from : 0);
}

void run_flags(char *words, size_t size, __u32 flags)
{
	static const struct {
		__u32 flag;
		const char *name;
	} names[] = {
		{ DPCNIC_RUN_QUEUED, "queued" },
		{ DPCNIC_RUN_REQUEUED, "requeued" },
		{ DPCNIC_RUN_UNSOLICITED, "unsolicited" },
		{ DPCNIC_RUN_MORE, "more" },
		{ DPCNIC_RUN_ENABLED, "enabled" },
		{ DPCNIC_RUN_FOREIGN, "foreign" },
		{ DPCNIC_RUN_KEPT, "kept" },
		{ DPCNIC_RUN_OVERLONG, "overlong" },
	};
	size_t length = 0;

	*words = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].flag)
			length += (size_t)snprintf(words + length, size - length, "%s%s",
						   length ? "," : "", names[i].name);
}

size_t run_slot(const struct device_list *list, const struct timeline_event *event)
{
	size_t slot = 0;

	while (list->devices[slot].ifindex != event->ifindex)
		slot++;
	return slot;
}

/* A recording may have runs of rows that it says nothing of. */
const struct row_id *run_row_id(const struct device_list *list, const struct rows *rows,
				const struct timeline_event *event)
{
	static struct row_id unknown;
	size_t slot = run_slot(list, event);

	if (event->msg < list->devices[slot].messages)
		return &rows[slot].ids[event->msg];
	unknown = (struct row_id){ .msg = value_number(event->msg) };
	return &unknown;
}

void run_row_fill(struct run_row *row, const struct timeline_event *event,
		  const struct device_list *list, const struct rows *rows,
		  __u64 realtime_offset)
{
	const struct device *device = &list->devices[run_slot(list, event)];
	const struct row_id *id = run_row_id(list, rows, event);
	struct value *values = row->values;

	memset(values, 0, sizeof(row->values));
	run_flags(row->flags, sizeof(row->flags), event->flags);
	values[RUN_TIME] = stamp(event->started_ns);
	values[RUN_TIME].number += realtime_offset;
	values[RUN_DEV] = value_text(device->name);
	values[RUN_CPU] = value_number(event->ran_on);
	values[RUN_MSG] = id->msg;
	values[RUN_IRQ] = id->irq;
	values[RUN_NAPI] = id->napi;
	values[RUN_EVENT] = value_text("dpc");
	values[RUN_LAT] = between(event->queued_ns, event->started_ns);
	values[RUN_RUN] = between(event->started_ns, event->ended_ns);
	values[RUN_PKTS] = value_number(event->packets);
	values[RUN_FLAGS] = value_text(row->flags);
	values[RUN_BOUND] = value_number(event->bound);
	if (device->level == LEVEL_3)
		values[RUN_INTR] = value_number(event->interrupts);
	if (device->level >= LEVEL_2) {
		values[RUN_COAL] = value_number(event->coalesced);
		values[RUN_DPC_CPU] = value_number(event->cpu);
	}
	values[RUN_IRQ_AT] = stamp(event->irq_ns);
	values[RUN_QUEUED_AT] = stamp(event->queued_ns);
	values[RUN_STARTED_AT] = stamp(event->started_ns);
	values[RUN_ENDED_AT] = stamp(event->ended_ns);
}
