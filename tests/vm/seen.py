#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: seen.py FIELD

What the classifier of verdicts.bpf.c saw, from its map: a sum over all flows, or for "cpus" one
line per flow with its CPUs.
"""
import json
import subprocess
import sys

output = subprocess.run(["bpftool", "-j", "map", "dump", "pinned", "/sys/fs/bpf/test/maps/seen"],
                        check=True, capture_output=True, text=True).stdout
flows = {entry["formatted"]["key"]: entry["formatted"]["value"] for entry in json.loads(output)}

if sys.argv[1] == "cpus":
    for flow, seen in flows.items():
        if seen["packets"]:
            print(flow, *(cpu for cpu in range(64) if seen["cpus"] >> cpu & 1))
else:
    print(sum(seen[sys.argv[1]] for seen in flows.values()))
