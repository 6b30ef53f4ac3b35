#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --append iomem=relaxed --allow-log NETDEV.WATCHDOG --qemu -global --qemu ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
# AF_XDP without copies, and the device goes away under the socket: asleep, reset, hung, pulled out. The
# same socket goes on afterwards, and has all its frames again, whatever became of their packets.
. "${0%/*}/xsk.sh"
. "${0%/*}/away.sh"

start_dpcnic
fixed_neighbours
sleep_begin
ok "there is room for all" deep_rings
ok "the table names queue $queue only" ethtool -X "$dev" weight 0 0 1 0

# The socket has what is sent now, and sends its part of that back: to the peer, who gets nothing else.
to_peer=0
goes_on() # WHEN
{
	settle
	mark
	ok "$1: packets are sent" send_numbered 400
	settle
	mark
	is "$(grew 'S\.rx_xdp_redirect')" "$(grew 'mac\.FramesReceivedOK')" "$1: the socket has the packets of its queue"
	is "$(grew 'S\.tx_xsk')" "$(grew 'peer\.rx_packets')" "$1: what it sends the peer receives"
	to_peer=$((to_peer + $(grew 'peer\.rx_packets')))
}
for mode in zero-copy need-wakeup; do
	xsk_start $mode
	to_peer=0
	goes_on "$mode, first"
	for what in asleep reset_function; do
		ok "$mode, $what" $what
		ok "$mode, $what: link" wait_carrier "$dev" 40
		fixed_neighbours
		goes_on "$mode, after $what"
	done
	xsk_stop
	is "$(xsk packets sent_back lost_back not_returned)" "1200 $to_peer 0 0" \
		"$mode: the socket had all packets, and has all its frames"
	ok "$mode: it sent some" [ $to_peer -gt 0 ]
done

# --- who only sends goes on, too, and need not call the kernel for that if it does not ask

sends() # WHEN
{
	settle
	mark
	from=$(peer_got)
	printf %16s '' >&6
	ok "$1: the peer gets what the socket sends" wait_for 20 came 16
	settle
	mark
	is "$(grew 'S\.tx_xsk') $(grew 'peer\.rx_packets')" "16 16" "$1: no more than that"
}
peer_got() { ip netns exec peer cat /sys/class/net/peer0/statistics/rx_packets; }
came() { [ "$(peer_got)" -ge $((from + $1)) ]; } # PACKETS
link_is() { [ "$(</sys/class/net/"$dev"/carrier)" = "$1" ]; }
xsk_start need-wakeup
sends "first"
cable nic-a down
ok "no link" wait_for 20 link_is 0
from=$(peer_got)
printf %16s '' >&6
settle
is "$(($(peer_got) - from))" 0 "nothing is sent without a link"
cable nic-a up
ok "a link" wait_carrier "$dev" 40
ok "what the socket had to send without a link is sent then" wait_for 20 came 16
settle

# --- frames that are never sent come back, too

mark
hang_transmitter &
hanging=$!
send_numbered 400
wait $hanging
ok "a time-out, with frames of the socket in the ring" wait_for 30 timed_out
ok "time-out: link" wait_carrier "$dev" 40
fixed_neighbours
sends "after a time-out"
goes_on "after a time-out"
xsk_stop
is "$(xsk not_returned)" 0 "time-out: the socket has all its frames"
ok "time-out: some had been in the ring" test "$(counter "$dev" tx_stopped)" -gt 0
ethtool -X "$dev" default
ok "without the socket all works" traffic udp --flows 16 --packets 20

# --- it is pulled out

for what in pull unbind; do
	ethtool -X "$dev" weight 0 0 1 0
	xsk_start zero-copy
	send_numbered 400 &
	if [ $what = pull ]; then
		ok "pulled out under the socket" pull
		ok "it is gone" wait_for 30 gone
	else
		ok "unbound under the socket" sh -c "echo $pci >/sys/bus/pci/drivers/dpcnic/unbind"
	fi
	wait $!
	exec 6>&-
	wait "$socket"
	is $? 0 "$what: the socket ends"
	is "$(xsk not_returned)" 0 "$what: and has all its frames"
	ok "$what: no page pool is left" wait_for 20 pools_gone
	if [ $what = pull ]; then
		ok "plugged in" push
		ok "it is there" wait_for 60 plugged
	fi
	ok "$what: dpcnic has it" bind_dpcnic
	dev=$(nic_a)
	ip addr add $addr_a4/24 dev "$dev"
	ip addr add $addr_a6/64 dev "$dev" nodad
	ip link set "$dev" up allmulticast on
	ok "$what: link" wait_carrier "$dev" 40
	fixed_neighbours
	ok "$what: then all works" traffic udp --flows 16 --packets 20
done
ok "the module is unloaded" unload_module
done_testing
