#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 400
# AF_XDP in copy mode: a socket takes the packets of one queue, and sends. xsk.c is the socket, by
# libxdp, with the program that libxdp brings.
. "${0%/*}/xdp.sh"

queue=2
xsk_start()
{
	rm -f /run/xsk.hold
	mkfifo /run/xsk.hold
	build/cli/test-xsk "$dev" $queue </run/xsk.hold >/run/xsk 2>/run/xsk.err &
	socket=$!
	exec 6>/run/xsk.hold
	wait_for 30 grep -q bound /run/xsk && pass "a socket is bound" && return
	diag "$(</run/xsk.err)"
	fail "a socket is bound"
}
xsk_stop() { settle; exec 6>&-; wait $socket; }
# All in one ring: slowly, that it does not overflow where the machine has little time.
slowly="delay 1000000"
# What it has seen, as numbers.
xsk()
{
	local name

	for name; do sed -n "s/^$name //p" /run/xsk; done | xargs
}
# Nothing but what the socket took was redirected, and all of that arrived.
taken() # WHEN
{
	is "$(xsk dropped ring_full fill_empty invalid)" "0 0 0 0" "$1: the kernel lost nothing for the socket"
	is "$(grew 'S\.rx_xdp_redirect')" "$(($(xsk packets) + $(xsk others)))" \
		"V1 $1: counted as redirected = what the socket took"
	is "$(grew 'S\.rx_xdp_(redirect_lost|drop|tx|aborted)|S\.rx_steered')" 0 "V1 $1: and as nothing else"
	nothing_lost "$1"
	accounts "$1"
	contract "$1"
}

start_dpcnic
fixed_neighbours
ok "the test's programs are loaded" load_programs
changes=$(carrier_changes)

# --- all packets go to the socket's queue

ok "the table names queue $queue only" ethtool -X "$dev" weight 0 0 1 0
xsk_start
look_anew
frames_start peer0
mark
ok "one queue: packets are sent" send_numbered 1600 "$slowly"
mark
frames_stop
xsk_stop
is "$(xsk packets flows out_of_order)" "1600 $flows 0" "one queue: all reach the socket, in order"
is "$(seen packets)" 0 "one queue: none reaches the stack"
is "$(grew "q\.rx${queue}_packets")" "$(grew 'S\.rx_xdp_redirect')" "one queue: they came by that"
is "$(xsk sent_back lost_back)" "400 0" "one queue: the socket sends some back"
is "$(</run/frames)" "packets 400 different 400 untagged 400" "one queue: each of those arrives once"
taken "one queue"

# --- the socket has its queue's packets, the stack all others

ok "the table names all queues" ethtool -X "$dev" equal 4
xsk_start
look_anew
mark
ok "all queues: packets are sent" send_numbered 1600
mark
xsk_stop
is "$(($(xsk packets) + $(seen packets)))" 1600 "all queues: all arrive at the socket, or in the stack"
ok "all queues: some at each" test "$(xsk packets)" -gt 0 -a "$(seen packets)" -gt 0
is "$(xsk out_of_order) $(seen out_of_order)" "0 0" "all queues: in order"
taken "all queues"

# --- without it

is "$(ip link show "$dev" | grep -c prog/xdp)" 0 "its program went with the socket"
look_anew
mark
ok "no socket: packets are sent" send_numbered 400
mark
is "$(seen packets out_of_order hashed)" "400 0 400" "no socket: all reach the stack"
is "$(grew 'S\.rx_xdp_redirect')" 0 "no socket: nothing is redirected"

# --- it dies, and leaves its program there: that passes what nobody takes

xsk_start
kill -9 $socket
wait $socket 2>/dev/null
exec 6>&-
is "$(ip link show "$dev" | grep -c prog/xdp)" 1 "the program of a socket that was killed is there"
look_anew
mark
ok "killed: packets are sent" send_numbered 400
mark
is "$(seen packets out_of_order)" "400 0" "killed: all reach the stack"
nothing_lost "killed"
accounts "killed"
ok "the program is unloaded" xdp-loader unload "$dev" --all

# --- sockets come and go under traffic

load_start ""
for ((i = 0; i < 5; i++)); do
	xsk_start || break
	sleep 0.3
	ip link show "$dev" | grep -q prog/xdp || break
	exec 6>&-
	wait $socket || break
done
is "$i" 5 "sockets come and go under traffic"
load_stop
mark
accounts "come and go"
contract "come and go"
ok "then all works" traffic udp --flows 16 --packets 20
is "$(carrier_changes)" "$changes" "the link did not change"
unload_programs
ok "the module is unloaded" unload_module
done_testing
