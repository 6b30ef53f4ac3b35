/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal, as "dpctool top" uses it: by ncurses. */
#ifndef DPCTOOL_SCREEN_H
#define DPCTOOL_SCREEN_H

#include "colour.h"
#include "error.h"
#include "top.h"

/* What screen_key() returns when there is none. */
#define SCREEN_NO_KEY	(-1)

/**
 * screen_open() - take the terminal; from here on it is given back before any error message.
 * Blocks SIGWINCH: the caller sees to it, and calls screen_resize().
 */
enum exit_code screen_open(enum colour_when colour);

/** screen_close() - give the terminal back as it was; does nothing if that has been done */
void screen_close(void);

/** screen_key() - the next key pressed, as curses calls it */
int screen_key(void);

/** screen_resize() - take over the size that the terminal has now */
void screen_resize(void);

/** screen_draw() - draw all of @top, and set what it says that the screen sets */
enum exit_code screen_draw(struct top *top);

#endif /* DPCTOOL_SCREEN_H */
