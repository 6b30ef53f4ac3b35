#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kexec with traffic under way: the kernel that follows finds a device that does nothing, and dpcnic
# works there. The test is started again there; the command line tells how far it was.
. "${0%/*}/common.sh"

pci=$(nic_a_pci)
master() { echo $((0x$(setpci -s "$pci" COMMAND) & 4)); }
receives() { echo $(($(registers 0x100) & 2)); }
# ENABLE of RXDCTL of the first four queues, and of TXDCTL.
queues_on()
{
	local queue reg

	for queue in 0 1 2 3; do
		for reg in 0xc028 0xe028; do echo $(($(registers $((reg + 0x40 * queue))) >> 25 & 1)); done
	done | xargs
}
# What kexec-tools would do: load this kernel once more, without an initial RAM disk, and start it.
kexec() # PARAMETER
{
	python3 - "/boot/vmlinuz-$(uname -r)" "$(</proc/cmdline) $1" <<-'PYTHON'
	import ctypes, os, sys
	libc = ctypes.CDLL(None, use_errno=True)
	line = sys.argv[2].encode() + b"\0"
	kexec_file_load, no_initramfs, reboot_kexec = 320, 4, 0x45584543
	kernel = os.open(sys.argv[1], os.O_RDONLY)
	if libc.syscall(kexec_file_load, kernel, -1, ctypes.c_ulong(len(line)), line, ctypes.c_ulong(no_initramfs)):
	    sys.exit(os.strerror(ctypes.get_errno()))
	libc.reboot(reboot_kexec)
	sys.exit(os.strerror(ctypes.get_errno()))
	PYTHON
}

if [[ $(</proc/cmdline) =~ lab.kexec=([0-9]+) ]]; then
	tap_count=${BASH_REMATCH[1]}
	pass "the kernel has started anew"
	is "$(master) $(receives)" "0 0" "the device is no bus master, and does not receive"
	is "$(queues_on)" "0 0 0 0 0 0 0 0" "none of its queues is on"
	start_dpcnic
	fixed_neighbours
	mark
	ok "UDP from the peer" traffic udp --flows 16 --packets 50
	ok "UDP to the peer" traffic udp --flows 16 --packets 50 --sender a
	mark
	nothing_lost "after kexec"
	contract "after kexec"
	ok "the module is unloaded" unload_module
	done_testing
fi

start_dpcnic
fixed_neighbours
is "$(master) $(receives)" "4 2" "the device is bus master, and receives"
is "$(queues_on)" "1 1 1 1 1 1 1 1" "its queues are on"
ok "pktgen is set up" pktgen_setup 0 "count 0" "pkt_size 60" "${many_flows[@]}"
load_start pktgen
sleep 1
kexec "lab.kexec=$tap_count"
fail "kexec does not return"
done_testing
