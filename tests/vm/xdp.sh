# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests of XDP: the programs of verdicts.bpf.c, and pktgen's numbered packets.
. "${0%/*}/common.sh"

test_bpf=/sys/fs/bpf/test

load_programs()
{
	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
	mkdir -p $test_bpf &&
		bpftool prog loadall build/cli/verdicts.bpf.o $test_bpf/progs pinmaps $test_bpf/maps &&
		tc qdisc add dev "$dev" clsact &&
		tc filter add dev "$dev" ingress bpf direct-action pinned $test_bpf/progs/look
}
# Programs that call the module keep it from being unloaded.
unload_programs()
{
	tc qdisc del dev "$dev" clsact
	rm -r $test_bpf
}
# Attach, replace, detach, as anybody would.
attach() { ip link set dev "$dev" xdpdrv pinned "$test_bpf/progs/$1"; } # PROGRAM
replace() { ip -force link set dev "$dev" xdpdrv pinned "$test_bpf/progs/$1"; }
detach() { ip link set dev "$dev" xdpdrv off; }

entry() { bpftool map update pinned "$test_bpf/maps/$1" key hex "$2" 00 00 00 value hex "$3" 00 00 00; }
# Flow i goes to the CPU that is named for it. pktgen's are from 192.0.2.20 + i, test-traffic's from
# 192.0.2.2 + i.
steer_flows() { build/cli/test-flows steer $flows "$@"; } # CPU...: of flows 0, 1, ... and again from the first

# pktgen: so many packets to the discard port, of $flows flows by their source address, UDP of
# IPv4; slow enough for every ring.
flows=16
send_numbered() # COUNT [LINE...]
{
	local count=$1
	shift

	pktgen_setup 0 "count $count" "pkt_size 100" "src_min 192.0.2.20" \
		"src_max 192.0.2.$((19 + flows))" "udp_dst_min 9" "udp_dst_max 9" "delay 40000" "$@" &&
		pktgen_run
}
look_anew() { build/cli/test-flows anew; }
seen() { build/cli/test-flows seen "$@"; } # FIELD...
# What a packet socket sees meanwhile of what a device receives: then in /run/frames.
frames_start() { tool_start frames "$1" >/run/frames; } # DEVICE
frames_stop()
{
	settle
	tool_stop frames
}
frames() # DEVICE COMMAND...
{
	frames_start "$1" && "${@:2}" && frames_stop
}
carrier_changes() { cat "/sys/class/net/$dev/carrier_changes"; }
