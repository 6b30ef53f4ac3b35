# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the lab's commands. Source it; it does nothing by itself.

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
