#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# AF_XDP: a socket takes the packets of one queue, and sends, with copies and without. xsk.c is the
# socket, by libxdp.
. "${0%/*}/xsk.sh"

start_dpcnic
fixed_neighbours
ok "there is room for all" deep_rings
ok "the test's programs are loaded" load_programs
changes=$(carrier_changes)

# --- all packets go to the socket's queue

one_queue copy
one_queue need-wakeup # zero-copy without that: below, 96 and 97
ok "need-wakeup: it was called for, but not for each packet" \
	test "$(xsk tx_calls)" -gt 0 -a "$(xsk tx_calls)" -le 400
is "$(xsk fill_calls)" 0 "need-wakeup: not to receive, as there were buffers"
few_buffers

# --- the socket has its queue's packets, the stack all others

for mode in copy zero-copy; do
	ethtool -X "$dev" equal 4
	xsk_start $mode
	look_anew
	mark
	ok "all queues, $mode: packets are sent" send_numbered 1600
	settle
	mark
	xsk_stop
	is "$(($(xsk packets) + $(seen packets)))" 1600 \
		"all queues, $mode: all arrive at the socket, or in the stack"
	ok "all queues, $mode: some at each" test "$(xsk packets)" -gt 0 -a "$(seen packets)" -gt 0
	is "$(xsk out_of_order) $(seen out_of_order)" "0 0" "all queues, $mode: in order"
	taken "all queues, $mode"
done

# --- without it

is "$(ip link show "$dev" | grep -c prog/xdp)" 0 "its program went with the socket"
look_anew
mark
ok "no socket: packets are sent" send_numbered 400
mark
is "$(seen packets out_of_order hashed)" "400 0 400" "no socket: all reach the stack"
is "$(grew 'S\.rx_xdp_redirect')" 0 "no socket: nothing is redirected"

# --- without copies, whatever a program decides for the packets of its queue

ok "the table names queue $queue only" ethtool -X "$dev" weight 0 0 1 0
xsk_start zero-copy none
verdict() # PROGRAM COUNTER EXPECTED...: of seen()
{
	local what="bound, $1" counter=$2

	[ "$1" = nothing ] || attach "$1"
	look_anew
	mark
	ok "$what: packets are sent" send_numbered 400
	mark
	is "$(seen packets out_of_order hashed)" "$3" "$what: in the stack, in order, with a hash"
	is "$(grew "S\.($counter)")" 400 "V1 $what: counted as $counter"
	is "$(grew 'S\.rx_(xdp_(drop|tx|redirect|aborted|.*_lost)|no_skb)|S\.tx_xdp_refused')" \
		"$(grew 'S\.rx_xdp_(drop|tx|redirect|aborted)')" "V1 $what: none was lost"
	nothing_lost "$what"
	accounts "$what"
	contract "$what"
	[ "$1" = nothing ] || detach
}
verdict drop rx_xdp_drop "0 0 0"
verdict send_back "rx_xdp_tx" "0 0 0"
is "$(grew 'S\.tx_xdp')" 400 "bound, send_back: counted by the transmit side"
entry device 00 "$(printf %02x "$(cat "/sys/class/net/$dev/ifindex")")"
ip -n peer link set peer0 promisc on
verdict redirect rx_xdp_redirect "0 0 0"
ip -n peer link set peer0 promisc off
is "$(grew 'S\.tx_xdp')" 400 "bound, redirect: sent by ndo_xdp_xmit"
steer_flows 3
verdict steer rx_steered "400 0 400"
is "$(seen cpus | cut -d ' ' -f 2- | sort -u)" 3 "bound, steer: indicated by the CPU that it names"
attach pass
look_anew
mark
ok "bound, pass: packets are sent" send_numbered 400
ok "bound, pass: TCP" traffic tcp --bytes 1000000
detach
ok "bound, no program: TCP over IPv6" traffic tcp --family 6 --bytes 1000000
mark
is "$(seen packets out_of_order hashed)" "400 0 400" "bound, pass: all reach the stack"
accounts "bound, pass"
contract "bound, pass"
is "$(grew 'S\.rx_xdp_.*|S\.rx_steered')" 0 "bound, pass: no other outcome is counted"

# --- what it survives, and what it forbids

ok "an MTU that does not fit its chunks is refused" "$BASH" -c "! ip link set $dev mtu 3100 2>/dev/null"
ok "... and one that fits is not" ip link set "$dev" mtu 1400
ip link set "$dev" mtu 1500
ok "taking its queue is refused" "$BASH" -c "! ethtool -L $dev combined 2 2>/dev/null"
ok "other rings" ethtool -G "$dev" rx 128 tx 128
attach pass
ok "other rings: all works" traffic udp --flows 16 --packets 20
is "$(carrier_changes)" "$changes" "until here the link did not change"
ip link set "$dev" down
ip link set "$dev" up
wait_carrier "$dev"
fixed_neighbours
ok "down and up: all works" traffic udp --flows 16 --packets 20
mark
accounts "other rings"
xsk_stop
deep_rings
ok "the socket is gone: all works" traffic udp --flows 16 --packets 20
detach
changes=$(carrier_changes)
xsk_start need-wakeup
ip link set "$dev" down
xsk_stop
is "$(xsk packets not_returned)" "0 0" "a socket goes while the interface is down"
ip link set "$dev" up
wait_carrier "$dev"
fixed_neighbours
ok "up again: all works" traffic udp --flows 16 --packets 20

# --- small chunks, which leave a room that the device cannot be told of: no frame may be longer

ethtool -X "$dev" weight 0 0 1 0
xsk_start zero-copy own 4096 2048
mark
ok "small chunks: packets are sent" send_numbered 400 "pkt_size 1510"
settle
mark
ok "small chunks: rx-all is refused" "$BASH" -c "! ethtool -K $dev rx-all on 2>/dev/null"
xsk_stop
is "$(xsk packets)" 400 "small chunks: all reach the socket"
taken "small chunks"
is "$(ethtool -k "$dev" | grep rx-all)" "rx-all: on" "it was wanted, and is on without the socket"
ok "then small chunks are refused" "$BASH" -c \
	"! build/cli/test-xsk $dev $queue zero-copy own 4096 2048 </dev/null 2>/dev/null"
xsk_start zero-copy # of 4 KB
xsk_stop
ethtool -K "$dev" rx-all off
ethtool -X "$dev" equal 4

# --- it dies, and leaves its program there: that passes what nobody takes

xsk_start zero-copy
kill -9 "$socket"
wait "$socket" 2>/dev/null
exec 6>&-
ok "the queue of a socket that was killed is free again" wait_for 30 queue_free
is "$(ip link show "$dev" | grep -c prog/xdp)" 1 "the program of a socket that was killed is there"
look_anew
mark
ok "killed: packets are sent" send_numbered 400
mark
is "$(seen packets out_of_order)" "400 0" "killed: all reach the stack"
nothing_lost "killed"
accounts "killed"
ok "the program is unloaded" xdp-loader unload "$dev" --all

# --- the others

others 1
come_and_go 2
unload_programs
ok "the module is unloaded" unload_module
done_testing
