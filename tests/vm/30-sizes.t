#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets of every size, both ways, compared byte by byte.
. "${0%/*}/common.sh"

start_dpcnic
mark
ok "ping, IPv4" ping -c 3 -i 0.2 -W 5 -s 1472 -M "do" $addr_b4
ok "ping, IPv6" peer ping -c 3 -i 0.2 -W 5 -s 1452 $addr_a6
is "$(traffic sizes 0-1472)" 1473 "UDP over IPv4: every size up to the MTU"
is "$(traffic sizes --family 6 --step 7 0-1452)" 208 "UDP over IPv6: sizes up to the MTU"
mark
nothing_lost "sizes"
accounts "sizes"

# --- MTU, under traffic that fits any

changes=$(cat "/sys/class/net/$dev/carrier_changes")
traffic udp --flows 16 --packets 1000 >/run/udp 2>&1 &
udp=$!
count=0
while kill -0 $udp 2>/dev/null; do
	ip link set "$dev" mtu 4000 && ip link set "$dev" mtu 1500 && count=$((count + 2))
done
wait $udp; is "$?$(</run/udp)" 0 "every packet arrived"
ok "while the MTU was changed" test $count -gt 2
is "$(cat "/sys/class/net/$dev/carrier_changes")" "$changes" "the link stayed up"
mark
nothing_lost "MTU changes"
accounts "MTU changes"
contract "MTU changes"
interrupts_agree "MTU changes"

# --- jumbo frames between igb and dpcnic. A buffer holds 3072 bytes: around each
# border a packet takes one more (14 + 20 + 8 bytes of headers).

ok "MTU 9000" ip link set "$dev" mtu 9000
peer_mtu 9000
mark
ok "jumbo: around each border" traffic sizes 1473-1480 3020-3036 6092-6108 8968-8972
ok "jumbo: sizes in between" traffic sizes --step 97 0-8972
ok "jumbo: TCP from the peer" traffic tcp
ok "jumbo: TCP to the peer" traffic tcp --sender a
mark
accounts "jumbo"
contract "jumbo"
interrupts_agree "jumbo"

# --- what is too long is dropped by the hardware, not cut. (QEMU counts it nowhere: ROC stays 0.)

ok "MTU 1500 here, 9000 there" ip link set "$dev" mtu 1500
fixed_neighbours
mark
ok "a frame of 8042 bytes is not answered" sh -c "! ip netns exec peer ping -c 1 -W 1 -s 8000 $addr_a4"
mark
is "$(grew 'peer\.tx_packets')" 1 "it was sent"
is "$(grew 'ip\.rx_packets')" 0 "it was not received"

# --- the largest frames: two dpcnic devices, as igb goes to 9216 only

ok "NIC B is handed to dpcnic, too" bind_nic "$(nic_b_pci)" dpcnic
peer_dev=$(ls "/sys/bus/pci/devices/$(nic_b_pci)/net")
ip link set "$peer_dev" netns peer name peer0
ok "MTU 9702" ip link set "$dev" mtu 9702
ok "MTU 9702 there" ip -n peer link set peer0 mtu 9702
ip -n peer addr add $addr_b4/24 dev peer0
ip -n peer link set peer0 up
ok "link" wait_carrier peer0 20
ok "sizes up to the largest" traffic sizes 0-3 1470-1474 3020-3036 6092-6108 9164-9180 9660-9674
ok "TCP from the peer" traffic tcp
ok "TCP to the peer" traffic tcp --sender a
ok "no larger MTU" sh -c "! ip link set $dev mtu 9703"
ok "the module is unloaded from both" unload_module
done_testing
