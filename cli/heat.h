/* SPDX-License-Identifier: GPL-2.0 */
/* Heat maps, as "dpctool heat" prints them. */
#ifndef DPCTOOL_HEAT_H
#define DPCTOOL_HEAT_H

#include "canvas.h"
#include "figures.h"
#include "observed.h"

/**
 * heat_draw() - draw a map of @figure, a number or a duration, of the device in @slot, and take
 * what was counted; fails if there is no memory
 * @name: of the figure
 */
enum exit_code heat_draw(struct canvas *canvas, const struct observed *observed, size_t slot,
			 enum figure figure, const char *name);

#endif /* DPCTOOL_HEAT_H */
