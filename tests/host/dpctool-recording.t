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
	is "$(report $file show | sed -n 2p | tr -s ' ')" " 1 31 4000 0 3 0 3 - - - - 0 0 0ns 0.0%" \
		"$file: the counters of a CPU that is not here"
	is "$(report $file trace -o MSG,CPU,QUEUE-\>RUN,RUN,PKTS,FLAGS | tr -s ' ')" \
		"MSG CPU QUEUE->RUN RUN PKTS FLAGS
 1 4000 200ns 1.00us 0 queued
 1 4000 200ns 1.00us 1 queued
 1 4000 200ns 1.00us 2 queued
-- 3 events, lost 2 (cpu1 2), filtered 0" "$file: the runs"
done
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
cp "$files"/{sound,newer,twice,cpus} "$files/corpus"
[ -n "${STRESS:-}" ] && runs=2000000 || runs=200000
build/cli/recording-fuzz -runs="$runs" -seed=1 -max_len=16384 -artifact_prefix="$files/" -close_fd_mask=3 \
	"$files/corpus" 2>"$files/fuzzed"
is $? 0 "$runs inputs of a fuzzer: no crash, no leak, nothing undefined" || diag "$(tail -n 40 "$files/fuzzed")"
done_testing
