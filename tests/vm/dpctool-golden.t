#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whole outputs of the commands that need devices, text and JSON, against what they are known to be,
# but for what is different each time. Whether the numbers are true: the other dpctool-*.t.
. "${0%/*}/common.sh"
. tests/host/golden.sh

export TZ=UTC dev
PATH=/dpcnic/build:$PATH
start_dpcnic
fixed_neighbours
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
export addr_b4
cd /run || exit
golden /dpcnic/tests/vm/golden
ok "nothing stays: the module is unloaded" unload_module
done_testing
