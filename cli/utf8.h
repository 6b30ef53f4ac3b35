/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text that others have made: names of devices, files and programs are bytes to the kernel, but
 * JSON is UTF-8, and a terminal takes control characters for commands.
 */
#ifndef DPCTOOL_UTF8_H
#define DPCTOOL_UTF8_H

#include <jansson.h>
#include <stdbool.h>

/** utf8_is_printable() - is @text UTF-8 without control characters? */
bool utf8_is_printable(const char *text);

/** utf8_json() - @text as JSON, with a question mark for each byte that is no UTF-8 */
json_t *utf8_json(const char *text);

/** utf8_json_printable() - the same, and one for each control character */
json_t *utf8_json_printable(const char *text);

#endif /* DPCTOOL_UTF8_H */
