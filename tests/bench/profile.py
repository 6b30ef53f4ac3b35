#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Instructions a packet by function, from what profile.c wrote, igb and dpcnic side by side.

usage: profile.py PACKETS FUNCTIONS

A driver that was measured has four marks: before and after its packets, and before and after what
else is work (common.sh's count_the_rest), which is taken off.
"""
import bisect
import collections
import sys


def symbols(path):
    """Addresses and names, in order."""
    found = []
    with open(path) as lines:
        for line in lines:
            address, kind, name = line.split()[:3]
            if kind in "tTwW":
                module = line.split()[3:4]
                found.append((int(address, 16), name + (" " + module[0] if module else "")))
    found.sort()
    return [address for address, _ in found], [name for _, name in found]


def marks(path):
    """Mark -> [(address, instructions executed)]."""
    found = {}
    with open(path) as lines:
        for line in lines:
            words = line.split()
            if words[0] == "mark":
                blocks = found[int(words[1])] = []
            elif words[0] == "full":
                sys.exit("profile.py: there were more blocks than profile.c counts")
            else:
                blocks.append((int(words[0], 16), int(words[1]) * int(words[2])))
    return found


def by_function(blocks, names):
    addresses, names = names
    total = collections.Counter()
    for address, executed in blocks:
        i = bisect.bisect_right(addresses, address) - 1
        kernel = address >= addresses[0] if addresses else False
        total[names[i] if kernel and i >= 0 else "user space"] += executed
    return total


def main(packets, functions):
    executed = marks("tests/results/profile.out")
    drivers = ("igb", "dpcnic")[-(len(executed) // 4):]
    tables = {}
    for i, driver in enumerate(drivers):
        names = symbols(f"tests/results/kallsyms.{driver}")
        table = by_function(executed[4 * i + 2], names)
        table.subtract(by_function(executed[4 * i + 4], names))
        del table["user space"]
        tables[driver] = {name: n / int(packets) for name, n in table.items()}
    most = collections.Counter()
    for table in tables.values():
        for name, n in table.items():
            most[name] = max(most[name], abs(n))
    print("".join(f"{driver:>9}" for driver in tables), " function")
    for name, _ in most.most_common(int(functions)):
        print("".join(f"{table.get(name, 0):9.1f}" for table in tables.values()), "", name)
    print("".join(f"{sum(table.values()):9.1f}" for table in tables.values()), " all in the kernel")


main(*sys.argv[1:])
