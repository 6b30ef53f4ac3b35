#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 400
# The short form of soak.
exec "${0%/*}/soak" 20
