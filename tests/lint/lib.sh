# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the checks of this directory; source it. Each looks at the tree it
# lies in, so a copy of tests/lint in another tree checks that (selftest.t).
#
# A tool's rule here: it was found, ended well and said nothing. Anything else
# is a finding, so a tool that is missing or broken never counts as content.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
top=$PWD
# shellcheck source=tests/lab/tap.sh
. tests/lab/tap.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Print the project's files: all that git would not ignore. The lab sees a
# checkout, not always its repository; an empty one stands in.
files() # [GIT-PATTERN...]
{
	[ -d "$work/git" ] || git --git-dir="$work/git" init -q
	git --git-dir="$work/git" --work-tree="$top" \
		ls-files --others --exclude-standard -- "$@" | sort
}

# One test point: the command is content.
quiet() # DESCRIPTION COMMAND...
{
	local what=$1 said status=0

	shift
	said=$("$@" 2>&1) || status=$?
	[ "$status$said" = 0 ] && { pass "$what"; return; }
	diag "status $status" ${said:+"$said"}
	fail "$what"
}

# One test point per file: the function, called with the file, is content.
# As many at once as there are processors.
each() # DESCRIPTION FUNCTION FILE...
{
	local what=$1 check=$2 file

	shift 2
	[ $# -gt 0 ] || { fail "$what: there are files to check"; return; }
	# shellcheck disable=SC2163 # the function it names
	export -f "$check"
	mkdir -p "$work/each"
	# shellcheck disable=SC2016 # '$' is for the inner shell
	printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c '
		said=$work/each/${2//\//%}
		"$1" "$2" >"$said.out" 2>&1
		echo $? >"$said.status"' each "$check" {}
	for file; do
		quiet "$what: $file" replay "$work/each/${file//\//%}"
	done
}
replay() { cat "$1.out" && return "$(cat "$1.status")"; }
export work
