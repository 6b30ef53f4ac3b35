#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 300
# What a host builds on a network device: IPv6's multicast, a bridge, a bond that loses its cable,
# a console by netpoll.
. "${0%/*}/common.sh"

start_dpcnic
ip link set "$dev" allmulticast off
flags() { echo $(($(<"/sys/class/net/$dev/flags") & 0x$1)); } # HEX

# --- IPv6: neighbours are found by multicast, through the device's filter

ip -6 neigh flush dev "$dev"
ip -n peer -6 neigh flush dev peer0
is "$(flags 200)" 0 "not all multicast is received"
ok "IPv6: the peer finds it" peer ping -q -c 2 -W 5 $addr_a6
ok "IPv6: it finds the peer" ping -q -c 2 -W 5 $addr_b6
ok "IPv6: it answers to all nodes" peer ping -q -c 2 -W 5 ff02::1%peer0

# --- a bridge

ip addr flush dev "$dev" scope global
ok "a bridge" ip link add br0 type bridge
ok "with the device in it" ip link set "$dev" master br0
ip addr add $addr_a4/24 dev br0
ok "is up" ip link set br0 up
wait_for 20 peer ping -q -c 1 -W 1 $addr_a4 >/dev/null
ok "bridge: the peer reaches it" peer ping -q -c 3 -i 0.2 $addr_a4
# A port that is somebody else's to the device: what is sent to it gets through, too.
ip link add veth0 type veth peer name veth1
ip netns add behind
ip link set veth1 netns behind
ip link set veth0 master br0 up
ip -n behind addr add 192.0.2.50/24 dev veth1
ip -n behind link set veth1 up
wait_for 20 peer ping -q -c 1 -W 1 192.0.2.50 >/dev/null
ok "bridge: the peer reaches who is behind it" peer ping -q -c 3 -i 0.2 192.0.2.50
ok "the bridge is gone" ip link del br0
ip netns del behind

# --- a bond

modprobe bonding max_bonds=0
ip link set "$dev" down
ok "a bond" ip link add bond0 type bond mode active-backup miimon 100
ip link add other type dummy
ok "of the device" ip link set "$dev" master bond0
ip link set other master bond0
ok "which is preferred" ip link set bond0 type bond primary "$dev"
ip addr add $addr_a4/24 dev bond0
ok "is up" ip link set bond0 up
active() { [ "$(</sys/class/net/bond0/bonding/active_slave)" = "$1" ]; }
ok "bond: the device is active" wait_for 30 active "$dev"
ip -n peer neigh flush dev peer0
ok "bond: the peer reaches it" peer ping -q -c 3 -i 0.2 -W 5 $addr_a4
for round in 1 2; do
	cable nic-a down
	ok "bond: round $round: without its cable the other is" wait_for 30 active other
	cable nic-a up
	ok "bond: round $round: with it the device is" wait_for 30 active "$dev"
	ok "bond: round $round: the peer reaches it" peer ping -q -c 3 -i 0.2 -W 5 $addr_a4
done
ok "the bond is gone" ip link del bond0
ip link del other

# --- netconsole: the kernel's log by netpoll, which polls DPCs that nobody queued (I4)

ip link set "$dev" up
ip addr add $addr_a4/24 dev "$dev"
ok "link" wait_carrier "$dev" 20
fixed_neighbours
mark
peer timeout 200 python3 -c '
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("192.0.2.2", 6666))
print("listening", flush=True)
while True:
    print(sock.recv(2000).decode(), end="", flush=True)' >/run/netconsole &
listener=$!
ok "the peer listens" wait_for 30 grep -q listening /run/netconsole
ok "netconsole" modprobe netconsole "netconsole=6665@$addr_a4/$dev,6666@$addr_b4/02:dc:00:00:00:0b"
for ((i = 1; i <= 600; i++)); do echo "<1>line $i of 600" >/dev/kmsg; done
ok "netconsole: the last line arrives" wait_for 60 grep -q 'line 600 of 600' /run/netconsole
ok "netconsole: most do" test "$(grep -c 'line .* of 600' /run/netconsole)" -gt 500
kill $listener
ok "netconsole is unloaded" modprobe -r netconsole
ok "and nothing is lost" traffic udp --flows 16 --packets 50
mark
contract "netconsole"
is "$(unclaimed)" "" "I1 every interrupt was claimed"
# The machine is switched off with the device up, for once; the lab looks at what the kernel says.
done_testing
