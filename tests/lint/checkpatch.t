#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every C source passes the kernel's checkpatch --strict.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

# Print what is not asked of a file, with the reason.
not_asked() # FILE
{
	case $1 in
	kmod/compat.h)
		# The one place that asks for a version. (The comparison is
		# taken for one with a constant on the left.)
		echo LINUX_VERSION_CODE CONSTANT_COMPARISON
		;;
	kmod/engine/trace.h)
		# The arguments of TRACE_EVENT() are laid out as in the
		# kernel's own include/trace/events: not as a function's.
		echo PARENTHESIS_ALIGNMENT OPEN_ENDED_LINE
		;;
	kmod/hw/regs.h | kmod/hw/dump.c)
		# Register addresses: the argument is an index or a register,
		# without side effects, and an inline function is no constant.
		echo MACRO_ARG_REUSE
		;;
	bpf/*)
		# A "const volatile" is set by the loader before the program is
		# verified; volatile keeps clang from using its initial value.
		echo VOLATILE
		;;&
	bpf/observe/histogram.h)
		# An expression of constants that sizes an array.
		echo MACRO_ARG_REUSE
		;;&
	cli/attach.c)
		# LIBBPF_OPTS() declares a variable.
		echo LINE_SPACING
		;;&
	tests/engine/count_atomics.h)
		# It puts a counting smp_mb() in the place of the kernel's.
		echo MEMORY_BARRIER
		;;&
	tests/vm/verdicts.bpf.c | tests/bench/bench.bpf.c)
		# Its macro is a whole program.
		echo MACRO_WITH_FLOW_CONTROL MACRO_ARG_REUSE
		;;&
	tests/bench/profile.c)
		# It declares functions of QEMU, whose header Debian has not packaged.
		echo AVOID_EXTERNS
		;;&
	cli/export_perfetto.c)
		# protobuf-c makes names of messages so, and has types of its own.
		echo CAMELCASE PREFER_KERNEL_TYPES SPACING
		;;&
	tests/host/dpctool-*-fuzz.c)
		# The name that libFuzzer calls.
		echo CAMELCASE
		;;&
	tests/host/tap.h)
		# is() says "is", the word.
		echo EMBEDDED_FUNCTION_NAME
		;;&
	bpf/* | cli/* | tests/bench/* | tests/host/* | tests/vm/*)
		# Kernel macros that user space does not have.
		echo PREFER_DEFINED_ATTRIBUTE_MACRO ARRAY_SIZE
		;;&
	cli/*)
		# Text for the terminal is split where its lines end; unlike a
		# kernel message, nobody greps for it from a log.
		echo SPLIT_STRING
		# libbpf returns it for what a kernel cannot do.
		echo ENOSYS
		;;
	esac
}

# --no-tree, since this is none; --root all the same, because there checkpatch
# learns which CamelCase names are the kernel's (ADVERTISED_10baseT_Half). It
# keeps them in the working directory, hence not here. Without a repository it
# does not ask git about what looks like a commit.
check()
{
	cd "$work/tree" || return
	GIT_DIR=/nonexistent "$checkpatch" --quiet --terse --no-summary --show-types --strict \
		--no-tree --root="$headers" --max-line-length=100 \
		--ignore "NONE,$(not_asked "$1" | xargs | tr ' ' ,)" --file "$1"
}
export -f not_asked
export checkpatch=/usr/share/dpcnic-lab/checkpatch.pl
export headers=/usr/src/linux-headers-${KERNEL%-*}-common

mapfile -t sources < <(files '*.[ch]')
mkdir "$work/tree"
[ ${#sources[@]} = 0 ] || cp --parents "${sources[@]}" "$work/tree"
quiet "the kernel's headers are there" test -d "$headers/include/linux"
# At the first CamelCase name checkpatch learns the kernel's, and keeps them in a file, of which
# others that run at the same time would read half: so it meets one before they run.
echo 'int camelCase;' >"$work/tree/first.c"
check first.c >/dev/null 2>&1
each "checkpatch" check "${sources[@]}"
done_testing
