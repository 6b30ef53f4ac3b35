#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# R2-R4 as dpctool has them: its policies that steer, attached to dpcnic. What the policies counted
# is compared with the tests' own hash, with the driver's counters and with the maps.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=build/dpctool own=build/cli/dpctool-xdp.bpf.o
policy() { $dpctool policy "$1" dev "$dev" "${@:2}"; }
# What the policy counted: the value of each row's COUNTER and CPU, as words
counted() # COUNTER
{
	policy counters >/run/counters
	awk -v name="$1" '$1 == name { print (name == "steered" ? $2 "=" : "") $3 }' /run/counters | xargs
}
steered_sum() { counted steered | tr ' ' '\n' | cut -d= -f2 | awk '{ s += $1 } END { print s + 0 }'; }
table_id() # of the attached program
{
	local id map

	id=$(ip -d -j link show "$dev" | sed -nE 's/.*"xdp":.*"prog":\{"id":([0-9]+),.*/\1/p')
	for map in $(bpftool prog show id "$id" | sed -nE 's/.*map_ids ([0-9,]+).*/\1/p' | tr , ' '); do
		bpftool map show id "$map" | sed -n 's/:.* name table .*//p'
	done
}
table() # as "CPU=entries ..."
{
	bpftool -j map dump id "$(table_id)" | json '" ".join(f"{cpu}={count}" for cpu, count in
		sorted(collections.Counter(entry["formatted"]["value"] for entry in d).items()))'
}
fill_table() # HEX: the CPU in all entries, four bytes
{
	local i id

	id=$(table_id)
	for i in {0..127}; do echo "map update id $id key $i 0 0 0 value hex $1"; done >/run/batch
	bpftool batch file /run/batch >/dev/null
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
ok "packets to every queue" tool rss "$dev" 4 tcp 400
settle
$dpctool rss weight dev "$dev" weights 4,2,1,1 >/dev/null
like "$(policy attach rss)" "^$dev: rss attached, native: steers by the device's hash" "rss"
is "$(table)" "0=32 1=16 2=64 3=16" "R4 its table has the queues' CPUs"
mark
read -ra expected < <(tool rss "$dev" 4 tcp 400)
settle
is "$(counted steered)" "0=${expected[1]} 1=${expected[3]} 2=${expected[0]} 3=${expected[2]}" \
	"R4 packets go to the CPU of the queue that the hardware chose"
is "$(counted refused) $(counted unmapped)" "0 0" "none is refused"
mark
nothing_lost "rss"
is "$(policy attach rss | sed -n 1p)" "$dev: rss unchanged, native: steers by the device's hash" "once more"

ethtool -N "$dev" rx-flow-hash udp4 sd
ok "rss once more, as UDP ports are not hashed" policy replace rss
mark
read -ra expected < <(tool rss "$dev" 4 udp 400)
settle
is "$(counted steered)" "0=${expected[1]} 1=${expected[3]} 2=${expected[0]} 3=${expected[2]}" \
	"R4 UDP, too, goes to the CPU of the queue that the hardware chose"
ethtool -N "$dev" rx-flow-hash udp4 sdfn
mark
nothing_lost "rss without UDP ports"

ok "rss on one CPU" policy replace rss cpus 3
is "$(table)" "3=128" "its table has just that"
mark
tool rss "$dev" 6 tcp 300 >/dev/null
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
refused 1 "policy: cpus: least-loaded chooses from 512 at most, not 513" "more CPUs than it has room for" \
	policy replace least-loaded cpus "$(printf '0,%.0s' {1..512})0"

ok "rules" policy replace rules
ok "a rule that steers" $dpctool rule add dev "$dev" protocol udp verdict 2
ok "UDP" traffic udp --flows 8 --packets 50
is "$(counted steered) $(counted refused)" "2=400 0" "R2 it does"
like "$($dpctool rule show dev "$dev")" "100 +protocol udp +steer +2" "show tells of it"

# --- a CPU that cannot be used: packets stay on the interrupted one (R3)

cpu3() { echo "$1" >/sys/devices/system/cpu/cpu3/online; } # 0|1
# All arrived, and the policy counted so many for CPU 3, refused and for no CPU.
stays() # WHAT STEERED REFUSED UNMAPPED
{
	ok "$1: UDP" traffic udp --flows 16 --packets 10
	settle
	is "$(counted steered) $(counted refused) $(counted unmapped)" "$2 $3 $4" "R3 $1: is counted"
}
mark
ok "the rule, for CPU 3" $dpctool rule add dev "$dev" protocol udp verdict 3
cpu3 0
stays "rules, CPU 3 offline" "2=400 3=160" 160 0
cpu3 1
for name in "rss cpus 3" "rss-sym cpus 3" "weighted cpus 3 weights 1"; do
	# shellcheck disable=SC2086 # several words
	ok "$name" policy replace $name
	cpu3 0
	stays "$name, which is offline" "3=160" 160 0
	cpu3 1
done
ok "least-loaded cpus 3" policy replace least-loaded cpus 3
cpu3 0
stays "least-loaded, CPU 3 offline" "" 0 160
cpu3 1
ok "rss" policy replace rss
fill_table "c8 00 00 00"
stays "no such CPU" "200=160" 160 0
fill_table "ff ff ff ff"
stays "no CPU" "200=160" 160 160
fill_table "00 10 00 00"
stays "a CPU beyond the maps" "200=160" 160 320
mark
is "$(grew 'S\.rx_steered')" 0 "R3 no packet was steered"
nothing_lost "no CPU to steer to"
accounts "no CPU to steer to"
ok "cpumap cpus 3" policy replace cpumap cpus 3
cpu3 0
ok "cpumap, CPU 3 offline: UDP" traffic udp --flows 16 --packets 10
is "$(counted steered) $(counted refused)" "3=160 0" "cpumap: the kernel has its thread run elsewhere"
cpu3 1

# --- what the driver says when it refuses

frags="whole has none: dpcnic: MTU above 3050: needs a program that knows frags"
ok "detach" policy detach
for mtu in 3051 9000; do
	ip link set "$dev" mtu $mtu
	refused 2 "$dev: its MTU of $mtu needs .*, and $frags" "MTU $mtu, no frags" \
		policy attach file $own prog whole
	refused 2 "$dev: its MTU of $mtu needs .*, and whole has none" "check says so, too" \
		policy check file $own prog whole
done
refused 2 "$dev: its MTU of 9000 needs .*, and $frags" "chained as well" \
	$dpctool --chain policy attach dev "$dev" file $own prog whole
ip link set "$dev" mtu 3050
ok "MTU 3050, no frags: check" policy check file $own prog whole
ok "MTU 3050, no frags: attach" policy attach file $own prog whole
ip link set "$dev" mtu 1500

# --- chained, and replaced under traffic: none is lost

ok "detach" policy detach
# Not the random one, which may send 16 addresses to one of two CPUs: that of the published vectors.
ok "a key" ethtool -X "$dev" hkey 6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0:d0:ca:2b:cb:ae:7b:30:b4:77:cb:2d:a3:80:30:f2:0c:6a:42:b7:3b:be:ac:01:fa
ok "--chain" $dpctool --chain policy attach dev "$dev" rules
mark
rm -f /run/enough
traffic udp --flows 16 --until /run/enough >/run/sent 2>&1 &
ok "rss takes over" policy replace rss
ok "weighted takes over" policy replace weighted cpus 1,2 weights 1,1
touch /run/enough
wait $!
is $? 0 "no packet is lost: all that were sent arrived"
mark
like "$(</run/sent)" "^[1-9][0-9]*$" "there were some"
nothing_lost "chained"
ok "UDP" traffic udp --flows 16 --packets 10
settle
like "$(counted steered)" "^1=[0-9]+ 2=[0-9]+$" "the last one steers"
is "$(policy detach)" "$dev: weighted cpus 1,2 weights 1,1 detached" "detach"
is "$(cat "/sys/class/net/$dev/carrier_changes")" "$changes" "the link was up all the time"
ok "the module is unloaded" wait_for 30 unload_module
documents_fit
done_testing
