#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Are the interrupts that "dpctool -j show" tells of those of /proc/interrupts?

usage: arrivals.py DOCUMENT AROUND.FROM INSIDE.FROM INSIDE.TO AROUND.TO

The others are copies of /proc/interrupts, from before and after dpctool counted, and from the
beginning and end of its COMMAND. What came between two of these may be counted or not: a device may
interrupt on its own account at any time. Prints what does not fit, or that all does.
"""
import json
import sys


def read(path):
    with open(path) as file:
        columns = [int(name[3:]) for name in file.readline().split()]
        counts = {}
        for line in file:
            irq, *words = line.split()
            if irq[:-1].isdigit():
                for cpu, count in zip(columns, words):
                    counts[int(irq[:-1]), cpu] = int(count)
    return counts


document, *paths = sys.argv[1:]
around_from, inside_from, inside_to, around_to = map(read, paths)
with open(document) as file:
    rows = json.load(file)["rows"]

shown = {}
for row in rows:
    if row["irq"] is not None and row["interrupts"] is not None:
        key = row["irq"], row["cpu"]
        shown[key] = shown.get(key, 0) + row["interrupts"]
fits = any(shown.values())
for key in {(irq, cpu) for irq, cpu in around_to if irq in {irq for irq, _ in shown}}:
    least = inside_to[key] - inside_from[key]
    most = around_to[key] - around_from[key]
    if not least <= shown.get(key, 0) <= most:
        print(f"IRQ {key[0]} on CPU {key[1]}: {shown.get(key, 0)} is not in {least}..{most}")
        fits = False
print("all fits" if fits else "does not fit")
