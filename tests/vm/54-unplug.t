#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --qemu -global --qemu ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
# Loaded and unloaded, pulled out and plugged in, again and again: nothing is left behind. The device
# goes with traffic under way and without a word; QEMU answers reads of it with 0 then.
. "${0%/*}/common.sh"
. "${0%/*}/away.sh"

times=${STRESS:+100}
times=${times:-4}

# What a driver could leave behind: IRQs, NAPI instances, page pools, mappings, BTF, memory.
left_over()
{
	echo "IRQs $(find /sys/kernel/irq -mindepth 1 -maxdepth 1 | grep -c .)"
	echo "NAPI $(netdev napis | grep -c .)"
	echo "pools $(netdev pools | grep -c .)"
	echo "mappings $(grep -cE 'ioremap|dpcnic' /proc/vmallocinfo)"
	echo "BTF $(find /sys/kernel/btf -type f | grep -c .)"
	echo "inboxes and rings $(awk '/^VmallocUsed|^Percpu/ { sum += $2 } END { print int(sum / 1024) " MB" }' /proc/meminfo)"
}
# The kernel's caches, when what is only kept for later was let go.
slabs() # FILE
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk 'NR > 2 { print $1, $2 }' /proc/slabinfo | sort >"$1"
	diag "unreclaimable slab: $(awk '/^SUnreclaim/ { print $2 }' /proc/meminfo) KB"
}
# A round that forgets one object has its cache grow by one a round, all the time; what is cached
# grows once. So rounds come in two halves, and few of them tell nothing.
no_memory() # WHAT...: rounds of it
{
	slabs /run/slabs.0
	ok "the same, $times times" again "$times" "$@"
	slabs /run/slabs.1
	[ -n "${STRESS:-}" ] || return
	ok "and $times times more" again "$times" "$@"
	slabs /run/slabs.2
	is "$(join /run/slabs.0 /run/slabs.1 | join - /run/slabs.2 |
		awk -v n="$times" '$3 - $2 >= n && $4 - $3 >= n')" "" \
		"no cache grows by an object a round"
}

# One round of what a driver does in its life.
bring_up()
{
	dev=$(nic_a) || return
	ip addr add "$addr_a4"/24 dev "$dev" && ip link set "$dev" up && wait_carrier "$dev" 40 &&
		fixed_neighbours 2>/dev/null && wait_for 20 ping -q -c 1 -W 1 "$addr_b4" >/dev/null
}
reconfigure()
{
	ethtool -L "$dev" combined 2 && wait_carrier "$dev" 40 && ip link set "$dev" mtu 3000 &&
		ethtool -X "$dev" default && wait_for 20 ping -q -c 1 -W 1 "$addr_b4" >/dev/null
}
again() # COUNT WHAT...: do it so many times
{
	local i count=$1

	shift
	for ((i = 1; i <= count; i++)); do
		"$@" || { echo "time $i of $count: $*"; return 1; }
	done
}

# --- loaded, used, unloaded

life() { load_module && bring_up && reconfigure && unload_module; }
quiet_ipv6 default
set_addresses_of_peer()
{
	ip -n peer addr add "$addr_b4"/24 dev peer0
	ip -n peer addr add "$addr_b6"/64 dev peer0 nodad
	ip -n peer link set peer0 allmulticast on up
	ip -n peer neigh replace "$addr_a4" lladdr 02:dc:00:00:00:0a dev peer0 nud permanent
	wait_carrier peer0 40
}
ok "the peer is up" set_addresses_of_peer
ok "loaded, used, reconfigured and unloaded" again 2 life
ok "no page pool is left" wait_for 20 pools_gone
before=$(left_over)
no_memory life
ok "no page pool is left" wait_for 20 pools_gone
is "$(left_over)" "$before" "nothing is left behind"

# --- two devices, one of them in another name space; no other driver for the next one that comes

rmmod igb
ok "the module is loaded, for both" load_module
dev_b=$(ls "/sys/bus/pci/devices/$(nic_b_pci)/net")
ok "the other device moves to another name space" ip link set "$dev_b" netns peer name peer0
ok "and is up there" set_addresses_of_peer
ok "so is this one" bring_up
dev=$(nic_a)
ok "nothing is lost between them" traffic udp --packets 50
ip netns add third
ok "a third name space" ip link set "$dev" netns third
ip -n third link set "$dev" up
ok "which is deleted: it comes back" ip netns del third
ok "it is here" wait_for 20 test -e "/sys/class/net/$dev"
ok "and can be used" bring_up

# --- pulled out without a word

plug() { pull && wait_for 30 gone && push && wait_for 60 plugged; }

dmesg -C
# shellcheck disable=SC2119 # no pktgen
load_start
sleep 1
ok "pulled out with traffic under way" pull
ok "it is gone" wait_for 30 gone
ok "so is its network device" wait_for 30 sh -c "! test -e /sys/class/net/$dev"
load_stop
diag "$(dmesg)"
ok "the driver said little" test "$(dmesg | grep -c dpcnic)" -le 4
ok "no page pool of it is left" wait_for 20 pools_gone
ok "plugged in" push
ok "it is there" wait_for 60 plugged
ok "and can be used" bring_up
ok "nothing is lost" traffic udp --packets 50

plug_and_use() { plug && bring_up; }
ok "pulled out and plugged in" again 2 plug_and_use
before=$(left_over)
no_memory plug_and_use
is "$(left_over)" "$before" "nothing is left behind"

# --- pulled out after asking

ok "asked for by QEMU" qmp device_del '{"id": "nic-a"}'
ok "the kernel lets it go" wait_for 60 gone
ok "plugged in again" push
ok "it is there" wait_for 60 plugged
ok "and can be used" bring_up
ok "the module is unloaded" unload_module
done_testing
