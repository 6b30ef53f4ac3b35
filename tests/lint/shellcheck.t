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
check() { shellcheck -x -P . -P tests/lab -P SCRIPTDIR -e SC2015,SC2016,SC2317 -f gcc "$1"; }

count=0 failed=0
for script in $scripts; do
	count=$((count + 1))
	if said=$(check "$script"); then
		echo "ok $count - $script"
	else
		echo "not ok $count - $script"
		printf '# %s\n' "${said//$'\n'/$'\n'# }" >&2
		failed=1
	fi
done
echo "1..$count"
exit $failed
