#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# Interrupts, DPCs and throttle, event by event and by what was counted.
. "${0%/*}/common.sh"

start_dpcnic
fixed_neighbours
is "$(find $events -mindepth 1 -type d -printf '%f\n' | sort | xargs)" \
	"dpc_queued dpc_run dpc_watchdog interrupt message_disabled message_enabled throttle xdp_run" \
	"there are all tracepoints, and no others"
watch_start

# --- UDP and TCP, each message's interrupts on its own CPU

ok "UDP from the peer" traffic udp --flows 16 --packets 200
ok "UDP to the peer" traffic udp --flows 16 --packets 200 --sender a
ok "TCP from the peer" traffic tcp
ok "TCP to the peer" traffic tcp --sender a
mark
contract "traffic"
interrupts_agree "traffic"

# --- bursts: pktgen hands 200 packets to igb with one doorbell, on the CPU that
# their interrupt comes to, with BHs disabled. So the DPC finds them all there.

queue=$(tool rss "$dev" $addr_b4 9)
ok "pktgen is set up" pktgen_setup "$queue" "count 200" "burst 200" "pkt_size 60" \
	"udp_dst_min 9" "udp_dst_max 9"
for burst in 1 2 3 4 5; do
	ok "burst $burst" pktgen_run
	ok "burst $burst is over" settle
done
mark
is "$(grew 'peer\.tx_packets')" 1000 "pktgen sent five times 200 packets"
is "$(grew "S\.msg${queue}_dpc_packets")" 1000 "T3 no packet was left behind"
is "$(grew "S\.msg${queue}_dpc_throttled")" 15 "T2 each burst was cut at 64, 128 and 192"
contract "bursts"
interrupts_agree "bursts"
accounts "bursts"

# --- more than the ring takes

pg "peer0@$queue" "count 20000"
ok "pktgen at full speed" pktgen_run
mark
contract "full speed"
interrupts_agree "full speed"
accounts "full speed"

# --- what was seen from the beginning

watch_stop
observed_contract "altogether"
is "${observed[queued_elsewhere]:-0}" 0 "I3 every DPC was queued on the interrupted CPU"
is "$(per_msg S dpc_foreign)" "$(for ((m = 0; m < $(messages); m++)); do printf 'msg%d=0 ' $m; done)" \
	"D5 every DPC ran on its CPU"
is "${observed[bound]}" 64 "T1 the bound was NAPI's weight"
is "${observed[most]}" 64 "T1 no DPC went beyond, but some as far"
is "${observed[nothing_left]:-0}" 0 "T3 more pending was never said of empty rings"

# --- D6: a classifier keeps the DPC of one packet busy for 60 ms

queue=$(tool rss "$dev" $addr_b4)
ok "a slow classifier is attached" sh -c "tc qdisc add dev $dev clsact &&
	tc filter add dev $dev ingress bpf direct-action object-file build/cli/slow.bpf.o section tc"
echo 1 >/sys/kernel/tracing/events/dpcnic/dpc_watchdog/enable
shown=$(build/dpctool show dev "$dev" -- ip netns exec peer ping -q -c 1 -I $addr_b4 $addr_a4)
mark
tc qdisc del dev "$dev" clsact
# On a busy machine others may be long, too.
ok "D6 an overlong run was counted, where it was" test "$(grew "S\.msg${queue}_dpc_overlong")" -ge 1
like "$shown" "-- watchdog: $dev msg $queue on CPU $queue: [1-9][0-9]* runs over 20ms, the longest ([6-9][0-9]|[0-9]{3,})(\.[0-9])?ms" \
	"D6 dpctool show names message, CPU and duration"
ok "D6 the tracepoint does as well" \
	grep -qE "dpc_watchdog: .* msg=$queue cpu=$queue ran_ns=([6-9][0-9]{7}|[0-9]{9,}) " /sys/kernel/tracing/trace

is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
