#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --qemu -netdev --qemu hubport,id=net-c,hubid=0 --device pcie-root-port,id=port-c,chassis=12,addr=12 --device igb,id=nic-c,bus=port-c,netdev=net-c,mac=02:dc:00:00:00:0c
# What a host does with its NICs: bonding with failover, VLANs over it, a bridge, macvlans that come
# and go, IPv6 groups, netconsole. A third NIC is on the cable, and dpcnic's, too.
. "${0%/*}/common.sh"

pci_c=$(behind 0000:00:12.0)
mac_a=02:dc:00:00:00:0a
echo dpcnic >"/sys/bus/pci/devices/$pci_c/driver_override"
echo "$pci_c" >/sys/bus/pci/drivers/igb/unbind
start_dpcnic
fixed_neighbours
ip link set "$dev" allmulticast off
ok "filters for VLANs" ethtool -K "$dev" rx-vlan-filter on
dev_c=$(ls "/sys/bus/pci/devices/$pci_c/net")
# What comes on top of them says nothing on its own account.
sysctl -q net.ipv6.conf.default.disable_ipv6=1
peer sysctl -q net.ipv6.conf.default.disable_ipv6=1

# The hardware's own count, and whether its filters let all through.
frames() { ethtool -S "$1" --groups eth-mac | sed -n 's/^eth-mac-FramesReceivedOK: //p'; }
promiscuous() { [ $(($(registers 0x100) & 0x8)) != 0 ]; }
# All are answered, each once.
pings() # ADDRESS
{
	local said

	said=$(peer ping -c 50 -i 0.01 -W 1 "$1")
	echo "$said"
	grep -q ' 50 received' <<<"$said" && ! grep -qE 'DUP|duplicates' <<<"$said"
}
# Whom the peer takes for the owner of an address.
neighbour() { ip -n peer neigh replace "$1" lladdr "$2" dev "${3:-peer0}" nud permanent; } # ADDRESS MAC [DEVICE]

# --- bonding: one of two NICs works, both hear

active_is() { grep -q "^Currently Active Slave: $1$" /proc/net/bonding/bond0; }
vlans() { registers 0x5600 1 "$1"; } # PCI-DEVICE: the first 32
own_address() { registers 0x5400 2 "$1" | xargs; }
without_link() { cat "/sys/class/net/$dev/carrier_down_count"; }

modprobe bonding max_bonds=0
ip addr flush dev "$dev"
for i in "$dev" "$dev_c"; do ip link set "$i" down; done
ok "a bond" ip link add bond0 type bond mode active-backup miimon 50
ok "of both NICs" sh -c "ip link set $dev master bond0 && ip link set $dev_c master bond0"
ip link set bond0 type bond primary "$dev"
ip addr add $addr_a4/24 dev bond0
ip link set bond0 up
ip neigh replace $addr_b4 lladdr 02:dc:00:00:00:0b dev bond0 nud permanent
ok "NIC A is active" wait_for 30 active_is "$dev"
ok "NIC C has a link" wait_carrier "$dev_c" 20
is "$(own_address "$pci_c")" "$(own_address "$(nic_a_pci)")" "both receive by one address"
ip link add link bond0 name bond0.7 type vlan id 7
ip addr add 198.51.100.1/24 dev bond0.7
ip link set bond0.7 up
ip neigh replace 198.51.100.2 lladdr 02:dc:00:00:00:0b dev bond0.7 nud permanent
ip -n peer link add link peer0 name peer0.7 type vlan id 7
ip -n peer addr add 198.51.100.2/24 dev peer0.7
ip -n peer link set peer0.7 up
neighbour 198.51.100.1 $mac_a peer0.7
is "$(vlans "$(nic_a_pci)") $(vlans "$pci_c")" "0x00000081 0x00000081" "a VLAN over it: both have its filter"
ok "pings" pings $addr_a4
ok "pings by the VLAN" pings 198.51.100.1
before_all=$(without_link)
for round in 1 2; do
	ok "round $round: the cable of A is pulled" cable nic-a down
	ok "round $round: C takes over" wait_for 20 active_is "$dev_c"
	before=$(frames "$dev_c")
	ok "round $round: pings" pings $addr_a4
	ok "round $round: pings by the VLAN" pings 198.51.100.1
	is "$(($(frames "$dev_c") - before))" 100 "round $round: all came by C"
	ok "round $round: the cable is plugged in" cable nic-a up
	ok "round $round: A is active again" wait_for 20 active_is "$dev"
	ok "round $round: pings" pings $addr_a4
done
is "$(($(without_link) - before_all))" 2 "A was without a link twice"
ip link del bond0
is "$(own_address "$pci_c")" "0x0000dc02 0x80000c00" "each has its own address again"
is "$(vlans "$pci_c")" "0x00000001" "and no VLAN's filter"
ip link set "$dev_c" down

# --- a bridge, to a network name space behind it

ip netns add guest
ip link add br0 type bridge mcast_snooping 0
ip link add veth0 type veth peer name eth0 address 02:de:ad:00:77:05 netns guest
ip -n guest addr add 192.0.2.77/24 dev eth0
ip -n guest link set eth0 up
ip -n guest neigh replace $addr_b4 lladdr 02:dc:00:00:00:0b dev eth0 nud permanent
neighbour 192.0.2.77 02:de:ad:00:77:05
ip link set "$dev" up
ok "link" wait_carrier "$dev" 20
ok "not promiscuous" eval ! promiscuous
for i in "$dev" veth0; do ip link set "$i" master br0; done
ip link set veth0 up
ip link set br0 up
ok "a bridge: promiscuous" promiscuous
ok "a bridge: pings through it" pings 192.0.2.77
ip link del br0
ok "no bridge: not promiscuous" eval ! promiscuous
before=$(frames "$dev")
! pings 192.0.2.77 >/run/said; is $? 0 "no bridge: no pings"
is "$(($(frames "$dev") - before))" 0 "no bridge: nor does the hardware receive them"

# --- macvlans: others come and go, and this one loses nothing

filters() { registers 0x5408 30 | paste -d ' ' - - | grep -v ' 0x00000000$'; }
modprobe macvlan
ip link add mv0 link "$dev" address 02:de:ad:00:77:06 type macvlan mode private
ip addr add $addr_a4/24 dev mv0
ip link set mv0 up
neighbour $addr_a4 02:de:ad:00:77:06
is "$(filters)" "0x00adde02 0x80000677" "a macvlan has a filter"
come_and_go()
{
	local i

	for i in {1..20}; do
		ip link add mv1 link "$dev" address "$(printf 02:de:ad:00:78:%02x "$i")" type macvlan mode private &&
			ip link set mv1 up && ip link del mv1 || return
	done
}
traffic udp --flows 16 --until /run/enough >/run/sent 2>&1 &
sender=$!
ok "20 others come and go" come_and_go
touch /run/enough
wait $sender; is "$?" 0 "and nothing is lost of $(cat /run/sent) packets"
is "$(filters)" "0x00adde02 0x80000677" "its filter is the only one"
ip link add link mv0 name mv0.9 type vlan id 9
is "$(vlans "$(nic_a_pci)")" "0x00000201" "a VLAN over it has a filter"
ip link del mv0
is "$(filters) $(vlans "$(nic_a_pci)")" " 0x00000001" "gone: so are filters"

# --- IPv6 groups: what the kernel has joined is what the hardware lets through

# A bit of 4096 by the last two bytes of an address; the table is 128 words.
joined()
{
	awk -v dev="$dev" '$2 == dev { print $5 }' /proc/net/dev_mcast |
		sed 's/.*\(..\)\(..\)$/0x\2\1/' | while read -r bytes; do echo $((bytes >> 4)); done | sort -nu
}
received_groups()
{
	local word bit i=0

	for word in $(registers 0x5200 128); do
		for ((bit = 0; word >> bit; bit++)); do
			! ((word >> bit & 1)) || echo $((32 * i + bit))
		done
		i=$((i + 1))
	done
}
ip addr add $addr_a4/24 dev "$dev"
ip addr add $addr_a6/64 dev "$dev" nodad
fixed_neighbours
peer tcpdump -q -n -i peer0 -c 1 'ip6[6] = 0 and ip6[40] = 58 and ip6[48] = 143' >/run/mld 2>&1 &
announced=$!
wait_for 20 grep -q 'listening on' /run/mld
for i in {1..40}; do echo "addr add ff15::7:$i/128 dev $dev autojoin"; done | ip -batch -
wait $announced; is "$?" 0 "40 groups are joined, and announced"
is "$(received_groups)" "$(joined)" "the hardware's table is of those, exactly"
# How many of five packets to one of them the hardware received.
received_by_group()
{
	local before

	before=$(frames "$dev")
	peer ping -q -c 5 -i 0.01 -W 0.1 -I peer0 ff15::7:27 >/run/said
	echo $(($(frames "$dev") - before))
}
is "$(received_by_group)" 5 "a group's packets are received"
for i in {1..39}; do echo "addr del ff15::7:$i/128 dev $dev"; done | ip -batch -
is "$(received_groups)" "$(joined)" "39 are left: exactly, too"
is "$(received_by_group)" 0 "those of one that was left are not"

# --- netconsole, under load

sink='import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 6666))
while True:
    sys.stdout.buffer.write(s.recv(2000))
    sys.stdout.flush()'
ip netns exec peer python3 -c "$sink" >/run/lines &
sinks=$!
say() { for i in {1..100}; do echo "<1>line $i of the test" >/dev/kmsg; done; }
heard() { [ "$(grep -c "line [0-9]* of the test" /run/lines)" = 100 ]; }
ok "netconsole" modprobe netconsole netconsole="6665@$addr_a4/$dev,6666@$addr_b4/02:dc:00:00:00:0b"
ok "pktgen is set up" pktgen_setup 0 "count 0" "pkt_size 60" "${many_flows[@]}"
# Who is flooded is to have room for them.
peer ethtool -G peer0 rx 4096
ok "the peer has a link" wait_carrier peer0
settle
mark
load_start pktgen
say
ok "100 lines under load: all arrive" wait_for 60 heard
load_stop
kill $sinks
mark
contract "netconsole"
accounts "netconsole"
rmmod netconsole
ok "and nothing is lost" traffic udp --flows 16 --packets 20
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
