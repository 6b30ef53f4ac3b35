#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# V2: what dpctool counts from tracepoints is what the driver counts, exactly, or dpctool says how
# many events it lost. Reference are the driver's own counters (ethtool -S) before and after.
# shellcheck disable=SC2317 # ok calls the functions
. "${0%/*}/common.sh"

dpctool=build/dpctool

# Nothing may send by itself, so that the counters stand still between two readings.
sysctl -q net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
peer sysctl -q net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1

ok "the module is loaded" load_module
ok "NIC A has a device" wait_for 30 nic_a
dev=$(nic_a)
ip addr add "$addr_a4"/24 dev "$dev"
ip link set "$dev" up
ip -n peer addr add "$addr_b4"/24 dev peer0
ok "link" wait_carrier "$dev" 20
wait_carrier peer0 20
ip neigh replace "$addr_b4" lladdr 02:dc:00:00:00:0b dev "$dev" nud permanent
ip -n peer neigh replace "$addr_a4" lladdr 02:dc:00:00:00:0a dev peer0 nud permanent

# Prints the driver's counters once they have stood still for a moment.
settled() { settle && ethtool -S "$dev" | grep -E ' msg[0-9]+_'; }

# Runs dpctool with a COMMAND, and until then nothing is on its way; leaves the driver's counters in
# before and after, and the output, JSON, in out.
export -f settle ledger
export dev
observed() # "DPCTOOL-ARGUMENT..." COMMAND
{
	settled >/tmp/before || return
	# shellcheck disable=SC2086 # several words
	$dpctool -j $1 dev "$dev" -- "$BASH" -c "{ $2; } >/dev/null; settle" >/tmp/out || return
	settled >/tmp/after
}

cat >/tmp/check.py <<'EOF'
import collections, json, re, sys

def read(path):
    counters = re.finditer(r"msg(\d+)_(\w+): (\d+)", open(path).read())
    return {(int(c[1]), c[2]): int(c[3]) for c in counters}

def delta(name):
    """What the driver counted, by message; without zeroes."""
    return {k[0]: after[k] - before[k] for k in after if k[1] == name and after[k] != before[k]}

def rows(key):
    """What dpctool counted, by message; without zeroes."""
    sums = collections.Counter()
    for row in d["rows"]:
        sums[row["msg"]] += row[key]
    return {k: v for k, v in sums.items() if v}

def total(counts):
    return sum(counts.values())

def same(got, expected):
    if got != expected:
        print("dpctool:", got, "driver:", expected)
    return got == expected

# One process for all: starting one takes half a second under emulation.
for expression in sys.stdin:
    d = json.load(open("/tmp/out"))
    before, after = read("/tmp/before"), read("/tmp/after")
    try:
        holds = eval(expression)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        holds = False
    print("." if holds else "!", flush=True)
EOF
mkfifo /tmp/ask /tmp/answer
python3 -IS /tmp/check.py </tmp/ask >/tmp/answer &
exec {ask}>/tmp/ask {answer}</tmp/answer

# EXPRESSION is one of Python; d is dpctool's document.
check() # DESCRIPTION EXPRESSION
{
	local line said=''

	echo "${2//$'\n'/ }" >&"$ask"
	while read -r -u "$answer" line; do
		case $line in
		.) pass "$1"; return ;;
		!) break ;;
		*) said+=$line ;;
		esac
	done
	diag "$said"
	fail "$1"
}

# The replies come by this queue. What is sent on another CPU has another message.
queue=$("$vm/rss.py" "$dev" $addr_b4)
pings() { echo "taskset -c $(((queue + 1) % 4)) ping -q -f -c $1 $addr_b4"; } # COUNT

iperf3 -s -D >/dev/null
ok "iperf3 listens" wait_for 20 eval "ss -Htln | grep -q :5201"
client="ip netns exec peer iperf3 -t 2 -P 4 -c $addr_a4"
# All of it, from both ends: what is not acknowledged may be sent once more.
closed="while { ss -Htn; ip netns exec peer ss -Htn; } | grep -q .; do sleep 0.2; done"

# --- show

sysctl -q kernel.bpf_stats_enabled=1
ok "show observes flood ping, and TCP both ways" observed show "$(pings 1000); $client; $client -R; $closed"
check "nothing is lost" 'd["lost"]["runs"] == 0'
check "what observing cost: a run of the program for each of a DPC" \
	'same(d["observer"]["runs"], total(rows("runs"))) and d["observer"]["cost_ns"] > d["observer"]["runs"]'
sysctl -q kernel.bpf_stats_enabled=0
check "there was traffic on several messages" 'len(delta("dpc_packets")) > 1'
for pair in interrupts:interrupts queued:dpc_queued coalesced:dpc_coalesced runs:dpc_runs \
	    packets:dpc_packets throttled:dpc_throttled requeued:dpc_requeued \
	    kept:dpc_kept unsolicited:dpc_unsolicited foreign:dpc_foreign; do
	check "${pair%:*}: the rows of each message are the driver's ${pair#*:}" \
		"same(rows('${pair%:*}'), delta('${pair#*:}'))"
done
check "every run has one cause" \
	'all(r["runs"] == r["queued"] + r["requeued"] + r["kept"] + r["unsolicited"] for r in d["rows"])'
check "DPCs enabled their messages as often as the driver did, but for empty interrupts" \
	'same(total(rows("enabled")), total(delta("enables")) - total(delta("empty")))'
check "there were throttled runs, or the test proves little" 'rows("throttled")'
check "the totals are the sums of the rows" \
	'all(d["totals"][0][k] == sum(r[k] for r in d["rows"]) for k in
	     ("interrupts", "queued", "coalesced", "runs", "packets", "throttled", "disabled_ns"))'
check "every run was stamped" 'not rows("unstamped")'
check "every row has the IRQ that /proc/interrupts gives the message" \
	'all(re.search(r"^ *%d:.*-msg%d$" % (r["irq"], r["msg"]), open("/proc/interrupts").read(), re.M)
	     for r in d["rows"])'
check "averages, 99% and largest values are in order" \
	'all(r["lat_avg_ns"] <= r["lat_max_ns"] and r["lat_p99_ns"] <= r["lat_max_ns"] and
	     r["run_avg_ns"] <= r["run_max_ns"] and r["run_p99_ns"] <= r["run_max_ns"]
	     for r in d["rows"])'
check "the COMMAND is told" 'd["command"]["exit"] == 0 and d["command"]["argv"][1] == "-c"'

ok "show observes the peer's packets" observed show "ip netns exec peer ping -q -f -c 500 $addr_a4"
check "as many as the peer sent" 'total(rows("packets")) == 500'

for what in cpu msg; do # message 1 interrupts CPU 1
	ok "show observes one $what" observed "show $what $queue" "$(pings 100)"
	check "one $what: there was more" 'len(delta("dpc_runs")) > 1'
	check "one $what: it has all of its runs" \
		"same(rows('runs'), {$queue: delta('dpc_runs')[$queue]})"
	check "one $what: no row is of another" "all(r['$what'] == $queue for r in d['rows'])"
done

ping -q -f -c 100000 "$addr_b4" >/dev/null &
$dpctool -j show dev "$dev" interval 500ms count 3 >/tmp/out
is "$(wc -l </tmp/out)" 3 "three intervals, three documents"
kill $!
is "$($dpctool -o msg,CPU,RUN show interval 10ms | head -n 1)" "  MSG CPU RUN" "columns are chosen"
like "$($dpctool -o +ENABLED show interval 10ms | head -n 1)" "MSG IRQ CPU.*DIS% ENABLED$" \
	"a column is added"

# --- trace

ok "trace observes a flood ping" observed trace "$(pings 1000)"
check "nothing is lost or filtered" 'd["lost"]["runs"] == 0 and d["filtered"] == 0'
check "as many rows as it says" 'd["events"] == len(d["rows"])'
check "what is not measured is not 0" 'd["observer"] is None'
check "a row for every run" 'same(dict(collections.Counter(r["msg"] for r in d["rows"])), delta("dpc_runs"))'
for pair in interrupts:interrupts coalesced:dpc_coalesced packets:dpc_packets; do
	check "${pair%:*}: the rows of each message are the driver's ${pair#*:}" \
		"same(rows('${pair%:*}'), delta('${pair#*:}'))"
done
for pair in queued:dpc_queued requeued:dpc_requeued kept:dpc_kept more:dpc_throttled \
	    unsolicited:dpc_unsolicited; do
	check "flag ${pair%:*}: as many as the driver's ${pair#*:}" \
		"same(sum('${pair%:*}' in r['flags'] for r in d['rows']), total(delta('${pair#*:}')))"
done
check "latency and time are those of the stamps" \
	'all(r["lat_ns"] == r["started_ns"] - r["queued_ns"] and r["run_ns"] == r["ended_ns"] - r["started_ns"]
	     for r in d["rows"] if r["queued_ns"])'

ok "trace observes through a ring of one page" observed "trace ring 4K" "$(pings 1000)"
check "events and lost ones are all runs" \
	'same(d["events"] + d["lost"]["runs"], total(delta("dpc_runs")))'
check "the losses by CPU are all losses" 'sum(d["lost"]["by_cpu"].values()) == d["lost"]["runs"]'

ok "trace observes one message" observed "trace msg $queue" "$(pings 200)"
check "some are filtered; events and these are all runs" \
	'd["filtered"] > 0 and same(d["events"] + d["filtered"], total(delta("dpc_runs")))'
check "each run of it is a row, and no row is of another" \
	"same(dict(collections.Counter(r['msg'] for r in d['rows'])), {$queue: delta('dpc_runs')[$queue]})"

ping -q -f -c 100000 "$addr_b4" >/dev/null &
$dpctool trace dev "$dev" count 5 >/tmp/out
is "$(sed '1d;$d' /tmp/out | wc -l)" 5 "trace count 5 prints 5 lines"
like "$(tail -n 1 /tmp/out)" "^-- 5 events, lost " "and how many were lost"
is "$(grep -c ' $' /tmp/out)" 0 "without blanks at line ends"
kill $!

# A reader that is slower than the events: stopped, until the ring must have overflowed.
runs() { ethtool -S "$dev" | awk '/dpc_runs/ { n += $2 } END { print n }'; }
more_runs_than() { [ "$(runs)" -gt "$1" ]; }
observes() { grep -q '^SigBlk:.*4002$' "/proc/$1/status"; } # PID: from then on signals end it
ping -q -f "$addr_b4" >/dev/null &
ping=$!
$dpctool --strict trace dev "$dev" ring 4K interval 1h >/tmp/out 2>/tmp/err &
ok "trace observes" wait_for 20 observes $!
kill -STOP $!
ok "more runs than the ring holds" wait_for 60 more_runs_than $(($(runs) + 200))
kill -TERM $!
kill -CONT $!
wait $!
is $? 5 "--strict: lost events are an error"
like "$(cat /tmp/err)" "^dpctool: output: incomplete: [1-9][0-9]* runs were lost" "it is told"
like "$(tail -n 1 /tmp/out)" "lost [1-9][0-9]* \(cpu[0-9]" "the losses are told by CPU"
kill $ping

# --- hist

for what in lat run pkts; do
	ok "hist $what observes a flood ping" observed "hist $what" "$(pings 300)"
	# No run of a ping is throttled, so each waits once.
	runs=dpc_runs
	[ $what != lat ] || runs=dpc_queued
	check "every run is in it" "same(d['rows'][0]['runs'], total(delta('$runs')))"
	check "the buckets are all runs" \
		'sum(b["count"] for b in d["rows"][0]["buckets"]) == d["rows"][0]["runs"]'
done
check "packets: the sum is the driver's" 'same(d["rows"][0]["sum"], total(delta("dpc_packets")))'

# --- heat

for what in runs pkts; do
	counter=dpc_$what
	[ $what = runs ] || counter=dpc_packets
	ok "heat $what observes a flood ping" observed "heat $what" "$(pings 300)"
	check "by message, it is what the driver counted" "same(rows('value'), delta('$counter'))"
	check "each message and CPU once" \
		"len({(row['msg'], row['cpu']) for row in d['rows']}) == len(d['rows']) > 0"
done
$dpctool heat runs dev "$dev" -- sh -c "$(pings 100) >/dev/null" >/tmp/out
like "$(sed -n 1p /tmp/out)" "^runs, $dev, [0-9.]+m?s$" "as a map: its name"
like "$(sed -n 2p /tmp/out)" "^cpu( +[0-9]+)+$" "the CPUs"
like "$(sed '1,2d' /tmp/out | head -n -2)" $'^(msg [0-9]+ +[ .:=+*%@-]+(\n|$))+$' "the messages"
like "$(tail -n 2 /tmp/out)" "^scale  \. 0 .* @ [0-9]+ and more; .*-- lost 0" "and the scale"
is "$(grep -c ' $' /tmp/out)" 0 "no blanks at line ends"
heat() { env "$1" TERM="$2" $dpctool ${3:+"$3"} heat runs dev "$dev" interval 50ms | grep -o $'\e\[48;[25]' | sort -u; }
is "$(heat COLORTERM=truecolor xterm --color=always)" $'\e[48;2' "colours where asked for: any"
is "$(heat COLORTERM= xterm-256color -c)" $'\e[48;5' "of the palette"
is "$(heat COLORTERM=truecolor xterm-256color)" "" "none where stdout is no terminal"

# --- bench: what all that costs

bench() # observed() under traffic; WHAT LEVEL
{
	local ping status

	settled >/tmp/before
	ping -q -i 0.005 "$addr_b4" >/dev/null &
	ping=$!
	$dpctool -j --level "$2" bench observer "$1" dev "$dev" interval 400ms count 2 >/tmp/out
	status=$?
	kill "$ping"
	wait "$ping" 2>/dev/null
	settled >/tmp/after
	return "$status"
}
# At L2 a run takes several programs.
for what in "counting L3" "recording L3" "counting L2"; do
	# shellcheck disable=SC2086 # two words
	ok "bench observer $what" bench $what
	check "$what: its runs are some of the driver's" \
		"0 < d['rows'][0]['runs'] < sum(delta('dpc_runs').values())"
	check "$what: they took some of the time" "0 < d['rows'][0]['cost_ns'] < d['rows'][0]['observed_ns']"
	check "$what: two rounds; there were packets in all parts, and each run cost something" \
		"d['rows'][0]['rounds'] == 2 and min(d['rows'][0][k] for k in ('pps_with', 'pps_without', 'run_ns')) > 0"
done
like "$($dpctool bench observer dev "$dev" interval 100ms count 1 | tr '\n' '|')" \
	'^counting, rounds 1 of 4 x 100ms\|run      .*\|packets  -\|$' "one round has no error: a -"
fits() { tests/host/schema.py cli/schema </tmp/out; }
ok "its JSON fits its schema" fits
is "$(bpftool prog show name see_run)$(sysctl -n kernel.bpf_stats_enabled)" 0 "nothing is left of it"

ok "the module is unloaded" unload_module
done_testing
