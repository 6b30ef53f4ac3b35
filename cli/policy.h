/* SPDX-License-Identifier: GPL-2.0 */
/* The XDP policy that is attached to a device. */
#ifndef DPCTOOL_POLICY_H
#define DPCTOOL_POLICY_H

#include "pin.h"

/** policy_attached() - find the policy that dpctool attached to @dev; fails if there is none */
enum exit_code policy_attached(struct pin *pin, const char *dev);

#endif /* DPCTOOL_POLICY_H */
