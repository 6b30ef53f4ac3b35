/* SPDX-License-Identifier: GPL-2.0 */
/* Learning what belongs together from what happens. */
#ifndef DPCTOOL_LEARN_H
#define DPCTOOL_LEARN_H

#include <stddef.h>
#include <linux/types.h>

#include "error.h"
#include "wiring.h"

/**
 * learn_wirings() - observe for @interval_ns, or until SIGINT, whose handlers schedule which NAPI
 * instances, and complete those of @count @wirings of which netlink does not tell that. dpcnic
 * tells all of its own.
 */
enum exit_code learn_wirings(struct wiring *wirings, size_t count, __u64 interval_ns);

#endif /* DPCTOOL_LEARN_H */
