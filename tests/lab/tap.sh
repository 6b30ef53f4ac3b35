# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The Test Anything Protocol: the few words of it that the tests need.
#
# Debian's sharness and bats were looked at. Both want a test's body as a string
# or function that they run, in a directory they make; the few lines here leave
# a test a plain script.

tap_count=0 tap_failed=0 tap_planned=''

diag() { printf '# %s\n' "${@//$'\n'/$'\n'# }" >&2; }
plan() { tap_planned=$1; echo "1..$1"; } # COUNT
pass() { tap_count=$((tap_count + 1)); echo "ok $tap_count - $1"; }
fail() # DESCRIPTION
{
	tap_count=$((tap_count + 1)) tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $1"
	return 1
}
# ok DESCRIPTION COMMAND...: the command succeeds; what it said is shown if not
ok()
{
	local what=$1 said status

	shift
	said=$("$@" 2>&1) && { pass "$what"; return; }
	status=$?
	diag "status $status from: $*" ${said:+"$said"}
	fail "$what"
}
is() # GOT EXPECTED DESCRIPTION
{
	[ "$1" = "$2" ] && { pass "$3"; return; }
	diag "     got: $1" "expected: $2"
	fail "$3"
}
like() # GOT REGEX DESCRIPTION
{
	[[ $1 =~ $2 ]] && { pass "$3"; return; }
	diag "     got: $1" "no match: $2"
	fail "$3"
}
# The test points of a program, among ours; one more says that it came to its end.
points_of() # COMMAND...
{
	local line before=$tap_count failed=$tap_failed planned='' status='' expected=0

	while read -r line; do
		case $line in
		"ok "*) pass "${line#ok * - }" ;;
		"not ok "*) fail "${line#not ok * - }" ;;
		1..0*) planned=some ;;
		1..*) planned=${line#1..} ;;
		"ended "*) status=${line#ended } ;;
		*) diag "${line#\# }" ;;
		esac
	done < <("$@"; echo "ended $?")
	[ "$tap_failed" = "$failed" ] || expected=1
	is "$status $((tap_count - before))" "$expected ${planned%% *}" "$1: it came to its end"
}
skip() { tap_count=$((tap_count + 1)); echo "ok $tap_count - $1 # SKIP $2"; } # DESCRIPTION WHY
skip_all() { echo "1..0 # SKIP $1"; exit 0; }                                 # WHY
done_testing()
{
	[ -n "$tap_planned" ] || echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
	exit
}
