#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --append slub_debug=FZPU --append page_poison=1
# A device that lies (tests/lab/hostile): no memory is touched but that of the rings, what was made of
# each packet is counted, and the device works when it lies no more, at the latest after it was taken
# down and up.
. "${0%/*}/xdp.sh"

params=/sys/module/hostile/parameters
pci=$(nic_a_pci)

lie() { echo "$1 ${2:-0}" >$params/lie; } # NAME [TIMES]
stop_lying() # and say how often it was done
{
	told=$(<$params/told) hidden=$(<$params/hidden)
	lie none
}
# Everything sent by the peer has come: as packets, as counted drops, or as a part of others.
accounts_for_lies() # WHEN
{
	stop_lying
	settle
	mark
	is "$(($(grew 'mac\.FramesReceivedOK') - hidden))" \
		"$(($(grew 'ip\.rx_packets') + $(grew 'S\.rx_(no_skb|bad_desc|stopped)')))" \
		"V1 $1: received by hardware, but for those hidden = packets + counted drops"
	is "$(grew 'S\.msg[0-9]+_dpc_packets')" "$(grew 'ip\.rx_packets|S\.rx_from_inbox')" \
		"V1 $1: packets, and what came by inboxes = sum over DPCs"
	contract "$1"
}
# So many packets of the peer's, to nobody, in bursts as fast as can be: more than a small ring has room for.
send() { pg "peer0@2" "count $1" && pktgen_run; }
back_up()
{
	ip link set "$dev" up && wait_carrier "$dev" 20 && fixed_neighbours
}
works() { stop_lying && traffic udp --window 32 --flows 4 --packets 20; }

start_dpcnic
cd /dpcnic || exit
ok "programs are loaded" load_programs
fixed_neighbours
ok "the device can lie" insmod "$LAB_MODULES/tests/lab/hostile/hostile.ko" device="$dev"
ok "one ring, as small as can be" sh -c "ethtool -L $dev combined 1 && ethtool -G $dev rx 64"
echo 1 >"/proc/irq/$(irq_of 0)/smp_affinity_list" # away from pktgen, for which some lies wait
ok "pktgen is set up" pktgen_setup 2 "pkt_size 200" "${many_flows[@]}"
ok "nobody lies: nothing is lost" works
settle
mark
contract "before"

# --- what a descriptor says of its packet; with a program, too, which must see none of these

for before in no_program program; do
	[ $before = no_program ] || ok "$before" attach pass
	lie rx-length 40
	ok "rx-length, $before: packets are sent" send 1000
	accounts_for_lies "rx-length, $before"
	is "$told $(grew 'S\.rx_bad_desc')" "40 40" "rx-length, $before: so many descriptors made no sense"

	# Frames without an end: after 17 fragments a packet is dropped, and with it all up to an end.
	lie rx-endless 30
	ok "rx-endless, $before: packets are sent" send 1000
	accounts_for_lies "rx-endless, $before"
	is "$told" 30 "rx-endless, $before: it was told"

	# A packet whose first descriptor holds nothing: the stack would look for its header there.
	lie rx-headless 10
	ok "rx-headless, $before: packets are sent" send 1000
	accounts_for_lies "rx-headless, $before"
	is "$told" 10 "rx-headless, $before: it was told"
	ok "rx-headless, $before: counted as descriptors without sense" [ "$(grew 'S\.rx_bad_desc')" -gt 0 ]

	lie rx-facts 50
	ok "rx-facts, $before: packets are sent" send 1000
	accounts_for_lies "rx-facts, $before"
	is "$told" 50 "rx-facts, $before: it was told"

	# Done bits where the device was given nothing; some wait until the ring is full.
	lie rx-unowned 5
	ok "rx-unowned, $before: packets are sent" send 2000
	accounts_for_lies "rx-unowned, $before"
	ok "rx-unowned, $before: it was told" [ "$told" -gt 0 ]

	# Done bits out of order.
	lie rx-late 5
	ok "rx-late, $before: packets are sent" send 500
	accounts_for_lies "rx-late, $before"
	ok "$before: the device works" works
	settle
	mark
done
# A packet whose end has not come when its ring is taken down.
lie rx-endless 1
ok "half a packet: it is sent" send 1
accounts_for_lies "half a packet"
is "$told" 1 "half a packet: it was told"
ip link set "$dev" down
ok "half a packet: down and up again" back_up
ok "half a packet: the device works" works
ok "the program goes" detach

# --- transmit

for name in tx-unsent tx-late; do
	lie $name 20
	ok "$name: nothing is lost" traffic udp --sender a --window 32 --flows 4 --packets 50
	stop_lying
	ok "$name: it was told" [ "$told" -gt 0 ]
	ok "$name: the device works" works
done

# --- registers

lie registers 10
ok "registers: statistics can be read" ethtool -S "$dev"
garbled() { [ "$(<"$params/told")" -ge 8 ]; }
ok "registers: statistics and link were asked for" wait_for 20 garbled
lie none
ok "registers: there is a link" wait_carrier "$dev" 20
ok "registers: the device works" works

# --- memory that cannot be mapped for it

settle
mark
lie no-dma 10
ping -q -i 0.02 -c 20 -s 1000 "$addr_b4" >/dev/null
stop_lying
settle
mark
is "$told $(grew 'S\.tx_no_mapping')" "10 10" "no-dma: packets that could not be sent were counted"
accounts "no-dma"
for skip in 0 60; do
	lie no-dma 1000
	echo $skip >$params/skip
	ok "no-dma, after $skip: no other rings" sh -c "! ethtool -G $dev rx 128"
	is "$(ethtool -g "$dev" | awk '/^RX:/ { n = $2 } END { print n }')" 64 \
		"no-dma, after $skip: all is as it was"
	ok "no-dma, after $skip: the device works" works
	ip link set "$dev" down
	lie no-dma 1000
	echo $skip >$params/skip
	ok "no-dma, after $skip: it does not come up" sh -c "! ip link set $dev up"
	lie none
	ok "no-dma, after $skip: at the next try it does" back_up
	ok "no-dma, after $skip: the device works" works
done

# --- a queue that does not stop may still write to memory, which is to be freed only after a reset

ring_address() { registers $((0xc000)); } # RDBAL
lie no-stop 1
ok "no-stop: it is taken down" ip link set "$dev" down
stop_lying
is "$told $(ring_address)" "1 0x00000000" "no-stop: the device was reset, and knows of no ring"
ok "no-stop: it is up again" back_up
ok "no-stop: the device works" works
for word in stop start; do
	lie no-$word 1
	dmesg -C
	ok "no-$word: other rings" ethtool -G "$dev" rx "$([ $word = stop ] && echo 128 || echo 64)"
	is "$(dmesg | grep -c "rings do not $word: .*; resetting the device")" 1 "no-$word: it says what it does"
	ok "no-$word: there is a link" back_up
	ok "no-$word: the device works" works
done

# --- interrupts that nobody asked for, with the message enabled and disabled

settle
mark
irq_of 0 >$params/irq
# shellcheck disable=SC2119 # no pktgen
load_start
# from another CPU than the message's, or each would find the DPC of the last at its end
taskset -c 3 "$BASH" -c "echo flood 1000 >$params/lie"
load_stop
accounts_for_lies "flood"
ok "flood: there were more interrupts than DPCs" \
	[ "$(grew 'S\.msg0_late')" -gt 0 ]
ok "flood: the device works" works

# --- all-ones, whatever is read

dmesg -C
# shellcheck disable=SC2119 # no pktgen
load_start
lie dead
gone() { dmesg | grep -q 'the device is gone; remove it and rescan'; }
ok "dead: the driver says so, and what to do" wait_for 20 gone
load_stop
is "$(dmesg | grep -c 'the device is gone')" 1 "dead: it says so once"
ok "dead: there is no link" sh -c "! ip link show $dev | grep -q LOWER_UP"
for command in "-S $dev" "-t $dev online" "-G $dev rx 256"; do
	ok "dead: ethtool ${command%% *} is refused" sh -c "! ethtool $command"
done
bus_master() { echo $((0x$(setpci -s "$pci" COMMAND) >> 2 & 1)); }
is "$(bus_master)" 1 "dead: it may still write to memory, for all the driver knows"
ok "dead: it is taken down" ip link set "$dev" down
is "$(bus_master)" 0 "dead: now it may not"
ok "dead: and not up" sh -c "! ip link set $dev up"
ok "dead: no page pool is left" wait_for 20 pools_gone
lie none
ok "dead: removed" sh -c "echo 1 >/sys/bus/pci/devices/$pci/remove"
ok "dead: the lies end" rmmod hostile
ok "back: found again" sh -c "echo 1 >/sys/bus/pci/rescan && test -e /sys/bus/pci/devices/$pci"
ok "back: dpcnic has it" bind_dpcnic
dev=$(nic_a)
ip link set "$dev" allmulticast on
works_again()
{
	ip addr replace "$addr_a4/24" dev "$dev" && back_up &&
		traffic udp --window 32 --flows 4 --packets 20
}
ok "back: the device works" works_again
rm -r $test_bpf
ok "the module is unloaded" unload_module
ok "no page pool is left" wait_for 20 pools_gone
done_testing
