#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 1
# The engine without a NIC, on one CPU.
exec "${0%/*}/70-engine.t"
