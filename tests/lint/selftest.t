#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The checks can fail. A small tree that all of them pass gets one fault at a
# time, or loses one tool; the check in question must then fail and say why.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

tree=$work/selftest
mkdir -p "$tree/tests/lab" "$tree/kmod"
cp -r tests/lint "$tree/tests"
cp tests/lab/tap.sh "$tree/tests/lab"
cp .gitignore "$tree"

cat >"$tree/Kbuild" <<'END'
# SPDX-License-Identifier: GPL-2.0
obj-m := dpcnic.o
dpcnic-y := kmod/part.o
END
cat >"$tree/kmod/part.h" <<'END'
/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PART_H
#define PART_H

unsigned int part_of(unsigned int whole);

#endif
END
cat >"$tree/kmod/part.c" <<'END'
// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
#include "part.h"

/**
 * part_of() - the part of a whole
 * @whole: the whole
 *
 * Return: half of it.
 */
unsigned int part_of(unsigned int whole)
{
	return whole / 2;
}

MODULE_DESCRIPTION("A part");
MODULE_LICENSE("GPL");
END
cp -r "$tree" "$work/good"

# Run a check in the tree, behind a command if need be.
run() # CHECK [COMMAND...]
{
	local check=$1

	shift
	status=0
	said=$("$@" "$tree/tests/lint/$check.t" 2>&1) || status=$?
}
passes() # CHECK
{
	run "$1"
	[ "$status" = 0 ] && [[ $said != *"not ok"* ]] && { pass "$1: good sources pass"; return; }
	diag "status $status" "$said"
	fail "$1: good sources pass"
}
# It failed, with this test point, and these words on the way.
failed() # CHECK POINT REGEX DESCRIPTION
{
	[ "$status" != 0 ] && grep -qE "^not ok [0-9]+ - $2" <<<"$said" &&
		grep -qE -e "$3" <<<"$said" && { pass "$1: $4"; return; }
	diag "status $status; wanted 'not ok' for $2, and: $3" "$said"
	fail "$1: $4"
}
restore() { rm -rf "$tree/kmod" && cp -r "$work/good/kmod" "$tree"; }
fault() # CHECK FILE POINT REGEX DESCRIPTION: with the text on stdin appended
{
	cat >>"$tree/$2"
	run "$1"
	failed "$1" "$3" "$4" "$5"
	restore
}
# A PATH of links to all tools but these.
without() # TOOL...
{
	local bin=$work/bin

	rm -rf "$bin"
	mkdir "$bin"
	ln -s /usr/sbin/* /usr/bin/* "$bin" 2>/dev/null
	(cd "$bin" && rm "$@")
	echo "PATH=$bin"
}

for check in checkpatch kernel-doc spdx codespell compile shellcheck; do
	passes "$check"
done

fault checkpatch kmod/part.c 'checkpatch: kmod/part\.c$' 'part.c:[0-9]+: ERROR:CODE_INDENT' \
	"an error" <<'END'

unsigned int part_two(unsigned int whole)
{
        return whole;
}
END
fault checkpatch kmod/part.h 'checkpatch: kmod/part\.h$' 'part.h:[0-9]+: CHECK:CAMELCASE' \
	"a check of --strict" <<'END'
extern int partTwo;
END
fault checkpatch kmod/part.c 'checkpatch: kmod/part\.c$' 'TYPO_SPELLING' \
	"a misspelling: its list was found" <<'END'

/* seperate */
END
# shellcheck disable=SC2016 # '$' is for the inner shell
run checkpatch unshare -m sh -c 'mount -t tmpfs none /usr/share/dpcnic-lab && exec "$0"'
failed checkpatch 'checkpatch: kmod/part\.c$' 'No such file' "no checkpatch"

fault kernel-doc kmod/part.c 'kernel-doc: kmod/part\.c$' "No description.* return" \
	"an incomplete comment" <<'END'

/**
 * part_two() - another
 */
int part_two(void)
{
	return 2;
}
END
run kernel-doc env KDIR=/nonexistent
failed kernel-doc 'kernel-doc: kmod/part\.c$' 'No such file' "no kernel-doc"

fault spdx kmod/other.c 'SPDX: kmod/other\.c$' '' "no licence" <<'END'
int other;
END
fault spdx kmod/other.c 'SPDX: kmod/other\.c$' '' "another licence" <<'END'
// SPDX-License-Identifier: MIT
END

fault codespell kmod/part.c 'codespell$' 'part.c:.*seperate ==> separate' "a misspelling" <<'END'
/* seperate */
END
run codespell env "$(without codespell)"
failed codespell 'codespell$' 'command not found' "no codespell"

fault shellcheck kmod/part.sh '\./kmod/part\.sh$' 'SC2086' "an unquoted variable" <<'END'
#!/bin/sh
cat $1
END
STRESS=1 fault shellcheck kmod/part.sh '\./kmod/part\.sh$' 'SC2154' "STRESS: a variable that nobody sets" <<'END'
#!/bin/sh
echo "$nobody"
END
run shellcheck env "$(without shellcheck)"
failed shellcheck '' 'command not found' "no shellcheck"

cat >>"$tree/kmod/part.c" <<'END'

int part_two(void);

int part_two(void)
{
	__be16 wire = 1;
	int unused_here;

	unused_here = 1;
	return (__force int)wire;
}
END
run compile
failed compile 'gcc' 'unused_here.*\[-Wunused-but-set-variable\]' "gcc W=1: a set variable is not used"
failed compile 'clang' 'unused_here.*\[-Wunused-but-set-variable\]' "clang W=1: likewise"
failed compile 'sparse' 'part.c:.*expected restricted __be16' "sparse: an integer used as __be16"
restore
run compile env "$(without clang sparse)"
failed compile 'clang' 'clang: command not found' "no clang"
failed compile 'sparse' 'sparse: .*not found' "no sparse"
run compile env KDIR=/nonexistent
failed compile 'gcc' 'No such file' "no kernel to build for"
rm "$tree/kmod/part.c" "$tree/kmod/part.h"
run checkpatch
failed checkpatch 'checkpatch: there are files' '' "no files"
done_testing
