/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output. A command declares its fields once; from that come the columns of its text, the keys of
 * its JSON, and their documentation.
 */
#ifndef DPCTOOL_OUTPUT_H
#define DPCTOOL_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "error.h"

#define OUTPUT_FIELDS_MAX	64

/*
 * Name and version of the JSON documents; the version changes when a key changes its meaning or
 * goes away.
 */
#define DPCTOOL_SCHEMA		"dpctool/1"

/* What text shows for a value that could not be observed; JSON has null. */
#define OUTPUT_UNKNOWN		"-"

/** enum field_kind - how a value is written; a number is a plain integer in JSON */
enum field_kind {
	FIELD_NUMBER,	/* 1234 */
	FIELD_DURATION,	/* nanoseconds; text 1.84us */
	FIELD_STAMP,	/* nanoseconds of CLOCK_MONOTONIC; text 12.345678901 */
	FIELD_TIME,	/* nanoseconds of CLOCK_REALTIME; text 12:03:44.101233, local time */
	FIELD_DATE,	/* the same; text 2026-11-21 12:03:44, local time */
	FIELD_PPM,	/* parts per million; text 14.1% */
	FIELD_TEXT,	/* a word */
	FIELD_WORDS,	/* words with commas between; JSON has an array */
	FIELD_NUMBERS,	/* the same of numbers; text 0,2-5 */
};

/** enum field_use - when text shows a field whose column was not asked for with -o */
enum field_use {
	FIELD_SHOWN,
	FIELD_MANY,	/* if several devices are observed */
	FIELD_GENERIC,	/* if one is not observed at L3 */
	FIELD_EXTRA,	/* never */
};

/**
 * struct field - one quantity a command reports per row
 * @name: its column
 * @key: its key in JSON
 * @kind: how it is written
 * @use: whether text shows it unasked
 * @width: width of its column where rows are printed as they come
 * @help: what it is
 */
struct field {
	const char *name;
	const char *key;
	enum field_kind kind;
	enum field_use use;
	int width;
	const char *help;
};

/** field_left() - words are aligned to the left, numbers to the right */
bool field_left(const struct field *field);

/**
 * struct value - the value of one field in one row; all zero is "not observable"
 * @known: the value was observed
 * @number: for kinds that are numbers
 * @text: for texts and lists; if set for another kind, text has it in place of the number, JSON
 *	null
 */
struct value {
	bool known;
	__u64 number;
	const char *text;
};

#define VALUE_SIZE		128

/**
 * value_format() - what text has for @value: @cell, of VALUE_SIZE bytes, which is filled in, or a
 * text that is there already
 */
const char *value_format(char *cell, const struct field *field, const struct value *value);

/** value_number() - an observed number */
static inline struct value value_number(__u64 number)
{
	return (struct value){ .known = true, .number = number };
}

/** value_text() - an observed text */
static inline struct value value_text(const char *text)
{
	return (struct value){ .known = true, .text = text };
}

/** value_maybe() - the same, or NULL if none was observed */
static inline struct value value_maybe(const char *text)
{
	return (struct value){ .known = text, .text = text };
}

/**
 * struct columns - a command's fields and those of them its text shows, in order
 */
struct columns {
	const struct field *fields;
	size_t field_count;
	size_t shown[OUTPUT_FIELDS_MAX];
	size_t shown_count;
};

/**
 * columns_choose() - fill @columns as option -o asks
 * @choice: "COL,COL" for just these, "+COL,COL" for these after the default ones, NULL for
 *	the default ones
 * @many: several devices are observed
 * @generic: one is not observed at L3
 */
enum exit_code columns_choose(struct columns *columns, const struct field *fields,
			      size_t field_count, const char *choice, bool many, bool generic);

/** struct table - an aligned table, printed when it is complete */
struct table;

struct table *table_new(const struct columns *columns);
void table_add(struct table *table, const struct value *values);
/** table_print() - print the table and free it */
void table_print(struct table *table);

/*
 * The same row by row, for output that cannot wait for the last row: columns have their fields'
 * widths.
 */
void stream_header(const struct columns *columns);
void stream_row(const struct columns *columns, const struct value *values);

/** number_json() - a value that is a number, or null */
json_t *number_json(struct value value);

/** row_json() - one row as a JSON object with all fields, shown or not */
json_t *row_json(const struct columns *columns, const struct value *values);

/**
 * document_new() - a JSON document with what every document of dpctool begins with
 * @host: where it was observed; NULL is here
 */
json_t *document_new(const char *object, const char *host, __u64 start_realtime_ns);

/** document_add() - add to @document what is in @more, which is dropped */
void document_add(json_t *document, json_t *more);

/** json_print() - print @json as one line, or indented, and drop it */
void json_print(json_t *json, bool pretty);

/**
 * output_end() - what every command ends with: tell whether all output was written
 * @strict: and that lost runs are an error
 * @lost: number of runs that are missing in the output
 */
enum exit_code output_end(bool strict, __u64 lost);

#endif /* DPCTOOL_OUTPUT_H */
