#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# See policy-cases.c; built by "make -C cli tests".
exec build/cli/test-policy-cases
