#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the hardware does for the stack: hash by chosen fields, checksums both ways, segmentation,
# and on request broken packets and the CRC.
. "${0%/*}/common.sh"

start_dpcnic
fixed_neighbours
modprobe sctp
sysctl -q "net.ipv6.conf.$dev.keep_addr_on_down=1"

# --- hash fields: what ethtool is told is what the hardware does

fields() { tool offloads fields "$dev" "$@"; } # [FLOW_TYPE=FIELDS...]
by_queues() # FAMILY PROTOCOL WHEN
{
	local expected

	mark
	expected=$(tool rss "$dev" "$1" "$2" 200)
	settle
	mark
	is "$(for q in 0 1 2 3; do grew "q\.rx${q}_packets"; done | xargs)" "$expected" \
		"R1 $3: $2 over IPv$1 comes by the queues its hash says"
}
default="tcp4=sdfn udp4=sdfn sctp4=sd ah4=sd tcp6=sdfn udp6=sdfn sctp6=sd ah6=sd "
other="tcp4=sd udp4=sdfn sctp4=sd ah4=sd tcp6=sdfn udp6=sd sctp6=sd ah6=sd "
is "$(fields)" "$default" "R1 by default ports of TCP and UDP are hashed, and addresses of all"
is "$(fields tcp4=sd udp4=sdfn tcp6=sdfn udp6=sd sctp4=sd)" "$other" "R1 other fields"
like "$(ethtool -n "$dev" rx-flow-hash udp4 | xargs)" "IP SA IP DA L4 bytes 0 .*L4 bytes 2" "R1 as ethtool tells"
for family in 4 6; do
	for protocol in udp tcp; do by_queues $family $protocol "other fields"; done
done
ip link set "$dev" down
ip link set "$dev" up
ok "link" wait_carrier "$dev" 20
fixed_neighbours
by_queues 4 tcp "after down and up"
by_queues 6 udp "after down and up"
wrong=(tcp4=s tcp4=d udp4=sdf udp6=sdn sctp4=sdfn ah6=sdfn tcp4=sdfnv tcp4=m ether=sd)
is "$(fields "${wrong[@]}")" "$(printf 'refused %s ' "${wrong[@]}")$other" \
	"R1 what the hardware cannot is refused, and changes nothing"
like "$(dmesg)" "$dev: the hardware hashes both ports .* or none" "R1 and is explained"
is "$(fields tcp4=sdfn udp4=sdfn tcp6=sdfn udp6=sdfn)" "$default" "R1 back to the default"

# --- checksums of what is received

csums() # PROTOCOL FAMILY good|bad
{
	mark
	tool offloads checksums "$2" "$1" "$3" 20
	settle
	mark
	echo "$(grew 'q\.rx[0-9]+_csum_unnecessary') $(grew 'q\.rx[0-9]+_csum_bad') of $(grew 'ip\.rx_packets')"
}
for protocol in tcp udp sctp; do
	for family in 4 6; do
		is "$(csums $protocol $family good)" "20 0 of 20" "received, $protocol over IPv$family: right"
		is "$(csums $protocol $family bad)" "0 20 of 20" "received, $protocol over IPv$family: wrong"
	done
done
ok "receive checksums off" ethtool -K "$dev" rx off
is "$(csums tcp 4 good)" "0 0 of 20" "then the hardware is not believed"
ethtool -K "$dev" rx on

# --- checksums and segments of what is sent, by arithmetic on what the peer's packet socket gets

peer_received() { peer cat /sys/class/net/peer0/statistics/rx_packets; }
peer_has_more() { [ "$(peer_received)" -gt "$1" ]; } # COUNT
sctp() # to nobody: the first packet is what counts
{
	local before

	before=$(peer_received)
	/usr/bin/python3 -IS - "$1" <<'PYTHON'
import socket, sys
sock = socket.socket(int(sys.argv[1]), socket.SOCK_STREAM, 132)
sock.setblocking(False)
try:
    sock.connect(("192.0.2.2" if sock.family == socket.AF_INET else "2001:db8::2", 7))
except BlockingIOError:
    pass
PYTHON
	wait_for 20 peer_has_more "$before"
}
peer ethtool -K peer0 rx off gro off
for what in "udp4 udp --sender a" "udp6 udp --family 6 --sender a" "tcp4 tcp --bytes 300000 --sender a" \
	    "tcp6 tcp --family 6 --bytes 300000 --sender a"; do
	read -r name command <<<"$what"
	mark
	# shellcheck disable=SC2086 # several words
	ok "sent, $name: arrives" sent traffic $command
	settle
	mark
	like "$(grep "^$name" /run/sent)" "^$name right [0-9]+$" "sent, $name: every packet's checksums are right"
	ok "sent, $name: the hardware made them" [ "$(grew 'q\.tx[0-9]+_needs_csum')" -gt 0 ]
	[[ $name != tcp* ]] || ok "sent, $name: and segments" \
		[ "$(grew 'q\.tx[0-9]+_hw_gso_wire_packets')" -gt "$(grew 'q\.tx[0-9]+_hw_gso_packets')" ]
done
for family in 2:4 10:6; do
	ok "sent, sctp${family#*:}" sent sctp ${family%:*}
	like "$(grep ^sctp /run/sent)" "^sctp${family#*:} right [0-9]+$" "sent, sctp${family#*:}: the checksum is right"
done

# UDP's segments: QEMU's device sends fragments of one datagram, so who sent them is what is counted
segments() # WHAT PACKETS SEGMENTS
{
	mark
	is "$(tool offloads segments 1400 5)" "as sent" "sent, segments of UDP, $1: arrive"
	settle
	mark
	is "$(grew 'q\.tx[0-9]+_hw_gso_packets') $(grew 'q\.tx[0-9]+_hw_gso_wire_packets')" "$2 $3" \
		"sent, segments of UDP, $1: by the hardware $3"
}
segments "at first" 0 0
ok "segments of UDP" ethtool -K "$dev" tx-udp-segmentation on
segments "when told" 1 5
ethtool -K "$dev" tx-udp-segmentation off

# --- what is too long, and the CRC

is "$(ethtool -k "$dev" | grep -E '^rx-(all|fcs)' | xargs)" "rx-fcs: off rx-all: off" "neither unless told"
peer_mtu 9000
ok "and ours" wait_carrier "$dev" 20
frame() { tool offloads frame "$dev" "$1"; } # BYTES
is "$(frame 1514)" "as sent" "a frame of the MTU's length"
is "$(frame 4000)" "nothing" "a longer one is not received"
ok "all, whatever it is" ethtool -K "$dev" rx-all on
is "$(frame 1514)" "as sent" "all: a frame of the MTU's length"
is "$(frame 4000)" "as sent" "all: a longer one"
is "$(frame 9014)" "as sent" "all: as long as the peer can send it"
ok "with the CRC" ethtool -K "$dev" rx-fcs on
# QEMU leaves out a CRC that would be the first bytes of a descriptor, all or some of them.
for size in 60 1514 3068 3073 4000 6140; do
	is "$(frame $size)" "as sent and 4 more" "all, CRC: $size bytes, and the CRC behind"
done
ok "all is off" ethtool -K "$dev" rx-all off
is "$(frame 1514) $(frame 4000)" "as sent and 4 more nothing" "CRC: up to the MTU"
ok "CRC: UDP" traffic udp --packets 50
ok "CRC: TCP" traffic tcp --bytes 300000
ip link set "$dev" down
ip link set "$dev" up
ok "link" wait_carrier "$dev" 20
is "$(frame 1514)" "as sent and 4 more" "CRC: after down and up"
ip link set "$dev" mtu 9000
is "$(frame 9014)" "as sent and 4 more" "CRC: with MTU 9000"
ok "without the CRC" ethtool -K "$dev" rx-fcs off
is "$(frame 9014)" "as sent" "MTU 9000: a frame of that length"
max=$(ip -d link show "$dev" | sed -n 's/.*maxmtu \([0-9]*\).*/\1/p')
is "$max" 9702 "the largest MTU leaves room for header, two tags and CRC in the hardware's 9.5 KB"
ok "the largest MTU" ip link set "$dev" mtu "$max"
ok "no larger one" sh -c "! ip link set $dev mtu $((max + 1)) 2>/dev/null"
mark
contract "in the end"
ok "the module is unloaded" unload_module
done_testing
