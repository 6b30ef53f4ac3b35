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
# Of what searches some seconds each, compiling is a part.
optimize=-O1

# Search the model with the bounds named in BOUNDS, e.g. "PACKETS=2 STRAYS=1"; all others are 0.
# $what says which and how much, $said has Spin's report.
search() # OPTIMIZE safety|liveness BOUNDS [MACRO...]
{
	local optimize=$1 kind=$2 bounds=$3 compile run
	local -a macros=()

	shift 3
	for bound in PACKETS=0 STRAYS=0 POLLS=0 TIMERS=0 CALLS=0 HOLDS=0; do
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
		compile+=' -DNP -DNFAIR=6' run='-l -f'
	fi
	what="$kind, ${bounds,,}${*:+ ${*,,}}"
	rm -f pan* ./*.trail
	# -o3: one step is one statement of the model
	# shellcheck disable=SC2086
	said=$(spin -o3 -a "${macros[@]}" "$model" 2>&1 && gcc $optimize -w $compile -o pan pan.c 2>&1 &&
	       ./pan -m$depth $run 2>&1)
}

# Complete, and nothing found.
holds() # KIND BOUNDS [MACRO...]
{
	search "$optimize" "$@"
	if [[ $said == *'errors: 0'* && $said != *'Search not completed'* &&
	      $said != *'max search depth too small'* ]]; then
		pass "$what: $(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1 states/p' <<<"$said")"
	else
		diag "$said"
		fail "$what"
	fi
}

# Finds an error, and this one: mostly in less time than optimizing takes.
breaks() # REGEX KIND BOUNDS MACRO...
{
	local regex=$1

	shift
	search -O0 "$@"
	like "$(sed -nE 's/msg\[M\]\.//g; s/^pan:1: //p' <<<"$said")" "$regex" "$what: caught"
}

two_on_the_ring='!\(working'
work_left='\(ring\[0\]==0\)'
left_disabled='unmasked&&\(outstanding==0\)'
late_left='!\(again\)'
enabled_twice='!\(unmasked\)'
dpc_outstanding='violated \(+ !\(dpcs\[0\]\.owes\)&& !\(dpcs\[1\]\.owes\)\)&&\(owing==0\)'
enabled_held='!\(held\)'
account_wrong='outstanding==2'
never_ends='non-progress cycle'

# The default DPC
breaks "$enabled_twice" safety 'PACKETS=2' BROKEN_CLOSE_FIRST
breaks "$dpc_outstanding" safety 'PACKETS=1 POLLS=1' BROKEN_OWES_AFTER_COMPLETE
breaks "$dpc_outstanding" safety 'PACKETS=1 POLLS=1' BROKEN_UNSOLICITED_ENABLES
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1' BROKEN_NO_SECOND_PREP
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1 TIMERS=1' BROKEN_DEBT_GAP
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1 TIMERS=1' BROKEN_DEBT_GAP THREADED
breaks "$left_disabled" safety 'PACKETS=1 POLLS=1 TIMERS=1' BROKEN_NO_OWES_BARRIER
breaks "$dpc_outstanding" safety 'PACKETS=1 STRAYS=1' BROKEN_CLOSED_AT_START START
breaks "$work_left" safety 'PACKETS=1 STRAYS=1' BROKEN_NO_LATE_LOOK
breaks "$work_left" safety 'PACKETS=1 STRAYS=1' BROKEN_NO_TRIGGER
breaks "$work_left" safety 'PACKETS=1 STRAYS=1 POLLS=1' BROKEN_NO_VISIT_TRIGGER THREADED
breaks "$work_left" safety 'PACKETS=2 STRAYS=1' BROKEN_NO_FOREIGN_BARRIER THREADED
breaks "$two_on_the_ring" safety 'PACKETS=1 POLLS=1' BROKEN_NO_GUEST
breaks "$two_on_the_ring" safety 'PACKETS=1 POLLS=1' BROKEN_LOOK_THEN_MOVE
breaks "$two_on_the_ring" safety 'PACKETS=1 POLLS=1' BROKEN_HOME_TAKEN_BACK
breaks "$never_ends" liveness 'PACKETS=1 STRAYS=1 POLLS=1' BROKEN_IRQS_ON
breaks "$never_ends" liveness 'PACKETS=1 STRAYS=1' BROKEN_ASKS_ITSELF THREADED

# Several DPCs
breaks "$dpc_outstanding" safety 'PACKETS=2 CALLS=2' BROKEN_DEBT_FIRST
breaks "$left_disabled" safety 'PACKETS=2 CALLS=2' BROKEN_CHARGE_NO_XCHG
breaks "$work_left" safety 'PACKETS=1 CALLS=1 POLLS=1' BROKEN_NO_SECOND_CHARGE
breaks "$left_disabled" safety 'PACKETS=2 CALLS=2 POLLS=1' BROKEN_PUT_BACK_NO_XCHG
breaks "$left_disabled" safety 'PACKETS=2 CALLS=2 POLLS=1 TIMERS=1' BROKEN_SURPLUS_DROPPED
breaks "$dpc_outstanding" safety 'PACKETS=1 CALLS=1 POLLS=1' BROKEN_PAYS_NEW_DEBT
breaks "$left_disabled" safety 'PACKETS=1 CALLS=1' BROKEN_PLAIN_COUNT
breaks "$dpc_outstanding" safety 'PACKETS=2 CALLS=2' BROKEN_NO_SHARED_BARRIER
breaks "$dpc_outstanding" safety 'PACKETS=2 STRAYS=1 CALLS=1' BROKEN_LATE_ENTERS
breaks "$left_disabled" safety 'PACKETS=1' SPREAD BROKEN_ISR_NO_PART

# Late interrupts where there is an ISR
breaks "$work_left" safety 'PACKETS=2 STRAYS=1' ASKED BROKEN_NO_LATE_LOOK
breaks "$late_left" safety 'PACKETS=1 STRAYS=1' ASKED BROKEN_NO_SETTLE
breaks "$late_left" safety 'PACKETS=1 STRAYS=1' ASKED BROKEN_NO_LATE_BARRIER
breaks "$late_left" safety 'PACKETS=1 STRAYS=1' ASKED BROKEN_NO_OPEN_BARRIER

# Holds
breaks "$left_disabled" safety 'PACKETS=1 HOLDS=1' BROKEN_PARK_UNLOCKED
breaks "$enabled_held" safety 'PACKETS=1 HOLDS=1' BROKEN_HOLD_NO_WAIT
breaks "$dpc_outstanding" safety 'PACKETS=1 STRAYS=1 HOLDS=1' BROKEN_HOLD_WITH_ISR

# Two messages
breaks "$account_wrong" safety 'PACKETS=2' MESSAGES=2 BROKEN_ONE_ACCOUNT

# About a minute of these belongs to `make test`; MODEL=full searches everything.
holds liveness 'PACKETS=1 STRAYS=1'
holds liveness 'PACKETS=1 STRAYS=1' SPREAD
holds liveness 'PACKETS=1 CALLS=1'
holds liveness 'PACKETS=1 HOLDS=1'
holds liveness 'PACKETS=2' MESSAGES=2
holds safety 'PACKETS=2 STRAYS=1' MESSAGES=2
holds safety 'PACKETS=2' MESSAGES=2 SPREAD
holds safety 'PACKETS=1 POLLS=1' THREADED
holds safety 'PACKETS=1 STRAYS=1' START
holds safety 'PACKETS=2 STRAYS=1 TIMERS=1'
holds safety 'PACKETS=2 STRAYS=1' ASKED
holds safety 'PACKETS=2 STRAYS=1' SPREAD
holds safety 'PACKETS=2 CALLS=1' SPREAD
holds safety 'PACKETS=2 CALLS=2'
holds safety 'PACKETS=1 CALLS=1 POLLS=1'
holds safety 'PACKETS=1 STRAYS=1 HOLDS=1' START
holds safety 'PACKETS=2 HOLDS=1' ASKED

if [ "${MODEL:-}" = full ]; then
	optimize=-O2
	holds liveness 'PACKETS=1 POLLS=1' THREADED
	holds liveness 'PACKETS=1 STRAYS=1 POLLS=1'
	holds liveness 'PACKETS=1 STRAYS=1 TIMERS=1' THREADED
	holds liveness 'PACKETS=1 STRAYS=1 CALLS=1' SPREAD
	holds liveness 'PACKETS=2 CALLS=1'
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1'
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1' START
	holds safety 'PACKETS=3 STRAYS=1 TIMERS=1'
	holds safety 'PACKETS=1 POLLS=1 TIMERS=1'
	holds safety 'PACKETS=1 POLLS=1 TIMERS=1' THREADED
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1' ASKED
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1' SPREAD
	holds safety 'PACKETS=2 STRAYS=1 CALLS=1' SPREAD
	holds safety 'PACKETS=2 STRAYS=1 CALLS=1'
	holds safety 'PACKETS=3 CALLS=2'
	holds safety 'PACKETS=2 CALLS=2 TIMERS=1'
	holds safety 'PACKETS=2 CALLS=1' THREADED
	holds safety 'PACKETS=2 STRAYS=1 HOLDS=1' ASKED
	holds safety 'PACKETS=2 HOLDS=1' SPREAD
	holds safety 'PACKETS=2 CALLS=1 HOLDS=1'
	holds safety 'PACKETS=1 HOLDS=2'
	holds safety 'PACKETS=2 CALLS=1' MESSAGES=2
	holds safety 'PACKETS=2' MESSAGES=2 THREADED
	holds safety 'PACKETS=2 STRAYS=1' MESSAGES=2 SPREAD
	holds safety 'PACKETS=2 CALLS=1' MESSAGES=2 SPREAD
fi

done_testing
