# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the benchmarks share. They run in the lab's machine in instruction-counting mode, where one
# nanosecond is one instruction of any CPU: tests/lab/run --icount bash tests/bench/NAME [PACKETS
# [ROUNDS]]. docs/performance.md tells what is counted, and what is not seen.
#
# pktgen sends 60-byte UDP packets from the peer, in bursts of 32 with one doorbell each, and rests
# between them until all is done; so one burst makes two interrupts. soaker tells the instructions
# that were work. What the same sending takes with the receiver's link down is taken off, so a
# figure is all that is done for a received packet, by any CPU, in any context.
set -eu
. "$LAB/guest.sh"
# As many per doorbell, and nanoseconds for each until the next one, unless the benchmark says
# otherwise.
burst=${burst:-32} pace=${pace:-9375}
packets=$((${1:-40960} / burst * burst))
# shellcheck disable=SC2034 # for those who read this file
rounds=${2:-3}

# How packets are sent; a case may set them. $sender: peer (pktgen there), us (pktgen here, to
# nobody), segments (TCP, from the peer) or tso (TCP, from here, to nobody); see segments.c. $delay
# is in nanoseconds between two bursts; by default enough to deal with one.
default_burst=$burst
default_sender() { sender=peer size=60 burst=$default_burst flows=1 delay='' count=$packets; }
default_sender
nobody=02:dc:00:00:00:fe

modprobe pktgen
ip link set lo up
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

at_sender()
{
	case $sender in
	peer | segments) in_peer "$1" ;;
	*) eval "$1" ;;
	esac
}

# One flow is one packet sent again and again; of several, each burst is the next one's.
prepare_sender() # PACKETS
{
	local set dir=/proc/net/pktgen from=peer0 to=02:dc:00:00:00:0a clone=$1

	[ "$sender" = peer ] || [ "$sender" = us ] || { to_send=$1; return 0; }
	[ "$sender" = peer ] || { from=$dev to=$nobody; }
	[ "$flows" = 1 ] || clone=0
	at_sender "echo rem_device_all >$dir/kpktgend_0; echo add_device $from >$dir/kpktgend_0"
	for set in "count $1" "pkt_size $size" "delay ${delay:-$((burst * pace))}" "clone_skb $clone" "burst $burst" \
		"dst_mac $to" "dst 198.51.100.1" "src_min 192.0.2.2" \
		"src_max 192.0.2.$((1 + flows))" "udp_dst_min 9" "udp_dst_max 9"; do
		at_sender "echo $set >$dir/$from"
	done
}

send()
{
	case $sender in
	segments) in_peer "build/cli/segments peer0 02:dc:00:00:00:0a $to_send; sleep 0.01" ;;
	tso) build/cli/segments "$dev" $nobody "$to_send" tso; sleep 0.01 ;;
	*) at_sender "echo start >/proc/net/pktgen/pgctrl; sleep 0.01" ;;
	esac
}

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

# pktgen may send some more than it was asked to, where its last burst began late.
sent_by_peer()
{
	[ "$sender" = peer ] || { echo "$to_send"; return; }
	in_peer "sed -n 's/.*pkts-sofar: \([0-9]*\).*/\1/p' /proc/net/pktgen/peer0 >/run/sofar"
	cat /run/sofar
}

received() { cat "/sys/class/net/$dev/statistics/rx_packets"; }
sent() { cat "/sys/class/net/$dev/statistics/tx_packets"; }
interrupts()
{
	awk -v dev="$dev" '$NF ~ "^" dev { for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i }
		END { print sum + 0 }' /proc/interrupts
}

# --- accesses to the device's registers, as QEMU's log has them (tests/bench/bench)

mmio_log=$LAB_RESULTS/mmio.$(nproc)
log_mmio() # true|false
{
	local access

	[ -e "$mmio_log" ] || return 0
	for access in read write; do
		qmp trace-event-set-state "{\"name\": \"memory_region_ops_$access\", \"enable\": $1}" >/dev/null
	done
}
# How far the log has come. What the machine knows of a file of its host's may be a second old.
mmio_size() { [ ! -e "$mmio_log" ] || { sleep 1.5; stat -c %s "$mmio_log"; }; }

# Reads and writes of NIC A's registers, but for the PCI ones, from there on; "- -" without a log.
mmio_since() # SIZE
{
	local bar

	[ -n "$1" ] || { echo "- -"; return; }
	bar=$(head -n 1 "/sys/bus/pci/devices/$(nic_a_pci)/resource")
	sleep 1.5
	tail -c +$(($1 + 1)) "$mmio_log" | awk -v bar="$bar" '
		BEGIN { split(bar, end, " "); sub(/0x0*/, "0x", end[1]); sub(/0x0*/, "0x", end[2]) }
		{ for (i = 1; $i != "addr"; i++) if (i > NF) next
		  at = $(i + 1) "" }
		length(at) == length(end[1]) && at >= end[1] "" && at <= end[2] "" {
			cnt[/ops_read/ ? "read" : "write"]++ }
		END { print cnt["read"] + 0, cnt["write"] + 0 }'
}

# --- polls: of a NAPI instance, or a DPC, whichever driver's

polls=/sys/kernel/tracing/events/napi/napi_poll
count_polls() { echo 'hist:keys=dev_name' >$polls/trigger; }
polls_counted()
{
	awk -v dev="$dev" '$0 ~ "dev_name: *" dev " " { gsub(/[^0-9]/, "", $NF); print $NF; found = 1 }
		END { if (!found) print 0 }' $polls/hist
	echo '!hist:keys=dev_name' >$polls/trigger
}

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

# What else than the packets of interest was work: the sending, where it is the peer's; a first
# burst, with all it takes to start, where it is ours. Sets $work, and $rest, the packets in it.
count_the_rest()
{
	case $sender in
	peer | segments)
		ip link set "$dev" down
		send_and_count
		rest=$(sent_by_peer)
		ip link set "$dev" up
		wait_carrier "$dev"
		;;
	*)
		rest=$(sent)
		prepare_sender 32
		send_and_count
		rest=$(($(sent) - rest))
		;;
	esac
}

# One line: instructions per packet, per thousand of them interrupts, polls, reads and writes of
# registers; and packets that got lost on the way, which are said and not averaged away. All is sent
# twice, and polls are counted the first time: then pools and slabs have as many pages as it takes, each
# of which the kernel clears, by 4096 instructions, when it hands it out.
measure() # DRIVER CASE
{
	local seen=received from irqs poll took mmio cnt all rest

	[ "$sender" = peer ] || [ "$sender" = segments ] || seen=sent
	prepare_sender "$count"
	count_polls
	from=$($seen)
	send
	poll=$(polls_counted)
	poll=$((1000 * poll / ($($seen) - from)))
	prepare_sender "$count"
	mmio=$(mmio_size)
	from=$($seen) irqs=$(interrupts)
	log_mmio true
	send_and_count
	log_mmio false
	took=$work
	cnt=$(($($seen) - from)) irqs=$(($(interrupts) - irqs))
	mmio=$(mmio_since "$mmio")
	all=$cnt
	[ $seen = sent ] || all=$(sent_by_peer)
	count_the_rest
	awk -v driver="$1" -v name="$2" -v took="$took" -v cnt="$cnt" -v irqs="$irqs" -v all="$all" \
		-v seen=$seen -v polls="$poll" -v mmio="$mmio" -v work="$work" -v rest="$rest" 'BEGIN {
			split(mmio, access, " ")
			for (i in access) if (access[i] != "-") access[i] = sprintf("%.1f", 1000 * access[i] / cnt)
			each = seen == "sent" ? (took - work) / (cnt - rest) : (took - work * all / rest) / cnt
			printf "%-7s %-14s %8.1f %8.1f %6d %8s %8s %6d\n", driver, name, each,
				1000 * irqs / cnt, polls, access[1], access[2], all - cnt }'
}

begin()
{
	ip -n peer addr add "$addr_b4/24" dev peer0
	echo "driver  case           instr/pkt  irqs  polls    reads   writes   lost"
}
