#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The PTP hardware clock, compared with that of the peer's igb, which QEMU drives by the same virtual
# time; and time stamps, each compared with the clock before and after.
. "${0%/*}/xdp.sh"

start_dpcnic
ptp() { tool ptp "$dev" "$@"; }

like "$(ethtool -T "$dev")" "hardware-transmit.*hardware-receive.*hardware-raw-clock.*ptpv2-event" "ethtool tells of it"
ptp setting rate configs sent received follow-up >/run/ptp
is "$(</run/ptp)" "$(printf '%s: right\n' setting rate configs sent received follow-up)" \
	"the clock is set and goes as told; stamps are of the moment; what is no event has none"
like "$(ethtool -I -T "$dev")" "tx_pkts: 5.*tx_lost: 0.*tx_err: 0" "stamps are counted"

# --- across a reset

is "$(ptp reset)" "reset: right" "the clock goes on when the device is reset"
ok "link" wait_carrier "$dev" 20
is "$(ptp sent received)" "$(printf '%s: right\n' sent received)" "and so do stamps"

# --- a stamp whose packet nobody gets must not be the last

# No packet's stamp is that of one before; some may have none at first.
received()
{
	said=$(ptp received)
	[[ $said == "received: right" || $said =~ \'[1-9][0-9]*" is not" ]]
}
ok "the test's programs are loaded" load_programs
attach drop
is "$(ptp unread)" "unread: sent" "an XDP program drops a packet with a stamp"
detach
wait_for 30 received
is "$said" "received: right" "packets get stamps again, each its own"
is "$(ptp off)" "off: right" "none when turned off"
unload_programs
ok "the module is unloaded" unload_module
done_testing
