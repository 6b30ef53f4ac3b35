#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: throttle.py time FILE MSG USECS
       throttle.py fair FILE CPU MSG MSG

Compute from a trace (dpctool -j trace) what the policy must have said at each run, by a second
implementation of it, and compare. Prints figures; fails where they do not agree.
"""
import json
import sys

MAX = 64


def read(path):
    with open(path, encoding="ascii") as file:
        trace = json.load(file)
    if trace["lost"]["runs"]:
        sys.exit(f"{trace['lost']['runs']} runs were lost")
    stamped = [row for row in trace["rows"] if row["started_ns"]]
    return sorted(stamped, key=lambda row: row["started_ns"])


def median(values):
    return sorted(values)[len(values) // 2]


def time(path, msg, usecs):
    """The trace's time of a run includes its completion, the policy's does not. So only runs count
    that follow enough cut ones, which are not completed: what others taught is forgotten."""
    allowed = int(usecs) * 1000
    rows = [row for row in read(path) if row["msg"] == int(msg)]
    ns = packets = 0.0
    cut = 0
    ratios, beyond = [], []

    for last, row in zip(rows, rows[1:]):
        took = last["ended_ns"] - last["started_ns"]
        more = "more" in last["flags"]
        if last["packets"]:
            ns += took - ns / 8
            packets += last["packets"] - packets / 8
        cut = cut + 1 if more else 0
        if cut < 20:
            continue
        expected = max(allowed * packets / ns, last["bound"] + 1 if took < allowed else 0)
        expected = max(1, min(MAX, int(expected)))
        ratios.append(row["bound"] / expected)
        if abs(row["bound"] - expected) > max(1, 0.25 * expected):
            beyond.append((expected, row["bound"]))

    bounds = [row["bound"] for row in rows]
    print(f"{len(rows)} runs, bounds {min(bounds)}..{max(bounds)}, median {median(bounds)}; "
          f"{len(ratios)} compared, {len(beyond)} differ")
    if len(ratios) < 50:
        sys.exit("too few runs to compare")
    if len(beyond) > 0.1 * len(ratios):
        sys.exit(f"expected and actual bounds differ: {beyond[:20]}")
    cut_runs = [row for row in rows if "more" in row["flags"]]
    took = median([row["ended_ns"] - row["started_ns"] for row in cut_runs])
    print(f"{len(cut_runs)} cut runs took {took / 1000:.0f} us in the median, "
          f"{usecs} us were allowed")


def fair(path, cpu, *msgs):
    msgs = [int(msg) for msg in msgs]
    rows = [row for row in read(path) if row["cpu"] == int(cpu)]
    given, ahead, last = {}, 0, {}
    wrong = compared = 0

    for i, row in enumerate(rows):
        msg = row["msg"]
        # an entry waits here if it was queued before this run began and ran after
        waiting = {other["msg"] for other in rows[i + 1:i + 40]
                   if other["msg"] != msg and other["queued_ns"]
                   and other["queued_ns"] < row["started_ns"]}
        before = last.get(msg)
        if before and "more" in before["flags"]:
            given[msg] = given.get(msg, 0) + before["packets"]
        else:
            given[msg] = ahead
        ahead = max(ahead, given[msg])
        expected = min(MAX, max(MAX // (len(waiting) + 1), ahead - given[msg]))
        # what was going on before the trace began is not known
        if i > 100:
            compared += 1
            wrong += row["bound"] != expected
        last[msg] = row
    print(f"{compared} runs on CPU {cpu}, {wrong} bounds are not what was expected")
    if compared < 200:
        sys.exit("too few runs to compare")
    if wrong > 0.02 * compared:
        sys.exit("the bounds are not those of the policy")
    balance(rows, msgs)


def balance(rows, msgs):
    """What each got while both had packets left all the time."""
    left = dict.fromkeys(msgs, False)
    got = total = None
    most = 0

    for row in rows:
        if row["msg"] not in msgs:
            continue
        if all(left.values()):
            if got is None:
                got = dict.fromkeys(msgs, 0)
                total = total or dict.fromkeys(msgs, 0)
            got[row["msg"]] += row["packets"]
            total[row["msg"]] += row["packets"]
            most = max(most, abs(got[msgs[0]] - got[msgs[1]]))
        left[row["msg"]] = "more" in row["flags"]
        if not left[row["msg"]]:
            got = None
    if not total or sum(total.values()) < 5000:
        sys.exit(f"the messages were not busy at the same time: {total}")
    print(f"while both had packets left: {total}, never more than {most} apart")
    if most > 2 * MAX:
        sys.exit("one got more than the other")


{"time": time, "fair": fair}[sys.argv[1]](*sys.argv[2:])
