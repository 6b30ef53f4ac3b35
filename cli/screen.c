// SPDX-License-Identifier: GPL-2.0
#include <curses.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "canvas.h"
#include "heat.h"
#include "hist.h"
#include "screen.h"

/* Lines above the rows: two that say what they are of, and the names of the columns. */
#define HEAD_LINES	3

/* Rows that a pane leaves, with their total. */
#define ROWS_MIN	3

#define ESCAPE_MS	25

static SCREEN *terminal;
static bool colours;

/* The mark of the selected row, and the room it takes in the others. */
static const char mark[] = ">";

static bool can_move_cursor(void)
{
	const char *cup = tigetstr("cup");

	return cup && cup != (const char *)-1;
}

enum exit_code screen_open(enum colour_when when)
{
	const char *type = getenv("TERM");

	/* Names of devices may have any characters; numbers stay as C has them. */
	setlocale(LC_CTYPE, "");
	terminal = newterm(NULL, stdout, stdin);
	if (terminal)
		fail_prepare = screen_close;
	if (!terminal || !can_move_cursor())
		return fail(DPCTOOL_REFUSED, "TERM=vt100, or dpctool show",
			    "top: cannot draw on a terminal of type '%s'", type ? type : "");
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	curs_set(0);
	colours = colour_depth(when) != COLOUR_NONE && has_colors() &&
		  start_color() == OK && COLORS >= 256;
	return DPCTOOL_OK;
}

void screen_close(void)
{
	if (!terminal)
		return;
	fail_prepare = NULL;
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

int screen_key(void)
{
	int key = getch();

	return key == ERR ? SCREEN_NO_KEY : key;
}

void screen_resize(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
}

/*
 * Draws as much of @text as there is room for in the line, and a sign if that is not all: half a
 * number is another one. Returns the column behind it.
 */
static int draw_part(int y, int x, const char *text, int length)
{
	if (x + length <= COLS) {
		mvaddnstr(y, x, text, length);
	} else {
		if (x < COLS)
			mvaddnstr(y, x, text, COLS - x);
		mvaddch(y, COLS - 1, '>');
	}
	return x + length;
}

static int draw_text(int y, int x, const char *text)
{
	return y < LINES ? draw_part(y, x, text, (int)strlen(text)) : x;
}

__attribute__((format(printf, 3, 4))) static int draw_format(int y, int x, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return draw_text(y, x, text);
}

/**
 * struct pane - a part of the screen to draw text on
 * @canvas: the same as a canvas
 * @y: the line to draw on
 * @x: the column
 * @bottom: the line below the pane
 */
struct pane {
	struct canvas canvas;
	int y;
	int x;
	int bottom;
};

static void pane_put(struct canvas *canvas, const char *text)
{
	struct pane *pane = (struct pane *)canvas;
	size_t length;

	for (; *text; text += length) {
		length = strcspn(text, "\n");
		if (pane->y < pane->bottom)
			pane->x = draw_part(pane->y, pane->x, text, (int)length);
		if (text[length] != '\n')
			continue;
		length++;
		pane->y++;
		pane->x = 0;
	}
}

static void pane_heat(struct canvas *canvas, unsigned int level, unsigned int levels,
		      const char *text)
{
	/* Pair 0 is the terminal's own. */
	short pair = (short)(level + 1), foreground, background;

	if (colours) {
		colour_heat_pair(level, levels, &foreground, &background);
		init_pair(pair, foreground, background);
		attron(COLOR_PAIR(pair));
	}
	pane_put(canvas, text);
	if (colours)
		attroff(COLOR_PAIR(pair));
}

/* "eth0 msg 1 cpu 2": what a row is of. */
static void name_row(char *name, size_t size, const struct top_row *row)
{
	const struct value *values = row->values;
	size_t length;

	snprintf(name, size, "%s", values[FIGURE_DEV].known ? values[FIGURE_DEV].text :
							       "all devices");
	length = strlen(name);
	if (values[FIGURE_MSG].known)
		snprintf(name + length, size - length, " msg %llu", values[FIGURE_MSG].number);
	length = strlen(name);
	if (values[FIGURE_CPU].known)
		snprintf(name + length, size - length, " cpu %llu", values[FIGURE_CPU].number);
}

/* What a map can show: a number that can be more or less. */
static enum figure heat_figure(enum figure sort)
{
	if (sort == FIGURE_DISABLED_PPM)
		return FIGURE_DISABLED;
	return sort < FIGURE_INTR ? FIGURE_RUN : sort;
}

static void draw_pane_text(struct canvas *canvas, const struct top *top, unsigned int lines)
{
	const struct top_row *row = &top->selected;
	__u64 period_ns = top->observed.period_ns;
	enum figure figure;
	char name[64];

	name_row(name, sizeof(name), row);
	switch (top->pane) {
	case TOP_HIST_LAT:
		hist_draw(canvas, HIST_LAT, &row->entry, name, period_ns, lines);
		break;
	case TOP_HIST_RUN:
		hist_draw(canvas, HIST_RUN, &row->entry, name, period_ns, lines);
		break;
	case TOP_HIST_PKTS:
		hist_draw(canvas, HIST_PKTS, &row->entry, name, period_ns, lines);
		break;
	case TOP_HEAT:
		figure = heat_figure(top->view.sort);
		heat_draw(canvas, &top->observed, row->slot == TOP_SEVERAL ? 0 : row->slot, figure,
			  figures[figure].name);
		break;
	case TOP_NO_PANE:
		break;
	}
}

static void draw_pane(const struct top *top, int y, int bottom)
{
	struct pane pane = { { pane_put, pane_heat }, y + 1, 0, bottom };

	mvhline(y, 0, '-', COLS);
	draw_pane_text(&pane.canvas, top, (unsigned int)(bottom - y - 1));
	if (pane.y <= bottom)
		return;
	move(bottom - 1, 0);
	clrtoeol();
	draw_format(bottom - 1, 0, "(%d more lines)", pane.y - bottom + 1);
}

static void draw_devices(const struct top *top, char *names, size_t size)
{
	*names = '\0';
	for (size_t slot = 0; slot < top->observed.list.count; slot++) {
		const struct device *device = &top->observed.list.devices[slot];

		snprintf(names + strlen(names), size - strlen(names), "%s%s", slot ? "," : "",
			 device->name);
		if (device->level != LEVEL_3)
			snprintf(names + strlen(names), size - strlen(names), " (%s)",
				 level_names[device->level]);
	}
}

static void format_when(char *when, size_t size, const struct top *top)
{
	time_t end = (time_t)((top->observed.start_realtime_ns + top->observed.period_ns) /
			      NSEC_PER_SEC);
	struct tm local;

	strftime(when, size, top->observed.host ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S",
		 localtime_r(&end, &local));
}

/* Where, when, how often, and what may be wrong with it. */
static void draw_first_line(const struct top *top)
{
	char host[256] = "", names[256], when[32] = "-", every[32];
	char cost[64];
	int x;

	gethostname(host, sizeof(host) - 1);
	draw_devices(top, names, sizeof(names));
	if (top->any)
		format_when(when, sizeof(when), top);
	format_duration(every, sizeof(every), top->interval_ns);
	x = draw_format(0, 0, "%s  %s  %s", top->observed.host ? top->observed.host : host, names,
			when);
	if (top->observed.host)
		x = draw_text(0, x, "  recorded");
	else
		x = draw_format(0, x, "  every %s%s", every, top->paused ? ", paused" : "");
	cost_format(cost, sizeof(cost), &top->observed.cost);
	draw_format(0, x, "  lost %llu%s", top->observed.lost, cost);
}

/* What the rows are. */
static void draw_second_line(const struct top *top)
{
	static const char *const pivots[TOP_PIVOTS] = {
		[TOP_BY_BOTH] = "message and CPU", [TOP_BY_MSG] = "message", [TOP_BY_CPU] = "CPU",
		[TOP_BY_DEV] = "device",
	};
	char period[32] = "-";
	int x;

	if (top->any)
		format_duration(period, sizeof(period), top->observed.period_ns);
	x = draw_format(1, 0, "in %s, by %s, %s %s", period, pivots[top->view.pivot],
			figures[top->view.sort].name,
			top->view.ascending ? "ascending" : "descending");
	if (*top->filter_text)
		draw_format(1, x, ", filter: %s", top->filter_text);
}

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int value_width(size_t field, const struct value *values)
{
	char cell[VALUE_SIZE];

	return (int)strlen(value_format(cell, &figures[field], &values[field]));
}

/* How wide a column is: as its name, and as the widest value of all rows. */
static int column_width(const struct top *top, size_t field)
{
	int width = max_int((int)strlen(figures[field].name),
			    value_width(field, top->table.total.values));

	for (size_t i = 0; i < top->table.shown_count; i++)
		width = max_int(width, value_width(field,
						   top->table.rows[top->table.shown[i]].values));
	return width;
}

/* A number is drawn whole or not at all. */
static void draw_cell(int y, int x, int width, size_t field, const struct value *values)
{
	char cell[VALUE_SIZE];
	const char *text = values ? value_format(cell, &figures[field], &values[field]) :
				    figures[field].name;

	if (!field_left(&figures[field]))
		x += width - (int)strlen(text);
	draw_text(y, x, text);
}

/* Draws a column of the rows from @first to @last, from line HEAD_LINES - 1 on, which names it. */
static void draw_column(const struct top *top, int x, int width, size_t field, size_t last)
{
	const struct top_table *table = &top->table;
	int y = HEAD_LINES - 1;

	if (field == top->view.sort)
		attron(A_REVERSE);
	draw_cell(y++, x, width, field, NULL);
	attrset(A_NORMAL);
	for (size_t i = top->first; i < last; i++) {
		if (i == top->at)
			attron(A_BOLD);
		draw_cell(y++, x, width, field, table->rows[table->shown[i]].values);
		attrset(A_NORMAL);
	}
	draw_cell(y, x, width, field, table->total.values);
}

static void draw_columns(const struct top *top, size_t last)
{
	size_t count = top->columns.shown_count;
	/* A column more for the mark that there are more columns. */
	int x = (int)sizeof(mark), width;

	if (top->first_column)
		draw_text(HEAD_LINES - 1, 0, "<");
	for (size_t i = top->first_column; i < count; i++) {
		size_t field = top->columns.shown[i];

		width = column_width(top, field);
		if (x + width > COLS - (i < count - 1)) {
			draw_text(HEAD_LINES - 1, COLS - 1, ">");
			break;
		}
		draw_column(top, x, width, field, last);
		x += width + 1;
	}
}

/* Keeps the selected row on the screen; returns the number of the row behind the last one on it. */
static size_t scroll_rows(struct top *top, int lines)
{
	size_t count = top->table.shown_count;

	top->page = lines > 0 ? (size_t)lines : 0;
	if (top->at >= top->first + top->page)
		top->first = top->at + 1 - top->page;
	if (top->first > top->at)
		top->first = top->at;
	return top->first + top->page < count ? top->first + top->page : count;
}

static void draw_rows(struct top *top, int bottom)
{
	int room = bottom - HEAD_LINES, pane = 0;
	size_t last;

	/* Half of the room, and what the rows and their total leave. */
	if (top->pane != TOP_NO_PANE && room > 0)
		pane = max_int(room / 2, room - (int)top->table.shown_count - 1);
	if (bottom - pane < HEAD_LINES + ROWS_MIN)
		pane = 0;
	/* The total has a line, too. */
	last = scroll_rows(top, bottom - pane - HEAD_LINES - 1);
	if (top->any && bottom - pane > HEAD_LINES) {
		draw_columns(top, last);
		if (top->page && top->table.shown_count)
			draw_text(HEAD_LINES + (int)(top->at - top->first), 0, mark);
	}
	if (top->pane != TOP_NO_PANE && !pane && !*top->note)
		snprintf(top->note, sizeof(top->note), "no room for a histogram or a map");
	if (pane && top->any)
		draw_pane(top, bottom - pane, bottom);
}

static void draw_help(int bottom)
{
	int y = 0;

	for (const struct key *key = top_keys; key->name && y < bottom; key++, y++) {
		draw_text(y, 1, key->name);
		draw_text(y, 14, key->help);
	}
}

static void draw_status(const struct top *top, int y)
{
	if (top->mode == TOP_HELP)
		draw_text(y, 0, "any key goes back");
	else if (top->mode == TOP_TYPE)
		draw_format(y, 0, "filter: %s_  %s", top->typed, top->note);
	else if (*top->note)
		draw_text(y, 0, top->note);
	else if (*top->gone)
		draw_text(y, 0, top->gone);
	else if (!top->any)
		draw_text(y, 0, "observing; Enter shows what there is so far");
	else
		draw_text(y, 0, "q quit  ? help  b m c d rows  < > r sort  f filter  h H below  "
			  "p pause  w write");
}

void screen_draw(struct top *top)
{
	int status = LINES - 1;

	erase();
	if (top->mode == TOP_HELP) {
		draw_help(status);
	} else {
		draw_rows(top, status);
		draw_first_line(top);
		draw_second_line(top);
	}
	/* What the lines above have left of a terminal of one line. */
	move(status, 0);
	clrtoeol();
	draw_status(top, status);
	refresh();
}
