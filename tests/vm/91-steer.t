#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# R2, R3: packets go to the CPU that a program names, in order, and none is lost. STRESS=1 sends a
# million.
. "${0%/*}/xdp.sh"
[ -n "${STRESS:-}" ] && packets=1000000 || packets=${packets:-16000}

start_dpcnic
fixed_neighbours
ok "the test's programs are loaded" load_programs
changes=$(carrier_changes)
runs=/sys/kernel/tracing/events/dpcnic/xdp_run
echo 'hist:keys=cpu:vals=steered,received' >$runs/trigger

# What came by inboxes, as the tracepoint has it.
received() { awk '$1 == "{" { sub(/.*received: */, ""); sum += $1 } END { print sum }' $runs/hist; }

# --- every flow on the CPU that its entry names

# Another program first: then nothing is left of where flows went before, and none must stay there.
from_scratch()
{
	attach pass
	send_numbered 64
	replace steer
}
for target in 0 1 2 3; do
	from_scratch
	look_anew
	steer_flows $target
	mark
	ok "to CPU $target: packets are sent" send_numbered 800
	mark
	is "$(seen packets out_of_order hashed)" "800 0 800" \
		"R2 to CPU $target: all arrived, in order, with the hash"
	is "$(seen cpus | cut -d ' ' -f 2- | sort -u)" "$target" "R2 to CPU $target: and nowhere else"
	nothing_lost "to CPU $target"
	accounts "to CPU $target"
	contract "to CPU $target"
	is "$(grew 'S\.rx_from_inbox')" "$(grew 'S\.rx_steered')" "V1 to CPU $target: in = out"
	is "$(grew 'S\.rx_steer_kept|S\.rx_inbox_full')" 0 "to CPU $target: none stayed, none was dropped"
	ok "to CPU $target: packets of other CPUs' messages were steered" \
		test "$(grew 'S\.rx_steered')" -gt 100
	detach
done

from_scratch
look_anew
steer_flows 0 1 2 3
ok "to all CPUs: packets are sent" send_numbered 1600
is "$(seen cpus)" "$(for ((i = 0; i < flows; i++)); do echo "$((20 + i)) $((i % 4))"; done)" \
	"R2 to all CPUs: each flow on its own"
mark
is "$(received)" \
	"$(ethtool -S "$dev" | sed -n 's/.*rx_from_inbox: //p')" "V2 what the tracepoint tells = counted"

# --- dpctool sees the same (V2)

build/dpctool -j show dev "$dev" interval 600s count 1 >/run/shown &
shower=$!
observes() { grep -q '^SigBlk:.*4002$' "/proc/$1/status"; } # PID: from then on signals end it
ok "dpctool observes" wait_for 60 observes $shower
mark
ok "dpctool watches: packets are sent" send_numbered 400
mark
kill -INT $shower
wait $shower
is "$(python3 -c 'import json
rows = json.load(open("/run/shown"))["rows"]
print(*(sum(row[name] for row in rows if row["msg"] is not None) for name in ("steered_out", "steered_in")))')" \
	"$(grew 'S\.rx_steered') $(grew 'S\.rx_from_inbox')" "V2 what dpctool shows as steered = counted"

# The rest of this is the same for all kinds of messages.
[ -n "${brief:-}" ] || . "${0%/*}/steer-more.sh"

# --- order, whatever happens: the table changes, other programs come, none, GRO is switched

wander() # until killed; when each change was made, a file says so
{
	local i=0 gro=(on off)

	while :; do
		steer_flows $((i % 4)) $(((i + 1) % 4)) 255 $((RANDOM % 4))
		case $((i++ % 6)) in
		0 | 2) replace steer ;;
		1) replace pass ;;
		3) replace metadata ;;
		4) ethtool -K "$dev" gro "${gro[i / 6 % 2]}" ;;
		5) detach; attach steer ;;
		esac
		[ $i -lt 6 ] || echo $i >/run/wandered
	done
}
steer_flows 0 1 2 3
look_anew
mark
wander 2>/run/wander &
wanderer=$!
traffic udp --flows $flows --packets $((packets / flows)) --window 200 --until /run/wandered >/run/sent
is $? 0 "packets are sent until programs came and went"
kill $wanderer
wait $wanderer 2>/dev/null
diag "$(</run/sent) packets, $(</run/wandered) changes"
is "$(</run/wander)" "" "every change succeeded"
mark
is "$(seen packets out_of_order)" "$(</run/sent) 0" \
	"none missing, none twice, none out of order, whatever programs and tables there were"
nothing_lost "programs come and go"
accounts "programs come and go"
contract "programs come and go"
is "$(grew 'S\.rx_from_inbox')" "$(grew 'S\.rx_steered')" "V1 programs come and go: in = out"

# --- CPUs go offline under it

hotplug() # until killed; when each was away, there is a file
{
	while :; do
		for cpu in 1 2 3; do
			echo 0 >/sys/devices/system/cpu/cpu$cpu/online
			echo 1 >/sys/devices/system/cpu/cpu$cpu/online
		done
		: >/run/plugged
	done
}
steer_flows 1 2 3
replace steer
look_anew
mark
hotplug &
plugger=$!
sent=0
while [ ! -e /run/plugged ] && send_numbered $((packets / 4)); do sent=$((sent + packets / 4)); done
ok "$sent packets are sent, until CPUs have come and gone" test -e /run/plugged
kill $plugger
wait $plugger 2>/dev/null
echo 1 | tee /sys/devices/system/cpu/cpu[123]/online >/dev/null
mark
accounts "CPUs come and go"
contract "CPUs come and go"
is "$(grew 'S\.rx_from_inbox|S\.rx_inbox_gone')" "$(grew 'S\.rx_steered')" \
	"V1 CPUs come and go: in, or counted = out"
is "$(($(seen packets) + $(grew 'S\.rx_inbox_(gone|full)')))" "$(grew 'mac\.FramesReceivedOK')" \
	"V1 CPUs come and go: all that were received arrived, or are counted"

detach
is "$(carrier_changes)" "$changes" "the link never changed"
echo '!hist:keys=cpu:vals=steered,received' >$runs/trigger
unload_programs
ok "the module is unloaded" unload_module
done_testing
