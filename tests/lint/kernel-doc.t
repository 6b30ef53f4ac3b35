#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every kernel-doc comment of the module is complete: kernel-doc -Wall.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

check() { "$KDIR/scripts/kernel-doc" -none -Wall "$1"; }

mapfile -t sources < <(files 'kmod/*.[ch]')
each "kernel-doc" check "${sources[@]}"
done_testing
