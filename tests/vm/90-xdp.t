#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# XDP: one test per verdict, V1 for each; programs come and go, the link does not.
. "${0%/*}/xdp.sh"

start_dpcnic
fixed_neighbours
ok "the test's programs are loaded" load_programs
changes=$(carrier_changes)
mark

# --- each verdict, on 1000 packets

verdict() # PROGRAM COUNTER
{
	local what=$1

	look_anew
	mark
	ok "$what: attached" attach "$1"
	ok "$what: packets are sent" send_numbered 1000
	mark
	nothing_lost "$what"
	accounts "$what"
	contract "$what"
	is "$(grew "S\.$2")" 1000 "V1 $what: counted as $2"
	is "$(grew 'S\.rx_(xdp_(drop|tx|redirect|aborted)|steered)')" 1000 "V1 $what: and as nothing else"
	ok "$what: detached" detach
}

verdict drop rx_xdp_drop
is "$(seen packets)" 0 "drop: nothing reaches the stack"

verdict aborted rx_xdp_aborted
trace=/sys/kernel/tracing
echo 'hist:keys=act' >$trace/events/xdp/xdp_exception/trigger
verdict unknown rx_xdp_aborted
# A histogram drops, and counts, what comes while another CPU makes the entry.
is "$(awk '/^{ act: *77 }/ { sum += $6 } /Dropped:/ { sum += $2 } END { print sum }' \
	$trace/events/xdp/xdp_exception/hist)" 1000 "unknown: traced as the kernel does"
echo '!hist:keys=act' >$trace/events/xdp/xdp_exception/trigger
is "$(seen packets)" 0 "unknown: nothing reaches the stack"

verdict send_back rx_xdp_tx
is "$(grew 'S\.tx_xdp')" 1000 "send_back: counted by the transmit side"
is "$(grew 'S\.rx_xdp_tx_lost')" 0 "send_back: none was lost"

# the peer takes its own frames back, whoever they are for
ip -n peer link set peer0 promisc on
entry device 00 "$(printf %02x "$(cat "/sys/class/net/$dev/ifindex")")"
verdict redirect rx_xdp_redirect
is "$(grew 'S\.tx_xdp')" 1000 "redirect to itself: sent by ndo_xdp_xmit"

ip -n peer link set peer0 promisc off
look_anew
mark
attach pass
ok "pass: packets are sent" send_numbered 1000
mark
is "$(seen packets out_of_order hashed)" "1000 0 1000" \
	"pass: all reach the stack, in order, with the hardware's hash"
nothing_lost pass
accounts pass
is "$(grew 'S\.rx_xdp_.*|S\.rx_steer.*')" 0 "pass: no other outcome is counted"

# --- traffic of all kinds through a program

for family in 4 6; do
	ok "pass: UDP over IPv$family" traffic udp --family $family --flows 16 --packets 50
	ok "pass: TCP over IPv$family" traffic tcp --family $family --bytes 2000000
done
mark
accounts "traffic"
contract "traffic"
ok "checksums are still the hardware's" test "$(grew 'q\.rx[0-9]+_csum_unnecessary')" -gt 100

# --- frames of several pages

ok "MTU 9000 with a program that knows frags" ip link set "$dev" mtu 9000
peer_mtu 9000
ok "every size through it" traffic sizes 1-20 3000-3100 8900-8972 --step 7
ok "pass: TCP of large packets" traffic tcp --bytes 4000000
detach
ok "a program that does not is refused" \
	"$BASH" -c "! ip link set dev $dev xdpdrv pinned $test_bpf/progs/pass_without_frags 2>/run/said"
is "$(grep -c 'needs a program that knows frags' /run/said)" 1 "and the message says why"
ip link set "$dev" mtu 1500
peer_mtu 1500
ok "with a small MTU it is attached" attach pass_without_frags
ok "then a large MTU is refused" "$BASH" -c "! ip link set $dev mtu 9000 2>/dev/null"
detach

# --- the program outlives what happens to the device

attach drop
is "$(carrier_changes)" "$changes" "until here the link never changed"
ok "2 queues" ethtool -L "$dev" combined 2
wait_carrier "$dev"
mark_anew
ok "packets are sent" send_numbered 200
mark
is "$(grew 'S\.rx_xdp_drop')" 200 "other queues have the program"
ip link set "$dev" down
ip link set "$dev" up
wait_carrier "$dev"
fixed_neighbours
mark
ok "packets are sent" send_numbered 200
mark
is "$(grew 'S\.rx_xdp_drop')" 200 "so have rings that are made anew"
changes=$(carrier_changes)
detach

# --- programs come and go under traffic

load_start ""
for ((i = 0; i < 40; i++)); do
	attach pass && replace drop && replace send_back && replace pass && detach || break
done
is "$i" 40 "programs come and go under traffic"
load_stop
mark
accounts "come and go"
contract "come and go"
is "$(carrier_changes)" "$changes" "the link did not change"
unload_programs
ok "the module is unloaded" unload_module
done_testing
