#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# R1 as dpctool shows and sets it. Key and table are compared with ethtool's, queues with /proc and
# the tests' own netlink, shares with the driver's counters.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=build/dpctool
rss() { $dpctool rss "$@"; }

said() { "${@:2}" | json "$1"; } # EXPRESSION COMMAND...
table() { said '" ".join(map(str, d["hash"]["table"]))' rss -j show dev "$dev"; }
ethtool_table() { ethtool -x "$dev" | sed -n 's/^ *[0-9]*: \+//p' | xargs; }
ethtool_key() { ethtool -x "$dev" | grep -E '^([0-9a-f]{2}:)+[0-9a-f]{2}$'; }
of_queues() # NAME, of what netlink says about receive queues, by queue
{
	netdev "$1" "$dev" | awk -v name="$2" '/type=rx/ { for (i = 1; i <= NF; i++) {
		split($i, kv, "="); v[kv[1]] = kv[2] } print v["queue"], v[name] }' |
		sort -n | cut -d' ' -f2 | xargs
}

start_dpcnic
fixed_neighbours

# --- show

is "$(table)" "$(ethtool_table)" "the table is ethtool's"
is "$(said 'd["hash"]["key"]' rss -j show dev "$dev")" "$(ethtool_key)" "the key is ethtool's"
is "$(said 'd["hash"]["function"]' rss -j show dev "$dev")" toeplitz "so is the function"
is "$(said 'column("queue")' rss -j show dev "$dev")" "0 1 2 3" "a row per queue"
is "$(said 'column("entries")' rss -j show dev "$dev")" "32 32 32 32" "each has a quarter of it"
is "$(said 'column("entries_ppm")' rss -j show dev "$dev")" "250000 250000 250000 250000" \
	"which is 25%"
is "$(said 'column("napi")' rss -j show dev "$dev")" "$(of_queues queues napi)" "each has its NAPI"
is "$(said 'column("msg")' rss -j show dev "$dev")" "0 1 2 3" "and its message"
expected=$(for i in 0 1 2 3; do irq_of $i; done | xargs)
is "$(said 'column("irq")' rss -j show dev "$dev")" "$expected" "and its IRQ"
cpus() { for i in 0 1 2 3; do cat "/proc/irq/$(irq_of $i)/effective_affinity_list"; done | xargs; }
is "$(said 'column("cpu")' rss -j show dev "$dev")" "$(cpus)" "and its CPU"
echo 2 >"/proc/irq/$(irq_of 0)/smp_affinity_list"
ok "packets to every queue, so that the interrupt moves" tool rss "$dev" 4 tcp 200
is "$(said 'column("cpu")' rss -j show dev "$dev")" "$(cpus)" "also when that has changed"
like "$(said 'column("cpu")' rss -j show dev "$dev")" "^2 " "for queue 0"
settle
is "$(said 'column("packets")' rss -j show dev "$dev")" "$(of_queues qstats rx_packets)" \
	"packets are those of the driver's counters"
said 'sum(row["packets_ppm"] for row in d["rows"])' rss -j show dev "$dev" >/run/sum
ok "their shares are all there is" [ "$(</run/sum)" -ge 999998 -a "$(</run/sum)" -le 1000002 ]
is "$(said 'd["imbalance_ppm"]' rss -j show dev "$dev")" \
	"$(of_queues qstats rx_packets | tr ' ' '\n' | awk '{ s += $1; if ($1 > m) m = $1 }
		END { printf "%d", m * 4e6 / s + 0.5 }')" "the imbalance is that of the counters"
like "$(rss show dev "$dev")" "$dev: hash toeplitz, key ([0-9a-f]{2}:){39}[0-9a-f]{2}.*QUEUE +MSG +IRQ +CPU" \
	"show as text"
like "$(rss show dev "$dev" | tail -n 1)" \
	"^-- [0-9]+ packets since the counters began, table of 128 entries, imbalance [1-4]\.[0-9]{2}x$" \
	"and its last line"

# --- an interval: only what comes in it

queue=$(tool rss "$dev" $addr_b4)
settle
is "$(said 'column("packets"), d["imbalance_ppm"], d["command"]["exit"]' \
	rss -j show dev "$dev" -- sh -c "ip netns exec peer ping -q -I $addr_b4 -c 50 -i 0.01 $addr_a4 >/dev/null")" \
	"('$(for i in 0 1 2 3; do [ $i = "$queue" ] && echo 50 || echo 0; done | xargs)', 4000000, 0)" \
	"one flow comes to one queue"
like "$(rss show dev "$dev" interval 10ms)" "-- 0 packets in [0-9.]+ms, table of 128 entries$" \
	"nothing is no imbalance"
like "$(rss -o +NAPI,DEV show dev "$dev")" "PKTS% +NAPI +DEV" "columns can be chosen"

# --- set, equal, weight: as ethtool sees it, and as ethtool would do it

expect() # having called ethtool -X to make what dpctool is to make
{
	expected=$(ethtool_table)
	ethtool -X "$dev" default
	[ "$expected" != "$(ethtool_table)" ] || fail "it is not the default"
}
ethtool -X "$dev" equal 3
expect
is "$(rss equal dev "$dev" queues 3)" "$dev: table set" "equal"
is "$(ethtool_table)" "$expected" "is ethtool -X equal"
is "$(rss equal dev "$dev" queues 3)" "$dev: table unchanged" "which is there already"
for weights in "4 2 1 1" "1 1 0 5" "3 3 3" "0 0 1"; do
	# shellcheck disable=SC2086 # several words
	ethtool -X "$dev" weight $weights
	expect
	ok "weights $weights" rss weight dev "$dev" weights "${weights// /,}"
	is "$(ethtool_table)" "$expected" "is ethtool -X weight"
done
is "$(rss set dev "$dev" table 3,0-2)" "$dev: table set" "set a table"
is "$(ethtool_table)" "$(for i in {1..32}; do echo 3 0 1 2; done | xargs)" "it is repeated"
is "$(table)" "$(ethtool_table)" "show tells of it"

key=$(printf '%02x:' {1..39})28
before=$(ethtool_table)
is "$(rss set dev "$dev" key "$key")" "$dev: key set" "set a key"
is "$(ethtool_key) $(ethtool_table)" "$key $before" "the table stays"
is "$(rss set dev "$dev" key "${key^^}" table 0-3)" "$dev: table and key set" "a known key, another table"
is "$(rss set dev "$dev" key "$key" table 0-3)" "$dev: table and key unchanged" "both known"
rss set dev "$dev" key "ff:${key#*:}" table 1 >/dev/null
is "$(ethtool_key) $(ethtool_table)" "ff:${key#*:} $(printf '1 %.0s' {1..128} | xargs)" "both at once"
is "$(said 'column("entries")' rss -j equal dev "$dev" queues 2)" "64 64 0 0" "-j prints what show prints"
settle
said 'column("packets")' rss -j show dev "$dev" -- "$traffic" udp --flows 64 --packets 5 >/run/seen
like "$(</run/seen)" "^[1-9][0-9]* [1-9][0-9]* 0 0$" "packets come to these two queues"

# --- what is refused, and then nothing changes

before="$(ethtool_key) $(ethtool_table)"
change=("$dpctool" rss set dev "$dev")
refused 1 "rss: equal: $dev has no queue 4, it has 4" "more queues than there are" \
	$dpctool rss equal dev "$dev" queues 5
refused 1 "rss: equal: $dev has a table of 128 entries, not enough for 129" "more queues than entries" \
	$dpctool rss equal dev "$dev" queues 129
refused 1 "rss: weight: $dev has no queue 4" "a weight for no queue" \
	$dpctool rss weight dev "$dev" weights 1,1,1,1,1
refused 1 "rss: weight: queue 0 would get nothing, its share is less than one of 128" \
	"a weight that is too small" $dpctool rss weight dev "$dev" weights 1,1000
refused 1 "rss: weight: no queue weighs anything" "no weights" \
	$dpctool rss weight dev "$dev" weights 0,0
refused 1 "rss: set: $dev has no queue 7" "no such queue" "${change[@]}" table 0,7
refused 1 "rss: set: 3 entries do not fit the table of $dev, which has 128" "a table that does not fit" \
	"${change[@]}" table 0-2
refused 1 "rss: set: the key has 39 bytes, $dev takes 40" "a short key" "${change[@]}" key "${key#*:}"
refused 1 "rss: set: the key has 2 bytes, $dev takes 40" "a good table, a bad key" \
	"${change[@]}" table 0 key 01:02
refused 4 "$dev: no permission to change" "a user" \
	setpriv --reuid=65534 --clear-groups "${change[@]}" table 0
refused 3 "nosuch0: no such device" "no such device" $dpctool rss show dev nosuch0
refused 2 "lo: its driver has no table to spread packets by" "a device without a table" \
	$dpctool rss equal dev lo queues 1
is "$(ethtool_key) $(ethtool_table)" "$before" "after all that nothing has changed"
ok "a user may look" setpriv --reuid=65534 --clear-groups $dpctool rss show dev "$dev"

# --- other drivers: what they do not tell is not known

is "$(said 'column("entries"), column("msg"), d["hash"]["table"], d["imbalance_ppm"]' \
	rss -j show dev lo)" "('-', '-', None, None)" "lo has no table"
like "$(rss show dev lo)" "^lo: hash -, key -.* 0 +- +- +- +- +- +- +-.*-- - packets since" "as text"
peer_said() { said "$1" peer $dpctool -j rss show dev peer0; }
entries=$(peer ethtool -x peer0 | sed -n 's/^ *[0-9]*: \+//p' | tr -s ' ' '\n' | grep . | sort -n |
	uniq -c | awk '{ print $1 }' | xargs)
is "$(peer_said 'column("entries")')" "$entries" "igb's table is ethtool's"
# igb tells its key from 7.3 on at the latest; ethtool has a line for each, or says that it cannot.
key=$(peer ethtool -x peer0 | sed -n '/^RSS hash key:/{n;p}' | grep : || echo None)
is "$(peer_said 'd["hash"]["key"]')" "$key" "its key is ethtool's, if it is told"
is "$(peer_said 'column("packets")')" \
	"$(peer ethtool -S peer0 | sed -n 's/^ *rx_queue_[0-9]*_packets: //p' | xargs)" \
	"packets are its own counters"
is "$(peer_said 'column("irq")')" \
	"$(grep -E 'peer0-(Tx)?Rx|peer0-rx' /proc/interrupts | cut -d: -f1 | xargs)" "IRQs go by their names"
like "$(peer_said 'column("msg")')" "^[- ]+$" "there are no messages"
is "$(peer $dpctool rss weight dev peer0 weights 3,1)" "peer0: table set" "its table can be set"
like "$(peer_said 'column("entries")')" "^96 32" "to three quarters and one"
[ "$key" != None ] || refused 2 "peer0: its driver does not let the key be seen" "its key cannot" \
	peer $dpctool rss set dev peer0 key 01:02

# --- down: what is left to tell

ip link set "$dev" down
is "$(said 'column("msg"), column("cpu"), column("entries")' rss -j show dev "$dev")" \
	"('- - - -', '- - - -', '64 64 0 0')" "a device that is down is served by nobody"
ok "its table can be set" rss equal dev "$dev" queues 4
is "$(ethtool_table)" "$(for i in {1..32}; do echo 0 1 2 3; done | xargs)" "and is"
ip link set "$dev" up
documents_fit
done_testing
