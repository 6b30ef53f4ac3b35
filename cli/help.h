/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DPCTOOL_HELP_H
#define DPCTOOL_HELP_H

#include <stddef.h>

#include "args.h"

/* Room for the longest. */
#define SYNOPSIS_SIZE	512

/**
 * help_synopsis() - how @command is called, without the options: "show [dev IF] [-- COMMAND ...]"
 */
void help_synopsis(const struct command *command, char *buffer, size_t size);

#endif /* DPCTOOL_HELP_H */
