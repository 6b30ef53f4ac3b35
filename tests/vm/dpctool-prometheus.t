#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --qemu -netdev --qemu hubport,id=net-c,hubid=0 --device pcie-root-port,id=port-c,chassis=18,addr=0x12 --device igb,id=nic-c,bus=port-c,netdev=net-c,mac=02:dc:00:00:00:0c
# dpctool export prometheus: three network name spaces with a device of dpcnic each, the real
# Prometheus, and what it answers against the driver's counters (ethtool -S). Text and server
# without a device: tests/host/dpctool-prometheus.t.
# shellcheck disable=SC2317 # ok calls the functions
. "${0%/*}/common.sh"
dpctool=/dpcnic/build/dpctool
cd /run || exit
# One Python for all: under emulation starting one takes long.
mkfifo /run/check.ask /run/check.answer
"$vm/dpctool-prometheus.py" </run/check.ask >/run/check.answer &
exec {ask}>/run/check.ask {answer}</run/check.answer
check() # NAME ARGUMENT...
{
	local said

	printf '%q ' "$@" >&"$ask"
	echo >&"$ask"
	read -r -d '' -u "$answer" said
	printf '%s' "${said:1}"
	[ "${said:0:1}" = . ]
}
in_ns() { ip netns exec "n$1" "${@:2}"; } # 1|2|3 COMMAND...
# The same in the background: "&" behind it, and $! is the command's process.
start() { exec ip netns exec "n$1" "${@:2}"; }

# --- three hosts, as good as: n1, n2, n3, with nic1, nic2, nic3 on one cable, and a way to here

# Away from igb, and into its name space.
give() # 1|2|3 PORT
{
	local pci device

	pci=$(behind "0000:00:$2") device=/sys/bus/pci/devices/$pci
	if [ "$(readlink "$device/driver")" != ../../../../bus/pci/drivers/dpcnic ]; then
		echo dpcnic >"$device/driver_override"
		[ ! -e "$device/driver" ] || echo "$pci" >"$device/driver/unbind"
		echo "$pci" >/sys/bus/pci/drivers_probe
	fi
	wait_for 30 test -d "$device/net" || return
	ip netns add "n$1"
	ip link set "$(ls "$device/net")" netns "n$1" name "nic$1"
	in_ns "$1" sysctl -q net.ipv6.conf.nic"$1".disable_ipv6=1
	ip -n "n$1" link set lo up
	ip -n "n$1" addr add "192.0.2.$1/24" dev "nic$1"
	ip -n "n$1" link set "nic$1" up
	ip link add "way$1" type veth peer name way netns "n$1"
	ip link set "way$1" up
	ip addr add "10.9.$1.1/24" dev "way$1"
	ip addr add "fd09:$1::1/64" dev "way$1" nodad
	printf '%s\n' "link set way up" "addr add 10.9.$1.2/24 dev way" \
		"addr add fd09:$1::2/64 dev way nodad" | ip -n "n$1" -batch -
}
neighbours() # 1|2|3
{
	local i letters=(. a b c)

	for i in 1 2 3; do
		[ "$i" = "$1" ] || ip -n "n$1" neigh replace "192.0.2.$i" dev "nic$1" nud permanent \
			lladdr "02:dc:00:00:00:0${letters[i]}"
	done
}
nic_up() { [ "$(in_ns "$1" cat "/sys/class/net/nic$1/carrier")" = 1 ]; }

ok "the module is loaded" load_module
ip link set lo up
i=0
for port in 10.0 11.0 12.0; do
	i=$((i + 1))
	ok "n$i has a device of dpcnic" give $i $port
done
for i in 1 2 3; do
	neighbours $i
	ok "nic$i has a link" wait_for 20 nic_up $i
done

# Prints all the driver's counters once they have stood still for a moment.
counters() { for i in 1 2 3; do in_ns $i ethtool -S nic$i | grep -E ' msg[0-9]+_' >"$1.$i"; done; } # FILE
settled() # FILE
{
	for _ in {1..100}; do
		counters "$1"
		sleep 0.3
		counters "$1.again"
		cmp -s <(cat "$1".[123]) <(cat "$1".again.[123]) && return
	done
	return 1
}
programs() { bpftool -j prog list | grep -o '"id":[0-9]*' | sort | xargs; }
before=$(programs)
nothing_attached() { [ "$(programs)" = "$before" ]; }
ok "before: the counters stand still" settled before

# --- serving

# Starts a server; the last line of said.I tells that it serves, and pid[I] is its process.
declare -a pid
serves() { grep -q "^dpctool: serving" "said.$1"; }
serve() # 1|2|3 ARGUMENT...
{
	start "$1" "${user[@]}" $dpctool export prometheus dev "nic$1" "${@:2}" 2>"said.$1" &
	pid[$1]=$!
	wait_for 30 serves "$1" || { diag "$(<"said.$1")"; return 1; }
}
user=()
serve 1 listen 10.9.1.2:10576
serve 2 listen 10.9.2.2:10576 by cpu
# As the systemd unit does: never root.
user=(setpriv --reuid=65534 --regid=65534 --clear-groups "--inh-caps=+bpf,+perfmon"
	"--ambient-caps=+bpf,+perfmon")
serve 3 listen '[fd09:3::2]'
user=()
is "$(tail -n 1 said.1)" "dpctool: serving http://10.9.1.2:10576/metrics as nobody, without capabilities" \
	"it says where it serves, and as whom"
is "$(tail -n 1 said.3)" "dpctool: serving http://[fd09:3::2]:10576/metrics, without capabilities" \
	"IPv6, and another user"
like "$(sed -n 1p said.2)" "^dpctool: up to [0-9]+ series \(devices: 1, pairs of message and CPU: 20\)$" \
	"and how many series that may be"
for i in 1 2 3; do
	is "$(sed -n 's/^\(Uid\|Gid\|Groups\|Cap...\|NoNewPrivs\):[\t ]*/\1 /p' "/proc/${pid[i]}/status" | tr -s '\t ' ' ')" \
		"$(printf '%s\n' "Uid 65534 65534 65534 65534" "Gid 65534 65534 65534 65534" "Groups " \
			"CapInh 0000000000000000" "CapPrm 0000000000000000" "CapEff 0000000000000000" \
			"CapBnd $([ $i = 3 ] && grep CapBnd /proc/self/status | cut -f 2 || echo 0000000000000000)" \
			"CapAmb 0000000000000000" "NoNewPrivs 1")" "n$i: the server has no privileges"
done
{ read -r -N 1; : >closed; } <>/dev/tcp/10.9.1.2/10576 &
start 2 $dpctool -j show dev nic2 interval 1h >shown &
show=$!

cat >prometheus.yml <<END
global: {scrape_interval: 4s, scrape_timeout: 4s, evaluation_interval: 5s}
rule_files: [/dpcnic/cli/prometheus/rules.yml]
scrape_configs:
  - job_name: dpctool
    static_configs:
      - {targets: ["10.9.1.2:10576"], labels: {instance: n1}}
      - {targets: ["10.9.2.2:10576"], labels: {instance: n2}}
      - {targets: ["[fd09:3::2]:10576"], labels: {instance: n3}}
END
prometheus --config.file=prometheus.yml --storage.tsdb.path=/run/tsdb \
	--web.listen-address=127.0.0.1:9090 --log.level=warn 2>prometheus.log &
prometheus=$!
ok "Prometheus scrapes all three" check scraped 0 n1 n2 n3 || diag "$(<prometheus.log)"

# Each CPU sends by a queue of its own, so there are several messages, whatever the hash says.
pings=()
for way in "1 2" "2 3" "3 1"; do
	for cpu in 1 2; do
		start "${way% *}" taskset -c $cpu ping -q -f -l 20 -c 200 "192.0.2.${way#* }" >/dev/null &
		pings+=($!)
	done
done
wait "${pings[@]}"
ok "after the traffic: the counters stand still" settled after
ok "Prometheus scrapes what is final" check scraped "$(date +%s.%N)" n1 n2 n3
for i in 1 2 3; do
	ok "n$i: what PromQL says is what the driver counted" check driver n$i before.$i after.$i
	ok "n$i: no more series than announced" \
		check announced n$i "$(sed -n 's/.*up to \([0-9]*\) series.*/\1/p' said.$i)"
done
kill -TERM $show
wait $show
ok "n2: by CPU, and times, it is what dpctool show shows" check shown n2 shown
ok "Prometheus scrapes once more, so there are rates" check scraped "$(date +%s.%N)" n1 n2 n3
ok "every query of the dashboard is answered" check dashboard /dpcnic/cli/prometheus/dashboard.json
ok "every alert is evaluated" check rules

# --- refused

like "$(in_ns 1 $dpctool export prometheus dev nic1 listen 10.9.1.2:0 series 10 2>&1; echo $?)" \
	"^dpctool: export: prometheus: up to [0-9]+ series, more than 10\. Try: dev IF, or series [0-9]+, .*1$" \
	"too many series are refused"
like "$(in_ns 1 $dpctool export prometheus dev nic1 listen 10.9.1.2:10576 2>&1; echo $?)" \
	"^dpctool: cannot listen on 10\.9\.1\.2:10576: Address already in use\. Try: .*2$" \
	"a port that is taken is told"
like "$(in_ns 1 setpriv --reuid=65534 --clear-groups $dpctool export prometheus listen 10.9.1.2:0 2>&1; echo $?)" \
	"dpctool: cannot observe: no permission .*4$" "who may not observe is told"
like "$(in_ns 1 $dpctool export prometheus listen 10.9.1.2:0 user nosuchuser 2>&1; echo $?)" \
	"user: no such user: 'nosuchuser'.*1$" "a user that does not exist"

# --- textfile

mkdir -m 755 files
start 3 $dpctool export prometheus dev nic3 textfile /run/files/dpcnic.prom interval 200ms 2>said.file &
file=$!
settled before
ok "a file is written" wait_for 20 test -e files/dpcnic.prom
start 1 ping -q -f 192.0.2.3 >/dev/null &
ping=$!
ok "whoever reads it reads a whole one, and more each time" check files files/dpcnic.prom 10
kill -TERM $ping
settled after
kill -TERM $file
wait $file
is $? 0 "SIGTERM ends it"
like "$(tail -n 1 said.file)" "^dpctool: written [1-9][0-9]* times, lost 0$" "and it says how often it wrote"
is "$(ls files) $(stat -c %a files/dpcnic.prom)" "dpcnic.prom 644" "it leaves one file, for all to read"
is "$(awk '/^dpcnic_packets_total/ { sum += $2 } END { print sum + 0 }' files/dpcnic.prom)" \
	"$(awk '/_dpc_packets:/ { sum += (FNR == NR ? -1 : 1) * $2 } END { print sum + 0 }' before.3 after.3)" \
	"in which is what the driver has counted"
is "$(grep ^dpctool_up files/dpcnic.prom)" "dpctool_up 0" "and that it has ended"
ok "count ends it, too" in_ns 3 $dpctool export prometheus textfile /run/files/x.prom interval 50ms count 2
like "$(in_ns 3 $dpctool export prometheus textfile /run/files/y.prom count 1 user nobody 2>&1; echo $?)" \
	"dpctool: /run/files/y\.prom: cannot write it: Permission denied\. Try: .*2$" "a directory of others"
is "$(echo files/*)" "files/dpcnic.prom files/x.prom" "nothing is left of that"

mkdir small
mount -t tmpfs -o size=256k small small
start 3 $dpctool export prometheus dev nic3 textfile /run/small/dpcnic.prom interval 200ms 2>said.small &
file=$!
ok "a file is written where there is little room" wait_for 20 test -e small/dpcnic.prom
dd if=/dev/zero of=small/all bs=4k 2>/dev/null
wait $file
like "$? $(tail -n 1 said.small)" "^2 dpctool: /run/small/dpcnic.prom: cannot write it: No space left" "until there is none"
is "$(ls small)" all "then no file says that somebody counts"
umount small

ok "no counter ever went back" check monotone

# --- the driver, while it is scraped

ok "the module cannot be unloaded" sh -c '! rmmod dpcnic 2>/dev/null'
check scraped "$(date +%s.%N)" n1 n2 n3
total=$(check total dpcnic_packets_total 'instance="n1"')
is "$(check total dpcnic_device_present 'instance="n1"')" 1 "while there is a device, it is present"
nic_a_pci >/sys/bus/pci/drivers/dpcnic/unbind
check scraped "$(date +%s.%N)" n1 n2 n3
is "$(check total dpcnic_device_present 'instance="n1"')" 0 "without it, it is not"
is "$(check total dpcnic_packets_total 'instance="n1"')" "$total" "its counters stay as they were"

kill $prometheus
wait $prometheus
ok "a silent connection is closed" wait_for 60 test -e closed
for i in 1 2 3; do
	kill -TERM "${pid[i]}"
	wait "${pid[i]}"
	is $? 0 "n$i: SIGTERM ends the server"
	like "$(tail -n 1 said.$i)" "^dpctool: scraped [1-9][0-9]* times, lost 0$" "n$i: and it says how often it was asked"
done
ok "no program stays attached" wait_for 20 nothing_attached
ok "the module is unloaded" unload_module
done_testing
