// SPDX-License-Identifier: GPL-2.0
/*
 * "dpctool export csv": a line per run, with the keys of trace's JSON as its header. As RFC 4180
 * says, but that lines end with a newline alone, as text does here. What is unknown is empty.
 */
#include <string.h>

#include "export.h"
#include "run_row.h"

static void begin(struct export *export)
{
	for (size_t i = 0; i < RUN_FIELDS; i++)
		fprintf(export->file, "%s%s", i ? "," : "", run_fields[i].key);
	fputc('\n', export->file);
}

/* Names of devices may have anything in them but blanks. */
static void put_text(FILE *file, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (; *text; text++)
		fprintf(file, *text == '"' ? "\"%c" : "%c", *text);
	fputc('"', file);
}

static void put_run(struct export *export, const struct timeline_event *event)
{
	const struct recording *recording = export->recording;
	struct run_row row;

	run_row_fill(&row, event, &recording->list, recording->irqs,
		     recording->start_realtime_ns - recording->start_ns);
	for (size_t i = 0; i < RUN_FIELDS; i++) {
		if (i)
			fputc(',', export->file);
		if (row.values[i].text)
			put_text(export->file, row.values[i].text);
		else if (row.values[i].known)
			fprintf(export->file, "%llu", row.values[i].number);
	}
	fputc('\n', export->file);
	export->runs++;
}

static const struct export_writer writer = {
	.file = "dpctool.csv",
	.begin = begin,
	.run = put_run,
};

enum exit_code export_csv(const struct request *request)
{
	return export_runs(request, &writer);
}
