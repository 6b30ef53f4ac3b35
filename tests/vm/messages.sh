# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# I8: one test for every kind of message, on 8, 4, 2 and 1 CPUs. The kinds are in 80-*.t to 83-*.t:
# $kind, and by run's --vectors what the device offers.
. "${0%/*}/common.sh"
: "${kind:?}" "${steps_down:?}"

# How many messages there are to be with so many queues: one each and one more, if granted.
granted() # QUEUES
{
	case $kind in
	per-queue) echo $(($1 + 1)) ;;
	shared) echo $(($1 + 1 < 3 ? $1 + 1 : 3)) ;;
	*) echo 1 ;;
	esac
}
setting() { ethtool -l "$dev" | sed -n "s/^$1:[[:space:]]*//p" | xargs; } # NAME: maximum and value

# --- CPUs

switch_cpus() # FROM TO 0|1
{
	local cpu

	for ((cpu = $1; cpu <= $2; cpu++)); do
		echo "$3" >"/sys/devices/system/cpu/cpu$cpu/online" || return
	done
}

# Packets that DPCs indicated, per CPU, since the histogram was made.
indicated=$events/dpc_run
per_cpu() # CPUS
{
	awk -v cpus="$1" '/cpu:/ { gsub("[{}:,]", " "); for (i = 1; i < NF; i++) {
			if ($i == "cpu") cpu = $(i + 1)
			if ($i == "packets") packets[cpu] += $(i + 1) } }
		END { for (i = 0; i < cpus; i++) printf "%d%s", packets[i], i < cpus - 1 ? " " : "\n" }' \
		$indicated/hist
}
# What every queue got, added up per CPU: queue i belongs to the i-th CPU.
fold() # CPUS COUNT...
{
	local cpus=$1 i sums
	shift

	sums=()
	for ((i = 0; i < cpus; i++)); do sums[i]=0; done
	for ((i = 0; i < $#; i++)); do sums[i % cpus]=$((sums[i % cpus] + ${*:i+1:1})); done
	echo "${sums[*]}"
}

# --- traffic

# One packet of each of 200 flows: by which queue, and on which CPU it was indicated. After a mark.
spread() # WHAT QUEUES CPUS
{
	local expected q histogram='hist:keys=cpu:vals=packets'

	echo "$histogram" >$indicated/trigger
	expected=$(tool rss "$dev" 4 tcp 200)
	mark
	is "$(for ((q = 0; q < $2; q++)); do grew "q\.rx${q}_packets"; done | xargs)" "$expected" \
		"R1 $1: every flow came by the queue its hash says"
	# shellcheck disable=SC2086 # one word per queue
	is "$(per_cpu "$3")" "$(fold "$3" $expected)" "I8 $1: and was indicated on the CPU of that queue"
	echo "!$histogram" >$indicated/trigger
}
both_ways() # WHAT
{
	ok "$1: UDP from the peer" traffic udp --flows 16 --packets 20
	ok "$1: TCP to the peer" traffic tcp --bytes 500000 --sender a
	mark
	accounts "$1"
	contract "$1"
	interrupts_agree "$1"
}
under_load() # WHAT COMMAND...
{
	local what=$1
	shift

	load_start ""
	ok "$what: there is load" more_received 50
	ok "$what" "$@"
	ok "$what: and still is" more_received 50
	load_stop
}

# The driver anew, as on a machine with the CPUs that are online.
rebind()
{
	local pci
	pci=$(nic_a_pci)

	echo "$pci" >/sys/bus/pci/drivers/dpcnic/unbind
	echo "$pci" >/sys/bus/pci/drivers/dpcnic/bind
	dev=$(nic_a) && ip link set "$dev" allmulticast on &&
		ip addr add "$addr_a4/24" dev "$dev" &&
		ip addr add "$addr_a6/64" dev "$dev" nodad &&
		ip link set "$dev" up && wait_carrier "$dev" && fixed_neighbours
}

# --- 8 CPUs

start_dpcnic
fixed_neighbours
is "$(messages)" "$(granted 8)" "messages that were granted"
is "$(grep -c "$dev-msg" /proc/interrupts)" "$(granted 8)" "each has its IRQ"
is "$(setting Combined)" "16 8" "a queue per CPU, whatever the messages"
is "$(setting Other)" "$([ "$(granted 8)" = 1 ] && echo n/a n/a || echo 1 1)" \
	"a message for other causes, where there is more than one"
is "$(dmesg | grep -cE 'dpcnic .*(granted|to be had)')" "$steps_down" "each step down was said once"
is "$(netdev queues "$dev" | grep -c napi=)" 16 "every queue has a NAPI"
mark
spread "8 CPUs" 8 8
ok "8 CPUs: UDP to the peer" traffic udp --flows 16 --packets 20 --sender a
mark
nothing_lost "8 CPUs"
ok "8 CPUs: TCP from the peer" traffic tcp --bytes 500000
both_ways "8 CPUs"

# --- link changes

other=$(($(messages) - 1))
mark
cable nic-a down
ok "link down: seen" wait_for 30 sh -c "! grep -q 1 /sys/class/net/$dev/carrier"
mark
ok "link down: by message $other" test "$(grew "S\.msg${other}_dpc_runs")" -gt 0
cable nic-a up
ok "link up: seen" wait_carrier "$dev"
mark
ok "link up: by message $other" test "$(grew "S\.msg${other}_dpc_runs")" -gt 0

# --- fewer and fewer CPUs

# message-per-queue is what all other tests have
[ "$kind" = per-queue ] && fewer=1 || fewer="4 2 1"
top=7
for cpus in $fewer; do
	under_load "CPUs $cpus and up go offline" switch_cpus "$cpus" "$top" 0
	top=$((cpus - 1))
	mark
	accounts "CPUs went offline"
	contract "CPUs went offline"
	[ "$kind" = per-queue ] || spread "8 queues on $cpus CPUs" 8 "$cpus"
	both_ways "$cpus CPUs"
done
ok "the driver anew" rebind
is "$(messages) $(setting Combined)" "$(granted 1) 16 1" "1 CPU: messages and queues"
mark_anew
both_ways "1 CPU, 1 queue"
ethtool -L "$dev" combined 8 && wait_carrier "$dev" && mark_anew

# --- and back

under_load "all CPUs come back" switch_cpus 1 7 1
mark
accounts "CPUs came back"
contract "CPUs came back"
[ "$kind" = per-queue ] || spread "8 CPUs again" 8 8

# --- ethtool -L

queues() # COUNT...
{
	local count

	for count; do
		ethtool -L "$dev" combined "$count" && wait_carrier "$dev" &&
			[ "$(setting Combined)" = "16 $count" ] || return
		sleep 0.1
	done
}
queues 16; mark_anew
under_load "queues come and go" queues 1 3 8 16
mark
accounts "queues came and went"
contract "queues came and went"
spread "16 queues" 16 8
queues 1; mark_anew
both_ways "1 queue"

! ethtool -L "$dev" combined 17 2>/run/said; is "$?" 0 "17 queues are refused"
! ethtool -L "$dev" combined 0 2>/run/said; is "$?" 0 "no queue is refused"

# --- INTx: a line that another device interrupts on, too

rescan_scsi()
{
	local i host

	modprobe sym53c8xx && wait_for 30 test -e /sys/class/scsi_host/host*/scan || return
	host=$(echo /sys/class/scsi_host/host*)
	grep "$dev-msg0" /proc/interrupts | grep -q sym53c8xx || return
	for i in 1 2 3; do echo "- - -" >"$host/scan" || return; done
}
if [ "$kind" = intx ]; then
	mark
	under_load "another device on the line" rescan_scsi
	mark
	ok "I8 its interrupts are disowned" test "$(grew 'S\.msg0_disowned')" -gt 0
	ok "I8 ours are not" test "$(grew 'S\.msg0_interrupts')" -gt 0
	accounts "shared line"
	contract "shared line"
	interrupts_agree "shared line"
fi

# An interrupt of the line may have lost its cause on its way, where the IRQ moved to another CPU or
# a late one was claimed. That the kernel did not give the line up, its log says.
[ "$kind" = intx ] || is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
