# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the benchmarks share. They run in the lab's machine in instruction-counting mode, where one
# nanosecond is one instruction of any CPU: tests/lab/run --icount bash tests/bench/NAME [PACKETS
# [ROUNDS]]
#
# pktgen sends 60-byte UDP packets of one flow from the peer, in bursts of 32 with one doorbell
# each, and rests between them until all is done; so one interrupt leads to 32 packets. soaker tells the instructions that were work.
# What the same sending takes with the receiver's link down is taken off, so a figure is all that
# is done for a received packet, by any CPU, in any context. What it does not see: caches, and
# what a register access costs on a bus.
set -eu
. "$LAB/guest.sh"
# As many per doorbell, and nanoseconds for each until the next one, unless the benchmark says
# otherwise.
burst=${burst:-32} pace=${pace:-18750}
packets=$((${1:-40960} / burst * burst))
# shellcheck disable=SC2034 # for those who read this file
rounds=${2:-3}

modprobe pktgen
mkfifo /run/soak /run/soaked /run/peer /run/peered
build/cli/soaker </run/soak >/run/soaked &
soaker=$!
# a shell that is there already: to start one would be work
ip netns exec peer bash -c 'while read -r line; do eval "$line"; echo; done' </run/peer >/run/peered &
exec {soak}>/run/soak {soaked}</run/soaked {peer}>/run/peer {peered}</run/peered

kill -STOP $soaker

in_peer()
{
	echo "$1" >&"$peer"
	read -r -u "$peered" _
}

work_so_far()
{
	echo >&"$soak"
	read -r -u "$soaked" "$1"
}

prepare_sender() # PACKETS
{
	local set dir=/proc/net/pktgen

	in_peer "echo rem_device_all >$dir/kpktgend_0; echo add_device peer0 >$dir/kpktgend_0"
	for set in "count $1" "pkt_size 60" "delay $((burst * pace))" "clone_skb $1" "burst $burst" \
		"dst_mac 02:dc:00:00:00:0a" "dst 198.51.100.1" "src_min 192.0.2.2" \
		"src_max 192.0.2.2" "udp_dst_min 9" "udp_dst_max 9"; do
		in_peer "echo $set >$dir/peer0"
	done
}

send() { in_peer "echo start >/proc/net/pktgen/pgctrl; sleep 0.01"; }

# Send; sets $work. Only now is idle time executed: else it passes in no time.
send_and_count()
{
	local from to

	kill -CONT $soaker
	work_so_far from
	send
	work_so_far to
	kill -STOP $soaker
	work=$((to - from))
}

received() { cat "/sys/class/net/$dev/statistics/rx_packets"; }
interrupts() { awk -v dev="$dev" '$NF ~ "^" dev { sum += $2 } END { print sum + 0 }' /proc/interrupts; }

take() # DRIVER
{
	[ -e /sys/module/dpcnic ] || load_module
	bind_nic_a "$1"
	dev=$(wait_for 10 nic_a | tail -n 1)
	ip addr add "$addr_a4/24" dev "$dev"
	ip link set "$dev" up
	wait_carrier "$dev"
	wait_carrier peer0
}

# Not deeper into the stack than its first step. Goes with the driver.
drop_in_tc()
{
	tc qdisc add dev "$dev" clsact
	tc filter add dev "$dev" ingress matchall action drop
}

# The programs of bench.bpf.c.
bpf=/sys/fs/bpf/bench
load_programs()
{
	mount -t bpf bpf /sys/fs/bpf
	mkdir $bpf
	bpftool prog loadall build/cli/bench.bpf.o $bpf/progs pinmaps $bpf/maps
}

with_program() # DRIVER PROGRAM [CASE]
{
	ip link set dev "$dev" xdpdrv pinned $bpf/progs/"$2"
	wait_carrier "$dev"
	measure "$1" "${3:-$2}"
	ip link set dev "$dev" xdpdrv off
	wait_carrier "$dev"
}

# One figure: packets that got lost on the way are said, not averaged away.
measure() # DRIVER CASE
{
	local rx0 irqs rx took

	prepare_sender 1024
	send
	prepare_sender "$packets"
	rx0=$(received) irqs=$(interrupts)
	send_and_count
	took=$work
	rx=$(($(received) - rx0)) irqs=$(($(interrupts) - irqs))
	ip link set "$dev" down
	send_and_count
	ip link set "$dev" up
	wait_carrier "$dev"
	awk -v driver="$1" -v name="$2" -v work=$((took - work)) -v rx="$rx" \
		-v irqs="$irqs" -v sent="$packets" 'BEGIN {
			printf "%-7s %-14s %8.0f %10.1f %6d\n", driver, name,
				work / rx, 1000 * irqs / rx, sent - rx }' | tee -a "$TMP"
}

TMP=$(mktemp)
begin()
{
	ip -n peer addr add "$addr_b4/24" dev peer0
	echo "driver  case           instr/pkt  irq/1000pkt   lost"
}

# The means, and the ratio of ours to igb's; and of a case of ours to another.
ratios() # CASE=OTHER...
{
	awk -v others="$*" '{ sum[$1, $2] += $3; cnt[$1, $2]++; cases[$2] }
	function mean(driver, name) { return sum[driver, name] / cnt[driver, name] }
	END { for (name in cases) if (cnt["igb", name] && cnt["dpcnic", name])
			printf "%s: igb %.0f, dpcnic %.0f instructions per packet, ratio %.3f\n", name,
				mean("igb", name), mean("dpcnic", name),
				mean("dpcnic", name) / mean("igb", name)
		n = split(others, pairs)
		for (i = 1; i <= n; i++) { split(pairs[i], pair, "=")
			printf "%s: %.0f, %s: %.0f instructions per packet, ratio %.3f\n", pair[1],
				mean("dpcnic", pair[1]), pair[2], mean("dpcnic", pair[2]),
				mean("dpcnic", pair[1]) / mean("dpcnic", pair[2]) } }' "$TMP"
}
