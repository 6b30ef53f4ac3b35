// SPDX-License-Identifier: GPL-2.0
/* "dpctool top": what "dpctool show" tells, on a screen that changes and can be asked. */
#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "ability.h"
#include "counting.h"
#include "distribution.h"
#include "screen.h"
#include "show.h"
#include "top.h"
#include "watch.h"

#define INTERVAL_MIN	(NSEC_PER_SEC / 10)
#define INTERVAL_MAX	(3600 * NSEC_PER_SEC)

#define KEY_ESCAPE	27
#define KEY_CTRL_U	21
#define KEY_DELETE	127

/** enum top_action - what keys do */
enum top_action {
	DO_BY_BOTH, DO_BY_MSG, DO_BY_CPU, DO_BY_DEV, DO_SORT, DO_REVERSE, DO_FILTER, DO_HIST,
	DO_HEAT, DO_PAUSE, DO_NOW, DO_INTERVAL, DO_WRITE, DO_MOVE, DO_PAGE, DO_SCROLL, DO_HELP,
	DO_QUIT,
};

const struct key top_keys[] = {
	{ "b", "a row for both: each message on each CPU", DO_BY_BOTH, { 'b' } },
	{ "m", "a row per message", DO_BY_MSG, { 'm' } },
	{ "c", "a row per CPU", DO_BY_CPU, { 'c' } },
	{ "d", "a row per device; * is several messages, CPUs or devices", DO_BY_DEV, { 'd' } },
	{ "< >", "sort by the column to the left, to the right (s, too)", DO_SORT,
		{ '<', '>', 's' } },
	{ "r", "reverse the order", DO_REVERSE, { 'r' } },
	{ "f /", "only some rows: " FILTER_HELP, DO_FILTER, { 'f', '/' } },
	{ "h", "histogram of the row: waiting, running, packets, none", DO_HIST, { 'h' } },
	{ "H", "map of the row's device, of the figure sorted by", DO_HEAT, { 'H' } },
	{ "p Space", "pause: counting goes on; on again: all since is one interval", DO_PAUSE,
		{ 'p', ' ' } },
	{ "Enter", "end the interval now, also in a pause", DO_NOW, { '\n', '\r', KEY_ENTER } },
	{ "+ -", "twice, half the interval", DO_INTERVAL, { '+', '-' } },
	{ "w", "write what \"dpctool -j show\" had told of the interval to a file", DO_WRITE,
		{ 'w' } },
	{ "Up Down", "choose a row (k, j, too)", DO_MOVE, { KEY_UP, KEY_DOWN, 'k', 'j' } },
	{ "PgUp PgDn", "the same by pages", DO_PAGE, { KEY_PPAGE, KEY_NPAGE } },
	{ "Left Right", "see other columns", DO_SCROLL, { KEY_LEFT, KEY_RIGHT } },
	{ "?", "this list", DO_HELP, { '?' } },
	{ "q", "quit", DO_QUIT, { 'q' } },
	{ 0 }
};

/**
 * struct session - top going on
 * @request: what was asked for
 * @as_show: the same of show, for the documents
 * @counting: who counts, NULL with a recording
 * @kept: what was counted in the interval that is shown
 * @watch: how long it lasts
 * @input: epoll descriptor: keys, and @signals
 * @signals: those that watch does not take
 * @taken_ns: when the interval that goes on began, CLOCK_MONOTONIC
 * @lost: runs lost in all intervals
 * @ended: the user wants no more
 * @top: the screen
 */
struct session {
	const struct request *request;
	struct request as_show;
	struct counting *counting;
	struct counting *kept;
	struct watch watch;
	int input;
	int signals;
	__u64 taken_ns;
	__u64 lost;
	bool ended;
	struct top top;
};

__attribute__((format(printf, 2, 3))) static void note(struct top *top, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(top->note, sizeof(top->note), format, args);
	va_end(args);
}

/* The row the user looks at is where it was among the others now, or in its place is another. */
static void select_row(struct top *top)
{
	const struct top_table *table = &top->table;

	for (size_t i = 0; top->moved && i < table->shown_count; i++)
		if (top_same(top->view.pivot, &table->rows[table->shown[i]], &top->selected))
			top->at = i;
	if (!top->moved || !table->shown_count)
		top->at = 0;
	else if (top->at >= table->shown_count)
		top->at = table->shown_count - 1;
	if (table->shown_count)
		top->selected = table->rows[table->shown[top->at]];
	else
		top->selected = table->total;
}

/* Returns what is known of it, if there is anything that was asked for. */
static __u64 add_device(struct session *session, __u32 slot)
{
	struct observed *observed = &session->top.observed;
	const struct request *request = session->request;
	const struct device *device = &observed->list.devices[slot];
	const struct row_id *ids = observed->rows[slot].ids;
	__u32 *order = rows_order(ids, device->messages);
	struct counters_entry entry;
	struct top_cell cell = { .slot = slot, .dev = device->name, .entry = &entry };
	__u64 known = 0;

	for (__u32 i = 0; i < device->messages; i++) {
		cell.number = order[i];
		cell.id = &ids[cell.number];
		if (row_is_of(cell.id, &request->msgs))
			known = figures_of_level(device->level);
		for (cell.cpu = 0; cell.cpu < counting_cpus(observed->counting); cell.cpu++) {
			counting_take(observed->counting, slot, cell.number, cell.cpu, &entry);
			if ((entry_runs(&entry, 0) || entry.interrupts) &&
			    row_is_of(cell.id, &request->msgs) &&
			    id_set_has(&request->cpus, cell.cpu))
				top_add(&session->top.table, &cell);
		}
	}
	free(order);
	return known;
}

static void make_rows(struct session *session)
{
	struct observed *observed = &session->top.observed;
	struct top_table *table = &session->top.table;
	__u64 known = 0;

	if (!session->top.any)
		return;
	top_begin(table, &session->top.view);
	for (__u32 slot = 0; slot < observed->list.count; slot++)
		known |= add_device(session, slot);
	top_end(table, observed->period_ns, known);
	select_row(&session->top);
}

/* Devices come under other names, or go. */
static void follow_devices(struct top *top)
{
	struct device_list *list = &top->observed.list;
	char before[IF_NAMESIZE];

	*top->gone = '\0';
	for (size_t slot = 0; slot < list->count; slot++) {
		struct device *device = &list->devices[slot];

		memcpy(before, device->name, sizeof(before));
		if (!device_follow(device))
			snprintf(top->gone, sizeof(top->gone),
				 "%s is gone: unplugged, or moved to another network namespace",
				 before);
		else if (strcmp(before, device->name))
			note(top, "%s is called %s now", before, device->name);
	}
}

static void take_interval(struct session *session)
{
	struct observed *observed = &session->top.observed;
	__u64 end = now_ns();

	observed->rows = counting_look(session->counting);
	counting_keep(&session->kept, session->counting, &observed->list);
	observed->counting = session->kept;
	observed->start_realtime_ns = session->taken_ns + watch_offset(&session->watch);
	observed->period_ns = end - session->taken_ns;
	observed->lost = counting_take_lost(session->counting);
	session->lost += observed->lost;
	observed->cost = counting_take_cost(session->counting);
	session->taken_ns = end;
	follow_devices(&session->top);
	session->top.any = true;
	make_rows(session);
}

/* To a file of its own, named after the interval's start: written once, never over another one. */
static void write_document(struct session *session)
{
	const struct observed *observed = &session->top.observed;
	time_t start = (time_t)(observed->start_realtime_ns / NSEC_PER_SEC);
	char name[64], second[32], *path = NULL;
	json_t *document;
	struct tm local;
	FILE *file;
	bool ok;

	strftime(second, sizeof(second), "%Y%m%d-%H%M%S", localtime_r(&start, &local));
	snprintf(name, sizeof(name), "dpctool-%s.%03llu.json", second,
		 observed->start_realtime_ns % NSEC_PER_SEC / 1000000);
	file = fopen(name, "wxe");
	if (!file) {
		note(&session->top, "%s: not written: %s", name, strerror(errno));
		return;
	}
	document = show_document(&session->top.observed);
	ok = !json_dumpf(document, file, JSON_COMPACT) && fputc('\n', file) != EOF;
	json_decref(document);
	if (fclose(file) || !ok) {
		note(&session->top, "%s: not all was written: %s", name, strerror(errno));
		return;
	}
	path = realpath(name, NULL);
	note(&session->top, "%s: written", path ? path : name);
	free(path);
}

/* The next column shown to the left or to the right, round the end. */
static void sort_by_next(struct top *top, bool left)
{
	const struct columns *columns = &top->columns;
	size_t i = 0;

	while (i < columns->shown_count && columns->shown[i] != top->view.sort)
		i++;
	/* From a column that is not there to the first or the last one. */
	if (left)
		i += columns->shown_count - 1;
	else
		i = i < columns->shown_count ? i + 1 : 0;
	top->view.sort = (enum figure)columns->shown[i % columns->shown_count];
}

static void move_by(struct top *top, size_t rows, bool up)
{
	size_t last = top->table.shown_count ? top->table.shown_count - 1 : 0;

	if (up)
		top->at -= rows < top->at ? rows : top->at;
	else
		top->at += rows < last - top->at ? rows : last - top->at;
	if (top->table.shown_count)
		top->selected = top->table.rows[top->table.shown[top->at]];
	top->moved = true;
}

static void change_interval(struct top *top, bool longer)
{
	__u64 interval = longer ? 2 * top->interval_ns : top->interval_ns / 2;
	char text[32];

	if (interval >= INTERVAL_MIN && interval <= INTERVAL_MAX)
		top->interval_ns = interval;
	format_duration(text, sizeof(text), top->interval_ns);
	note(top, "an interval is %s now", text);
}

static void change_pivot(struct session *session, enum top_pivot pivot)
{
	session->top.view.pivot = pivot;
	session->top.moved = false;
	make_rows(session);
}

static void scroll_columns(struct top *top, bool left)
{
	if (left && top->first_column)
		top->first_column--;
	else if (!left && top->first_column < top->columns.shown_count - 1)
		top->first_column++;
}

/* What only happens to what is observed now. */
static void act_on_time(struct session *session, int action, int code)
{
	struct top *top = &session->top;

	if (!session->counting) {
		note(top, "a recording is over: no intervals");
		return;
	}
	switch (action) {
	case DO_PAUSE:
		top->paused = !top->paused;
		break;
	case DO_NOW:
		take_interval(session);
		break;
	case DO_INTERVAL:
		change_interval(top, code == '+');
		break;
	}
}

static void act(struct session *session, int action, int code)
{
	struct top *top = &session->top;

	switch (action) {
	case DO_BY_BOTH:
		change_pivot(session, TOP_BY_BOTH);
		break;
	case DO_BY_MSG:
		change_pivot(session, TOP_BY_MSG);
		break;
	case DO_BY_CPU:
		change_pivot(session, TOP_BY_CPU);
		break;
	case DO_BY_DEV:
		change_pivot(session, TOP_BY_DEV);
		break;
	case DO_SORT:
		sort_by_next(top, code == '<');
		make_rows(session);
		break;
	case DO_REVERSE:
		top->view.ascending = !top->view.ascending;
		make_rows(session);
		break;
	case DO_FILTER:
		top->mode = TOP_TYPE;
		memcpy(top->typed, top->filter_text, sizeof(top->typed));
		break;
	case DO_HIST:
		top->pane = top->pane == TOP_HEAT ? TOP_HIST_LAT : (top->pane + 1) % TOP_HEAT;
		break;
	case DO_HEAT:
		top->pane = top->pane == TOP_HEAT ? TOP_NO_PANE : TOP_HEAT;
		break;
	case DO_WRITE:
		if (top->any)
			write_document(session);
		break;
	case DO_MOVE:
		move_by(top, 1, code == KEY_UP || code == 'k');
		break;
	case DO_PAGE:
		move_by(top, top->page, code == KEY_PPAGE);
		break;
	case DO_SCROLL:
		scroll_columns(top, code == KEY_LEFT);
		break;
	case DO_HELP:
		top->mode = TOP_HELP;
		break;
	case DO_QUIT:
		session->ended = true;
		break;
	default:
		act_on_time(session, action, code);
	}
}

static void look(struct session *session, int code)
{
	*session->top.note = '\0';
	for (const struct key *key = top_keys; key->name; key++)
		for (size_t i = 0; i < KEY_CODES && key->codes[i]; i++)
			if (key->codes[i] == code) {
				act(session, key->action, code);
				return;
			}
	note(&session->top, "no such key; ? lists them");
}

/* If it is wrong, that is told, and it can be typed on. */
static void use_filter(struct session *session)
{
	struct top *top = &session->top;

	if (!filter_parse(&top->view.filter, top->typed, top->note, sizeof(top->note)))
		return;
	memcpy(top->filter_text, top->typed, sizeof(top->filter_text));
	top->mode = TOP_LOOK;
	make_rows(session);
}

static void type(struct session *session, int code)
{
	char *typed = session->top.typed;
	size_t length = strlen(typed);

	*session->top.note = '\0';
	switch (code) {
	case KEY_ESCAPE:
		session->top.mode = TOP_LOOK;
		break;
	case '\n':
	case '\r':
	case KEY_ENTER:
		use_filter(session);
		break;
	case KEY_BACKSPACE:
	case KEY_DELETE:
	case '\b':
		if (length)
			typed[length - 1] = '\0';
		break;
	case KEY_CTRL_U:
		*typed = '\0';
		break;
	default:
		if (code >= ' ' && code < KEY_DELETE && length < TOP_TYPED_MAX - 1) {
			typed[length] = (char)code;
			typed[length + 1] = '\0';
		}
	}
}

static void take_keys(struct session *session)
{
	int code;

	while (!session->ended && (code = screen_key()) != SCREEN_NO_KEY) {
		if (session->top.mode == TOP_TYPE)
			type(session, code);
		else if (session->top.mode == TOP_HELP)
			session->top.mode = TOP_LOOK;
		else
			look(session, code);
	}
}

static void take_signals(struct session *session)
{
	struct signalfd_siginfo info;

	while (read(session->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			screen_resize();
		else
			session->ended = true;
	}
}

static void take_input(struct session *session)
{
	struct epoll_event events[2];
	int count = epoll_wait(session->input, events, 2, 0);

	for (int i = 0; i < count; i++) {
		/* The terminal is gone, and there is no key to wait for. */
		if (events[i].events & (EPOLLHUP | EPOLLERR))
			session->ended = true;
		else if (events[i].data.fd == session->signals)
			take_signals(session);
		else
			take_keys(session);
	}
}

/* Signals are taken one by one, in their turn: none may leave the terminal as it is. */
static enum exit_code open_input(struct session *session)
{
	static const int numbers[] = { SIGWINCH, SIGHUP, SIGQUIT };
	struct epoll_event event = { .events = EPOLLIN, .data.fd = STDIN_FILENO };
	sigset_t signals;
	bool ok;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&signals, numbers[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	session->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	session->input = epoll_create1(EPOLL_CLOEXEC);
	ok = !epoll_ctl(session->input, EPOLL_CTL_ADD, STDIN_FILENO, &event);
	event.data.fd = session->signals;
	ok = ok && !epoll_ctl(session->input, EPOLL_CTL_ADD, session->signals, &event);
	return ok ? DPCTOOL_OK : fail(DPCTOOL_REFUSED, NULL, "top: input: %s", strerror(errno));
}

static void follow(struct session *session)
{
	struct top *top = &session->top;
	bool live;
	__u64 end;

	while (!session->ended) {
		screen_draw(top);
		live = session->counting && !top->paused;
		end = live ? session->taken_ns + top->interval_ns : ~0ULL;
		if (watch_wait(&session->watch, end, session->input) == WATCH_END)
			break;
		take_input(session);
		if (live && !top->paused && now_ns() >= session->taken_ns + top->interval_ns)
			take_interval(session);
	}
}

/* On the screen; then a last line, as show has it. */
static enum exit_code on_screen(struct session *session)
{
	__u64 period_ns = session->top.observed.period_ns;
	char period[32];
	enum exit_code code;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return fail(DPCTOOL_REFUSED, "dpctool show, or dpctool --jsonl show",
			    "top: no terminal to draw on");
	code = watch_start(&session->watch, NULL);
	if (code)
		return code;
	session->taken_ns = session->watch.start_ns;
	code = open_input(session);
	code = code ? code : screen_open(session->request->colour);
	if (!code)
		follow(session);
	screen_close();
	watch_finish(&session->watch);
	close(session->input);
	close(session->signals);
	if (code)
		return code;
	if (session->counting) {
		counting_stop(session->counting);
		session->lost += counting_take_lost(session->counting);
		period_ns = now_ns() - session->watch.start_ns;
	}
	format_duration(period, sizeof(period), period_ns);
	printf("-- %s, lost %llu\n", period, session->lost);
	ability_print(&session->top.observed.list);
	return output_end(session->request->strict, session->lost);
}

static enum exit_code choose_columns(struct session *session)
{
	const struct device_list *list = &session->top.observed.list;

	return columns_choose(&session->top.columns, figures, FIGURES, session->request->columns,
			      list->count > 1, ability_generic(list));
}

static enum exit_code top_now(struct session *session)
{
	struct observed *observed = &session->top.observed;
	enum exit_code code;

	code = ability_find(&observed->list, session->request);
	code = code ? code : counting_start(&session->counting, &observed->list, LEVEL_0,
					    session->request->level_given);
	if (code)
		return code;
	code = choose_columns(session);
	code = code ? code : on_screen(session);
	counting_free(session->counting);
	if (session->kept)
		counting_free(session->kept);
	return code;
}

static enum exit_code show_recording(struct session *session, const struct recording *recording)
{
	struct observed *observed = &session->top.observed;
	enum exit_code code;

	observed->list = recording->list;
	observed->host = recording->host;
	observed->start_realtime_ns = recording->start_realtime_ns;
	observed->period_ns = recording->period_ns;
	observed->command = recording->command;
	code = choose_columns(session);
	code = code ? code : counting_replay(&observed->counting, recording);
	if (code)
		return code;
	observed->rows = counting_look(observed->counting);
	observed->lost = counting_take_lost(observed->counting);
	session->lost = observed->lost;
	session->top.any = true;
	make_rows(session);
	code = on_screen(session);
	counting_free(observed->counting);
	return code;
}

static enum exit_code top_then(struct session *session)
{
	struct recording *recording;
	enum exit_code code;

	code = recording_open(&recording, session->request->input);
	if (code)
		return code;
	code = recording_select(recording, session->request->device);
	code = code ? code : show_recording(session, recording);
	recording_close(recording);
	return code;
}

static enum exit_code run(const struct request *request)
{
	static struct session session;
	char no_error[1];
	enum exit_code code;

	if (request->format != OUTPUT_TEXT)
		return fail(DPCTOOL_USAGE, "dpctool --jsonl show", "top: is a screen, no JSON");
	if (request->interval_ns < INTERVAL_MIN || request->interval_ns > INTERVAL_MAX)
		return fail(DPCTOOL_USAGE, "dpctool help top",
			    "top: interval: not between 100ms and 1h");
	session.request = request;
	session.as_show = *request;
	session.as_show.command = &show_command;
	session.top.observed.request = &session.as_show;
	session.top.observed.command = json_null();
	session.top.interval_ns = request->interval_ns;
	session.top.view.sort = FIGURE_RUN;
	filter_parse(&session.top.view.filter, "", no_error, sizeof(no_error));
	code = request->input ? top_then(&session) : top_now(&session);
	top_free(&session.top.table);
	return code;
}

static const char *const text[] = {
	"Shows what \"dpctool show\" prints, on a screen that changes with every interval (default "
	"1s, 100ms to 1h). Counts are those of the interval that the second line names, not per "
	"second. The first line has host, devices, time, how long an interval is, how many runs were "
	"lost in it and, if the sysctl kernel.bpf_stats_enabled is on, how often the observing "
	"programs ran and how long; a > at the right says that more columns are to be had there.",
	"There is no -- COMMAND, whose output would end up on the screen: run it elsewhere. Nor is "
	"there JSON, but for key w: --jsonl show is for programs. With -i it shows a recording, which "
	"is one interval.",
	NULL
};

const struct command top_command = {
	.name = "top",
	.help = "what every message, CPU or device does, on a screen",
	.text = text,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPU |
		    1 << KEYWORD_INTERVAL,
	.reads_file = true,
	.observes = true,
	.fields = figures,
	.field_count = FIGURES,
	.has_columns = true,
	.keys = top_keys,
	.run = run,
};
