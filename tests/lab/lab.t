#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The lab's promise: whatever happens in the machine, the caller learns of it.
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/lab/tap.sh
. "$here/tap.sh"
cd "$here/../.." || exit

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Run the machine; leave its status in $status, its output in $tmp/out and /err.
lab()
{
	status=0
	tests/lab/run --name lab.t "$@" >"$tmp/out" 2>"$tmp/err" || status=$?
}
# It ended so; what it said on stderr is shown if not.
ends() # STATUS DESCRIPTION
{
	is $status "$1" "$2" || diag "$(cat "$tmp/err")"
}
# What was said on stderr has such a line; all of it is shown if not.
said() # REGEX DESCRIPTION
{
	grep -qE -e "$1" "$tmp/err" && { pass "$2"; return; }
	diag "no match for: $1" "$(cat "$tmp/err")"
	fail "$2"
}

# without a machine
lab --no-such-option
ends 125 "an unknown option is the lab's failure"
said 'unknown option --no-such-option' "and is named"
lab --qemu -no-such-thing true
ends 125 "so is a QEMU that does not start"
said 'QEMU failed with status 1' "and its own words are shown"

lab --kernel 5.10 true
ends 125 "so is a kernel that the lab does not know"
said "no kernel '5.10' in the lab. There are: 6.12, 6.1, backports" "and those it knows are named"

# what the command does
rm -f tests/results/lab.kept
lab --verbose --cpus 2 --device pci-testdev sh -c 'nproc; echo oops >&2; lspci -n | grep -c 1b36:0005
	echo kept >"$LAB_RESULTS/lab.kept"; exit 7'
ends 7 "the command's exit status is run's"
is "$(cat "$tmp/out")" "2"$'\n'"1" "its output too, and nothing else; --cpus, --device"
said '^oops$' "its stderr too"
is "$(cat tests/results/lab.kept)" kept "and what it leaves among the results"
start=$(sed -n 's/.*the command started after \([0-9]*\).*/\1/p' "$tmp/err")
diag "$(grep 'the command started' "$tmp/err")"
ok "the time to its start is known (not judged: this machine may be busy)" test -n "$start"

# what the kernel says
lab sh -c 'echo "<4>WARNING: not really" >/dev/kmsg'
ends 123 "a warning in the kernel's log fails the run"
said 'WARNING: not really' "and is shown"
rm "$tmp/out"
lab --allow-log 'WARNING: not really' --interactive --timeout 200 \
	< <(for _ in {1..1000}; do ! grep -qs 'dpcnic-lab.*# ' "$tmp/out" || break; sleep 0.2; done # a prompt
	    echo 'echo "<4>WARNING: not really" >/dev/kmsg; exit 3')
ends 3 "unless it was allowed; and an interactive shell's status is run's"
lab --icount sh -c 'nproc; echo 512 >/proc/sys/kernel/tainted'
ends 123 "a warning's taint flag without its text does too"
is "$(cat "$tmp/out")" 1 "--icount: one processor"

# As an Oops has it, with this byte before the instruction pointer.
int3() { lab sh -c "for line in 'Oops: int3: 0000' 'Code: 0f $1 <9a> 02'; do echo \"<4>\$line\" >/dev/kmsg; done"; }
int3 cc
ends 123 "a breakpoint that nobody expects is the kernel's fault"
int3 e9
ends 126 "one that is none is QEMU's"

# what ends the machine
lab sh -c 'echo c >/proc/sysrq-trigger'
ends 125 "a panic is the lab's failure"
said 'Kernel panic .*sysrq triggered crash' "and is named"
said 'console\| .*RIP: ' "and the console's tail is shown"
lab --timeout 30 sleep 1000 # which a busy machine may not come to: it hangs either way
ends 124 "a machine that hangs is stopped"
said 'console\| .' "and the console is shown"
# from this side, by QMP: perl, because that is there where prove is
# shellcheck disable=SC2016 # perl's
ask='use IO::Socket::UNIX; my ($path, $out) = @ARGV; my $s; $| = 1;
sub until_there { until ($_[0]->()) { die "not there" if time - $^T > 500; select undef, undef, undef, .1 } }
until_there(sub { -s $out }); # before, the machine may be one that is tried again
until_there(sub { $s = IO::Socket::UNIX->new($path) });
print scalar <$s>;
print $s qq({"execute": "qmp_capabilities"}\n{"execute": "quit"}\n); 1 while <$s>;'
rm "$tmp/out"
perl -e "$ask" "$tmp/qmp" "$tmp/out" >"$tmp/answer" 2>&1 &
lab --qmp "$tmp/qmp" sh -c 'echo the command has started; sleep 100'
kill $! 2>/dev/null # what could not ask by now will not
wait
like "$(cat "$tmp/answer")" '"QMP"' "--qmp: QEMU answers at the path given"
ends 125 "a machine that goes away is the lab's failure"

# and through prove
mkdir -p tests/results/tests/vm
cat >tests/results/tests/vm/warns.t <<'T'
#!/bin/bash
# lab: --cpus 1 --timeout 60
echo "<4>BUG: not really" >/dev/kmsg
echo "ok 1 - $(nproc) processor"
echo 1..1
T
chmod +x tests/results/tests/vm/warns.t
status=0
out=$(tests/lab/prove-exec tests/results/tests/vm/warns.t 2>/dev/null) || status=$?
is $status 123 "prove-exec passes the status on"
like "$out" 'ok 1 - 1 processor' "a test's options are in its header"
like "$out" 'not ok - lab: the kernel' "and prove sees a failed test"
rm -r tests/results/tests
done_testing
