#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dpctool check: limits that hold, limits that do not, and whether what is said to be the likely
# cause is what the test did. Its figures are compared with show's and with the driver's counters.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=build/dpctool out=/run/check
# Leaves the verdict in $out, in JSON, and its status in $status. Not on the CPUs under test.
check() # ARGUMENT...
{
	taskset -c 0 $dpctool -j check dev "$dev" "$@" >$out 2>/run/err
	status=$?
}
says() { json "$1" <$out; } # EXPRESSION
says_true() { [ "$(says "bool($1)")" = True ]; }
# The same in text.
check_text() { $dpctool check dev "$dev" "$@" >$out 2>/run/err; status=$?; }

peer_irqs_to() # CPU
{
	local irq

	sed -n 's/^ *\([0-9]*\):.* peer0-.*/\1/p' /proc/interrupts | while read -r irq; do
		echo "$1" >"/proc/irq/$irq/smp_affinity_list"
	done
}

start_dpcnic
fixed_neighbours
# Not on CPU 1, which will have a task that lets nobody else run: igb tells the kernel's log if it
# cannot see to what it has sent. An IRQ moves with its next interrupt, so now, before any flood.
peer_irqs_to 0
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
pings="ping -q -f -c 500 $addr_b4 >/dev/null; sleep 0.5"

# --- limits that hold

settle
check_text max lat-max=1h,run-max=1h,disabled=10000%,throt=100%,inbox-drop=0 -- sh -c "$pings"
is $status 0 "limits that hold"
like "$(cat $out)" \
	"^ok: [1-9] messages, [0-9]+ runs in [0-9.]+m?s, lost 0, all within limits \(lat-max <= 3600s, run-max <= 3600s, disabled <= 1e\+04%, throt <= 100%, inbox-drop <= 0\)$" \
	"are told in one line"
check max lat-max=1h -- sh -c "$pings"
is "$status $(says 'd["verdict"], len(rows), d["limits"], d["lost"]["runs"]')" \
	"0 ('ok', 0, [{'figure': 'lat-max', 'unit': 'ns', 'limit': 3600000000000, 'tested': $(says 'd["limits"][0]["tested"]')}], 0)" \
	"so they are in JSON"
ok "with at least a row for each message" says_true 'd["limits"][0]["tested"] >= d["messages"] > 0'
check --strict max lat-max=1h -- sh -c "$pings"
is $status 0 "--strict has nothing to add where nothing was lost"
check max lat-max=1h -- sh -c "$pings; exit 3"
is "$status $(says 'd["verdict"]') $(cat /run/err)" "7 ok dpctool: sh: failed: exit status 3" \
	"a COMMAND that fails is still an error"

# --- nothing to check

check_text msg 100 interval 10ms
is "$status $(cut -d, -f1,2 $out | sed 's/ in .*//')" "8 nothing: 0 messages, 0 runs" "no runs are no success"
like "$(cat $out)" "no DPC ran, so nothing was checked\. Try: " "that is told"
check msg 100 max runs=0
is "$status $(says 'd["verdict"], d["messages"], d["runs"], rows')" "8 ('nothing', 0, 0, [])" "also in JSON"
check cpu 100 max runs=0 -- sh -c "$pings"
is "$status" 8 "runs that were not asked for do not count"
check max xdp-lost=100% -- sleep 0.01
is "$status" 8 "a share of nothing is nothing"
refused 1 "check: max: unknown figure 'foo' \(there are lat-avg, " "an unknown figure" \
	$dpctool check dev "$dev" max foo=1
refused 4 "cannot observe: no permission " "a user" \
	setpriv --reuid=65534 --clear-groups $dpctool check

# --- the figures are those of show, and the driver's: no limit is kept

cat >/run/same.py <<'END'
import json, sys
check, show = (json.loads(line) for line in sys.stdin)
key = {"runs": "runs", "pkts": "packets", "intr": "interrupts", "lat-p99": "lat_p99_ns",
       "lat-max": "lat_max_ns", "lat-avg": "lat_avg_ns", "run-p99": "run_p99_ns",
       "throt": "throttled", "coal": "coalesced"}
expected = {(row["msg"], row["cpu"], figure): row[key[figure]]
            for row in show["rows"] for figure in key if row[key[figure]]}
got = {(row["msg"], row["cpu"], row["figure"]): row["value"] for row in check["rows"]}
if got != expected:
    sys.exit(f"check: {got}\nshow: {expected}")
END
settle
mark
$dpctool -j show dev "$dev" -- $dpctool -j check dev "$dev" \
	max runs=0,pkts=0,intr=0,lat-p99=0ns,lat-max=0ns,lat-avg=0ns,run-p99=0ns,throt=0,coal=0 \
	-- sh -c "$pings" >$out 2>/run/err
is "$? $(cat /run/err)" "7 dpctool: $dpctool: failed: exit status 6" "a check that fails"
ok "its figures are those of show" python3 -IS /run/same.py <$out
mark
head -n 1 $out >/run/first && mv /run/first $out
is "$(says 'sum(r["value"] for r in rows if r["figure"] == "pkts")')" \
	"$(grew 'S\.msg[0-9]+_dpc_packets')" "its packets are the driver's"
is "$(says 'sum(r["value"] for r in rows if r["figure"] == "runs")')" \
	"$(grew 'S\.msg[0-9]+_dpc_runs')" "its runs, too"
ok "each row has all that it should" says_true \
	'all(r["dev"] == "'"$dev"'" and r["runs"] > 0 and r["likely"] and r["try"] and r["limit"] == 0 and
	     r["unit"] in ("count", "ns") and r["irq"] for r in rows)'

# --- a bound of one packet

queue=$(tool rss "$dev" $addr_b4 9)
ok "pktgen is set up" pktgen_setup $(((queue + 2) % 4)) "count 200" "burst 200" "pkt_size 60" \
	"udp_dst_min 9" "udp_dst_max 9"
ok "a policy" $dpctool throttle attach dev "$dev" fixed packets 1
burst=(ip netns exec peer sh -c "echo start >/proc/net/pktgen/pgctrl; sleep 1")
settle
mark
check msg "$queue" max throt=0 -- "${burst[@]}"
mark
is "$status $(says 'd["verdict"], r["msg"], r["figure"], r["value"], r["limit"], r["unit"], r["cause"]')" \
	"6 ('failed', $queue, 'throt', $(grew "S\.msg${queue}_dpc_throttled"), 0, 'count', 'low-bound')" \
	"a burst under it: cut as often as the driver says, as the bound is low"
check_text msg "$queue" max throt=5%,lat-max=1h -- "${burst[@]}"
is $status 6 "as a share"
like "$(head -n 1 $out)" \
	"^FAIL $dev msg $queue cpu [0-3]: throt [0-9.]+% > 5% \(n=[0-9]+\)\. Likely: its bound is low, at most 1 packets on average.*\. Try: dpctool throttle show dev $dev\.$" \
	"one sentence names the message, the CPU and the cause"
like "$(tail -n 1 $out)" "^failed: 1 of 1 messages, [0-9]+ runs in .*, lost 0$" "another one the verdict"
is "$(grep -c ' $' $out)" 0 "no blanks at line ends"
ok "the policy is detached" $dpctool throttle detach dev "$dev"

# --- two messages on one CPU, then also a task there that lets ksoftirqd wait

pg "kpktgend_$(((queue + 2) % 4))" rem_device_all
# with pauses, or igb's completions do not get their turn either, and it tells the kernel's log
pktgen_two_messages "delay 200000" || fail "pktgen is set up"
ok "a policy" $dpctool throttle attach dev "$dev" fixed packets 8
pktgen_run &
pktgen=$!
ok "it floods" wait_for 60 pktgen_runs
check cpu 1 msg "$queue,$queue2" max lat-p99=0ns interval 2s
is "$status $(says 'sorted((r["msg"], r["cpu"], r["cause"]) for r in rows)')" \
	"6 $(python3 -c "print(sorted((m, 1, 'long-runs') for m in ($queue, $queue2)))")" \
	"two messages on one CPU wait for each other"
ok "each names the other" says_true \
	'all("msg %d" % other["msg"] in row["likely"] for row, other in (rows, rows[::-1]))'
taskset -c 1 chrt -f 50 bash -c 'while :; do :; done' &
hog=$!
sleep 2
check cpu 1 msg "$queue,$queue2" max lat-p99=0ns interval 4s
is "$status $(says 'sorted((r["msg"], r["cpu"], r["cause"]) for r in rows)')" \
	"6 $(python3 -c "print(sorted((m, 1, 'starved') for m in ($queue, $queue2)))")" \
	"a real-time task that spins: ksoftirqd is starved"
like "$(says 'r["likely"]')" "^ksoftirqd/1, .* waited for [0-9.]+s of [0-9.]+s " "it is told for how long"
kill $hog
pktgen_stop
wait $pktgen
ok "the policy is detached" $dpctool throttle detach dev "$dev"

# --- the interrupts of another device

cpu=$(((queue + 1) % 4))
peer_irqs_to $cpu
echo $cpu >"/proc/irq/$(irq_of "$queue")/smp_affinity_list"
check msg "$queue" cpu $cpu max run-max=0ns -- taskset -c "$queue" sh -c "$pings"
like "$status $(says 'r["cause"], r["likely"]')" \
	"^6 .*other-irq.*IRQ [0-9]+ \(peer0-[a-zA-Z]+-[0-9]\) interrupted the same CPU, [0-9]+ times" \
	"another device's IRQ is named"

ok "the module is unloaded" wait_for 30 unload_module
documents_fit
done_testing
