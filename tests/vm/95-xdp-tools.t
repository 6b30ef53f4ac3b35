#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's xdp-tools on the device: what they load works as it is, and what they count is what the
# driver counts.
. "${0%/*}/xdp.sh"

start_dpcnic
fixed_neighbours
ok "the test's programs are loaded" load_programs
ip -n peer link set peer0 promisc on
changes=$(carrier_changes)
mark
other='S\.rx_(xdp_(drop|tx|redirect|aborted)|steered)'

# What a tool says of the whole time when it ends.
total() { sed -n "s/^ *$1 *: *//p" /run/tool | tr -d ' ,'; } # NAME
tool_start() # READY COMMAND...
{
	local ready=$1

	stdbuf -oL "${@:2}" >/run/tool 2>&1 &
	tool=$!
	wait_for 60 grep -q "$ready" /run/tool || diag "$(</run/tool)"
}
tool_stop() { kill -INT $tool; wait $tool; }

# --- xdp-bench: a program for each verdict

bench() # COUNTER COMMAND ARGUMENT...
{
	local what="xdp-bench $2" counted=$1

	tool_start rx/s xdp-bench "$2" -i 1 "${@:3}"
	look_anew
	ok "$what: packets are sent" send_numbered 400
	mark
	tool_stop
	is "$(total 'Packets received')" 400 "$what: it counts them"
	[ "$counted" = none ] || is "$(grew "S\.$counted")" 400 "$what: the driver, too"
	is "$(grew "$other")" "$([ "$counted" = none ] && echo 0 || echo 400)" "$what: and nothing else"
	nothing_lost "$what"
	accounts "$what"
	is "$(ip link show "$dev" | grep -c prog/xdp)" 0 "$what: its program is gone"
}
bench rx_xdp_drop drop "$dev"
is "$(total 'Rx dropped')" 400 "xdp-bench drop: it counts them as dropped"
bench none pass "$dev"
is "$(seen packets out_of_order)" "400 0" "xdp-bench pass: all reach the stack, in order"
for command in tx redirect; do
	frames_start peer0
	[ $command = tx ] && bench rx_xdp_tx tx "$dev" || bench rx_xdp_redirect redirect "$dev" "$dev"
	frames_stop
	is "$(grew 'S\.tx_xdp')" 400 "xdp-bench $command: all are sent"
	is "$(</run/frames)" "packets 400 different 400 untagged 400" \
		"xdp-bench $command: and arrive at the peer"
done
bench rx_xdp_redirect redirect-cpu "$dev" -c 1 -c 2
is "$(seen packets)" 400 "xdp-bench redirect-cpu: all reach the stack"

# --- xdp-loader: programs one after the other

status() { xdp-loader status "$dev" | awk '$1 == "=>" { print $2, $3 }' | xargs; }
load() { xdp-loader load -m native -P "$1" -n "$2" "$dev" build/cli/verdicts.bpf.o; } # PRIORITY PROGRAM
loaded() # COUNTED SEEN WHEN
{
	local before

	before=$(counter "$dev" rx_xdp_drop)
	look_anew
	ok "$3: packets are sent" send_numbered 100
	settle
	is "$(($(counter "$dev" rx_xdp_drop) - before)) $(seen packets)" "$1 $2" "$3: $1 are dropped"
}
features=$(xdp-loader features "$dev" | awk '$2 == "yes" { sub(":", "", $1); print $1 }' | xargs)
is "$features" "$(printf 'NETDEV_XDP_ACT_%s ' BASIC REDIRECT NDO_XMIT XSK_ZEROCOPY RX_SG NDO_XMIT_SG | xargs)" \
	"xdp-loader features: what the driver can do"
ok "xdp-loader: a program is loaded" load 20 pass_without_frags
loaded 0 100 "xdp-loader, one program"
ok "xdp-loader: another behind it" load 30 drop
is "$(status)" "20 pass_without_frags 30 drop" "xdp-loader status: both"
loaded 100 0 "xdp-loader, two programs"
ok "xdp-loader: the second is unloaded" xdp-loader unload "$dev" \
	--id "$(xdp-loader status "$dev" | awk '$3 == "drop" { print $4 }')"
is "$(status)" "20 pass_without_frags" "xdp-loader status: one is left"
loaded 0 100 "xdp-loader, the first again"
ok "xdp-loader: all are unloaded" xdp-loader unload "$dev" --all
is "$(status)" "" "xdp-loader status: none"

# --- xdpdump sees what goes into a program and comes out; xdp-monitor what goes wrong

attach aborted
tool_start "listening on" xdpdump -i "$dev" --rx-capture entry,exit -w /run/dump
dump=$tool
mv /run/tool /run/dump.said
tool_start err xdp-monitor -i 1
before=$(counter "$dev" rx_xdp_aborted)
ok "packets are sent" send_numbered 400
settle
tool_stop
kill -INT $dump
wait $dump
captured=$(sed -n 's/ packets captured//p' /run/dump.said)
is "$((captured + $(sed -n 's/ packets dropped.*//p' /run/dump.said)))" 800 \
	"xdpdump: each packet before and after the program"
is "$(tcpdump -r /run/dump -n 'udp port 9' 2>/dev/null | wc -l)" "$captured" "xdpdump: and writes them"
is "$(($(counter "$dev" rx_xdp_aborted) - before)) $(total 'Errors recorded')" "400 400" \
	"xdp-monitor: sees the exceptions that the driver counts"
detach
is "$(carrier_changes)" "$changes" "the link never changed"
unload_programs
ok "the module is unloaded" unload_module
done_testing
