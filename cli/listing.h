/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of a command that observes nothing: a table, or a JSON document with "rows". */
#ifndef DPCTOOL_LISTING_H
#define DPCTOOL_LISTING_H

#include "args.h"

/**
 * struct listing - the rows that are being made
 * @columns: what to print
 * @table: for text, or NULL
 * @rows: for JSON, or NULL
 */
struct listing {
	struct columns columns;
	struct table *table;
	json_t *rows;
};

/** listing_start() - begin, with @fields, as @request wants to have them printed */
enum exit_code listing_start(struct listing *listing, const struct request *request,
			     const struct field *fields, size_t field_count);

/** listing_add() - add a row */
void listing_add(struct listing *listing, const struct value *values);

/**
 * listing_end() - print it
 * @more: further keys of the document, or NULL; dropped
 */
enum exit_code listing_end(struct listing *listing, const struct request *request, json_t *more);

#endif /* DPCTOOL_LISTING_H */
