#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --append iomem=relaxed
# ethtool on the care of a device: link settings, pause, self-test, registers, NVM, LEDs, wake-up.
# What it says is held against the registers, read past the driver, and against igb.
. "${0%/*}/common.sh"

pci=$(nic_a_pci)
# Of the register dump: offset, value.
dump() { ethtool -d "$dev" raw on | od -A n -v -t x4 -w8; }
dumped() { dump | sed -n "s/^ $(printf '%08x' "$1") /0x/p"; } # OFFSET
phy() { echo $((0x80000000 | $1)); }
refuses() # DESCRIPTION COMMAND...
{
	if "${@:2}" >/dev/null 2>&1; then fail "$1: is refused"; else pass "$1: is refused"; fi
}
settings() { ethtool "$dev"; ethtool -a "$dev"; ethtool -d "$dev" raw on | od -A n -t x4 -w8 | grep '^ 8000000[049]'; }
modes() { ethtool "$dev" | sed -n '/Advertised link modes/,/Advertised pause/p' | grep -o '[0-9]*baseT/[A-Za-z]*' | xargs; }

link_is() { [ "$(ethtool "$dev" | sed -n 's/^\t\(Speed\|Duplex\|Auto-negotiation\): //p' | xargs)" = "$1" ]; }
pause_bits() { echo $((($(mmio 0) >> 27) & 3)); } # 1: obeys, 2: sends
pause_is() { [ "$(pause_bits)" = "$1" ]; }

isnt0() { ok "$2" test "$1" != 0; } # STATUS DESCRIPTION

start_dpcnic
fixed_neighbours

# --- registers and NVM

regs=$(dump)
is "$(grep -c . <<<"$regs")" "$(awk '{ print $1 }' <<<"$regs" | sort -u | grep -c .)" \
	"registers: each is there once"
for reg in 0x00000 0x00018 0x00100 0x00400 0x05400 0x05404 0x05818 0x0c000 0x0e008 0x01700; do
	is "$(dumped $reg)" "$(mmio $reg)" "registers: $reg is what the device has"
done
is "$(dumped "$(phy 2)")" 0x000002a8 "registers: the PHY's identifier"
icr_before=$(counter "$dev" msg4_interrupts)
dump >/dev/null
is "$(counter "$dev" msg4_interrupts)" "$icr_before" "registers: reading them causes nothing"

nvm=$(ethtool -e "$dev" raw on | od -A n -v -t x1 -w512)
is "$(cut -d ' ' -f 2-7 <<<"$nvm")" "02 dc 00 00 00 0a" "NVM: begins with the address"
# But for that, and the checksum in word 0x3f.
is "$(cut -d ' ' -f 8-127,130- <<<"$nvm")" \
	"$(peer ethtool -e peer0 raw on | od -A n -v -t x1 -w512 | cut -d ' ' -f 8-127,130-)" \
	"NVM: the rest is what igb reads of its device"
is "$(ethtool -e "$dev" raw on offset 1 length 4 | od -A n -t x1 | xargs)" \
	"$(cut -d ' ' -f 3-6 <<<"$nvm")" "NVM: bytes from an odd one on"

# --- link settings

all="10baseT/Half 10baseT/Full 100baseT/Half 100baseT/Full 1000baseT/Full"
is "$(modes)" "$all" "link: all speeds are offered"
ok "link: only 100 Mb/s" ethtool -s "$dev" advertise 0x008
is "$(modes)" "100baseT/Full" "link: it says so"
is $(($(dumped "$(phy 4)") & 0x1e0)) $((0x100)) "link: the PHY offers 100BASE-TX full only"
is $(($(dumped "$(phy 9)") & 0x300)) 0 "link: and not 1000BASE-T"
ok "link: up again" wait_carrier "$dev" 20
ip link set "$dev" down
ok "link: another choice while down" ethtool -s "$dev" advertise 0x020
ip link set "$dev" up
ok "link: up" wait_carrier "$dev" 20
is $(($(dumped "$(phy 4)") & 0x1e0)) 0 "link: after down and up the PHY offers no 10 and 100 Mb/s"
is $(($(dumped "$(phy 9)") & 0x300)) $((0x200)) "link: but 1000BASE-T full"
# Speed, duplex, CTRL's bits 12, 11, 9, 8 and 0, the PHY's control register. QEMU's link stays, and its MAC
# tells what it is set to.
for want in "10 half 0x1800 0x0000" "10 full 0x1801 0x0100" "100 half 0x1900 0x2000" "100 full 0x1901 0x2100"; do
	read -r speed duplex ctrl bmcr <<<"$want"
	ok "link: $speed Mb/s $duplex, set" ethtool -s "$dev" autoneg off speed "$speed" duplex "$duplex"
	is "$(printf '0x%04x' $(($(mmio 0) & 0x1b01)))" "$ctrl" "link: $speed Mb/s $duplex: the MAC is set to it"
	is $(($(dumped "$(phy 0)"))) $((bmcr)) "link: $speed Mb/s $duplex: the PHY is, and negotiates nothing"
	ok "link: $speed Mb/s $duplex: it says so" wait_for 20 link_is "${speed}Mb/s ${duplex^} off"
	ok "link: $speed Mb/s $duplex: packets pass" wait_for 20 ping -q -c 1 -W 5 $addr_b4
	ok "link: $speed Mb/s $duplex: no pause, which is negotiated" wait_for 20 pause_is 0
done
before=$(settings)
refuses "negotiation, of which there is none" ethtool -r "$dev"
refuses "half duplex at 1000 Mb/s, set" ethtool -s "$dev" autoneg off speed 1000 duplex half
is "$(settings)" "$before" "link: and nothing changes"
ok "link: 1000 Mb/s, set" ethtool -s "$dev" autoneg off speed 1000 duplex full
is "$(($(dumped "$(phy 0)") & 0x1000)) $(($(dumped "$(phy 4)") & 0x1e0)) $(($(dumped "$(phy 9)") & 0x300))" \
	"$((0x1000)) 0 $((0x200))" "link: 1000 Mb/s: nothing else is offered"
ok "link: 1000 Mb/s: it says so" wait_for 20 link_is "1000Mb/s Full off"
is "$(modes)" "1000baseT/Full" "link: what was offered before is kept"
ok "link: autonegotiation; ethtool asks for all speeds then" ethtool -s "$dev" autoneg on
is "$(modes)" "$all" "link: all are offered"
ok "link: it negotiates" wait_for 20 link_is "1000Mb/s Full on"
is $(($(mmio 0) & 0x1800)) 0 "link: it negotiates: the MAC follows the PHY"
before=$(settings)
refuses "10 Gb/s" ethtool -s "$dev" advertise 0x1000
refuses "half duplex at 1000 Mb/s" ethtool -s "$dev" advertise 0x010
refuses "EEE, which the device has not" ethtool --set-eee "$dev" eee on
refuses "bytes beyond the NVM" ethtool -e "$dev" offset 100000 length 4
is "$(settings)" "$before" "all that is refused changes nothing"
ok "link: all speeds" ethtool -s "$dev" advertise 0x02f
is "$(modes)" "$all" "link: all speeds are offered again"
ok "link: up again" wait_carrier "$dev" 20
# The device interrupts when it is done, whether or not anybody saw the link go.
changes=$(counter "$dev" msg4_interrupts)
more_changes() { [ "$(counter "$dev" msg4_interrupts)" -gt "$changes" ]; }
ok "link: negotiated again" ethtool -r "$dev"
ok "link: it did" wait_for 20 more_changes
ok "link: up again" wait_carrier "$dev" 20

# --- loopback

broadcasts() { ethtool -S "$dev" --groups eth-mac | sed -n 's/^eth-mac-BroadcastFramesReceivedOK: //p'; }
# How many of five broadcasts come back, and how many reach the peer.
hears()
{
	local back peers

	back=$(broadcasts) peers=$(peer_counter rx_broadcast)
	ping -q -b -c 5 -i 0.01 -W 0.1 192.0.2.255 >/dev/null 2>&1
	echo "$(($(broadcasts) - back)) $(($(peer_counter rx_broadcast) - peers))"
}
is "$(hears)" "0 5" "loopback: without, the peer hears"
ok "loopback: on" ethtool -K "$dev" loopback on
ok "loopback: has a link" wait_carrier "$dev" 20
is "$(hears)" "5 0" "loopback: only we hear"
ok "loopback: other speeds to offer later" ethtool -s "$dev" advertise 0x020
is "$(hears)" "5 0" "loopback: stays"
ip link set "$dev" down
ip link set "$dev" up
# QEMU's device has forgotten the link in that reset, and without receives nothing.
ok "loopback: has a link after down and up" wait_carrier "$dev" 20
is $(($(dumped "$(phy 0)") & 0x4000)) $((0x4000)) "loopback: the PHY loops back"
ok "loopback: off" ethtool -K "$dev" loopback off
ok "loopback: link" wait_for 20 link_is "1000Mb/s Full on"
is "$(modes)" "1000baseT/Full" "loopback: off: those speeds are offered now"
is "$(hears)" "0 5" "loopback: off: the peer hears"
ok "link: all speeds once more" ethtool -s "$dev" autoneg on
ok "link: up" wait_carrier "$dev" 20

# --- pause

pause() { ethtool -a "$dev" | sed -n 's/^\(Autonegotiate\|RX\|TX\):[[:space:]]*//p' | xargs; }
is "$(pause)" "on on on" "pause: both directions, negotiated"
for want in "off on off 1 0xc00" "off off on 2 0x800" "off off off 0 0x000" "off on on 3 0x400"; do
	read -r autoneg rx tx bits offered <<<"$want"
	ok "pause: rx $rx tx $tx" ethtool -A "$dev" autoneg "$autoneg" rx "$rx" tx "$tx"
	is "$(pause)" "$autoneg $rx $tx" "pause rx $rx tx $tx: it says so"
	is "$(($(dumped "$(phy 4)") & 0xc00))" "$((offered))" "pause rx $rx tx $tx: what the PHY offers"
	ok "pause rx $rx tx $tx: link" wait_carrier "$dev" 20
	ok "pause rx $rx tx $tx: what the device does" wait_for 20 pause_is "$bits"
done
ok "pause: negotiated again" ethtool -A "$dev" autoneg on rx on tx on
ok "pause: link" wait_carrier "$dev" 20
like "$(ethtool -I -a "$dev")" 'tx_pause_frames: [0-9]+.*rx_pause_frames: [0-9]+' "pause: frames are counted"
like "$(ethtool -S "$dev" --groups eth-ctrl eth-phy)" SymbolErrorDuringCarrier "PHY and control statistics"

# --- LEDs, wake-up

leds=$(mmio 0xe00)
leds_are() { [ "$(mmio 0xe00)" = "$1" ]; }
ethtool -p "$dev" &
ok "identify: the LEDs are on" wait_for 60 leds_are 0x0e0e0e0e
ok "identify: the LEDs are off" wait_for 60 leds_are 0x0f0f0f0f
kill $!
wait $!
is "$(mmio 0xe00)" "$leds" "identify: in the end they are as before"
wakeup() { echo "$(ethtool "$dev" | sed -n 's/.*\tWake-on: //p') $(<"/sys/bus/pci/devices/$pci/power/wakeup")"; }
is "$(wakeup)" "d disabled" "wake-up: off"
ok "wake-up: by a magic packet or a link" ethtool -s "$dev" wol pg
is "$(wakeup)" "pg enabled" "wake-up: it says so, and so does the kernel"
refuses "wake-up by filters" ethtool -s "$dev" wol f
is "$(wakeup)" "pg enabled" "wake-up: and changes nothing"
ok "wake-up: off" ethtool -s "$dev" wol d
is "$(wakeup)" "d disabled" "wake-up: off again"

# --- self-test

results() { sed -n 's/^\([A-Z].*[a-z)]\)[[:space:]]*\([0-9][0-9]*\)$/\1=\2/p' | sort | xargs; }
passed="Link=0 Loopback (offline)=0 Messages=0 NVM checksum=0 Registers (offline)=0"
mark
said=$(ethtool -t "$dev" online)
is "$? $(results <<<"$said")" "0 $passed" "self-test: passes online"
mark
interrupted=0
for ((msg = 0; msg < msgs; msg++)); do
	[ "$(grew "irq\.msg${msg}_count")" = 0 ] || interrupted=$((interrupted + 1))
done
is $interrupted "$(messages)" "self-test: every message interrupted, says /proc/interrupts"
contract "self-test"
peer tcpdump -U -n -i peer0 -w /run/peer.pcap 2>/run/tcpdump &
watcher=$!
ok "self-test: the peer listens" wait_for 30 grep -q listening /run/tcpdump
ping -q -c 1 $addr_b4 >/dev/null
said=$(ethtool -t "$dev" offline)
is "$? $(results <<<"$said")" "0 $passed" "self-test: passes offline" || diag "$said"
# What came in between is in the file when the second is.
heard() { [ "$(tcpdump -n -r /run/peer.pcap icmp 2>/dev/null | grep -c request)" -ge 2 ]; }
ok "self-test: link" wait_carrier "$dev" 20
ping_peer() { ping -q -c 1 -W 5 "$addr_b4" >/dev/null; }
ok "self-test: the peer answers" wait_for 30 ping_peer
ok "self-test: the peer hears" wait_for 20 heard
kill $watcher
wait $watcher
is "$(tcpdump -n -r /run/peer.pcap ether proto 0x88b5 2>/dev/null | grep -c .)" 0 \
	"self-test: but not the loopback's frames"
ok "self-test: and nothing is lost" traffic udp --flows 16 --packets 50
mark
accounts "self-test"

# what it is for: something that is not as it should be
cable nic-a down
ok "no carrier" wait_for 20 sh -c "! grep -q 1 /sys/class/net/$dev/carrier"
said=$(ethtool -t "$dev" online)
isnt0 "$?" "self-test: fails without a link"
is "$(results <<<"$said")" "${passed/Link=0/Link=67}" "self-test: at that and nothing else"
cable nic-a up
ok "carrier" wait_carrier "$dev" 20
# behind the driver's back: message 1 is routed nowhere and cannot interrupt
mmio 0x01528 2
mmio 0x01514 0
said=$(ethtool -t "$dev" online)
isnt0 "$?" "self-test: fails with messages that do not interrupt"
is "$(results <<<"$said")" "${passed/Messages=0/Messages=110}" "self-test: at that and nothing else"
ip link set "$dev" down
said=$(ethtool -t "$dev" offline)
like "$(results <<<"$said")" 'Registers .offline.=0' "self-test: registers while down"
is "$(cat "/sys/class/net/$dev/operstate")" down "self-test: still down"
ip link set "$dev" up
ok "link" wait_carrier "$dev" 20
fixed_neighbours
ok "and nothing is lost" traffic udp --packets 50
ok "the module is unloaded" unload_module
done_testing
