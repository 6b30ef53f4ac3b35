#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 3000
# See policy-fuzz.c; built by "make -C cli tests". 40000 cases, or with STRESS=1 in the machine
# (tests/lab/run --timeout 3000 env STRESS=1 tests/vm/policy-fuzz.t) a million of others.
exec build/cli/test-policy-fuzz ${STRESS:+1000000 "$(date +%s)"}
