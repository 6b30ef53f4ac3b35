/* SPDX-License-Identifier: GPL-2.0 */
/* "dpctool policy": what its parts, and rule, which is about a policy's rules, share. */
#ifndef DPCTOOL_POLICY_H
#define DPCTOOL_POLICY_H

#include "args.h"
#include "output.h"
#include "pin.h"

/* Columns of list, then those of counters. */
#define POLICY_FIELDS	13

extern const struct field policy_fields[POLICY_FIELDS];

/* How it is pinned. */
extern const struct pin_kind policy_kind;

/** policy_attached() - find the policy that dpctool attached to @dev; fails if there is none */
enum exit_code policy_attached(struct pin *pin, const char *dev);

/** policy_none_given() - fails if @request names a policy: its verb takes none */
enum exit_code policy_none_given(const struct request *request);

/** policy_list() - "policy list" */
enum exit_code policy_list(const struct request *request);

/** policy_list_all() - the same of the device of @request, or of all; they are known to be there */
enum exit_code policy_list_all(const struct request *request);

/** policy_counters() - "policy counters" */
enum exit_code policy_counters(const struct request *request);

#endif /* DPCTOOL_POLICY_H */
