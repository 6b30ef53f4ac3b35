# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For scripts that run in the lab's machine: . "$LAB/guest.sh"
#
# NIC A, left to dpcnic, and NIC B, igb's, are two ends of one cable. NIC B is
# the network device peer0 in the network name space peer.
. "$LAB/tap.sh"

# --- the NICs

nic_a_pci() { behind 0000:00:10.0; }
nic_b_pci() { behind 0000:00:11.0; }
behind() # PORT
{
	local path

	for path in "/sys/bus/pci/devices/$1"/0000:*:00.0; do echo "${path##*/}"; done
}

# NIC A's network device, whichever driver made it; fails if there is none.
nic_a()
{
	local dev

	dev=$(ls "/sys/bus/pci/devices/$(nic_a_pci)/net" 2>/dev/null)
	[ -n "$dev" ] && echo "$dev"
}

# Run a command at the other end of the cable.
peer() { ip netns exec peer "$@"; }

# The same by a shell that stays there, as to start it takes a fifth of a second under emulation. It
# does one thing at a time, so what takes long is another's.
at_peer() { by_peer_shell shell "$1"; } # COMMAND-LINE
by_peer_shell() # NAME COMMAND-LINE
{
	local at=/run/peer.$1 status

	[ -p "$at.ask" ] || peer_shell "$at"
	printf '%d %s\0' "$BASHPID" "$2" 1<>"$at.ask"
	answer_of "$at.answer" && return
	status=$?
	cat "$at.said" >&2
	return $status
}
peer_shell() # WHERE
{
	mkfifo "$1.ask" "$1.answer"
	# It keeps nothing open that is waited for: what Bash saves of redirections for a function would be.
	# shellcheck disable=SC2016 # for that shell
	(exec ip netns exec peer "$BASH" -c 'while read -r -d "" who line; do
		eval "$line" >"$1.said" 2>&1
		echo "$who $?"
	done' peer "$1" <>"$1.ask" 1<>"$1.answer" 2>/dev/null 6>&- 7>&- 8>&- 9>&- &)
	: >"$1.ask" # when it is there
}
# Wait for "PROCESS STATUS" with this process. Another's is of one that was killed.
answer_of() # FIFO
{
	local who='' status

	while [ "$who" != "$BASHPID" ]; do
		read -r -t 900 -u 9 who status 9<>"$1" || { echo "no answer at $1" >&2; return 1; }
	done
	return "$status"
}

# Hand a NIC to a driver, away from the one that holds it. The driver must be loaded, or be loaded
# afterwards: the device now matches no other.
bind_nic() # PCI-DEVICE DRIVER
{
	local dev=/sys/bus/pci/devices/$1

	[ ! -e "$dev/driver" ] || echo "$1" >"$dev/driver/unbind" || return
	echo "$2" >"$dev/driver_override" || return
	[ ! -e "/sys/bus/pci/drivers/$2" ] || echo "$1" >/sys/bus/pci/drivers_probe
}
bind_nic_a() { bind_nic "$(nic_a_pci)" "$1"; } # DRIVER
bind_dpcnic() { bind_nic_a dpcnic; }

# insmod, because the module is not installed; so what it needs is loaded here.
load_module()
{
	local need

	for need in $(modinfo -F depends "$LAB_MODULES/dpcnic.ko" | tr , ' '); do
		modprobe "$need" || return
	done
	insmod "$LAB_MODULES/dpcnic.ko"
}
unload_module() { rmmod dpcnic; }

# --- the network

# Poll until a command succeeds; fail after so many seconds, or four times that where the kernel
# checks all it does, and takes its time.
case $(</proc/sys/kernel/osrelease) in
*-debug | *-kcsan) patience=4 ;;
*) patience=1 ;;
esac
wait_for() # SECONDS COMMAND...
{
	local end=$((SECONDS + $1 * patience))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		read -r -t 0.1 </dev/console || : # it never says anything; and to start sleep is dear
	done
}

has_carrier() # DEVICE, here or in peer
{
	local carrier=/sys/class/net/$1/carrier

	if [ -e "$carrier" ]; then
		read -r carrier 2>/dev/null <"$carrier"
		[ "$carrier" = 1 ]
	else
		at_peer "read -r carrier <$carrier && [ \$carrier = 1 ]" 2>/dev/null
	fi
}
wait_carrier() { wait_for "${2:-30}" has_carrier "$1"; } # DEVICE [SECONDS]

addr_a4=192.0.2.1 addr_b4=192.0.2.2 addr_a6=2001:db8::1 addr_b6=2001:db8::2

# Give both ends their addresses, bring them up and wait until each has a link.
# Duplicate address detection would make IPv6 wait two seconds more.
set_addresses() # [DEVICE]
{
	local dev=${1:-$(nic_a)}

	ip addr add $addr_a4/24 dev "$dev" &&
		ip addr add $addr_a6/64 dev "$dev" nodad &&
		ip link set "$dev" up &&
		ip -n peer addr add $addr_b4/24 dev peer0 &&
		ip -n peer addr add $addr_b6/64 dev peer0 nodad &&
		ip -n peer link set peer0 up &&
		wait_carrier "$dev" && wait_carrier peer0
}
# IPv6 says nothing on its own account later than a moment after the link came up.
quiet_ipv6() # DEVICE
{
	local at=/proc/sys/net/ipv6/conf/$1

	echo 0 >"$at/router_solicitations" && echo 0 >"$at/accept_dad" &&
		echo 1 >"$at/mldv2_unsolicited_report_interval"
}

# A value of ethtool -S: counter eth0 rx_packets; peer's: peer_counter rx_packets
counter() { ethtool -S "$1" | awk -v name="$2:" '$1 == name { print $2; found = 1 } END { exit !found }'; }
peer_counter() { peer ethtool -S peer0 | awk -v name="$1:" '$1 == name { print $2; found = 1 } END { exit !found }'; }

# --- the machine from outside

# Ask QEMU; print its answer, one line of JSON; fail if that is an error.
#   qmp device_del '{"id": "nic-a"}'
# The connection may already have been set up by an earlier call, in which case
# QEMU refuses the first line and answers the second all the same.
qmp() # COMMAND [ARGUMENTS]
{
	local line args=${2:-}

	exec 8<>/dev/virtio-ports/qmp || return
	printf '{"execute": "qmp_capabilities"}\n' >&8
	printf '{"execute": "%s", "arguments": %s, "id": "asked"}\n' "$1" "${args:-"{}"}" >&8
	while read -r -t 20 line <&8; do
		[[ $line == *'"id": "asked"'* ]] || continue
		exec 8<&-
		printf '%s\n' "${line%$'\r'}"
		[[ $line == *'"return": '* ]]
		return
	done
	exec 8<&-
	echo "qmp: no answer from QEMU to $1" >&2
	return 1
}
# Pull one end of the cable, or plug it in: cable nic-a down
cable() # nic-a|nic-b up|down
{
	qmp set_link "{\"name\": \"$1\", \"up\": $([ "$2" = up ] && echo true || echo false)}" >/dev/null
}
