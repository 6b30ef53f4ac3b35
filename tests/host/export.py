#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: export.py {perfetto|chrome} FILE RECORDING SUMMARY [SCHEMA]
       export.py csv FILE TRACE

Is what "dpctool export" has written to FILE what it should be? A timeline is compared to the runs
in RECORDING, read as cli/recording.h describes it, and to what "dpctool -j export" said of it
(SUMMARY). SCHEMA is the directory with perfetto_pb2.py, which protoc has made of perfetto.proto. A
table is compared to what "dpctool -j trace -i RECORDING" prints.

Prints what is wrong, or nothing.
"""
import collections
import csv
import decimal
import json
import struct
import sys

RUN = struct.Struct("=QQQQIIIIIIIIII")
Run = collections.namedtuple("Run", "irq queued started ended ifindex msg cpu ran_on packets bound "
                             "interrupts coalesced flags reserved")
WORDS = "queued requeued unsolicited more enabled foreign kept overlong".split()
wrong = []


def check(fine, *what):
    if not fine:
        wrong.append(" ".join(map(str, what)))
    return fine


class Recording:
    """Its runs, its devices, and its clocks."""

    def __init__(self, path):
        self.runs, documents = [], {}
        with open(path, "rb") as file:
            file.read(16)
            while head := file.read(16):
                kind, _, size = struct.unpack("=IIQ", head)
                data = file.read(size + -size % 8)[:size]
                if kind == 2:
                    self.runs += map(Run._make, RUN.iter_unpack(data))
                elif kind in (1, 4):
                    documents[kind] = json.loads(data)
        self.begin, self.end = documents[1], documents[4]
        self.devices = {device["ifindex"]: device for device in self.end["devices"]}

    def msg_name(self, run):
        irqs = self.devices[run.ifindex]["irqs"]
        irq = irqs[run.msg] if run.msg < len(irqs) else None
        return f"msg {run.msg}" if irq is None else f"msg {run.msg} (IRQ {irq})"


class Timeline:
    """What a format comes to: tracks by what they are called, outermost first."""

    def __init__(self):
        self.tracks = {}  # id: names
        self.slices = []  # (id, from, to, name, args)
        self.marks = []  # (id, at, name, args)
        self.samples = []  # (id, at, value)
        self.flows = []  # (id of interrupt's track, at, id of run's track, at)


# --- Perfetto

class Perfetto:
    """Reads a trace as Perfetto's trace processor would, and complains of what that would not."""

    CATEGORIES, NAMES, KEYS, STRINGS = range(4)

    def __init__(self, path, schema):
        sys.path.insert(0, schema)
        import perfetto_pb2
        self.types = perfetto_pb2.TrackEvent
        self.timeline = Timeline()
        self.interned = [{}, {}, {}, {}]
        self.clocks = {}
        self.clock = None
        self.counters = set()
        self.events = []
        trace = perfetto_pb2.Trace()
        with open(path, "rb") as file:
            trace.ParseFromString(file.read())
        check(not unknown(trace), "fields that the schema does not have")
        for number, packet in enumerate(trace.packet):
            self.take(number, packet)
        self.play()

    def take(self, number, packet):
        check(packet.trusted_packet_sequence_id == 1, "packet", number, "of another sequence")
        check(packet.sequence_flags == (2 if number else 1), "packet", number, "sequence flags",
              packet.sequence_flags)
        if packet.HasField("trace_packet_defaults"):
            self.clock = packet.trace_packet_defaults.timestamp_clock_id
        for store, entries in zip(self.interned, (
                packet.interned_data.event_categories, packet.interned_data.event_names,
                packet.interned_data.debug_annotation_names,
                packet.interned_data.debug_annotation_string_values)):
            for entry in entries:
                check(entry.iid and entry.iid not in store, "interned twice", entry)
                store[entry.iid] = getattr(entry, "name", None) or entry.str.decode()
        if packet.HasField("clock_snapshot"):
            self.clocks = {clock.clock_id: clock.timestamp
                           for clock in packet.clock_snapshot.clocks}
            check(packet.clock_snapshot.primary_trace_clock == self.clock, "primary clock")
        elif packet.HasField("track_descriptor"):
            self.describe(packet.track_descriptor)
        elif packet.HasField("track_event"):
            self.note(number, packet)

    def describe(self, track):
        tracks = self.timeline.tracks
        check(track.uuid and track.uuid not in tracks, "track described twice", track.uuid)
        parent = ()
        if track.HasField("parent_uuid"):
            check(track.parent_uuid in tracks, "track", track.uuid, "without its parent")
            parent = tracks.get(track.parent_uuid, ())
        tracks[track.uuid] = (*parent, track.name)
        if track.HasField("counter"):
            self.counters.add(track.uuid)

    def note(self, number, packet):
        event = packet.track_event
        check(event.track_uuid in self.timeline.tracks, "event on no track", number)
        check((event.type == self.types.TYPE_COUNTER) == (event.track_uuid in self.counters),
              "event on a track of another kind", number)
        check(all(iid in self.interned[self.CATEGORIES] for iid in event.category_iids),
              "no such category", number)
        name = self.interned[self.NAMES].get(event.name_iid)
        args = {self.interned[self.KEYS][arg.name_iid]: arg.uint_value
                if arg.HasField("uint_value") else self.interned[self.STRINGS][arg.string_value_iid]
                for arg in event.debug_annotations}
        self.events.append((packet.timestamp, number, event, name, args))

    def play(self):
        """In the order of time; at the same time, in that of the file."""
        line, open_slices, flows = self.timeline, {}, collections.defaultdict(list)
        for at, number, event, name, args in sorted(self.events, key=lambda entry: entry[:2]):
            uuid = event.track_uuid
            if event.type == self.types.TYPE_SLICE_BEGIN:
                check(uuid not in open_slices, "slices overlap on track", uuid, "at", at)
                open_slices[uuid] = (at, name, args)
            elif event.type == self.types.TYPE_SLICE_END:
                if check(uuid in open_slices, "end of no slice on track", uuid, "at", at):
                    begun, *what = open_slices.pop(uuid)
                    line.slices.append((uuid, begun, at, *what))
            elif event.type == self.types.TYPE_INSTANT:
                line.marks.append((uuid, at, name, args))
            elif event.type == self.types.TYPE_COUNTER:
                line.samples.append((uuid, at, event.counter_value))
            for flow in event.flow_ids:
                flows[flow].append((number, uuid, at, name))
        check(not open_slices, "slices without an end on tracks", *open_slices)
        for flow, events in flows.items():
            (_, *source, name), *rest = sorted(events)
            check(name == "interrupt" and rest, "flow", flow, "without both ends")
            line.flows += [(*source, uuid, at) for _, uuid, at, _ in rest]


def unknown(message):
    return len(message.UnknownFields()) or any(
        unknown(part) for field, value in message.ListFields() if field.message_type
        for part in (value if field.label == field.LABEL_REPEATED else [value]))


# --- Chrome

def read_chrome(path, start):
    line, ends, names = Timeline(), {}, {}

    def nanoseconds(number):
        exact = number * 1000
        check(exact == int(exact), "parts of a nanosecond", number)
        return int(exact)

    with open(path, encoding="ascii") as file:
        trace = json.load(file, parse_float=decimal.Decimal)
    events = trace["traceEvents"]
    for event in events:
        if event["ph"] == "M" and event["name"] in ("process_name", "thread_name"):
            key = (event["pid"], event["tid"] if event["name"] == "thread_name" else None)
            check(key not in names, "named twice", key)
            names[key] = event["args"]["name"]
    for event in events:
        key, thread = (event["pid"], event["tid"]), (names.get((event["pid"], None)),
                                                      names.get((event["pid"], event["tid"])))
        phase, at = event["ph"], start + nanoseconds(event.get("ts", 0))
        if phase == "C":
            msg, what = event["name"].rsplit(" ", 1)
            key = (event["pid"], event["name"])
            line.tracks[key] = (thread[0], msg, what)
            line.samples.append((key, at, event["args"]["packets"]))
            continue
        if phase != "M":
            check(None not in thread, "event in no thread", event)
            line.tracks[key] = chrome_track(thread)
        if phase == "X":
            line.slices.append((key, at, at + nanoseconds(event["dur"]), event["name"],
                                event.get("args", {})))
        elif phase == "i":
            line.marks.append((key, at, event["name"], event["args"]))
        elif phase in "sf":
            pair = ends.setdefault(event["id"], {})
            check(phase not in pair, "flow has an end twice", event)
            pair[phase] = (key, at)
    for pair in ends.values():
        if check(set(pair) == {"s", "f"}, "flow without both ends", pair):
            line.flows.append((*pair["s"], *pair["f"]))
    chrome_interrupts(line)
    return line, {1: trace["otherData"]["t0_ns"], 3: trace["otherData"]["start_ns"]}


def chrome_track(thread):
    """The format has no tracks below threads: their names have it all."""
    process, name = thread
    words = name.split(" ")
    if process != "CPUs" and len(words) > 2 and words[2] in ("disabled", "cpu"):
        return (process, " ".join(words[:2]), " ".join(words[2:]))
    return thread


def chrome_interrupts(line):
    """Slices without a length; a flow binds to no mark."""
    interrupts = [one for one in line.slices if one[3] == "interrupt"]
    check(all(begin == end for _, begin, end, *_ in interrupts), "a long interrupt")
    line.slices = [one for one in line.slices if one[3] != "interrupt"]
    line.marks += [(key, at, name, args) for key, at, _, name, args in interrupts]


# --- the same for both

def arguments(run):
    return {"packets": run.packets, "bound": run.bound, "interrupts": run.interrupts,
            "coalesced": run.coalesced, "cpu": run.ran_on, "dpc_cpu": run.cpu,
            "flags": ",".join(word for bit, word in enumerate(WORDS) if run.flags >> bit & 1)}


def freeze(args):
    return tuple(sorted(args.items()))


def compare(what, got, expected, left_out=0):
    """As often as expected, in any order; up to @left_out need not be there."""
    got, expected = collections.Counter(got), collections.Counter(expected)
    more, less = got - expected, expected - got
    check(not more, what, "that should not be:", list(more)[:3])
    check(sum(less.values()) == left_out, what, "missing, though not told:", list(less)[:3])


def check_nesting(line):
    """Slices of a track follow each other."""
    tracks = collections.defaultdict(list)
    for track, begin, end, *_ in line.slices:
        tracks[track].append((begin, end))
    for track, slices in tracks.items():
        slices.sort()
        for (_, end), (begin, _) in zip(slices, slices[1:]):
            check(end <= begin, "slices overlap on", line.tracks[track], "at", begin)


def msg_path(recording, run, short):
    device = recording.devices[run.ifindex]["name"]
    return device, f"msg {run.msg}" if short else recording.msg_name(run)


def interrupted(run):
    return 0 < run.irq <= run.started and not run.flags & 4


def check_timeline(line, recording, summary, short):
    """@short: a message's lower tracks are called without its IRQ."""
    stamped = [run for run in recording.runs if run.started and run.ended]
    left_out = summary["overlapping"]
    check(summary["unstamped"] == len(recording.runs) - len(stamped), "unstamped")
    check(summary["runs"] == len(stamped) - left_out, "runs")
    check(summary["lost"]["runs"] == recording.end["lost"], "lost")
    slices = [(line.tracks[track], *times, name, freeze(args))
              for track, *times, name, args in line.slices]
    check(summary["slices"] == len(slices), "number of slices")

    def below(run, name):
        return (*msg_path(recording, run, short), name)

    def on_msg(run):
        return msg_path(recording, run, False)

    compare("runs of messages", [one for one in slices if one[3] == "run"],
            [(below(run, f"cpu {run.cpu}"), run.started, max(run.started, run.ended), "run",
              freeze(arguments(run))) for run in stamped], left_out)
    compare("runs on CPUs", [one for one in slices if one[0][0] == "CPUs"],
            [(("CPUs", f"cpu {run.ran_on}"), run.started, max(run.started, run.ended),
              " ".join(msg_path(recording, run, True)), freeze(arguments(run)))
             for run in stamped], left_out)
    compare("waits", [one for one in slices if one[3] == "wait"],
            [(below(run, f"cpu {run.cpu} wait"), run.queued, run.started, "wait", ())
             for run in stamped if 0 < run.queued < run.started])
    compare("times disabled", [one for one in slices if one[3] == "disabled"],
            [(below(run, "disabled"), run.irq, run.ended, "disabled", ()) for run in stamped
             if run.flags & 16 and 0 < run.irq < run.ended])
    compare("marks", [(line.tracks[track], at, name, freeze(args))
                      for track, at, name, args in line.marks],
            [(below(run, f"cpu {run.cpu}"), run.ended, "throttled", freeze(arguments(run)))
             for run in stamped if run.flags & 8] +
            list({(on_msg(run), run.irq, "interrupt", ()) for run in stamped if interrupted(run)}))
    compare("samples", [(line.tracks[track], *rest) for track, *rest in line.samples],
            [(below(run, "packets"), max(run.started, run.ended), run.packets)
             for run in stamped], left_out)
    compare("flows", [(line.tracks[source], begin, line.tracks[target], end)
                      for source, begin, target, end in line.flows],
            [(on_msg(run), run.irq, below(run, f"cpu {run.cpu}"), run.started)
             for run in stamped if interrupted(run)], left_out)
    check(summary["msg_tracks"] == len({msg_path(recording, run, True) for run in stamped}) and
          summary["cpu_tracks"] == len({run.ran_on for run in stamped}), "number of tracks")
    check_nesting(line)


def check_csv(path, trace):
    with open(path, encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file, strict=True)
    rows = trace["rows"]
    check(len(rows) == len(lines), len(lines), "lines for", len(rows), "rows")
    check(not rows or header == list(rows[0]), "header", header)
    for row, line in zip(rows, lines):
        expected = ["" if value is None else ",".join(value) if isinstance(value, list) else
                    str(value) for value in row.values()]
        check(line == expected, "line", line, "for", expected)


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


kind, exported, reference, *more = sys.argv[1:]
if kind == "csv":
    check_csv(exported, read_json(reference))
else:
    original = Recording(reference)
    if kind == "chrome":
        timeline, clocks = read_chrome(exported, original.begin["start_ns"])
    else:
        reader = Perfetto(exported, more[1])
        timeline, clocks = reader.timeline, reader.clocks
        check(reader.clock == 3, "times are not CLOCK_MONOTONIC")
    check(clocks == {1: original.begin["t0_ns"], 3: original.begin["start_ns"]}, "clocks", clocks)
    check_timeline(timeline, original, read_json(more[0]), kind == "chrome")
print(*wrong[:10], sep="\n", end="\n" * bool(wrong))
