# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests of AF_XDP: the socket of xsk.c, bound to queue $queue.
. "${0%/*}/xdp.sh"

queue=2
xsk_start() # MODE [PROGRAM [BUFFERS [CHUNK]]]
{
	local how="without copies"

	[ "$1" != copy ] || how="with copies"
	rm -f /run/xsk.hold
	mkfifo /run/xsk.hold
	build/cli/test-xsk "$dev" $queue "$@" </run/xsk.hold >/run/xsk 2>/run/xsk.err &
	socket=$!
	exec 6>/run/xsk.hold
	wait_for 200 grep -q bound /run/xsk || diag "$(</run/xsk.err)"
	is "$(</run/xsk)" "bound $how" "a socket is bound, $*"
}
# The kernel takes its queue back some time after it is closed. Until then such an MTU is refused.
queue_free()
{
	ip link set "$dev" mtu 3048 2>/dev/null && ip link set "$dev" mtu 1500
}
xsk_stop()
{
	settle
	exec 6>&-
	wait "$socket"
	wait_for 30 queue_free || fail "the queue is free again"
}
# Whatever time the machine has, all that is sent to one queue has room in its ring.
deep_rings() { ethtool -G "$dev" rx 2048; }
# What it has seen, as numbers.
xsk()
{
	local name

	for name; do sed -n "s/^$name //p" /run/xsk; done | xargs
}
# Nothing but what the socket took was redirected, and all of that arrived.
taken() # WHEN
{
	is "$(xsk dropped ring_full invalid not_returned)" "0 0 0 0" "$1: the kernel lost nothing for the socket"
	is "$(grew 'S\.rx_xdp_redirect')" "$(($(xsk packets) + $(xsk others)))" \
		"V1 $1: counted as redirected = what the socket took"
	is "$(grew 'S\.rx_xdp_(redirect_lost|drop|tx|aborted)|S\.rx_steered')" 0 "V1 $1: and as nothing else"
	nothing_lost "$1"
	accounts "$1"
	contract "$1"
}

# All packets go to the socket's queue.
one_queue() # MODE
{
	local what="one queue, $1" sent=0

	ethtool -X "$dev" weight 0 0 1 0
	xsk_start "$1"
	look_anew
	frames_start peer0
	mark
	ok "$what: packets are sent" send_numbered 1600
	settle
	mark
	frames_stop
	xsk_stop
	is "$(xsk packets flows out_of_order)" "1600 $flows 0" "$what: all reach the socket, in order"
	is "$(seen packets)" 0 "$what: none reaches the stack"
	is "$(grew "q\.rx${queue}_packets")" "$(grew 'S\.rx_xdp_redirect')" "$what: they came by that"
	[ "$(xsk others)" != 0 ] ||
		is "$(xsk bytes)" "$(grew "q\.rx${queue}_bytes")" "$what: bytes = bytes"
	is "$(xsk fill_empty)" 0 "$what: there were always buffers"
	is "$(xsk sent_back lost_back)" "400 0" "$what: the socket sends some back"
	is "$(</run/frames)" "packets 400 different 400 untagged 400" "$what: each of those arrives once"
	[ "$1" = copy ] || sent=400
	is "$(grew 'S\.tx_xsk') $(grew 'S\.tx_xdp_refused')" "$sent 0" "$what: counted as sent without copies"
	taken "$what"
}

# The socket has few buffers, so the kernel has to call for those that are free again.
few_buffers()
{
	local i

	ethtool -X "$dev" weight 0 0 1 0
	xsk_start need-wakeup own 32
	settle
	mark
	for ((i = 0; i < 10; i++)); do
		send_numbered 8
		settle
	done
	mark
	xsk_stop
	is "$(xsk packets)" 80 "few buffers: all reach the socket"
	ok "few buffers: it was called for them" test "$(xsk fill_calls)" -gt 0
	taken "few buffers"
}

# Sockets come and go, and other queues lose nothing.
others() # SOCKETS of each mode
{
	local i mode changes sender

	changes=$(carrier_changes)
	ok "the table leaves queue $queue out" ethtool -X "$dev" weight 1 1 0 1
	ok "a program for all queues" attach pass
	look_anew
	mark
	send_numbered 4000 "delay 2000000" &
	sender=$!
	for mode in zero-copy need-wakeup; do
		for ((i = 0; i < $1; i++)); do
			xsk_start $mode none
			exec 6>&-
			wait "$socket" || break
			wait_for 30 queue_free || break
		done
		is "$i" "$1" "others: sockets come and go, $mode"
	done
	wait "$sender"
	is $? 0 "others: packets are sent meanwhile"
	mark
	is "$(seen packets out_of_order hashed)" "4000 0 4000" "others: all arrive, in order"
	is "$(grew "q\.rx${queue}_packets")" 0 "others: none by the socket's queue"
	nothing_lost "others"
	accounts "others"
	contract "others"
	is "$(carrier_changes)" "$changes" "others: the link did not change"
	detach
}

# They come and go under traffic on all queues.
come_and_go() # TIMES
{
	local i changes

	changes=$(carrier_changes)
	ok "the table names all queues" ethtool -X "$dev" equal 4
	load_start ""
	for ((i = 0; i < $1; i++)); do
		xsk_start zero-copy
		more_received 50 || break
		ip link show "$dev" | grep -q prog/xdp || break
		exec 6>&-
		wait "$socket" || break
	done
	is "$i" "$1" "sockets come and go under traffic"
	load_stop
	wait_for 30 queue_free
	mark
	accounts "come and go"
	contract "come and go"
	ok "then all works" traffic udp --flows 16 --packets 20
	is "$(carrier_changes)" "$changes" "come and go: the link did not change"
}
