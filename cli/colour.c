// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "colour.h"

bool colour_parse(const char *text, enum colour_when *when)
{
	static const char *const names[] = {
		[COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never",
	};

	if (!text)
		text = names[COLOUR_ALWAYS];
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]))
			continue;
		*when = i;
		return true;
	}
	return false;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static bool has(const char *name, const char *word)
{
	const char *value = getenv(name);

	return value && strstr(value, word);
}

enum colour_depth colour_depth(enum colour_when when)
{
	bool true_colour = has("COLORTERM", "truecolor") || has("COLORTERM", "24bit");

	if (when == COLOUR_NEVER)
		return COLOUR_NONE;
	if (when == COLOUR_AUTO && (is_set("NO_COLOR") || !isatty(STDOUT_FILENO)))
		return COLOUR_NONE;
	if (true_colour)
		return COLOUR_TRUE;
	return when == COLOUR_ALWAYS || has("TERM", "256color") ? COLOUR_256 : COLOUR_NONE;
}

/* From dark blue by green and yellow to red; told apart by their lightness, too. */
static const struct {
	unsigned char red, green, blue, palette;
} heat[] = {
	{ 13, 42, 99, 17 },    { 16, 82, 124, 24 },   { 20, 124, 130, 30 },  { 57, 160, 103, 35 },
	{ 126, 190, 72, 106 }, { 196, 208, 56, 148 }, { 250, 205, 53, 220 }, { 247, 150, 39, 208 },
	{ 232, 92, 34, 202 },  { 190, 30, 30, 160 },
};

static size_t heat_index(unsigned int level, unsigned int levels)
{
	size_t last = sizeof(heat) / sizeof(heat[0]) - 1;

	return levels > 1 ? level * last / (levels - 1) : last;
}

/* White on what is dark, black on what is light. */
static unsigned char heat_ink(size_t i)
{
	return i < 4 || i > 7 ? 255 : 232;
}

void colour_heat_pair(unsigned int level, unsigned int levels, short *foreground,
		      short *background)
{
	size_t i = heat_index(level, levels);

	*foreground = heat_ink(i);
	*background = heat[i].palette;
}

void colour_heat(enum colour_depth depth, unsigned int level, unsigned int levels, const char *text)
{
	size_t i = heat_index(level, levels);

	if (depth == COLOUR_NONE)
		fputs(text, stdout);
	else if (depth == COLOUR_256)
		printf("\033[48;5;%u;38;5;%um%s\033[0m", heat[i].palette, heat_ink(i), text);
	else
		printf("\033[48;2;%u;%u;%u;38;5;%um%s\033[0m", heat[i].red, heat[i].green,
		       heat[i].blue, heat_ink(i), text);
}
