#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 300 --cpus 1
# The engine without a NIC, on one CPU.
exec "${0%/*}/70-engine.t"
