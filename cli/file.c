// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

char *read_line(const char *format, ...)
{
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	va_list args;
	FILE *file;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (getline(&line, &size, file) > 0)
		line[strcspn(line, "\n")] = '\0';
	else if (line)
		line[0] = '\0';
	fclose(file);
	if (line && *line)
		return line;
	free(line);
	return NULL;
}
