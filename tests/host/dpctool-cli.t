#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The command line: what is refused and how, help, manual page and completion.
# Nothing here needs the module or BPF.
. tests/lab/tap.sh
flock cli make -s -C cli >&2 || exit 1

out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT

# An error is one line on stderr, with what to try; stdout stays empty.
refused() # STATUS REGEX DESCRIPTION ARGUMENT...
{
	local status=$1 regex=$2 what=$3 got

	shift 3
	build/dpctool "$@" >"$out" 2>"$err"
	got=$?
	if [ $got = "$status" ] && [ ! -s "$out" ] && [ "$(wc -l <"$err")" = 1 ] &&
	   grep -Eq "^dpctool: $regex\. Try: " "$err"; then
		pass "$what"
	else
		diag "status $got, expected $status, from: dpctool $*" "$(cat "$err")"
		fail "$what"
	fi
}
usage() { refused 1 "$@"; } # REGEX DESCRIPTION ARGUMENT...

usage "unknown command 'foo' \(there are .*\)" "unknown command" foo
usage "unknown command '' \(there are .*\)" "empty command" ''
usage "ambiguous command 'h' \(hist, heat, help\)" "ambiguous command" h
usage "level: not L0, L1, L2 or L3: 'L4'" "no such level" --level L4 show
usage "throttle: observes nothing now: no --level" "a level for what observes nothing" \
	--level L1 throttle show
usage "show: observes nothing now: no --level" "a level for a recording" --level L1 -i run.rec show
usage "show: unknown word 'foo' \(there are dev, msg, cpu, interval, count\)" "unknown keyword" show foo
usage "show: ambiguous word 'c' \(cpu, count\)" "ambiguous keyword" show c 1
usage "show: missing argument: IF after 'dev'" "missing argument" show dev
usage "show: missing argument: LIST after 'msg'" "missing argument of the last keyword" show dev lo msg
usage "show: given twice: 'dev'" "keyword given twice" show dev lo dev lo
usage "show: dev: not a valid IF: ''" "empty device" show dev ''
usage "show: msg: not a valid LIST: '3-1' \(numbers up to 8191, as in 0,2-3, or all\)" "bad list" show msg 3-1
usage "show: cpu: not a valid LIST: '8192' \(numbers up to 8191, as in 0,2-3, or all\)" "CPU number too large" show cpu 8192
usage "show: interval: not a valid TIME: '0s' \(1ns to 8760h, as in 500ms, 1s or 2m\)" "interval of 0" show interval 0s
usage "show: interval: not a valid TIME: '1x' \(1ns to 8760h, as in 500ms, 1s or 2m\)" "bad unit" show interval 1x
usage "show: count: not a valid N: '0' \(a whole number from 1 on\)" "count of 0" show count 0
usage "show: count: not a valid N: '1x' \(a whole number from 1 on\)" "bad number" show count 1x
usage "trace: ring: not a valid SIZE: '5T' \(1 to 2G bytes, as in 256K\)" "bad size" trace ring 5T
usage "show: unknown word 'ring' \(there are .*\)" "keyword of another command" show ring 4K
usage "hist: missing word: one of lat, run, pkts" "missing verb" hist
usage "report: unknown word 'rss' \(there are .*\)" "report of what is not recorded" report rss
usage "report: unknown word 'foo' \(there are .*\)" "report of nothing" report foo
usage "hist: missing word: one of lat, run, pkts" "report of a command without its word" report hist
usage "show: a recording is over: no interval, ring, COMMAND or count of tables" "an interval of a recording" report show interval 1s
usage "show: a recording is over: no interval, ring, COMMAND or count of tables" "tables of a recording" report show count 2
usage "trace: a recording is over: no interval, ring, COMMAND or count of tables" "a ring for a recording" -i x trace ring 4K
usage "hist: a recording is over: no interval, ring, COMMAND or count of tables" "a COMMAND for a recording" -i x hist lat -- true
usage "rss: reads no file with -i" "a recording for rss" -i x rss show dev lo
usage "missing argument of option '-i'" "a recording without a name" show -i
usage "record: unknown word 'msg' \(there are .*\)" "a recording of some messages" record msg 1
refused 2 "nowhere.rec: No such file or directory" "a recording that is not there" report -i nowhere.rec
usage "export: missing word: one of perfetto, chrome, csv, prometheus" "export of nothing in particular" export
usage "export: a recording is over: no interval, ring, COMMAND or count of tables" "an interval of an export" \
	report export csv interval 1s
usage "export: csv: takes no such parameter: count N" "no count of runs" export csv count 2
usage "export: prometheus: takes no such parameter: ring SIZE" "no ring for what counts" export prometheus ring 4K
usage "export: prometheus: textfile, or listen: one at a time" "two ways" export prometheus listen 127.0.0.1 textfile x.prom
usage "export: prometheus: interval and count are for textfile" "an interval to serve" export prometheus interval 1s
usage "export: prometheus: textfile: node_exporter reads only files in \.prom, not '\.prom'" "a file nobody reads" export prometheus textfile .prom
usage "export: prometheus: by: not msg or cpu: 'dev'" "series of something else" export prometheus by dev
usage "export: prometheus: has one format: no -o, -j, -p" "JSON for prometheus" -j export prometheus
usage "export: prometheus: takes no COMMAND after '--'" "a COMMAND to scrape" export prometheus -- true
usage "export: prometheus: a recording is over, there is nothing to scrape" "a recording to scrape" -i x export prometheus
for address in localhost 127.0.0.1: 127.0.0.1:x 127.0.0.1:70000 127.0.0.1:-1 :10576 '[::1' '[::1]1' '[]:1' 192.0.2.256; do
	usage "listen: not a valid ADDRESS: '${address//[/\\[}'" "an address that is none: $address" export prometheus listen "$address"
done
refused 2 "cannot listen on 192.0.2.1:1: Cannot assign requested address" "an address of others" export prometheus listen 192.0.2.1:1
usage "heat: ambiguous word 'lat' \(lat-avg, lat-p99\)" "an ambiguous verb" heat lat
usage "color: not auto, always or never: 'red'" "no such colours" --color=red heat runs
usage "hist: unknown word 'foo' \(there are lat, run, pkts\)" "unknown verb" hist foo
usage "top: is a screen, no JSON" "a screen in JSON" -j top
usage "top: interval: not between 100ms and 1h" "intervals too short to look at" top interval 10ms
usage "top: takes no COMMAND after '--'" "a COMMAND below the screen" top -- true
usage "hist: unknown word 'ring' \(there are .*\)" "no ring for hist" hist lat ring 4K
usage "--jsonl has a line for each document: no --pretty" "two forms of JSON" --jsonl -p show
usage "--jsonl has a line for each document: no --pretty" "in whatever order" -p show --jsonl
usage "check: is no stream: -j, not --jsonl" "no stream of verdicts" --jsonl check
usage "show: the COMMAND says how long: no count" "a stream's COMMAND and count" --jsonl show count 2 -- true
usage "trace: the COMMAND says how long: no interval, no count" "COMMAND and interval, a stream of runs" \
	--jsonl trace interval 1s -- true
usage "check: missing argument: LIMITS after 'max'" "no limits" check max
usage "check: max: not a valid LIMITS: ''" "empty limits" check max ''
usage "check: max: unknown figure 'foo' \(there are lat-avg, .*, xdp-lost\)" "a figure that is none" check max foo=1
usage "check: max: not FIGURE=VALUE: 'lat-p99'" "a limit without its value" check max lat-p99
usage "check: max: lat-p99: not a valid VALUE: '5x'" "a bad unit of a limit" check max lat-p99=5x
usage "check: max: lat-p99: '50' is not a time with its unit, as in 50us" "a time without unit" check max lat-p99=50
usage "check: max: throt: '5us' is not a number, or a share as in 5%" "a time for a number" check max throt=5us
usage "check: max: disabled: '5' is not a share, as in 5%" "a number for a share" check max disabled=5
usage "check: max: runs: '5%' is not a number" "a share of nothing" check max runs=5%
usage "check: max: not FIGURE=VALUE: ''" "an empty limit" check max runs=1,
usage "check: max: given twice: 'runs'" "a limit given twice" check max runs=1,intr=1,runs=2
usage "check: unknown word 'count' \(there are .*\)" "no count for check" check count 2
usage "check: has no columns to choose with -o" "no columns for check" -o CPU check
usage "check: the COMMAND says how long: no interval, no count" "COMMAND and interval, check" check interval 1s -- true
usage "throttle: missing word: one of attach, replace, detach, show" "no verb for throttle" throttle
usage "throttle: unknown word 'foo' \(there are .*\)" "unknown verb for throttle" throttle foo
usage "throttle: attach: missing device: dev IF" "throttle without a device" throttle attach fair
usage "throttle: detach: missing device: dev IF" "throttle with all devices" throttle detach dev all
usage "throttle: missing policy: fixed, time, fair or file OBJ" "no policy" throttle attach dev lo
usage "throttle: one policy at a time: fixed, time, fair or file OBJ" "two policies" throttle attach dev lo fair file x
usage "throttle: one too many: 'fair'" "two of dpctool's" throttle attach dev lo time fair usecs 1
usage "throttle: ambiguous word 'f' \(file, fixed, fair\)" "ambiguous policy" throttle attach dev lo f
usage "throttle: fixed: missing parameter: packets N" "no parameter" throttle replace dev lo fixed
usage "throttle: fair: takes no such parameter: packets N" "parameter of another" throttle attach dev lo fair packets 1
usage "throttle: file: takes no such parameter: usecs N" "parameter for a file" throttle attach dev lo file x usecs 1
usage "throttle: packets: not a valid N: '0' \(a whole number from 1 on\)" "no packets" throttle attach dev lo fixed packets 0
usage "throttle: fixed: packets: too large" "too many packets" throttle attach dev lo fixed packets 4294967296
usage "throttle: time: usecs: too large" "too long a time" throttle attach dev lo time usecs 1000001
usage "throttle: file: not a valid OBJ: ''" "no file" throttle attach dev lo file ''
usage "throttle: show: takes no policy" "show a policy" throttle show fair
usage "throttle: detach: takes no policy" "detach a policy" throttle detach dev lo fair
usage "throttle: unknown word 'interval' \(there are .*\)" "no interval for throttle" throttle show interval 1s
usage "throttle: takes no COMMAND after '--'" "no COMMAND for throttle" throttle show -- true
usage "rss: missing word: one of show, set, equal, weight" "no verb for rss" rss
usage "rss: show: missing device: dev IF" "rss without a device" rss show
usage "rss: equal: missing device: dev IF" "rss with all devices" rss equal dev all queues 2
usage "rss: equal: missing parameter: queues N" "no queues" rss equal dev lo
usage "rss: set: missing parameter, one of: table LIST, key HEX" "nothing to set" rss set dev lo
usage "rss: weight: takes no such parameter: queues N" "parameter of another" rss weight dev lo weights 1 queues 2
usage "rss: show: takes no such parameter: table LIST" "show a table" rss show dev lo table 0
usage "rss: set: takes no such parameter: interval TIME" "an interval to set" rss set dev lo table 0 interval 1s
usage "rss: set: takes no COMMAND after '--'" "a COMMAND to set" rss set dev lo table 0 -- true
usage "rss: queues: not a valid N: '0' \(a whole number from 1 on\)" "no queue" rss equal dev lo queues 0
usage "rss: weights: not a valid LIST: '1,' \(at most 4096 numbers up to 4294967294, as in 0,2-3\)" "a list without its end" rss weight dev lo weights 1,
usage "rss: table: not a valid LIST: '2-1' \(at most 4096 numbers up to 4294967294, as in 0,2-3\)" "a list backwards" rss set dev lo table 2-1
usage "rss: table: not a valid LIST: '0-4096' \(at most 4096 numbers up to 4294967294, as in 0,2-3\)" "a list too long" rss set dev lo table 0-4096
usage "rss: table: not a valid LIST: '4294967295' \(at most 4096 numbers up to 4294967294, as in 0,2-3\)" "a number too large" rss set dev lo table 4294967295
usage "rss: key: not a valid HEX: '01:2' \(at most 4096 bytes, as in 6d:5a\)" "half a byte" rss set dev lo key 01:2
usage "rss: key: not a valid HEX: '01:02:' \(at most 4096 bytes, as in 6d:5a\)" "a key without its end" rss set dev lo key 01:02:
usage "rss: key: not a valid HEX: '0102' \(at most 4096 bytes, as in 6d:5a\)" "a key without colons" rss set dev lo key 0102
usage "map: missing word: one of show, set" "no verb for map" map
usage "map: set: takes no such parameter: interval TIME" "set for a while" map set dev lo cpus 1 interval 1s
usage "map: show: takes no such parameter: cpus LIST" "CPUs to show" map show dev lo cpus 1
usage "map: set: missing device: dev IF" "map without a device" map set cpus 1
usage "map: set: missing device: dev IF" "map with all devices" map set dev all cpus 1
usage "map: set: missing parameter: cpus LIST" "no CPUs" map set dev lo msg 1
usage "map: msg: not a valid LIST: '2-1' \(numbers up to 8191, as in 0,2-3, or all\)" "messages backwards" map set dev lo msg 2-1 cpus 1
usage "map: cpus: not a valid LIST: '1,' \(at most 4096 numbers up to 4294967294, as in 0,2-3\)" "CPUs without their end" map set dev lo cpus 1,
usage "map: takes no COMMAND after '--'" "a COMMAND for map" map show dev lo -- true
usage "-o: unknown column 'CPU' \(there are DEV,MSG,IRQ,.*SOURCE\)" "a column of another" -o CPU map show
usage "policy: missing word: one of attach, replace, detach, list, counters, check" "no verb for policy" policy
usage "policy: attach: missing device: dev IF" "policy without a device" policy attach rules
usage "policy: missing policy: rss, rss-sym, weighted, rules, cpumap, least-loaded or file OBJ" "no XDP policy" \
	policy attach dev lo
usage "policy: one policy at a time: rss, .* or file OBJ" "two XDP policies" policy attach dev lo rss file x
usage "policy: rules: takes no such parameter: cpus LIST" "CPUs for rules" policy attach dev lo rules cpus 1
usage "policy: rss: takes no such parameter: prog NAME" "a program of rss" policy check dev lo rss prog x
usage "policy: weighted: missing parameter: weights LIST" "no weights" policy attach dev lo weighted cpus 0,1
usage "policy: weighted: missing parameter: weights LIST, cpus LIST" "nor CPUs" policy attach dev lo weighted
usage "policy: weighted: not as many weights as CPUs" "few weights" policy attach dev lo weighted cpus 0,1 weights 1
usage "policy: weighted: no CPU weighs anything" "no weight" policy attach dev lo weighted cpus 0,1 weights 0,0
usage "policy: list: takes no policy" "list a policy" policy list dev lo rss
usage "policy: detach: takes no policy" "detach an XDP policy" policy detach dev lo rules
usage "policy: detach: takes no policy" "detach with --chain" --chain policy detach dev lo
usage "policy: ambiguous word 'r' \(rss, rss-sym, rules\)" "ambiguous XDP policy" policy attach dev lo r
usage "rule: missing word: one of add, delete, show" "no verb for rule" rule
usage "rule: show: missing device: dev IF" "rule without a device" rule show
usage "rule: show: takes no rule" "show a rule" rule show dev lo source 10.0.0.0/8
usage "rule: add: one of source, destination and protocol" "no match" rule add dev lo verdict drop
usage "rule: add: one of source, destination and protocol" "two matches" \
	rule add dev lo source 10.0.0.0/8 protocol udp verdict drop
usage "rule: add: a port goes with a protocol" "a port alone" rule add dev lo source ::1 dport 1 verdict drop
usage "rule: add: one port at a time" "two ports" rule add dev lo protocol udp sport 1 dport 2 verdict drop
usage "rule: add: missing parameter: verdict WORD" "no verdict" rule add dev lo protocol udp
usage "rule: delete: takes no verdict, no preference" "delete with a verdict" \
	rule delete dev lo protocol udp verdict drop
usage "rule: add: preference: too large" "preference too large" \
	rule add dev lo protocol udp verdict drop preference 4294967296
usage "show: help: one too many: 'show'" "two topics" help show show
usage "unknown command 'foo' \(there are .*\)" "unknown topic" help foo
usage "unknown option '-x'" "unknown option" -x show
usage "unknown option '--foo'" "unknown long option" show --foo
usage "ambiguous option 'js' \(json, jsonl\)" "ambiguous option" --js show
usage "neither an option nor a number from 0 on: '-1'" "a negative number" show interval -1
usage "unknown option '-x'" "unknown option before others" show -xj
usage "unknown option '-x'" "unknown option behind others" -j show -jx
usage "unknown option '--json=1'" "an argument too many" show --json=1
usage "unknown option '--strict=1'" "the same of one that has no letter" show --strict=1
usage "missing argument of option '-o'" "option without its argument" show -o
usage "hist: has no columns to choose with -o" "no columns for hist" -o CPU hist lat
usage "show: missing COMMAND after '--'" "no COMMAND" show --
usage "version: takes no COMMAND after '--'" "COMMAND where none is taken" version -- true
usage "show: the COMMAND says how long: no interval, no count" "COMMAND and interval" \
	show interval 1s -- true
usage "show: unknown word 'foo' \(there are .*\)" "an error with -j is text on stderr" -j show foo

# What is wrong in itself is told before it is looked whether the machine has what it takes.
usage "policy: attach: mode: neither native nor generic: 'foo'" "no such mode" policy attach dev nosuch0 rss mode foo
usage "policy: replace: a policy keeps its place: no --chain" "replace in a chain" --chain policy replace dev nosuch0 rss
usage "policy: /nonexistent: no BPF object: No such file or directory" "no such policy" policy attach dev nosuch0 file /nonexistent
usage "throttle: /nonexistent: no BPF object: No such file or directory" "no such throttle" throttle attach dev nosuch0 file /nonexistent
usage "rule: add: not a network, or with bits set beyond its prefix: '300.0.0.1'" "no network" \
	rule add dev nosuch0 source 300.0.0.1 verdict pass
usage "rule: add: verdict: neither drop nor pass nor a CPU there is: 'foo'" "no verdict there is" \
	rule add dev nosuch0 protocol udp verdict foo
usage "rule: delete: unknown protocol: 'foo'" "no protocol" rule delete dev nosuch0 protocol foo
usage "-o: unknown column 'FOO' \(there are DEV,.*\)" "no column" feature -o FOO
usage "-o: unknown column 'FOO' \(there are DEV,QUEUE,.*\)" "nor of what would be changed" rss set dev nosuch0 table 0 -o FOO

refused 3 "nosuch0: no such device" "no such device" show dev nosuch0
refused 3 "nosuch0: no such device" "abbreviated words" sh d nosuch0
refused 3 "\.\./x: no such device" "a path is no device" show dev ../x
refused 3 "lo: cannot observe: it is part of the kernel's network stack, no hardware" "no hardware" show dev lo
refused 3 "all: no device of this network namespace has interrupts" "no devices" show dev all
refused 3 "all: no device of this network namespace has interrupts" "no devices, no words"
refused 3 "all: no device of this network namespace has interrupts" "no devices, trace" trace
refused 3 "all: no device of this network namespace has interrupts" "no devices, hist" hist run
refused 3 "all: no device of this network namespace has interrupts" "no devices, check" check
refused 3 "all: no device of this network namespace has interrupts" "no devices, feature" feature
refused 3 "all: no device of this network namespace has interrupts" "no devices, top" top
refused 3 "all: no device of this network namespace has interrupts" "no devices, export" export csv
refused 3 "all: no device of this network namespace has interrupts" "no devices, bench" bench observer
refused 3 "nosuch0: no such device" "no such device, check" check dev nosuch0
refused 3 "nosuch0: no such device" "no such device, throttle" throttle attach dev nosuch0 fair
refused 3 "nosuch0: no such device" "no such device, rss" rss show dev nosuch0
refused 3 "nosuch0: no such device" "no such device, map" map set dev nosuch0 cpus 0
refused 3 "lo: no IRQs: it is part of the kernel's network stack, no hardware" "no IRQs" map show dev lo
is "$(build/dpctool show lo 2>&1)" \
	"dpctool: show: unknown word 'lo' (there are dev, msg, cpu, interval, count). Try: dev lo" "a device without its word"
like "$(build/dpctool lo 2>&1)" "^dpctool: unknown command 'lo' .*Try: dpctool show dev lo$" "or just that"
is "$(build/dpctool help hist lat 2>&1)" "dpctool: hist: help: one too many: 'lat'. Try: dpctool help hist" "help on a word"

# without a BPF file system nothing is pinned there
is "$(build/dpctool policy list 2>&1)" "" "no policies to list"
refused 3 "lo: has no policy that dpctool attached" "no policy to detach" policy detach dev lo
refused 3 "lo: has no policy that dpctool attached" "no throttle policy to detach" throttle detach dev lo
refused 3 "lo: has no policy that dpctool attached" "no rules to show" rule show dev lo
refused 4 "lo: cannot throttle: the module dpcnic is not loaded" "no module, throttle" \
	throttle attach dev lo fixed packets 1

# --- a throttle policy of one's own, as its header shows one and README says how to build it

sed -n '/^ \*\t#include/,/^ \*\tchar LICENSE/s/^ \*\t*//p' bpf/throttle/throttle.bpf.h >"$out"
ok "the example builds" clang -target bpf -O2 -g -Wall -I kmod/engine -I bpf/throttle \
	-I "/usr/include/$(uname -m)-linux-gnu" -x c -c "$out" -o /dev/null

# --- help, version

for command in show top trace hist heat check record report export throttle policy rule rss map feature bench help version; do
	ok "help $command" build/dpctool help $command
	is "$(build/dpctool $command help)" "$(build/dpctool help $command)" "$command help is the same"
	like "$(build/dpctool help $command)" "^Usage: dpctool \[OPTIONS\] $command" "it is about $command"
done
is "$(build/dpctool --help)" "$(build/dpctool help)" "--help is help"
is "$(build/dpctool hist -h)" "$(build/dpctool help hist)" "hist -h is help hist"
is "$(build/dpctool --version)" "$(build/dpctool version)" "--version is version"
like "$(build/dpctool version)" "libbpf v1\." "version names libbpf's"
is "$(build/dpctool -j version | python3 -c 'import json, sys; print(json.load(sys.stdin)["schema"])')" \
	dpctool/1 "version in JSON"
is "$(for c in '' show top trace hist heat check record report export throttle policy rule rss map feature bench; do build/dpctool help $c; done | grep -nE '.{81}| $')" "" \
	"help has no line over 80 columns, and no blanks at line ends"
like "$(build/dpctool help)" $'\n  -o, --output COL.*\n  -c, --color\\[=WHEN\\].*\n      --level LEVEL .*\n      --strict ' \
	"options say what they take"
build/dpctool help >/dev/full 2>"$err"
is $? 2 "output that cannot be written is an error"
like "$(cat "$err")" "not all was written" "it is told"

# --- made of the same tables

for word in lat_p99_ns disabled_ppm dpc_cpu max_cpu 'QUEUE\->RUN' 'ring' '\-\-strict' \
	    'hist {lat|run|pkts}' 'heat {lat\-avg|lat\-p99|run\-avg|' '\-\-color[=WHEN]' \
	    'export {perfetto|' 'check [dev IF] [msg LIST] [cpu LIST] [interval TIME] [max LIMITS] [\-\- COMMAND' starved \
	    entries_ppm 'rss {show|set|equal|weight}' 'map {show|set}' 'rule {add|delete|show}' \
	    'policy {attach|replace|detach|list|counters|check} [rss|rss\-sym|weighted|rules|cpumap|' 'top [dev IF] [msg LIST] [cpu LIST] [interval TIME]' 'PgUp PgDn' \
	    'throttle {attach|replace|detach|show} [fixed|time|fair]' 'EXIT STATUS'; do
	ok "the manual page has $word" grep -qF -- "$word" build/dpctool.8
done
ok "the manual page has no place left to fill" sh -c '! grep -n "^@" build/dpctool.8'

# shellcheck source=/dev/null
. build/dpctool.bash
completed() # WORD...: what the last one can become
{
	local COMP_WORDS=(dpctool "$@") COMP_CWORD=$# COMPREPLY=()

	_dpctool
	echo "${COMPREPLY[*]}"
}
is "$(completed s)" show "a command is completed"
is "$(completed '')" "show top trace hist heat check record report export throttle policy rule rss map feature bench help version" \
	"so is nothing"
is "$(completed hist '')" "help lat run pkts dev msg cpu interval count" "a command's words are offered"
is "$(completed check '')" "help dev msg cpu interval max" "so are those of check"
is "$(completed throttle '')" "help attach replace detach show fixed time fair dev packets usecs file map" \
	"so are policies and their parameters"
is "$(completed export '')" "help perfetto chrome csv prometheus dev msg cpu interval count ring textfile listen by series user" \
	"formats are offered"
is "$(completed rss '')" "help show set equal weight dev interval queues weights table key" \
	"so are those of rss"
is "$(completed map '')" "help show set dev msg interval cpus" "and of map"
is "$(completed policy attach rs)" "rss rss-sym" "so are XDP policies"
is "$(completed rule add '')" \
	"help add delete show dev source destination protocol sport dport verdict preference" "and rules"
is "$(completed throttle attach file README)" README.md "a file is completed"
is "$(completed -o CPU trace r)" ring "also after options"
is "$(completed -o LAT-P)" "" "columns are not known before the command is"
is "$(completed show -o LAT-)" "LAT-AVG LAT-P99 LAT-MAX" "columns are offered"
is "$(completed show interval '')" "" "numbers are not"
is "$(completed show --s)" --strict "options are offered"
like "$(completed show dev '')" "^all" "devices are offered"
ls() { printf '%s\n' 'eth0' '$(touch${IFS}'"$out.touched"')' '*'; }
is "$(completed show dev '')" 'all eth0 \$\(touch\$\{IFS\}'"$out.touched"'\) \*' "as they are called"
is "$(completed show dev 'e')" eth0 "and by how that begins"
unset -f ls
ok "nothing of it is run" test ! -e "$out.touched"
is "$(completed trace -o QUEUE-)" 'QUEUE-\>RUN' "a column that is no word to the shell is quoted"

done_testing
