# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests in which the device goes away, for a moment or for good: . "${0%/*}/away.sh" after
# common.sh. QEMU's slots want -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off.

pci=$(nic_a_pci)
port=00:10.0

# A test of sleep: all devices lose their power, then get it back. The lab's own stay awake.
sleep_begin()
{
	ok "virtio devices stay awake" insmod "$LAB_MODULES/tests/lab/sleep/keep_virtio.ko"
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
}
asleep() # [core]
{
	echo "${1:-platform}" >/sys/power/pm_test && echo mem >/sys/power/state
}
reset_function() { echo 1 >"/sys/bus/pci/devices/$pci/reset"; }

# The device sends no more, and a queue of the stack is stopped: only of such a one it takes the time.
# Of all queues; obeyed from the next packet on that is sent.
bql() # limit_min|limit_max BYTES
{
	local limit

	for limit in /sys/class/net/"${dev:?}"/queues/tx-*/byte_queue_limits/"$1"; do echo "$2" >"$limit"; done
}

# The first packet is to stop it, as a socket may have room for fewer than the ring or the stack's own
# limit has. That limit obeys its maximum from the next packet on that is sent; which queue it will be
# is by the CPU.
hang_transmitter()
{
	local cpu dev=${dev:?}

	bql limit_max 1000
	for ((cpu = $(nproc); cpu--; )); do
		taskset -c $cpu ping -q -c 1 -W 1 "${addr_b4:?}" >/dev/null
	done
	mmio 0x400 $(($(mmio 0x400) & ~2)) # TCTL.EN
	ping -q -c 300 -i 0.002 -s 3000 -W 1 "$addr_b4" >/dev/null
}
timeouts() { counter "$dev" tx_timeouts; }
timed_out() { [ "$(timeouts)" -gt 0 ]; }

# Pulled out without a word: the slot's power control (SLTCTL bit 10, and its indicator) takes the device from
# QEMU's slot. The kernel is told by the presence interrupt, which is held back (bit 5) until the slot
# says again that it has power: or else it would think it had switched it off itself.
pull()
{
	setpci -s "$port" CAP_EXP+18.w=0000:0020 && setpci -s "$port" CAP_EXP+18.w=0700:0700 &&
		setpci -s "$port" CAP_EXP+18.w=0120:0720
}
# The kernel lets go of the slot a second after the device: its power and indicator are off then.
gone()
{
	[ ! -e "/sys/bus/pci/devices/$pci" ] &&
		[ $((0x$(setpci -s "$port" CAP_EXP+18.w) & 0x700)) = $((0x700)) ]
}
push()
{
	qmp device_add '{"driver": "igb", "id": "nic-a", "bus": "port-a", "netdev": "net-a", "mac": "02:dc:00:00:00:0a"}' >/dev/null
}
plugged() { nic_a >/dev/null; }
