#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 1
# One CPU: one queue, two messages, and everything on the same CPU.
. "${0%/*}/common.sh"

start_dpcnic
is "$(messages)" 2 "a message for the queue and one for the rest"
is "$(ethtool -l "$dev" | sed -n 's/^Combined:[[:space:]]*//p' | xargs)" "16 1" "one queue"
mark
for sender in b a; do
	ok "UDP from $sender" traffic udp --sender $sender --flows 16 --packets 50
	ok "TCP from $sender" traffic tcp --sender $sender
done
mark
accounts "one CPU"
contract "one CPU"
interrupts_agree "one CPU"
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
