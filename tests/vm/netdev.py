#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""What the kernel's "netdev" netlink family says, one line per object: name=value ...

usage: netdev.py queues|napis|qstats|totals|pools [DEVICE]

Debian has no package with the kernel's own client (ynl), and these few dumps need little. totals
are qstats of a whole device, queues that are not in use any more included.
"""
import socket
import struct
import sys

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2

# include/uapi/linux/netdev.h: command, attribute with the interface, attributes to print
DUMPS = {
    "pools": (5, 2, {1: "id", 3: "napi", 4: "inflight", 6: "detached"}),
    "queues": (10, 2, {1: "queue", 3: "type", 4: "napi"}),
    "napis": (11, 1, {2: "napi", 3: "irq", 4: "pid"}),
    "qstats": (12, 1, {2: "type", 3: "queue", 8: "rx_packets", 9: "rx_bytes",
                       10: "tx_packets", 11: "tx_bytes", 12: "rx_alloc_fail",
                       13: "rx_hw_drops", 16: "rx_csum_unnecessary"}),
}
DUMPS["totals"] = DUMPS["qstats"]
QSTATS_SCOPE, SCOPE_QUEUE = 4, 1
TYPES = ["rx", "tx"]


def attribute(kind, value):
    return struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def attributes(data):
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from("HH", data)
        found[kind & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3:]
    return found


def ask(nl, family, command, flags, attrs):
    """Yield the attributes of every answer."""
    body = struct.pack("BBH", command, 1, 0) + attrs
    nl.send(struct.pack("IHHII", 16 + len(body), family, NLM_F_REQUEST | flags, 1, 0) + body)
    while True:
        data = nl.recv(65536)
        while data:
            size, kind = struct.unpack_from("IH", data)
            if kind == NLMSG_ERROR:
                error = -struct.unpack_from("i", data, 16)[0]
                raise OSError(error, f"netlink: command {command} was refused")
            if kind == NLMSG_DONE:
                return
            yield attributes(data[20:size])
            if not flags & NLM_F_DUMP:
                return
            data = data[(size + 3) & ~3:]


def number(value):
    return int.from_bytes(value, sys.byteorder)


def main(what, device=None):
    command, ifindex_attr, names = DUMPS[what]
    ifindex = socket.if_nametoindex(device) if device else None

    nl = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    nl.bind((0, 0))
    family = number(next(ask(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0,
                             attribute(CTRL_ATTR_FAMILY_NAME, b"netdev\0")))[CTRL_ATTR_FAMILY_ID])

    scope = attribute(QSTATS_SCOPE, struct.pack("Q", SCOPE_QUEUE)) if what == "qstats" else b""
    for found in ask(nl, family, command, NLM_F_DUMP, scope):
        if ifindex and number(found.get(ifindex_attr, b"")) != ifindex:
            continue
        fields = {name: number(found[kind]) for kind, name in names.items() if kind in found}
        if "type" in fields:
            fields["type"] = TYPES[fields["type"]]
        print(*(f"{name}={value}" for name, value in fields.items()))


main(*sys.argv[1:])
