// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>

#include "cpus.h"
#include "file.h"

void cpus_online(struct number_list *cpus)
{
	char *line = read_line("/sys/devices/system/cpu/online");

	if (!line || !parse_list(line, cpus))
		*cpus = (struct number_list){ .count = 1 };
	free(line);
}

static bool has(const struct number_list *list, __u32 number)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->numbers[i] == number)
			return true;
	return false;
}

enum exit_code cpus_check(const struct number_list *given, const char *what)
{
	struct number_list online;

	cpus_online(&online);
	for (size_t i = 0; i < given->count; i++)
		if (!has(&online, given->numbers[i]))
			return fail(DPCTOOL_USAGE, "cat /sys/devices/system/cpu/online",
				    "%s: cpus: CPU %u is not online", what, given->numbers[i]);
	return DPCTOOL_OK;
}
