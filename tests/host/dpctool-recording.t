#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Recordings of any host, and files that are none: what report says of them. Those that
# recording.py makes, and what a fuzzer makes of them. What a recording must hold: dpctool-record.t.
. tests/lab/tap.sh
flock cli make -s -C cli all recording-fuzz >&2 || exit 1

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
report() { build/dpctool report -i "$files/$1" "${@:2}"; } # FILE WORD...

tests/host/recording.py "$files" >"$files.said"
for file in sound newer; do
	is "$(report $file show | sed -n 2p | tr -s ' ')" " 1 31 4000 5 3 0 3 - - - - 0 0 0ns 0.0%" \
		"$file: the counters of a CPU that is not here"
	is "$(report $file trace -o MSG,CPU,QUEUE-\>RUN,RUN,PKTS,FLAGS | tr -s ' ')" \
		"MSG CPU QUEUE->RUN RUN PKTS FLAGS
 1 4000 200ns 1.00us 0 queued
 1 4000 200ns 1.00us 1 queued
 1 4000 200ns 1.00us 2 queued
-- 3 events, lost 2 (cpu1 2), filtered 0" "$file: the runs"
done
is "$(report names -j show dev län€😀 | python3 -c 'import json, sys
print((d := json.load(sys.stdin))["host"], d["devices"][0]["dev"])')" "höst län€😀" "names that are no ASCII"
is "$(report other | tr -s ' ' | sed 's/^ //')" "MSG IRQ NAPI CPU INTR QUEUED COAL RUN LAT-AVG LAT-P99 RUN-AVG RUN-P99 PKTS THROT DISABLED DIS%
1 31 - 3 5 - - - - - - - - - - -
- 30 8193 4000 - - - 3 - - - - 0 0 - -
total 5 - - 3 - - - - 0 0 - -
-- 2.00s, lost 0, unstamped 3
-- eth7: level L1, the kernel's tracepoints: its driver is igb, not dpcnic" \
	"another driver's: what its level does not know is not 0"
is "$(report other trace -o MSG,IRQ,NAPI,PKTS,INTR,COAL | sed -n 2p | tr -s ' ')" " - 30 8193 0 - -" \
	"another driver's: a run"
is "$(report enabled show -o CPU,DISABLED,DIS% | tr -s ' ' | sed 's/^ //' | head -n 3)" "CPU DISABLED DIS%
0 100ms 5.0%
1 - -" "what is not known of one CPU is not that of another"
is "$(report busy check max lat-p99=2500ns,run-avg=60us,throt=90%; echo $?)" \
	"FAIL eth7 msg 0 cpu 2: lat-p99 3.00us > 2.50us (n=5). Likely: the hypervisor ran something else on CPU 2 for 60.0ms of 2.00s. Try: give the virtual machine processors of its own.
FAIL eth7 msg 1 cpu 1: run-avg 70.0us > 60.0us (n=20). Likely: a run has 10 packets on average, at 7.00us each. Try: dpctool throttle attach dev eth7 time usecs 50.
FAIL eth8 msg 1 cpu 3: lat-p99 6.00ms > 2.50us, run-avg 12.0ms > 60.0us (n=1). Likely: IRQ 99 (nvme0q3) interrupted the same CPU, 700 times. Try: another CPU for it: /proc/irq/99/smp_affinity_list.
failed: 3 of 4 messages, 76 runs in 2.00s, lost 0
6" "check: what is over its limits, and what was going on there meanwhile"
is "$(report busy check dev eth7 msg 0 max lat-max=1s; echo $?)" \
	"ok: 1 messages, 15 runs in 2.00s, lost 0, all within limits (lat-max <= 1.00s)
0" "check: of some, that all is well"
is "$(report sound -j | grep -o '"host":"[^"]*","t0_ns":[0-9]*')" \
	'"host":"elsewhere","t0_ns":1000000000000' "where and when it was recorded"
is "$(report sound --jsonl show)" "$(report sound -j show)" "a stream of what is over is one document"
is "$(report sound --jsonl hist run | wc -l)" 1 "also of histograms"
is "$(report sound --jsonl trace | python3 -c '
import json, sys
*runs, last = (json.loads(line) for line in sys.stdin)
whole = json.loads(sys.argv[1])
print([{**row, "schema": "dpctool/1", "object": "run"} for row in whole.pop("rows")] == runs,
      last == whole, len(runs), {run["schema"] for run in runs})' "$(report sound -j trace)")" \
	"True True 3 {'dpctool/1'}" "a stream of runs: a line for each row of the document, then the rest of it"
while read -r file said; do
	report "$file" >"$files/out" 2>"$files/err"
	status=$?
	got=$(<"$files/err")
	if [ $status = 2 ] && [ ! -s "$files/out" ] && [[ $got == *"/$file: $said"*". Try: "* ]]; then
		pass "$file: $said"
	else
		diag "status $status, stderr $got"
		fail "$file: $said"
	fi
done <"$files.said"
rm "$files.said"

# One of the fuzzer's inputs is the longest that is cut off above, so all of a recording is reached.
mkdir "$files/corpus"
cp "$files"/{sound,newer,other,twice,cpus} "$files/corpus"
[ -n "${STRESS:-}" ] && runs=2000000 || runs=50000
build/cli/recording-fuzz -runs="$runs" -seed=1 -max_len=16384 -artifact_prefix="$files/" -close_fd_mask=3 \
	"$files/corpus" 2>"$files/fuzzed"
is $? 0 "$runs inputs of a fuzzer: no crash, no leak, nothing undefined" || diag "$(tail -n 40 "$files/fuzzed")"
done_testing
