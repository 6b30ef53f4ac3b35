/* SPDX-License-Identifier: GPL-2.0 */
/* What "dpctool top" has to show: top.c fills it in and changes it, screen.c draws it. */
#ifndef DPCTOOL_TOP_H
#define DPCTOOL_TOP_H

#include "args.h"
#include "observed.h"
#include "top_model.h"

/** enum top_pane - what is shown below the rows */
enum top_pane {
	TOP_NO_PANE,
	TOP_HIST_LAT,	/* histograms of the selected row */
	TOP_HIST_RUN,
	TOP_HIST_PKTS,
	TOP_HEAT,	/* a heat map of the selected row's device, of the figure sorted by */
};

/** enum top_mode - what keys are for */
enum top_mode {
	TOP_LOOK,	/* for what top_keys says */
	TOP_TYPE,	/* they make a filter */
	TOP_HELP,	/* any ends the help */
};

#define TOP_TYPED_MAX	128

/**
 * struct top - the screen
 * @observed: the interval that is shown
 * @any: there is one
 * @interval_ns: how long they are
 * @paused: the one shown stays
 * @columns: which there are
 * @view: which rows there are, and their order
 * @filter_text: the filter as it was typed
 * @table: the rows
 * @selected: the row the user looks at, or a copy of its numbers where it is gone
 * @at: where it is among those shown
 * @moved: the user has chosen it; else it is the first one
 * @first: of the rows shown, the first on the screen; this and @page the screen sets
 * @page: how many there is room for
 * @first_column: of the columns, the first on the screen
 * @pane: what is below
 * @mode: what keys are for
 * @typed: text being typed
 * @gone: devices that are gone, or ""
 * @note: what came of the last key, or ""
 */
struct top {
	struct observed observed;
	bool any;
	__u64 interval_ns;
	bool paused;
	struct columns columns;
	struct top_view view;
	char filter_text[TOP_TYPED_MAX];
	struct top_table table;
	struct top_row selected;
	size_t at;
	bool moved;
	size_t first;
	size_t page;
	size_t first_column;
	enum top_pane pane;
	enum top_mode mode;
	char typed[TOP_TYPED_MAX];
	char gone[128];
	char note[512];
};

extern const struct key top_keys[];	/* terminated by an empty one */

#endif /* DPCTOOL_TOP_H */
