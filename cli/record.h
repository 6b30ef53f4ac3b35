/* SPDX-License-Identifier: GPL-2.0 */
/* Making a recording. Its format, and how it is read: recording.h. */
#ifndef DPCTOOL_RECORD_H
#define DPCTOOL_RECORD_H

#include <stdio.h>

#include "args.h"
#include "device.h"

/**
 * record_runs() - record the runs of the devices in @list into @file, as long as @request says; if
 * not all could be written ferror(@file) says so, and errno why
 * @path: name of the file
 * @ended: DPCTOOL_COMMAND if the COMMAND failed, which does not keep it from being recorded
 */
enum exit_code record_runs(const struct request *request, struct device_list *list,
			   FILE *file, const char *path, enum exit_code *ended);

#endif /* DPCTOOL_RECORD_H */
