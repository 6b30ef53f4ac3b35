#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whole outputs of the commands that read recordings, those of recording.py: text and JSON. Commands
# that need devices: tests/vm/dpctool-golden.t; the screen of top: dpctool-screen.t.
. tests/lab/tap.sh
. tests/host/golden.sh
flock cli make -s -C cli >&2 || exit 1

top=$PWD PATH=$PWD/build:$PATH files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
export TZ=UTC
tests/host/recording.py "$files" >/dev/null
cd "$files" || exit 1
golden "$top/tests/host/golden"
done_testing
