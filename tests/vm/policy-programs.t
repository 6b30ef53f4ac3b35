#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 3000
# Programs that need nothing but a kernel to load BPF programs, built by "make -C cli tests":
# policy-cases.c, dpctool-bpf.c, and policy-fuzz.c with 40000 cases, or with STRESS=1 in the machine
# (tests/lab/run --timeout 3000 env STRESS=1 tests/vm/policy-programs.t) a million of others.
. "$LAB/tap.sh"

points_of build/cli/test-policy-cases
points_of build/cli/test-bpf
points_of build/cli/test-policy-fuzz ${STRESS:+1000000 "$(date +%s)"}
done_testing
