#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# V1: what one end of the cable sent, the other received, and everybody who
# counts comes to the same number: igb's registers, dpcnic's registers, the
# device's statistics, its queues, its messages.
. "${0%/*}/common.sh"

start_dpcnic
mark

# --- UDP, never more under way than a ring holds

for family in 4 6; do
	for sender in b a; do
		what="UDP over IPv$family from $sender"
		ok "$what: all arrived" traffic udp --family $family --sender $sender --flows 16 --packets 100
		mark
		nothing_lost "$what"
		accounts "$what"
		contract "$what"
		interrupts_agree "$what"
		[ $sender = a ] && counter=tx || counter=rx
		ok "$what: all were counted" test "$(grew "ip\.${counter}_packets")" -ge 1600
	done
done

ok "UDP of 1400 bytes" traffic udp --size 1400 --packets 200
mark
is "$(grew 'ip\.rx_bytes')" "$(($(grew 'mac\.OctetsReceivedOK') - 4 * $(grew 'mac\.FramesReceivedOK')))" \
	"V1 bytes = octets received by hardware, without CRC"
is "$(grew 'q\.rx[0-9]+_bytes')" "$(grew 'ip\.rx_bytes')" "V1 bytes = sum over queues"

# --- every flow comes by the queue that key and table name (R1)

fixed_neighbours
mark
for family in 4 6; do
	for protocol in udp tcp; do
		expected=$(tool rss "$dev" $family $protocol 200)
		mark
		is "$(for q in 0 1 2 3; do grew "q\.rx${q}_packets"; done | xargs)" "$expected" \
			"R1 $protocol over IPv$family: every flow came by the queue its hash says"
		unlike=$(tr ' ' '\n' <<<"$expected" | grep -cx 0)
		is "$unlike" 0 "these flows use all queues"
	done
done

# --- a NIC that is sent more than it can take

ok "pktgen is set up" pktgen_setup 0 "count 20000" "pkt_size 60" "${many_flows[@]}"
ok "pktgen at full speed" pktgen_run
mark
ok "pktgen sent 20000 packets" test "$(grew 'peer\.tx_packets')" -ge 20000
accounts "pktgen"
contract "pktgen"
interrupts_agree "pktgen"
# QEMU's 82576 has no counter for a packet that finds its ring full (RQDPC stays 0)
received=$(grew 'mac\.FramesReceivedOK')
ok "no more was received than sent" test "$received" -le "$(grew 'peer\.tx_packets')"
ok "and not nothing" test "$received" -gt 1000

# --- TCP

for family in 4 6; do
	for sender in b a; do
		ok "TCP over IPv$family from $sender: what arrived is what was sent" \
			traffic tcp --family $family --sender $sender --bytes 4000000
	done
done
mark
accounts "TCP"
contract "TCP"
interrupts_agree "TCP"
ok "TSO was used" test "$(grew 'ip\.tx_packets')" -gt "$(grew 'mac\.FramesTransmittedOK')"

peer iperf3 -s -D
ok "iperf3 to the peer" iperf3 -c $addr_b4 -n 4M -P 4
ok "iperf3 from the peer" iperf3 -c $addr_b6 -n 4M -P 4 -R

is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
