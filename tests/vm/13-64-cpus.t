#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --cpus 64 --memory 4G
# 64 CPUs: a DPC for each of them and each message, what one costs that has nothing to do, and CPUs
# that go and come back under load.
. "${0%/*}/common.sh"

# What BTF says a DPC has, and what the kernel hands out for those of a message: a power of two.
dpc=$(bpftool btf dump file "$LAB_MODULES/dpcnic.ko" | sed -n "s/.* STRUCT 'dpcnic_dpc' size=\([0-9]*\) .*/\1/p")
kmalloc=/sys/kernel/tracing/events/kmem/kmalloc
echo "hist:keys=ptr,bytes_alloc if bytes_req==$((64 * dpc))" >$kmalloc/trigger
start_dpcnic
is "$(sed -n 's/.* bytes_alloc: *\([0-9]*\) }.*/\1/p' $kmalloc/hist | uniq -c | xargs)" "10 65536" \
	"a DPC that has nothing to do takes its $dpc bytes, or 1 KB with what is lost to rounding"
fixed_neighbours
is "$(nproc)" 64 "64 CPUs"
is "$(messages) $(netdev napis "$dev" | grep -c irq=)" "10 640" "D1 a NAPI for each message and CPU"
is "$(ethtool -l "$dev" | sed -n 's/^Combined:[[:space:]]*//p' | xargs)" "16 16" "as many queues as there are"

mark
ok "UDP from the peer" traffic udp --flows 16 --packets 20
for cpu in 0 31 63; do
	ok "UDP to the peer, from CPU $cpu" taskset -c $cpu "$traffic" udp --sender a --packets 50
done
mark
nothing_lost "64 CPUs"
accounts "64 CPUs"
contract "64 CPUs"

# Every eighth, and with it three of those that messages go to.
switch() # 0|1
{
	local cpu

	for ((cpu = 4; cpu < 64; cpu += 8)); do echo "$1" >"/sys/devices/system/cpu/cpu$cpu/online" || return; done
}
traffic udp --flows 16 --until /run/enough >/run/sent 2>&1 &
sender=$!
ok "8 CPUs go offline" switch 0
ok "and come back" switch 1
touch /run/enough
wait $sender; is "$?" 0 "nothing is lost of $(cat /run/sent) packets"
mark
nothing_lost "CPUs off and on"
contract "CPUs off and on"
is "$(unclaimed)" "" "I1 every interrupt was claimed"
ok "the module is unloaded" unload_module
done_testing
