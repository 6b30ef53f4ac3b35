#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# The engine without a NIC, rule by rule: tests/engine, a module that is loaded instead of dpcnic.
# shellcheck source=tests/lab/guest.sh
. "$LAB/guest.sh"

module=${ENGINE_MODULE:-$LAB_MODULES/tests/engine/dpcnic_engine_test.ko}
debugfs=/sys/kernel/debug/dpcnic_engine_test
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug

# Set the attributes of the test's network device: set_attributes NAME=VALUE...
set_attributes()
{
	local attribute

	for attribute; do
		echo "${attribute#*=}" >"$sysfs/${attribute%%=*}" || return
	done
}
plain="threaded=0 gro_flush_timeout=0 napi_defer_hard_irqs=0"

engine_test() # NUMBER CPUS ATTRIBUTES NAME
{
	local report

	if [ "$2" -gt "$(nproc)" ]; then
		skip "$4" "needs $2 CPUs"
		return
	fi
	# shellcheck disable=SC2086 # words
	set_attributes $plain $3 || { fail "$4: $3"; return; }
	echo "$1" >$debugfs/run || { fail "$4"; return; }
	report=$(<$debugfs/report)
	[ "$report" != ok ] || { pass "$4${3:+ ($3)}"; return; }
	diag "${report#*$'\n'}"
	fail "$4${3:+ ($3)}"
}

# ENGINE_SEED=N repeats the random tests of a run that was seeded so. ENGINE_STOP=1 ends with the
# first test that fails, as tests/mutate wants it.
ok "the module loads" insmod "$module" ${ENGINE_SEED:+seed=$ENGINE_SEED}
[ -d $debugfs ] || { diag "no $debugfs"; exit 1; }
diag "$(nproc) CPUs, seed $(cat /sys/module/dpcnic_engine_test/parameters/seed)"
sysfs=/sys/class/net/$(cat $debugfs/netdev)
while IFS='|' read -r nr cpus attributes name; do
	[[ $nr =~ ${ENGINE_ONLY:-.} ]] || continue
	engine_test "$nr" "$cpus" "$attributes" "$name" || [ -z "${ENGINE_STOP:-}" ] || done_testing
done < <(cat $debugfs/tests)
ok "the module is unloaded" rmmod dpcnic_engine_test
done_testing
