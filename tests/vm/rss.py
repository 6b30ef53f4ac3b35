#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: rss.py DEVICE SOURCE DESTINATION DESTINATION-PORT SOURCE-PORT...

The receive queue of each UDP over IPv4 flow, one a line, from DEVICE's RSS key and table.
"""
import re
import socket
import struct
import subprocess
import sys


def toeplitz(key, data):
    window = int.from_bytes(key, "big")
    bits = len(key) * 8
    result = 0
    for i, byte in enumerate(data):
        for bit in range(8):
            if byte & (0x80 >> bit):
                result ^= window >> (bits - 32 - i * 8 - bit) & 0xFFFFFFFF
    return result


device, source, destination, port, *source_ports = sys.argv[1:]
settings = subprocess.run(["ethtool", "-x", device], check=True, capture_output=True,
                          text=True).stdout
key = bytes.fromhex(re.search(r"^((?:[0-9a-f]{2}:)+[0-9a-f]{2})$", settings, re.M)[1]
                    .replace(":", ""))
table = [int(queue) for row in re.findall(r"^ *\d+: (.*)$", settings, re.M)
         for queue in row.split()]
for source_port in source_ports:
    data = (socket.inet_aton(source) + socket.inet_aton(destination) +
            struct.pack("!HH", int(source_port), int(port)))
    print(table[toeplitz(key, data) % len(table)])
