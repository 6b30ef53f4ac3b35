#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Read or write a register of a PCI device behind its driver's back (BAR 0).

usage: mmio.py PCI-DEVICE OFFSET [VALUE]

The kernel allows that where it was started with iomem=relaxed.
"""
import mmap
import struct
import sys


def main(device, offset, value=None):
    offset = int(offset, 0)
    with open(f"/sys/bus/pci/devices/{device}/resource0", "r+b", buffering=0) as bar:
        page = mmap.mmap(bar.fileno(), mmap.PAGESIZE, offset=offset & -mmap.PAGESIZE)
    # a view of 32-bit words: one access for each
    words = memoryview(page).cast("I")
    index = offset % mmap.PAGESIZE // 4
    if value is None:
        print(f"{words[index]:#010x}")
    else:
        words[index] = int(value, 0)


main(*sys.argv[1:])
