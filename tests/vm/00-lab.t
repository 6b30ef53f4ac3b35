#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The machine that every other VM test relies on: mounts, NICs, the cable.
. "$LAB/guest.sh"

is "$(nproc)" 4 "4 processors unless asked otherwise"
for dir in /proc /sys /dev /dev/pts /tmp /run /sys/fs/bpf /sys/fs/cgroup \
	   /sys/kernel/debug /sys/kernel/tracing /dpcnic; do
	ok "$dir is mounted" mountpoint -q $dir
done
ok "the root can be written" touch /etc/lab-was-here
ok "the checkout cannot" sh -c '! touch /dpcnic/lab-was-here 2>/dev/null'
is "$(cat /proc/sys/kernel/panic_on_warn)" 0 "a warning does not stop the machine"
ok "the kernel has BTF" test -s /sys/kernel/btf/vmlinux

is "$(cat "/sys/bus/pci/devices/$(nic_a_pci)/device")" 0x10c9 "NIC A is an 82576"
ok "NIC A has no driver" test ! -e "/sys/bus/pci/devices/$(nic_a_pci)/driver"
is "$(cat "/sys/bus/pci/devices/$(nic_a_pci)/driver_override")" dpcnic "NIC A waits for dpcnic"
is "$(peer cat /sys/class/net/peer0/address)" 02:dc:00:00:00:0b "NIC B is peer0 in name space peer"
is "$(peer ethtool -i peer0 | sed -n 's/^driver: //p')" igb "NIC B is driven by igb"

# The cable, with igb at both ends.
ok "NIC A is handed to igb" bind_nic_a igb
dev=$(nic_a)
is "$(cat "/sys/class/net/$dev/address")" 02:dc:00:00:00:0a "NIC A has its MAC address"
ok "addresses, and a link at both ends" set_addresses
ok "ping over IPv4" ping -c 3 -i 0.2 -W 2 "$addr_b4"
ok "ping over IPv6" ping -c 3 -i 0.2 -W 2 "$addr_b6"
ok "the counters count" test "$(counter "$dev" rx_packets)" -gt 5

# The machine from outside.
like "$(qmp query-status)" '"running": true' "QEMU answers"
like "$(qmp query-status)" '"running": true' "QEMU answers again"
ok "the cable is pulled" cable nic-a down
ok "the link goes down" wait_for 30 sh -c "! grep -q 1 /sys/class/net/$dev/carrier"
ok "the cable is plugged in" cable nic-a up
ok "the link comes back" wait_carrier "$dev"

ok "NIC A is handed back" bind_dpcnic
ok "NIC A has no driver again" test ! -e "/sys/bus/pci/devices/$(nic_a_pci)/driver"
done_testing
