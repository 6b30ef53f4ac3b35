#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 8 --timeout 400 --vectors 3
kind=shared steps_down=1
. "${0%/*}/messages.sh"
