#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# cli/prometheus/dpctool-prometheus.service under systemd: in all that it is shut up in, the exporter
# counts and serves. The machine has an init of its own, so systemd is that of a PID name space, and
# has nothing to do but this unit.
. "${0%/*}/common.sh"

unit=dpctool-prometheus.service units=/run/systemd/system
mkdir -p $units/$unit.d
cp cli/prometheus/$unit $units/
printf '[Unit]\nDefaultDependencies=no\n' >$units/$unit.d/lab.conf
cp build/dpctool /usr/local/sbin/
start_dpcnic

unshare --pid --fork --mount --mount-proc --cgroup --kill-child env container=other \
	/usr/lib/systemd/systemd --system --unit=$unit --show-status=no &
systemctl() { nsenter -t "$(pgrep -x systemd)" -m -p systemctl "$@"; }
page() # has a LINE
{
	exec 7<>/dev/tcp/127.0.0.1/10576 && printf 'GET /metrics HTTP/1.0\r\n\r\n' >&7 && grep -qx "$1" <&7
}
of_process() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$(pgrep -x dpctool)/status"; } # KEY

ok "it serves" wait_for 60 page "dpctool_up 1" 2>/dev/null
is "$(systemctl is-active $unit)" active "systemd calls it active"
ok "it sees the device" page 'dpcnic_device_present{device="'"$dev"'",driver="dpcnic"} 1'
ok "packets come" ping -q -c 3 -i 0.2 "$addr_b4"
ok "it counts" page 'dpcnic_packets_total{.*} [1-9].*'
is "$(of_process CapEff) $(of_process CapPrm)" "0000000000000000 0000000000000000" "it has no capabilities"
is "$(of_process NoNewPrivs) $(of_process Seccomp)" "1 2" "and will get none; calls are filtered"
ok "it is not root" test "$(of_process Uid)" -ge 1000
ok "it is stopped" systemctl stop $unit
is "$(systemctl show -P Result $unit)" success "which it takes for no failure"
ok "nothing stays attached: the module is unloaded" unload_module
done_testing
