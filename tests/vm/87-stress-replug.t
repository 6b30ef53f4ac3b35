#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --qemu -global --qemu ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
# As 86-stress, and the device goes and comes, too: reset, unbound, removed, pulled out. One emulated
# processor at a time, as 54-unplug has it. For DURATION seconds, of SEED: make stress.
. "${0%/*}/common.sh"
seed=${SEED:-7}

start_dpcnic
fixed_neighbours
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
$vm/stress.py "$seed" "${DURATION:-15}" "$dev" --replug >/run/said 2>&1
ended=$?
diag "$(grep -c . /run/said) lines; the last: $(tail -n 5 /run/said)"
is $ended 0 "SEED=$seed: every change succeeded" || done_testing
dev=$(nic_a)
ip link set "$dev" allmulticast on
fixed_neighbours
settle
mark_anew
ok "and now nothing is lost" traffic udp --flows 16 --packets 50
mark
nothing_lost "at rest"
accounts "at rest"
contract "at rest"
ok "the module is unloaded" unload_module
ok "no page pool is left" wait_for 20 pools_gone
done_testing
