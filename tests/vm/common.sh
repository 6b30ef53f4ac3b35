# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For the driver's VM tests: . "${0%/*}/common.sh"
. "$LAB/guest.sh"

vm=/dpcnic/tests/vm
traffic=/dpcnic/build/cli/test-traffic
traffic() { "$traffic" "$@"; }
netdev() { tool netdev "$@"; }

# The Python programs here, without starting Python for each: see tools.py. One at a time. What is
# started says that it is ready, and goes on until it is stopped.
tool() { ask_tools run "$@"; }         # NAME ARGUMENT...
tool_start() { ask_tools start "$@"; } # NAME ARGUMENT...
tool_stop() { ask_tools stop "$1"; }   # NAME
ask_tools()
{
	local at=/run/tools

	if [ ! -p $at.ask ]; then
		mkfifo $at.ask $at.answer
		("$vm/tools.py" <>$at.ask 1<>$at.answer 2>$at.log &)
		: >$at.ask # when it is there
	fi
	{
		printf '%s\0' $(($# + 1)) "$BASHPID" "$@" 1<>$at.ask
		answer_of $at.answer
	} 8>&1
}

# --- the driver

# Load the module and bring the link up; sets $dev. Neither end sends anything
# on its own account later than a moment after its link came up, and neither
# filters multicast, nor NIC A VLANs, so what one sends the other receives.
start_dpcnic()
{
	ok "the module is loaded, and the link is up" load_and_link || done_testing
	dev=$(nic_a)
}
load_and_link()
{
	local dev

	quiet_ipv6 default
	at_peer "$(declare -f quiet_ipv6); quiet_ipv6 peer0; ethtool -K peer0 tso off gso off"
	load_module && dev=$(nic_a) || return
	ip link set "$dev" allmulticast on
	ethtool -K "$dev" rx-vlan-filter off || return
	ip -n peer link set peer0 allmulticast on
	more_addresses | ip -n peer -batch -
	set_addresses "$dev"
}
# UDP is spread over queues by address only, so the peer has 15 more.
more_addresses()
{
	local i

	for i in {3..17}; do
		printf 'addr add 192.0.2.%d/24 dev peer0\naddr add 2001:db8::%x/64 dev peer0 nodad\n' "$i" "$i"
	done
}
# igb takes its link down for it.
peer_mtu() { ok "the peer has an MTU of $1, and its link again" set_peer_mtu "$1"; } # BYTES
set_peer_mtu() { ip -n peer link set peer0 mtu "$1" && wait_carrier peer0 20; }

# Nobody asks who has an address, for tests that count every packet of a queue. Link-local
# addresses too: who is asked whether an address is still his is asked from one, and asks about it
# in turn five seconds later.
fixed_neighbours()
{
	local i b="lladdr 02:dc:00:00:00:0b dev $dev nud permanent"
	local a="lladdr 02:dc:00:00:00:0a dev peer0 nud permanent"

	{
		echo "neigh replace fe80::dc:ff:fe00:b $b"
		for i in {2..17}; do
			printf 'neigh replace 192.0.2.%d %s\nneigh replace 2001:db8::%x %s\n' "$i" "$b" "$i" "$b"
		done
	} | ip -batch -
	printf 'neigh replace %s %s\n' fe80::dc:ff:fe00:a "$a" $addr_a4 "$a" $addr_a6 "$a" |
		ip -n peer -batch -
}

# The messages of NIC A: their IRQs, how many, and the IRQ of one.
irqs()
{
	local device
	device=/sys/bus/pci/devices/$(nic_a_pci)

	[ -d "$device/msi_irqs" ] && ls "$device/msi_irqs" || cat "$device/irq" # the INTx line
}
messages() { irqs | grep -c .; }
irq_of() # MESSAGE
{
	awk -v name="$dev-msg$1" '{ gsub("[:,]", "") }
		{ for (i = NF; i > 1; i--) if ($i == name) print $1 }' /proc/interrupts
}

# What the hardware has, says QEMU: registers from an offset on; of NIC A, or of a PCI device.
registers() # OFFSET [COUNT [PCI-DEVICE]]
{
	local bar

	read -r bar _ <"/sys/bus/pci/devices/${3:-$(nic_a_pci)}/resource"
	qmp human-monitor-command "{\"command-line\": \"xp /${2:-1}wx $((bar + $1))\"}" |
		grep -o '0x[0-9a-f]\{8\}'
}

# Read a register of NIC A, or write it, through /dev/mem: with --append iomem=relaxed.
mmio() { tool mmio "$(nic_a_pci)" "$@"; } # OFFSET [VALUE]

# What the hardware received, and how many of five packets to a MAC address. (QEMU's has them, or not,
# by the time they are sent.)
frames_received() { ethtool -S "$dev" --groups eth-mac | sed -n 's/^eth-mac-FramesReceivedOK: //p'; }
received_by() # MAC
{
	local before

	ip -n peer neigh replace 192.0.2.99 lladdr "$1" dev peer0 nud permanent
	before=$(frames_received)
	peer ping -q -c 5 -i 0.01 -W 0.1 192.0.2.99 >/dev/null
	echo $(($(frames_received) - before))
}

# Of NAPI's threads each may run on its CPU only: on each CPU one for every message.
bound()
{
	local cpu statuses

	statuses=$(pgrep "napi/$dev" | sed 's|.*|/proc/&/status|')
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		# shellcheck disable=SC2086 # words
		[ "$(cat $statuses /dev/null | grep -c "^Cpus_allowed_list:[[:space:]]*$cpu$")" = "$(messages)" ] || return
	done
}

# No page pool of a device in this name space is left, nor of one that is gone.
pools_gone() { netdev pools >/run/pools && [ ! -s /run/pools ]; }

# --- the ledger: all counters of all sources at one moment
#
#	S.x	ethtool -S		mac.x	registers, ethtool -S --groups eth-mac
#	ip.x	ip -s link		q.x	netdev queue stats, rx0_packets
#	irq.x	/proc/interrupts	peer.x	ethtool -S of igb (rx_packets is a register)

ledger() { /dpcnic/build/cli/test-ledger "$dev" "$@"; }
# Nothing on its way: the driver's counters stood still for a moment.
settle() { ledger settle; }

# Take the ledger, and make growth what every counter has grown by since the last time. The messages
# that it has counters of are 0 to msgs - 1.
declare -A growth taken
msgs=0
mark()
{
	local name

	ledger mark /run/ledger >/run/growth || { echo "Bail out! no ledger"; exit 1; }
	# shellcheck source=/dev/null # what the ledger wrote
	. /run/growth
	for name in "S.msg0_interrupts" "irq.msg0_count" "q.rx0_packets" "peer.tx_packets"; do
		[ -n "${taken[$name]:-}" ] || { echo "Bail out! no counter $name"; exit 1; }
	done
	for ((msgs = 0; ; msgs++)); do [ -n "${taken[S.msg${msgs}_interrupts]:-}" ] || break; done
}

# Take the ledger where counters came or went; growth starts from here.
mark_anew() { rm -f /run/ledger; mark; }

# The growth, summed over all counters whose whole name matches: of regular expressions what has \. | ()
# [0-9]+ .* only.
grew() { growth_of "$1" && echo "$REPLY"; } # REGEX
# The same, in REPLY, without a process of its own.
growth_of() # REGEX
{
	local name=${1//\\./.} pattern sum=''

	# Most name just one; and all that differ in a number have their sum.
	REPLY=${growth[${name//'[0-9]+'/#}]:-}
	[ -z "$REPLY" ] || return 0
	# Bash would compile the expression for each name, hundreds of them, which takes five times as
	# long as its own patterns do.
	pattern=${name//.\*/*}
	pattern=${pattern//(/@(}
	pattern=${pattern//'[0-9]+'/'+([0-9])'}
	for name in "${!growth[@]}"; do
		[[ $name == @($pattern) && $name != *'#'* ]] && sum=$((sum + growth[$name]))
	done
	[ -n "$sum" ] && REPLY=$sum || no_counter "$1"
}
# The growth of each of these, summed, in REPLY.
growth_of_all() # REGEX...
{
	local regex sum=0

	for regex; do
		growth_of "$regex"
		sum=$((sum + REPLY))
	done
	REPLY=$sum
}
# A test that asks for one that there is none of ends here, also where it asked in an expression: that
# Bash would leave out, with all that is around it.
no_counter()
{
	echo "no counter $1" >&2
	kill $$
}

# The same for each message, as "msg0=12 msg1=0 ...". Names with a minus are taken off.
per_msg() { msgs_of "$@" && echo "$REPLY"; } # SOURCE NAME...: per_msg S interrupts -late
msgs_of() # the same, in REPLY
{
	local counter msg name sum source=$1
	shift

	REPLY=''
	for ((msg = 0; msg < msgs; msg++)); do
		sum=0
		for name; do
			counter=$source.msg${msg}_${name#-}
			[ -n "${growth[$counter]:-}" ] || no_counter "$counter"
			[[ $name == -* ]] && sum=$((sum - growth[$counter])) || sum=$((sum + growth[$counter]))
		done
		REPLY+="msg$msg=$sum "
	done
}
same_per_msg() # SOURCE "NAME..." SOURCE "NAME..." DESCRIPTION
{
	local got

	# shellcheck disable=SC2086 # several names
	msgs_of "$1" $2
	got=$REPLY
	# shellcheck disable=SC2086
	msgs_of "$3" $4
	is "$got" "$REPLY" "$5"
}
# Counters, summed, have grown by as much as others.
same_growth() # "REGEX..." "REGEX..." DESCRIPTION
{
	local got

	# shellcheck disable=SC2086 # several expressions
	growth_of_all $1
	got=$REPLY
	# shellcheck disable=SC2086
	growth_of_all $2
	is "$got" "$REPLY" "$3"
}

# Counters of the driver, the device and its queues that are smaller now than when this was asked last.
gone_back() { ledger back /run/highest || echo "they could not be read"; }

# What holds whatever happened between two marks. In I4 and D2 both sides are the driver's, but
# one is counted by ISRs, the other by DPCs.
contract() # WHEN
{
	same_per_msg S "enables cancelled" S "interrupts -late" \
		"I4 $1: enabled once for each time it was disabled, or its batch was broken off"
	always_late
	is "$REPLY" "" "I4 $1: at rest a message is enabled, so the next interrupt is not late"
	same_per_msg S "dpc_runs dpc_cancelled" S "dpc_queued dpc_called dpc_requeued dpc_kept dpc_unsolicited" \
		"D2 $1: a run for each entry that was not taken away, and for nothing else"
}

# Messages that had interrupts, but none that disabled it: in REPLY.
always_late()
{
	local msg

	REPLY=''
	for ((msg = 0; msg < msgs; msg++)); do
		[ "${growth[S.msg${msg}_interrupts]}" = 0 ] || [ "${growth[S.msg${msg}_enables]}" != 0 ] ||
			REPLY+="msg$msg "
	done
}

# /proc/interrupts counts an interrupt that came on another CPU while the ISR ran, and then made it
# run once more, only once: this is for messages that stay where they are.
interrupts_agree() # WHEN
{
	same_per_msg S "interrupts disowned" irq count "I1 $1: every interrupt was the ISR's"
}

# Every interrupt was claimed (I1), says the kernel.
unclaimed() # all messages, since boot
{
	local irq said='no IRQs'

	for irq in $(irqs); do
		{ read -r _ && read -r said; } <"/proc/irq/$irq/spurious"
		[ "$said" = "unhandled 0" ] || echo "IRQ $irq: $said"
	done
	[ "$said" != "no IRQs" ] || echo "$said"
}

# V1, inwards and outwards.
accounts() # WHEN
{
	same_growth mac.FramesReceivedOK "ip.rx_packets S.rx_no_skb S.rx_bad_desc S.rx_stopped" \
		"V1 $1: received by hardware = packets + counted drops"
	same_growth 'S.msg[0-9]+_dpc_packets' "ip.rx_packets S.rx_from_inbox" \
		"V1 $1: packets, and what came by inboxes = sum over DPCs"
	same_growth 'q.rx[0-9]+_packets' ip.rx_packets "V1 $1: packets = sum over queues"
	same_growth 'q.tx[0-9]+_packets' ip.tx_packets "V1 $1: packets sent = sum over queues"
}
# V1, from one end of the cable to the other; for traffic that no ring is too small for.
nothing_lost() # WHEN
{
	same_growth mac.FramesReceivedOK peer.tx_packets "V1 $1: what the peer sent was received"
	same_growth peer.rx_packets mac.FramesTransmittedOK "V1 $1: what was sent the peer received"
	same_growth ip.tx_packets mac.FramesTransmittedOK "V1 $1: what was sent the hardware sent"
}

# --- dpctool

# It refuses: status, one line on stderr (and what it quotes), nothing on stdout. The command line
# is not only dpctool's.
refused() # STATUS REGEX DESCRIPTION COMMAND...
{
	local status=$1 regex=$2 what=$3 got

	shift 3
	"$@" >/run/out 2>/run/err
	got=$?
	if [ $got = "$status" ] && [ ! -s /run/out ] && [ "$(grep -vc '^  | ' /run/err)" = 1 ] &&
	   head -n 1 /run/err | grep '\. Try: ' | grep -Eq "^dpctool: $regex"; then
		pass "$what"
	else
		diag "status $got, expected $status, from: $*" "$(cat /run/err)"
		fail "$what"
	fi
}

# --- pktgen, from the peer to NIC A; kernel threads, so as fast as can be

pg() # FILE LINE...
{
	local line command=true

	for line in "${@:2}"; do
		printf -v line 'echo %q >/proc/net/pktgen/%q' "$line" "$1"
		command+=" && $line"
	done
	at_peer "$command"
}
# To nobody: an answer would be ARP requests, for seconds, as nobody has their addresses either.
# shellcheck disable=SC2034 # for tests
many_flows=("src_min 192.0.2.20" "src_max 192.0.2.99" "dst 192.0.2.200" "udp_dst_min 9" "udp_dst_max 9")
pktgen_setup() # CPU LINE...
{
	local cpu=$1
	shift

	[ -d /proc/net/pktgen ] || modprobe pktgen
	pg "kpktgend_$cpu" rem_device_all "add_device peer0@$cpu"
	pg "peer0@$cpu" "dst_mac $(<"/sys/class/net/$dev/address")" \
		"src_min $addr_b4" "src_max $addr_b4" "dst $addr_a4" "delay 0" "$@"
}
# Returns when done, or stopped. By a shell of its own, so that others go on.
pktgen_run()
{
	local status=0

	echo started >/run/pktgen.running
	by_peer_shell pktgen "echo start >/proc/net/pktgen/pgctrl" || status=$?
	: >/run/pktgen.running
	return $status
}
pktgen_ended() { [ ! -s /run/pktgen.running ]; }
pktgen_stop() { pg pgctrl stop && wait_for 60 pktgen_ended; }
# Floods from CPUs 2 and 3 for two messages on CPU 1: $queue, to which UDP from the peer to port 9 goes,
# and another, which is then $queue2. An IRQ moves with its next interrupt, and under a flood there may
# be none, so one packet of each comes first.
# shellcheck disable=SC2154 # queue is the test's
pktgen_two_messages() # LINE...
{
	local other cpu
	local flow=("count 1" "pkt_size 60" "burst 1" "udp_dst_min 9" "udp_dst_max 9")

	for other in {3..17}; do
		queue2=$(tool rss "$dev" "192.0.2.$other" 9)
		[ "$queue2" = "$queue" ] || break
	done
	echo 1 >"/proc/irq/$(irq_of "$queue")/smp_affinity_list" &&
		echo 1 >"/proc/irq/$(irq_of "$queue2")/smp_affinity_list" &&
		pktgen_setup 2 "${flow[@]}" &&
		pktgen_setup 3 "${flow[@]}" "src_min 192.0.2.$other" "src_max 192.0.2.$other" &&
		pktgen_run || return
	for cpu in 2 3; do pg "peer0@$cpu" "count 0" "burst 8" "$@" || return; done
}

# What a command sends to the peer, by arithmetic on what a packet socket gets there: then in
# /run/sent. Fails if the command does.
sent() # COMMAND...
{
	local status=0

	tool_start offloads sent peer0 >/run/sent || return
	"$@" >/run/sent.out 2>&1 || { status=$?; cat /run/sent.out >&2; }
	settle
	tool_stop offloads && return $status
}

# --- load that asks nothing of the NIC: UDP both ways, and the peer's pktgen, set up with count 0

load_start() # [pktgen]
{
	peer_sent
	sent_before=$REPLY
	"$traffic" load &
	loads=($!)
	[ "${1:-}" = pktgen ] || return 0
	pktgen_run &
	loads+=($!)
	wait_for 60 pktgen_runs || fail "load: pktgen begins" # or it would be stopped before that
}
pktgen_runs() { at_peer 'grep -q "^Running: *peer0" /proc/net/pktgen/kpktgend_*'; }
load_stop()
{
	kill "${loads[0]}" || fail "load: it went on until here"
	[ ${#loads[@]} = 1 ] || pktgen_stop || fail "load: pktgen ends"
	wait "${loads[@]}" 2>/dev/null
	peer_sent
	[ "$REPLY" -gt "$sent_before" ] || fail "load: the peer sent packets"
}
peer_sent() # in REPLY
{
	at_peer 'echo $(</sys/class/net/peer0/statistics/tx_packets)' && read -r REPLY </run/peer.shell.said
}
# Wait until the device has received so many more packets.
more_received() # COUNT
{
	local from

	read -r from <"/sys/class/net/$dev/statistics/rx_packets"
	wait_for 60 received_at_least $((from + $1))
}
received_at_least()
{
	local packets

	read -r packets <"/sys/class/net/$dev/statistics/rx_packets" && [ "$packets" -ge "$1" ]
}

# --- observers: contract.bpf.c, whose variables become observed[NAME] or observed[NAME,INDEX]; and the
# kernel's histograms, which miss no event, for observed[runs,MESSAGE] and the like

declare -A observed taken_then
events=/sys/kernel/tracing/events/dpcnic
histograms=("dpc_run hist:keys=msg,flags:vals=packets" "dpc_queued hist:keys=msg:vals=hitcount if by==0&&coalesced==0")
watching=/sys/fs/bpf/contract
observers_start()
{
	local line

	mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
	references=$(</sys/module/dpcnic/refcnt)
	bpftool prog loadall build/cli/contract.bpf.o $watching autoattach >/run/watched 2>&1 ||
		{ diag "$(</run/watched)"; echo "Bail out! contract.bpf.o is not attached"; exit 1; }
	for line in "${histograms[@]}"; do
		echo "${line#* }" >"$events/${line%% *}/trigger" || { echo "Bail out! no histogram"; exit 1; }
	done
}
observers_stop()
{
	local line

	for line in "${histograms[@]}"; do echo "!${line#* }" >"$events/${line%% *}/trigger"; done
	bpftool -j map dump name contract.bss | python3 -IS -c '
import json, sys
for variable in json.load(sys.stdin)[0]["formatted"]["value"][".bss"]:
    for name, value in variable.items():
        if name in ("bound_on", "most_on"):
            name, value = name[:-3], max(value)
        for i, one in enumerate(value) if isinstance(value, list) else ():
            print(f"{name},{i} {one}")
        if not isinstance(value, list):
            print(name, value)' >/run/watched
	rm -r $watching
	wait_for 20 let_go
}
let_go() { [ "$(</sys/module/dpcnic/refcnt)" = "$references" ]; }
# Observers and counters must begin with the same interrupt, so with none between them: a network
# that has just been set up has something to say for a while.
watch_start()
{
	local attempt line

	for attempt in 1 2 3 4 5; do
		mark
		observers_start
		mark
		[ "$(grew 'S\.msg[0-9]+_interrupts')" != 0 ] || break
		[ "$attempt" -lt 5 ] || { echo "Bail out! there is no silence"; exit 1; }
		observers_stop
	done
	taken_then=()
	for line in "${!taken[@]}"; do taken_then[$line]=${taken[$line]}; done
}
# Then growth is what the counters have grown by since watch_start.
watch_stop()
{
	local line name

	mark
	for name in "${!growth[@]}"; do growth[$name]=$((taken[$name] - ${taken_then[$name]:-0})); done
	observed=()
	while read -r line; do
		if [[ $line =~ msg:\ *([0-9]+),\ flags:\ *([0-9]+)\ .*hitcount:\ *([0-9]+)\ .*packets:\ *([0-9]+) ]]; then
			observe runs "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
			observe packets "${BASH_REMATCH[1]}" "${BASH_REMATCH[4]}"
			((BASH_REMATCH[2] & 1)) && observe runs_queued "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
		elif [[ $line =~ msg:\ *([0-9]+)\ .*hitcount:\ *([0-9]+) ]]; then
			observe queued "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
		elif [[ $line =~ Dropped:\ ([0-9]+) ]]; then
			observe dropped all "${BASH_REMATCH[1]}"
		fi
	done < <(cat "$events"/dpc_{run,queued}/hist)
	observers_stop
	while read -r name line; do observed[$name]=$line; done </run/watched
}
observe() { observed[$1,$2]=$((${observed[$1,$2]:-0} + $3)); }
# The observed, per message, as per_msg gives it.
seen_per_msg() # NAME
{
	local msg

	for ((msg = 0; msg < msgs; msg++)); do
		printf 'msg%d=%s ' "$msg" "${observed[$1,$msg]:-0}"
	done
}
handled_per_msg()
{
	local msg

	for ((msg = 0; msg < msgs; msg++)); do
		printf 'msg%d=%s ' "$msg" "${observed[handled,$(irq_of $msg)]:-0}"
	done
}
# What contract.bpf.c watched: the rules kept at every event, and V2: events = counters.
observed_contract() # WHEN
{
	local rule

	for rule in I4_disabled_twice I4_enabled_twice I4_enabled_unasked T1_over_bound \
		    T2_more_below_bound T2_enabled_with_more D2_cause D5_elsewhere; do
		is "${observed[broken_${rule,,}]}" 0 "${rule%%_*} $1: never ${rule#*_}"
	done
	is "${observed[dropped,all]}" 0 "V2 $1: nothing was left out of the histograms"
	is "$(handled_per_msg)" "$(per_msg S interrupts)" "I1 $1: every interrupt was the ISR's"
	is "$(seen_per_msg enabled)" "$(seen_per_msg disabled)" "I4 $1: enabled as often as disabled"
	is "$(seen_per_msg interrupts)" "$(per_msg S interrupts)" "V2 $1: interrupts seen = counted"
	is "$(seen_per_msg enabled)" "$(per_msg S enables)" "V2 $1: enables seen = counted"
	is "$(seen_per_msg runs)" "$(per_msg S dpc_runs)" "V2 $1: runs seen = counted"
	is "$(seen_per_msg packets)" "$(per_msg S dpc_packets)" "V2 $1: packets seen = counted"
	is "$(seen_per_msg queued)" "$(per_msg S dpc_queued)" "V2 $1: DPCs queued seen = counted"
	is "$(seen_per_msg queued)" "$(seen_per_msg runs_queued)" "D2 $1: each queued DPC ran once"
}
