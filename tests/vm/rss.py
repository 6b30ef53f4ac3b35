#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: rss.py DEVICE FAMILY tcp|udp COUNT
       rss.py DEVICE SOURCE [PORT]

Send COUNT packets, each of a flow of its own, from the peer to NIC A, and print how many of them
each queue must get, by a second implementation of the hash from DEVICE's key, table and hash
fields. Or name the queue of IPv4 from SOURCE: of UDP from and to PORT, or by its address alone.
"""
import os
import random
import re
import socket
import struct
import subprocess
import sys

IP_HDRINCL, IPV6_HDRINCL = 3, 36


def windows_of(key):
    """The 32 bits of the key that belong to each bit of what is hashed."""
    bits, number = len(key) * 8, int.from_bytes(key, "big")
    return [number >> (bits - 32 - i) & 0xFFFFFFFF for i in range(bits - 31)]


def toeplitz(windows, data):
    result = 0
    for window, bit in zip(windows, f"{int.from_bytes(data, 'big'):0{len(data) * 8}b}"):
        if bit == "1":
            result ^= window
    return result


def packet(family, protocol, source, destination, ports):
    """Too short and without a checksum, so that nobody answers."""
    payload = ports + bytes(16)
    if family == 4:
        return struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, protocol, 0) + \
            source + destination + payload
    return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + \
        source + destination + payload


def settings(device):
    """What toeplitz() takes of the key, and the table."""
    text = subprocess.run(["ethtool", "-x", device], check=True, capture_output=True,
                          text=True).stdout
    key = re.search(r"^((?:[0-9a-f]{2}:)+[0-9a-f]{2})$", text, re.M)[1].replace(":", "")
    table = [int(queue) for row in re.findall(r"^ *\d+: (.*)$", text, re.M)
             for queue in row.split()]
    return windows_of(bytes.fromhex(key)), table


def hashes_ports(device, family, name):
    fields = subprocess.run(["ethtool", "-n", device, "rx-flow-hash", f"{name}{family}"],
                            check=True, capture_output=True, text=True).stdout
    return "TCP/UDP src port" in fields and "TCP/UDP dst port" in fields


def send(device, family, name, count):
    family = int(family)
    windows, table = settings(device)
    with_ports = hashes_ports(device, family, name)
    protocol = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}[name]
    domain = {4: socket.AF_INET, 6: socket.AF_INET6}[family]
    net, to = {4: ("192.0.2.", "192.0.2.1"), 6: ("2001:db8::", "2001:db8::1")}[family]

    os.setns(os.open("/run/netns/peer", os.O_RDONLY), os.CLONE_NEWNET)
    sock = socket.socket(domain, socket.SOCK_RAW, socket.IPPROTO_RAW)
    if family == 4:
        sock.setsockopt(socket.IPPROTO_IP, IP_HDRINCL, 1)
    else:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)

    expected = [0] * (max(table) + 1)
    destination = socket.inet_pton(domain, to)
    rng = random.Random(f"{family}{name}")
    for _ in range(int(count)):
        source = socket.inet_pton(domain, net + str(rng.randrange(100, 200)))
        ports = struct.pack("!HH", rng.randrange(1024, 65536), rng.randrange(1024, 65536))
        sock.sendto(packet(family, protocol, source, destination, ports), (to, 0))
        data = source + destination + (ports if with_ports else b"")
        expected[table[toeplitz(windows, data) % len(table)]] += 1
    print(*expected)


def queue(device, source, port=None):
    windows, table = settings(device)
    data = socket.inet_aton(source) + socket.inet_aton("192.0.2.1")
    if port and hashes_ports(device, 4, "udp"):
        data += struct.pack("!HH", int(port), int(port))
    print(table[toeplitz(windows, data) % len(table)])


(send if len(sys.argv) > 4 else queue)(*sys.argv[1:])
