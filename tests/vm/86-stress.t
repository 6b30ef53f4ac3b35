#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --tcg-thread multi
# Everything that can be changed is changed at random, under load (stress.py): then every packet is
# accounted for (V1), and what dpctool counted all the time is what the driver counted (V2). For
# DURATION seconds, of SEED: make stress.
. "${0%/*}/common.sh"
. "${0%/*}/json.sh"
seed=${SEED:-7}

start_dpcnic
fixed_neighbours
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
ethtool -L "$dev" combined 16
settle
mark
early=$(ethtool -S "$dev" | awk '/msg[0-9]+_(late|empty):/ { sum += $2 } END { print sum }')
build/dpctool -j show dev "$dev" -- sh -c \
	"exec $vm/stress.py $seed ${DURATION:-15} $dev >/run/said 2>&1" >/run/shown
ended=$?
diag "$(grep -c . /run/said) lines; the last:" "$(tail -n 5 /run/said)"
is $ended 0 "SEED=$seed: every change succeeded" || done_testing # who knows what goes on
settle
mark
accounts "after all"
contract "after all"
diag "broken off: $(grew 'S\.msg[0-9]+_cancelled') batches, $(grew 'S\.msg[0-9]+_dpc_cancelled') entries"
is "$(unclaimed)" "" "I1 after all: every interrupt was claimed"
is "$(grew 'S\.(tx_timeouts|dma_errors)')" 0 "after all: nothing timed out"
rows=$(json '" ".join("%s=%d" % (key, sum(row[key] for row in rows)) for key in
	     ("runs", "packets", "queued", "requeued", "kept", "unsolicited", "throttled"))' </run/shown)
is "$rows" "$(for name in runs packets "queued|called" requeued kept unsolicited throttled; do
		echo "${name%|*}=$(grew "S\.msg[0-9]+_dpc_($name)")"
	done | xargs)" "V2 after all: what dpctool counted = what the driver counted"
# Late interrupts, and those that found nothing to do, need not have been followed by a run: not by one
# that is seen, or only by one, though they came before anybody looked.
interrupts=$(json 'sum(row["interrupts"] for row in rows)' </run/shown)
least=$(($(grew 'S\.msg[0-9]+_interrupts') - $(grew 'S\.msg[0-9]+_(late|empty)')))
ok "V2 after all: interrupts too" test "$interrupts" -ge $least -a \
	"$interrupts" -le $(($(grew 'S\.msg[0-9]+_interrupts') + early))
diag "interrupts: dpctool $interrupts, driver at least $least"
is "$(json 'd["lost"]["runs"]' </run/shown)" 0 "V2 after all: it lost nothing"
fixed_neighbours
ok "and now nothing is lost" traffic udp --flows 16 --packets 50
mark
nothing_lost "at rest"
contract "at rest"
ok "the module is unloaded" unload_module
ok "no page pool is left" wait_for 20 pools_gone
done_testing
