#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 8 --vectors 0
kind=msi steps_down=1
. "${0%/*}/messages.sh"
