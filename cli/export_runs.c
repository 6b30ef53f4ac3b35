// SPDX-License-Identifier: GPL-2.0
/*
 * Exports of runs: where they come from, and what is said of them. What is observed now is recorded
 * first, so a format is written from recordings only, and nothing waits for it while runs come.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ability.h"
#include "export.h"
#include "interrupt.h"
#include "record.h"
#include "run_row.h"
#include "utf8.h"

/* On a disk, as a recording may be large. */
#define TEMPORARY	"/var/tmp"

/**
 * struct source - runs on their way from the recording to a format
 * @request: what was asked for
 * @writer: the format
 * @path: its file; NULL is standard output
 * @export: what the writer sees
 * @error: errno of the first write that failed, or 0
 */
struct source {
	const struct request *request;
	const struct export_writer *writer;
	const char *path;
	struct export export;
	int error;
};

/* Called before anything else can fail. */
static void note_error(struct source *source)
{
	if (ferror(source->export.file) && !source->error)
		source->error = errno;
}

/* Whoever mixes up -i and -o keeps the recording. */
static enum exit_code check_file(const char *path)
{
	char magic[sizeof(RECORDING_MAGIC)] = "";
	struct stat about;
	FILE *old = NULL;

	if (!stat(path, &about) && S_ISREG(about.st_mode))
		old = fopen(path, "re");
	if (!old)
		return DPCTOOL_OK;
	if (!fread(magic, sizeof(magic), 1, old))
		magic[0] = '\0';
	fclose(old);
	if (memcmp(magic, RECORDING_MAGIC, sizeof(magic)))
		return DPCTOOL_OK;
	return fail(DPCTOOL_REFUSED, "another file, with -o",
		    "%s: not overwritten: it is a recording of dpctool", path);
}

/* Half of a file is none: it goes, unless it is a pipe or the like. */
static enum exit_code close_file(struct source *source)
{
	const char *name = source->path ? source->path : "output";
	FILE *file = source->export.file;
	struct stat about;

	if (interrupt_came())
		__fpurge(file);
	if ((file == stdout ? fflush(file) : fclose(file)) && !source->error)
		source->error = errno;
	if (!source->error && !interrupt_came())
		return DPCTOOL_OK;
	if (interrupt_came())
		fail(DPCTOOL_REFUSED, NULL, "%s: broken off, so not all was written", name);
	else
		fail(DPCTOOL_REFUSED, "where there is room, with -o",
		     "%s: not all was written: %s", name, strerror(source->error));
	if (source->path && !stat(source->path, &about) && S_ISREG(about.st_mode))
		unlink(source->path);
	return DPCTOOL_REFUSED;
}

static int take_run(void *context, void *event, size_t size)
{
	const struct timeline_event *run = event;
	struct source *source = context;
	const struct recording *recording = source->export.recording;

	(void)size;
	if (!row_is_of(run_row_id(&recording->list, recording->rows, run),
		       &source->request->msgs) ||
	    !id_set_has(&source->request->cpus, run->ran_on))
		return 0;
	source->writer->run(&source->export, run);
	note_error(source);
	return source->error || interrupt_came() ? -ECANCELED : 0;
}

static void print_text(const struct source *source, FILE *to)
{
	const struct export *export = &source->export;

	fprintf(to, "%s: %llu runs, lost %llu", source->path ? source->path : "standard output",
		export->runs, export->recording->losses.lost);
	if (export->unstamped)
		fprintf(to, ", left out %llu without start or end", export->unstamped);
	if (export->overlapping)
		fprintf(to, ", left out %llu that overlap", export->overlapping);
	if (source->writer->timeline)
		fprintf(to, "; message tracks %llu, CPU tracks %llu, slices %llu; "
			"open it in ui.perfetto.dev", export->msg_tracks, export->cpu_tracks,
			export->slices);
	fputc('\n', to);
}

static void print_json(const struct source *source)
{
	const struct request *request = source->request;
	const struct export *export = &source->export;
	const struct recording *recording = export->recording;
	json_t *document = document_new("export", recording->host, recording->start_realtime_ns);

	document_add(document, json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:{s:I}, s:O}",
					 "format", request->command->verbs[request->verb].name,
					 "file", utf8_json(source->path),
					 "period_ns", (json_int_t)recording->period_ns,
					 "runs", (json_int_t)export->runs,
					 "unstamped", (json_int_t)export->unstamped,
					 "overlapping", (json_int_t)export->overlapping,
					 "lost", "runs", (json_int_t)recording->losses.lost,
					 "command", recording->command));
	if (source->writer->timeline)
		document_add(document, json_pack("{s:I, s:I, s:I}",
						 "msg_tracks", (json_int_t)export->msg_tracks,
						 "cpu_tracks", (json_int_t)export->cpu_tracks,
						 "slices", (json_int_t)export->slices));
	json_print(document, request->format == OUTPUT_PRETTY);
}

/* Nothing must follow what went to standard output. */
static void print_summary(const struct source *source)
{
	if (!source->path)
		print_text(source, stderr);
	else if (source->request->format == OUTPUT_TEXT)
		print_text(source, stdout);
	else
		print_json(source);
}

static enum exit_code write_runs(struct source *source, const struct recording *recording)
{
	struct export *export = &source->export;
	enum exit_code code;

	export->recording = recording;
	export->file = source->path ? fopen(source->path, "we") : stdout;
	if (!export->file)
		return fail(DPCTOOL_REFUSED, "another file, with -o", "%s: %s", source->path,
			    strerror(errno));
	interrupt_catch();
	source->writer->begin(export);
	note_error(source);
	recording_visit(recording, take_run, source);
	if (source->writer->end)
		source->writer->end(export);
	note_error(source);
	code = close_file(source);
	interrupt_release();
	if (code)
		return code;
	print_summary(source);
	return output_end(source->request->strict, recording->losses.lost);
}

static enum exit_code export_recording(struct source *source, const char *path)
{
	struct recording *recording;
	enum exit_code code;

	code = recording_open(&recording, path);
	if (code)
		return code;
	code = recording_select(recording, source->request->device);
	code = code ? code : write_runs(source, recording);
	recording_close(recording);
	return code;
}

/* A file that is gone as soon as nobody has it open. */
static FILE *temporary(char *path, size_t size)
{
	const char *directory = getenv("TMPDIR");
	FILE *file;
	int fd;

	snprintf(path, size, "%s/dpctool.XXXXXX", directory ? directory : TEMPORARY);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return NULL;
	unlink(path);
	file = fdopen(fd, "w");
	if (!file)
		close(fd);
	return file;
}

static enum exit_code export_now(struct source *source)
{
	const struct request *request = source->request;
	char path[PATH_MAX], self[32];
	enum exit_code code, ended;
	struct device_list list;
	FILE *file;

	code = ability_find(&list, request);
	if (code)
		return code;
	file = temporary(path, sizeof(path));
	if (!file)
		return fail(DPCTOOL_REFUSED, "another directory, with TMPDIR", "%s: %s", path,
			    strerror(errno));
	code = record_runs(request, &list, file, path, &ended);
	if (!code && ferror(file))
		code = fail(DPCTOOL_REFUSED, "another directory, with TMPDIR",
			    "%s: not all was written: %s", path, strerror(errno));
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fileno(file));
	code = code ? code : export_recording(source, self);
	fclose(file);
	return ended ? ended : code;
}

enum exit_code export_runs(const struct request *request, const struct export_writer *writer)
{
	struct source source = { .request = request, .writer = writer };
	enum exit_code code;

	source.path = request->columns ? request->columns : writer->file;
	if (!strcmp(source.path, "-"))
		source.path = NULL;
	code = source.path ? check_file(source.path) : DPCTOOL_OK;
	if (code)
		return code;
	return request->input ? export_recording(&source, request->input) : export_now(&source);
}
