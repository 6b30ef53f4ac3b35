# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The part of 91-steer.t that 92 leaves out: what goes along with a packet, what cannot be steered,
# and an inbox that is full.
: "${dev:?}" "${test_bpf:?}"

# --- what cannot be mapped to a CPU stays where it came (R3)

stays() # WHY CPU
{
	look_anew
	steer_flows "$2"
	ok "$1: packets are sent" send_numbered 200
	is "$(seen packets out_of_order)" "200 0" "R3 $1: all arrived, in order"
}
stays "no such CPU" 200
echo 0 >/sys/devices/system/cpu/cpu3/online
stays "offline CPU" 3
stays "no CPU" 255
mark
is "$(grew 'S\.rx_steered')" 0 "R3 none was steered"
is "$(bpftool -j map dump pinned "$test_bpf/maps/returned" | python3 -c 'import json, sys
for entry in json.load(sys.stdin):
    count = sum(value["value"] for value in entry["formatted"]["values"])
    if count: print(entry["formatted"]["key"], end=" ")')" "0 22 100 " \
	"R3 the program is told: no such CPU, CPU offline"
accounts "R3"
contract "R3"
echo 1 >/sys/devices/system/cpu/cpu3/online

# --- metadata and hash go along

look_anew
replace metadata
ok "metadata: packets are sent" send_numbered 400
is "$(seen packets with_metadata hashed) $(seen cpus | cut -d ' ' -f 2- | sort -u)" \
	"400 400 400 1" "metadata goes with the packet to the other CPU, and so does the hash"
detach

# --- without GRO nothing goes through it

ethtool -K "$dev" gro off
gro=/sys/kernel/tracing/events/net/napi_gro_receive_entry
echo 'hist:keys=name' >$gro/trigger
look_anew
steer_flows 1 2 3
attach steer
mark
ok "without GRO: packets are sent" send_numbered 400
mark
is "$(seen packets out_of_order hashed)" "400 0 400" \
	"without GRO: all arrived, in order, with the hash"
is "$(awk -v dev="$dev" '$3 == dev && $1 == "{" { print $NF }' $gro/hist)" \
	"$(($(grew 'mac\.FramesReceivedOK') - $(grew 'S\.rx_steered')))" \
	"without GRO: what was steered did not go through it"
accounts "without GRO"
detach
echo '!hist:keys=name' >$gro/trigger
ethtool -K "$dev" gro on

# --- frames of several pages

ip link set "$dev" mtu 9000
peer_mtu 9000
look_anew
steer_flows 1 2
attach steer
ok "large frames are sent" send_numbered 400 "pkt_size 8000"
mark
is "$(seen packets out_of_order)" "400 0" "frames of several pages arrive, in order"
accounts "large frames"
detach
ip link set "$dev" mtu 1500
peer_mtu 1500

# --- TCP, UDP and their checksums, with busy polling, which may queue no DPC

attach steer
for family in 4 6; do
	ok "UDP over IPv$family" traffic udp --family $family --flows 16 --packets 50
	ok "TCP over IPv$family" traffic tcp --family $family --bytes 2000000
done
ok "UDP, busy polling" traffic udp --busy-poll 100 --packets 100
detach

# --- an inbox that is full: CPU 1 has no time to empty it

look_anew
steer_flows 1
mark
attach steer
ok "pktgen at full speed" send_numbered 20000 "delay 0"
mark
accounts "full speed"
contract "full speed"
is "$(grew 'S\.rx_steered')" "$(grew 'S\.rx_from_inbox')" "V1 full speed: in = out"
is "$(seen out_of_order)" 0 "full speed: in order"
