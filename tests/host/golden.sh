# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Whole outputs, held against what they are known to be: . tests/host/golden.sh
#
# A transcript has its licence, then commands, each on a line after "$ ", and below each what it
# prints on both streams: what is run is read from it, and all of it must come out again. After a
# change that is meant, replay FILE >NEW makes it anew.

replay() # TRANSCRIPT
{
	sed -n 1p "$1"
	sed -n 's/^\$ //p' "$1" | while IFS= read -r command; do
		printf '$ %s\n' "$command"
		eval "$command" 2>&1 </dev/null
	done
}

# What is different each time is a #: numbers with their units, and how wide a column is therefore.
# Lines, and objects of JSON, that do not differ but in these are one. So are the CPUs of a map, and
# its marks. How many runs lack a stamp is said if there are any.
shape()
{
	local kernel

	kernel=$(uname -r)
	sed -E "s/${kernel//+/\\+}/KERNEL/; s/([0-9a-f]{2}:){39}[0-9a-f]{2}/KEY/; /^msg/s/[.:=+*%@-]\$/@/
		s/[0-9]+(\.[0-9]+)?(ns|us|ms|s|x|%)?/#/g; s/ +/ /g; s/^ //; s/, unstamped #\$//
		/^cpu/s/( #)+/ #/; s/^scale .* # and/scale and/
		:again; s/(\{[^{}]*\}),\1/\1/; t again" | uniq
}

comes_out_again() # TRANSCRIPT
{
	replay "$1" >/tmp/replayed
	diff -u "$1" /tmp/replayed
}
golden() # DIRECTORY
{
	local transcript

	for transcript in "$1"/*; do
		ok "${transcript##*/}: prints what it is known to print" comes_out_again "$transcript"
	done
}
