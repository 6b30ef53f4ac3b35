#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# dpctool record and report: a recording has what happened, says what it lacks, and can be read by
# anyone anywhere. References: the driver's counters, and show at the same time.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"
dpctool=/dpcnic/build/dpctool
cd /run || exit

start_dpcnic
fixed_neighbours
# Leaves the driver's counters when it began and ended in inside.from and inside.to.
load()
{
	ledger >inside.from
	traffic udp --flows 16 --packets 100 && traffic tcp --bytes 2000000 && settle && ledger >inside.to
}
export -f load traffic ledger settle
export traffic dev
# ... before a program was attached, and after, in around.from and around.to.
recorded()
{
	ledger >around.from
	$dpctool -j record "$@" >summary && ledger >around.to
}
counted() { awk -v name="^S[.]msg[0-9]+_$2\$" '$1 ~ name { sum += $2 } END { print sum + 0 }' "$1"; } # FILE COUNTER
# At least what the driver counted inside, at most what it counted around it: a device may send on
# its own account at any time.
as_counted() # NUMBER COUNTER DESCRIPTION
{
	local least=$(($(counted inside.to "$2") - $(counted inside.from "$2")))
	local most=$(($(counted around.to "$2") - $(counted around.from "$2")))

	[ "$1" -lt "$least" ] || [ "$1" -gt "$most" ] && diag "$1 is not in $least..$most"
	ok "$3" test "$1" -ge "$least" -a "$1" -le "$most"
}

# --- a whole recording

ok "record, while there is traffic" \
	recorded -o run.rec dev "$dev" ring 16M -- bash -c load
runs=$(json 'd["runs"]' <summary)
is "$(json '(d["lost"]["runs"], d["command"]["exit"])' <summary)" "(0, 0)" "no run is lost"
as_counted "$runs" dpc_runs "every run that the driver counts is recorded"
is "$(json 'd["bytes"]' <summary)" "$(stat -c %s run.rec)" "the size it tells is the file's"

$dpctool -j report -i run.rec show >shown
for pair in interrupts:interrupts queued:dpc_queued coalesced:dpc_coalesced packets:dpc_packets \
	    unsolicited:dpc_unsolicited; do
	as_counted "$(json "sum(row['${pair%:*}'] for row in rows)" <shown)" "${pair#*:}" \
		"report show: ${pair%:*} are the driver's"
done
is "$(json 'sorted({(row["msg"], row["irq"]) for row in rows})' <shown)" \
	"$(for msg in $(json '" ".join(map(str, sorted({row["msg"] for row in rows})))' <shown); do
		echo "($msg, $(irq_of "$msg"))"
	done | paste -sd ' ' | sed 's/) (/), (/g; s/^/[/; s/$/]/')" "... and the IRQs the kernel's"

is "$($dpctool -j report -i run.rec heat runs |
	json 'sorted((row["msg"], row["cpu"], row["value"]) for row in rows)')" \
	"$(json 'sorted((row["msg"], row["cpu"], row["runs"]) for row in rows)' <shown)" \
	"report heat: the runs of report show"

$dpctool -j report -i run.rec trace >traced
is "$(json '(len(rows), d["events"], d["lost"]["runs"])' <traced)" "($runs, $runs, 0)" \
	"report trace: every run"
is "$(json 'sorted((key, sum(row["packets"] for row in rows if row["msg"] == key))
		for key in {row["msg"] for row in rows})' <traced)" \
	"$(json 'sorted((key, sum(row["packets"] for row in rows if row["msg"] == key))
		for key in {row["msg"] for row in rows})' <shown)" \
	"... its packets are those of report show, by message"
is "$(json '[f([row[key] for row in rows if row[key] is not None])
		for key in ("lat_ns", "run_ns") for f in (len, sum, max)]' <traced)" \
	"[$(for quantity in lat run; do
		$dpctool -j report -i run.rec hist $quantity | json 'f"""{r["runs"]}, {r["sum_ns"]}, {r["max_ns"]}"""'
	done | paste -sd , | sed 's/,\([0-9]\)/, \1/g')]" \
	"... their times are those of report hist: number, sum, maximum"
# What a histogram may make of a percentile: not less, and a quarter more at most.
for quantity in lat run; do
	exact=$(json "[(key, sorted(x)[-(-len(x) * part // 1000) - 1]) for x in [[row['${quantity}_ns'] for row in rows
		if row['${quantity}_ns'] is not None]] for key, part in
		(('p50_ns', 500), ('p90_ns', 900), ('p99_ns', 990), ('p999_ns', 999))]" <traced)
	is "$($dpctool -j report -i run.rec hist $quantity |
		json "[key for key, value in $exact if not value <= r[key] <= value * 1.25]")" "[]" \
		"... percentiles of hist $quantity are within a bucket of the runs' own"
done
is "$(json 'all(d["t0_ns"] <= row["time_ns"] <= d["t0_ns"] + d["period_ns"] for row in rows)' \
	<traced)" True "... at times within the recording"
msg=$(json 'r["msg"]' <traced)
is "$($dpctool -j report -i run.rec trace msg "$msg" |
	json "({row['msg'] for row in rows}, d['events'] + d['filtered'])")" "({$msg}, $runs)" \
	"... with a filter, what it takes and what it does not"
is "$($dpctool report -i run.rec trace count 3 | wc -l)" 5 "... no more lines than asked for"
is "$($dpctool report -i run.rec trace dev "$dev" msg "$msg" cpu all | tail -n 1 |
	grep -oE '^-- [0-9]+ events, lost 0')" \
	"-- $($dpctool -j show -i run.rec msg "$msg" | json 'd["totals"][0]["runs"]') events, lost 0" \
	"... in text: as many events as show -i has runs"

# --- for other programs: in each format, what is recorded

protoc --proto_path=/dpcnic/tests/host --python_out=. perfetto.proto
for format in perfetto chrome; do
	$dpctool -j report -i run.rec export $format -o exported >said
	is "$(/dpcnic/tests/host/export.py $format exported run.rec said .)" sound \
		"export $format: every run that has its stamps, once"
done
is "$(json 'd["runs"] + d["unstamped"]' <said)" "$runs" "... and it says how many have not"
$dpctool report -i run.rec export csv -o exported >/dev/null
is "$(/dpcnic/tests/host/export.py csv exported traced)" sound "export csv: what report trace has"
ledger >around.from
ok "export, while there is traffic" $dpctool export csv -o live.csv dev "$dev" -- bash -c load
ledger >around.to
as_counted "$(python3 -c 'import csv
print(sum(int(row["packets"]) for row in csv.DictReader(open("live.csv"))))')" dpc_packets \
	"... has the packets that the driver counts"
$dpctool export csv -o live.csv -- sh -c 'exit 3' >said 2>&1
is "$? $(grep -c 'live.csv: .* lost 0' said)" "7 1" "a COMMAND that fails: it is exported, and told"
is "$(ls /var/tmp)" "" "what was recorded for it is gone"

# --- what it cannot hold

# Nobody reads the ring meanwhile.
hold() { kill -STOP "$PPID"; load; kill -CONT "$PPID"; }
export -f hold
ok "record, with a ring of a page, while there is traffic" recorded -o small.rec ring 4K -- bash -c hold
runs=$(json 'd["lost"]["runs"] + d["runs"]' <summary)
is "$(json 'd["lost"]["runs"] > 0' <summary)" True "not all runs find room"
as_counted "$runs" dpc_runs "what is lost and what is recorded is what the driver counts"
is "$($dpctool -j report -i small.rec | json '(d["lost"]["runs"], d["totals"][0]["runs"])')" \
	"(0, $runs)" "the counters are complete nevertheless"
is "$($dpctool -j report -i small.rec trace | json '(d["lost"]["runs"] ==
		sum(d["lost"]["by_cpu"].values()), d["lost"]["runs"] + d["events"])')" \
	"(True, $runs)" "report trace: what was lost is told by CPU"
$dpctool --strict report -i small.rec trace count 1 >/dev/null 2>&1
is $? 5 "--strict: a trace that lacks runs"
ok "--strict: the counters lack none" $dpctool --strict report -i small.rec show

# --- the file

cp run.rec here.rec
$dpctool record -o here.rec -- nosuchcommand 2>/dev/null
is "$? $(cmp run.rec here.rec && echo here.rec*)" "7 here.rec" \
	"a COMMAND that is not there leaves the recording of before"
umask 027
ok "another recording is overwritten" $dpctool record -o here.rec interval 100ms
umask 022
is "$(cmp -s run.rec here.rec; echo $?) $(stat -c %a here.rec) $(echo here.rec*)" "1 640 here.rec" \
	"... by a file like any other, in its place"
echo "precious" >precious
refused 2 "precious: not overwritten: it is no recording" "a file that is no recording" \
	$dpctool record -o precious interval 100ms
is "$(cat precious)" precious "... and it is as it was"
refused 2 "/nowhere/run.rec: No such file or directory" "a directory that is not there" \
	$dpctool record -o /nowhere/run.rec interval 100ms
mkdir full
mount -t tmpfs -o size=64k full full
refused 2 "full/run.rec: not all was written: No space left" "no room for it" \
	$dpctool record -o full/run.rec -- bash -c load
is "$(ls full)" "" "... and half of it is not left"
umount full

$dpctool -j record -o stopped.rec >summary &
recorder=$!
wait_for 30 sh -c 'bpftool prog show name see_run | grep -q see_run'
load
kill -INT $recorder
wait $recorder
is $? 0 "a signal ends a recording"
is "$($dpctool -j report -i stopped.rec trace | json 'd["events"]')" "$(json 'd["runs"]' <summary)" \
	"... which is whole"

# --- somebody sets the clock

set_clock() { ping -q -c 1 -W 1 "$addr_b4"; sleep 0.4; date -s '+1 hour'; sleep 0.4; ping -q -c 1 -W 1 "$addr_b4"; sleep 0.4; }
export -f set_clock
export addr_b4
for key in t0_ns:"show interval 300ms" time_ns:trace; do
	# shellcheck disable=SC2086 # several words
	$dpctool --jsonl ${key#*:} dev "$dev" -- bash -c 'set_clock >/dev/null' >lines
	date -s '-1 hour' >/dev/null
	is "$(python3 -c 'import json, sys
times = [row[sys.argv[1]] for row in map(json.loads, open("lines")) if row.get(sys.argv[1])]
print(3600 < (max(times) - min(times)) / 1e9 < 3700)' "${key%%:*}")" True "${key#*:}: from then on, times are those of the new one"
done

# --- anywhere

$dpctool record -o dpctool.rec interval 100ms >/dev/null
ok "the default file is written, and read" $dpctool report
$dpctool report -i run.rec trace >before
ok "the module is unloaded" unload_module
chmod 644 run.rec
setpriv --reuid=65534 --clear-groups $dpctool report -i run.rec trace >after
ok "a user without privileges sees the same in it, without the module" cmp before after
refused 3 "run.rec: no device eth99 was recorded" "a device that was not recorded" \
	$dpctool report -i run.rec show dev eth99
documents_fit
done_testing
