// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "observed.h"

enum exit_code observe_once(const struct request *request,
			    enum exit_code (*print)(struct observed *observed))
{
	return observe_with(request, NULL, print);
}

enum exit_code observe_with(const struct request *request, void (*begin)(void),
			    enum exit_code (*print)(struct observed *observed))
{
	struct observed observed = { .request = request };
	enum exit_code code, ended;
	struct watch *watch = &observed.watch;

	code = devices_find(&observed.list, request->device, "observe");
	if (code)
		return code;
	code = counting_start(&observed.counting, &observed.list);
	if (code)
		return code;
	code = watch_start(watch, request->argv);
	if (!code) {
		if (begin)
			begin();
		watch_wait(watch, request->argv ? ~0ULL : watch->start_ns + request->interval_ns,
			   -1);
		counting_stop(observed.counting);
		observed.period_ns = now_ns() - watch->start_ns;
		observed.lost = counting_take_lost(observed.counting);
		code = print(&observed);
		ended = watch_finish(watch);
		code = code ? code : ended;
	}
	counting_free(observed.counting);
	return code ? code : output_end(request->strict, observed.lost);
}

void observed_end(const struct observed *observed, json_t *rows, const char *key)
{
	const struct request *request = observed->request;
	json_t *document;

	if (request->format == OUTPUT_TEXT) {
		printf("-- lost %llu\n", observed->lost);
		json_decref(rows);
		return;
	}
	document = watch_document(&observed->watch, request->command->name, observed->period_ns,
				  observed->lost);
	json_object_set_new(document, key,
			    json_string(request->command->verbs[request->verb].name));
	json_object_set_new(document, "rows", rows);
	json_print(document, request->format == OUTPUT_PRETTY);
}
