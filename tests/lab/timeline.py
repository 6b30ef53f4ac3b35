#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: timeline.py FILE START LENGTH

A picture (SVG, on stdout) of what "dpctool export chrome" has written to FILE: LENGTH milliseconds
from START on, in milliseconds since the recording began.
"""
import json
import sys
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, ROW, GAP = 960, 120, 24, 15, 6
COLOURS = {"disabled": "#d5d8dc", "wait": "#f5c26b", "run": "#2f6db5"}
CPU_COLOURS = ("#2f6db5", "#3a9a5b", "#8e5bb0", "#b5722f")
FLOW, THROTTLED = "#777777", "#c0392b"


class Picture:
    def __init__(self, trace, start, length):
        self.start, self.length = start * 1000, length * 1000
        self.events = [event for event in trace["traceEvents"] if event["ph"] == "M" or
                       event["ts"] + event.get("dur", 0) >= self.start and
                       event["ts"] <= self.start + self.length]
        self.rows, self.lines, self.y = {}, [], 34

    def x(self, at):
        at = min(max(at - self.start, 0), self.length)
        return round(LEFT + at * (WIDTH - LEFT - RIGHT) / self.length, 2)

    def put(self, element, text=None, **attributes):
        words = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
        self.lines.append(f"<{element}{words}" +
                          ("/>" if text is None else f">{escape(text)}</{element}>"))

    def about(self, what, key):
        return {(event["pid"], event["tid"] if what.startswith("thread") else 0):
                event["args"][key] for event in self.events
                if event["ph"] == "M" and event["name"] == what}

    def place_rows(self):
        """The tracks that have something to show, in their order, under their process's name."""
        processes, names = self.about("process_name", "name"), self.about("thread_name", "name")
        process_order = self.about("process_sort_index", "sort_index")
        order = self.about("thread_sort_index", "sort_index")
        used = {(event["pid"], event["tid"]) for event in self.events if event["ph"] in "Xi"}
        process, name = None, None
        for key in sorted(used, key=lambda key: (process_order[key[0], 0], order[key], key)):
            if key[0] != process:
                self.y += GAP * bool(process)
                process = key[0]
                self.put("text", processes[process, 0], x=4, y=self.y + 12, font_weight="bold")
                self.y += ROW + 2
            if names[key] != name:
                name = names[key]
                self.put("text", name, x=12, y=self.y + 11)
            self.rows[key] = self.y
            self.put("rect", x=LEFT, y=self.y, width=WIDTH - LEFT - RIGHT, height=ROW - 2,
                     fill="#f4f5f7")
            self.y += ROW

    def slice(self, event):
        name, y = event["name"], self.rows[event["pid"], event["tid"]]
        if name == "interrupt":
            self.put("path", d=f"M{self.x(event['ts'])} {y}v{ROW - 2}", stroke="#000",
                     stroke_width=1.5)
            return
        begin, end = self.x(event["ts"]), self.x(event["ts"] + event["dur"])
        colour = COLOURS.get(name) or CPU_COLOURS[int(name.rsplit(" ", 1)[1]) % len(CPU_COLOURS)]
        self.put("rect", x=begin, y=y, width=round(max(end - begin, 0.7), 2), height=ROW - 2,
                 fill=colour)
        label = str(event["args"]["packets"]) if name == "run" else name if name not in COLOURS else ""
        if label and end - begin > 6 * len(label) + 2:
            self.put("text", label, x=round(begin + 2, 2), y=y + 10, fill="#fff", font_size=9)

    def mark(self, event):
        x, y = self.x(event["ts"]), self.rows[event["pid"], event["tid"]]
        self.put("path", d=f"M{x} {y + 6}l-3.5 -6h7z", fill=THROTTLED)

    def flows(self):
        begins = {event["id"]: event for event in self.events if event["ph"] == "s"}
        for end in (event for event in self.events if event["ph"] == "f"):
            begin = begins.get(end["id"])
            if not begin or not self.start <= begin["ts"] <= self.start + self.length:
                continue
            x1, y1 = self.x(begin["ts"]), self.rows[begin["pid"], begin["tid"]] + ROW - 2
            x2, y2 = self.x(end["ts"]), self.rows[end["pid"], end["tid"]]
            self.put("path", d=f"M{x1} {y1}C{x1} {y2} {x2} {y1} {x2} {y2}", fill="none",
                     stroke=FLOW, stroke_width=0.6)

    def scale(self):
        step = next(step for step in (50, 100, 200, 500, 1000, 2000, 5000)
                    if self.length / step <= 10)
        for at in range(0, int(self.length) + 1, step):
            x = self.x(self.start + at)
            self.put("path", d=f"M{x} 30V{self.y}", stroke="#bbb", stroke_width=0.5)
            self.put("text", f"{at / 1000:g} ms", x=x, y=26, text_anchor="middle", fill="#555")

    def legend(self):
        x = LEFT
        for text, colour in ((name, colour) for name, colour in COLOURS.items()):
            self.put("rect", x=x, y=4, width=12, height=9, fill=colour)
            self.put("text", text, x=x + 16, y=12)
            x += 80
        self.put("path", d=f"M{x} 3v11", stroke="#000", stroke_width=1.5)
        self.put("text", "interrupt, and its runs", x=x + 8, y=12)
        self.put("path", d=f"M{x + 160} 12l-3.5 -6h7z", fill=THROTTLED)
        self.put("text", "throttled", x=x + 170, y=12)
        self.put("text", "numbers: packets of a run; CPUs: a colour per message", x=x + 240, y=12)

    def draw(self):
        self.legend()
        self.place_rows()
        self.scale()
        for event in self.events:
            if event["ph"] == "X":
                self.slice(event)
        self.flows()
        for event in self.events:
            if event["ph"] == "i":
                self.mark(event)
        return ('<!-- SPDX-License-Identifier: GPL-2.0 -->\n'
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.y}" '
                'font-family="sans-serif" font-size="11">\n'
                f'<rect width="{WIDTH}" height="{self.y}" fill="#fff"/>\n' +
                "\n".join(self.lines) + "\n</svg>")


with open(sys.argv[1], encoding="ascii") as file:
    print(Picture(json.load(file), float(sys.argv[2]), float(sys.argv[3])).draw())
