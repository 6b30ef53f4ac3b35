#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --append iomem=relaxed
# VLAN tags: stripped by the hardware or left in the packet, they reach the stack, whatever way the
# packet takes; and an XDP program is told of them. Inserted by the hardware or by the stack, they
# reach the peer.
. "${0%/*}/xdp.sh"

tag=8100:a007 # priority 5, VLAN 7
send_tagged() { send_numbered "$1" "vlan_id 7" "vlan_p 5"; } # COUNT
strip() { ethtool -K "$dev" rxvlan "$1" >/dev/null; } # on|off; what else changes is not asked

# Where programs found the tags of the packets that they saw since found() was asked.
found_by_now()
{
	bpftool -j map dump pinned $test_bpf/maps/found | python3 -IS -c '
import json, sys
names = "stripped", "in the packet", "untagged", "wrong"
print(*(f"{name} {count}" for name, entry in zip(names, json.load(sys.stdin))
	if (count := entry["formatted"]["value"])))'
}
found() # and begin anew
{
	local place

	found_by_now
	for place in 0 1 2 3; do
		echo "map update pinned $test_bpf/maps/found key $place 0 0 0 value 0 0 0 0 0 0 0 0"
	done | bpftool batch file - >/dev/null
}

# A network of its own, between the VLAN devices.
vlan_devices()
{
	local i

	ip link add link "$dev" name vlan7 type vlan id 7 egress-qos-map 0:5 &&
		ip -n peer link add link peer0 name vlan7 type vlan id 7 egress-qos-map 0:5 &&
		ip addr add 198.51.100.1/24 dev vlan7 &&
		ip addr add 2001:db8:7::1/64 dev vlan7 nodad &&
		ip link set vlan7 up || return
	for ((i = 2; i <= 17; i++)); do
		printf 'addr add %s dev vlan7 nodad\n' "198.51.100.$i/24" "$(printf 2001:db8:7::%x/64 "$i")"
	done | ip -n peer -batch - || return
	ip -n peer link set vlan7 up
}
vlan_neighbours()
{
	fixed_neighbours
	ip -n peer neigh replace 198.51.100.1 lladdr 02:dc:00:00:00:0a dev vlan7 nud permanent
	for i in 2001:db8:7::1 fe80::dc:ff:fe00:a; do
		ip -n peer neigh replace $i lladdr 02:dc:00:00:00:0a dev vlan7 nud permanent
	done
	for i in 198.51.100.{2..17} $(printf '2001:db8:7::%x ' {2..17}) fe80::dc:ff:fe00:b; do
		printf 'neigh replace %s lladdr 02:dc:00:00:00:0b dev vlan7 nud permanent\n' "$i"
	done | ip -batch -
}

peer "$BASH" -c "$(declare -f quiet_ipv6); quiet_ipv6 default"
start_dpcnic
ok "the test's programs are loaded" load_programs
ok "those that are bound to the device, too" bpftool prog loadall build/cli/vlan.bpf.o \
	$test_bpf/progs pinmaps $test_bpf/maps xdpmeta_dev "$dev"
ok "a VLAN device at both ends" vlan_devices
vlan_neighbours
is "$(ethtool -k "$dev" | grep rx-vlan-offload)" "rx-vlan-offload: on" "tags are stripped, unless told otherwise"
changes=$(carrier_changes)
mark

# --- each way that a packet can take, with tags stripped and not

way() # PROGRAM
{
	local what="stripping $strip, $1"

	attach "$1"
	look_anew
	ok "$what: packets are sent" send_tagged 400
	mark
	nothing_lost "$what"
	accounts "$what"
	contract "$what"
	is "$(found)" "$where 400" "$what: the program finds the tag"
	is "$(grew 'ip\.rx_bytes')" 40000 "$what: it is counted among the bytes"
	detach
}

for strip in on off; do
	[ $strip = on ] && where="stripped" || where="in the packet"
	ok "stripping $strip" strip $strip

	look_anew
	mark
	ok "stripping $strip: packets are sent" frames "$dev" send_tagged 400
	mark
	is "$(</run/frames)" "packets 400 different 400 $tag 400" "stripping $strip: a packet socket sees the tag"
	is "$(seen packets tagged hashed out_of_order)" "400 400 400 0" \
		"stripping $strip: so does tc, and the hardware's hash, in order"
	is "$(grew 'ip\.rx_bytes')" 40000 "stripping $strip: it is counted among the bytes"
	nothing_lost "stripping $strip"
	accounts "stripping $strip"
	contract "stripping $strip"

	way tag_pass
	is "$(seen packets tagged out_of_order)" "400 400 0" \
		"stripping $strip, tag_pass: the tag reaches the stack"
	if [ $strip = on ]; then # off: below, where it goes on and off
		way tag_steer
		is "$(seen packets tagged out_of_order)" "400 400 0" \
			"stripping $strip, tag_steer: the tag reaches the stack"
		is "$(grew 'S\.rx_from_inbox')" 400 "stripping $strip, tag_steer: by inboxes"
	fi
	frames_start peer0
	way tag_back
	frames_stop
	[ $strip = on ] && back=untagged || back=$tag
	is "$(</run/frames)" "packets 400 different 400 $back 400" \
		"stripping $strip, tag_back: what the program saw is sent"

	attach tag_pass
	ok "stripping $strip: packets without tag are sent" send_numbered 200
	settle
	is "$(found)" "untagged 200" "stripping $strip: the program is told that there is none"

	for way in "a program" "no program"; do
		[ "$way" = "a program" ] || detach
		[ $strip = off ] || continue # on: below, where it goes on and off
		what="stripping $strip, $way"
		ok "$what: UDP over IPv6" traffic --vlan udp --family 6 --flows 16 --packets 4
		ok "$what: TCP over IPv4" traffic --vlan tcp --bytes 500000
	done
	ok "stripping $strip: ping" ping -q -c 1 198.51.100.2
	ok "stripping $strip: TCP to the peer" traffic --vlan tcp --bytes 500000 --sender a
	is "$(carrier_changes)" "$changes" "stripping $strip: the link did not change"
done

# --- stripping goes on and off under traffic

toggle() # until killed
{
	while :; do
		strip on || echo "not on"
		strip off || echo "not off"
	done
}
attach tag_steer
found >/dev/null
mark
toggle >/run/toggle 2>&1 &
toggler=$!
both="^stripped [0-9]+ in the packet [0-9]+$" sent=0
while [[ ! $(found_by_now) =~ $both ]] && ((sent < 100000)); do # as fast as ethtool is
	look_anew
	send_tagged 1000
	settle
	sent=$((sent + 1000)) all="1000 1000 0"
	[ "$(seen packets tagged out_of_order)" = "$all" ] || break
done
is "$(seen packets tagged out_of_order)" "$all" "on and off: none missing, none without its tag, none out of order"
look_anew
ok "on and off: UDP" traffic --vlan udp --flows 16 --packets 40
ok "on and off: TCP" traffic --vlan tcp --bytes 1000000
kill $toggler
wait $toggler 2>/dev/null
mark
is "$(</run/toggle)" "" "on and off: it went on and off"
like "$(found)" "$both" "on and off: programs saw both, and nothing else"
is "$(seen packets tagged out_of_order)" "640 640 0" \
	"on and off: nor of these"
nothing_lost "on and off"
accounts "on and off"
contract "on and off"
is "$(carrier_changes)" "$changes" "on and off: the link did not change"
detach

# --- what is sent: the hardware inserts tags, as long as it strips them, or the stack does

inserts() { ethtool -K "$dev" txvlan "$1" >/dev/null; } # on|off
offloads() { ethtool -k "$dev" | sed -n 's/^\([rt]x\)-vlan-offload: /\1 /p' | xargs; }
vme() { echo $(($(registers 0) >> 30 & 1)); } # CTRL.VME

# pktgen here, from a VLAN device to nobody behind the peer; no more than one of its rings holds.
send_from() # DEVICE COUNT [LINE...]
{
	local line

	modprobe pktgen
	for line in rem_device_all "add_device $1@0"; do
		echo "$line" >/proc/net/pktgen/kpktgend_0 || return
	done
	for line in "dst_mac 02:dc:00:00:00:0b" "dst 198.51.100.200" "src_min 198.51.100.20" \
		    "src_max 198.51.100.35" "udp_dst_min 9" "udp_dst_max 9" "pkt_size 100" "delay 40000" \
		    "count $2" "${@:3}"; do
		echo "$line" >"/proc/net/pktgen/$1@0" || return
	done
	echo start >/proc/net/pktgen/pgctrl
}

# How packets come to the driver, says the kernel: with a tag beside them ("1 TCI COUNT") or without
# ("0 0 COUNT").
start_xmit=/sys/kernel/tracing/events/net/net_dev_start_xmit
handing="hist:keys=vlan_tagged,vlan_tci if name == \"$dev\""
handed_anew()
{
	echo "!$handing" >$start_xmit/trigger 2>/dev/null # no such yet
	echo "$handing" >$start_xmit/trigger
}
handed()
{
	sed -nE 's/^\{ vlan_tagged: +([01]), vlan_tci: +([0-9]+) .*hitcount: +([0-9]+).*/\1 \2 \3/p' \
		$start_xmit/hist | sort | xargs
}

# What goes out is the same, whoever inserts the tag.
goes_out() # WHAT HOW
{
	handed_anew
	mark
	ok "$1: packets are sent" frames peer0 send_from vlan7 200
	mark
	is "$(</run/frames)" "packets 200 different 200 $tag 200" "$1: the peer gets all, with their tag"
	is "$(handed)" "$2 200" "$1: they came to the driver so"
	is "$(grew 'ip\.tx_bytes') $(grew 'mac\.OctetsTransmittedOK') $(grew 'peer\.rx_bytes')" \
		"20800 21600 21600" "$1: the tag is counted among the bytes: here, by the hardware, by the peer's"
	accounts "$1"
	nothing_lost "$1"
	contract "$1"
}
right() # WHAT NAME COMMAND...
{
	mark
	ok "$1, $2: arrives" sent traffic --vlan "${@:3}"
	settle
	mark
	is "$(cut -d ' ' -f -3 /run/sent | xargs)" "$tag $2 right" "$1, $2: every packet has its tag, and is right"
	ok "$1, $2: the hardware made their checksums" [ "$(grew 'q\.tx[0-9]+_needs_csum')" -gt 0 ]
	[[ $2 != tcp* ]] || ok "$1, $2: and segments" \
		[ "$(grew 'q\.tx[0-9]+_hw_gso_wire_packets')" -gt "$(grew 'q\.tx[0-9]+_hw_gso_packets')" ]
}

vlan_neighbours
peer ethtool -K peer0 rx off gro off rxvlan off # the packet as it is
for who in hardware "stack, stripping on" "stack, stripping off"; do
	what="inserted by the $who"
	case $who in
	hardware)
		ok "$what" strip on
		is "$(offloads) $(vme)" "rx on tx on 1" "$what: unless told otherwise"
		how="1 $((0x${tag#*:}))" least=14 ;;
	*on)
		ok "$what" inserts off
		is "$(offloads) $(vme)" "rx on tx off 1" "$what: that is no matter of stripping"
		how="0 0" least=18 ;;
	*off)
		inserts on
		ok "$what" strip off
		is "$(offloads) $(vme)" "rx off tx off [requested on] 0" "$what: the hardware does both or neither" ;;
	esac

	goes_out "$what" "$how"
	right "$what" udp4 udp --sender a
	# With a tag in the packet all headers are further behind; where it is stripped, or not, is no matter.
	[ "$who" = "stack, stripping on" ] || right "$what" tcp6 tcp --sender a --bytes 100000 --family 6
	[ "$who" != hardware ] || right "$what" udp6 udp --sender a --family 6
	[ "$who" != hardware ] || right "$what" tcp4 tcp --sender a --bytes 100000
	is "$(tool offloads short vlan7 "$tag" "$least" 80 2>&1)" "as sent" "$what: short frames, too"
done
is "$(strip on; offloads) $(vme)" "rx on tx on 1" "inserting comes back with stripping"

# two tags: the outer one is the hardware's if it is 802.1Q's
ip link add link vlan7 name inner type vlan id 8
ip link add link "$dev" name outer type vlan proto 802.1ad id 9
ip link add link outer name outer7 type vlan id 7
for i in inner outer outer7; do ip link set $i up; done
two_tags() # WHAT DEVICE TAGS HOW
{
	handed_anew
	ok "$1: packets are sent" frames peer0 send_from "$2" 200
	is "$(</run/frames)" "packets 200 different 200 $3 200" "$1: the peer gets both tags"
	is "$(handed)" "$4 200" "$1: they came to the driver so"
}
two_tags "802.1Q in 802.1Q" inner "$tag/8100:0008" "1 $((0x${tag#*:}))"
two_tags "802.1Q in 802.1ad" outer7 "88a8:0009/8100:0007" "0 0"
ip link del inner
ip link del outer

# stripping and inserting go on and off under traffic
handed_anew
toggle >/run/toggle 2>&1 &
toggler=$!
both="^0 0 [0-9]+ 1 $((0x${tag#*:})) [0-9]+$" sent=0
mark
while [[ ! $(handed) =~ $both ]] && ((sent < 100000)); do
	frames peer0 send_from vlan7 200
	sent=$((sent + 200))
	[ "$(</run/frames)" = "packets 200 different 200 $tag 200" ] || break
done
is "$(</run/frames)" "packets 200 different 200 $tag 200" "on and off: the peer gets all, with their tag"
like "$(handed)" "$both" "on and off: by the hardware, and by the stack"
for name in "udp4 udp" "tcp4 tcp --bytes 200000"; do
	read -r name command <<<"$name"
	# shellcheck disable=SC2086 # several words
	ok "on and off: $name arrives" sent traffic --vlan $command --sender a
	is "$(cut -d ' ' -f -3 /run/sent | xargs)" "$tag $name right" "on and off: $name, too"
done
kill $toggler
wait $toggler 2>/dev/null
mark
is "$(</run/toggle)" "" "on and off: it went on and off"
# (QEMU counts one frame for a packet that it makes segments of.)
is "$(grew 'peer\.rx_packets')" "$(grew 'ip\.tx_packets')" "V1 inserting on and off: what was sent the peer received"
segments=$(($(grew 'q\.tx[0-9]+_hw_gso_wire_packets') - $(grew 'q\.tx[0-9]+_hw_gso_packets')))
is "$(($(grew 'mac\.FramesTransmittedOK') + segments))" "$(grew 'ip\.tx_packets')" \
	"V1 inserting on and off: what was sent the hardware sent"
is "$(grew 'mac\.FramesReceivedOK')" "$(grew 'peer\.tx_packets')" \
	"V1 inserting on and off: what the peer sent was received"
accounts "inserting on and off"
contract "inserting on and off"
is "$(carrier_changes)" "$changes" "inserting on and off: the link did not change"

# what waits for its tag, and cannot be sent, must not be sent later without one
strip on
mark
mmio 0x400 $(($(mmio 0x400) & ~2)) # TCTL.EN
ping -q -c 3 -i 0.01 -W 0.1 198.51.100.2 >/dev/null
ok "the transmitter is off: stripping off" strip off
like "$(dmesg)" "packets that wait for a VLAN tag cannot be sent; resetting" "the transmitter is off: that took a reset"
is "$(offloads) $(vme)" "rx off tx off [requested on] 0" "the transmitter is off: stripping is off"
ok "the transmitter is on: link" wait_carrier "$dev" 20
mark
is "$(grew 'S\.tx_stopped')" 3 "the transmitter is on: they were dropped"
vlan_neighbours
ok "the transmitter is on: ping" ping -q -c 1 198.51.100.2
changes=$(carrier_changes)
peer ethtool -K peer0 rx on gro on rxvlan on

# --- packets of several pages, whose last descriptor has the tag

ok "MTU 9000" ip link set "$dev" mtu 9000
ip link set vlan7 mtu 9000
peer_mtu 9000
ip -n peer link set vlan7 mtu 9000
for strip in on off; do
	strip $strip
	for program in "" tag_steer; do
		[ -z "$program" ] || attach "$program"
		ok "stripping $strip, ${program:-no program}: large packets" \
			traffic --vlan sizes --step 4 3016-3040 8960-8972
	done
	detach
	ok "stripping $strip: large packets to the peer" traffic --vlan tcp --bytes 500000 --sender a
done

# --- what was set holds when the device is set up anew

changed() # HOW WHERE
{
	attach tag_pass
	vlan_neighbours
	found >/dev/null
	ok "$1: packets are sent" send_tagged 100
	settle
	is "$(found)" "$2 100" "$1: $2"
	detach
}
ip link set "$dev" mtu 1500
ip link set "$dev" down
ok "stripping on, while down" strip on
ip link set "$dev" up
wait_carrier "$dev"
changed "on while down" stripped
handed_anew
is "$(vme) $(ping -q -c 1 198.51.100.2 >/dev/null; settle; handed)" "1 1 $((0x${tag#*:})) 1" \
	"on while down: and inserted"
strip off
ok "2 queues" ethtool -L "$dev" combined 2
wait_carrier "$dev"
changed "off, then other queues" "in the packet"

unload_programs
ip link del vlan7
ok "the module is unloaded" unload_module
done_testing
