// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "canvas.h"
#include "error.h"

void canvas_printf(struct canvas *canvas, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		no_memory();
	va_end(args);
	canvas->put(canvas, text);
	free(text);
}

static void put_stdout(struct canvas *canvas, const char *text)
{
	(void)canvas;
	fputs(text, stdout);
}

static void heat_stdout(struct canvas *canvas, unsigned int level, unsigned int levels,
			const char *text)
{
	colour_heat(((struct canvas_stdout *)canvas)->depth, level, levels, text);
}

struct canvas_stdout canvas_stdout(enum colour_depth depth)
{
	return (struct canvas_stdout){ { put_stdout, heat_stdout }, depth };
}
