// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "units.h"
#include "utf8.h"

bool field_left(const struct field *field)
{
	return field->kind == FIELD_TEXT || field->kind == FIELD_WORDS;
}

static enum exit_code unknown_column(const struct columns *columns, const char *name)
{
	char names[1024] = "";

	for (size_t i = 0; i < columns->field_count; i++) {
		if (i)
			strcat(names, ",");
		strcat(names, columns->fields[i].name);
	}
	return fail(DPCTOOL_USAGE, "one of these columns", "-o: unknown column '%s' (there are %s)",
		    name, names);
}

static bool show_column(struct columns *columns, const char *name)
{
	for (size_t i = 0; i < columns->field_count; i++) {
		if (strcasecmp(columns->fields[i].name, name))
			continue;
		for (size_t j = 0; j < columns->shown_count; j++)
			if (columns->shown[j] == i)
				return true;
		columns->shown[columns->shown_count++] = i;
		return true;
	}
	return false;
}

enum exit_code columns_choose(struct columns *columns, const struct field *fields,
			      size_t field_count, const char *choice, bool many, bool generic)
{
	char *names, *rest, *name;
	enum exit_code code = DPCTOOL_OK;

	*columns = (struct columns){ .fields = fields, .field_count = field_count };
	if (!choice || *choice == '+') {
		for (size_t i = 0; i < field_count; i++)
			if (fields[i].use == FIELD_SHOWN || (fields[i].use == FIELD_MANY && many) ||
			    (fields[i].use == FIELD_GENERIC && generic))
				columns->shown[columns->shown_count++] = i;
	}
	if (!choice)
		return DPCTOOL_OK;

	names = strdup(choice);
	rest = names;
	while (!code && (name = strsep(&rest, ","))) {
		name += *name == '+';
		if (!show_column(columns, name))
			code = unknown_column(columns, name);
	}
	free(names);
	return code;
}

static void format_time(char *cell, __u64 realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / NSEC_PER_SEC);
	struct tm local;
	size_t length;

	length = strftime(cell, VALUE_SIZE, "%H:%M:%S", localtime_r(&seconds, &local));
	snprintf(cell + length, VALUE_SIZE - length, ".%06llu", realtime_ns % NSEC_PER_SEC / 1000);
}

static void format_date(char *cell, __u64 realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / NSEC_PER_SEC);
	struct tm local;

	strftime(cell, VALUE_SIZE, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &local));
}

/* The end of the run, up or down, that begins at *@list with @first; *@list is moved behind it. */
static long long take_run(const char **list, long long first)
{
	long long last = first, step = 0, next;
	char *end;

	while (**list) {
		next = strtoll(*list + 1, &end, 10);
		if (llabs(next - last) != 1 || (step && next - last != step))
			break;
		step = next - last;
		last = next;
		*list = end;
	}
	return last;
}

/* One number for each of many CPUs is many numbers, but few runs. Returns false if too many. */
static bool format_numbers(char *cell, const char *list)
{
	long long first, last;
	size_t length = 0;
	char *end;

	while (*list && length < VALUE_SIZE) {
		first = strtoll(list, &end, 10);
		list = end;
		last = take_run(&list, first);
		list += *list == ',';
		length += (size_t)snprintf(cell + length, VALUE_SIZE - length,
					   first == last ? "%s%lld" : "%s%lld-%lld",
					   length ? "," : "", first, last);
	}
	return length < VALUE_SIZE;
}

const char *value_format(char *cell, const struct field *field, const struct value *value)
{
	if (value->text && field->kind == FIELD_NUMBERS && format_numbers(cell, value->text))
		return cell;
	if (value->text)
		return value->text;
	if (!value->known)
		return OUTPUT_UNKNOWN;
	switch (field->kind) {
	case FIELD_NUMBER:
		snprintf(cell, VALUE_SIZE, "%llu", value->number);
		break;
	case FIELD_DURATION:
		format_duration(cell, VALUE_SIZE, value->number);
		break;
	case FIELD_STAMP:
		snprintf(cell, VALUE_SIZE, "%llu.%09llu", value->number / NSEC_PER_SEC,
			 value->number % NSEC_PER_SEC);
		break;
	case FIELD_TIME:
		format_time(cell, value->number);
		break;
	case FIELD_DATE:
		format_date(cell, value->number);
		break;
	case FIELD_PPM:
		snprintf(cell, VALUE_SIZE, "%llu.%llu%%", (value->number + 500) / 10000,
			 (value->number + 500) / 1000 % 10);
		break;
	case FIELD_TEXT:
	case FIELD_WORDS:
	case FIELD_NUMBERS:
		return OUTPUT_UNKNOWN;
	}
	return cell;
}

struct table {
	const struct columns *columns;
	struct libscols_table *scols;
};

struct table *table_new(const struct columns *columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		no_memory();
	table->columns = columns;
	table->scols = scols_new_table();
	if (!table->scols)
		no_memory();
	/* A terminal that is too narrow for the table gets long lines, not shortened numbers. */
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER);
	for (size_t i = 0; i < columns->shown_count; i++) {
		const struct field *field = &columns->fields[columns->shown[i]];

		if (!scols_table_new_column(table->scols, field->name, 0,
					    field_left(field) ? 0 : SCOLS_FL_RIGHT))
			no_memory();
	}
	return table;
}

void table_add(struct table *table, const struct value *values)
{
	struct libscols_line *line = scols_table_new_line(table->scols, NULL);
	char cell[VALUE_SIZE];

	if (!line)
		no_memory();
	for (size_t i = 0; i < table->columns->shown_count; i++) {
		size_t field = table->columns->shown[i];

		if (scols_line_set_data(line, i, value_format(cell, &table->columns->fields[field],
							      &values[field])))
			no_memory();
	}
}

void table_print(struct table *table)
{
	scols_print_table(table->scols);
	scols_unref_table(table->scols);
	free(table);
}

/* The last column is not padded, so that no line ends in blanks. */
static void print_cell(const struct columns *columns, size_t i, const char *text)
{
	const struct field *field = &columns->fields[columns->shown[i]];
	bool last = i == columns->shown_count - 1;

	if (field_left(field))
		printf("%-*s%s", last ? 0 : field->width, text, last ? "\n" : " ");
	else
		printf("%*s%s", field->width, text, last ? "\n" : " ");
}

void stream_header(const struct columns *columns)
{
	for (size_t i = 0; i < columns->shown_count; i++)
		print_cell(columns, i, columns->fields[columns->shown[i]].name);
}

void stream_row(const struct columns *columns, const struct value *values)
{
	char cell[VALUE_SIZE];

	for (size_t i = 0; i < columns->shown_count; i++) {
		size_t field = columns->shown[i];

		print_cell(columns, i, value_format(cell, &columns->fields[field], &values[field]));
	}
}

static json_t *list_json(const char *text, bool numbers)
{
	char *words = strdup(text), *rest = words, *word;
	json_t *list = json_array();

	if (!words)
		no_memory();
	while (*rest) {
		word = rest;
		rest += strcspn(rest, ",");
		if (*rest)
			*rest++ = '\0';
		json_array_append_new(list, numbers ? json_integer(strtoll(word, NULL, 10)) :
						      utf8_json(word));
	}
	free(words);
	return list;
}

static json_t *value_json(const struct field *field, const struct value *value)
{
	if (!value->known)
		return json_null();
	if (field->kind == FIELD_TEXT)
		return utf8_json(value->text);
	if (field->kind == FIELD_WORDS || field->kind == FIELD_NUMBERS)
		return list_json(value->text, field->kind == FIELD_NUMBERS);
	return json_integer((json_int_t)value->number);
}

json_t *number_json(struct value value)
{
	return value.known ? json_integer((json_int_t)value.number) : json_null();
}

json_t *row_json(const struct columns *columns, const struct value *values)
{
	json_t *row = json_object();

	for (size_t i = 0; i < columns->field_count; i++)
		json_object_set_new(row, columns->fields[i].key,
				    value_json(&columns->fields[i], &values[i]));
	return row;
}

json_t *document_new(const char *object, const char *host, __u64 start_realtime_ns)
{
	char here[256] = "";

	gethostname(here, sizeof(here) - 1);
	return json_pack("{s:s, s:s, s:o, s:I}",
			 "schema", DPCTOOL_SCHEMA,
			 "object", object,
			 "host", utf8_json(host ? host : here),
			 "t0_ns", (json_int_t)start_realtime_ns);
}

void document_add(json_t *document, json_t *more)
{
	/* all that can go wrong with what has been packed */
	if (json_object_update_new(document, more))
		no_memory();
}

void json_print(json_t *json, bool pretty)
{
	json_dumpf(json, stdout, pretty ? JSON_INDENT(2) : JSON_COMPACT);
	putchar('\n');
	json_decref(json);
}

enum exit_code output_end(bool strict, __u64 lost)
{
	if (fflush(stdout) || ferror(stdout))
		return fail(DPCTOOL_REFUSED, NULL, "output: not all was written: %s",
			    strerror(errno));
	if (strict && lost)
		return fail(DPCTOOL_INCOMPLETE, NULL, "output: incomplete: %llu runs were lost",
			    lost);
	return DPCTOOL_OK;
}
