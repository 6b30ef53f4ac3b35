#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --device virtio-net-pci --device e1000
# dpctool map shows what belongs together, and moves it: for dpcnic, igb, virtio-net, and e1000,
# which has an INTx line. Compared with sysfs, /proc, ps and the tests' own netlink.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=build/dpctool
map() { $dpctool map "$@"; }
said() { "${@:2}" | json "$1"; } # EXPRESSION COMMAND...
columns() # COLUMN,... DEVICE [COMMAND...], before dpctool: a line per row
{
	"${@:3}" $dpctool -o "$1" map show dev "$2" | tail -n +2 | tr -s ' ' | sed 's/^ //'
}
column() { columns "$@" | xargs; }

# What /proc says of IRQs: their names, where they may arrive, where they do.
names() # IRQ...
{
	local irq

	for irq; do awk -v irq="$irq:" '$1 == irq { print $NF }' /proc/interrupts; done | xargs
}
of_irqs() # FILE IRQ...
{
	local irq

	for irq in "${@:2}"; do cat "/proc/irq/$irq/$1"; done | xargs
}
affinities() { of_irqs smp_affinity_list "$@"; }
# The IRQs of a device by their vectors.
vectors() # SYSFS-DIRECTORY
{
	local irq

	for irq in "$1"/msi_irqs/*; do
		echo "$(<"/sys/kernel/irq/${irq##*/}/hwirq") ${irq##*/}"
	done | sort -n | cut -d' ' -f2
}
# What netlink says: IRQ, NAPI instances with queues, these, threads; a line per IRQ.
told() # DEVICE
{
	{ netdev napis "$1"; netdev queues "$1"; } | awk '
		function add(list, word) { return list == "" ? word : list "," word }
		{ delete v; for (i = 1; i <= NF; i++) { split($i, kv, "="); v[kv[1]] = kv[2] } }
		!("type" in v) { order[++n] = v["napi"]; irq[v["napi"]] = v["irq"]; pid[v["napi"]] = v["pid"] }
		"type" in v { queues[v["napi"]] = add(queues[v["napi"]], v["type"] v["queue"]) }
		END { for (i = 1; i <= n; i++) { id = order[i]
			if (queues[id] == "" || irq[id] == "") continue
			napis[irq[id]] = add(napis[irq[id]], id)
			all[irq[id]] = add(all[irq[id]], queues[id])
			if (pid[id] != "") pids[irq[id]] = add(pids[irq[id]], pid[id]) }
			for (i in all) print i, napis[i], all[i], pids[i] == "" ? "-" : pids[i] }' | sort -n
}
with_queues() { columns IRQ,NAPI,QUEUES,THREAD "$1" | awk '$3 != "-"' | sort -n; } # DEVICE
# CPUs on which each of these IRQs arrived while a command ran.
arrived() # COMMAND... -- IRQ...
{
	local command=() irq before

	while [ "$1" != -- ]; do command+=("$1"); shift; done
	shift
	before=$(</proc/interrupts)
	"${command[@]}" >/dev/null || return
	for irq; do
		{ grep "^ *$irq:" <<<"$before"; grep "^ *$irq:" /proc/interrupts; } | awk -v ORS='' '
			NR == 1 { for (i = 2; i < 6; i++) before[i] = $i }
			NR == 2 { for (i = 2; i < 6; i++) if ($i > before[i]) { print s (i - 2); s = "," } }
			END { print s == "" ? "-\n" : "\n" }'
	done | xargs
}
moved() # CPUS IRQ...: they arrive there by now
{
	[ "$(of_irqs effective_affinity_list "${@:2}")" = "$1" ]
}
online() { echo "$2" >"/sys/devices/system/cpu/cpu$1/online"; } # CPU 0|1

start_dpcnic
fixed_neighbours
mapfile -t irq < <(for i in 0 1 2 3 4; do irq_of $i; done)

# --- dpcnic: show

is "$(column MSG "$dev")" "0 1 2 3 4" "a row per message, that for link changes, too"
is "$(column IRQ "$dev")" "${irq[*]}" "each has its IRQ"
is "$(column NAME "$dev")" "$(names "${irq[@]}")" "its name is that in /proc/interrupts"
is "$(with_queues "$dev")" "$(told "$dev")" "its NAPI and queues are those netlink tells"
is "$(column QUEUES "$dev")" "rx0,tx0 rx1,tx1 rx2,tx2 rx3,tx3 -" "the last message serves no queue"
napis=$(netdev napis "$dev" | sed -n "s/napi=\([0-9]*\) irq=${irq[4]}.*/\1/p" | sort -n | xargs)
is "$(said 'tuple(rows[4]["napi"])' map -j show dev "$dev")" "(${napis// /, })" \
	"it has a NAPI instance on each CPU"
is "$(column NAPI "$dev" | cut -d' ' -f5)" "${napis%% *}-${napis##* }" "text has the first and the last"
is "$(column AFFINITY "$dev")" "$(affinities "${irq[@]}")" "affinities are those of /proc"
is "$(column EFFECTIVE "$dev")" "$(of_irqs effective_affinity_list "${irq[@]}")" "effective ones, too"
is "$(column THREAD "$dev")" "- - - - -" "there are no threads"
is "$(column SOURCE "$dev" | tr ' ' '\n' | uniq)" "driver,napi-get,sysfs" "who told this"
is "$(said 'r["msg"], r["name"], r["queues"], r["thread"], [type(n) is int for n in r["napi"]]' \
	map -j show dev "$dev")" "(0, ['$dev-msg0'], ['rx0', 'tx0'], None, [True])" "as JSON"
is "$(map show dev "$dev" msg 1,4 -o MSG | xargs)" "MSG 1 4" "messages can be chosen"
refused 1 "map: show: $dev has no message 5" "of those there are" map show dev "$dev" msg 1-5
ok "a user may look" setpriv --reuid=65534 --clear-groups $dpctool map show dev "$dev"

echo 1 >"/sys/class/net/$dev/threaded"
is "$(with_queues "$dev")" "$(told "$dev")" "threads are those netlink tells"
words() { said "' '.join(str(n) for row in rows for n in row['$1'])" map -j show dev "$dev"; } # KEY
is "$(words thread | xargs -n 1 ps -o comm= -p | xargs)" \
	"$(for napi in $(words napi); do echo "napi/$dev-$napi"; done | xargs)" "and ps calls them so"
echo 0 >"/sys/class/net/$dev/threaded"
is "$(column THREAD "$dev")" "- - - - -" "and gone"

# --- dpcnic: set

traffic udp --flows 16 --packets 5 # so that no move is left from before
is "$(map -o IRQ,AFFINITY set dev "$dev" cpus 3,1 | tail -n +2 | xargs)" \
	"${irq[0]} 3 ${irq[1]} 1 ${irq[2]} 3 ${irq[3]} 1 ${irq[4]} $(affinities "${irq[4]}")" \
	"set moves what serves queues, by turns"
is "$(affinities "${irq[@]:0:4}")" "3 1 3 1" "says /proc, too"
ok "packets to every queue" tool rss "$dev" 4 tcp 200
ok "so that the interrupts move" wait_for 30 moved "3 1 3 1" "${irq[@]:0:4}"
settle
is "$(arrived tool rss "$dev" 4 tcp 200 -- "${irq[@]:0:4}")" "3 1 3 1" "and there they arrive"
is "$(column EFFECTIVE "$dev" | cut -d' ' -f-4)" "3 1 3 1" "and that is shown"
# Which CPU a NAPI instance of dpcnic is for, its thread tells.
threads_on() { [ "$(words thread | xargs -n 1 taskset -cp | sed 's/.*: //' | xargs)" = "$1" ]; } # CPUS
echo 1 >"/sys/class/net/$dev/threaded"
ok "the NAPI of each queue is that of the CPU where its interrupts arrive now" \
	wait_for 30 threads_on "3 1 3 1 0 1 2 3"
echo 0 >"/sys/class/net/$dev/threaded"
before="$(affinities "${irq[@]}")"
is "$(said 'column("affinity"), d["irqbalance"]' map -j set dev "$dev" msg 4,1 cpus 0-3)" \
	"('3 0 3 1 1', False)" "messages can be chosen; they take CPUs in their order"
is "$(affinities "${irq[@]}")" "3 0 3 1 1" "they move, no other"
ok "set all" map set dev "$dev" msg all cpus 2
is "$(affinities "${irq[@]}")" "2 2 2 2 2" "is all"

# --- what is refused, and then nothing changes

set_0123=(map set dev "$dev" cpus 0-3)
refused 1 "map: set: cpus: CPU 9 is not online" "no such CPU" map set dev "$dev" cpus 0,9
online 3 0
refused 1 "map: set: cpus: CPU 3 is not online" "a CPU that is offline" "${set_0123[@]}"
online 3 1
refused 1 "map: set: $dev has no message 5" "no such message" map set dev "$dev" msg 0,5 cpus 1
refused 4 "$dev: no permission to set where IRQ ${irq[0]} arrives; nothing was changed" "a user" \
	setpriv --reuid=65534 --clear-groups $dpctool "${set_0123[@]}"
refused 3 "nosuch0: no such device" "no such device" map set dev nosuch0 cpus 0
refused 1 "-o: unknown column .CPU." "no such column" $dpctool -o CPU map set dev "$dev" cpus 0
# A file of another kind stands for an IRQ that the kernel manages, and for one that it refuses to
# move once the others were moved: one that nobody may write, and one that takes no number below 48.
touch /run/managed
chmod 444 /run/managed
echo 2 >/run/managed
third=/proc/irq/${irq[2]}/smp_affinity_list
mount --bind /run/managed "$third"
refused 2 "$dev: IRQ ${irq[2]} cannot be set to arrive on CPU 2: Operation not permitted; nothing" \
	"an IRQ that the kernel manages" "${set_0123[@]}"
umount "$third"
mount --bind /proc/sys/net/ipv4/tcp_min_snd_mss "$third"
refused 2 "$dev: IRQ ${irq[2]} cannot be set to arrive on CPU 2: Invalid argument; nothing was changed" \
	"an IRQ that the kernel does not move" "${set_0123[@]}"
is "$(grep -c irqbalance /run/err)" 0 "of irqbalance is no talk"
cp /usr/bin/sleep /run/irqbalance
/run/irqbalance 60 &
refused 2 "$dev: IRQ ${irq[2]} .* systemctl stop irqbalance" "unless it runs" "${set_0123[@]}"
umount "$third"
is "$(affinities "${irq[@]}")" "2 2 2 2 2" "after all that nothing has changed"
like "$(map set dev "$dev" cpus 2)" "-- irqbalance runs" "a set that may not last says so"
is "$(said 'd["irqbalance"]' map -j set dev "$dev" cpus 2)" True "as JSON"
kill $!

# --- all devices, and those without IRQs

ok "modules of other NICs" modprobe -a virtio_net e1000
driven_by() # DRIVER
{
	local net

	for net in /sys/class/net/*; do
		[[ $(readlink "$net/device/driver") != */"$1" ]] || echo "${net##*/}"
	done
}
ok "they have devices" wait_for 30 test -n "$(driven_by virtio_net)" -a -n "$(driven_by e1000)"
virtio=$(driven_by virtio_net) intx=$(driven_by e1000)
ip link add dummy9 type dummy
is "$(map show -o DEV | tail -n +2 | uniq | sort | xargs)" \
	"$(printf '%s\n' "$dev" "$virtio" "$intx" | sort | xargs)" "all are those with IRQs"
for none in lo dummy9; do
	refused 3 "$none: no IRQs: it is part of the kernel's network stack" "$none has none" \
		map show dev $none
done
refused 3 "lo: no IRQs" "nor can it be set" map set dev lo cpus 0

mapfile -t irq < <(vectors "/sys/class/net/$virtio/device/..")
is "$(column IRQ "$virtio")" "${irq[*]}" "virtio-net: IRQs are those of the PCI function"
is "$(column MSG "$virtio")" "0 1 2" "their messages"
is "$(column NAME "$virtio")" "$(names "${irq[@]}")" "their names"
is "$(column QUEUES "$virtio")" "- rx0 tx0" "their queues"
is "$(map set dev "$virtio" cpus 1,2 -o AFFINITY | sed -n '3,4p' | xargs)" "1 2" "they can be set"
is "$(affinities "${irq[@]:1}")" "1 2" "and are"

ip link set "$intx" up
line=$(<"/sys/class/net/$intx/device/irq")
is "$(column MSG,IRQ "$intx")" "- $line" "INTx: it has one line"
if netdev napis "$intx" | grep -q irq=; then
	is "$(with_queues "$intx")" "$(told "$intx")" "INTx: its NAPI and queues are those netlink tells"
else
	is "$(column QUEUES,SOURCE "$intx")" "- sysfs" "INTx: nobody tells of queues"
fi
like "$(column NAME "$intx")" "(^|,)$intx(,|$)" "which carries its name"
ok "INTx: set" map set dev "$intx" cpus 2
is "$(affinities "$line")" 2 "and is, without knowing its queues"

# --- igb, which tells the kernel less

igb() # DEVICE COMMAND...: what is shown of it, and told by others
{
	local dev=$1 names
	shift

	mapfile -t irq < <(vectors "/sys/bus/pci/devices/$pci")
	names=$(names "${irq[@]}")
	is "$(column IRQ "$dev" "$@")" "${irq[*]}" "igb, $dev: its IRQs are those of sysfs"
	is "$(column MSG "$dev" "$@")" "0 1 2 3 4 5 6 7 8" "igb, $dev: its messages are its vectors"
	is "$(column NAME "$dev" "$@")" "$names" "igb, $dev: its names are in /proc/interrupts"
	is "$(column QUEUES "$dev" "$@")" "- rx0 rx1 rx2 rx3 tx0 tx1 tx2 tx3" "igb, $dev: its queues"
	is "$(column AFFINITY "$dev" "$@")" "$(affinities "${irq[@]}")" "igb, $dev: its affinities"
	if "$@" "$vm/netdev.py" napis "$dev" | grep -q irq=; then
		like "$(column SOURCE "$dev" "$@")" "napi-get" "igb, $dev: netlink knows"
	else
		is "$(column NAPI,SOURCE "$dev" "$@")" "- sysfs $(printf -- '- sysfs,proc %.0s' {1..8} | xargs)" \
			"igb, $dev: netlink knows nothing of its IRQs, names tell"
		# It adds them by vector, and has each of these interrupt every two seconds.
		is "$("$@" $dpctool -o MSG,NAPI,SOURCE map show dev "$dev" interval 5s | awk 'NR > 1 && $2 != "-"' | tr -s ' ')" \
			"$("$@" "$vm/netdev.py" napis "$dev" | sed 's/napi=\([0-9]*\).*/\1/' | sort -n |
				awk '{ print " " NR " " $1 " learned,sysfs,proc" }')" "igb, $dev: its NAPI instances can be learned"
	fi
}
pci=$(nic_b_pci)
igb peer0 peer

ok "the module is unloaded" unload_module
ok "NIC A is igb's" bind_nic_a igb
ok "and has a device" wait_for 30 nic_a
dev=$(nic_a) pci=$(nic_a_pci)
is "$(columns NAME,QUEUES "$dev" | sort -u)" "- -" "while it is down nobody wants its interrupts"
refused 3 "$dev: which of its IRQs serve queues is not known" "so none can be set" \
	map set dev "$dev" cpus 0
ip addr add "$addr_a4"/24 dev "$dev"
ip addr add "$addr_a6"/64 dev "$dev" nodad
ip link set "$dev" up
ok "link" wait_carrier "$dev" 40
igb "$dev"
ok "igb: set" map set dev "$dev" cpus 1-3
is "$(affinities "${irq[@]:1}")" "1 2 3 1 2 3 1 2" "igb: the message for link changes is left out"
# They move when they arrive next, so all queues get packets, those for sending, too: no longer, since
# 7.3, has igb each of its vectors interrupt every two seconds.
some_flows="$traffic udp --flows 16 --packets 20
	for i in {1..64}; do echo >/dev/udp/$addr_b4/9; done; /dpcnic/build/cli/test-ledger $dev settle"
ok "igb: there are packets" bash -c "$some_flows"
ok "igb: the interrupts move" wait_for 20 moved "1 2 3 1 2 3 1 2" "${irq[@]:1}"
is "$(arrived bash -c "$some_flows" -- "${irq[@]:1}")" "1 2 3 1 2 3 1 2" \
	"igb: there its interrupts arrive"
documents_fit
done_testing
