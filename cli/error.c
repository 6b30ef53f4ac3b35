// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

const char *const exit_code_help[DPCTOOL_CODES] = {
	[DPCTOOL_OK] = "success, also when ended by SIGINT",
	[DPCTOOL_USAGE] = "usage error",
	[DPCTOOL_REFUSED] = "the kernel, the driver, the input file or the output refused",
	[DPCTOOL_NOT_FOUND] = "no such device, dpcnic does not drive it, or it has no such policy, "
		"or no IRQs",
	[DPCTOOL_UNABLE] = "a privilege, the dpcnic module or a kernel feature is missing",
	[DPCTOOL_INCOMPLETE] = "with --strict: events were lost, the output is incomplete",
	[DPCTOOL_CHECK] = "check: a limit was exceeded",
	[DPCTOOL_COMMAND] = "the COMMAND after -- failed or could not be run",
	[DPCTOOL_NOTHING] = "check: no run told of the figures, so nothing was checked",
};

void (*fail_prepare)(void);

enum exit_code fail(enum exit_code code, const char *try, const char *format, ...)
{
	va_list args;

	if (fail_prepare)
		fail_prepare();
	fputs("dpctool: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (try)
		fprintf(stderr, ". Try: %s", try);
	fputc('\n', stderr);
	return code;
}

void no_memory(void)
{
	exit(fail(DPCTOOL_REFUSED, NULL, "%s", strerror(ENOMEM)));
}
