#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 8 --vectors -1 --device lsi53c895a,addr=0x14
kind=intx steps_down=2
. "${0%/*}/messages.sh"
