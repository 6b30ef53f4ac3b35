#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 200
# R2-R4 as dpctool has them: its policies that steer, attached to dpcnic. What the policies counted
# is compared with the tests' own hash, with the driver's counters and with the maps.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=build/dpctool
policy() { $dpctool policy "$1" dev "$dev" "${@:2}"; }
# What the policy counted: the value of each row's COUNTER and CPU, as words
counted() # COUNTER
{
	policy counters >/run/counters
	awk -v name="$1" '$1 == name { print (name == "steered" ? $2 "=" : "") $3 }' /run/counters | xargs
}
steered_sum() { counted steered | tr ' ' '\n' | cut -d= -f2 | awk '{ s += $1 } END { print s + 0 }'; }
table() # of the attached program, as "CPU=entries ..."
{
	local id

	id=$(bpftool -j prog show id "$(ip -d -j link show "$dev" | json 'd[0]["xdp"]["prog"]["id"]')" |
		json '" ".join(map(str, d["map_ids"]))' | tr ' ' '\n' |
		while read -r map; do bpftool map show id "$map" | awk '/name table / { sub(":.*", ""); print }'; done)
	bpftool -j map dump id "$id" | json '" ".join(f"{cpu}={count}" for cpu, count in
		sorted(collections.Counter(entry["formatted"]["value"] for entry in d).items()))'
}
refused() # STATUS REGEX DESCRIPTION COMMAND...
{
	local status=$1 regex=$2 what=$3 got

	shift 3
	"$@" >/run/out 2>/run/err
	got=$?
	if [ $got = "$status" ] && [ ! -s /run/out ] && grep -Eq "^dpctool: $regex.*\. Try: " /run/err; then
		pass "$what"
	else
		diag "status $got, expected $status, from: $*" "$(cat /run/err)"
		fail "$what"
	fi
}

start_dpcnic
fixed_neighbours
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
changes=$(cat "/sys/class/net/$dev/carrier_changes")

refused 2 "$dev: policy rss steers in the driver only" "generic mode" policy attach rss mode generic
like "$(policy check rss)" "^$dev: rss fits, native: program rss, [0-9]+ instructions, with frags" "check"

# --- rss: what the hardware would do (R4)

# Queues' interrupts go where nobody would guess, then the table is read.
cpu_of=(2 0 3 1)
for msg in 0 1 2 3; do echo "${cpu_of[msg]}" >"/proc/irq/$(irq_of $msg)/smp_affinity_list"; done
# An interrupt moves when it comes the next time.
ok "packets to every queue" "$vm/rss.py" "$dev" 4 tcp 400
settle
$dpctool rss weight dev "$dev" weights 4,2,1,1 >/dev/null
like "$(policy attach rss)" "^$dev: rss attached, native: steers by the device's hash" "rss"
is "$(table)" "0=32 1=16 2=64 3=16" "R4 its table has the queues' CPUs"
mark
read -ra expected < <("$vm/rss.py" "$dev" 4 tcp 400)
settle
is "$(counted steered)" "0=${expected[1]} 1=${expected[3]} 2=${expected[0]} 3=${expected[2]}" \
	"R4 packets go to the CPU of the queue that the hardware chose"
is "$(counted refused) $(counted unmapped)" "0 0" "none is refused"
mark
nothing_lost "rss"
is "$(policy attach rss | sed -n 1p)" "$dev: rss unchanged, native: steers by the device's hash" "once more"

ok "rss on one CPU" policy replace rss cpus 3
is "$(table)" "3=128" "its table has just that"
mark
"$vm/rss.py" "$dev" 6 tcp 300 >/dev/null
settle
is "$(counted steered)" "3=300" "R2 all packets go there"
mark
ok "most of them from elsewhere" [ "$(grew 'S\.rx_steered')" -gt 150 ]
nothing_lost "on one CPU"

# --- the others

ok "weighted" policy replace weighted cpus 1,2 weights 3,1
is "$(table)" "1=96 2=32" "its table has three quarters and one"
for name in rss-sym least-loaded cpumap "rss-sym cpus 0,2" "least-loaded cpus 1"; do
	# shellcheck disable=SC2086 # several words
	ok "$name" policy replace $name
	mark
	ok "$name: UDP" traffic udp --flows 16 --packets 50
	settle
	is "$(steered_sum) $(counted refused) $(counted unmapped)" "800 0 0" "$name: all of it is steered"
	mark
	nothing_lost "$name"
done
is "$(counted steered)" "1=800" "least-loaded among one CPU takes that"

ok "rules" policy replace rules
ok "a rule that steers" $dpctool rule add dev "$dev" protocol udp verdict 2
ok "UDP" traffic udp --flows 8 --packets 50
is "$(counted steered) $(counted refused)" "2=400 0" "R2 it does"
like "$($dpctool rule show dev "$dev")" "100 +protocol udp +steer +2" "show tells of it"

is "$(policy detach)" "$dev: rules detached" "detach"
is "$(cat "/sys/class/net/$dev/carrier_changes")" "$changes" "the link was up all the time"
ok "the module is unloaded" wait_for 10 unload_module
done_testing
