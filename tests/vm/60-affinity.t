#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# I10: messages change their CPU all the time, and nobody notices.
. "${0%/*}/common.sh"
packets=${packets:-150} bytes=${bytes:-4000000} burst=${burst:-20000}

start_dpcnic
fixed_neighbours
watch_start

wander() # until killed
{
	local msg irqs=()

	for ((msg = 0; msg < $(messages); msg++)); do irqs+=("$(irq_of $msg)"); done
	while :; do
		for msg in "${!irqs[@]}"; do
			echo $((RANDOM % 4)) >"/proc/irq/${irqs[$msg]}/smp_affinity_list"
		done
		read -r -t 0.005 <>/run/hold.never
	done
}
mkfifo /run/hold.never
wander &
wanderer=$!
for family in 4 6; do
	for sender in b a; do
		ok "UDP over IPv$family from $sender: all arrived" \
			traffic udp --family $family --sender $sender --flows 16 --packets "$packets"
	done
done
mark
nothing_lost "wandering"
ok "TCP from the peer" traffic tcp --bytes "$bytes"
ok "TCP to the peer" traffic tcp --bytes "$bytes" --sender a
ok "pktgen is set up" pktgen_setup 0 "count $burst" "pkt_size 60" "${many_flows[@]}"
ok "pktgen at full speed" pktgen_run
kill $wanderer
wait $wanderer 2>/dev/null
watch_stop
contract "wandering"
accounts "wandering"
observed_contract "wandering"
for cpu in 0 1 2 3; do
	ok "I10 DPCs ran on CPU $cpu" test "${observed[runs_on,$cpu]:-0}" -gt 0
done

# --- and at rest again, where the last change left each

mark
ok "UDP from the peer: all arrived" traffic udp --flows 16 --packets 50
mark
nothing_lost "at rest"
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
