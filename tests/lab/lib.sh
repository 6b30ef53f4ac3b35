# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the lab's commands. Source it; it does nothing by itself.

# Where what the lab makes is kept: outside the checkout, so that every clone shares it.
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dpcnic

say() { printf 'lab: %s\n' "$*" >&2; }

# Every failure of the lab itself, as opposed to one of the command it runs,
# ends with this status.
lab_failed=125

die()
{
	say "$@"
	exit "$lab_failed"
}

need_root()
{
	[ "$(id -u)" = 0 ] ||
		die "$1 must be root to make mounts (you are $(id -un)). Try: sudo make ..."
}

# Have a tree of the cache made, unless it is there. It is named after a hash of what goes into it,
# made under another name (FUNCTION prints nothing, gets a directory to work in, and leaves the tree
# in it as "tree"), and renamed when complete: a tree that has its name is whole.
make_once() # NAME-HASH FUNCTION
{
	local tree=$cache/$1 old

	[ ! -d "$tree" ] || return 0
	need_root "making $1"
	mkdir -p "$cache"
	# Two clones that start at once: the second waits, then finds the tree.
	exec 9>"$tree.lock"
	flock 9
	[ -d "$tree" ] || make_it "$@"
	exec 9>&-
	for old in "$cache/${1%-*}"-*/; do
		[ "$old" = "$tree/" ] ||
			say "no longer used by this checkout; to free its space: rm -rf $old"
	done
}
make_it() # NAME-HASH FUNCTION
{
	local start=$SECONDS tmp

	# Left by a run that was killed; the lock says nobody is using them.
	rm -rf --one-file-system "$cache/tmp-$1".*
	tmp=$(mktemp -d "$cache/tmp-$1.XXXXXX")
	# A tree that did not get its name is of no use to anybody.
	# shellcheck disable=SC2064 # expand now: 'tmp' is local
	trap "rm -rf --one-file-system '$tmp'" EXIT
	"$2" "$tmp"
	chmod 755 "$tmp/tree"
	mv "$tmp/tree" "$cache/$1"
	rm -rf --one-file-system "$tmp"
	say "made $cache/$1 in $((SECONDS - start)) s"
}

# apt as the lab root has it, but for the sources, and without regard to what is installed. Of
# DIRECTORY: sources.list, lists, archives. The lab root is the caller's $root.
apt() # DIRECTORY COMMAND...
{
	local dir=$1 command=$2

	shift 2
	# shellcheck disable=SC2154 # see above
	"$command" -qq -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o "Dir::Etc::TrustedParts=$root/etc/apt/trusted.gpg.d" -o Dir::State::status=/dev/null \
		-o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none "$@"
}

# Packages, and all they need that the lab root ($root) has not, from the root's own sources.
fetch_needed() # DIRECTORY PACKAGE...
{
	local dir=$1 list needed

	shift
	sed -n p "$root/etc/apt/sources.list" >"$dir/sources.list"
	apt "$dir" apt-get update &&
		list=$(apt "$dir" apt-get -s --no-install-recommends \
			-o "Dir::State::status=$root/var/lib/dpkg/status" install "$@" |
			awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }') &&
		mapfile -t needed <<<"$list" &&
		(cd "$dir" && apt "$dir" apt-get download "${needed[@]}")
}
