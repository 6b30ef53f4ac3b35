#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: offloads.py fields DEVICE [FLOW_TYPE=FIELDS...]
       offloads.py tagged VID COUNT
       offloads.py frame DEVICE BYTES
       offloads.py checksums FAMILY tcp|udp|sctp good|bad COUNT
       offloads.py sent DEVICE
       offloads.py segments BYTES COUNT
       offloads.py short DEVICE TAG FROM TO

fields: have DEVICE hash these fields (letters as ethtool -N has them), tell what it refuses, and
then what it hashes.
tagged: send COUNT packets with a VLAN tag from the peer to NIC A.
frame: send one frame of BYTES, without CRC, from the peer to NIC A, and tell what a packet socket
on DEVICE gets of it: "nothing", "as sent", or "as sent and N more".
checksums: send COUNT packets from the peer, with a right or wrong checksum of their protocol.
sent: until standard input ends, tell of every packet that the peer's DEVICE receives, unless it is
ICMP's, whether its checksums are right, by our own arithmetic, and its VLAN tag if it has one.
segments: hand the stack COUNT UDP datagrams of BYTES at once, from NIC A to the peer, and tell
whether their contents arrive, "as sent".
short: send one frame of each length in a range from DEVICE to the peer, and tell whether all arrive
with that tag, and nothing but zeros behind: "as sent".
"""
import ctypes
import fcntl
import os
import select
import socket
import struct
import sys
from collections import Counter

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
UDP_SEGMENT = 103
PACKET_OUTGOING = 4
SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 1 << 4
A, B = bytes.fromhex("02dc0000000a"), bytes.fromhex("02dc0000000b")
ADDRESSES = {4: ("192.0.2.2", "192.0.2.1"), 6: ("2001:db8::2", "2001:db8::1")}
PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}
NAMES = {number: name for name, number in PROTOCOLS.items()}
# of each protocol's checksum in its header
CHECKSUM_AT = {"tcp": 16, "udp": 6, "sctp": 8}


SIOCETHTOOL, GRXFH, SRXFH = 0x8946, 0x29, 0x2A
FLOW_TYPES = {"tcp4": 1, "udp4": 2, "sctp4": 3, "ah4": 9, "tcp6": 5, "udp6": 6, "sctp6": 7,
              "ah6": 11, "ether": 18}
FIELDS = {"m": 1 << 1, "v": 1 << 2, "t": 1 << 3, "s": 1 << 4, "d": 1 << 5, "f": 1 << 6, "n": 1 << 7}


def rxnfc(device, command, flow_type, data=0):
    """The ioctl; struct ethtool_rxnfc, of which these are the first members."""
    order = bytearray(struct.pack("IIQ", command, flow_type, data) + bytes(176))
    view = (ctypes.c_char * len(order)).from_buffer(order)
    request = struct.pack("16sP", device.encode(), ctypes.addressof(view)) + bytes(16)
    fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), SIOCETHTOOL, request)
    return struct.unpack_from("IIQ", order)[2]


def fields(device, *changes):
    for change in changes:
        name, letters = change.split("=")
        try:
            rxnfc(device, SRXFH, FLOW_TYPES[name], sum(FIELDS[letter] for letter in letters))
        except OSError:
            print(f"refused {change}", end=" ")
    for name, flow_type in FLOW_TYPES.items():
        try:
            data = rxnfc(device, GRXFH, flow_type)
        except OSError:
            continue
        print(f"{name}=" + "".join(letter for letter, bit in FIELDS.items() if data & bit), end=" ")
    print()


def socket_on(device, peer=False):
    if peer:
        os.setns(os.open("/run/netns/peer", os.O_RDONLY), os.CLONE_NEWNET)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    sock.bind((device, ETH_P_ALL))
    return sock


def ones_sum(data):
    """RFC 1071: 0xffff over what has its right checksum in it."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("<I", crc ^ 0xFFFFFFFF)


def pseudo_header(source, destination, protocol, length):
    return source + destination + struct.pack("!II", length, protocol)


def tagged(vid, count):
    sock = socket_on("peer0", peer=True)
    frame = A + B + struct.pack("!HHH", 0x8100, 5 << 13 | int(vid), 0x88B5) + bytes(60)
    for _ in range(int(count)):
        sock.send(frame)


def segments(size, count):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, int(size))
    os.setns(os.open("/run/netns/peer", os.O_RDONLY), os.CLONE_NEWNET)
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("192.0.2.2", 0))
    receiver.settimeout(2)
    data = bytes(i * 7 & 0xFF for i in range(int(size) * int(count)))
    sender.sendto(data, receiver.getsockname())
    got = b""
    try:
        while len(got) < len(data):
            got += receiver.recv(65536)
    except TimeoutError:
        pass
    print("as sent" if got == data else f"{len(got)} bytes of {len(data)}")


def frame(device, size):
    size = int(size)
    receiver = socket_on(device)
    body = bytes(i * 7 & 0xFF for i in range(size - 14))
    sent = A + B + b"\x88\xb5" + body
    socket_on("peer0", peer=True).send(sent)
    while select.select([receiver], [], [], 1)[0]:
        got, address = receiver.recvfrom(65536)
        if address[2] == PACKET_OUTGOING or got[12:14] != b"\x88\xb5":
            continue
        if not got.startswith(sent):
            print(f"{len(got)} bytes, and not those sent")
        else:
            print("as sent" if got == sent else f"as sent and {len(got) - size} more")
        return
    print("nothing")


def checksums(family, name, quality, count):
    family = int(family)
    domain = {4: socket.AF_INET, 6: socket.AF_INET6}[family]
    source, destination = (socket.inet_pton(domain, text) for text in ADDRESSES[family])
    payload = bytes(range(90))
    if name == "tcp":
        l4 = struct.pack("!HHIIBBHHH", 5, 5, 1, 1, 5 << 4, 0, 0, 0, 0) + payload
    elif name == "udp":
        l4 = struct.pack("!HHHH", 5, 5, 8 + len(payload), 0) + payload
    else:
        l4 = struct.pack("!HHII", 5, 5, 7, 0) + struct.pack("!BBH", 0, 3, 92) + payload[:88]
    at = CHECKSUM_AT[name]
    if name == "sctp":
        value = crc32c(l4)
    else:
        value = struct.pack("!H", 0xFFFF - ones_sum(
            pseudo_header(source, destination, PROTOCOLS[name], len(l4)) + l4))
    if quality == "bad":
        value = bytes([value[0] ^ 0x10]) + value[1:]
    l4 = l4[:at] + value + l4[at + len(value):]
    if family == 4:
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(l4), 1, 0, 64, PROTOCOLS[name], 0) + \
            source + destination
        header = header[:10] + struct.pack("!H", 0xFFFF - ones_sum(header)) + header[12:]
    else:
        header = struct.pack("!IHBB", 6 << 28, len(l4), PROTOCOLS[name], 64) + source + destination
    sock = socket_on("peer0", peer=True)
    for _ in range(int(count)):
        sock.send(A + B + (b"\x08\x00" if family == 4 else b"\x86\xdd") + header + l4)


def verdict(packet):
    """What a packet is, and whether it is right; None if it is of no interest."""
    kind, packet = packet[12:14], packet[14:]
    if kind == b"\x08\x00":
        family, length, protocol = 4, packet[0] % 16 * 4, packet[9]
        header, packet = packet[:length], packet[length:struct.unpack_from("!H", packet, 2)[0]]
        addresses, right = (header[12:16], header[16:20]), ones_sum(header) == 0xFFFF
    elif kind == b"\x86\xdd":
        family, protocol = 6, packet[6]
        header, packet = packet[:40], packet[40:40 + struct.unpack_from("!H", packet, 4)[0]]
        addresses, right = (header[8:24], header[24:40]), True
    else:
        return None
    if protocol not in NAMES:
        return None
    name = NAMES[protocol]
    if name == "sctp":
        right &= crc32c(packet[:8] + bytes(4) + packet[12:]) == packet[8:12]
    else:
        right &= ones_sum(pseudo_header(*addresses, protocol, len(packet)) + packet) == 0xFFFF
    return f"{name}{family} {'right' if right else 'WRONG'}"


def tag(ancillary):
    """The kernel has taken it off."""
    for level, kind, data in ancillary:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, proto = struct.unpack("IIIHHHH", data)
            if status & TP_STATUS_VLAN_VALID:
                return f"{proto:04x}:{tci:04x} "
    return ""


def tags_too(sock):
    sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    return sock


def short(device, expected, first, last):
    sender = socket_on(device)
    receiver = tags_too(socket_on("peer0", peer=True))
    for size in range(int(first), int(last) + 1):
        sent = B + A + b"\x88\xb5" + bytes(range(1, size - 13))
        sender.send(sent)
        while select.select([receiver], [], [], 5)[0]:
            got, ancillary, _, _ = receiver.recvmsg(65536, 64)
            if got[12:14] == b"\x88\xb5":
                break
        else:
            sys.exit(f"{size} bytes: nothing")
        if tag(ancillary).strip() != expected or got.rstrip(b"\0") != sent:
            sys.exit(f"{size} bytes: {tag(ancillary)}{got.hex()}")
    print("as sent")


def sent(device):
    sock = tags_too(socket_on(device, peer=True))
    seen = Counter()
    print("ready", file=sys.stderr, flush=True)
    while True:
        ready = select.select([sock, sys.stdin], [], [])[0]
        if sock not in ready:
            break  # it has all been read
        packet, ancillary, _, address = sock.recvmsg(65536, 64)
        what = address[2] != PACKET_OUTGOING and verdict(packet)
        if what:
            seen[tag(ancillary) + what] += 1
    for what, count in sorted(seen.items()):
        print(what, count)


{"fields": fields, "tagged": tagged, "frame": frame, "checksums": checksums,
 "sent": sent, "segments": segments, "short": short}[sys.argv[1]](*sys.argv[2:])
