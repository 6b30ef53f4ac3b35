#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What dpctool says and returns where it cannot do its work. Uses test-deny, built by
# "make -C cli tests".
# shellcheck disable=SC2317 # ok calls the functions
. "${0%/*}/common.sh"

dpctool=build/dpctool out=/run/out err=/run/err

refused 3 "all: no device of this network namespace has interrupts\. Try: " "no device" $dpctool show

ok "the module is loaded" load_module
ok "NIC A has a device" wait_for 30 nic_a
dev=$(nic_a)

refused 3 "nosuch0: no such device\. Try: " "no such device" $dpctool show dev nosuch0
refused 3 "lo: cannot observe: it is part of .*\. Try: " "a device without hardware" \
	$dpctool show dev lo
refused 3 "peer0: level L3 cannot be had: its driver is igb, not dpcnic\. Try: " \
	"another driver's device, as if it were dpcnic's" peer $dpctool --level L3 show dev peer0
refused 3 "$dev: no such device" "a device of another namespace" peer $dpctool show dev "$dev"

refused 1 "-o: unknown column 'FOO' \(there are DEV,MSG,.*UNSTAMPED\)\. Try: " "unknown column" \
	$dpctool -o MSG,FOO show
refused 1 "-o: unknown column ''" "empty column" $dpctool -o '' show
refused 1 "-o: unknown column 'FOO'" "unknown column for trace, with -j" $dpctool -j -o +FOO trace

for command in check 'hist lat' trace record; do
	# shellcheck disable=SC2086 # several words
	refused 4 "cannot observe: no permission .*\. Try: as root, or .* CAP_BPF and CAP_PERFMON" \
		"$command as a user" setpriv --reuid=65534 --clear-groups $dpctool $command
done
refused 4 "cannot observe: no permission " "root without the capabilities" \
	setpriv --bounding-set=-bpf,-perfmon,-sys_admin $dpctool trace
ok "a user with just CAP_BPF and CAP_PERFMON may" setpriv --reuid=65534 --clear-groups \
	--inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon $dpctool show interval 10ms
refused 4 "cannot observe: the kernel forbids BPF programs even to root\. Try: " "lockdown" \
	build/cli/test-deny 1 $dpctool trace
refused 4 "cannot observe: this kernel has no BPF\. Try: a kernel with CONFIG_BPF_SYSCALL" \
	"a kernel without BPF" build/cli/test-deny 38 $dpctool trace
# What shows interrupts alone does that, and says why. The line on stderr, then the one below the table.
falls_to_l0() # REASON COMMAND...
{
	"${@:2}" $dpctool show dev "$dev" interval 10ms >$out 2>$err
	is "$? $(cat $err)" "0 dpctool: $dev: level L0, so interrupts are all there is to see: $1. Try: dpctool feature" \
		"${2##*/}: show falls to L0"
	is "$(tail -n 1 $out)" "-- $dev: level L0, /proc and sysfs: $1" "${2##*/}: and says so below the table"
}
falls_to_l0 "no permission to load BPF programs" setpriv --reuid=65534 --clear-groups
falls_to_l0 "no permission to load BPF programs" setpriv --bounding-set=-bpf,-perfmon,-sys_admin
falls_to_l0 "the kernel forbids BPF programs even to root" build/cli/test-deny 1
falls_to_l0 "this kernel has no BPF" build/cli/test-deny 38
refused 4 "$dev: level L3 cannot be had: this kernel has no BPF\. " "a level that cannot be had" \
	build/cli/test-deny 38 $dpctool --level L3 show
refused 2 "cannot observe: the kernel refused: Invalid argument\. Try: again with -d" \
	"a kernel that refuses" build/cli/test-deny 22 $dpctool trace

ok "a kernel without BTF is hidden below" mount -t tmpfs none /sys/kernel/btf
ok "show needs no BTF" $dpctool show interval 10ms
ok "trace needs no BTF" $dpctool trace interval 10ms
refused 4 "$dev: level L2 cannot be had: this kernel has no BTF" "lower levels do" \
	$dpctool --level L2 show dev "$dev"
ok "throttle needs none" sh -c "mount -t bpf bpf /sys/fs/bpf; $dpctool throttle attach dev $dev fixed packets 8 &&
	$dpctool throttle detach dev $dev"
peer sh -c "mount -t tmpfs none /sys/kernel/btf; exec $dpctool show dev peer0 interval 10ms" >$out 2>$err
is "$? $(<$err)" "0 dpctool: peer0: level L0, so interrupts are all there is to see: this kernel has no BTF (/sys/kernel/btf/vmlinux). Try: dpctool feature" \
	"another driver's device falls to L0"
refused 4 "cannot observe: this kernel has no BTF .*\. Try: a kernel with CONFIG_DEBUG_INFO_BTF" "... which has no runs" \
	peer sh -c "mount -t tmpfs none /sys/kernel/btf; exec $dpctool trace dev peer0"
umount /sys/kernel/btf

$dpctool show -- /nonexistent/command >$out 2>$err
is "$? $(cat $out $err)" "7 dpctool: /nonexistent/command: cannot run it: No such file or directory" "no such COMMAND"
$dpctool show -- sh -c 'exit 3' >$out 2>$err
is $? 7 "a COMMAND that fails is an error"
like "$(cat $out)" "total.*-- .*, lost 0" "the table is printed all the same"
is "$(cat $err)" "dpctool: sh: failed: exit status 3" "it is told how it failed"
$dpctool -j trace -- sh -c 'kill -9 $$' >$out 2>$err
is $? 7 "so is one that is killed"
is "$(python3 -c 'import json; print(json.load(open("/run/out"))["command"]["signal"])')" 9 \
	"JSON has the signal"
$dpctool show -- sh -c 'exec >/dev/null; cat >&2' </dev/null >$out 2>$err
is $? 0 "a COMMAND may use its own streams"
$dpctool -j show interval 10ms >/dev/full 2>$err
is $? 2 "output that cannot be written is an error"

# Ended by the user. A shell without job control starts what is in the background with SIGINT
# ignored.
observes() { grep -q '^SigBlk:.*4002$' "/proc/$1/status"; } # PID: from then on signals end it
set -m
for command in show 'hist lat' trace; do
	# shellcheck disable=SC2086 # several words
	$dpctool $command interval 1h >$out 2>$err &
	ok "$command observes" wait_for 20 observes $!
	ok "meanwhile the module cannot be unloaded" sh -c '! rmmod dpcnic 2>/dev/null'
	kill -INT $!
	wait $!
	is $? 0 "$command ended by SIGINT succeeds"
	like "$(tail -n 1 $out)" "^-- .*lost 0" "and prints its summary"
done
$dpctool show -- sleep 1h >$out 2>$err &
ok "show observes a COMMAND" wait_for 20 pgrep -x sleep
kill -INT $!
wait $!
is $? 0 "SIGINT ends the COMMAND and is no failure"
ok "the COMMAND is gone" sh -c '! pgrep -x sleep'
set +m

# --- the device goes, or is called otherwise, while it is observed

away="ip link set $dev netns peer" back="ip -n peer link set $dev netns 1"
unplug="echo $(nic_a_pci) >/sys/bus/pci/drivers/dpcnic/unbind"
# In one line on stderr; what there was before is told.
says_gone() # STATUS DESCRIPTION WAY ARGUMENT...
{
	$dpctool "${@:4}" -- sh -c "$3" >$out 2>$err
	is "$? $(cat $err)" "$1 dpctool: $dev: is gone, unplugged or moved to another network namespace: what is told is of the time before. Try: ip link, to see what is there" \
		"$2: is told"
	ok "$2: what there was is told, too" test -s $out
}
for command in show 'hist lat' 'heat runs' trace 'record -o /tmp/away.rec' '--level L1 show' '--level L2 trace'; do
	# shellcheck disable=SC2086 # several words
	says_gone 0 "$command: a device that moves away" "$away" $command dev "$dev"
	$back
done
says_gone 8 "check: a device that moves away" "$away" check dev "$dev" msg 100
$back
$dpctool --jsonl show dev "$dev" interval 100ms -- sh -c "sleep 0.3; $away; sleep 0.5" >$out 2>$err
is "$? $(wc -l <$err) $(grep -c '"object":"show"' $out)" "0 1 $(wc -l <$out)" "a stream: is told once, and goes on"
$back
$dpctool -o DEV,CPU show dev "$dev" -- ip link set "$dev" name lan0 >$out 2>$err
is "$? $(cat $err) $(awk 'NR == 2 { print $1 }' $out)" "0  lan0" "a device that is renamed: under its new name"
ip link set lan0 name "$dev"
says_gone 0 "show: a device that is unplugged" "$unplug" show dev "$dev"
ok "it is plugged in" bind_nic_a dpcnic
ok "it is there again" wait_for 30 nic_a
dev=$(nic_a)
for command in show trace 'record -o /tmp/away.rec'; do
	# shellcheck disable=SC2086 # several words
	says_gone 0 "$command: the module is unloaded under it" "rmmod dpcnic" --level L1 $command dev "$dev"
	ok "it is loaded again" load_module
	ok "with its device" wait_for 30 nic_a
done
ok "what was recorded is whole" $dpctool report -i /tmp/away.rec

ok "nothing stays attached: the module is unloaded" unload_module
done_testing
