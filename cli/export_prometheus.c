// SPDX-License-Identifier: GPL-2.0
/* "dpctool export prometheus": what is counted, as long as it runs, for Prometheus to scrape. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "ability.h"
#include "attach.h"
#include "distribution.h"
#include "export.h"
#include "exposition.h"
#include "observer.h"
#include "privileges.h"
#include "serve.h"
#include "watch.h"

/* Prometheus' own advice is that most exporters have fewer. */
#define SERIES_MAX	10000

/* What root becomes before it serves. */
#define NOBODY		"nobody"

/* How often a textfile is written unless an interval is given. */
#define TEXTFILE_NS	(15 * NSEC_PER_SEC)

/* The only files that node_exporter reads. */
#define SUFFIX		".prom"

/**
 * struct exporter - what is exported, and how
 * @request: what was asked for
 * @list: the devices
 * @cpus: how many CPUs there can be
 * @observer: counts
 * @exposition: what is printed
 * @watch: how long
 * @fd: listens
 * @url: where it serves then
 */
struct exporter {
	const struct request *request;
	struct device_list list;
	__u32 cpus;
	struct observer *observer;
	struct exposition exposition;
	struct watch watch;
	int fd;
	char url[128];
};

static bool ends_in_suffix(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(SUFFIX) && !strcmp(name + length - strlen(SUFFIX), SUFFIX);
}

static enum exit_code check(const struct request *request)
{
	unsigned int times = 1 << KEYWORD_INTERVAL | 1 << KEYWORD_COUNT;

	if (request->input)
		return misused(request, "a recording is over, there is nothing to scrape", NULL);
	if (request->argv)
		return misused(request, "takes no COMMAND after", "--");
	if (request->columns || request->format != OUTPUT_TEXT)
		return misused(request, "has one format: no -o, -j, -p", NULL);
	if (request->textfile && request->listen)
		return misused(request, "textfile, or listen: one at a time", NULL);
	if (!request->textfile && (request->given & times))
		return misused(request, "interval and count are for textfile", NULL);
	if (request->textfile && !ends_in_suffix(request->textfile))
		return misused(request,
			       "textfile: node_exporter reads only files in " SUFFIX ", not",
			       request->textfile);
	if (request->by && strcmp(request->by, "msg") && strcmp(request->by, "cpu"))
		return misused(request, "by: not msg or cpu:", request->by);
	return DPCTOOL_OK;
}

/* How many of the first @count ids are in @set. */
static __u64 wanted(const struct id_set *set, __u32 count)
{
	__u64 found = 0;

	for (__u32 id = 0; id < count; id++)
		found += id_set_has(set, id);
	return found;
}

static __u64 rows_at_most(const struct exporter *exporter)
{
	const struct request *request = exporter->request;
	__u64 rows = 0;

	for (size_t slot = 0; slot < exporter->list.count; slot++) {
		const struct device *device = &exporter->list.devices[slot];

		rows += device->level == LEVEL_3 ? wanted(&request->msgs, device->messages) :
						   device->messages;
	}
	return exporter->exposition.by_cpu ? rows * wanted(&request->cpus, exporter->cpus) : rows;
}

/* Before anything is served: how much it will be, and whether that is acceptable. */
static enum exit_code announce(struct exporter *exporter)
{
	const struct request *request = exporter->request;
	__u64 rows = rows_at_most(exporter), most = SERIES_MAX, napis = 0, series;
	char try[128];

	for (size_t slot = 0; slot < exporter->list.count; slot++)
		if (exporter->list.devices[slot].level != LEVEL_3)
			napis += exporter->list.devices[slot].messages;
	series = exposition_series(exporter->list.count, rows, napis);
	if (request->given & 1 << KEYWORD_SERIES)
		most = request->series;
	if (series > most) {
		snprintf(try, sizeof(try), "%sseries %llu, if Prometheus can take them",
			 exporter->exposition.by_cpu ? "by msg, or " : "dev IF, or ", series);
		return fail(DPCTOOL_USAGE, try,
			    "export: prometheus: up to %llu series, more than %llu", series, most);
	}
	exporter->exposition.rows = calloc(rows, sizeof(*exporter->exposition.rows));
	if (!exporter->exposition.rows)
		no_memory();
	fprintf(stderr, "dpctool: up to %llu series (devices: %zu, %s: %llu)\n", series,
		exporter->list.count,
		exporter->exposition.by_cpu ? "pairs of message and CPU" : "messages", rows);
	return DPCTOOL_OK;
}

static enum exit_code find(struct exporter *exporter)
{
	const struct request *request = exporter->request;
	struct exposition *exposition = &exporter->exposition;
	enum exit_code code;

	code = ability_find(&exporter->list, request);
	if (code)
		return code;
	*exposition = (struct exposition){
		.list = &exporter->list,
		.by_cpu = request->by && !strcmp(request->by, "cpu"),
		.observing = true,
	};
	exporter->cpus = attach_cpus();
	return DPCTOOL_OK;
}

/*
 * What @msg has counted since the start, not since the last scrape: rows appear with the first run,
 * and only grow.
 */
static void take_row(struct exporter *exporter, size_t slot, __u32 row, const struct row_id *id)
{
	struct exposition *exposition = &exporter->exposition;
	struct counters_entry entry, sum = { 0 };

	for (__u32 cpu = 0; cpu < exporter->cpus; cpu++) {
		if (!id_set_has(&exporter->request->cpus, cpu))
			continue;
		observer_entry(exporter->observer, slot, row, cpu, &entry);
		if (!exposition->by_cpu)
			entry_add(&sum, &entry);
		else if (entry_runs(&entry, 0) || entry.interrupts)
			exposition_add(exposition, slot, row, id, cpu, &entry);
	}
	if (entry_runs(&sum, 0) || sum.interrupts)
		exposition_add(exposition, slot, row, id, 0, &sum);
}

static void print(FILE *out, void *context)
{
	struct exporter *exporter = context;
	struct exposition *exposition = &exporter->exposition;
	const struct rows *rows = observer_look(exporter->observer);
	struct utsname kernel;

	uname(&kernel);
	exposition->kernel = kernel.release;
	exposition->lost = observer_uncounted(exporter->observer);
	exposition->count = 0;
	for (size_t slot = 0; slot < exporter->list.count; slot++) {
		const struct device *device = &exporter->list.devices[slot];

		exposition->present[slot] = if_nametoindex(device->name) == device->ifindex;
		for (__u32 row = 0; row < device->messages; row++)
			if (row_is_of(&rows[slot].ids[row], &exporter->request->msgs))
				take_row(exporter, slot, row, &rows[slot].ids[row]);
	}
	exposition_print(exposition, out);
}

static enum exit_code write_failed(const char *path, int error)
{
	return fail(DPCTOOL_REFUSED, error == EACCES || error == EPERM ?
		    "a directory of one's own, or user NAME of who owns it" : NULL,
		    "%s: cannot write it: %s", path, strerror(error));
}

/* A reader finds the old file or the new one, whole, whenever it looks. */
static enum exit_code write_file(struct exporter *exporter)
{
	const char *path = exporter->request->textfile;
	char new[PATH_MAX];
	int fd, error = 0;
	FILE *out;

	if (snprintf(new, sizeof(new), "%s.XXXXXX", path) >= (int)sizeof(new))
		return write_failed(path, ENAMETOOLONG);
	fd = mkstemp(new);
	if (fd < 0)
		return write_failed(path, errno);
	out = fdopen(fd, "w");
	if (!out)
		no_memory();
	print(out, exporter);
	/* what could not be written is not tried again */
	if (fflush(out) || fchmod(fd, 0644))
		error = errno;
	else if (ferror(out))
		error = EIO;
	else if (rename(new, path))
		error = errno;
	fclose(out);
	if (error) {
		unlink(new);
		return write_failed(path, error);
	}
	return DPCTOOL_OK;
}

/* At once, after each interval, and in the end. */
static enum exit_code write_files(struct exporter *exporter)
{
	const struct request *request = exporter->request;
	__u64 most = request->given & 1 << KEYWORD_COUNT ? request->count : ~0ULL;
	__u64 interval = TEXTFILE_NS;
	enum exit_code code;
	char every[32];
	__u64 i;

	if (request->given & 1 << KEYWORD_INTERVAL)
		interval = request->interval_ns;
	format_duration(every, sizeof(every), interval);
	code = write_file(exporter);
	if (!code)
		fprintf(stderr, "dpctool: writing %s every %s, without capabilities\n",
			request->textfile, every);
	for (i = 1; exporter->exposition.observing && !code; i++) {
		__u64 until = exporter->watch.start_ns + i * interval;

		exporter->exposition.observing =
			watch_wait(&exporter->watch, until, -1) != WATCH_END && i < most;
		code = write_file(exporter);
	}
	/* Who reads it would believe that somebody counts still. */
	if (code && i > 1)
		unlink(request->textfile);
	if (!code)
		fprintf(stderr, "dpctool: written %llu times, lost %llu\n", i,
			observer_uncounted(exporter->observer));
	return code;
}

static enum exit_code serve_pages(struct exporter *exporter, const char *user)
{
	struct serve_page page = { .print = print, .context = exporter };
	enum exit_code code;

	fprintf(stderr, "dpctool: serving %s%s%s, without capabilities\n", exporter->url,
		user ? " as " : "", user ? user : "");
	code = serve(exporter->fd, &page, &exporter->watch);
	fprintf(stderr, "dpctool: scraped %llu times, lost %llu\n", page.count,
		observer_uncounted(exporter->observer));
	return code;
}

/* What takes privileges, then that which others have a part in. */
static enum exit_code export(struct exporter *exporter)
{
	const struct request *request = exporter->request;
	const struct observer_request observe = {
		.list = &exporter->list,
		.lowest = LEVEL_0,
		.exact = request->level_given,
		.counting = true,
	};
	const char *user = request->user;
	enum exit_code code;

	if (!user && !request->textfile && !geteuid())
		user = NOBODY;
	code = watch_start(&exporter->watch, NULL);
	code = code ? code : observer_start(&exporter->observer, &observe);
	code = code ? code : announce(exporter);
	code = code ? code : privileges_drop(user);
	if (!code)
		code = request->textfile ? write_files(exporter) : serve_pages(exporter, user);
	return code;
}

enum exit_code export_prometheus(const struct request *request)
{
	struct exporter *exporter = calloc(1, sizeof(*exporter));
	enum exit_code code;
	__u64 lost = 0;

	if (!exporter)
		no_memory();
	exporter->request = request;
	code = check(request);
	if (!code && !request->textfile)
		code = serve_listen(&exporter->fd, exporter->url, sizeof(exporter->url),
				    request->listen);
	code = code ? code : find(exporter);
	code = code ? code : export(exporter);
	if (exporter->observer)
		lost = observer_uncounted(exporter->observer);
	observer_free(exporter->observer);
	free(exporter->exposition.rows);
	free(exporter);
	return code ? code : output_end(request->strict, lost);
}
