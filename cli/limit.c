// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limit.h"

#define TRY	"dpctool help check"

const struct limit_figure limit_figures[] = {
	{ "lat-avg", FIGURE_LAT_AVG, FIGURE_DEV },
	{ "lat-p99", FIGURE_LAT_P99, FIGURE_DEV },
	{ "lat-max", FIGURE_LAT_MAX, FIGURE_DEV },
	{ "run-avg", FIGURE_RUN_AVG, FIGURE_DEV },
	{ "run-p99", FIGURE_RUN_P99, FIGURE_DEV },
	{ "run-max", FIGURE_RUN_MAX, FIGURE_DEV },
	{ "disabled", FIGURE_DISABLED_PPM, FIGURE_DEV },
	{ "intr", FIGURE_INTR, FIGURE_DEV },
	{ "runs", FIGURE_RUN, FIGURE_DEV },
	{ "pkts", FIGURE_PKTS, FIGURE_DEV },
	{ "throt", FIGURE_THROT, FIGURE_RUN },
	{ "coal", FIGURE_COAL, FIGURE_RUN },
	{ "kept", FIGURE_KEPT, FIGURE_RUN },
	{ "unsol", FIGURE_UNSOL, FIGURE_RUN },
	{ "foreign", FIGURE_FOREIGN, FIGURE_RUN },
	{ "overlong", FIGURE_OVERLONG, FIGURE_RUN },
	{ "inbox-drop", FIGURE_INBOX_DROP, FIGURE_PKTS },
	{ "xdp-abort", FIGURE_XDP_ABORT, FIGURE_PKTS },
	{ "xdp-lost", FIGURE_XDP_LOST, FIGURE_PKTS },
	{ 0 }
};

static const struct limit_figure *find_figure(const char *name)
{
	const struct limit_figure *figure = limit_figures;

	while (figure->name && strcmp(figure->name, name))
		figure++;
	return figure->name ? figure : NULL;
}

static enum exit_code unknown_figure(const char *name)
{
	char names[512] = "";

	for (const struct limit_figure *figure = limit_figures; figure->name; figure++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 *names ? ", " : "", figure->name);
	return fail(DPCTOOL_USAGE, TRY, "check: max: unknown figure '%s' (there are %s)", name,
		    names);
}

/* Which units a figure's limit may have, and how that is said to who gave another. */
static const char *wanted(const struct limit_figure *of, enum unit unit)
{
	switch (figures[of->figure].kind) {
	case FIELD_DURATION:
		return unit == UNIT_TIME ? NULL : "a time with its unit, as in 50us";
	case FIELD_PPM:
		return unit == UNIT_SHARE ? NULL : "a share, as in 5%";
	default:
		if (unit == UNIT_COUNT || (unit == UNIT_SHARE && of->whole))
			return NULL;
		return of->whole ? "a number, or a share as in 5%" : "a number";
	}
}

/* Adds "FIGURE=VALUE", which is cut in two at the sign. */
static enum exit_code add_limit(struct limits *limits, char *text)
{
	char *value = strchr(text, '=');
	const struct limit_figure *of;
	struct amount most;
	const char *want;

	if (!value)
		return fail(DPCTOOL_USAGE, TRY, "check: max: not FIGURE=VALUE: '%s'", text);
	*value++ = '\0';
	of = find_figure(text);
	if (!of)
		return unknown_figure(text);
	for (size_t i = 0; i < limits->count; i++)
		if (limits->limits[i].of == of)
			return fail(DPCTOOL_USAGE, TRY, "check: max: given twice: '%s'", text);
	if (!parse_amount(value, &most))
		return fail(DPCTOOL_USAGE, TRY, "check: max: %s: not a valid VALUE: '%s'", text,
			    value);
	want = wanted(of, most.unit);
	if (want)
		return fail(DPCTOOL_USAGE, TRY, "check: max: %s: '%s' is not %s", text, value,
			    want);
	limits->limits[limits->count++] = (struct limit){ of, most };
	return DPCTOOL_OK;
}

enum exit_code limits_parse(struct limits *limits, const char *text)
{
	char *copy = strdup(text), *rest = copy, *one;
	enum exit_code code = DPCTOOL_OK;

	limits->count = 0;
	if (!copy)
		no_memory();
	while (!code && (one = strsep(&rest, ",")))
		code = add_limit(limits, one);
	free(copy);
	return code;
}

struct value limit_value(const struct limit *limit, const struct value *values)
{
	const struct value *value = &values[limit->of->figure];
	const struct value *whole = &values[limit->of->whole];

	/* FIELD_PPM is a share already */
	if (limit->most.unit != UNIT_SHARE || !limit->of->whole || !value->known)
		return *value;
	if (!whole->known || !whole->number)
		return (struct value){ 0 };
	return value_number((__u64)((double)value->number * PPM / (double)whole->number));
}
