// SPDX-License-Identifier: GPL-2.0
/*
 * For libFuzzer: takes its input for a command line, a zero byte between the words, and what was
 * understood for a second one. Also as what the arguments of some words are parsed for later:
 * limits, columns, a filter.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "figures.h"
#include "filter.h"
#include "limit.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define WORDS_MAX	32

static void parse_words(char *words, size_t size)
{
	char name[] = "dpctool", *argv[WORDS_MAX + 2] = { name };
	struct request request;
	int argc = 1;

	for (size_t at = 0; at < size && argc <= WORDS_MAX; at += strlen(words + at) + 1)
		argv[argc++] = words + at;
	/* getopt_long() begins anew. */
	optind = 0;
	if (!parse_request(&request, argc, argv) &&
	    (!request.command || !request.command->run))
		abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	char *words = malloc(size + 1), error[64];
	struct columns columns;
	struct filter filter;
	struct limits limits;

	if (!words)
		abort();
	if (size)
		memcpy(words, data, size);
	words[size] = '\0';
	limits_parse(&limits, words);
	columns_choose(&columns, figures, FIGURES, words, size % 2);
	filter_parse(&filter, words, error, sizeof(error));
	parse_words(words, size);
	free(words);
	return 0;
}
