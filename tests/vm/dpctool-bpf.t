#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# See dpctool-bpf.c; built by "make -C cli tests".
exec build/cli/test-bpf
