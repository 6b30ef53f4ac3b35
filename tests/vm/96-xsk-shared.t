#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --vectors 3
# AF_XDP where queues share messages: a DPC of the message has the socket's queue, and others.
. "${0%/*}/xsk.sh"

start_dpcnic
fixed_neighbours
ok "there is room for all" deep_rings
ok "the test's programs are loaded" load_programs
one_queue zero-copy
few_buffers
others 2
come_and_go 3
unload_programs
ok "the module is unloaded" unload_module
done_testing
