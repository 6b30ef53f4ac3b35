#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: frames.py DEVICE

What a packet socket sees of pktgen's packets that DEVICE, peer0 or one here, receives, until
standard input ends: how many, how many different ones, and how many by their VLAN tags.
"""
import os
import select
import socket
import struct
import sys
from collections import Counter

SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_OUTGOING = 4
TP_STATUS_VLAN_VALID = 1 << 4
ETH_P_ALL = 3
ETH_P_TAGS = {0x8100, 0x88a8}
SO_RCVBUFFORCE = 33
PKTGEN_MAGIC = 0xbe9be955
# of a frame without tag: Ethernet 14, IPv4 20, UDP 8
SOURCE, PORT, PAYLOAD = 26, 36, 42


def untag(frame, ancillary):
    """The frame without tags, and its tags: the kernel has taken the outer one off."""
    tags = []
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, proto = struct.unpack("IIIHHHH", data)
            if status & TP_STATUS_VLAN_VALID:
                tags.append(f"{proto:04x}:{tci:04x}")
    while len(frame) >= 18 and struct.unpack_from("!H", frame, 12)[0] in ETH_P_TAGS:
        proto, tci = struct.unpack_from("!HH", frame, 12)
        tags.append(f"{proto:04x}:{tci:04x}")
        frame = frame[:12] + frame[16:]
    return frame, "/".join(tags) or "untagged"


def number_of(frame):
    """Flow and number, which make it different from all others; None if it is not pktgen's."""
    if len(frame) < PAYLOAD + 8 or struct.unpack_from("!H", frame, PORT)[0] != 9:
        return None
    magic, number = struct.unpack_from("!II", frame, PAYLOAD)
    return (frame[SOURCE:SOURCE + 4], number) if magic == PKTGEN_MAGIC else None


def main():
    device = sys.argv[1]
    if device == "peer0":
        os.setns(os.open("/run/netns/peer", os.O_RDONLY), os.CLONE_NEWNET)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    sock.bind((device, ETH_P_ALL))
    tagged, numbers, packets = Counter(), set(), 0
    print("ready", file=sys.stderr, flush=True)

    while True:
        ready = select.select([sock, sys.stdin], [], [])[0]
        if sock not in ready:
            break  # it has all been read
        frame, ancillary, _, address = sock.recvmsg(65536, 64)
        frame, tags = untag(frame, ancillary)
        number = number_of(frame)
        if number is None or address[2] == PACKET_OUTGOING:
            continue
        packets += 1
        numbers.add(number)
        tagged[tags] += 1
    print(f"packets {packets} different {len(numbers)}",
          *(f"{tag} {count}" for tag, count in sorted(tagged.items())))


main()
