#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --kernel backports
# dpcnic on the newest kernel that Debian 13 offers: it loads, carries packets, and leaves. All other
# tests run there by `make test KERNEL=backports`.
. "${0%/*}/common.sh"

like "$(uname -r)" '^([7-9]|[1-9][0-9])\.' "the kernel is newer than the lab's usual"
start_dpcnic
settle
mark
ok "ping over IPv4" ping -c 3 -i 0.2 -W 5 "$addr_b4"
ok "ping over IPv6" ping -c 3 -i 0.2 -W 5 "$addr_b6"
settle
mark
nothing_lost "ping"
contract "ping"
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
