#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every file says that its licence is GPL-2.0, in its first line, or in the
# second where the first is "#!" or a format's own. A header for programs that
# read the tracepoints may add the kernel's note that this does not bind them.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

# The comment signs are those of C, of scripts and make, of manual pages, of pictures.
check() { head -n 2 "$1" | grep -qE '^(//|/\*|#|\.\\"|\.\.|<!--) SPDX-License-Identifier: GPL-2\.0( WITH Linux-syscall-note)?( \*/| -->)?$'; }

# Not asked: the licence itself, git's list, pages of text, JSON and what Debian has no comments in.
mapfile -t sources < <(files ':!COPYING' ':!.gitignore' ':!*.md' ':!*.json' ':!debian/changelog' \
	':!debian/copyright' ':!debian/source/format' ':!debian/*.README.Debian')
each "SPDX" check "${sources[@]}"
done_testing
