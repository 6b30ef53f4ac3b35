#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# V1: what one end of the cable sent, the other received, and everybody who
# counts comes to the same number: igb's registers, dpcnic's registers, the
# device's statistics, its queues, its messages.
. "${0%/*}/common.sh"

start_dpcnic

# --- UDP, never more than a ring holds

for family in 4 6; do
	for sender in b a; do
		what="UDP over IPv$family from $sender"
		begin
		ok "$what: all arrived" traffic udp --family $family --sender $sender --flows 16 --packets 100
		end
		nothing_lost "$what"
		accounts "$what"
		contract "$what"
		[ $sender = a ] && received=tx || received=rx
		ok "$what: all were counted" test "$(grew "ip\.${received}_packets")" -ge 1600
	done
done

# --- bytes

begin
ok "UDP of 1400 bytes" traffic udp --size 1400 --packets 200
end
is "$(grew 'ip\.rx_bytes')" "$(($(grew 'mac\.OctetsReceivedOK') - 4 * $(grew 'mac\.FramesReceivedOK')))" \
	"V1 bytes = octets received by hardware, without CRC"
is "$(grew 'q\.rx[0-9]+_bytes')" "$(grew 'ip\.rx_bytes')" "V1 bytes = sum over queues"

# --- every flow to the queue that key and table name (R1), by a second
# implementation of the hash

begin
ok "UDP of 64 flows" traffic udp --flows 64 --packets 3
end
"$vm/rss.py" "$dev" $addr_b4 $addr_a4 7000 $(seq 20000 77 24899) >/run/queues
is "$(for q in 0 1 2 3; do grew "q\.rx${q}_packets"; done | tr '\n' ' ')" \
	"$(for q in 0 1 2 3; do echo $(($(grep -c "^$q$" /run/queues) * 3)); done | tr '\n' ' ')" \
	"R1 every flow came by the queue its hash says"
is "$(sort -u /run/queues | tr '\n' ' ')" "0 1 2 3 " "and these flows use all queues"

# --- a NIC that is sent more than it can take

ok "pktgen is set up" pktgen_setup 0 "count 20000" "pkt_size 60" "udp_src_min 20000" \
	"udp_src_max 20063" "udp_dst_min 9" "udp_dst_max 9"
begin
ok "pktgen at full speed" pktgen_run
end
is "$(grew 'peer\.tx_packets')" 20000 "pktgen sent 20000 packets"
accounts "pktgen"
contract "pktgen"
# QEMU's 82576 has no counter for a packet that finds its ring full (RQDPC stays 0)
received=$(grew 'mac\.FramesReceivedOK')
ok "no more was received than sent" test "$received" -le 20000
ok "and not nothing" test "$received" -gt 1000

# --- TCP

for family in 4 6; do
	for sender in b a; do
		begin
		ok "TCP over IPv$family from $sender: what arrived is what was sent" \
			traffic tcp --family $family --sender $sender --bytes 4000000
		end
		accounts "TCP over IPv$family from $sender"
	done
done
contract "TCP"
ok "TSO was used" test "$(grew 'ip\.tx_packets')" -gt "$(grew 'mac\.FramesTransmittedOK')"

peer iperf3 -s -D
ok "iperf3 to the peer" iperf3 -c $addr_b4 -n 4M -P 4
ok "iperf3 from the peer" iperf3 -c $addr_b6 -n 4M -P 4 -R

drops=$(ethtool -S "$dev" | awk '/ (rx_no_skb|rx_bad_desc|tx_no_mapping|tx_no_csum|tx_timeouts|dma_errors):/ { s += $2; n++ } END { print n ":" s }')
is "$drops" 6:0 "nothing was dropped by the driver"
ok "the module is unloaded" unload_module
done_testing
