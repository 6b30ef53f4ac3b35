#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Command lines that make no sense, by the thousand: what a fuzzer makes of what is parsed, and whole
# runs of a dpctool that does not survive what C leaves undefined.
. tests/lab/tap.sh
flock cli make -s -C cli sanitized >&2 || exit 1

files=$(mktemp -d) top=$PWD
trap 'rm -rf "$files"' EXIT
tests/host/recording.py "$files" >/dev/null
dpctool=$top/build/sanitized/dpctool
[ -n "${STRESS:-}" ] && runs=2000000 lines=10000 || runs=100000 lines=150

# The words there are are what to begin with.
mkdir "$files/corpus"
mapfile -t good < <(sed -n '/^good = /,/^"""/s/^    //p' tests/host/args.py)
for line in "${!good[@]}"; do
	printf '%s' "${good[line]}" | tr ' ' '\0' >"$files/corpus/$line"
done
build/sanitized/cli/args-fuzz -runs="$runs" -seed=1 -max_len=256 -artifact_prefix="$files/" -close_fd_mask=3 \
	"$files/corpus" 2>"$files/fuzzed"
is $? 0 "$runs inputs of a fuzzer: no crash, no leak, nothing undefined" || diag "$(tail -n 40 "$files/fuzzed")"

# In a network of its own, with no device but lo: some of it might do something.
wrong=$(cd "$files" && unshare --net "$top/tests/host/args.py" "$dpctool" "$lines" 2>&1)
is "$wrong" "" "$lines command lines: each ends, with its status and a reason"

if [ -n "${STRESS:-}" ]; then
	# what ncurses does not free where it does not know the terminal
	echo leak:libtinfo >"$files/known"
	ok "the screen, too" env DPCTOOL="$dpctool" \
		LSAN_OPTIONS="suppressions=$files/known:print_suppressions=0" tests/host/dpctool-screen.t
fi
done_testing
