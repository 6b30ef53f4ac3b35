#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who may do what: each command of the table in docs/reliability.md is run by everybody whom that has
# a column for, and the outcome is what it says.
. "${0%/*}/common.sh"

table=/dpcnic/docs/reliability.md
pins=/sys/fs/bpf/dpcnic

# Everybody: what his commands begin with, as setpriv takes it.
user="--reuid=65534 --clear-groups"
declare -A as=(
	[user]="$user"
	[observer]="$user --inh-caps=+bpf,+perfmon --ambient-caps=+bpf,+perfmon"
	[without_bpf]="--bounding-set=-bpf,-perfmon,-sys_admin"
	[without_net]="--bounding-set=-net_admin"
	[root]="--keep-groups"
)
# shellcheck disable=SC2086 # several words
be() { setpriv ${as[$1]} "${@:2}"; } # WHO COMMAND...

attached() { [ -e "$pins/$dev/${1/policy/xdp}" ]; } # policy|throttle
# Before every try, so that it can only fail for want of a privilege.
prepare() # WORD...
{
	case "$1 $2" in
	"policy attach" | "throttle attach")
		! attached "$1" || build/dpctool "$1" detach dev "$dev" ;;
	"policy detach" | "policy replace" | "policy counters" | "rule add" | "rule show")
		attached policy || build/dpctool policy attach dev "$dev" rules ;;
	"throttle detach" | "throttle replace")
		attached throttle || build/dpctool throttle attach dev "$dev" fixed packets 8 ;;
	"rss equal") ethtool -X "$dev" default ;;
	esac >/dev/null
}
# yes; L0, which is interrupts alone; or no, with a word about what to do. What else there is, too.
outcome() # WHO COMMAND...
{
	local who=$1 status

	shift
	be "$who" build/dpctool "$@" >/run/out 2>/run/err
	status=$?
	case $status in
	0) grep -q 'level L0, so interrupts are all' /run/err && echo L0 || echo yes ;;
	6 | 8) [ "$1" = check ] && echo yes || echo "status $status" ;;
	4) grep -q '\. Try: ' /run/err && [ ! -s /run/out ] && echo no || echo "no, and no word of help" ;;
	*) echo "status $status: $(<"/run/err")" ;;
	esac
}

start_dpcnic
fixed_neighbours
cd /dpcnic || exit
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
build/dpctool -o /run/recorded record dev "$dev" -- ping -q -c 1 $addr_b4 >/dev/null
chmod 644 /run/recorded

commands=0
while IFS='|' read -r _ command says; do
	command=${command//\`/} words=()
	for word in $command; do
		case $word in
		dpctool) ;;
		IF) words+=("$dev") ;;
		FILE) words+=(/run/recorded) ;;
		NEW) words+=(/tmp/new.$RANDOM) ;;
		*) words+=("$word") ;;
		esac
	done
	is=''
	for who in user observer without_bpf without_net root; do
		prepare "${words[@]}"
		is+="$(outcome "$who" "${words[@]}") | "
	done
	is "$(xargs <<<"$is")" "$(xargs <<<"$says")" "$(xargs <<<"$command")"
	commands=$((commands + 1))
done < <(grep '^| `dpctool ' $table)
ok "the table has commands" [ $commands -gt 10 ]

# --- what is there besides dpctool

prepare policy detach
prepare throttle detach
is "$(find $pins -perm /077 ! -type l)" "" "what is pinned is root's alone"
for path in "$pins/$dev" /sys/kernel/tracing/events/dpcnic /sys/kernel/debug; do
	ok "$path is there" test -e "$path"
	ok "a user does not see $path" be user sh -c "! ls $path"
done
ok "a user sees counters" be user ethtool -S "$dev"
for change in "-L combined 2" "-G rx 128" "-C rx-usecs 10" "-K gro off" "-X equal 2" "-t online"; do
	# shellcheck disable=SC2086 # several words
	ok "a user does not change: ethtool ${change%% *}" be user sh -c "! ethtool ${change/ / $dev }"
done
ok "nor does root without CAP_NET_ADMIN" be without_net sh -c "! ethtool -L $dev combined 2"
done_testing
