#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The engine's protocol as a model, tests/model/protocol.pml: searched through completely as it is,
# and with one thing taken away at a time, where the search must find what goes wrong.
. tests/lab/tap.sh

model=$PWD/tests/model/protocol.pml
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

# More than the longest path; searching stops at 2 GB, which is then no complete search.
depth=200000 megabytes=2000

# Search the model with the bounds named in BOUNDS, e.g. "PACKETS=2 STRAYS=1"; all others are 0.
# $what says which and how much, $said has Spin's report.
search() # safety|liveness BOUNDS [MACRO...]
{
	local kind=$1 bounds=$2 compile run
	local -a macros=()

	shift 2
	for bound in PACKETS=0 STRAYS=0 POLLS=0 TIMERS=0; do
		[[ $bounds == *${bound%0}* ]] || macros+=("-D$bound")
	done
	for bound in $bounds "$@"; do
		macros+=("-D$bound")
	done
	# no partial order reduction: it is not valid with "provided"
	compile="-DNOREDUCE -DCOLLAPSE -DMEMLIM=$megabytes"
	if [ "$kind" = safety ]; then
		compile+=' -DSAFETY' run=''
	else
		compile+=' -DNP -DNFAIR=3' run='-l -f'
	fi
	what="$kind, ${bounds,,}${*:+ ${*,,}}"
	rm -f pan* ./*.trail
	# -o3: one step is one statement of the model
	# shellcheck disable=SC2086
	said=$(spin -o3 -a "${macros[@]}" "$model" 2>&1 && gcc -O2 -w $compile -o pan pan.c 2>&1 &&
	       ./pan -m$depth $run 2>&1)
}

# Complete, and nothing found.
holds() # KIND BOUNDS [MACRO...]
{
	search "$@"
	if [[ $said == *'errors: 0'* && $said != *'Search not completed'* &&
	      $said != *'max search depth too small'* ]]; then
		pass "$what: $(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1 states/p' <<<"$said")"
	else
		diag "$said"
		fail "$what"
	fi
}

# Finds an error, and this one.
breaks() # REGEX KIND BOUNDS MACRO...
{
	local regex=$1

	shift
	search "$@"
	like "$(sed -nE 's/^pan:1: //p' <<<"$said")" "$regex" "$what: caught"
}

two_on_the_ring='working==1'
packet_left='\(ring==0\)'
left_disabled='unmasked&&\(outstanding==0\)'
enabled_too_early='debts==0'
account_wrong='outstanding==2'
never_ends='non-progress cycle'

breaks "$enabled_too_early" safety 'PACKETS=2' BROKEN_CLOSE_FIRST
breaks "$account_wrong" safety 'PACKETS=1 POLLS=1' BROKEN_OWES_AFTER_COMPLETE
breaks "$account_wrong" safety 'PACKETS=1 POLLS=1' BROKEN_UNSOLICITED_ENABLES
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1' BROKEN_NO_SECOND_PREP
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1 TIMERS=1' BROKEN_DEBT_GAP
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1 TIMERS=1' BROKEN_DEBT_GAP THREADED
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1 TIMERS=1' BROKEN_NO_OWES_BARRIER
breaks "$enabled_too_early" safety 'PACKETS=1 STRAYS=1' BROKEN_CLOSED_AT_START START
breaks "$packet_left" safety 'PACKETS=1 STRAYS=1' BROKEN_NO_LATE_LOOK
breaks "$packet_left" safety 'PACKETS=1 STRAYS=1' BROKEN_NO_TRIGGER
breaks "$packet_left" safety 'PACKETS=1 STRAYS=1 POLLS=1 TIMERS=1' BROKEN_NO_VISIT_TRIGGER
breaks "$packet_left" safety 'PACKETS=2 STRAYS=1' BROKEN_NO_FOREIGN_BARRIER THREADED
breaks "$two_on_the_ring" safety 'PACKETS=1 POLLS=1' BROKEN_NO_GUEST
breaks "$two_on_the_ring" safety 'PACKETS=1 POLLS=1' BROKEN_LOOK_THEN_MOVE
breaks "$two_on_the_ring" safety 'PACKETS=1 POLLS=1' BROKEN_HOME_TAKEN_BACK
breaks "$never_ends" liveness 'PACKETS=1 STRAYS=1 POLLS=1' BROKEN_IRQS_ON
breaks "$never_ends" liveness 'PACKETS=1 STRAYS=1' BROKEN_ASKS_ITSELF THREADED

# About a minute of these belongs to `make test`; MODEL=full searches everything.
holds liveness 'PACKETS=1 STRAYS=1'
holds liveness 'PACKETS=1 POLLS=1' THREADED
holds safety 'PACKETS=1 STRAYS=1 POLLS=1' START
holds safety 'PACKETS=2 STRAYS=1 TIMERS=1'
holds safety 'PACKETS=1 STRAYS=1 POLLS=1'
holds safety 'PACKETS=1 POLLS=1 TIMERS=1'
holds safety 'PACKETS=1 POLLS=1 TIMERS=1' THREADED

if [ "${MODEL:-}" = full ]; then
	holds liveness 'PACKETS=1 STRAYS=1 POLLS=1'
	holds liveness 'PACKETS=1 POLLS=1 TIMERS=1'
	holds liveness 'PACKETS=1 STRAYS=1 TIMERS=1' THREADED
	holds safety 'PACKETS=3 STRAYS=1 TIMERS=1'
	holds safety 'PACKETS=2 STRAYS=1 TIMERS=2'
	holds safety 'PACKETS=2 POLLS=1 TIMERS=1'
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1 TIMERS=1'
	holds safety 'PACKETS=1 POLLS=2 TIMERS=1'
	holds safety 'PACKETS=2 STRAYS=1 TIMERS=1' THREADED
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1' THREADED
fi

done_testing
