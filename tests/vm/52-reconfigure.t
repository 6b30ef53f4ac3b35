#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# Rings, queues, interrupt moderation, MTU and features are changed under
# traffic: the link stays, what worked works on, what the user has set stays
# set, nothing is lost, no count goes back; and what cannot be had changes nothing.
. "${0%/*}/xdp.sh"

sys=/sys/class/net
queues() { ethtool -l "$dev" | sed -n 's/^Combined:[[:space:]]*//p' | tail -n 1; }
rings() { ethtool -g "$dev" | sed -n 's/^[RT]X:[[:space:]]*//p' | tail -n 2 | xargs; }
carrier_changes() { echo "$(<"$sys/$dev/carrier_changes") $(peer cat $sys/peer0/carrier_changes)"; }

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

start_dpcnic
fixed_neighbours
changes=$(carrier_changes)

# --- traffic while all this happens: pings both ways, which outlive a loss and count it

traffic_start()
{
	ip netns exec peer ping -q -i 0.02 $addr_a4 >/run/ping.b 2>&1 & # not peer(): it takes the signal
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
# What holds after it, and that nothing is lost any more. Queues may have come and gone.
sound() # WHAT
{
	local what=$1

	mark
	is "$(grew 'mac\.FramesReceivedOK')" \
		"$(($(grew 'ip\.rx_packets') + $(grew 'S\.rx_(no_skb|bad_desc|stopped)')))" \
		"V1 $what: received by hardware = packets + counted drops"
	is "$(grew 'S\.msg[0-9]+_dpc_packets')" "$(grew 'ip\.rx_packets|S\.rx_from_inbox')" \
		"V1 $what: packets, and what came by inboxes = sum over DPCs"
	is "$(($(grew 'ip\.tx_packets') - $(grew 'S\.tx_stopped')))" \
		"$(grew 'mac\.FramesTransmittedOK')" "V1 $what: what was sent the hardware sent"
	is "$(grew 'peer\.rx_packets')" "$(grew 'mac\.FramesTransmittedOK')" \
		"V1 $what: and the peer received"
	contract "$what"
	while_off=$(($(grew 'peer\.tx_packets') - $(grew 'mac\.FramesReceivedOK')))
	diag "$what: of $(grew 'peer\.tx_packets') packets $while_off came while nobody received, and $(
		grew 'S\.[rt]x_stopped') were in a ring"
	is "$(carrier_changes)" "$changes" "$what: neither end's link has changed"
	ok "$what: then UDP from the peer, all of it" traffic udp --flows 16 --packets 4
	ok "$what: and to the peer" traffic udp --flows 16 --packets 4 --sender a
	mark
	nothing_lost "after $what"
}

# --- what the user has set

# All that, as it is said by others: the kernel (IRQs, NAPIs, their threads, the XDP program) and
# the hardware (RSS table and key, intervals).
settings()
{
	local irq

	for irq in $(irqs); do echo "irq $irq on $(<"/proc/irq/$irq/smp_affinity_list")"; done
	netdev napis "$dev"
	echo "table $(registers 0x5c00 32 | xargs)"
	echo "key $(registers 0x5c80 10 | xargs)"
	echo "intervals $(intervals)"
	ip -j -d link show "$dev" | grep -o '"prog":{"id":[0-9]*'
}
# Bounds of the DPCs that had packets: those of the policy, if it still decides.
bounds() { sed -n 's/^{ bound: *\([0-9]*\) }.*/\1/p' $events/dpc_run/hist | sort -n | xargs; }
# After every change.
kept() # WHAT
{
	settings >/run/settings
	is "$(diff /run/settings.first /run/settings)" "" "$1: what the user has set is as before"
	gone_back >/run/back; is "$(cat /run/back)" "" "$1: no count went back"
}

ok "the program is loaded" load_programs
for irq in $(irqs); do echo $((irq % 3)) >"/proc/irq/$irq/smp_affinity_list"; done
ok "an RSS table of two queues" ethtool -X "$dev" equal 2
ok "a key" ethtool -X "$dev" hkey "$(printf '%02x:' {101..139})77"
ok "an interval for all" ethtool -C "$dev" rx-usecs 30
is "$(intervals)" "30 30 30 30" "is what the hardware has"
ok "another for one queue" ethtool -Q "$dev" queue_mask 0x4 --coalesce rx-usecs 8191
is "$(intervals)" "30 30 8191 30" "is what its message has"
like "$(ethtool -Q "$dev" queue_mask 0x4 --show-coalesce)" 'rx-usecs:[[:space:]]*8191' "and is told"
ethtool -Q "$dev" queue_mask 0x4 --coalesce rx-usecs 70
! said=$(ethtool -C "$dev" rx-usecs 8192 2>&1); is "$?" 0 "one too long is refused"
like "$said" 'up to 8191' "and it is said why"
# its status tells nothing
like "$(ethtool -Q "$dev" queue_mask 0x1 --coalesce rx-usecs 8192 2>&1)" 'annot set' "for one queue, too"
like "$(ethtool -Q "$dev" queue_mask 0x10 --coalesce rx-usecs 10 2>&1)" 'annot get' \
	"and for a queue not in use"
! ethtool -C "$dev" tx-usecs 10 2>/run/said; is "$?" 0 "what the hardware has not is refused"
is "$(intervals)" "30 30 70 30" "nothing has changed"
ok "a program is attached" attach pass
ok "a throttle policy" build/dpctool throttle attach dev "$dev" fixed packets 5
echo 1 >$sys/"$dev"/threaded
ok "threads, bound" wait_for 30 bound
settings >/run/settings.first
like "$(</run/settings.first)" 'prog.*id' "there is a program"
like "$(</run/settings.first)" 'pid=[1-9]' "there are threads"
echo 'hist:keys=bound' >$events/dpc_run/trigger

# --- rings

mark
gone_back
traffic_start
ok "pktgen is set up" pktgen_setup 0 "count 0" "pkt_size 100" "src_min 192.0.2.20" \
	"src_max 192.0.2.$((19 + flows))" "delay 5000000"
pktgen_run &
for size in "64 64" "256 4096"; do
	ok "rings of $size" ethtool -G "$dev" rx "${size% *}" tx "${size#* }"
	is "$(rings) $(sizes 0) $(sizes 3)" "$size $size $size" "are told, and had by the hardware"
	kept "rings of $size"
done
pktgen_stop
traffic_stop "-G"
sound "-G"
is "$while_off" 0 "-G: no packet came while nobody received, as RSS had sent it to another queue"

said=$(ethtool -G "$dev" rx 300 tx 1000 2>&1); is "$?" 0 "a size that is no power of two"
is "$(rings)" "512 1024" "is rounded up"
like "$said" 'rounded up.* rx 512, tx 1024' "and said so"
! said=$(ethtool -G "$dev" rx 63 2>&1); is "$?" 0 "too few descriptors are refused"
like "$said" 'at least 64 rx' "and it is said why"
! ethtool -G "$dev" rx 4097 2>/run/said; is "$?" 0 "too many are refused"
! ethtool -G "$dev" rx-mini 64 2>/run/said; is "$?" 0 "other rings are refused"

# --- more than there is memory for: what tmpfs has nobody can take away

ok "16 queues" ethtool -L "$dev" combined 16
free=$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)
mkdir -p /run/hog
mount -t tmpfs -o size=4g none /run/hog
ok "all but 160 MB of $((free / 1024)) are taken" fallocate -l $((free - 160 * 1024))K /run/hog/hog
! said=$(ethtool -G "$dev" rx 4096 2>&1); is "$?" 0 "rings that there is no memory for are refused" ||
	diag "$(grep -E 'MemFree|MemAvailable' /proc/meminfo)"
like "$said" 'no memory' "and it is said why"
umount /run/hog
is "$(rings) $(sizes 1)" "512 1024 512 1024" "nothing has changed"
ok "4 queues" ethtool -L "$dev" combined 4
kept "no memory"

# --- queues

traffic_start
for count in 16 4; do
	ok "$count queues" ethtool -L "$dev" combined $count
	is "$(queues) $(sizes $((count - 1)))" "$count 512 1024" "are told, and had by the hardware"
	kept "$count queues"
done
traffic_stop "-L"
! ethtool -L "$dev" combined 1 2>/run/said; is "$?" 0 "fewer than the table names are refused"
sound "-L"

# --- MTU and features

traffic_start
ethtool -A "$dev" autoneg off rx on tx on
# Two frames with all their headers fit above FCRTH, where the device asks for a pause.
has_room() # MTU
{
	local mark size

	mark=$(($(registers 0x2168))) size=$(($(registers 0x2404) * 1024))
	[ "$mark" != 0 ] && [ $((size - mark)) -ge $((2 * ($1 + 26))) ]
}
for mtu in 9000 1280 1500; do
	ok "MTU $mtu" ip link set "$dev" mtu $mtu
	ok "MTU $mtu: flow control begins in time" wait_for 30 has_room $mtu
done
ethtool -A "$dev" autoneg on rx on tx on
for feature in rx gro tso rxhash rxvlan sg; do
	ok "$feature off" ethtool -K "$dev" $feature off
	ok "$feature on" ethtool -K "$dev" $feature on
done
kept "MTU and features"
traffic_stop "MTU and features"
mark
nothing_lost "MTU and features"
accounts "MTU and features"
is "$(carrier_changes)" "$changes" "MTU and features: neither end's link has changed"

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
kept "down and up"
ok "4 queues" ethtool -L "$dev" combined 4
mark
is "$(bounds)" 5 "the policy bounded every DPC"
echo '!hist:keys=bound' >$events/dpc_run/trigger
echo 0 >$sys/"$dev"/threaded
build/dpctool throttle detach dev "$dev"
detach

# --- adaptive

ok "adaptive" ethtool -C "$dev" adaptive-rx on
is "$(intervals)" "1 1 1 1" "begins with the least of the kernel's intervals"
like "$(ethtool -c "$dev")" 'Adaptive RX: on' "and is told"
moves() { peer ping -q -f -c 100 "$addr_a4" >/run/ping.b; [ "$(intervals)" != "1 1 1 1" ]; }
ok "with traffic it moves" wait_for 60 moves
diag "intervals: $(intervals)"
ok "rings of 256" ethtool -G "$dev" rx 256 tx 256
like " $(intervals) " "^( (1|8|64|128|256)){4} $" "and is one of the kernel's"
ethtool -Q "$dev" queue_mask 0x2 --coalesce adaptive-rx off
is "$(intervals | cut -d ' ' -f 2)" 30 "one queue's is as it was before"
ok "adaptive no more" ethtool -C "$dev" adaptive-rx off rx-usecs 50
is "$(intervals)" "50 50 50 50" "is what was asked for"
mark
sound "down, and adaptive"
unload_programs
ok "the module is unloaded" unload_module
done_testing
