// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "distribution.h"
#include "error.h"
#include "top_model.h"

void top_begin(struct top_table *table, const struct top_view *view)
{
	table->view = view;
	table->count = 0;
	table->shown_count = 0;
	table->part_count = 0;
}

/* realloc() would not align them. */
static void grow(struct top_table *table)
{
	size_t room = table->room ? 2 * table->room : 16;
	struct top_row *rows = aligned_alloc(__alignof__(*rows), room * sizeof(*rows));
	size_t *shown = realloc(table->shown, room * sizeof(*shown));

	if (!rows || !shown)
		no_memory();
	if (table->count)
		memcpy(rows, table->rows, table->count * sizeof(*rows));
	free(table->rows);
	table->rows = rows;
	table->shown = shown;
	table->room = room;
}

bool top_same(enum top_pivot pivot, const struct top_row *row, const struct top_row *other)
{
	switch (pivot) {
	case TOP_BY_BOTH:
		return row->slot == other->slot && row->msg == other->msg &&
		       row->cpu == other->cpu;
	case TOP_BY_MSG:
		return row->slot == other->slot && row->msg == other->msg;
	case TOP_BY_CPU:
		return row->cpu == other->cpu;
	case TOP_BY_DEV:
	default:
		return row->slot == other->slot;
	}
}

/* The row that the cell belongs to; it is the last one most of the time. */
static struct top_row *row_of(struct top_table *table, const struct top_cell *cell)
{
	const struct top_row wanted = { .slot = cell->slot, .msg = cell->msg, .cpu = cell->cpu };

	for (size_t i = table->count; i && table->view->pivot != TOP_BY_BOTH; i--)
		if (top_same(table->view->pivot, &table->rows[i - 1], &wanted))
			return &table->rows[i - 1];
	if (table->count == table->room)
		grow(table);
	memset(&table->rows[table->count], 0, sizeof(*table->rows));
	return &table->rows[table->count++];
}

static struct value several(void)
{
	return (struct value){ .text = TOP_SEVERAL_TEXT };
}

/* Names what the row is of, or that it is of several. */
static void name_cell(struct top_row *row, const struct top_cell *cell)
{
	bool first = !row->messages;
	bool same_dev = first || row->slot == cell->slot;
	bool same_msg = first || (same_dev && row->msg == cell->msg);
	bool same_cpu = first || row->cpu == cell->cpu;

	row->slot = same_dev ? cell->slot : TOP_SEVERAL;
	row->msg = same_msg ? cell->msg : TOP_SEVERAL;
	row->cpu = same_cpu ? cell->cpu : TOP_SEVERAL;
	row->values[FIGURE_DEV] = same_dev ? value_text(cell->dev) : several();
	row->values[FIGURE_MSG] = same_msg ? value_number(cell->msg) : several();
	row->values[FIGURE_IRQ] = same_msg ? cell->irq : several();
	row->values[FIGURE_CPU] = same_cpu ? value_number(cell->cpu) : several();
}

static void add_part(struct top_table *table, const struct top_cell *cell, size_t row)
{
	struct top_part *parts = table->parts;

	if (table->part_count == table->part_room) {
		table->part_room = table->part_room ? 2 * table->part_room : 64;
		parts = realloc(parts, table->part_room * sizeof(*parts));
		if (!parts)
			no_memory();
		table->parts = parts;
	}
	parts[table->part_count++] = (struct top_part){ cell->slot, cell->msg, row };
}

void top_add(struct top_table *table, const struct top_cell *cell)
{
	struct top_row *row;

	if (!filter_takes(&table->view->filter, cell->dev, cell->msg, cell->cpu))
		return;
	row = row_of(table, cell);
	name_cell(row, cell);
	entry_add(&row->entry, cell->entry);
	/* Cells of one message follow each other. */
	row->messages += !row->messages || row->last_slot != cell->slot ||
			 row->last_msg != cell->msg;
	row->last_slot = cell->slot;
	row->last_msg = cell->msg;
	add_part(table, cell, (size_t)(row - table->rows));
}

/* Which of two rows comes first, as qsort_r() wants it. */
static int compare(const void *left, const void *right, void *context)
{
	size_t i = *(const size_t *)left, j = *(const size_t *)right;
	const struct top_table *table = context;
	const struct value *a = &table->rows[i].values[table->view->sort];
	const struct value *b = &table->rows[j].values[table->view->sort];
	int order = 0;

	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (a->known && figures[table->view->sort].kind == FIELD_TEXT)
		order = strcmp(a->text, b->text);
	else if (a->known && a->number != b->number)
		order = a->number < b->number ? -1 : 1;
	if (order)
		return table->view->ascending ? order : -order;
	/* Rows came in the order of their first cells, which is none of CPUs. */
	if (table->view->pivot == TOP_BY_CPU && table->rows[i].cpu != table->rows[j].cpu)
		return table->rows[i].cpu < table->rows[j].cpu ? -1 : 1;
	return i < j ? -1 : i > j;
}

/* Messages of the rows shown; one that is in several of them is one message. */
static __u32 count_messages(const struct top_table *table)
{
	const struct top_part *last = NULL;
	__u32 messages = 0;

	for (size_t i = 0; i < table->part_count; i++) {
		const struct top_part *part = &table->parts[i];

		if (!table->rows[part->row].shown)
			continue;
		messages += !last || last->slot != part->slot || last->msg != part->msg;
		last = part;
	}
	return messages;
}

static void add_total(struct top_table *table, __u64 period_ns)
{
	struct top_row *total = &table->total;

	memset(total, 0, sizeof(*total));
	for (size_t i = 0; i < table->shown_count; i++)
		entry_add(&total->entry, &table->rows[table->shown[i]].entry);
	total->messages = count_messages(table);
	total->values[FIGURE_DEV] = (struct value){ .text = "" };
	total->values[FIGURE_MSG] = (struct value){ .text = "total" };
	total->values[FIGURE_IRQ] = (struct value){ .text = "" };
	total->values[FIGURE_CPU] = (struct value){ .text = "" };
	figures_fill(total->values, &total->entry, period_ns, total->messages);
}

void top_end(struct top_table *table, __u64 period_ns)
{
	for (size_t i = 0; i < table->count; i++) {
		struct top_row *row = &table->rows[i];

		figures_fill(row->values, &row->entry, period_ns, row->messages);
		row->shown = filter_keeps(&table->view->filter, row->values);
		if (row->shown)
			table->shown[table->shown_count++] = i;
	}
	add_total(table, period_ns);
	if (table->shown_count)
		qsort_r(table->shown, table->shown_count, sizeof(*table->shown), compare, table);
}

void top_free(struct top_table *table)
{
	free(table->rows);
	free(table->shown);
	free(table->parts);
	*table = (struct top_table){ 0 };
}
