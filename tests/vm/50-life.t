#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Down and up, unbound and bound, unloaded and loaded while the peer sends as
# fast as it can: nothing runs on, nothing is left behind, no count goes back.
. "${0%/*}/common.sh"

tracing=/sys/kernel/tracing
pci=$(nic_a_pci)

start_dpcnic
fixed_neighbours
ok "pktgen is set up" pktgen_setup 0 "count 0" "pkt_size 60" "${many_flows[@]}"
mark
load_start pktgen

echo 1 >$tracing/events/dpcnic/enable
for round in 1 2 3 4; do
	echo >$tracing/trace
	ok "round $round: the tracepoints fire" wait_for 20 grep -q dpc_run $tracing/trace
	ip link set "$dev" down
	echo >$tracing/trace
	sleep 0.5
	is "$(grep -c . $tracing/trace)" "$(grep -c '^#' $tracing/trace)" \
		"I7 round $round: no ISR and no DPC after down"
	gone_back >/run/back; is "$(cat /run/back)" "" "round $round: no count went back"
	ip link set "$dev" up
done
echo 0 >$tracing/events/dpcnic/enable
ok "the link is up" wait_carrier "$dev" 20
ip addr add $addr_a6/64 dev "$dev" nodad
fixed_neighbours
load_stop
mark
accounts "down and up"
is "$(($(grew 'ip\.tx_packets') - $(grew 'S\.tx_stopped') - $(grew 'mac\.FramesTransmittedOK')))" 0 \
	"V1 down and up: packets - those in a ring taken down = sent by hardware"
diag "stopped: rx $(grew 'S\.rx_stopped') tx $(grew 'S\.tx_stopped')"
ok "and now nothing is lost" traffic udp --flows 16 --packets 50
mark
nothing_lost "after it"
contract "after it"
interrupts_agree "after it"

# --- transfers outlive their link

"$traffic" tcp --until /run/enough >/run/tcp.b 2>&1 &
from_b=$!
"$traffic" tcp --until /run/enough --sender a --port 7002 >/run/tcp.a 2>&1 &
from_a=$!
both_run() { [ "$(ss -Htn state established | grep -cE ':700[02]')" = 2 ]; }
ok "TCP both ways has begun" wait_for 20 both_run
for flap in 1 2; do
	ip link set "$dev" down; ip link set "$dev" up
	ok "flap $flap: link" wait_carrier "$dev" 20
done
touch /run/enough
wait $from_b; is "$?$(</run/tcp.b)" 0 "TCP from the peer: what arrived is what was sent"
wait $from_a; is "$?$(</run/tcp.a)" 0 "TCP to the peer: what arrived is what was sent"

# --- away and back, under load

load_start pktgen
for round in 1 2; do
	ok "round $round: unbound" sh -c "echo $pci >/sys/bus/pci/drivers/dpcnic/unbind"
	ok "round $round: no page pool is left" wait_for 20 pools_gone
	ok "round $round: bound" sh -c "echo $pci >/sys/bus/pci/drivers/dpcnic/bind"
	dev=$(nic_a)
	ip addr add $addr_a4/24 dev "$dev"
	ip link set "$dev" up
	ok "round $round: link" wait_carrier "$dev" 20
done
for round in 1 2; do
	ok "round $round: unloaded" unload_module
	ok "round $round: no page pool is left" wait_for 20 pools_gone
	ok "round $round: loaded" load_module
	ok "round $round: there is a device" wait_for 30 nic_a
	dev=$(nic_a)
	ip addr add $addr_a4/24 dev "$dev"
	ip link set "$dev" up
	ok "round $round: link" wait_carrier "$dev" 20
done
# and at once, before there is a link
ip link set "$dev" down; ip link set "$dev" up; ip link set "$dev" down
ok "unloaded" unload_module
ok "loaded" load_module
dev=$(nic_a)
ip link set "$dev" allmulticast on
ip addr add $addr_a4/24 dev "$dev"
ip link set "$dev" up
ok "link" wait_carrier "$dev" 20
load_stop
ok "and now nothing is lost" traffic udp --flows 16 --packets 50
ok "the module is unloaded" unload_module
done_testing
