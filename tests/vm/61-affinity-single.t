#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# I10 once more, with CPUs that take turns: other interleavings, and less of
# everything, as it is slower.
packets=40 bytes=1000000 burst=5000
. "${0%/*}/60-affinity.t"
