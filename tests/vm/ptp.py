#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: ptp.py DEVICE WHAT...

The PTP hardware clocks of DEVICE (NIC A) and of the peer, and time stamps. Each WHAT prints one
line, "NAME: right" or what is wrong. Nothing is said of how long anything takes: every time is
held between two others that were read before and after it.
"""
import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

SIOCSHWTSTAMP, SIOCGHWTSTAMP, SIOCETHTOOL, GET_TS_INFO = 0x89B0, 0x89B1, 0x8946, 0x41
SO_TIMESTAMPING, SOL_PACKET, PACKET_TX_TIMESTAMP = 37, 263, 16
TX_HARDWARE, RX_HARDWARE, RAW_HARDWARE = 1, 4, 64
TX_ON, TX_ONESTEP, ALL, PTP_V2_L2_SYNC, PTP_V2_EVENT, NTP_ALL = 1, 2, 1, 10, 12, 15
ADJ_SETOFFSET, ADJ_FREQUENCY, ADJ_NANO = 0x100, 0x2, 0x2000
A, B = bytes.fromhex("02dc0000000a"), bytes.fromhex("02dc0000000b")
ETH_P_1588 = 0x88F7
SYNC = bytes([0, 2, 0, 44]) + bytes(40)  # PTP version 2, a Sync message
libc = ctypes.CDLL(None, use_errno=True)


def ioctl(device, number, data):
    """With a struct of the kernel's behind the name, which it may change."""
    view = (ctypes.c_char * len(data)).from_buffer(data)
    request = struct.pack("16sP", device.encode(), ctypes.addressof(view)) + bytes(16)
    fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), number, request)
    return data


def stamp_config(device, tx, rx):
    """What was asked for, and what was granted; None if that was refused."""
    try:
        return struct.unpack("iii", ioctl(device, SIOCSHWTSTAMP,
                                          bytearray(struct.pack("iii", 0, tx, rx))))[1:]
    except OSError:
        return None


def clock_of(device):
    info = ioctl(device, SIOCETHTOOL, bytearray(struct.pack("II", GET_TS_INFO, 0) + bytes(36)))
    return ~os.open(f"/dev/ptp{struct.unpack_from('i', info, 8)[0]}", os.O_RDWR) << 3 | 3


class Clock:
    def __init__(self, device):
        self.id = clock_of(device)

    def read(self):
        return time.clock_gettime_ns(self.id)

    def adjust(self, modes, freq=0, sec=0, nsec=0):
        timex = bytearray(struct.pack("I4xqq", modes, 0, freq) + bytes(48) +
                          struct.pack("qq", sec, nsec) + bytes(128))
        view = (ctypes.c_char * len(timex)).from_buffer(timex)
        if libc.syscall(305, ctypes.c_int(self.id), view) < 0:
            raise OSError(ctypes.get_errno(), "clock_adjtime")


def raw(device, flags):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_1588))
    sock.bind((device, ETH_P_1588))
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, flags | RAW_HARDWARE)
    return sock


def arrives(sock, flags, milliseconds):
    poll = select.poll()
    poll.register(sock, 0 if flags else select.POLLIN)
    return poll.poll(milliseconds)


def stamp(sock, flags=0):
    """The hardware's stamp of the next packet: ns, 0 if it has none, None if none comes."""
    if not arrives(sock, flags, 5000):
        return None
    _, ancillary, _, _ = sock.recvmsg(2048, 512, flags)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPING:
            sec, nsec = struct.unpack_from("qq", data, 32)
            return sec * 10**9 + nsec
    return 0


def between(first, value, last):
    return "right" if value and first <= value <= last else f"{value} is not from {first} to {last}"


def setting(a, _):
    a.adjust(ADJ_SETOFFSET | ADJ_NANO, sec=-1000)
    first = a.read()
    time.clock_settime_ns(a.id, 123456789 * 10**9)
    middle = a.read()
    a.adjust(ADJ_SETOFFSET | ADJ_NANO, sec=1000, nsec=5)
    last = a.read()
    return "right" if first > 10**18 and middle >= 123456789 * 10**9 and \
        10**12 + 5 <= last - middle < 2 * 10**12 else f"{first} {middle} {last}"


def pace(a, b, ratio, meanwhile=lambda: time.sleep(1)):
    """How far A's clock goes: between what B's does within and without."""
    b0, a0, b1 = b.read(), a.read(), b.read()
    meanwhile()
    b2, a1, b3 = b.read(), a.read(), b.read()
    return between((b2 - b1) * ratio * 0.999, a1 - a0, (b3 - b0) * ratio * 1.001)


def down_and_up(device):
    for state in "down", "up":
        subprocess.run(["ip", "link", "set", device, state], check=True)


def rate(a, b):
    said = []
    for ppm, ratio in (0, 1), (-500000, 0.5), (900000, 1.9), (0, 1):
        a.adjust(ADJ_FREQUENCY, freq=ppm * 65536)
        said.append(pace(a, b, ratio))
    try:
        a.adjust(ADJ_FREQUENCY, freq=1000000 * 65536)
        said.append("a rate beyond the clock's was not refused")
    except OSError:
        pass
    return "right" if set(said) == {"right"} else str(said)


def sent(a, _, sock, other):
    """Five, as there is one register for all."""
    said = set()
    for _ in range(5):
        first = a.read()
        sock.send(B + A + struct.pack("!H", ETH_P_1588) + SYNC)
        value = stamp(sock, socket.MSG_ERRQUEUE)
        said.add(between(first, value, a.read()))
        stamp(other)
    return "right" if said == {"right"} else str(said)


def received(a, _, sock, other, message=SYNC, count=5):
    said = set()
    for _ in range(count):
        first = a.read()
        other.send(A + B + struct.pack("!H", ETH_P_1588) + message)
        value = stamp(sock)
        said.add(between(first, value, a.read()) if message == SYNC else
                 "right" if value == 0 else f"stamp {value}")
    return "right" if said == {"right"} else str(said)


def main(device, *asked):
    sock = raw(device, TX_HARDWARE | RX_HARDWARE)
    a = Clock(device)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    os.setns(os.open("/run/netns/peer", os.O_RDONLY), os.CLONE_NEWNET)
    b = Clock("peer0")
    other = raw("peer0", 0)
    os.setns(here, os.CLONE_NEWNET)

    def configs():
        wrong = [stamp_config(device, tx, rx) for tx, rx in ((TX_ON, ALL), (TX_ONESTEP, 0), (0, NTP_ALL))]
        right = stamp_config(device, TX_ON, PTP_V2_L2_SYNC)
        now = struct.unpack("iii", ioctl(device, SIOCGHWTSTAMP, bytearray(12)))[1:]
        return "right" if wrong == [None] * 3 and right == now == (TX_ON, PTP_V2_EVENT) else \
            f"{wrong} {right} {now}"

    def off():
        stamp_config(device, 0, 0)
        sock.send(B + A + struct.pack("!H", ETH_P_1588) + SYNC)
        stamp(other)
        said = received(a, b, sock, other, bytes([0, 2, 0, 44]) + bytes(40) + b"more", 1)
        return "a stamp" if arrives(sock, socket.MSG_ERRQUEUE, 200) else said

    def unread():
        other.send(A + B + struct.pack("!H", ETH_P_1588) + SYNC)
        return "sent"

    does = {"setting": lambda: setting(a, b), "rate": lambda: rate(a, b), "configs": configs,
            "sent": lambda: sent(a, b, sock, other), "received": lambda: received(a, b, sock, other),
            "follow-up": lambda: received(a, b, sock, other, b"\x08" + SYNC[1:], 2), "off": off,
            "unread": unread, "reset": lambda: pace(a, b, 1, lambda: down_and_up(device))}
    for what in asked:
        print(f"{what}: {does[what]()}", flush=True)


main(*sys.argv[1:])
