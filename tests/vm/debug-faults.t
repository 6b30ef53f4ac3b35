#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --timeout 1700
# Every allocation that dpcnic asks for, by itself or by what it calls, fails once: in probe, open,
# reconfiguration, attaching of programs and policies, one after the other until none is left (of
# five only one, unless STRESS is set); and many at random while packets arrive. Needs the kernel's
# fault injection (make test KERNEL=debug). That mappings for DMA fail: 85-hostile.t.
#
# After each failure the device works, or is down (or unbound) and comes up at the next try. What a
# failure leaves behind the kernel finds at the end: kmemleak, KASAN, lockdep.
. "${0%/*}/common.sh"

debugfs=/sys/kernel/debug
pci=$(nic_a_pci)
driver=/sys/bus/pci/drivers/dpcnic
dpctool=/dpcnic/build/dpctool
[ -n "${STRESS:-}" ] && step=1 || step=5

# Who may fail: allocations with dpcnic among their callers, but not the interpreter of ACPI, which
# looks for the routing of an INTx line: 6.12's uses memory after it was freed then (KASAN).
only_dpcnic()
{
	local attr text size acpi

	read -r _ size _ _ _ text _ < <(grep '^dpcnic ' /proc/modules) || return
	# through which every way into it leads, and what comes after that in memory
	mapfile -t acpi < <(sort /proc/kallsyms | awk '
		found { print "0x" $1; exit } $3 == "acpi_ps_parse_aml" { print "0x" $1; found = 1 }')
	[ ${#acpi[@]} = 2 ] || return
	for attr in failslab fail_page_alloc; do
		echo N >"$debugfs/$attr/ignore-gfp-wait"
		echo 0 >"$debugfs/$attr/verbose"
		echo 32 >"$debugfs/$attr/stacktrace-depth"
		echo "$text" >"$debugfs/$attr/require-start"
		printf "%#x\n" $((text + size)) >"$debugfs/$attr/require-end"
		echo "${acpi[0]}" >"$debugfs/$attr/reject-start"
		echo "${acpi[1]}" >"$debugfs/$attr/reject-end"
	done
	echo 0 >"$debugfs/fail_page_alloc/min-order"
	echo N >"$debugfs/fail_page_alloc/ignore-gfp-highmem"
}

works() # after everything that was asked is as it should be
{
	ip addr replace "$addr_a4/24" dev "$dev" && ip link set "$dev" up && wait_carrier "$dev" 20 &&
		ping -q -c 1 -W 20 "$addr_b4" >/dev/null
}

# Fail each of the allocations of COMMAND. Before every try PREPARE, which must succeed; after it
# COMMAND must succeed, without a fault, unless it did already.
each_fails() # WHAT PREPARE COMMAND...
{
	local what=$1 prepare=$2 n survived=0 status
	shift 2

	for ((n = 1; ; n += step)); do
		$prepare >/run/prepare 2>&1 ||
			{ diag "$(tail -n 5 /run/prepare)"; fail "$what: ready for failure $n"; return; }
		$vm/with_fault.py "$n" /run/left "$@" >/run/said 2>&1
		status=$?
		[ "$(</run/left)" = 0 ] || break
		[ $status = 0 ] && survived=$((survived + 1))
		[ $status = 0 ] || "$@" >/run/said 2>&1 ||
			{ diag "$(</run/said)"; fail "$what: again, after failure $n"; return; }
		dev=$(nic_a)
	done
	diag "$what: $(((n - 1) / step)) allocations failed, of which $survived were got over at once"
	is "$status" 0 "$what: and without a failure it succeeds"
	ok "$what: there were allocations that could fail" [ "$n" -gt 1 ]
	ok "$what: the device works" works
}

start_dpcnic
fixed_neighbours
ok "faults can be put into dpcnic's allocations" only_dpcnic

# --- open

down() { ip link set "$dev" down; }
each_fails open down ip link set "$dev" up

# --- reconfiguration, up

two_queues() { works && { [ "$(queues)" = 2 ] || ethtool -L "$dev" combined 2; }; }
queues() { ethtool -l "$dev" | awk '/^Combined/ { n = $2 } END { print n }'; }
each_fails channels two_queues ethtool -L "$dev" combined 4

rings_small() { works && { ethtool -G "$dev" rx 128 tx 128 || [ "$(rings)" = 128 ]; }; }
rings() { ethtool -g "$dev" | awk '/^RX:/ { n = $2 } END { print n }'; }
each_fails rings rings_small ethtool -G "$dev" rx 256 tx 256

# --- programs and policies

no_program() { works && ip link set "$dev" xdp off; }
each_fails "XDP program" no_program ip link set "$dev" xdpdrv obj build/cli/verdicts.bpf.o sec xdp
ip link set "$dev" xdp off

attached() { [ -e "/sys/fs/bpf/dpcnic/$dev/$1" ]; } # xdp|throttle
# Or the next attach has nothing to do, and nothing that could fail.
no_policy()
{
	works && { ! attached xdp || $dpctool policy detach dev "$dev"; } &&
		! ip link show "$dev" | grep prog/xdp
}
each_fails steering no_policy $dpctool policy attach dev "$dev" least-loaded
$dpctool policy detach dev "$dev"

no_throttle() { works && { ! attached throttle || $dpctool throttle detach dev "$dev"; }; }
each_fails throttle no_throttle $dpctool throttle attach dev "$dev" fixed packets 8
$dpctool throttle detach dev "$dev"

# --- receive, where nobody waits: one in five fails, a thousand times

random_failures() # TIMES
{
	local attr

	for attr in failslab fail_page_alloc; do
		echo 20 >"$debugfs/$attr/probability"
		echo "$1" >"$debugfs/$attr/times"
	done
}
mark
random_failures 500
"$traffic" load & load=$!
exhausted() { [ "$(<"$debugfs/failslab/times")" = 0 ] || [ "$(<"$debugfs/fail_page_alloc/times")" = 0 ]; }
ok "receive: allocations fail while packets arrive" wait_for 120 exhausted
kill $load; wait $load 2>/dev/null
for attr in failslab fail_page_alloc; do echo 0 >"$debugfs/$attr/probability"; done
settle
mark
ok "receive: packets were lost for that, and counted" [ "$(grew 'S\.rx_no_skb')" -gt 0 ]
accounts "allocations failing"
ok "receive: the device works" works
ok "and now nothing is lost" traffic udp --flows 16 --packets 20
mark
contract "after it"

# --- probe

unbound()
{
	[ ! -e "$driver/$pci" ] || echo "$pci" >"$driver/unbind"
}
each_fails probe unbound sh -c "echo $pci >$driver/bind"

ok "the module is unloaded" unload_module
done_testing
