#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --qemu -netdev --qemu hubport,id=v,hubid=0 --device virtio-net-pci,netdev=v,mac=02:dc:00:00:00:71 --qemu -nic --qemu hubport,hubid=0,model=e1000e,mac=02:dc:00:00:00:72 --qemu -nic --qemu hubport,hubid=0,model=vmxnet3,mac=02:dc:00:00:00:73
# dpctool on devices of any driver, at all levels: what it counts is what the peer sent, what the
# devices received, and what /proc/interrupts counts; on dpcnic's device the levels agree with each
# other. All devices are on one cable with the peer, which is igb's.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=/dpcnic/build/dpctool
cd /run || exit
# Nobody says anything on his own account.
for command in '' peer; do
	$command sysctl -q net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
done
ok "modules of other NICs" modprobe -a virtio_net e1000e vmxnet3
ok "the module is loaded" load_module

device_of() # MAC
{
	local address

	for address in /sys/class/net/*/address; do
		[ "$(<"$address")" != "$1" ] || { address=${address%/*}; echo "${address##*/}"; }
	done | grep .
}
declare -A drivers
others=()
number=1
ip -n peer link set peer0 up
# Its network is 198.18.NUMBER.0, and both ends know each other.
add_device() # DRIVER MAC
{
	local dev mac_b

	wait_for 30 device_of "$2" >/dev/null && dev=$(device_of "$2") || return
	mac_b=$(peer cat /sys/class/net/peer0/address)
	drivers[$dev]=$1
	ip addr add 198.18.$number.1/24 dev "$dev" && ip link set "$dev" up &&
		ip neigh replace 198.18.$number.2 lladdr "$mac_b" dev "$dev" nud permanent &&
		ip -n peer addr add 198.18.$number.2/24 dev peer0 &&
		ip -n peer neigh replace 198.18.$number.1 lladdr "$2" dev peer0 nud permanent &&
		wait_carrier "$dev" 20
	number=$((number + 1))
}
for pair in dpcnic:0a virtio_net:71 e1000e:72 vmxnet3:73; do
	add_device "${pair%:*}" 02:dc:00:00:00:"${pair#*:}"
	is $? 0 "${pair%:*} has a device, with a link"
done
for dev in "${!drivers[@]}"; do [ "${drivers[$dev]}" = dpcnic ] || others+=("$dev"); done
dev=$(nic_a)
wait_carrier peer0

received() { cat "/sys/class/net/$1/statistics/rx_packets"; }
everything_received() { for i in "$dev" "${others[@]}"; do received "$i"; done; peer cat /sys/class/net/peer0/statistics/rx_packets; }
resting()
{
	local last='' now=.

	for _ in {1..60}; do
		now=$(everything_received)
		[ "$now" != "$last" ] || return 0
		last=$now
		sleep 0.3
	done
}
# 150 requests to each device, and as many answers to the peer.
cat >pings <<'END'
#!/bin/bash
cat /proc/interrupts >inside.from
for i in 1 2 3 4; do
	ip netns exec peer ping -q -f -c 150 198.18.$i.1 >/dev/null & pings+=($!)
done
wait "${pings[@]}"
sleep 0.5
cat /proc/interrupts >inside.to
END
chmod +x pings
# Observed from both ends: ours in here.json, the peer's in there.json.
observe_pings() # [--level LEVEL]
{
	resting
	everything_received >received.from
	cat /proc/interrupts >around.from
	$dpctool -j "$@" show dev all -- ip netns exec peer sh -c \
		"$dpctool -j $* show dev peer0 -- ./pings >there.json" >here.json || return
	cat /proc/interrupts >around.to
	resting
	everything_received >received.to
}
# What each device received meanwhile, says the kernel.
growth_of_all() { paste received.from received.to | awk '{ print $2 - $1 }' | xargs; }
# The same by dpctool; - where it does not know.
packets_of() # DEVICE DOCUMENT
{
	json "[None if None in p else sum(p) for p in [[row['packets'] for row in rows if row['dev'] == '$1' and
		row['runs'] is not None]]][0]" <"$2"
}
packets_of_all() { { for i in "$dev" "${others[@]}"; do packets_of "$i" here.json; done; packets_of peer0 there.json; } | xargs; }
# Names of the IRQs of rows with packets, without the numbers of queues; ? if the IRQ is not known.
names_of() # DEVICE DOCUMENT
{
	local irq

	for irq in $(json "' '.join(sorted({str(row['irq'] or 0) for row in rows if row['dev'] == '$1' and row['packets']}))" <"$2"); do
		awk -v irq="$irq:" '$1 == irq { gsub(/[0-9]+$/, "", $NF); sub(/^.*[0-9][-]/, "", $NF); print $NF }' /proc/interrupts
		[ "$irq" != 0 ] || echo '?'
	done | sort -u | xargs
}
known() # KEY DEVICE DOCUMENT: known in how many of its rows with runs
{
	json "{row['$1'] is not None for row in rows if row['dev'] == '$2' and row['runs']}" <"$3"
}
levels() { json "' '.join(x['dev'] + x['level'] for x in d['devices'] if x['dev'] in '$1')" <"$2"; }

# --- what can be seen

$dpctool -j feature dev all >feature.json
is "$(json 'sorted({(row["driver"], row["level"]) for row in rows if row["had"] == "yes"})' <feature.json)" \
	"$(python3 -c 'print(sorted((d, l) for d in ("dpcnic", "e1000e", "virtio_net", "vmxnet3")
		for l in ("L0", "L1", "L2", "L3") if d == "dpcnic" or l != "L3"))')" \
	"feature: levels of all drivers"
is "$(json '{(row["had"], row["why"]) for row in rows if row["driver"] == "e1000e" and row["level"] == "L3"}, d["kernel"]' <feature.json)" \
	"({('no', 'its driver is e1000e, not dpcnic')}, '$(uname -r)')" "feature: why not more, and on which kernel"
is "$(json '[row["columns"] for row in rows if row["driver"] == "dpcnic"][0::2]' <feature.json)" \
	"[['INTR'], ['QUEUED', 'COAL', 'KEPT', 'FOREIGN']]" "feature: what a level adds"
setpriv --reuid=65534 --clear-groups $dpctool -j feature dev "${others[0]}" >feature.json
is "$(json '[(row["level"], row["why"]) for row in rows][:2]' <feature.json)" \
	"[('L0', None), ('L1', 'no permission to load BPF programs')]" "feature: a user is told, too"

# What dpctool counted at a level is what was sent, what the devices received, and what /proc counted.
agrees() # LEVEL
{
	is "$(packets_of_all) of $(growth_of_all)" "150 150 150 150 600 of 150 150 150 150 600" \
		"$1: packets are those that were sent, and those that the devices received"
	is "$("$vm/arrivals.py" here.json {around,inside}.from {inside,around}.to)" "all fits" "$1: interrupts are those of /proc"
	is "$("$vm/arrivals.py" there.json {around,inside}.from {inside,around}.to)" "all fits" "$1: of igb, too"
}
# What names_of says of a device's IRQs for packets.
receiving() # DEVICE
{
	case ${drivers[$1]} in
	virtio_net) echo input. ;;
	e1000e) echo rx- ;;
	vmxnet3) echo rxtx- ;;
	esac
}

# --- L2, and dpcnic's at L3 beside them

ok "as it comes: pings to all devices" observe_pings
# An interrupt that comes while the program of a function runs, and calls that function, is told as lost.
is "$(json '{(x["driver"], x["level"]) for x in d["devices"]} == {("dpcnic", "L3"), ("virtio_net", "L2"),
	("e1000e", "L2"), ("vmxnet3", "L2")}, d["level"], d["lost"]["runs"] < 10' <here.json)" "(True, 'L2', True)" \
	"each device has its level"
is "$(json '[(x["level"], x["why"]) for x in d["devices"]]' <there.json)" \
	"[('L2', 'its driver is igb, not dpcnic')]" "also that of igb, in another name space"
agrees L2
for i in "${others[@]}"; do
	is "$(names_of "$i" here.json)" "$(receiving "$i")" "L2, ${drivers[$i]}: packets are in the rows of the IRQs for them"
	is "$(known msg "$i" here.json) $(known lat_avg_ns "$i" here.json) $(known disabled_ns "$i" here.json)" \
		"{True} {True} {False}" "L2, ${drivers[$i]}: messages and times are known, and no more than that"
done
is "$(names_of peer0 there.json)" rx- "L2, igb: packets are in the rows of the IRQs for them"
is "$(json 'all(row["runs"] >= row["queued"] + row["requeued"] + row["kept"] + row["unsolicited"] for row in rows
	if row["runs"])' <here.json)" True "L2: no run has two causes"

# --- L1, dpcnic's, too

ok "--level L1: pings to all devices" observe_pings --level L1
is "$(json '{x["level"] for x in d["devices"]}, d["lost"]["runs"]' <here.json)" "({'L1'}, 0)" "all are at L1"
agrees L1
for i in "${others[@]}"; do
	like " $(names_of "$i" here.json) " "^( \?)? ($(receiving "$i") )?$" \
		"L1, ${drivers[$i]}: so they are, or the IRQ is not known"
	is "$(known queued "$i" here.json) $(known coalesced "$i" here.json) $(known run_avg_ns "$i" here.json)" \
		"{False} {False} {True}" "L1, ${drivers[$i]}: what is not known is null"
done

# --- L0

ok "--level L0: pings to all devices" observe_pings --level L0
is "$(json '{x["level"] for x in d["devices"]}, {row["runs"] for row in rows}, {t["packets"] for t in d["totals"]}' <here.json)" \
	"({'L0'}, {None}, {None})" "L0: of runs and packets nothing is known"
is "$("$vm/arrivals.py" here.json {around,inside}.from {inside,around}.to)" "all fits" "L0: interrupts are those of /proc"
refused 1 "hist: level L0 has interrupts only" "L0: no histogram" $dpctool --level L0 hist lat dev "$dev"

# --- functions that cannot be looked at

# 7.3 does no longer let itself be told so.
if sysctl -q kernel.ftrace_enabled=0 2>/dev/null; then
	why="the kernel does not let its functions be looked at (kernel.ftrace_enabled is 0)"
	peer $dpctool -j feature dev peer0 >feature.json
	is "$(json '[(row["had"], row["why"]) for row in rows if row["level"] == "L2"]' <feature.json)" "[('no', '$why')]" \
		"no functions: feature says so"
	is "$($dpctool -j show dev "${others[0]}" interval 10ms | json '[(x["level"], x["why"]) for x in d["devices"]]')" \
		"[('L1', '$why')]" "no functions: show makes do with L1"
	refused 4 "${others[0]}: level L2 cannot be had: the kernel does not let" "no functions: L2 is refused" \
		$dpctool --level L2 show dev "${others[0]}"
	sysctl -q kernel.ftrace_enabled=1
else
	skip "no functions" "kernel.ftrace_enabled cannot be 0"
fi

# --- the same runs, at two levels

# The runs of one level are those of the other, in the same order. At L2 a run is queued when NAPI is
# told, after the driver has stamped it; it starts before the poll that stamps its own start, and ends
# when that has returned. At L1 it may have started earlier: when the CPU was free. If there was more
# than one interrupt, the first may have come late: that schedules NAPI, but queues no DPC.
cat >pairs.py <<'END'
import json, sys

own, generic = (json.load(open(path)) for path in ("own.json", sys.argv[1]))
by = lambda rows: {key: [r for r in rows if (r["msg"], r["cpu"]) == key]
                   for key in {(r["msg"], r["cpu"]) for r in rows}}
own, generic = by(own["rows"]), by(generic["rows"])
if {k: len(v) for k, v in own.items()} != {k: len(v) for k, v in generic.items()}:
    sys.exit(f"runs: {({k: len(v) for k, v in own.items()})} {({k: len(v) for k, v in generic.items()})}")
ordered = compared = 0
for key in own:
    for ours, theirs in zip(own[key], generic[key]):
        if ours["packets"] != theirs["packets"] or ours["bound"] != theirs["bound"]:
            sys.exit(f"packets: {ours} {theirs}")
        stamps = [theirs["started_ns"], ours["started_ns"], ours["ended_ns"], theirs["ended_ns"]]
        if "queued" in ours["flags"] and "queued" in theirs["flags"] and ours["interrupts"] == 1:
            stamps = [ours["queued_ns"], theirs["queued_ns"]] + stamps
            compared += 1
        stamps = [stamp for stamp in stamps if stamp]
        if stamps != sorted(stamps):
            sys.exit(f"times: {ours} {theirs}")
        ordered += 1
print("ordered" if ordered > 100 else f"only {ordered} runs", "compared" if compared else "none")
END
for level in L2 L1; do
	resting
	ok "two observers of dpcnic's device: L3 and $level" sh -c "$dpctool -j trace dev $dev ring 16M -- sh -c \
		'$dpctool -j --level $level trace dev $dev ring 16M -- ./pings >generic.json' >own.json"
	is "$(python3 -IS pairs.py generic.json)" "ordered compared" \
		"$level: runs and packets are those of L3, times enclose them"
done

# --- what else shows them

other=${others[0]}
resting
$dpctool record dev all -- ./pings >recorded
is $? 0 "record"
$dpctool -j report >here.json
is "$(for i in "$dev" "${others[@]}"; do packets_of "$i" here.json; done | xargs)" "150 150 150 150" \
	"a recording has the packets that were sent"
is "$($dpctool -j report heat pkts | json 'sum(row["value"] or 0 for row in rows)') $($dpctool -j report hist pkts |
	json 'sum(row["sum"] for row in rows)')" "600 600" "so do its map and its histogram"
is "$($dpctool -j report trace dev "$other" | json 'd["events"], sum(row["packets"] for row in rows), d["devices"][0]["level"]')" \
	"($(json "sum(row['runs'] or 0 for row in rows if row['dev'] == '$other')" <here.json), 150, 'L2')" "and its runs"
like "$($dpctool report trace dev "$other" count 1 | tail -n 1)" "^-- $other: level L2, the kernel's tracepoints and functions: its driver is ${drivers[$other]}, not dpcnic$" \
	"text tells the level, and why"
is "$($dpctool -j check dev "$other" max pkts=0 -- ./pings | json 'd["verdict"], sum(row["value"] for row in rows)')" \
	"('failed', 150)" "check"
$dpctool -j check dev "$other" max disabled=1% -- ./pings >here.json
is "$? $(json 'd["verdict"]' <here.json)" "8 nothing" "check: what the level does not know keeps no limit"

# --- NAPI in threads

for i in "${others[@]}"; do echo 1 >"/sys/class/net/$i/threaded"; done
ok "in threads: pings to all devices" observe_pings
is "$(packets_of_all)" "150 150 150 150 600" "in threads: packets are those that were sent"
for i in "${others[@]}"; do
	is "$(known run_avg_ns "$i" here.json) $(known lat_avg_ns "$i" here.json)" "{True} {True}" \
		"in threads, ${drivers[$i]}: times are known"
done
$dpctool -j --level L1 show dev all -- ./pings >here.json
for i in "${others[@]}"; do
	is "$(packets_of "$i" here.json) $(known run_avg_ns "$i" here.json) $(known overlong "$i" here.json)" \
		"150 {False} {False}" "in threads, L1, ${drivers[$i]}: when a run starts is not known"
done

# --- two devices of the same index, in two name spaces

# Who moves to where his index is taken gets the next one that is free there.
to_index_10() # NAMESPACE NETNS-COMMAND DEVICE
{
	ip netns add "$1"
	ip netns exec "$1" sysctl -q net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
	for i in {2..9}; do ip -n "$1" link add name "taken$i" index "$i" type dummy; done
	$2 ip link set "$3" netns "$1"
}
ok "both go where their indices are taken" eval "to_index_10 one '' $other && to_index_10 two peer peer0"
# Both know each other, so nobody asks.
open_in() # NAMESPACE DEVICE NUMBER OTHER-NAMESPACE OTHER-DEVICE OTHER-NUMBER
{
	ip -n "$1" addr add "198.18.9.$3/24" dev "$2" && ip -n "$1" link set "$2" up &&
		ip -n "$1" neigh replace "198.18.9.$6" dev "$2" nud permanent \
			lladdr "$(ip netns exec "$4" cat "/sys/class/net/$5/address")"
}
ok "they are set up" eval "open_in one $other 1 two peer0 2 && open_in two peer0 2 one $other 1"
one="ip netns exec one"
is "$($one cat "/sys/class/net/$other/ifindex")" "$(ip netns exec two cat /sys/class/net/peer0/ifindex)" "so they have the same index"
ok "they have a link" wait_for 30 ip netns exec one ping -q -c 1 -W 1 198.18.9.2
before=$($one cat "/sys/class/net/$other/statistics/rx_packets")
$one $dpctool -j show dev "$other" -- sh -c 'ping -q -f -c 150 198.18.9.2; sleep 0.5' 2>/dev/null | tail -n 1 >here.json
is "$(json 'd["totals"][0]["packets"]' <here.json)" \
	"$(($($one cat "/sys/class/net/$other/statistics/rx_packets") - before))" "only one of them is counted"
ip -n one link set "$other" netns 1
ip -n two link set peer0 netns peer

ok "the module is unloaded" wait_for 30 unload_module
documents_fit
done_testing
