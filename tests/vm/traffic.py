#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Traffic between NIC A (this name space) and NIC B (name space peer).

One process holds both ends, so it knows of every packet whether it arrived, and sends no more
than a receive ring holds before it has got everything: whatever is lost was lost by a fault.
"""
import argparse
import hashlib
import os
import random
import select
import socket
import struct
import sys
import threading
import time

# B has 16 addresses, from 2 up.
ADDRESSES = {
    4: (socket.AF_INET, "192.0.2.{}", "0.0.0.0"),
    6: (socket.AF_INET6, "2001:db8::{:x}", "::"),
}
# The same between VLAN devices (--vlan).
VLAN_ADDRESSES = {
    4: (socket.AF_INET, "198.51.100.{}", "0.0.0.0"),
    6: (socket.AF_INET6, "2001:db8:7::{:x}", "::"),
}
ADDRESSES_OF_B = 16
PATIENCE = 20  # seconds until something that did not arrive is lost
SO_RCVBUFFORCE, SO_MAX_PACING_RATE = 33, 47  # not in Python's socket module
PORT = 7000
MULTICAST = "239.1.2.3"

here = os.open("/proc/self/ns/net", os.O_RDONLY)
peer = os.open("/run/netns/peer", os.O_RDONLY)


def address(end, family, flow=0):
    return ADDRESSES[family][1].format(2 + flow % ADDRESSES_OF_B if end == "b" else 1)


def endpoint(end, family, kind, port=0, bind=None):
    """A socket at one end of the cable."""
    os.setns(peer if end == "b" else here, os.CLONE_NEWNET)
    try:
        sock = socket.socket(ADDRESSES[family][0], kind)
    finally:
        os.setns(here, os.CLONE_NEWNET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == socket.SOCK_DGRAM:
        sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    sock.settimeout(PATIENCE)
    sock.bind((bind or address(end, family), port))
    return sock


def other(end):
    return "b" if end == "a" else "a"


def content(number, size):
    """Bytes that differ from packet to packet and from place to place."""
    return random.Random(number * 65536 + size).randbytes(size)


def collect(sink, expected):
    """Receive until everything expected is there, in whatever order. Return what is missing."""
    while expected:
        try:
            data = sink.recv(65536)
        except (TimeoutError, BlockingIOError):
            break
        if data in expected:
            expected.remove(data)
        elif data:
            sys.exit(f"{len(data)} bytes arrived that nobody sent")
    return expected


def udp(args):
    """Flows differ in their port, and in B's address. With --until it goes on until a file is
    there, and prints how many packets that were."""
    sink = endpoint(other(args.sender), args.family, socket.SOCK_DGRAM, PORT,
                    ADDRESSES[args.family][2])
    if args.busy_poll:
        busy_poll(sink, args)
    flows = []
    for i in range(args.flows):
        sock = endpoint(args.sender, args.family, socket.SOCK_DGRAM, 20000 + i,
                        address(args.sender, args.family, i))
        sock.connect((address(other(args.sender), args.family, i), PORT))
        flows.append(sock)
    total = args.flows * args.packets

    first = 0
    while first < total or (args.until and not os.path.exists(args.until)):
        end = first + args.window if args.until else min(first + args.window, total)
        batch = []
        for number in range(first, end):
            data = struct.pack("!I", number) + content(number % 16, args.size - 4)
            batch.append((flows[number % args.flows], data))
        if args.busy_poll:
            # so that the sink polls already when they come
            threading.Timer(0.002, send, [batch]).start()
        else:
            send(batch)
        missing = collect(sink, {data for _, data in batch})
        if missing:
            sys.exit(f"{len(missing)} of {len(batch)} packets did not arrive, "
                     f"after {first} of {total} did")
        if args.busy_poll:
            poll_in_vain(sink)
        first = end
    if args.until:
        print(first)


def send(batch):
    for sock, data in batch:
        sock.send(data)


def receive_timeout(sock, seconds, microseconds=0):
    """Python's own time-out would have it wait in poll(), which does not busy poll."""
    sock.settimeout(None)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO,
                    struct.pack("ll", seconds, microseconds))


def poll_in_vain(sock):
    """Busy poll until that gives up, with nothing to find."""
    receive_timeout(sock, 0, 1)
    try:
        sock.recv(1)
        sys.exit("a packet arrived that nobody sent")
    except BlockingIOError:
        pass
    receive_timeout(sock, PATIENCE)


def busy_poll(sock, args):
    receive_timeout(sock, PATIENCE)
    so_busy_poll, so_prefer_busy_poll, so_busy_poll_budget = 46, 69, 70
    sock.setsockopt(socket.SOL_SOCKET, so_busy_poll, args.busy_poll)
    if args.prefer:
        sock.setsockopt(socket.SOL_SOCKET, so_prefer_busy_poll, 1)
        sock.setsockopt(socket.SOL_SOCKET, so_busy_poll_budget, 16)


def sizes(args):
    """Every size from B to A and back."""
    a = endpoint("a", args.family, socket.SOCK_DGRAM, PORT)
    b = endpoint("b", args.family, socket.SOCK_DGRAM, PORT)
    ip_mtu_discover, ip_pmtudisc_do = (10, 2) if args.family == 4 else (23, 2)
    level = socket.IPPROTO_IP if args.family == 4 else socket.IPPROTO_IPV6
    count = 0

    for sock in a, b:
        sock.setsockopt(level, ip_mtu_discover, ip_pmtudisc_do)
    for sizes_ in args.range:
        for size in range(sizes_[0], sizes_[1] + 1, args.step):
            data = content(count, size)
            for source, sink, name in (b, a, "B to A"), (a, b, "A to B"):
                source.sendto(data, sink.getsockname())
                try:
                    if sink.recv(65536) != data:
                        sys.exit(f"{size} bytes from {name} arrived changed")
                except TimeoutError:
                    sys.exit(f"{size} bytes from {name} did not arrive")
            count += 1
    print(count)


def tcp(args):
    """Send a stream of random bytes, --bytes at least and on until a file is there, at most --rate
    bytes a second; compare SHA-256 at both ends."""
    listener = endpoint(other(args.sender), args.family, socket.SOCK_STREAM, args.port)
    listener.listen()
    result, told = os.pipe()

    if not os.fork():
        sock = endpoint(args.sender, args.family, socket.SOCK_STREAM)
        if args.rate:
            sock.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, args.rate)
        sock.connect((address(other(args.sender), args.family), args.port))
        digest = hashlib.sha256()
        left = args.bytes
        while left > 0 or (args.until and not os.path.exists(args.until)):
            data = os.urandom(65536)
            digest.update(data)
            sock.sendall(data)
            left -= len(data)
        sock.close()
        os.write(told, digest.digest())
        os._exit(0)

    os.close(told)
    sock, _ = listener.accept()
    sock.settimeout(PATIENCE)
    digest = hashlib.sha256()
    while data := sock.recv(262144):
        digest.update(data)
    sent = os.read(result, 32)
    os.wait()
    if digest.digest() != sent:
        sys.exit("what arrived is not what was sent")


def multicast(args):
    """One packet to a group that A has joined. Fails if it does not arrive."""
    sink = endpoint("a", 4, socket.SOCK_DGRAM, PORT, MULTICAST)
    member = socket.inet_aton(MULTICAST) + socket.inet_aton(address("a", 4))
    sink.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    source = endpoint("b", 4, socket.SOCK_DGRAM)
    source.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                      socket.inet_aton(address("b", 4)))
    source.sendto(b"to all of you", (MULTICAST, PORT))
    if sink.recv(100) != b"to all of you":
        sys.exit("something else arrived")


def load(args):
    """UDP both ways until killed, whatever becomes of the NIC; prints nothing, checks nothing."""
    while True:
        try:
            ends = {end: endpoint(end, 4, socket.SOCK_DGRAM, PORT + 1) for end in "ab"}
        except OSError:
            time.sleep(0.01)  # no address: the NIC is away
            continue
        for sock in ends.values():
            sock.setblocking(False)
        try:
            while True:
                for end, sock in ends.items():
                    for _ in range(16):
                        try:
                            sock.sendto(bytes(args.size), (address(other(end), 4), PORT + 1))
                        except BlockingIOError:
                            break
                for sock in select.select(ends.values(), [], [], 0)[0]:
                    while True:
                        try:
                            sock.recv(65536)
                        except BlockingIOError:
                            break
        except OSError:
            for sock in ends.values():
                sock.close()
            time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vlan", action="store_true", help="between the VLAN devices")
    commands = parser.add_subparsers(required=True)

    def command(function, *options):
        sub = commands.add_parser(function.__name__, help=function.__doc__)
        sub.set_defaults(function=function)
        for name, kind, default in options:
            sub.add_argument(f"--{name}", type=kind, default=default)
        return sub

    family = ("family", int, 4)
    sender = ("sender", str, "b")
    sub = command(udp, family, sender, ("flows", int, 1), ("packets", int, 100),
                  ("size", int, 100), ("window", int, 64), ("busy-poll", int, 0),
                  ("until", str, None))
    sub.add_argument("--prefer", action="store_true")
    sub = command(sizes, family, ("step", int, 1))
    sub.add_argument("range", nargs="+",
                     type=lambda text: [int(number) for number in text.split("-")])
    command(tcp, family, sender, ("bytes", int, 4 << 20), ("port", int, PORT),
            ("until", str, None), ("rate", int, 0))
    command(multicast)
    command(load, ("size", int, 100))

    args = parser.parse_args()
    if args.vlan:
        ADDRESSES.update(VLAN_ADDRESSES)
    args.function(args)


main()
