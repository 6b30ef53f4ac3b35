#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --kernel 6.1 --device virtio-net-pci --device e1000e --device vmxnet3
# dpctool map on Debian 12's kernel, where netlink tells nothing of NAPI instances and queues: the
# names of IRQs do, and what nobody tells is "-". Compared with sysfs and /proc. And what is observed
# there, at each level, of igb's packets: those that the device received; how igb spreads them, which
# only an ioctl tells; and XDP policies, where nobody tells what a driver can do.
. "$LAB/guest.sh"

dpctool=build/dpctool
column() { $dpctool -o "$1" map show dev "$2" | tail -n +2 | xargs; } # COLUMN DEVICE
# The IRQs of a device by their vectors.
vectors() # DEVICE
{
	local dir irq

	dir=$(readlink -f "/sys/class/net/$1/device")
	[ -d "$dir/msi_irqs" ] || dir=${dir%/*} # virtio: the PCI function's
	for irq in "$dir"/msi_irqs/*; do
		echo "$(<"/sys/kernel/irq/${irq##*/}/hwirq") ${irq##*/}"
	done | sort -n | cut -d' ' -f2
}
of_irqs() { local irq; for irq in "${@:2}"; do cat "/proc/irq/$irq/$1"; done | xargs; } # FILE IRQ...
driven_by() # DRIVER
{
	local net

	for net in /sys/class/net/*; do
		[[ $(readlink "$net/device/driver") != */"$1" ]] || echo "${net##*/}"
	done
}
# Who has wanted its IRQs since it is up; "-" are those of no queue, or whose queue is not known.
shows() # DRIVER QUEUES
{
	local dev irq

	dev=$(driven_by "$1")
	mapfile -t irq < <(vectors "$dev")
	is "$(column IRQ "$dev")" "${irq[*]}" "$1: its IRQs are those of sysfs"
	is "$(column AFFINITY "$dev")" "$(of_irqs smp_affinity_list "${irq[@]}")" "$1: affinities are those of /proc"
	is "$(column QUEUES "$dev")" "$2" "$1: its queues"
	is "$(column NAPI,THREAD "$dev" | tr ' ' '\n' | sort -u)" "-" "$1: NAPI instances and threads nobody tells"
	is "$(column SOURCE "$dev" | tr ' ,' '\n' | sort -u | xargs)" "proc sysfs" "$1: sysfs and names tell the rest"
}

like "$(uname -r)" '^6\.1\.' "the kernel is Debian 12's"
quiet_ipv6 default
peer "$BASH" -c "$(declare -f quiet_ipv6); quiet_ipv6 peer0"
ok "modules of other NICs" modprobe -a virtio_net e1000e vmxnet3
ok "NIC A is igb's" bind_nic_a igb
ok "all have devices" wait_for 20 sh -c '[ $(ls -d /sys/class/net/*/device | wc -l) = 4 ]'
for net in /sys/class/net/*/device; do net=${net%/device}; ip link set "${net##*/}" up; done
ok "NIC A has a link" wait_carrier "$(nic_a)" 40

shows igb "- rx0 rx1 rx2 rx3 tx0 tx1 tx2 tx3"
shows virtio_net "- rx0 tx0"
shows e1000e "rx0 tx0 -"
shows vmxnet3 "rx0,tx0 rx1,tx1 rx2,tx2 rx3,tx3 -"
is "$($dpctool -o DEV map show | tail -n +2 | sort | uniq -c | awk '{ print $1 }' | xargs)" "3 3 5 9" \
	"all devices have their rows"

dev=$(nic_a)
mapfile -t irq < <(vectors "$dev")
ok "set" $dpctool map set dev "$dev" cpus 1-3
is "$(of_irqs smp_affinity_list "${irq[@]:1}")" "1 2 3 1 2 3 1 2" "moves what serves queues"

ok "addresses" set_addresses
ip neigh replace $addr_b4 lladdr 02:dc:00:00:00:0b dev "$dev" nud permanent
ip -n peer neigh replace $addr_a4 lladdr 02:dc:00:00:00:0a dev peer0 nud permanent
received() { cat "/sys/class/net/$dev/statistics/rx_packets"; }
# What the links' coming up made them say has been said.
resting() { local last; last=$(received); sleep 1; [ "$(received)" = "$last" ]; }
of_total() { python3 -c "import json; print(json.load(open('/run/seen'))['totals'][0]['$1'])"; } # KEY
for level in L2 L1 L0; do
	ok "$level: the device rests" wait_for 30 resting
	from=$(received)
	ok "$level: show" sh -c "$dpctool -j --level $level show dev $dev -- \
		sh -c 'ping -q -f -c 150 $addr_b4 >&2; sleep 1' >/run/seen"
	[ $level = L0 ] && packets=None || packets=$(($(received) - from))
	is "$(of_total packets)" "$packets" "$level: packets are those that the device received, or not known"
	ok "$level: interrupts are known" test "$(of_total interrupts)" -gt 0
done
entries() # how many entries of igb's table name each queue
{
	ethtool -x "$dev" | sed -n 's/^ *[0-9]*: \+//p' | xargs -n 1 | sort -n | uniq -c | awk '{ print $1 }' | xargs
}
is "$($dpctool -o ENTRIES rss show dev "$dev" | sed -n '3,6p' | xargs)" "$(entries)" "the table is ethtool's"
is "$($dpctool rss weight dev "$dev" weights 3,1)" "$dev: table set" "it can be set"
is "$(entries)" "96 32" "and is, in ethtool's eyes"

ok "record" $dpctool record -o /run/6.1.rec dev "$dev" -- ping -q -f -c 50 "$addr_b4"
ok "and its report" sh -c "$dpctool report -i /run/6.1.rec hist run | grep -q '^run time, $dev'"

# --- XDP: igb's driver can run programs, lo has none

own=build/cli/dpctool-xdp.bpf.o # this verifier does not take dpctool's own policies
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
is "$($dpctool policy check dev "$dev" file $own prog pass | sed 's/[0-9]\+ inst/N inst/')" \
	"$dev: file fits, native or generic: program pass, N instructions, with frags" "check leaves it open"
is "$($dpctool -j policy check dev "$dev" file $own prog pass | python3 -c 'import json, sys; print(json.load(sys.stdin)["fits"]["mode"])')" \
	None "as JSON, too"
like "$($dpctool policy attach dev "$dev" file $own prog pass)" "^$dev: file $own prog pass attached, native: " "attach makes it native"
is "$($dpctool -o STATE,MODE policy list dev "$dev" | tail -n 1 | xargs)" "attached native" "and notes it"
ok "replace" $dpctool policy replace dev "$dev" file $own prog drop
ok "detach" $dpctool policy detach dev "$dev"
like "$($dpctool policy attach dev lo file $own prog pass)" "^lo: file $own prog pass attached, generic as the driver cannot: " "lo gets it generic"
is "$($dpctool -o STATE,MODE policy list dev lo | tail -n 1 | xargs)" "attached generic" "and that is noted"
ok "detach" $dpctool policy detach dev lo
$dpctool policy attach dev lo file $own prog pass mode native 2>/run/err
like "$? $(</run/err)" "^2 dpctool: lo: the kernel or the driver refused to attach the policy, native: Operation not supported.* Try: mode generic" \
	"where native is asked for the kernel refuses"
like "$($dpctool --chain policy attach dev lo file $own prog pass)" "^lo: file $own prog pass attached, generic as the driver cannot: " "chained as well"
ok "detach" $dpctool policy detach dev lo
done_testing
