#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Instructions a packet by function, from what profile.c wrote, what was measured side by side: igb
and dpcnic, or (observe) dpcnic with this or that attached, and then what that costs.

usage: profile.py PACKETS FUNCTIONS NAME...

What was measured has four marks: before and after its packets, and before and after what else is
work (common.sh's count_the_rest), which is taken off.
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


def observing(executed, tables):
    """What an observer costs: all of what ran while it was attached and not without it, what the
    module's own functions take more, and what is left of the whole, which is user space. So it
    does not matter what the slab allocator meets meanwhile: that differs by a twentieth of all."""
    with open("tests/results/profile.log") as lines:
        whole = {words[1]: float(words[2]) for words in map(str.split, lines)
                 if len(words) == 8 and words[0] == "dpcnic"}
    kernel = {name: sum(table.values()) for name, table in tables.items()}
    own = {name: sum(n for function, n in table.items() if function.endswith(" [dpcnic]"))
           for name, table in tables.items()}
    print(f"nothing attached: {own['none']:.2f} in the module's functions, built without tracepoints "
          f"{own['untraced']:.2f}: {100 * (own['none'] - own['untraced']) / whole['none']:+.2f} %")
    for name in list(tables)[2:]:
        added = sum(n for function, n in tables[name].items()
                    if not executed["none"][function] and not function.endswith(" [dpcnic]"))
        added += own[name] - own["none"]
        user = whole[name] - kernel[name] - (whole["none"] - kernel["none"])
        print(f"{name}: {added:.1f} in the kernel, {user:.1f} in user space: "
              f"{100 * (added + user) / whole['none']:+.2f} %")


def main(packets, functions, *measured):
    found = marks("tests/results/profile.out")
    measured = measured[-(len(found) // 4):]
    executed, tables = {}, {}
    for i, name in enumerate(measured):
        names = symbols(f"tests/results/kallsyms.{name}")
        table = executed[name] = by_function(found[4 * i + 2], names)
        rest = by_function(found[4 * i + 4], names)
        tables[name] = {function: (table[function] - rest[function]) / int(packets)
                        for function in table.keys() | rest.keys() if function != "user space"}
    most = collections.Counter()
    for table in tables.values():
        for name, n in table.items():
            most[name] = max(most[name], abs(n))
    print("".join(f"{name:>14}" for name in tables), " function")
    for name, _ in most.most_common(int(functions)):
        print("".join(f"{table.get(name, 0):14.1f}" for table in tables.values()), "", name)
    print("".join(f"{sum(table.values()):14.1f}" for table in tables.values()), " all in the kernel")
    if "none" in tables:
        observing(executed, tables)


main(*sys.argv[1:])
