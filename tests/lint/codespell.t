#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# No misspellings, as codespell knows them, in any file, hidden ones included.
# shellcheck source=tests/lint/lib.sh
. "$(dirname "$0")/lib.sh"

# Not asked: the licence, whose words are not ours, and the misspellings that
# the self-test is made of.
mapfile -t sources < <(files ':!COPYING' ':!tests/lint/selftest.t')
quiet "codespell" codespell --check-hidden --quiet-level 3 "${sources[@]}"
done_testing
