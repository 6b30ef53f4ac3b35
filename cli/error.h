/* SPDX-License-Identifier: GPL-2.0 */
/* Exit codes and error messages. */
#ifndef DPCTOOL_ERROR_H
#define DPCTOOL_ERROR_H

/**
 * enum exit_code - dpctool's exit status; stable, texts in exit_code_help[]
 *
 * Functions that can fail return one of these, having printed the error themselves with fail(); 0
 * is success.
 */
enum exit_code {
	DPCTOOL_OK		= 0,
	DPCTOOL_USAGE		= 1,
	DPCTOOL_REFUSED		= 2,
	DPCTOOL_NOT_FOUND	= 3,
	DPCTOOL_UNABLE		= 4,
	DPCTOOL_INCOMPLETE	= 5,
	DPCTOOL_CHECK		= 6,
	DPCTOOL_COMMAND		= 7,
	DPCTOOL_NOTHING		= 8,
	DPCTOOL_CODES
};

/* What each exit code means, for help and manual page. */
extern const char *const exit_code_help[DPCTOOL_CODES];

/**
 * fail() - print "dpctool: <message>. Try: <what to do>" on stderr
 * @code: returned
 * @try: what the user can do about it, or NULL
 * @format: "<subject>: <what>: <why>"
 */
enum exit_code fail(enum exit_code code, const char *try, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Called before a message is printed, unless NULL: a screen must give the terminal back first. */
extern void (*fail_prepare)(void);

/** no_memory() - print that there is none, and end: nothing can be done about it */
__attribute__((noreturn)) void no_memory(void);

#endif /* DPCTOOL_ERROR_H */
