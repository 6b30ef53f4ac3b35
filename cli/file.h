/* SPDX-License-Identifier: GPL-2.0 */
/* Files of /proc and /sys, most of which are one line. */
#ifndef DPCTOOL_FILE_H
#define DPCTOOL_FILE_H

/**
 * read_line() - the first line of the file whose path the format makes, without its end; to be
 * freed, NULL if there is none, or nothing in it
 */
char *read_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* DPCTOOL_FILE_H */
