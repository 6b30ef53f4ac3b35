#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi --cpus 8
kind=per-queue steps_down=0
. "${0%/*}/messages.sh"
