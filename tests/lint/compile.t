#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module builds without a warning: gcc and clang with W=1, sparse.
# Each builds a copy, so neither this tree's products nor a build that is
# running in it are touched.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

# Build in a copy of the sources; print what was said of them, without the
# usual progress.
build() # NAME MAKE-ARGUMENT...
{
	local copy=$work/$1 status=0

	shift
	if [ ! -d "$copy" ]; then
		mkdir "$copy"
		(cd "$top" && files Kbuild kmod | xargs cp --parents -t "$copy") || return
	fi
	# Debug information is left out: it takes time, no warning needs it.
	make -s -j"$(nproc)" -C "$KDIR" M="$copy" CONFIG_DEBUG_INFO= \
		CONFIG_DEBUG_INFO_BTF= CONFIG_DEBUG_INFO_BTF_MODULES= "$@" >"$copy.log" 2>&1 || status=$?
	sed -e "s|$copy/||g" "$copy.log"
	return "$status"
}

# The lab's kernel was configured for gcc. This says what its configuration
# would say had it been for clang, to make and to the headers; with it clang
# gets its own flags from the kernel's makefiles, W=1's included.
build_with_clang() # MAKE-ARGUMENT...
{
	local version

	version=$(echo '__clang_major__ * 10000 + __clang_minor__ * 100 + __clang_patchlevel__' |
		clang -E -P -) || return
	cat >"$work/clang-config.h" <<-'END'
	/* Named address spaces are used with gcc only; clang warns of them. */
	#undef CONFIG_USE_X86_SEG_SUPPORT
	#undef CONFIG_CC_HAS_NAMED_AS
	END
	build clang CC=clang KCFLAGS="-include $work/clang-config.h" \
		CONFIG_CC_IS_GCC= CONFIG_GCC_VERSION=0 \
		CONFIG_CC_IS_CLANG=y CONFIG_CLANG_VERSION=$((version)) \
		CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= CONFIG_FTRACE_MCOUNT_USE_CC= \
		CONFIG_CC_NO_ARRAY_BOUNDS= CONFIG_UBSAN_BOUNDS_STRICT= CONFIG_UBSAN_ARRAY_BOUNDS=y \
		CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough "$@"
}

# sparse alone, on what gcc has built: C=2 looks at files that are up to date. The headers of a newer
# kernel than the lab's usual may be beyond it, which that kernel's makefile then says.
sparse()
{
	local status=0

	build gcc W=1 C=2 >"$work/sparse.out" 2>&1 || status=$?
	echo $status >"$work/sparse.status"
	if [ -n "${MODULES:-}" ] && grep -q 'sparse is not available or not up to date' "$work/sparse.out"; then
		skip "sparse" "it is too old for $KERNEL"
	else
		quiet "sparse" replay "$work/sparse"
	fi
}

quiet "gcc W=1" build gcc W=1
sparse
quiet "clang W=1" build_with_clang W=1
done_testing
