#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# R4: the hash that policies compute is the one that the hardware gives (R1), packet by packet; and
# bpf_xdp_metadata_rx_hash() tells its true type.
. "${0%/*}/common.sh"

start_dpcnic
fixed_neighbours
key=$(ethtool -x "$dev" | grep -E '^([0-9a-f]{2}:){39}[0-9a-f]{2}$')
types=63 # POLICY_HASH_DEFAULT: IPv4 1, TCP over it 2, UDP 4; IPv6 8, 16, 32

# Compare while a command sends.
compare() # COMMAND...
{
	local comparer

	rm -f /run/compare
	mkfifo /run/compare
	build/cli/test-policy-hash "$dev" "$key" "$types" </run/compare >/run/compared &
	comparer=$!
	exec 9>/run/compare
	wait_for 20 grep -q attached /run/compared >/dev/null || return
	"$@" >/dev/null || return
	settle
	exec 9>&-
	wait "$comparer"
}
compared() { grep -v attached /run/compared | sort; }

same() # FAMILY PROTOCOL ports|addresses
{
	ok "$2 over IPv$1" compare tool rss "$dev" "$1" "$2" 200
	is "$(compared)" "ipv$1$([ "$3" = addresses ] || echo -ports) same 200" \
		"R4 $2 over IPv$1: same hash, by addresses$([ "$3" = addresses ] || echo " and ports")"
}
for family in 4 6; do
	same $family tcp ports
	same $family udp ports
done
for family in 4 6; do
	ethtool -N "$dev" rx-flow-hash udp$family sd
	ethtool -N "$dev" rx-flow-hash tcp$family sd
done
types=9
for family in 4 6; do
	same $family tcp addresses
	same $family udp addresses
done
for family in 4 6; do
	ethtool -N "$dev" rx-flow-hash udp$family sdfn
	ethtool -N "$dev" rx-flow-hash tcp$family sdfn
done
types=63

# What is not so plain: fragments, tags, options, extension headers, other protocols, tunnels.
odd()
{
	peer /usr/bin/python3 - <<'PYTHON'
import logging
logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.all import (Dot1Q, Ether, GRE, ICMP, IP, IPOption_NOP, IPv6, IPv6ExtHdrDestOpt,
                       IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, Raw, SCTP, TCP, UDP, ARP, sendp)
ether = Ether(src="02:dc:00:00:00:0b", dst="02:dc:00:00:00:0a")
ip = IP(src="192.0.2.99", dst="192.0.2.1")
ip6 = IPv6(src="2001:db8::99", dst="2001:db8::1")
tcp, rest = TCP(sport=1234, dport=5678), Raw(bytes(40))
packets = [
    ether / IP(src="192.0.2.99", dst="192.0.2.1", flags="MF") / tcp / rest,
    ether / IP(src="192.0.2.99", dst="192.0.2.1", frag=3) / rest,
    ether / IP(src="192.0.2.99", dst="192.0.2.1", options=[IPOption_NOP()] * 4) / tcp / rest,
    ether / Dot1Q(vlan=7) / ip / tcp / rest,
    ether / Dot1Q(vlan=7) / ip6 / tcp / rest,
    ether / ip / ICMP() / rest,
    ether / ip / SCTP(sport=1, dport=2) / rest,
    ether / ip / GRE() / IP(src="10.0.0.1", dst="10.0.0.2") / tcp / rest,
    ether / ip6 / IPv6ExtHdrHopByHop() / tcp / rest,
    ether / ip6 / IPv6ExtHdrDestOpt() / UDP(sport=1, dport=2) / rest,
    ether / ip6 / IPv6ExtHdrFragment(m=1, id=5) / tcp / rest,
    ether / ARP(op=2, psrc="192.0.2.99", pdst="192.0.2.1"),
]
sendp(packets * 5, iface="peer0", verbose=False)
PYTHON
}
ok "fragments, tags, options, extension headers, other protocols" compare odd
is "$(compared | grep -v ' same ')" "" "R4 all others: same hash, of the same type, or none"
is "$(compared | awk '{ sum += $3 } END { print sum }')" 60 "all were compared"
ok "the module is unloaded" unload_module
done_testing
