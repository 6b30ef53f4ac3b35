// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "ability.h"
#include "observed.h"
#include "recording.h"
#include "watch.h"

/* When the interval that goes on at @now ends; those that are over are no longer waited for. */
static __u64 interval_end(const struct request *request, __u64 start, __u64 now)
{
	if (request->argv && request->format != OUTPUT_STREAM)
		return ~0ULL;
	return start + ((now - start) / request->interval_ns + 1) * request->interval_ns;
}

/* One interval after the other, until the last one asked for, the COMMAND's end, or the user's. */
static enum exit_code watch_and_print(struct observed *observed, void (*begin)(void),
				      enum exit_code (*print)(struct observed *observed))
{
	const struct request *request = observed->request;
	__u64 start, end, until, all_lost = 0;
	enum exit_code code, ended;
	struct watch watch;
	bool last = false;

	code = watch_start(&watch, request->argv);
	if (code)
		return code;
	start = watch.start_ns;
	if (begin)
		begin();
	if (request->format != OUTPUT_STREAM)
		watch_progress(&watch, request->count == ~0ULL ? ~0ULL :
			       start + request->count * request->interval_ns, NULL, NULL);
	for (__u64 i = 1; !last && !code; i++) {
		until = interval_end(request, watch.start_ns, start);
		last = watch_wait(&watch, until, -1) == WATCH_END || i == request->count;
		if (last)
			counting_stop(observed->counting);
		end = now_ns();
		observed->start_realtime_ns = start + watch_offset(&watch);
		observed->period_ns = end - start;
		observed->lost = counting_take_lost(observed->counting);
		observed->cost = counting_take_cost(observed->counting);
		observed->command = watch_command(&watch);
		all_lost += observed->lost;
		start = end;
		watch_hide(&watch);
		/* Now, as a device may have been closed or renamed since this began. */
		devices_follow(&observed->list);
		observed->rows = counting_look(observed->counting);
		code = print(observed);
		json_decref(observed->command);
		fflush(stdout);
	}
	ended = watch_finish(&watch);
	code = code ? code : ended;
	return code ? code : output_end(request->strict, all_lost);
}

static enum exit_code observe_now(struct observed *observed, void (*begin)(void),
				  enum exit_code (*print)(struct observed *observed))
{
	const struct request *request = observed->request;
	enum exit_code code;

	code = ability_find(&observed->list, request);
	if (code)
		return code;
	code = counting_start(&observed->counting, &observed->list, request->command->lowest,
			      request->level_given);
	if (code)
		return code;
	ability_warn(&observed->list, request);
	code = watch_and_print(observed, begin, print);
	counting_free(observed->counting);
	return code;
}

static enum exit_code observe_then(struct observed *observed,
				   enum exit_code (*print)(struct observed *observed))
{
	const struct request *request = observed->request;
	struct recording *recording;
	enum exit_code code;

	code = recording_open(&recording, request->input);
	if (code)
		return code;
	code = recording_select(recording, request->device);
	code = code ? code : counting_replay(&observed->counting, recording);
	if (!code) {
		observed->list = recording->list;
		observed->rows = counting_look(observed->counting);
		observed->host = recording->host;
		observed->start_realtime_ns = recording->start_realtime_ns;
		observed->period_ns = recording->period_ns;
		observed->lost = counting_take_lost(observed->counting);
		observed->load = &recording->load;
		observed->command = recording->command;
		code = print(observed);
		counting_free(observed->counting);
	}
	recording_close(recording);
	return code ? code : output_end(request->strict, observed->lost);
}

enum exit_code observe_with(const struct request *request, void (*begin)(void),
			    enum exit_code (*print)(struct observed *observed))
{
	struct observed observed = { .request = request };

	return request->input ? observe_then(&observed, print) :
				observe_now(&observed, begin, print);
}

enum exit_code observe(const struct request *request,
		       enum exit_code (*print)(struct observed *observed))
{
	return observe_with(request, NULL, print);
}

json_t *observed_document(const struct observed *observed)
{
	json_t *document = document_new(observed->request->command->name, observed->host,
					observed->start_realtime_ns);

	ability_json(document, &observed->list);
	json_object_set_new(document, "period_ns", json_integer((json_int_t)observed->period_ns));
	json_object_set_new(document, "lost", json_pack("{s:I}", "runs",
							(json_int_t)observed->lost));
	json_object_set_new(document, "observer", cost_json(&observed->cost));
	json_object_set(document, "command", observed->command);
	return document;
}

void observed_end(const struct observed *observed, json_t *rows, const char *key)
{
	const struct request *request = observed->request;
	json_t *document;
	char cost[64];

	if (request->format == OUTPUT_TEXT) {
		cost_format(cost, sizeof(cost), &observed->cost);
		printf("-- lost %llu%s\n", observed->lost, cost);
		ability_print(&observed->list);
		json_decref(rows);
		return;
	}
	document = observed_document(observed);
	json_object_set_new(document, key,
			    json_string(request->command->verbs[request->verb].name));
	json_object_set_new(document, "rows", rows);
	json_print(document, request->format == OUTPUT_PRETTY);
}
