# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For the driver's VM tests: . "${0%/*}/common.sh"
. "$LAB/guest.sh"

vm=/dpcnic/tests/vm
traffic() { "$vm/traffic.py" "$@"; }
netdev() { "$vm/netdev.py" "$@"; }

# --- the driver

# Load the module and bring the link up; sets $dev. Neither end sends anything
# on its own account later than a moment after its link came up, and neither
# filters multicast, so what one sends the other receives.
start_dpcnic()
{
	ok "the module is loaded, and the link is up" load_and_link || done_testing
	dev=$(nic_a)
}
load_and_link()
{
	local dev

	quiet_ipv6 default
	peer "$BASH" -c "$(declare -f quiet_ipv6); quiet_ipv6 peer0"
	load_module && dev=$(nic_a) || return
	ip link set "$dev" allmulticast on
	ip -n peer link set peer0 allmulticast on
	peer ethtool -K peer0 tso off gso off
	set_addresses "$dev"
}
quiet_ipv6() # DEVICE
{
	sysctl -q "net.ipv6.conf.$1.router_solicitations=0" \
		"net.ipv6.conf.$1.mldv2_unsolicited_report_interval=1"
}

# The messages of NIC A: their numbers, their IRQs by number, the last of them.
messages() { seq 0 "$(last_message)"; }
last_message() { echo $(($(ls "/sys/bus/pci/devices/$(nic_a_pci)/msi_irqs" | wc -l) - 1)); }
irq_of() { awk -v name="$dev-msg$1" '$NF == name { sub(":", "", $1); print $1 }' /proc/interrupts; }

# --- the ledger: all counters of all sources at one moment
#
#	S.x	ethtool -S		mac.x	registers, ethtool -S --groups eth-mac
#	ip.x	ip -s link		q.x	netdev queue stats, rx0_packets
#	irq.x	/proc/interrupts	peer.x	ethtool -S of igb (rx_packets is a register)

ledger_of_driver() { ethtool -S "$dev" | awk 'NF == 2 { sub(":", "", $1); print "S." $1, $2 }'; }

ledger_of_others()
{
	local file

	ethtool -S "$dev" --groups eth-mac |
		awk '/^eth-mac-/ { sub("eth-mac-", "", $1); sub(":", "", $1); print "mac." $1, $2 }'
	for file in "/sys/class/net/$dev/statistics"/*; do
		echo "ip.${file##*/} $(<"$file")"
	done
	netdev qstats "$dev" | awk '{
		for (i = 1; i <= NF; i++) { split($i, kv, "="); v[kv[1]] = kv[2] }
		for (i = 3; i <= NF; i++) { split($i, kv, "=")
			name = kv[1]; sub(/^[rt]x_/, "", name)
			print "q." v["type"] v["queue"] "_" name, kv[2] } }'
	awk -v prefix="$dev-msg" 'index($NF, prefix) == 1 {
		sum = 0; for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i
		print "irq.msg" substr($NF, length(prefix) + 1), sum }' /proc/interrupts
	peer ethtool -S peer0 | awk 'NF == 2 { sub(":", "", $1); print "peer." $1, $2 }'
}

# Nothing on its way: the counters stood still for half a second.
settle()
{
	local before='' after i

	for ((i = 0; i < 60; i++)); do
		after=$(ledger_of_driver; peer ethtool -S peer0 | grep packets)
		[ "$before" != "$after" ] || return 0
		before=$after
		sleep 0.5
	done
	diag "the counters do not come to rest"
	return 1
}

# The sources cannot be read at once: read again if anything moved meanwhile.
ledger()
{
	local before after='' others i

	settle || return
	for ((i = 0; i < 10; i++)); do
		before=$(ledger_of_driver)
		others=$(ledger_of_others)
		after=$(ledger_of_driver)
		[ "$before" != "$after" ] || { echo "$after"; echo "$others"; return; }
	done
	diag "the counters do not stand still"
	return 1
}

begin() { ledger >/run/before; }
end() { ledger >/run/after; }

# How much counters have grown from begin to end, summed over all whose whole
# name the regular expression matches.
grew() # REGEX
{
	awk -v re="^($1)$" 'NR == FNR { before[$1] = $2; next }
		$1 ~ re { sum += $2 - before[$1]; n++ }
		END { if (n) printf "%.0f\n", sum; else print "no counter " re }' \
		/run/before /run/after
}

# The same for each message, as "msg0=12 msg1=0 ...". Further names are taken off.
per_msg() # SOURCE NAME [NAME...]: per_msg S interrupts late
{
	local msg name sum source=$1 first=$2
	shift 2

	for msg in $(messages); do
		sum=$(grew "$source\.msg$msg$first")
		for name; do
			sum=$((sum - $(grew "$source\.msg$msg$name")))
		done
		printf 'msg%d=%s ' "$msg" "$sum"
	done
}

# What holds whatever happened between begin and end, by rule. In the second
# line both sides are the driver's, but one is counted by ISRs, one by DPCs.
contract() # WHEN
{
	is "$(per_msg S _interrupts)" "$(per_msg irq '')" "I1 $1: every interrupt was the ISR's"
	is "$(per_msg S _enables)" "$(per_msg S _interrupts _late)" \
		"I4 $1: enabled once for each time it was disabled"
	is "$(for msg in $(messages); do cat "/proc/irq/$(irq_of "$msg")/spurious"; done |
		grep -c '^unhandled 0$')" $(($(last_message) + 1)) "I1 $1: every interrupt was claimed"
}

# V1, inwards and outwards.
accounts() # WHEN
{
	local drops
	drops=$(grew 'S\.rx_(no_skb|bad_desc)')

	is "$(grew 'mac\.FramesReceivedOK')" "$(($(grew 'ip\.rx_packets') + drops))" \
		"V1 $1: received by hardware = packets + counted drops"
	is "$(grew 'S\.msg[0-9]+_dpc_packets')" "$(grew 'ip\.rx_packets')" \
		"V1 $1: packets = sum over DPCs"
	is "$(grew 'q\.rx[0-9]+_packets')" "$(grew 'ip\.rx_packets')" "V1 $1: packets = sum over queues"
	is "$(grew 'q\.tx[0-9]+_packets')" "$(grew 'ip\.tx_packets')" \
		"V1 $1: packets sent = sum over queues"
}
# V1, from one end of the cable to the other; for traffic that no ring is too small for.
nothing_lost() # WHEN
{
	is "$(grew 'mac\.FramesReceivedOK')" "$(grew 'peer\.tx_packets')" \
		"V1 $1: what the peer sent was received"
	is "$(grew 'peer\.rx_packets')" "$(grew 'mac\.FramesTransmittedOK')" \
		"V1 $1: what was sent the peer received"
	is "$(grew 'ip\.tx_packets')" "$(grew 'mac\.FramesTransmittedOK')" \
		"V1 $1: what was sent the hardware sent"
}

# --- pktgen, from the peer to NIC A; kernel threads, so as fast as can be

pg() { peer "$BASH" -c 'echo "$2" >"/proc/net/pktgen/$1"' pg "$1" "$2"; }
pktgen_setup() # CPU LINE...
{
	local cpu=$1 line
	shift

	modprobe pktgen
	pg "kpktgend_$cpu" rem_device_all
	pg "kpktgend_$cpu" "add_device peer0@$cpu"
	for line in "dst_mac $(cat "/sys/class/net/$dev/address")" \
		    "src_min $addr_b4" "src_max $addr_b4" "dst $addr_a4" "delay 0" "$@"; do
		pg "peer0@$cpu" "$line" || return
	done
}
pktgen_run() { pg pgctrl start; } # returns when done, or stopped
pktgen_stop() { pg pgctrl stop; }
