/* SPDX-License-Identifier: GPL-2.0 */
/* Colours of the terminal, if it has them and the user wants them. */
#ifndef DPCTOOL_COLOUR_H
#define DPCTOOL_COLOUR_H

#include <stdbool.h>

/** enum colour_when - option --color */
enum colour_when {
	COLOUR_AUTO,	/* if stdout is a terminal that has colours, and NO_COLOR is not set */
	COLOUR_ALWAYS,
	COLOUR_NEVER,
};

/** enum colour_depth - what may be written */
enum colour_depth {
	COLOUR_NONE,
	COLOUR_256,	/* the palette of xterm */
	COLOUR_TRUE,	/* any */
};

/** colour_parse() - the argument of --color: auto, always or never; NULL is always */
bool colour_parse(const char *text, enum colour_when *when);

/**
 * colour_depth() - what stdout takes, by NO_COLOR (no-color.org), COLORTERM and TERM; with
 * COLOUR_ALWAYS at least 256
 */
enum colour_depth colour_depth(enum colour_when when);

/**
 * colour_heat_pair() - the colours, of xterm's palette, for @level of @levels; as colour_heat()
 */
void colour_heat_pair(unsigned int level, unsigned int levels, short *foreground,
		      short *background);

/**
 * colour_heat() - print @text on the background for @level of @levels, from cold to hot
 * @level: from 0
 */
void colour_heat(enum colour_depth depth, unsigned int level, unsigned int levels,
		 const char *text);

#endif /* DPCTOOL_COLOUR_H */
