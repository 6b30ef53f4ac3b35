#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# DPCs that somebody else runs: busy polling tasks, NAPI's timer, kthreads. They
# find packets, but never enable a message (I4), and nobody waits for ever.
. "${0%/*}/common.sh"

start_dpcnic
fixed_neighbours
watch_start

try() # WHAT TRAFFIC-OPTION...
{
	local what=$1
	shift

	ok "$what: UDP from the peer" traffic udp --packets 400 --window 16 "$@"
	ok "$what: UDP to the peer" traffic udp --flows 16 --packets 50 --sender a
	ok "$what: TCP from the peer" traffic tcp --bytes 1000000
	ok "$what: TCP to the peer" traffic tcp --bytes 1000000 --sender a
	mark
	accounts "$what"
	contract "$what"
	interrupts_agree "$what"
}

try "busy poll" --busy-poll 10000
ok "busy poll: it did" test "$(grew 'S\.msg[0-9]+_dpc_unsolicited')" -gt 0

echo 2 >"/sys/class/net/$dev/napi_defer_hard_irqs"
echo 200000 >"/sys/class/net/$dev/gro_flush_timeout"
try "deferred"
ok "deferred: NAPI kept DPCs" test "$(grew 'S\.msg[0-9]+_dpc_kept')" -gt 0

echo 100 >"/sys/class/net/$dev/napi_defer_hard_irqs"
try "busy poll preferred" --busy-poll 10000 --prefer
echo 0 >"/sys/class/net/$dev/napi_defer_hard_irqs"
echo 0 >"/sys/class/net/$dev/gro_flush_timeout"

ok "threaded NAPI" sh -c "echo 1 >/sys/class/net/$dev/threaded"
is "$(pgrep -c "napi/$dev")" $(($(messages) * 4)) "D1 a kthread for each message and CPU"
ok "D5 within a second or two each is bound to its CPU" wait_for 30 bound
mark
try "threaded"
is "$(per_msg S dpc_foreign)" "$(for ((m = 0; m < $(messages); m++)); do printf 'msg%d=0 ' $m; done)" \
	"D5 threaded: no DPC ran anywhere else"
ok "threaded: pktgen is set up" pktgen_setup 0 "count 20000" "pkt_size 60" "${many_flows[@]}"
ok "threaded: pktgen at full speed" pktgen_run
mark
accounts "threaded, full speed"
contract "threaded, full speed"
interrupts_agree "threaded, full speed"
ok "threaded NAPI off" sh -c "echo 0 >/sys/class/net/$dev/threaded"
try "softirq again"

watch_stop
observed_contract "altogether"
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
