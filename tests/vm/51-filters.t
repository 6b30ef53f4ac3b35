#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
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

# --- VLANs: ten packets with a tag, how many of which the hardware received

tagged_received() # VID
{
	local before

	before=$(frames)
	"$vm/offloads.py" tagged "$1" 10
	echo $(($(frames) - before))
}
vlan_filter() { ethtool -K "$dev" rx-vlan-filter "$1"; } # on|off

is "$(tagged_received 7)" 10 "VLANs: without the filter any is received"
ok "VLANs: the filter" vlan_filter on
is "$(tagged_received 7)" 0 "VLANs: with it none is that has no device"
is "$(tagged_received 0)" 10 "VLANs: what has a priority only is received"
is "$(received_by 02:dc:00:00:00:0a)" 5 "VLANs: and so is what has no tag"
for vid in 7 2000 4094; do ip link add link "$dev" name "vlan$vid" type vlan id $vid; done
for vid in 7 2000 4094; do is "$(tagged_received $vid)" 10 "VLANs: $vid has a device, and is received"; done
for vid in 6 8 39 4093; do is "$(tagged_received $vid)" 0 "VLANs: $vid has none, and is not"; done
ip link set "$dev" promisc on
is "$(tagged_received 8)" 10 "VLANs: promiscuous: any is received"
ip link set "$dev" promisc off
is "$(tagged_received 8)" 0 "VLANs: and not any more"
ip link set "$dev" mtu 1400
ip link del vlan2000
is "$(tagged_received 2000)" 0 "VLANs: a device goes, and so does its filter"
is "$(tagged_received 4094)" 10 "VLANs: others stay"
ok "VLANs: filter off" vlan_filter off
is "$(tagged_received 8)" 10 "VLANs: filter off: any is received"
ip link set "$dev" down
ip link add link "$dev" name vlan9 type vlan id 9
ok "VLANs: filter on while down" vlan_filter on
ip link set "$dev" mtu 1500 up
ok "VLANs: link" wait_carrier "$dev" 20
is "$(tagged_received 9) $(tagged_received 4094) $(tagged_received 8)" "10 10 0" \
	"VLANs: filters hold when the device is set up anew"
for vid in 7 9 4094; do ip link del "vlan$vid"; done
is "$(tagged_received 9)" 0 "VLANs: the last device is gone"
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
