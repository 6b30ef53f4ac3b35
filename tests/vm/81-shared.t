#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi --cpus 8 --vectors 3
kind=shared steps_down=1
. "${0%/*}/messages.sh"
