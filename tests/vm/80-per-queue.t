#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 8 --timeout 400
kind=per-queue steps_down=0
. "${0%/*}/messages.sh"
