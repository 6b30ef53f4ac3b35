/* SPDX-License-Identifier: GPL-2.0 */
/* What "dpctool show" tells of an observation, for others that tell the same. */
#ifndef DPCTOOL_SHOW_H
#define DPCTOOL_SHOW_H

#include "observed.h"

/** show_document() - the JSON document that "dpctool -j show" prints; takes what was counted */
json_t *show_document(struct observed *observed);

#endif /* DPCTOOL_SHOW_H */
