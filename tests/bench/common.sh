# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the benchmarks share. They run in the lab's machine in instruction-counting mode, where one
# nanosecond is one instruction of any CPU: tests/lab/run --icount bash tests/bench/NAME [PACKETS
# [ROUNDS]]
#
# pktgen sends 60-byte UDP packets of one flow from the peer as fast as it can. work.bt adds up what
# the machine does in interrupts and in the receive softirq meanwhile, and what that is with the
# receiver's link down (the peer's own interrupts) is taken off. So a figure is all that is done for
# a received packet from the interrupt to its end. What it does not see: caches, and what a register
# access costs on a bus. The time that pktgen takes would be no measure: it waits for its own ring
# now and then, and what is done meanwhile would cost nothing.
set -eu
. "$LAB/guest.sh"
packets=${1:-50000}
# shellcheck disable=SC2034 # for those who read this file
rounds=${2:-2}

modprobe pktgen

send() # PACKETS
{
	peer bash -eu -c '
		dir=/proc/net/pktgen
		echo rem_device_all >$dir/kpktgend_0
		echo add_device peer0 >$dir/kpktgend_0
		for set in "count $1" "pkt_size 60" "delay 0" "clone_skb $1" \
			"dst_mac 02:dc:00:00:00:0a" "dst 198.51.100.1" "src_min 192.0.2.2" \
			"src_max 192.0.2.2" "udp_dst_min 9" "udp_dst_max 9"; do
			echo "$set" >$dir/peer0
		done
		echo start >$dir/pgctrl' send "$1"
}

# Send, and print the nanoseconds of work in interrupts and softirqs.
work()
{
	rm -f /run/bench
	mkfifo /run/bench
	bpftrace "tests/bench/work.bt" -c "cat /run/bench" >/run/worked 2>&1 &
	wait_for 120 pgrep -P $! -x cat >/dev/null || { cat /run/worked >&2; return 1; }
	send "$packets"
	sleep 0.1
	echo >/run/bench
	wait $!
	sed -n 's/^@ns: //p' /run/worked
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

# One figure: packets that got lost on the way are said, not averaged away.
measure() # DRIVER CASE
{
	local rx0 irq0 rx took idle

	send 1000
	rx0=$(received) irq0=$(interrupts)
	took=$(work)
	rx=$(($(received) - rx0))
	ip link set "$dev" down
	idle=$(work)
	ip link set "$dev" up
	wait_carrier "$dev"
	awk -v driver="$1" -v name="$2" -v took="$took" -v idle="$idle" -v rx="$rx" \
		-v irqs=$(($(interrupts) - irq0)) -v sent="$packets" 'BEGIN {
			printf "%-7s %-14s %8.0f %10.1f %6d\n", driver, name,
				(took - idle) / rx, 1000 * irqs / rx, sent - rx }' | tee -a "$TMP"
}

TMP=$(mktemp)
begin()
{
	ip -n peer addr add "$addr_b4/24" dev peer0
	echo "driver  case           instr/pkt  irq/1000pkt   lost"
}

# The means, and the ratio of ours to igb's; or to another case of ours.
ratios() # [CASE=OTHER]...
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
