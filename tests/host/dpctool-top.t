#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# See dpctool-top.c. The lock is for tests that run side by side.
flock cli make -s -C cli tests >&2 && exec build/cli/test-top
