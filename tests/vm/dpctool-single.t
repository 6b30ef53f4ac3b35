#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --vectors 0
# The same with one MSI for all.
. "${0%/*}/dpctool-shared.t"
