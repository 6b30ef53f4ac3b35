#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 240 --tcg-thread single
# I10 once more, with CPUs that take turns: other interleavings.
. "${0%/*}/60-affinity.t"
