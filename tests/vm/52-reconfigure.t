#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 400
# Rings, queues, interrupt moderation, MTU and features are changed under
# traffic: the link stays, what worked works on, what the user has set stays
# set, nothing is lost, no count goes back; and what cannot be had changes nothing.
. "${0%/*}/common.sh"

sys=/sys/class/net
queues() { ethtool -l "$dev" | sed -n 's/^Combined:[[:space:]]*//p' | tail -n 1; }
rings() { ethtool -g "$dev" | sed -n 's/^[RT]X:[[:space:]]*//p' | tail -n 2 | xargs; }
carrier_changes() { echo "$(<"$sys/$dev/carrier_changes") $(peer cat $sys/peer0/carrier_changes)"; }

# What the hardware has, says QEMU: registers from an offset on.
registers() # OFFSET [COUNT]
{
	local bar

	read -r bar _ <"/sys/bus/pci/devices/$(nic_a_pci)/resource"
	qmp human-monitor-command "{\"command-line\": \"xp /${2:-1}wx $((bar + $1))\"}" |
		grep -o '0x[0-9a-f]\{8\}'
}
# RDLEN and TDLEN, in descriptors.
sizes() # QUEUE
{
	echo $(($(registers $((0xc008 + 0x40 * $1))) / 16)) $(($(registers $((0xe008 + 0x40 * $1))) / 16))
}
# EITR's interval of each of the first four messages.
intervals()
{
	local eitr

	for eitr in $(registers 0x1680 4); do echo $(((eitr & 0x7ffc) >> 2)); done | xargs
}

# Is there a counter that is smaller now than it was?
declare -A before=()
gone_back()
{
	local name value

	while read -r name value; do
		[ "$value" -ge "${before[$name]:-0}" ] || echo "$name ${before[$name]} $value"
		before[$name]=$value
	done < <(ledger now | grep -E '^(S|mac|ip)\.'; netdev totals "$dev" | tr ' =' '\n ')
}

start_dpcnic
fixed_neighbours
changes=$(carrier_changes)

# --- traffic while all this happens: pings both ways, which outlive a loss and count it

traffic_start()
{
	peer ping -q -i 0.02 $addr_a4 >/run/ping.b 2>&1 &
	pings=($!)
	ping -q -i 0.02 $addr_b4 >/run/ping.a 2>&1 &
	pings+=($!)
	sleep 0.5
}
traffic_stop() # WHAT
{
	local end

	kill -INT "${pings[@]}"
	wait "${pings[@]}"
	for end in b a; do
		ok "$1: pings from $end were answered" grep -Eq ' [1-9][0-9]* received' /run/ping.$end
		diag "$end: $(grep received /run/ping.$end)"
	done
}
# What holds after it, and that nothing is lost any more.
sound() # WHAT
{
	mark
	accounts "$1"
	contract "$1"
	is "$(grew 'peer\.rx_packets')" "$(grew 'mac\.FramesTransmittedOK')" \
		"V1 $1: what was sent the peer received"
	is "$(($(grew 'ip\.tx_packets') - $(grew 'S\.tx_stopped')))" \
		"$(grew 'mac\.FramesTransmittedOK')" "V1 $1: what was sent the hardware sent"
	diag "$1: of $(grew 'peer\.tx_packets') packets $(($(grew 'peer\.tx_packets') -
		$(grew 'mac\.FramesReceivedOK'))) came while the receiver was off; in rings" \
		"stopped: rx $(grew 'S\.rx_stopped'), tx $(grew 'S\.tx_stopped')"
	is "$(carrier_changes)" "$changes" "$1: neither end's link has changed"
	ok "$1: then UDP from the peer, all of it" traffic udp --flows 16 --packets 4
	ok "$1: and to the peer" traffic udp --flows 16 --packets 4 --sender a
	mark
	nothing_lost "after $1"
}

# --- rings

mark
traffic_start
for size in "64 64" "4096 512" "512 4096" "256 256"; do
	ok "rings of $size" ethtool -G "$dev" rx "${size% *}" tx "${size#* }"
	is "$(rings)" "$size" "are what is told"
	is "$(sizes 0) $(sizes 3)" "$size $size" "and what the hardware has"
	gone_back >/run/back; is "$(cat /run/back)" "" "no count went back"
done
traffic_stop "-G"
sound "-G"

said=$(ethtool -G "$dev" rx 300 tx 1000 2>&1); is "$?" 0 "a size that is no power of two"
is "$(rings)" "512 1024" "is rounded up"
like "$said" 'rounded up.* rx 512, tx 1024' "and said so"
! said=$(ethtool -G "$dev" rx 63 2>&1); is "$?" 0 "too few descriptors are refused"
like "$said" 'at least 64 rx' "and it is said why"
! ethtool -G "$dev" rx 4097 2>/run/said; is "$?" 0 "too many are refused"
! ethtool -G "$dev" rx-mini 64 2>/run/said; is "$?" 0 "other rings are refused"
is "$(rings) $(sizes 1)" "512 1024 512 1024" "nothing has changed"

# --- queues

traffic_start
for count in 1 3 16 4; do
	ok "$count queues" ethtool -L "$dev" combined $count
	is "$(queues) $(sizes $((count - 1)))" "$count 512 1024" "are told, and had by the hardware"
	gone_back >/run/back; is "$(cat /run/back)" "" "no count went back"
done
traffic_stop "-L"
mark_anew
sound "-L"

# --- down

ip link set "$dev" down
ok "down: other rings" ethtool -G "$dev" rx 128 tx 128
ok "down: other queues" ethtool -L "$dev" combined 2
gone_back >/run/back; is "$(cat /run/back)" "" "down: no count went back"
ip link set "$dev" up
ok "up: link" wait_carrier "$dev" 20
ip addr add $addr_a6/64 dev "$dev" nodad
fixed_neighbours
changes=$(carrier_changes)
is "$(queues) $(rings) $(sizes 1)" "2 128 128 128 128" "up: that is what there is"
ethtool -L "$dev" combined 4
sound "other rings after down"
ok "the module is unloaded" unload_module
done_testing
