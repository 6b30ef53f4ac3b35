/* SPDX-License-Identifier: GPL-2.0 */
/* TAP output for tests written in C. */
#ifndef DPCNIC_TAP_H
#define DPCNIC_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int tap_tests;
static int tap_failures;

/** ok() - one test: what should be, and whether it is */
__attribute__((format(printf, 2, 3))) static inline bool ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++tap_tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	tap_failures += !good;
	return good;
}

/** is() - one test: a number is the expected one */
static inline bool is(unsigned long long got, unsigned long long expected, const char *what)
{
	bool good = ok(got == expected, "%s is %llu", what, expected);

	if (!good)
		printf("# got %llu\n", got);
	return good;
}

/** skip_all() - this machine cannot run the tests */
static inline int skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	return 0;
}

/** done() - print the plan; returns main()'s status */
static inline int done(void)
{
	printf("1..%d\n", tap_tests);
	return tap_failures != 0;
}

#endif /* DPCNIC_TAP_H */
