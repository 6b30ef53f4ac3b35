/* SPDX-License-Identifier: GPL-2.0 */
/* The processors of this machine. */
#ifndef DPCTOOL_CPUS_H
#define DPCTOOL_CPUS_H

#include "error.h"
#include "units.h"

/** cpus_online() - those that are online, in ascending order */
void cpus_online(struct number_list *cpus);

/** cpus_check() - are all of @given online? @what is asking, "policy" */
enum exit_code cpus_check(const struct number_list *given, const char *what);

#endif /* DPCTOOL_CPUS_H */
