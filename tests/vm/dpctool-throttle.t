#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# T5: throttle policies, attached by dpctool. What a bound was, tell the kernel's histograms of
# dpc_run. Uses policies.bpf.o, built by "make -C cli tests".
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=build/dpctool pins=/sys/fs/bpf/dpcnic own=build/cli/policies.bpf.o
throttle() { $dpctool throttle "$@"; }

# All runs, by their bounds.
bounds_start() { echo 'hist:keys=bound' >"$events/dpc_run/trigger"; }
bounds_stop()
{
	sed -n 's/^{ bound: *\([0-9]*\) }.*/\1/p' "$events/dpc_run/hist" | sort -n | xargs
	echo '!hist:keys=bound' >"$events/dpc_run/trigger"
}
row() # KEY: of the first row of throttle show
{
	$dpctool -j throttle show | json "r['$1']"
}

start_dpcnic
fixed_neighbours
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf

# --- what is refused

attach=("$dpctool" throttle attach dev "$dev")
refused 3 "nosuch0: no such device" "no such device" $dpctool throttle attach dev nosuch0 fair
refused 3 "lo: cannot throttle: its driver is part of the kernel" "another driver's device" \
	$dpctool throttle attach dev lo fair
refused 3 "$dev: has no policy that could be replaced" "nothing to replace" \
	$dpctool throttle replace dev "$dev" fair
refused 3 "$dev: has no policy that dpctool attached" "nothing to detach" \
	$dpctool throttle detach dev "$dev"
refused 4 "throttle: no permission to read $pins/$dev" "a user" \
	setpriv --reuid=65534 --clear-groups "${attach[@]}" fair
for lost in bpf,-perfmon,-sys_admin sys_admin; do
	refused 4 "throttle: no permission to load a policy" \
		"root without ${lost//,-/, }" setpriv --bounding-set=-$lost "${attach[@]}" fair
done
refused 4 "$dev: no permission to throttle it" "root without CAP_NET_ADMIN" \
	setpriv --bounding-set=-net_admin "${attach[@]}" fair
refused 4 "throttle: no BPF file system at /sys/fs/bpf" "no bpffs" \
	unshare -m sh -c "umount /sys/fs/bpf; exec $dpctool throttle attach dev $dev fair"
is "$(unshare -m sh -c "umount /sys/fs/bpf; exec $dpctool -o DEV,STATE throttle show" | tail -n 1)" "$dev -" \
	"without bpffs there is none"
refused 4 "throttle: the kernel forbids BPF programs even to root" "lockdown" \
	build/cli/test-deny 1 "${attach[@]}" fair
refused 1 "throttle: /nonexistent: no BPF object: No such file" "no such object" \
	"${attach[@]}" file /nonexistent
refused 1 "throttle: /etc/passwd: no BPF object" "not an object" "${attach[@]}" file /etc/passwd
refused 1 "throttle: build/cli/observe.bpf.o: has no throttle policy" "an object without a policy" \
	"${attach[@]}" file build/cli/observe.bpf.o
refused 1 "throttle: $own: has several policies \(there are half, .*vandal\)" "several policies" \
	"${attach[@]}" file $own
refused 1 "throttle: $own: has no such policy \(there are half, " "a policy that is not there" \
	"${attach[@]}" file $own map foo
refused 2 "throttle: $own: the kernel refused the policy: Permission denied" \
	"a program that writes to its context" "${attach[@]}" file $own map vandal
refused 2 "throttle: $own: the kernel refused the policy: Invalid argument" \
	"a program that may sleep" "${attach[@]}" file $own map sleeper
refused 2 "$dev: the kernel refused to attach the policy: Invalid argument" "an unknown flag" \
	"${attach[@]}" file $own map futuristic
refused 2 "$dev: the kernel refused to attach the policy: Invalid argument" \
	"a policy without a program" "${attach[@]}" file $own map speechless
is "$(find $pins 2>/dev/null)" "" "nothing of all that was left behind"
is "$(row policy) $(row state)" "None None" "there is no policy"

# --- fixed: bursts on the CPU that their interrupt comes to, so that a DPC finds them all there

queue=$(tool rss "$dev" $addr_b4 9)
ok "pktgen is set up" pktgen_setup "$queue" "count 200" "burst 200" "pkt_size 60" \
	"udp_dst_min 9" "udp_dst_max 9"
like "$(throttle attach dev "$dev" fixed packets 16 2>&1)" \
	"^$dev: fixed packets 16 attached: a run indicates at most 16 packets.*$pins/$dev/throttle" \
	"fixed is attached"
bounds_start
mark
ok "a burst" pktgen_run
ok "it is over" settle
ok "another burst" pktgen_run
mark
is "$(grew "S\.msg${queue}_dpc_packets")" 400 "T3 no packet of the bursts was left behind"
is "$(grew "S\.msg${queue}_dpc_throttled")" 24 "T2 each burst was cut twelve times"
contract "fixed"
is "$(bounds_stop)" 16 "T5 the bound of every run was 16"

is "$(row policy) $(row parameters) $(row state) $(row path)" \
	"fixed packets 16 attached $pins/$dev/throttle" "show tells of it"
like "$(throttle show dev "$dev")" "$dev +fixed +packets 16 +attached .*at most 16 packets" \
	"show as text"
ip link property add dev "$dev" altname dpcother
like "$(throttle show dev dpcother)" "$dev +fixed +packets 16 +attached" "the device may have another name"
ok "it is dpcnic's by that, too" $dpctool --level L3 show dev dpcother interval 10ms
ip link property del dev "$dev" altname dpcother
refused 2 "$dev: has a policy already: fixed packets 16" "a second policy" "${attach[@]}" fair
refused 2 "$dev: the policy of that name is at work in another network namespace, net:\[$(stat -L -c %i /proc/self/ns/net)\]\. Try: " \
	"another name space does not detach it" \
	nsenter --net=/run/netns/peer $dpctool throttle detach dev "$dev"
is "$(row state)" attached "it stays"
ok "the module cannot be unloaded" sh -c '! rmmod dpcnic 2>/dev/null'
ok "the device goes down and up" sh -c "ip link set $dev down && ip link set $dev up"
wait_carrier "$dev" 20
fixed_neighbours
bounds_start
ok "UDP from the peer" traffic udp --flows 8 --packets 50
is "$(bounds_stop)" 16 "T5 the policy outlives that"

# --- replaced under load, again and again

pg "peer0@$queue" "count 0" "burst 1"
ok "fixed 8 takes over" throttle replace dev "$dev" fixed packets 8
mark
bounds_start
load_start pktgen
replacements=0
for ((i = 0; i < 10; i++)); do
	$dpctool throttle replace dev "$dev" fixed packets $((i % 2 ? 8 : 24)) >/dev/null &&
		replacements=$((replacements + 1))
done
load_stop
is $replacements 10 "ten times a policy took over"
is "$(bounds_stop)" "8 24" "T5 each run was bounded by one of the two"
mark
accounts "replaced under load"
contract "replaced under load"

# --- policies that make no sense, and a user's own

for case in nothing:1 everything:64; do
	ok "a policy that says ${case%:*}" throttle replace dev "$dev" file $own map "${case%:*}"
	mark
	bounds_start
	ok "UDP from the peer: all arrived" traffic udp --flows 16 --packets 50
	ok "TCP from the peer" traffic tcp --bytes 200000
	is "$(bounds_stop)" "${case#*:}" "T5 it counts as ${case#*:}"
	mark
	nothing_lost "${case%:*}"
	contract "${case%:*}"
done
ok "a policy of the user's own" throttle replace dev "$dev" file $own map half
is "$(row policy) $(row parameters)" "file $own map half" "show tells of it"
pg "peer0@$queue" "count 200" "burst 200"
mark
bounds_start
ok "a burst" pktgen_run
mark
is "$(bounds_stop)" "32 64" "it says what it is made for"
is "$(grew "S\.msg${queue}_dpc_throttled")" 5 "T2 the burst was cut at 64, 96, 128, 160, 192"

# --- time: as its own arithmetic, done once more from the trace's stamps, says

pg "peer0@$queue" "count 0" "burst 1"
pgcpu=$(((queue + 1) % 4))
pg "kpktgend_$queue" rem_device_all
ok "pktgen on another CPU" pktgen_setup $pgcpu "count 0" "pkt_size 60" "burst 8" \
	"udp_dst_min 9" "udp_dst_max 9"
ok "time takes over" throttle replace dev "$dev" time usecs 300
pktgen_run &
$dpctool -j trace dev "$dev" ring 16M count 4000 >/run/time.json
pktgen_stop
wait $!
said=$("$vm/throttle.py" time /run/time.json "$queue" 300 2>&1)
ok "T5 time bounds as it has learned" [ $? = 0 ]
diag "$said"

# --- fair: two messages on one CPU

pg "kpktgend_$pgcpu" rem_device_all
pktgen_two_messages "delay 0" || fail "pktgen is set up"
ok "fair takes over" throttle replace dev "$dev" fair
mark
pktgen_run &
$dpctool -j trace dev "$dev" ring 16M count 8000 >/run/fair.json
pktgen_stop
wait $!
said=$("$vm/throttle.py" fair /run/fair.json 1 "$queue" "$queue2" 2>&1)
ok "T5 fair gives both the same" [ $? = 0 ]
diag "$said"
mark
accounts "fair"

# --- detached; and a device that goes away from its policy

is "$(throttle detach dev "$dev")" "$dev: fair detached" "detach"
bounds_start
ok "UDP from the peer" traffic udp --flows 8 --packets 50
is "$(bounds_stop)" 64 "T5 NAPI's weight is the bound again"
is "$(find $pins 2>/dev/null)" "" "nothing is left pinned"

throttle attach dev "$dev" fixed packets 2 >/dev/null
ok "another program detaches a policy" bpftool link detach pinned "$pins/$dev/throttle/link"
is "$(row policy) $(row state)" "fixed detached" "show tells of it"
refused 3 "$dev: has no policy that could be replaced" "it cannot be replaced" \
	$dpctool throttle replace dev "$dev" fair
ok "another can be attached" throttle attach dev "$dev" fixed packets 4
ok "the device is taken from the driver" bind_nic_a none
is "$(row dev) $(row policy) $(row state)" "$dev fixed gone" "the policy stays, without its device"
ip link add "$dev" type dummy
is "$(row dev) $(row policy) $(row state)" "$dev fixed gone" "also if another driver's has its name"
ip link del "$dev"
ok "the module cannot be unloaded" sh -c '! rmmod dpcnic 2>/dev/null'
refused 3 "$dev: no such device" "it cannot be replaced" $dpctool throttle replace dev "$dev" fair
ok "the device is back" bind_dpcnic
ok "there it is" wait_for 30 nic_a
dev=$(nic_a)
is "$(row dev) $(row state)" "$dev gone" "the policy is not the new one's"
ok "which gets one" throttle attach dev "$dev" fixed packets 4
is "$(row state)" attached "in the place of the old"
ok "detach" throttle detach dev "$dev"
ok "the module is unloaded" wait_for 30 unload_module
documents_fit
done_testing
