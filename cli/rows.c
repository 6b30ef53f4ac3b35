// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "rows.h"

bool row_is_of(const struct row_id *row, const struct id_set *msgs)
{
	/* "all" has the last id, too */
	return id_set_has(msgs, row->msg.known ? (__u32)row->msg.number : TIMELINE_IDS - 1);
}

const char *row_name(const struct row_id *row)
{
	static char names[2][32];
	static unsigned int turn;
	char *name = names[turn++ % 2];

	if (row->msg.known)
		snprintf(name, sizeof(names[0]), "msg %llu", row->msg.number);
	else if (row->napi.known)
		snprintf(name, sizeof(names[0]), "napi %llu", row->napi.number);
	else if (row->irq.known)
		snprintf(name, sizeof(names[0]), "irq %llu", row->irq.number);
	else
		snprintf(name, sizeof(names[0]), "%s", OUTPUT_UNKNOWN);
	return name;
}

static int by_message(const void *one, const void *other, void *context)
{
	__u32 a = *(const __u32 *)one, b = *(const __u32 *)other;
	const struct row_id *ids = context;

	if (ids[a].msg.known != ids[b].msg.known)
		return ids[b].msg.known - ids[a].msg.known;
	if (ids[a].msg.number != ids[b].msg.number)
		return ids[a].msg.number < ids[b].msg.number ? -1 : 1;
	return a < b ? -1 : a > b;
}

__u32 *rows_order(const struct row_id *ids, __u32 count)
{
	__u32 *order = calloc(count + 1, sizeof(*order));

	if (!order)
		no_memory();
	for (__u32 i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), by_message, (void *)ids);
	return order;
}

void rows_free(struct rows *rows, size_t count)
{
	for (size_t i = 0; rows && i < count; i++)
		free(rows[i].ids);
	free(rows);
}
