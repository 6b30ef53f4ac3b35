/* SPDX-License-Identifier: GPL-2.0 */
/* Where lines of text with the colours of a heat map go: to stdout, or on a part of a screen. */
#ifndef DPCTOOL_CANVAS_H
#define DPCTOOL_CANVAS_H

#include "colour.h"

/**
 * struct canvas - where text is drawn
 * @put: draws @text after what was drawn before; a newline begins the next line
 * @heat: the same on the background for @level of @levels, from cold to hot; no newlines
 */
struct canvas {
	void (*put)(struct canvas *canvas, const char *text);
	void (*heat)(struct canvas *canvas, unsigned int level, unsigned int levels,
		     const char *text);
};

/** canvas_printf() - draw text as printf() would print it */
void canvas_printf(struct canvas *canvas, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** struct canvas_stdout - stdout as a canvas; begin with canvas_stdout() */
struct canvas_stdout {
	struct canvas canvas;
	enum colour_depth depth;
};

/** canvas_stdout() - stdout as a canvas with as many colours as @depth says */
struct canvas_stdout canvas_stdout(enum colour_depth depth);

#endif /* DPCTOOL_CANVAS_H */
