// SPDX-License-Identifier: GPL-2.0
#include "listing.h"
#include "watch.h"

enum exit_code listing_start(struct listing *listing, const struct request *request,
			     const struct field *fields, size_t field_count)
{
	enum exit_code code;

	*listing = (struct listing){ 0 };
	code = columns_choose(&listing->columns, fields, field_count, request->columns, false,
			      false);
	if (code)
		return code;
	if (request->format == OUTPUT_TEXT)
		listing->table = table_new(&listing->columns);
	else
		listing->rows = json_array();
	return DPCTOOL_OK;
}

void listing_add(struct listing *listing, const struct value *values)
{
	if (listing->table)
		table_add(listing->table, values);
	else
		json_array_append_new(listing->rows, row_json(&listing->columns, values));
}

enum exit_code listing_end(struct listing *listing, const struct request *request, json_t *more)
{
	json_t *document;

	if (listing->table) {
		table_print(listing->table);
	} else {
		document = document_new(request->command->name, NULL, now_realtime_ns());
		if (more)
			json_object_update(document, more);
		json_object_set_new(document, "rows", listing->rows);
		json_print(document, request->format == OUTPUT_PRETTY);
	}
	json_decref(more);
	return output_end(false, 0);
}
