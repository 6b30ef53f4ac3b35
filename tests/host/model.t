#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The engine's protocol as a model, tests/model/protocol.pml: searched through completely as it is,
# with STRESS (make test-long) also for more runs in which nothing goes on; with MODEL=full (make model)
# within wider bounds, and with one thing taken away at a time, where the search must find what goes wrong.
. tests/lab/tap.sh

model=$PWD/tests/model/protocol.pml
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

# More than the longest path; searching stops at 2 GB, which is then no complete search.
depth=200000 megabytes=2000

# Several searches at once, but for the large ones; they are judged in order.
[ "${MODEL:-}" = full ] && at_once=1 || at_once=$(nproc)
begun=0 judged=0 regexes=() titles=() searches=()

# Search the model with the bounds named in BOUNDS, e.g. "PACKETS=2 STRAYS=1"; all others are 0.
# Prints Spin's report.
search() # OPTIMIZE safety|liveness BOUNDS [MACRO...]
{
	local optimize=$1 kind=$2 bounds=$3 bound compile run
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
	# -o3: one step is one statement of the model
	# shellcheck disable=SC2086
	spin -o3 -a "${macros[@]}" "$model" && gcc $optimize -w $compile -o pan pan.c &&
		./pan -m$depth $run
}

# Begin a search, in a directory of its own. It finds an error, and this one; or, without a REGEX, it
# is complete and finds nothing.
begin() # REGEX OPTIMIZE KIND BOUNDS [MACRO...]
{
	[ $((begun - judged)) -lt "$at_once" ] || judge
	mkdir "$begun"
	regexes[begun]=$1 titles[begun]="$3, ${4,,}${5:+ ${*:5}}"
	(cd "$begun" && search "${@:2}") >"$begun/said" 2>&1 &
	searches[begun]=$!
	begun=$((begun + 1))
}
# Wait for the first of them that was not judged yet.
judge()
{
	local said regex=${regexes[judged]} what=${titles[judged],,}

	wait "${searches[judged]}"
	said=$(<"$judged/said")
	rm -r "$judged"
	judged=$((judged + 1))
	if [ -n "$regex" ]; then
		like "$(sed -nE 's/msg\[M\]\.//g; s/^pan:1: //p' <<<"$said")" "$regex" "$what: caught"
	elif [[ $said == *'errors: 0'* && $said != *'Search not completed'* &&
		$said != *'max search depth too small'* ]]; then
		pass "$what: $(sed -nE 's/^ *([0-9.e+]+) states, stored.*/\1 states/p' <<<"$said")"
	else
		diag "$said"
		fail "$what"
	fi
}
breaks() { begin "$1" -O0 "${@:2}"; } # REGEX KIND BOUNDS MACRO...
# $optimize is the compiler's option: optimizing takes two seconds, which only the longer searches
# make up for.
holds() { begin "" "$optimize" "$@"; } # KIND BOUNDS [MACRO...]

two_on_the_ring='!\(working'
work_left='\(ring\[0\]==0\)'
left_disabled='unmasked&&\(outstanding==0\)'
late_left='!\(again\)'
enabled_twice='!\(unmasked\)'
dpc_outstanding='violated \(+ !\(dpcs\[0\]\.owes\)&& !\(dpcs\[1\]\.owes\)\)&&\(owing==0\)'
enabled_held='!\(held\)'
account_wrong='outstanding==2'
never_ends='non-progress cycle'

if [ "${MODEL:-}" = full ]; then
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
	breaks "$enabled_held" safety 'PACKETS=1 HOLDS=1' BROKEN_IRQS_ON
	breaks "$dpc_outstanding" safety 'PACKETS=1 STRAYS=1 HOLDS=1' BROKEN_HOLD_WITH_ISR

	# Two messages
	breaks "$account_wrong" safety 'PACKETS=2' MESSAGES=2 BROKEN_ONE_ACCOUNT
fi

# Small ones first.
optimize=-O0
holds liveness 'PACKETS=1 STRAYS=1'
if [ -n "${STRESS:-}${MODEL:-}" ]; then
	holds liveness 'PACKETS=1 STRAYS=1' SPREAD
	holds liveness 'PACKETS=1 CALLS=1'
	holds liveness 'PACKETS=1 HOLDS=1'
	holds liveness 'PACKETS=2' MESSAGES=2
fi
holds safety 'PACKETS=1 STRAYS=1' START
holds safety 'PACKETS=2 STRAYS=1' ASKED
holds safety 'PACKETS=2 HOLDS=1' ASKED
optimize=-O1
holds safety 'PACKETS=2' MESSAGES=2 SPREAD
holds safety 'PACKETS=1 POLLS=1' THREADED
holds safety 'PACKETS=2 STRAYS=1 TIMERS=1'
holds safety 'PACKETS=2 STRAYS=1' SPREAD
holds safety 'PACKETS=2 CALLS=1' SPREAD
holds safety 'PACKETS=2 CALLS=2'
holds safety 'PACKETS=1 STRAYS=1 HOLDS=1' START

if [ "${MODEL:-}" = full ]; then
	optimize=-O2
	holds liveness 'PACKETS=1 POLLS=1' THREADED
	holds liveness 'PACKETS=1 STRAYS=1 TIMERS=1' THREADED
	holds liveness 'PACKETS=1 STRAYS=1 CALLS=1' SPREAD
	holds liveness 'PACKETS=2 CALLS=1'
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1'
	holds safety 'PACKETS=1 CALLS=1 POLLS=1'
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1' START
	holds safety 'PACKETS=1 STRAYS=1 POLLS=1' THREADED
	holds safety 'PACKETS=2 STRAYS=1' THREADED
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
	holds safety 'PACKETS=2 STRAYS=1' MESSAGES=2
	holds safety 'PACKETS=2 CALLS=1' MESSAGES=2
	holds safety 'PACKETS=2' MESSAGES=2 THREADED
	holds safety 'PACKETS=2 STRAYS=1' MESSAGES=2 SPREAD
	holds safety 'PACKETS=2 CALLS=1' MESSAGES=2 SPREAD
fi

while [ $judged -lt $begun ]; do judge; done
done_testing
