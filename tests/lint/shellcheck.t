#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every shell script of the project passes shellcheck.
cd "$(dirname "$0")/../.." || exit

# Not by git: the lab sees a checkout, not always a repository.
scripts=$(grep -rlE -m1 '^#!.*sh$|^# shellcheck shell=' . \
	--exclude-dir=.git --exclude-dir=build --exclude-dir=results --exclude='*.md' | sort)
[ -n "$scripts" ] || { echo "Bail out! found no shell scripts"; exit 1; }

# Not asked for: SC2015, "A && B || C" is meant where it is written; SC2016,
# '$' in single quotes is for another shell; SC2317, a function may be called by
# name, as ok() and its like do.
not_asked=SC2015,SC2016,SC2317
check() { shellcheck -x -P . -P tests/lab -P SCRIPTDIR -e $not_asked -f gcc "$1"; }
# Without a look at what a script sources, which takes five times as long: which variables are used
# and set is then not known. What is found so may be none. With STRESS (make test-long) it says nothing.
quick() { [ -z "${STRESS:-}" ] && shellcheck -e $not_asked,SC1091,SC2154,SC2034 "$1" >/dev/null; }

count=0 failed=0
for script in $scripts; do
	count=$((count + 1))
	if quick "$script" || said=$(check "$script"); then
		echo "ok $count - $script"
	else
		echo "not ok $count - $script"
		printf '# %s\n' "${said//$'\n'/$'\n'# }" >&2
		failed=1
	fi
done
echo "1..$count"
exit $failed
