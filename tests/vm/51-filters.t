#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 400
# Whose packets are received: unicast and multicast filters, promiscuous mode,
# another MAC address; and the cable pulled.
. "${0%/*}/common.sh"

start_dpcnic
ip link set "$dev" allmulticast off

# How many of five packets to a MAC address the hardware received. (QEMU's has
# them, or not, by the time they are sent.)
frames() { ethtool -S "$dev" --groups eth-mac | sed -n 's/^eth-mac-FramesReceivedOK: //p'; }
received_by() # MAC
{
	local before

	ip -n peer neigh replace 192.0.2.99 lladdr "$1" dev peer0 nud permanent
	before=$(frames)
	peer ping -q -c 5 -i 0.01 -W 0.1 192.0.2.99 >/dev/null
	echo $(($(frames) - before))
}
# QEMU's multicast hash, over the last two bytes, lets unicast through, too: no joined group ends
# in 77:0x.
fixed_neighbours

is "$(received_by 02:dc:00:00:00:0a)" 5 "its own address is received"
is "$(received_by 02:de:ad:00:77:01)" 0 "another is not"
ip link set "$dev" promisc on
is "$(received_by 02:de:ad:00:77:01)" 5 "promiscuous: another is, too"
ip link set "$dev" promisc off
is "$(received_by 02:de:ad:00:77:01)" 0 "and not any more"

# --- further unicast addresses

modprobe macvlan
ok "a macvlan" ip link add mv0 link "$dev" address 02:de:ad:00:77:02 type macvlan mode bridge
ok "is up" ip link set mv0 up
is "$(cat "/sys/class/net/$dev/flags")" 0x1003 "it needs no promiscuous mode"
is "$(received_by 02:de:ad:00:77:02)" 5 "its address is received"
is "$(received_by 02:de:ad:00:77:01)" 0 "others are not"
ok "it is gone" ip link del mv0
is "$(received_by 02:de:ad:00:77:02)" 0 "and so is its address"

# more than the device has filters for
for i in {1..40}; do
	ip link add "mv$i" link "$dev" address "$(printf 02:de:ad:00:78:%02x "$i")" type macvlan mode bridge
	ip link set "mv$i" up
done
is "$(received_by 02:de:ad:00:78:01)" 5 "40 macvlans: the first address is received"
is "$(received_by 02:de:ad:00:78:28)" 5 "40 macvlans: the last, too"
for i in {1..40}; do ip link del "mv$i"; done
is "$(received_by 02:de:ad:00:78:28)" 0 "and then not any more"

# --- multicast

ok "a group that was joined" traffic multicast
is "$(received_by 01:00:5e:01:02:03)" 0 "and left: is not received"
ip link set "$dev" allmulticast on
is "$(received_by 01:00:5e:01:02:03)" 5 "allmulticast: any group"
ip link set "$dev" allmulticast off

# --- another MAC address

ok "another MAC address" ip link set "$dev" address 02:de:ad:00:77:03
is "$(received_by 02:de:ad:00:77:03)" 5 "it is received"
ok "and another" ip link set "$dev" address 02:de:ad:00:77:04
is "$(received_by 02:de:ad:00:77:04)" 5 "it is received"
is "$(received_by 02:de:ad:00:77:03)" 0 "the old one is not"
ip link set "$dev" down
ip link set "$dev" up
ok "link" wait_carrier "$dev" 20
is "$(received_by 02:de:ad:00:77:04)" 5 "it is received after down and up"
is "$(received_by 02:de:ad:00:77:03)" 0 "the old one is not after down and up"
ok "not a multicast address" sh -c "! ip link set $dev address 01:de:ad:00:00:03"
ok "back to the first" ip link set "$dev" address 02:dc:00:00:00:0a

# --- the cable

for round in 1 2; do
	ok "round $round: the cable is pulled" cable nic-a down
	ok "round $round: no carrier" wait_for 20 sh -c "! grep -q 1 /sys/class/net/$dev/carrier"
	like "$(ethtool "$dev")" 'Speed: Unknown' "round $round: no speed"
	ok "round $round: the cable is plugged in" cable nic-a up
	ok "round $round: carrier" wait_carrier "$dev" 20
	ok "round $round: the peer's carrier" wait_carrier peer0 20
	ok "round $round: nothing is lost" traffic udp --packets 50
done
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
