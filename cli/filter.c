// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"
#include "filter.h"

/**
 * struct parse - a filter being parsed
 * @filter: what it says so far
 * @error: why it is none
 * @error_size: room there
 */
struct parse {
	struct filter filter;
	char *error;
	size_t error_size;
};

static bool wrong(struct parse *parse, const char *word, const char *what)
{
	snprintf(parse->error, parse->error_size, "'%s': %s", word, what);
	return false;
}

static bool take_dev(struct parse *parse, const char *name)
{
	if (strlen(name) >= sizeof(parse->filter.dev))
		return wrong(parse, name, "too long for a device");
	memcpy(parse->filter.dev, name, strlen(name) + 1);
	return true;
}

/* Takes the argument of @word; false with no error if that is no such word. */
static bool take_selector(struct parse *parse, const char *word, const char *argument, bool *known)
{
	*known = true;
	if (!strcmp(word, "dev"))
		return argument ? take_dev(parse, argument) : wrong(parse, word, "which device?");
	if (!strcmp(word, "msg"))
		return (argument && parse_ids(argument, &parse->filter.msgs)) ||
		       wrong(parse, argument ? argument : word, "no list of messages, as in 0,2-3");
	if (!strcmp(word, "cpu"))
		return (argument && parse_ids(argument, &parse->filter.cpus)) ||
		       wrong(parse, argument ? argument : word, "no list of CPUs, as in 0,2-3");
	*known = false;
	return false;
}

static bool find_figure(const char *name, enum figure *figure)
{
	for (unsigned int i = 0; i < FIGURES; i++) {
		if (strcasecmp(name, figures[i].name) || figures[i].kind == FIELD_TEXT)
			continue;
		*figure = i;
		return true;
	}
	return false;
}

static bool take_amount(struct parse *parse, struct filter_bound *bound, const char *text)
{
	struct amount amount;

	if (!parse_amount(text, &amount))
		return wrong(parse, text, "no value, as in 1000, 50us or 5%");
	bound->number = amount.number;
	switch (figures[bound->figure].kind) {
	case FIELD_DURATION:
		return amount.unit == UNIT_TIME || wrong(parse, text, "no time, as in 50us");
	case FIELD_PPM:
		return amount.unit == UNIT_SHARE || wrong(parse, text, "no share, as in 5%");
	default:
		return amount.unit == UNIT_COUNT || wrong(parse, text, "no number");
	}
}

/* "COLUMN>VALUE", which is cut in two at the sign. */
static bool take_bound(struct parse *parse, char *word)
{
	char *sign = word + strcspn(word, "<>");
	struct filter_bound bound = { .below = *sign == '<' };

	if (!*sign)
		return wrong(parse, word, "not " FILTER_HELP);
	*sign = '\0';
	if (!find_figure(word, &bound.figure))
		return wrong(parse, word, "no column with numbers");
	if (parse->filter.count == FILTER_BOUNDS)
		return wrong(parse, word, "one bound too many");
	if (!take_amount(parse, &bound, sign + 1))
		return false;
	parse->filter.bounds[parse->filter.count++] = bound;
	return true;
}

static bool take_words(struct parse *parse, char *rest)
{
	char *word, *argument;
	bool ok = true, known;

	while (ok && (word = strtok_r(NULL, " ", &rest))) {
		if (strpbrk(word, "<>")) {
			ok = take_bound(parse, word);
			continue;
		}
		argument = strtok_r(NULL, " ", &rest);
		ok = take_selector(parse, word, argument, &known);
		if (!known)
			ok = wrong(parse, word, "not " FILTER_HELP);
	}
	return ok;
}

bool filter_parse(struct filter *filter, const char *text, char *error, size_t error_size)
{
	struct parse parse = { .error = error, .error_size = error_size };
	char *copy = strdup(text);
	bool ok;

	if (!copy)
		no_memory();
	id_set_fill(&parse.filter.msgs);
	id_set_fill(&parse.filter.cpus);
	ok = take_words(&parse, copy);
	free(copy);
	if (ok)
		*filter = parse.filter;
	return ok;
}

bool filter_takes(const struct filter *filter, const char *dev, __u32 msg, __u32 cpu)
{
	return id_set_has(&filter->msgs, msg) && id_set_has(&filter->cpus, cpu) &&
	       (!*filter->dev || !strcmp(filter->dev, dev));
}

bool filter_keeps(const struct filter *filter, const struct value *values)
{
	for (size_t i = 0; i < filter->count; i++) {
		const struct filter_bound *bound = &filter->bounds[i];
		const struct value *value = &values[bound->figure];

		if (!value->known || (bound->below ? value->number >= bound->number :
						     value->number <= bound->number))
			return false;
	}
	return true;
}
