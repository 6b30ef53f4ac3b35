#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tests/selftests/table.py makes of what the kernel's self-tests say: make selftests is right
# only if it is, and takes hours.
. "$(dirname "$0")/../lab/tap.sh"
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dir=$work/6.12-backports
mkdir -p "$dir"/{dpcnic,igb}
echo 6.12.1 >"$dir/kernel"
echo 7.3.4-1 >"$dir/source"
printf '%s\n' hw/ethtool_rmon.sh hw/irq.py hw/tso.py ping.py >"$dir/tests"

left() # DRIVER TEST STATUS [FAULT...]: its output is stdin
{
	cat >"$dir/$1/$2.out"
	echo 0123abc >"$dir/$1/$2.commit"
	printf '%s\n' "${@:3}" >"$dir/$1/$2.end"
}
table() { said=$(tests/selftests/table.py "$dir" 2>"$work/err"); status=$?; }
row() { sed -n "s/^| [^|]*| $1 | \([^|]*\) | \([^|]*\) | .*/\1 \2/p" <<<"$said"; } # CASE

both="# Interface: eth0
TAP version 13
1..3
ok 1 ping.test_v4
# Check failed 0 < 1
not ok 2 ping.test_tcp
ok 3 ping.test_v6 # SKIP Test requires IPv6
# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0"
left dpcnic ping.py 1 <<<"$both"
left igb ping.py 1 <<<"$both"
table
is $status 0 "what both fail is no reason to fail"
is "$(row test_v4)" "pass pass" "ok is a pass"
is "$(row test_tcp)" "FAIL FAIL" "not ok is a failure"
is "$(row test_v6)" "skip skip" "SKIP is a skip"
like "$said" "Kernel 6.12.1, tests of 7.3.4-1" "which kernel and whose tests is said"
like "$said" "| dpcnic | 1 | 1 | 1 | 0 |" "they are counted"
like "$said" "Not run yet with both: hw/ethtool_rmon.sh, hw/irq.py, hw/tso.py\." "what has not run is, too"
like "$said" "test_tcp | FAIL | FAIL | \*\*not explained" "a failure without a reason is told"

left dpcnic hw_irq.py 1 <<<"not ok 1 irq.check_down"
left igb hw_irq.py 0 <<<"ok 1 irq.check_down"
table
is $status 1 "what igb passes and dpcnic fails is one"
is "$(<"$work/err")" "6.12-backports: hw/irq.py check_down: dpcnic FAIL, igb pass" "and named"
left dpcnic hw_irq.py 0 <<<"ok 1 irq.check_down # SKIP no"
table
is $status 1 "so is what dpcnic skips"
left dpcnic hw_irq.py 124 </dev/null
table
is $status 1 "so is what it does not come to"
is "$(row check_down)" "not run pass" "which is told"
is "$(row '(ends in time)')" "FAIL pass" "and why"
left dpcnic hw_irq.py machine "the machine died" </dev/null
table
is "$status $(row '(the machine survives)')" "1 FAIL pass" "so is a machine that died"
left dpcnic hw_irq.py 0 "WARNING: at net/core" <<<"ok 1 irq.check_down"
table
is "$status $(row "(the kernel's log is clean)")" "1 FAIL pass" "so is a dirty log"

left dpcnic hw_irq.py 0 <<<"ok 1 irq.check_down"
left dpcnic hw_ethtool_rmon.sh 1 <<'EOS'
TEST: rmon_rx_histogram                                             [ OK ]
TEST: rmon_tx_histogram                                             [FAIL]
EOS
left igb hw_ethtool_rmon.sh 4 <<<"SKIP: no"
table
is "$status $(row rmon_rx_histogram)" "0 pass not run" "a shell's test: OK is a pass"
is "$(row rmon_tx_histogram)" "FAIL not run" "FAIL a failure"
is "$(row '(as a whole)')" "pass skip" "and one without cases counts as a whole"
left igb hw_ethtool_rmon.sh 4 <<<"TEST: SKIP: no                                                      [ OK ]"
table
is "$(row '(as a whole)')" "pass skip" "also where it says so as if that were a case"
for driver in dpcnic igb; do
	printf 'ok 1 tso.ipv4\nok 2 tso.ipv6\n' | left $driver hw_tso.py 0
done
table
is "$(row 'ipv4; ipv6')" "pass pass" "like cases share a line"

# keeping: the page was made of other results, and there are new ones of one test
tests/selftests/table.py "$dir" >"$work/page" 2>/dev/null
rm -r "$dir"/{dpcnic,igb}
mkdir "$dir"/{dpcnic,igb}
kept() { said=$(tests/selftests/table.py --keep "$work/page" "$dir" 2>"$work/err"); status=$?; }
kept
is "$said" "$(<"$work/page")" "what has no new results stays as it was"
echo "ok 1 ping.test_tcp" | left dpcnic ping.py 0
kept
is "$(row test_tcp)" "pass FAIL" "new ones come in the place of the old, of that driver"
is "$(row check_down)" "pass pass" "and of that test"
left igb ping.py 124 </dev/null
kept
tests/selftests/table.py --keep "$work/page" "$dir" >"$work/page2" 2>/dev/null
echo "ok 1 ping.test_tcp" | left igb ping.py 0
said=$(tests/selftests/table.py --keep "$work/page2" "$dir")
is "$(row '(ends in time)')" "" "a test that ends in time now did not fail to once"
echo 6.12.2 >"$dir/kernel"
kept
is "$(row check_down)" "" "what another kernel said does not stay"
mv "$dir" "$work/7.3-backports"
dir=$work/7.3-backports
kept
is "$(row check_down)" "pass pass" "unless it has a part of its own"
done_testing
