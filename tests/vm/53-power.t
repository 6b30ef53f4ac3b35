#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --append iomem=relaxed --allow-log PCIe.Bus.Error --allow-log NETDEV.WATCHDOG --qemu -global --qemu ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
# Put aside and taken back: sleep, a reset of the function, PCI errors, a transmitter that hangs.
# What was configured still is, what was under way goes on, and no count goes back.
. "${0%/*}/common.sh"
. "${0%/*}/away.sh"

start_dpcnic
fixed_neighbours
sleep_begin
# Of the port that NIC A is behind; the kernel has all below it recover.
pci_error() # ERROR
{
	local before recovered='AER: device recovery successful'

	before=$(dmesg | grep -c "$recovered")
	qmp human-monitor-command "{\"command-line\": \"pcie_aer_inject_error port-a $1\"}" >/dev/null &&
		wait_for 20 sh -c "[ \$(dmesg | grep -c '$recovered') -gt $before ]"
}

# --- what is to survive: settings that the device forgets

modprobe macvlan
ip link add mv0 link "$dev" address 02:de:ad:00:77:02 type macvlan mode bridge
ip link set mv0 up
ip link set "$dev" mtu 4000
ethtool -X "$dev" weight 1 0 3 0
rss=$(ethtool -x "$dev")
irq_set=/proc/irq/$(irq_of 1)/smp_affinity_list
echo 3 >"$irq_set"

ip link set "$dev" allmulticast off
as_before() # WHEN
{
	is "$(ethtool -x "$dev")" "$rss" "$1: RSS key and table are as before"
	is "$(<"$irq_set")" 3 "$1: an interrupt goes where it was sent"
	is "$(received_by 02:de:ad:00:77:02)" 5 "$1: the macvlan's address is received"
	is "$(received_by 02:de:ad:00:77:01)" 0 "$1: others are not"
	ok "$1: long packets arrive" peer ping -q -c 1 -M "do" -s 3900 $addr_a4
	ok "$1: nothing is lost" traffic udp --packets 50
}
peer_mtu 4000

# --- with traffic under way

"$traffic" tcp --rate 500000 --until /run/enough >/run/tcp.b 2>&1 &
from_b=$!
"$traffic" tcp --rate 500000 --until /run/enough --sender a --port 7002 >/run/tcp.a 2>&1 &
from_a=$!
both_run() { [ "$(ss -Htn state established | grep -cE ':700[02]')" = 2 ]; }
ok "TCP both ways has begun" wait_for 60 both_run

gone_back >/run/back

# Neither stream waits for the time of its next try. Unless it is waited for, the next outage may come first,
# and TCP then waits twice as long, each time.
both_go_on() { ! { ss -Htni state established; peer ss -Htni state established; } | grep -q backoff; }

# A word that the driver leaves alone, and that a reset of the whole function clears.
scratch=0x0c3c0 # RDBAL of queue 15
disturb() # WHAT COMMAND...
{
	local what=$1

	shift
	mmio $scratch 0x12345600
	ok "$what" "$@"
	wait_for 5 has_carrier "$dev" || :
	gone_back >/run/back; is "$(</run/back)" "" "$what: no count went back"
	ok "$what: link" wait_carrier "$dev" 40
	ok "$what: TCP goes on" wait_for 60 both_go_on
}
disturb "sleep" asleep
# What it is told to wake up for, it has forgotten when it is awake: so the driver is watched.
tracing=/sys/kernel/tracing
echo 'p:wake dpcnic:dpcnic_hw_arm_wake filters=$arg2:x32' >$tracing/kprobe_events
echo 1 >$tracing/events/kprobes/wake/enable
ok "wake-up by magic packet and link" ethtool -s "$dev" wol pg
disturb "sleep to the core" asleep core
is "$(grep -o 'filters=.*' $tracing/trace)" "filters=0x3" "WUFC: link change and magic packet"
ethtool -s "$dev" wol d
echo 0 >$tracing/events/kprobes/wake/enable
echo >$tracing/kprobe_events
disturb "the function is reset" reset_function
is "$(mmio $scratch)" 0x00000000 "it was: a register lost its value"
disturb "a PCI error that froze nothing" pci_error POISON_TLP
# Stepped, as by ptp4l: a device that froze cannot be asked any more.
phc() # SECONDS, or "" to read it
{
	python3 -ISc 'import os, sys, time
clock = ~os.open(sys.argv[1], os.O_RDWR) << 3 | 3
time.clock_settime(clock, int(sys.argv[2])) if sys.argv[2] else print(int(time.clock_gettime(clock)))' \
		"/dev/$(basename /sys/bus/pci/devices/"$pci"/ptp/ptp*)" "$@"
}
ok "the clock is set" phc 5000000000
disturb "a fatal PCI error" pci_error DLP
now=$(phc "")
ok "it goes on from what it was set to ($now)" [ $((now / 10000)) = 500000 ]
is "$(mmio $scratch)" 0x00000000 "the bus was reset: a register lost its value"

touch /run/enough
wait $from_b; is "$?$(</run/tcp.b)" 0 "TCP from the peer: what arrived is what was sent"
wait $from_a; is "$?$(</run/tcp.a)" 0 "TCP to the peer: what arrived is what was sent"
as_before "after all of it"

# --- while it is down

for what in asleep reset_function "pci_error DLP"; do
	ip link set "$dev" down
	# shellcheck disable=SC2086 # words
	ok "$what while down" $what
	is "$(cat "/sys/class/net/$dev/operstate")" down "$what: still down"
	ok "$what: up" ip link set "$dev" up
	ok "$what: link" wait_carrier "$dev" 40
done
ip addr add $addr_a6/64 dev "$dev" nodad
fixed_neighbours
as_before "after being down"

# --- no link: what was not sent yet is dropped, not sent when there is one again

dropped() { cat "/sys/class/net/$dev/statistics/tx_dropped"; }
# BQL stops a queue at what it has learned, which may be one packet: what is behind that waits in the
# qdisc. Where it may not be less than some, it looks when something was sent, so by CPU 1's queue now.
bql limit_min 10000
ok "the queue has room" taskset -c 1 ping -q -c 2 -i 0.2 -W 20 "$addr_b4"
before=$(dropped)
mmio 0x400 $(($(mmio 0x400) & ~2)) # TCTL.EN: else QEMU sends, link or not
taskset -c 1 ping -q -c 3 -i 0.2 -W 1 "$addr_b4" >/dev/null
cable nic-a down
all_dropped() { [ "$(dropped)" -ge $((before + 3)) ]; }
ok "three packets, and then no link: they are dropped" wait_for 20 all_dropped
bql limit_min 0
cable nic-a up
ok "link" wait_carrier "$dev" 40
as_before "after no link"

# --- a transmitter that hangs

is "$(timeouts)" 0 "no transmit time-out so far"
hang_transmitter
ok "transmit disabled behind the driver's back: a time-out" wait_for 30 timed_out
ok "link" wait_carrier "$dev" 40
as_before "after a transmit time-out"

mark
ok "and nothing is lost" traffic udp --flows 16 --packets 50
mark
nothing_lost "in the end"
accounts "in the end"
contract "in the end"
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
