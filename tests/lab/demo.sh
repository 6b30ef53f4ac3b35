#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `make demo` runs in the lab's machine: hand NIC A to dpcnic, send traffic
# of several flows both ways, look at it with dpctool, and steer it by XDP
# policies that come and go meanwhile. Fails if one of those packets is lost.
set -euo pipefail
. "$LAB/guest.sh"
dpctool=/dpcnic/build/dpctool

step() { printf '\n== %s\n\n' "$*"; }
# Show a command as typed, then its output.
look()
{
	echo "# ${*/#$dpctool/dpctool}"
	"$@"
}

# As on a real host: the in-tree driver has the device, and gives it up.
step "An Intel 82576, driven by igb, is handed to dpcnic"
bind_nic_a igb
look ethtool -i "$(nic_a)" | sed -n '1,2p'
pci=$(nic_a_pci)
echo "# echo $pci >/sys/bus/pci/drivers/igb/unbind"
echo "# echo dpcnic >/sys/bus/pci/devices/$pci/driver_override"
echo "# insmod dpcnic.ko"
bind_dpcnic
load_module
dev=$(nic_a)
set_addresses "$dev"
look ethtool -i "$dev" | sed -n '1,2p'

step "Traffic: four TCP flows to the peer and four back, small packets among them"
peer iperf3 --server --daemon --one-off --port 5201 >/dev/null
peer iperf3 --server --daemon --one-off --port 5202 >/dev/null
wait_for 10 sh -c "ip netns exec peer ss -ltn | grep -q :5201"
wait_for 10 sh -c "ip netns exec peer ss -ltn | grep -q :5202"
iperf3 --client "$addr_b4" --port 5201 --parallel 4 --time 20 >/tmp/out.log &
out=$!
iperf3 --client "$addr_b4" --port 5202 --parallel 4 --time 20 --reverse >/tmp/in.log &
in=$!
# until it is killed: dpctool trace waits for events, however slow the machine
ping -q -i 0.05 "$addr_b4" >/dev/null &
ping=$!
# Leave TCP its slow start.
sleep 2

step "Per message and processor: what was queued, how long it waited and ran"
look $dpctool show dev "$dev"

step "One line per DPC, as they run"
look $dpctool trace dev "$dev" count 12

step "How long a queued DPC waits until it runs"
look $dpctool hist lat dev "$dev"

wait $out $in
kill -INT $ping
wait $ping
step "The traffic was"
for log in /tmp/out.log /tmp/in.log; do
	sed -n 's/^\[SUM\].*[[:space:]]\([0-9.]* [KMG]bits\/sec\).*receiver$/\1/p' $log
done

step "XDP policies come and go, while the peer sends numbered packets of 16 flows"
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
# UDP is spread by addresses, so the peer gets one for each flow.
for i in {3..17}; do echo "addr add 192.0.2.$i/24 dev peer0"; done | ip -n peer -batch -
# What the peer sends to groups that this end is not in is received, too.
ip link set "$dev" allmulticast on
# What NIC B's and NIC A's hardware counted, and what dpcnic indicated: not all that it took from
# its rings, as an inbox may be full.
counts()
{
	local inbox

	echo "sent $(peer_counter tx_packets)"
	ethtool -S "$dev" --groups eth-mac | sed -n 's/^eth-mac-FramesReceivedOK:/received/p'
	inbox=$(($(counter "$dev" rx_inbox_full) + $(counter "$dev" rx_inbox_gone)))
	echo "indicated $(($(<"/sys/class/net/$dev/statistics/rx_packets") - inbox))"
}
# ... when nothing is under way any more, so that two readings are the same.
rest()
{
	local before=''

	until counts >"$1" && [ "$(<"$1")" = "$before" ]; do
		before=$(<"$1")
		sleep 0.3
	done
}
rest /run/before
rm -f /run/enough
/dpcnic/build/cli/test-traffic udp --flows 16 --until /run/enough >/run/arrived 2>&1 &
traffic=$!
started() { counts >/run/now && ! cmp -s /run/now /run/before; }
wait_for 30 started
look $dpctool policy attach dev "$dev" weighted cpus 2,3 weights 3,1
look $dpctool -o MSG,IRQ,CPU,INTR,RUN,PKTS,STEER-OUT,STEER-IN,INBOX-DROP show dev "$dev"
look $dpctool policy replace dev "$dev" least-loaded
sleep 1
look $dpctool policy counters dev "$dev"
look $dpctool policy detach dev "$dev"
touch /run/enough
failed=0
wait $traffic || failed=1
rest /run/after

step "What became of the packets: two countings that know nothing of each other"
echo "numbered packets sent, and each of them arrived once: $(</run/arrived)"
paste -d ' ' /run/before /run/after | awk '{ n[$1] = $4 - $2 } END {
	print "sent by the peer\047s hardware:     ", n["sent"]
	print "received by this hardware:       ", n["received"]
	print "indicated to the stack by dpcnic:", n["indicated"]
	print "lost:", n["sent"] - n["indicated"]
	exit n["sent"] != n["indicated"] || n["received"] != n["indicated"] }' || failed=1

step "dpcnic gives the device back"
unload_module
if [ $failed = 1 ]; then
	echo "Failed: packets were lost, or counted wrongly."
	exit 1
fi
echo "Done. 'make shell' gives a prompt in this machine; 'tests/lab/run --help' says more."
