#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# The short form of soak.
exec "${0%/*}/soak" 20
