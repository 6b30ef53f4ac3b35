#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The driver takes the device from igb, and is what ethtool, /proc/interrupts
# and netdev netlink say it is.
. "${0%/*}/common.sh"

pci=$(nic_a_pci)
bound_to() { basename "$(readlink "/sys/bus/pci/devices/$pci/driver")"; }
setting() { sed -n "s/^$1:[[:space:]]*//p"; } # NAME, of an ethtool output on stdin

# --- from igb to dpcnic and back

ok "NIC A is handed to igb" bind_nic_a igb
is "$(bound_to)" igb "igb holds it"
ok "the module is loaded" load_module
is "$(bound_to)" igb "igb still holds it: dpcnic takes no device away"
ok "NIC A is handed over" bind_dpcnic
is "$(bound_to)" dpcnic "dpcnic holds it"
ok "the module is unloaded" unload_module
ok "NIC A has no driver" test ! -e "/sys/bus/pci/devices/$pci/driver"
start_dpcnic
is "$(bound_to)" dpcnic "it took the device that was waiting for it"

# --- who it is

is "$(cat "/sys/class/net/$dev/address")" 02:dc:00:00:00:0a "the MAC address is the NVM's"
is "$(ip -d link show "$dev" | grep -o 'maxmtu [0-9]*')" "maxmtu 9702" \
	"jumbo frames up to what the device can"
info=$(ethtool -i "$dev")
is "$(setting driver <<<"$info")" dpcnic "ethtool -i: driver"
is "$(setting bus-info <<<"$info")" "$pci" "ethtool -i: device"
is "$(ethtool -l "$dev" | setting Combined | xargs)" "16 4" "ethtool -l: a queue per CPU, of 16"
is "$(ethtool -l "$dev" | setting Other | xargs)" "1 1" "ethtool -l: a message for other causes"
is "$(ethtool -g "$dev" | setting '[RT]X' | tr '\n' ' ')" "4096 4096 256 256 " \
	"ethtool -g: rings"
link=$(ethtool "$dev")
is "$(sed -n 's/^\tSpeed: //p' <<<"$link")" 1000Mb/s "ethtool: speed"
is "$(sed -n 's/^\tDuplex: //p' <<<"$link")" Full "ethtool: duplex"
features=$(ethtool -k "$dev")
for name in rx-checksumming tx-checksumming scatter-gather tcp-segmentation-offload \
	    generic-receive-offload receive-hashing; do
	like "$(setting "$name" <<<"$features")" ^on "ethtool -k: $name"
done

rss=$(ethtool -x "$dev")
is "$(sed -n 's/^ *[0-9]*: //p' <<<"$rss" | tr -s ' \t' '\n' | grep -c .)" 128 \
	"R1 ethtool -x: the table has 128 entries"
is "$(sed -n 's/^ *[0-9]*: //p' <<<"$rss" | tr -s ' \t' '\n' | grep . | sort -n | uniq -c |
	awk '{ print $2 ":" $1 }' | tr '\n' ' ')" "0:32 1:32 2:32 3:32 " \
	"R1 ethtool -x: all queues have the same share"
is "$(grep -cE '^([0-9a-f]{2}:){39}[0-9a-f]{2}$' <<<"$rss")" 1 "R1 ethtool -x: a key of 40 bytes"
like "$rss" 'toeplitz: on' "R1 ethtool -x: Toeplitz"

# --- messages

mapfile -t irqs < <(find "/sys/bus/pci/devices/$pci/msi_irqs" -type f -printf "%f\n" | sort -n)
is ${#irqs[@]} 5 "one message per queue and one for the rest"
is "$(grep -o "$dev-msg[0-9]*$" /proc/interrupts | tr '\n' ' ')" \
	"$(for msg in 0 1 2 3 4; do printf '%s-msg%d ' "$dev" $msg; done)" \
	"/proc/interrupts: the messages have names"
is "$(for msg in 0 1 2 3 4; do irq_of $msg; done | sort -n | tr '\n' ' ')" "${irqs[*]} " \
	"I1 every message is an IRQ of its own"
is "$(for msg in 0 1 2 3; do cat "/proc/irq/$(irq_of $msg)/smp_affinity_list"; done | tr '\n' ' ')" \
	"0 1 2 3 " "queue messages go to a CPU each"

# --- netdev netlink

is "$(netdev queues "$dev" | sed -n 's/ napi=.*//p' | sort | tr '\n' ' ')" \
	"$(for i in 0 1 2 3; do printf 'queue=%d type=rx queue=%d type=tx ' $i $i; done)" \
	"netdev: every queue has a NAPI"
napis=$(netdev napis "$dev")
is "$(sed -n 's/.* irq=\([0-9]*\).*/\1/p' <<<"$napis" | sort -n | uniq -c |
	awk '{ print $2 ":" $1 }' | tr '\n' ' ')" "$(printf '%s:4 ' "${irqs[@]}")" \
	"D1 netdev: every IRQ has a NAPI for each CPU"
is "$(grep -cv irq= <<<"$napis")" 0 "netdev: every NAPI has an IRQ"
for type in rx tx; do
	is "$(for i in 0 1 2 3; do
		napi=$(netdev queues "$dev" | sed -n "s/^queue=$i type=$type //p")
		sed -n "s/^$napi irq=//p" <<<"$napis"
	done | tr '\n' ' ')" "$(for i in 0 1 2 3; do printf '%s ' "$(irq_of $i)"; done)" \
		"netdev: the NAPI of $type queue i has the IRQ of message i"
done
is "$(netdev pools "$dev" | grep -c .)" 4 "netdev: every receive queue has a page pool"

# --- down: nothing is left but the device

ok "the link is taken down" ip link set "$dev" down
is "$(grep -c "$dev-msg" /proc/interrupts)" 0 "down: no IRQ is held"
is "$(netdev queues "$dev" | grep -c .)" 0 "down: no queue is listed"
ok "down: the page pools are gone" wait_for 30 pools_gone
ok "ethtool -S works" ethtool -S "$dev"
ok "the registers can be read" ethtool -S "$dev" --groups eth-mac
ok "the module is unloaded" unload_module
done_testing
