#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `make demo` runs in the lab's machine: hand NIC A to dpcnic, send traffic
# of several flows both ways, and look at it with dpctool.
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
ping -q -i 0.05 -w 20 "$addr_b4" >/dev/null &
ping=$!
# Leave TCP its slow start.
sleep 2

step "Per message and processor: what was queued, how long it waited and ran"
look $dpctool show dev "$dev"

step "One line per DPC, as they run"
look $dpctool trace dev "$dev" count 12

step "How long a queued DPC waits until it runs"
look $dpctool hist lat dev "$dev"

wait $out $in $ping
step "The traffic was"
for log in /tmp/out.log /tmp/in.log; do
	sed -n 's/^\[SUM\].*[[:space:]]\([0-9.]* [KMG]bits\/sec\).*receiver$/\1/p' $log
done

step "dpcnic gives the device back"
unload_module
echo "Done. 'make shell' gives a prompt in this machine; 'tests/lab/run --help' says more."
