#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 12
# More CPUs than messages: the device has ten, nine of them for queues. So three have two queues, the
# others one.
. "${0%/*}/common.sh"

start_dpcnic
fixed_neighbours
is "$(nproc)" 12 "12 CPUs"
is "$(messages)" 10 "all messages are used"
is "$(ethtool -l "$dev" | sed -n 's/^Combined:[[:space:]]*//p' | xargs)" "16 12" "a queue per CPU"
is "$(grep -c "$dev-msg" /proc/interrupts)" 10 "each has its IRQ"
is "$(netdev napis "$dev" | grep -c irq=)" 120 "D1 a NAPI for each message and CPU"
is "$(netdev queues "$dev" | grep -c napi=)" 24 "every queue has one of them"
is "$(for ((msg = 3; msg < 9; msg++)); do cat "/proc/irq/$(irq_of $msg)/smp_affinity_list"; done | xargs)" \
	"3 4 5 6 7 8" "messages of one queue go to that queue's CPU"

mark
expected=$(tool rss "$dev" 4 tcp 400)
mark
is "$(for q in {0..11}; do grew "q\.rx${q}_packets"; done | xargs)" "$expected" \
	"R1 every flow came by the queue its hash says"
ok "UDP from the peer" traffic udp --flows 16 --packets 50
for cpu in 0 8 9 11; do
	ok "UDP to the peer, from CPU $cpu" taskset -c $cpu "$traffic" udp --sender a --packets 50
done
ok "TCP to the peer" traffic tcp --sender a --bytes 1000000
mark
accounts "12 CPUs"
contract "12 CPUs"
interrupts_agree "12 CPUs"

for queues in {1..16}; do
	ok "$queues queues" ethtool -L "$dev" combined "$queues"
	ok "$queues queues: UDP from the peer" traffic udp --flows 16 --packets 4
done
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
