#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What goes on and on: dpctool --jsonl, and dpctool top in a terminal of tmux. Their intervals, added
# up, are what the driver counted; what the screen says is what the file says; whatever becomes of
# the device, and however it ends, nothing stays behind. All keys: tests/host/dpctool-screen.t.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"
. tests/host/screen.sh
screen_poll=0.3 # to look takes longer than to wait, under emulation
dpctool=/dpcnic/build/dpctool

start_dpcnic
fixed_neighbours
some_traffic() { traffic udp --flows 8 --packets 100 && settle; }
attached() { bpftool prog list | grep -c see_run; }

# --- a stream

export -f some_traffic traffic settle ledger
export traffic dev
settle
mark
ok "a stream while there is traffic" \
	eval "$dpctool --jsonl show dev $dev interval 200ms -- $BASH -c some_traffic >/run/lines"
mark
cat >/run/lines.py <<'END'
import json, sys
lines = [json.loads(line) for line in open("/run/lines")]
print("several lines:", len(lines) > 2)
print("schemas:", {(line["schema"], line["object"], line["lost"]["runs"]) for line in lines})
print("none between:", all(a["t0_ns"] + a["period_ns"] == b["t0_ns"] for a, b in zip(lines, lines[1:])))
print("exits:", {line["command"]["exit"] for line in lines[:-1]}, lines[-1]["command"]["exit"])
print("packets:", sum(row["packets"] for line in lines for row in line["rows"]))
print("runs:", sum(row["runs"] for line in lines for row in line["rows"]))
END
is "$(python3 -IS /run/lines.py)" "several lines: True
schemas: {('dpctool/1', 'show', 0)}
none between: True
exits: {None} 0
packets: $(grew 'S\.msg[0-9]+_dpc_packets')
runs: $(grew 'S\.msg[0-9]+_dpc_runs')" "its intervals are what the driver counted, without a gap"
$dpctool --jsonl heat runs dev "$dev" interval 10ms count 3 >/run/lines
is "$(json 'd["schema"] + " " + d["object"]' </run/lines 2>&1; wc -l </run/lines)" \
	"JSONDecodeError: Extra data: line 2 column 1 (char $(head -n 1 /run/lines | wc -c))
3" "heat: three lines, each a document"
set -m
$dpctool --jsonl show dev "$dev" interval 50ms >/run/lines &
ok "a stream goes on" wait_for 20 eval '[ "$(wc -l </run/lines)" -ge 3 ]'
kill -INT $!
wait $!
is $? 0 "until SIGINT"
set +m
is "$(tail -n 1 /run/lines | json 'd["object"]')" show "with a whole line"

# --- a screen

total() { screen | sed -n 's/^ *total *//p' | awk '{ print $NF }'; }
top() { term_run $dpctool top dev "$dev" "$@"; }
columns=MSG,CPU,INTR,QUEUED,COAL,RUN,THROT,PKTS

settle
mark
top interval 1h -o "$columns"
comes_to "it observes" "observing; Enter shows what there is so far" last_line
is "$(attached)" 1 "by a program"
ok "meanwhile the module cannot be unloaded" sh -c '! rmmod dpcnic 2>/dev/null'
ok "traffic" some_traffic
# The last line is drawn last.
press Enter x
comes_to "an interval" "no such key; ? lists them" last_line
first=$(total)
like "$(first_lines 1)" 'every 3600s  lost 0$' "without the cost of observing, which nobody measures"
press w
comes_like "it is written" '\.json: written$' last_line
file=$(last_line | sed 's/: written$//')
cat >/run/same.py <<'END'
import json, sys
document = json.load(open(sys.argv[1]))
keys = ("msg", "cpu", "interrupts", "queued", "coalesced", "runs", "throttled", "packets")
expected = {tuple(row[key] for key in keys) for row in document["rows"]}
words = [line.strip("> ").split() for line in sys.stdin]
got = {tuple(map(int, line)) for line in words if len(line) == len(keys) and line[0].isdigit()}
totals = [line[1:] for line in words if line[0:1] == ["total"]]
print(document["object"], got == expected, len(got) > 0,
      totals == [[str(document["totals"][0][key]) for key in keys[2:]]])
END
is "$(screen | python3 -IS /run/same.py "$file")" "show True True True" \
	"the numbers on the screen are those in the file"
press p
comes_like "p pauses" 'every 3600s, paused' screen
still=$(first_lines 23)
sysctl -q kernel.bpf_stats_enabled=1
ok "more traffic" some_traffic
is "$(first_lines 23)" "$still" "a paused screen stays"
press b Enter x
comes_to "Enter shows what has come" "no such key; ? lists them" last_line
sysctl -q kernel.bpf_stats_enabled=0
second=$(total) runs=$(screen | sed -n 's/^ *total *//p' | awk '{ print $4 }')
mark
is "$((first + second))" "$(grew 'S\.msg[0-9]+_dpc_packets')" \
	"the packets of both intervals are the driver's, those of the pause too"
like "$(first_lines 1)" "paused  lost 0, observer $runs runs, [0-9]+ns each$" "the program ran as often as DPCs did"
press p -
comes_to "- halves the interval" "an interval is 1800s now" last_line

# --- the device comes and goes

ip link set "$dev" down
ip link set "$dev" name lan0
ip link set lan0 up
press Enter
comes_to "the device is renamed" "$dev is called lan0 now" last_line
like "$(first_lines 1)" "  lan0  " "the screen has its name"
ip link set lan0 netns peer
press Enter
comes_to "it moves away" "lan0 is gone: unplugged, or moved to another network namespace" last_line
ip -n peer link set lan0 netns 1
ip link set lan0 name "$dev"
press Enter
comes_to "it comes back" "lan0 is called $dev now" last_line
ok "it is unplugged" sh -c "echo $(nic_a_pci) >/sys/bus/pci/drivers/dpcnic/unbind"
press Enter
comes_to "nothing is left to see" "$dev is gone: unplugged, or moved to another network namespace" last_line
press h H q
comes_back "it ends as ever" 0
comes_like "with a last line" '-- [0-9.]+m?s, lost 0' screen
comes_to "nothing stays attached" 0 attached

# --- by itself, until it is told

ok "it is plugged in" sh -c "echo $(nic_a_pci) >/sys/bus/pci/drivers/dpcnic/bind"
dev=$(nic_a)
ok "it has its address" eval "ip addr add $addr_a4/24 dev $dev && ip link set $dev up && wait_carrier $dev"
ping -q -i 0.02 "$addr_b4" >/dev/null &
ping=$!
top interval 100ms
comes_like "intervals follow each other" '> +[0-9]' screen
press +
comes_like "+ makes them longer" 'every 200ms' screen
first_lines 23 >/run/before
comes_like "and the next one comes" . eval 'first_lines 23 | cmp -s - /run/before || echo other'
press C-c
comes_back "SIGINT" 0
comes_to "nothing stays attached" 0 attached
kill $ping
term_run setpriv --reuid=65534 --clear-groups $dpctool top
comes_like "a user sees interrupts, and no more" 'total +[0-9]+ +- +- ' screen
like "$(first_lines 1)" "  $dev \(L0\)  " "the screen says so"
press q
comes_like "and why, the last line" 'level L0, .*no permission' screen

# --- nothing of the module is held by a level below L3: it goes, and its device with it

top interval 1h --level L1
comes_to "at L1 it observes" "observing; Enter shows what there is so far" last_line
ok "the module is unloaded under it" unload_module
press Enter
comes_to "its device is gone" "$dev is gone: unplugged, or moved to another network namespace" last_line
press q
comes_back "it ends as ever" 0
ok "the module is loaded again" load_module
ok "and has its device" wait_for 30 nic_a
dev=$(nic_a)
ok "which is up" eval "ip link set $dev up && wait_carrier $dev"

# --- what takes long says how far it is, on a terminal, and ends when it is told

rec=/run/long.rec
for command in "record -o $rec dev $dev interval 1h" "check dev $dev max lat-max=1h interval 1h" \
	       "bench observer dev $dev interval 15m"; do
	# shellcheck disable=SC2086 # several words
	term_run $dpctool $command
	case $command in
	record*) said='of 3600s, [0-9]+ runs; Ctrl-C ends it$' sum="^$rec: [0-9.]+s, [0-9]+ runs, lost 0, " status=0 ;;
	check*) said='of 3600s; Ctrl-C ends it$' sum='^(ok|nothing): ' status='[08]' ;;
	bench*) said='of 18000s, 0 rounds of 5; Ctrl-C ends it$' sum='^counting, rounds 0 of 4 x 900s' status=0 ;;
	esac
	comes_like "${command%% *}: it is told how far it is" "^[0-9]+s $said" screen
	press C-c
	comes_like "${command%% *}: SIGINT ends it" "status $status"$'\n''sane$' screen
	like "$(first_lines 1)" "$sum" "... with its summary in the place of that"
done
is "$(attached)" 0 "nothing stays attached"
ok "the recording is whole" $dpctool -i $rec show
ok "the module is unloaded" unload_module
documents_fit
done_testing
