#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi --vectors 3
# R2, R3 where queues share messages: several DPCs of one message have rings and inboxes.
packets=4000 brief=1
. "${0%/*}/91-steer.t"
