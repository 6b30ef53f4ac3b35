#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# XDP policies attached by dpctool to devices that dpcnic does not drive: a veth, whose other end is
# in name space far, lo, and igb's. What is attached is asked of ip and bpftool. Uses
# dpctool-*.bpf.o, built by "make -C cli tests".
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"

dpctool=build/dpctool pins=/sys/fs/bpf/dpcnic own=build/cli/dpctool-xdp.bpf.o
policy() { $dpctool policy "$@"; }
rule() { $dpctool rule "$1" dev va "${@:2}"; }

said() { "${@:2}" | json "$1"; } # EXPRESSION COMMAND...
row() { $dpctool -o "$1" policy list dev va | tail -n 1 | xargs; } # COLUMN,...
# What ip says: the mode (1 native, 2 generic) and the program
attached() # DEVICE
{
	ip -d -j link show "$1" |
		sed -nE 's/.*"xdp":\{"mode":([0-9]+),"prog":\{"id":([0-9]+),"name":"([^"]*)".*/\1 \2 \3/p' |
		grep . || echo none
}
link_id() { bpftool link show pinned $pins/va/xdp/link | sed -n 's/:.*//p'; }
called() { xdp-loader status va | awk '/=>/ { print $3 }' | sort | xargs; } # by the dispatcher
pings() # COUNT: how many of so many are answered
{
	ip netns exec far ping -q -c "$1" -i 0.005 -W 2 198.51.100.1 | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}
counted() # COUNTER [CPU]
{
	$dpctool policy counters dev va |
		awk -v name="$1" -v cpu="${2:-}" '$1 == name && (cpu == "" || cpu == $2) { print $3 }' | xargs
}

mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
sysctl -q net.ipv6.conf.default.disable_ipv6=1
ip netns add far
ip netns exec far sysctl -q net.ipv6.conf.default.disable_ipv6=1 # each name space has its own default
ip link add va type veth peer name vb netns far
ip addr add 198.51.100.1/24 dev va
ip -n far addr add 198.51.100.2/24 dev vb
ip link set va up
ip -n far link set vb up
ip neigh replace 198.51.100.2 lladdr "$(ip netns exec far cat /sys/class/net/vb/address)" dev va nud permanent
ip -n far neigh replace 198.51.100.1 lladdr "$(cat /sys/class/net/va/address)" dev vb nud permanent

# --- what is refused

attach=("$dpctool" policy attach dev va)
refused 3 "nosuch0: no such device" "no such device" $dpctool policy attach dev nosuch0 rules
refused 3 "va: has no policy that could be replaced" "nothing to replace" policy replace dev va rules
refused 3 "va: has no policy that dpctool attached" "nothing to detach" policy detach dev va
refused 3 "va: has no policy that dpctool attached" "nothing that counts" policy counters dev va
refused 3 "va: has no policy that dpctool attached" "nothing to rule" rule show
refused 2 "va: policy rss needs dpcnic" "a policy that steers" "${attach[@]}" rss
refused 2 "va: policy weighted needs dpcnic" "another one" "${attach[@]}" weighted cpus 0 weights 1
refused 2 "lo: has no native XDP" "a device without native XDP" \
	$dpctool policy attach dev lo rules mode native
refused 4 "policy: no permission to read $pins/va/xdp" "a user" \
	setpriv --reuid=65534 --clear-groups "${attach[@]}" rules
refused 4 "policy: no permission to load a policy" "root without CAP_BPF" \
	setpriv --bounding-set=-bpf,-sys_admin "${attach[@]}" rules
refused 4 "policy: no BPF file system at /sys/fs/bpf" "no bpffs" \
	unshare -m sh -c "umount /sys/fs/bpf; exec $dpctool policy attach dev va rules"
refused 3 "va: has no policy that dpctool attached" "nothing to detach without bpffs" \
	unshare -m sh -c "umount /sys/fs/bpf; exec $dpctool policy detach dev va"
refused 4 "policy: the kernel forbids BPF programs even to root" "lockdown" \
	build/cli/test-deny 1 "${attach[@]}" rules
refused 1 "policy: /nonexistent: no BPF object: No such file" "no such object" \
	"${attach[@]}" file /nonexistent
refused 1 "policy: build/cli/observe.bpf.o: has no XDP program" "an object without one" \
	"${attach[@]}" file build/cli/observe.bpf.o
refused 1 "policy: $own: has several programs \(there are drop, pass, whole\)" "several programs" \
	"${attach[@]}" file $own
refused 1 "policy: $own: has no such program \(there are drop, " "a program that is not there" \
	"${attach[@]}" file $own prog called
refused 4 "policy: build/cli/dpctool-needy.bpf.o: needs dpcnic: .* Try: modprobe dpcnic" "a function of dpcnic's" \
	"${attach[@]}" file build/cli/dpctool-needy.bpf.o
refused 1 "policy: cpus: CPU 99 is not online" "no such CPU" "${attach[@]}" cpumap cpus 0,99
refused 2 "policy: build/cli/dpctool-wild.bpf.o: the verifier refused program wild: (R1 offset is outside|Memory Safety: )" \
	"a program that the verifier refuses" "${attach[@]}" file build/cli/dpctool-wild.bpf.o
like "$(tail -n +2 /run/err)" "^  \| .*(r[0-9] = \*\(.*  \| invalid access to packet.*  \| R1 offset|cannot prove)" "its last lines are shown"
ok "but no more than eight" [ "$(wc -l </run/err)" -le 9 ]
$dpctool -d policy check dev va file build/cli/dpctool-wild.bpf.o 2>&1 | grep -c "processed .* insns" >/run/out
is "$(</run/out)" 1 "with -d all of them, once"
is "$(find $pins 2>/dev/null) $(attached va)" " none" "nothing of all that was left behind"

# --- check, which attaches nothing

is "$(policy check dev va rules | sed 's/[0-9]\+ inst/N inst/')" \
	"va: rules fits, native: program rules, N instructions, with frags" "rules fits"
is "$(policy check dev lo rules | sed 's/[0-9]\+ inst/N inst/')" \
	"lo: rules fits, generic: program rules, N instructions, with frags" "lo gets it in generic mode"
is "$(said 'd["fits"]["program"], d["fits"]["mode"], d["fits"]["frags"]' \
	$dpctool -j policy check dev va file $own prog whole)" "('whole', 'native', False)" "as JSON"
is "$(peer sh -c "mount -t bpf bpf /sys/fs/bpf; $dpctool policy check dev peer0 cpumap" | sed 's/[0-9]\+ inst/N inst/')" \
	"peer0: cpumap fits, native: program cpumap, N instructions, with frags" "igb gets cpumap"
ip link set va mtu 9000
ip -n far link set vb mtu 9000
refused 2 "va: its MTU of 9000 needs a program with frags, and whole has none" "check knows of frags" \
	policy check dev va file $own prog whole
refused 2 "va: its MTU of 9000 needs a program with frags, and whole has none: veth: Peer MTU is too large" \
	"so does attach, with the driver's words" \
	"${attach[@]}" file $own prog whole
ok "with frags it fits" policy check dev va file $own prog pass
ok "chained as well" $dpctool --chain policy attach dev va file $own prog pass
is "$(attached va | cut -d' ' -f1,3)" "1 xdp_dispatcher" "with a dispatcher that has frags"
ok "detach" policy detach dev va
ip link set va mtu 1500
ip -n far link set vb mtu 1500
is "$(attached va)" none "nothing is attached"

# --- a user's own

like "$("${attach[@]}" file $own prog drop)" \
	"^va: file $own prog drop attached, native: what its program says.pinned at $pins/va/xdp, where" \
	"a program of the user's own"
is "$(attached va)" "1 $(said 'r["program_id"]' $dpctool -j policy list dev va) drop" "ip sees it, native"
is "$(row POLICY,PARAMETERS,STATE,MODE,PATH)" "file $own prog drop attached native $pins/va/xdp" \
	"list tells of it"
is "$(pings 3)" 0 "it drops"
before=$(attached va)
like "$("${attach[@]}" file $own prog drop)" "^va: file $own prog drop unchanged, native" "once more"
is "$(attached va)" "$before" "nothing has changed"
refused 2 "va: has a policy already: file $own prog drop.* Try: dpctool policy replace" "another one" \
	"${attach[@]}" rules
cp $own /run/own.bpf.o
ok "the same of another file takes over" policy replace dev va file /run/own.bpf.o prog drop
like "$("${attach[@]}" file /run/own.bpf.o prog drop)" " unchanged, " "once more"
echo >>/run/own.bpf.o # instructions are the same, as they are if a constant is another
refused 2 "va: has a policy already: file /run/own.bpf.o prog drop" "that file has changed" \
	"${attach[@]}" file /run/own.bpf.o prog drop
ok "the first one takes over again" policy replace dev va file $own prog drop
refused 2 "va: its policy is native, and stays so" "replaced in another mode" \
	policy replace dev va rules mode generic
refused 3 "va: policy file has no map of counters" "it counts nothing" policy counters dev va
refused 3 "va: its policy is file, which has no rules" "nor has it rules" rule show

# --- replaced under traffic: the link stays, no packet is lost

ok "pass takes over" policy replace dev va file $own prog pass
link=$(link_id)
pings 600 >/run/answered &
replacements=0
for ((i = 1; i < 4; i++)); do
	policy replace dev va cpumap cpus $i >/dev/null && policy replace dev va rules >/dev/null &&
		replacements=$((replacements + 2))
done
wait $!
is $replacements 6 "six times a policy took over"
is "$(</run/answered)" 600 "no packet was lost"
is "$(link_id)" "$link" "the link is the same"
is "$(attached va)" "1 $(row PROG) rules" "ip sees the last one"

# --- rules, and what they count

ok "a rule" rule add source 198.51.100.0/24 verdict drop
is "$(pings 5)" 0 "it drops"
is "$(counted dropped)" 5 "it counts"
ok "a better one" rule add source 198.51.100.2 verdict pass
is "$(pings 5)" 5 "the longer prefix decides"
ok "one of another kind, first" rule add protocol icmp verdict drop preference 7
is "$(pings 5)" 0 "the smaller preference decides"
ok "which is changed" rule add protocol icmp verdict pass preference 7
is "$(pings 5)" 5 "at once"
is "$(counted passed) $(counted dropped)" "10 10" "all was counted"
ok "a port" rule add protocol udp dport 53 verdict pass
ok "a protocol by its number" rule add protocol 132 verdict drop preference 4294967295
ok "a network of IPv6" rule add destination 2001:db8::/32 verdict pass preference 1
is "$(said '[(row["preference"], row["match"], row["verdict"]) for row in rows if row["preference"] != 100]' \
	$dpctool -j rule show dev va)" \
	"[(1, 'destination 2001:db8::/32', 'pass'), (7, 'protocol icmp', 'pass'), (4294967295, 'protocol 132', 'drop')]" \
	"show tells of them, in order"
is "$(rule show | awk '$1 == 100 { $1 = $1; print }' | sort)" "$(printf '%s\n' "100 protocol udp dport 53 pass -" \
	"100 source 198.51.100.0/24 drop -" "100 source 198.51.100.2/32 pass -")" "as text"
ok "rules go" rule delete protocol icmp
ok "also networks" rule delete source 198.51.100.2
is "$(pings 5)" 0 "and then have no say"
refused 3 "va: has no such rule" "one that is not there" rule delete protocol icmp
refused 2 "va: steering needs dpcnic" "a rule that steers" rule add protocol udp verdict 1
refused 1 "rule: add: not a network, or with bits set beyond its prefix: '192.0.2.1/24'" "no network" \
	rule add source 192.0.2.1/24 verdict drop
refused 1 "rule: add: not a network, .*'nonsense'" "no address" rule add source nonsense verdict drop
refused 1 "rule: add: not a network, .*'1.2.3.4/33'" "a prefix too long" rule add source 1.2.3.4/33 verdict drop
refused 1 "rule: add: unknown protocol: 'foo'" "no protocol" rule add protocol foo verdict drop
refused 1 "rule: add: only tcp and udp have ports" "no port" rule add protocol icmp dport 1 verdict drop
refused 1 "rule: add: verdict: neither drop nor pass nor a CPU there is: '99'" "no verdict" \
	rule add protocol udp verdict 99

# --- cpumap, to the CPUs it is told

is "$(policy detach dev va)" "va: rules detached" "detach"
is "$(find $pins 2>/dev/null) $(attached va)" " none" "nothing is left"
ok "cpumap" "${attach[@]}" cpumap cpus 2
is "$(row PARAMETERS)" "cpus 2" "list tells its parameters"
is "$(pings 20)" 20 "all is answered"
is "$(counted steered 2) $(counted refused)" "20 0" "all went to CPU 2"
is "$(said '[row["packets_ppm"] for row in rows if row["cpu"] == 2]' $dpctool -j policy counters dev va)" \
	"[1000000]" "which is 100%"
ok "without CPUs it takes all" policy replace dev va cpumap
is "$(row PARAMETERS)" "" "that has no parameters"
is "$(pings 10) $(counted steered)" "10 10" "it starts to count anew"
many=$(printf '1,%.0s' {1..200}) # more than is noted
mkdir $pins/va/xdp/new # in the way
refused 2 "va: rules took over and is at work, but cannot be noted in $pins/va/xdp, .*: File exists\. Try: dpctool policy replace" \
	"what is at work is told, even if it cannot be noted" policy replace dev va rules
is "$(row STATE) $(attached va | cut -d' ' -f3)" "replaced rules" "it is"
rmdir $pins/va/xdp/new
ok "with many CPUs" policy replace dev va cpumap cpus "${many}1"
like "$("${attach[@]}" cpumap cpus "${many}1")" " unchanged, " "once more"
refused 2 "va: has a policy already: cpumap cpus 1," "the last one is another" \
	"${attach[@]}" cpumap cpus "${many}2"
ok "detach" policy detach dev va

# --- generic, asked for or not

like "$("${attach[@]}" rules mode generic)" "^va: rules attached, generic: does" "generic mode"
is "$(attached va)" "2 $(row PROG) rules" "ip sees that"
ok "rules" rule add protocol icmp verdict drop
is "$(pings 3)" 0 "and they are obeyed"
like "$("${attach[@]}" rules mode native 2>&1)" "has a policy already" "another mode is another policy"
ok "detach finds the mode" policy detach dev va
is "$(attached va)" none "nothing is left"
like "$(policy attach dev lo rules)" "^lo: rules attached, generic as the driver cannot" "lo gets it generic"
ok "detach" policy detach dev lo

# --- programs of others

mkdir /sys/fs/bpf/foreign
bpftool prog loadall $own /sys/fs/bpf/foreign >/dev/null
bpftool net attach xdpdrv pinned /sys/fs/bpf/foreign/pass dev va
refused 2 "va: has an XDP program that dpctool did not attach: pass, id [0-9]+, native\. Try: bpftool net" \
	"a foreign program" "${attach[@]}" rules
is "$(row POLICY,STATE,MODE,DOES) $(attached va)" "- foreign native pass 1 $(row PROG) pass" \
	"list tells of it, too"
refused 2 "va: has an XDP program .*: pass" "it is not for chaining" $dpctool --chain policy attach dev va rules
refused 3 "va: has no policy that dpctool attached" "it is not detached" policy detach dev va
bpftool net detach xdpdrv dev va
rm -r /sys/fs/bpf/foreign

xdp-loader load -m native va $own -n pass
refused 2 "va: has an XDP program .*: xdp_dispatcher, id [0-9]+, native, the dispatcher of libxdp\. Try: --chain" \
	"a dispatcher" "${attach[@]}" rules
like "$($dpctool --chain policy attach dev va rules)" "^va: rules attached, native" "--chain"
is "$(row POLICY,STATE)" "rules chained" "list tells of it"
is "$(called)" "pass rules" "xdp-loader sees both"
ok "a rule" rule add protocol icmp verdict drop
is "$(pings 3) $(counted dropped)" "0 3" "it is obeyed, and counted"
like "$($dpctool --chain policy attach dev va rules)" "^va: rules unchanged" "once more"

# replaced under traffic: each packet is seen by one policy at least, and none is lost
replaced=0
take_over() { policy replace dev va "$@" >/dev/null && replaced=$((replaced + 1)); }
pings 400 >/run/answered &
for i in 1 2 3; do take_over file $own prog drop; done
wait $!
is "$(</run/answered) $replaced" "0 3" "three times a policy took over that drops, and no packet got by"
is "$(row POLICY,PARAMETERS,STATE) $(called)" "file $own prog drop chained drop pass" "it is chained, the other one is, too"
ok "one that passes takes over" policy replace dev va cpumap
replaced=0
pings 600 >/run/answered &
take_over rules
take_over file $own prog pass
take_over cpumap cpus 1
wait $!
is "$(</run/answered) $replaced" "600 3" "three times one that passes, and no packet was lost"
is "$(row POLICY,PARAMETERS,STATE) $(called)" "cpumap cpus 1 chained cpumap pass" "the last one is chained"
before=$(counted steered 1) # of the 600 some may have come to it
is "$(pings 10) $(($(counted steered 1) - before))" "10 10" "it sees the packets, and counts them"
ok "detach" policy detach dev va
is "$(called)" pass "the other one stays"
is "$(pings 3)" 3 "and passes"
ok "it can be chained again" $dpctool --chain policy attach dev va cpumap cpus 1
objects=() # eight, so that ten are called
for i in {1..8}; do objects+=("$own"); done
xdp-loader load -m native va -n pass "${objects[@]}"
refused 2 "va: the dispatcher of libxdp has no room" "a dispatcher that is full" policy replace dev va rules
is "$(row POLICY,STATE) $(called | wc -w)" "cpumap chained 10" "nothing has changed"
xdp-loader unload va --all
is "$(row POLICY,STATE)" "cpumap detached" "another program detaches it"
ok "detach takes away what is left" policy detach dev va
is "$(find $pins 2>/dev/null) $(attached va)" " none" "that is all"
ok "--chain attaches a dispatcher" $dpctool --chain policy attach dev va rules
like "$(attached va)" "^1 [0-9]+ xdp_dispatcher" "ip sees it"
refused 2 "va: the policy of that name is at work in another network namespace, .*/ns/net\)$" \
	"another name space does not detach it" nsenter --net=/run/netns/far $dpctool policy detach dev va
ip link set va name vx
ip link property add dev vx altname va
ok "detach, also where its device has another name" policy detach dev va
is "$(find $pins 2>/dev/null) $(attached vx)" " none" "it is no longer called"
ip link property del dev vx altname va
ip link set vx name va
ok "once more" $dpctool --chain policy attach dev va rules
ok "detach" policy detach dev va
is "$(attached va)" none "which goes with the last program"

# --- what becomes of it

ok "a policy" "${attach[@]}" rules
bpftool link detach pinned $pins/va/xdp/link
is "$(row POLICY,STATE)" "rules detached" "another program detaches it"
refused 3 "va: has no policy that could be replaced" "it cannot be replaced" policy replace dev va rules
refused 3 "va: its policy is not attached now, but detached" "and counts nothing" policy counters dev va
ok "another can be attached" "${attach[@]}" rules
rm $pins/va/xdp/link
ok "without its link it is detached" wait_for 10 sh -c '! ip -d link show va | grep -q prog/xdp'
is "$(said rows $dpctool -j policy list)" "[]" "list knows of none"
touched=$(find $pins -name about)
ok "and another can be attached" "${attach[@]}" rules
is "$touched $(row STATE)" "$pins/va/xdp/about attached" "over what was left of it"
bpftool prog pin id "$(row PROG)" $pins/va/xdp/new # as if killed while it noted something
there=(nsenter "--net=/run/netns/far" "$dpctool")
space=$(stat -L -c %i /proc/self/ns/net)
is "$("${there[@]}" -o STATE policy list | tail -n 1)" elsewhere "another name space sees it as elsewhere"
refused 2 "va: the policy of that name is at work in another network namespace, net:\[$space\]\. Try: dpctool policy detach dev va there .*, or rm $pins/va/xdp/link" \
	"and does not detach it" "${there[@]}" policy detach dev va
is "$(attached va)" "1 $(row PROG) rules" "it stays attached"
ip -n far link add va type dummy
refused 2 "va: the policy of that name is at work in another network namespace" \
	"a device of its name there waits" "${there[@]}" policy attach dev va rules
ip -n far link del va
ip link set va name vx
is "$(said 'sorted((row["dev"], row["state"]) for row in rows)' $dpctool -j policy list)" \
	"[('va', 'elsewhere'), ('vx', 'foreign')]" "its device has another name"
ip link property add dev vx altname va
is "$(said 'sorted((row["dev"], row["state"]) for row in rows)' $dpctool -j policy list)" \
	"[('va', 'elsewhere'), ('vx', 'foreign')]" "also if it goes by the former one, too"
ip link property del dev vx altname va
ip link set vx name va
is "$(row STATE)" attached "and has its old one again"
ip link property add dev va altname vother
is "$($dpctool -o DEV,STATE policy list dev vother | tail -n 1 | xargs)" "va attached" "it may be called by another"
refused 2 "va: has a policy already: rules" "and is the same device" $dpctool policy attach dev vother cpumap
is "$(policy detach dev vother; find $pins 2>/dev/null)" "va: rules detached" "also to be detached"
like "$(policy attach dev vother rules)" "^va: rules attached, native: .*pinned at $pins/va/xdp," "and to be attached to"
ip link del va
is "$(said '[(row["dev"], row["policy"], row["state"]) for row in rows]' $dpctool -j policy list)" \
	"[('va', 'rules', 'gone')]" "its device is gone"
ok "detach" policy detach dev va
is "$(said rows $dpctool -j policy list) $(find $pins 2>/dev/null)" "[] " "that is all"
documents_fit
done_testing
