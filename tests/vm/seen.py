#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: seen.py FIELD... <MAP

What the classifier of verdicts.bpf.c saw, from bpftool's JSON of its map: a sum over all flows for
each field, or for "cpus" one line per flow with its CPUs.
"""
import json
import sys

flows = {entry["formatted"]["key"]: entry["formatted"]["value"] for entry in json.load(sys.stdin)}

if sys.argv[1] == "cpus":
    for flow, seen in flows.items():
        if seen["packets"]:
            print(flow, *(cpu for cpu in range(64) if seen["cpus"] >> cpu & 1))
else:
    print(*(sum(seen[field] for seen in flows.values()) for field in sys.argv[1:]))
