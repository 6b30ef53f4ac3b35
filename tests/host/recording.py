#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Makes recordings as cli/recording.h describes them, sound ones and others, in a directory.

Prints for each that is not sound its file's name and what dpctool is to say of it.
"""
import json
import os
import struct
import sys

RUNS, INTERRUPTS, FLAG_SETS, BUCKETS = 3, 5, 256, 128
BEGIN, EVENTS, COUNTERS, END = 1, 2, 3, 4
ENTRY = 5312  # sizeof(struct counters_entry)

begin = {"host": "elsewhere", "kernel": "6.12", "dpctool": "0.1", "t0_ns": 1_000_000_000_000,
         "start_ns": 5_000_000_000, "cpus": 4096}
rows = [{"msg": 0, "irq": None, "napi": None, "interrupts": True},
        {"msg": 1, "irq": 31, "napi": None, "interrupts": True}]
device = {"name": "eth7", "ifindex": 7, "driver": "dpcnic", "level": "L3", "why": "", "napis": 0,
          "rows": rows}
# Of another driver: the NAPI instance 8193, whose IRQ nobody knew, and an IRQ.
other = {**device, "driver": "igb", "level": "L1", "why": "its driver is igb, not dpcnic",
         "napis": 1, "rows": [{"msg": None, "irq": 30, "napi": 8193, "interrupts": False}, rows[1]]}
end = {"devices": [device], "period_ns": 2_000_000_000, "uncounted": 0, "lost": 2,
       "by_cpu": [0, 2], "command": None}


def header(magic=b"dpctool\0", order=0x01020304, version=2):
    return struct.pack("=8sII", magic, order, version)


def chunk(kind, data, size=None):
    head = struct.pack("=IIQ", kind, 0, len(data) if size is None else size)
    return head + data + b"\0" * (-len(data) % 8)


def text(kind, what, **changes):
    return chunk(kind, json.dumps({**what, **changes}).encode())


def event(started, packets, row=1, cpu=4000):
    return struct.pack("=QQQQIIIIIIIIII", started - 300, started - 200, started, started + 1000,
                       7, row, cpu, cpu, packets, 64, 1, 0, 1, 0)


def counters(row=1, cpu=4000, runs=RUNS, interrupts=INTERRUPTS):
    entry = bytearray(ENTRY)
    struct.pack_into("=Q", entry, 8, runs)  # runs[DPCNIC_RUN_QUEUED]
    struct.pack_into("=Q", entry, 8 * FLAG_SETS, interrupts)
    return chunk(COUNTERS, struct.pack("=IIII", 7, row, cpu, 0) + entry)


def bucket(value):
    """Every power of two in four parts, values below eight one by one; as cli/hist.c prints them."""
    shift = max(value.bit_length() - 3, 0)
    return shift * 4 + (value >> shift)


def spread(values):
    """struct counters_distribution"""
    buckets = [0] * BUCKETS
    for value in values:
        buckets[bucket(value)] += 1
    return struct.pack("=QQ128Q", sum(values), max(values, default=0), *buckets)


def row(ifindex, msg, cpu, runs, lat, run, packets, interrupts=0, throttled=0, disabled=0, stamped=True):
    """What was counted: @runs runs that each waited @lat, took @run and had @packets packets.

    Without @stamped, the interrupts came before anybody observed.
    """
    flags = [0] * FLAG_SETS
    flags[1 | 16] = runs - throttled  # DPCNIC_RUN_QUEUED, DPCNIC_RUN_ENABLED
    flags[1 | 8] = throttled  # DPCNIC_RUN_QUEUED, DPCNIC_RUN_MORE
    entry = struct.pack("=256Q4Q", *flags, interrupts, 0, disabled, (runs - throttled) * stamped)
    entry += b"".join(spread(runs * [value]) for value in (lat, run, packets))
    return chunk(COUNTERS, struct.pack("=IIII", ifindex, msg, cpu, 0) + entry.ljust(ENTRY, b"\0"))


def events(row=1):
    return chunk(EVENTS, b"".join(event(5_000_000_000 + i * 10_000, i, row) for i in range(RUNS)))
# Two devices, and what DPCs do: see which flags stand for what in kmod/engine/trace_abi.h.
QUEUED, REQUEUED, UNSOLICITED, MORE, ENABLED, FOREIGN, KEPT = (1 << bit for bit in range(7))


def run(irq, queued, started, ended, msg=0, cpu=0, ran_on=None, ifindex=7, flags=QUEUED, packets=5):
    times = (at and 5_000_000_000 + at for at in (irq, queued, started, ended))
    return struct.pack("=QQQQIIIIIIIIII", *times, ifindex, msg, cpu,
                       cpu if ran_on is None else ran_on, packets, 64, 2, 3, flags, 0)


timeline = [
    run(0, 0, 0, 900, msg=1, cpu=2),  # began before anybody looked
    run(0, 0, 500, 1000, cpu=1, flags=KEPT),
    run(1000, 1100, 1500, 2500, flags=QUEUED | ENABLED),
    # one after the other as their bound wants; then queued while it runs; one without a wait
    run(3000, 3001, 3500, 4500, flags=QUEUED | MORE, packets=64),
    run(3000, 4500, 5000, 6000, flags=REQUEUED | MORE, packets=64),
    run(3000, 6000, 7000, 8000, flags=REQUEUED),
    run(3000, 7500, 8100, 9000, flags=QUEUED),
    run(3000, 9100, 9000, 9000, flags=QUEUED | ENABLED, packets=0),
    # a batch on two CPUs at a time, the next one's end known before that of the first
    run(2000, 2100, 2600, 9500, msg=1, cpu=1, flags=QUEUED),
    run(10000, 10100, 10300, 10400, msg=1, cpu=1, flags=QUEUED | ENABLED),
    run(2000, 2200, 9000, 10200, msg=1, cpu=2, flags=QUEUED | ENABLED),
    # what nobody asked for, with the stamp of an interrupt long over; on another's CPU
    run(10000, 0, 11000, 11500, msg=1, cpu=1, ran_on=3, flags=UNSOLICITED | FOREIGN),
    # clocks that differ by a bit
    run(12000, 12100, 11990, 12300, msg=1, cpu=1, flags=QUEUED | ENABLED),
    run(13000, 13100, 13300, 13290, msg=1, cpu=1, flags=QUEUED),
    # the other device, on the same CPUs
    run(9200, 9300, 9400, 9900, ifindex=8, msg=0, cpu=0, flags=QUEUED | ENABLED),
    run(1 << 40, 1 << 40, (1 << 40) + 7, (1 << 40) + 9, ifindex=8, msg=8, cpu=300),
]
crowd = [run(100, 0, 1000 + i, 2000, cpu=1, ran_on=i) for i in range(6)]
extreme = [struct.pack("=QQQQIIIIIIIIII", *4 * [1 << 62], 7, *3 * [8191],
                       *6 * [(1 << 32) - 1])]


def runs_only(which):
    two = {**device, "name": 'a",b', "ifindex": 8,
           "rows": [{**rows[0], "msg": msg} for msg in range(9)]}
    return (header() + text(BEGIN, begin) + chunk(EVENTS, b"".join(which)) +
            text(END, end, devices=[device, two]))




body = events() + counters()
sound = header() + text(BEGIN, begin) + body + text(END, end)

# Two devices, messages on several CPUs, CPUs with several messages.
busy_devices = [{**device, "name": name, "ifindex": ifindex,
                 "rows": [{**rows[0], "msg": msg, "irq": irq} for msg, irq in enumerate(irqs)]}
                for name, ifindex, irqs in (("eth7", 7, [30, 31, 32]), ("eth8", 8, [40, None]))]
busy = (header() + text(BEGIN, begin, cpus=4) +
        row(7, 0, 0, 10, 1000, 5000, 3, interrupts=11, disabled=100_000_000) +
        row(7, 0, 2, 5, 3000, 9000, 64, interrupts=2, throttled=4, disabled=50_000_000) +
        row(7, 1, 1, 20, 2000, 70_000, 10, interrupts=20) +
        row(8, 0, 2, 40, 500, 800, 1, interrupts=41) +
        row(8, 1, 3, 1, 6_000_000, 12_000_000, 0) +
        text(END, end, devices=busy_devices, load={
            "time_ns": 2_000_000_000,
            "cpus": [{"cpu": 2, "ksoftirqd_ns": 0, "ksoftirqd_wait_ns": 0, "stolen_ns": 60_000_000}],
            "irqs": [{"irq": 99, "actions": "nvme0q3", "counts": [[3, 700]]}]}))


def bad_load(**changes):
    load = {"time_ns": 0, "cpus": [], "irqs": [], **changes}
    return (header() + text(BEGIN, begin) + body + text(END, end, load=load),
            "damaged: what the CPUs did")



good = {
    "large": runs_only(extreme * 2000),
    "busy": busy,
    "sound": sound,
    "timeline": runs_only(timeline),
    # one message that two CPUs enabled, of which that is known of the first only
    "enabled": header() + text(BEGIN, begin, cpus=2) +
               row(7, 1, 0, 1, 1000, 5000, 3, interrupts=1, disabled=100_000_000) +
               row(7, 1, 1, 1, 1000, 5000, 3, stamped=False) + text(END, end),
    "crowd": runs_only(crowd),
    "extreme": runs_only(extreme),
    # what a device, and who asks for an IRQ, may be called
    "names": header() + text(BEGIN, begin, host="h\u00f6st") + body +
             text(END, end, devices=[{**device, "name": "l\u00e4n\u20ac\U0001f600"}],
                  load={"time_ns": 0, "cpus": [],
                        "irqs": [{"irq": 1, "actions": "nic\u00e9-rx", "counts": []}]}),
    # from a dpctool that knows more
    "newer": header() + text(BEGIN, begin) + chunk(99, b"unknown") + body + text(END, end, more=1),
    "other": header() + text(BEGIN, begin) + events(0) + counters(0, interrupts=0) +
             counters(1, 3, runs=0) +
             text(END, end, devices=[other]),
}
bad = {
    "empty": (b"", "no recording: not a file, or empty"),
    "short": (sound[:10], "no recording of dpctool"),
    "magic": (header(magic=b"perfdata") + sound[16:], "no recording of dpctool"),
    "order": (header(order=0x04030201) + sound[16:], "recorded on a host with another byte order"),
    "version": (header(version=1) + sound[16:], "recorded by a dpctool with another format"),
    "beginning": (header() + body + text(END, end), "damaged: its beginning is missing"),
    "twice": (header() + 2 * text(BEGIN, begin) + body + text(END, end),
              "damaged: it begins or ends twice"),
    "nojson": (header() + chunk(BEGIN, b"{") + body + text(END, end), "damaged: no JSON"),
    "cpus": (header() + text(BEGIN, begin, cpus=1 << 20) + body + text(END, end),
             "damaged: where and when"),
    "nocpus": (header() + text(BEGIN, begin, cpus=0) + text(END, end), "damaged: where and when"),
    "types": (header() + text(BEGIN, begin, host=5) + text(END, end), "damaged: where and when"),
    "events": (header() + text(BEGIN, begin) + chunk(EVENTS, b"x" * 70) + text(END, end),
               "damaged: runs of another size"),
    "counters": (header() + text(BEGIN, begin) + chunk(COUNTERS, b"x" * 16) + text(END, end),
                 "damaged: counters of another size"),
    "nodevice": (header() + text(BEGIN, begin) + text(END, end, devices=[]), "damaged: no devices"),
    "many": (header() + text(BEGIN, begin) + text(END, end, devices=17 * [device]),
             "damaged: no devices, or more than there can be"),
    "escape": (header() + text(BEGIN, begin) +
               text(END, end, devices=[{**device, "name": "\x1b[31m"}]),
               "damaged: a device that cannot be"),
    "escape8": (header() + text(BEGIN, begin) +
                text(END, end, devices=[{**device, "name": "\x9b31m"}]),
                "damaged: a device that cannot be"),
    "blank": (header() + text(BEGIN, begin) +
              text(END, end, devices=[{**device, "name": "eth 7"}]),
              "damaged: a device that cannot be"),
    "host": (header() + text(BEGIN, begin, host="\x1b[31m") + body + text(END, end),
             "damaged: where and when"),
    "long": (header() + text(BEGIN, begin) +
             text(END, end, devices=[{**device, "name": "e" * 16}]),
             "damaged: a device that cannot be"),
    "level": (header() + text(BEGIN, begin) + text(END, end, devices=[{**device, "level": "L4"}]),
              "damaged: a device that cannot be"),
    "why": (header() + text(BEGIN, begin) + text(END, end, devices=[{**device, "why": "\n"}]),
            "damaged: a device that cannot be"),
    "driver": (header() + text(BEGIN, begin) +
               text(END, end, devices=[{**device, "driver": "d" * 32}]),
               "damaged: a device that cannot be"),
    "napis": (header() + text(BEGIN, begin) + text(END, end, devices=[{**device, "napis": 1 << 32}]),
              "damaged: a device that cannot be"),
    "fewrows": (header() + text(BEGIN, begin) + text(END, end, devices=[{**device, "napis": 3}]),
                "damaged: more rows than there can be"),
    "rows": (header() + text(BEGIN, begin) +
             text(END, end, devices=[{**device, "rows": [1] * 8193}]),
             "damaged: more rows than there can be"),
    "lost": (header() + text(BEGIN, begin) + text(END, end, by_cpu=[0] * 5000),
             "damaged: what was lost"),
    "load": bad_load(time_ns="1"),
    "loadcpu": bad_load(cpus=[{"cpu": 4096, "ksoftirqd_ns": 0, "ksoftirqd_wait_ns": 0, "stolen_ns": 0}]),
    "loadirq": bad_load(irqs=[{"irq": -1, "actions": None, "counts": []}]),
    "loadirqs": bad_load(irqs=[{"irq": 1, "actions": None, "counts": []}] * 4097),
    "loadcount": bad_load(irqs=[{"irq": 1, "actions": None, "counts": [[4096, 1]]}]),
    "loadname8": bad_load(irqs=[{"irq": 1, "actions": "\x9b31m", "counts": []}]),
    "loadname": bad_load(irqs=[{"irq": 1, "actions": "\x1b[31m", "counts": []}]),
    "noend": (header() + text(BEGIN, begin) + body, "broke off before its end"),
    "huge": (header() + text(BEGIN, begin) + chunk(EVENTS, b"", size=(1 << 64) - 8),
             "broke off before its end"),
    "trailing": (sound + b"more", "broke off before its end"),
}
for cut in range(16, len(sound) - 1, 97):
    bad[f"cut{cut}"] = (sound[:cut], "broke off before its end")

where = sys.argv[1]
for name, data in good.items():
    with open(os.path.join(where, name), "wb") as file:
        file.write(data)
for name, (data, said) in bad.items():
    with open(os.path.join(where, name), "wb") as file:
        file.write(data)
    print(name, said)
