/* SPDX-License-Identifier: GPL-2.0 */
/* Giving up what was needed to begin, before anybody else may ask for something. */
#ifndef DPCTOOL_PRIVILEGES_H
#define DPCTOOL_PRIVILEGES_H

#include "error.h"

/**
 * privileges_drop() - give up all capabilities, and the ways to get some; fails unless they are
 * gone
 * @user: become this user, with no group but its own; NULL: stay the same
 */
enum exit_code privileges_drop(const char *user);

#endif /* DPCTOOL_PRIVILEGES_H */
