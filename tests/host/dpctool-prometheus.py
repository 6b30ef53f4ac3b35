#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""What dpctool-prometheus.t asks of what test-prometheus prints and serves, and of the dashboard.

Each check is a function, named by the first argument; the rest are its own. It says what is wrong,
and fails.
"""
import decimal
import json
import random
import re
import socket
import subprocess
import sys

PROGRAM = "build/cli/test-prometheus"
LINE = re.compile(r'([a-z_]+)(?:\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse(text):
    """Series as {(name, ((label, value), ...)): the number as it is written}; each once."""
    series = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = LINE.fullmatch(line).groups()
        key = name, tuple(LABEL.findall(labels or ""))
        assert key not in series, f"twice: {key}"
        series[key] = value
    return series


def printed(*arguments, runs=()):
    lines = "".join(f"{duration} {latency}\n" for duration, latency in runs)
    return subprocess.run([PROGRAM, "print", *arguments], input=lines, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def same(got, expected):
    assert got == expected, f"got {got}, expected {expected}"


FIRST = ("device", r"a\"b\\c"), ("message", "0")
SECOND = ("device", "eth1"), ("message", "5")


def values():
    """Every number is where it belongs, and as it was counted."""
    series = parse(printed())

    def value(name, *labels, row=FIRST):
        return series.get((name, (*row, *labels)))

    for name, number in {
            "interrupts": "1001", "dpc_coalesced": "1002", "dpc_throttled": "16",
            "dpc_enabled": "32", "dpc_foreign": "64", "dpc_overlong": "128",
            "message_disabled_seconds": "9107199.004740993",
            "packets": "18446744073709551615", "xdp_lost_packets": "2005",
            "steered_out_packets": "2006", "steered_in_packets": "2007",
            "steer_kept_packets": "2008", "inbox_dropped_packets": "2009"}.items():
        same((name, value(f"dpcnic_{name}_total")), (name, number))
    for cause, number in {"queued": "241", "requeued": "2", "kept": "4", "unsolicited": "8"}.items():
        same((cause, value("dpcnic_dpc_runs_total", ("cause", cause))), (cause, number))
    for verdict, number in {"drop": "2001", "tx": "2002", "redirect": "2003",
                            "aborted": "2004"}.items():
        same((verdict, value("dpcnic_xdp_packets_total", ("verdict", verdict))), (verdict, number))
    same(series["dpctool_lost_runs_total", ()], "77")
    same(series["dpctool_up", ()], "1")
    same(series["dpctool_info", (("version", "0.1"), ("kernel", "6.12.0"))], "1")
    driver = ("driver", "dpcnic")
    same(series["dpcnic_device_present", (FIRST[0], driver)], "1")
    same(series["dpcnic_device_present", (SECOND[0], driver)], "0")
    same(value("dpcnic_dpc_enabled_total", row=SECOND), "1")
    same(value("dpcnic_message_disabled_seconds_total", row=SECOND), None)

    by_cpu = parse(printed("cpu"))
    same(by_cpu["dpcnic_interrupts_total", (*FIRST, ("cpu", "3"))], "1001")
    same(len(by_cpu), len(series))


def napi():
    """A NAPI instance has nothing that is not known of it, and no label that may change.

    Nor has one without a number, which may be of the same message as others, or an IRQ of none.
    """
    dev = "device", "eth1"
    more = {key: number for key, number in parse(printed("napi")).items() if key not in parse(printed())}
    expected = {("dpcnic_interrupts_total", (dev, ("irq", irq))): "1001" for irq in ("34", "35")}
    for name, message in {("napi", "8193"): "", ("row", "1"): "5", ("row", "2"): "5"}.items():
        expected["dpcnic_packets_total", (dev, name)] = "18446744073709551615"
        expected["dpcnic_napi_info", (dev, name, ("message", message), ("irq", "33"))] = "1"
    same(more, expected)


def edges():
    """A bucket has all that is up to its edge, the edge included, to the nanosecond."""
    powers = [2 ** power for power in range(64)]
    spread = random.Random(1)
    latencies = [power + step for power in powers for step in (-1, 0, 1)]
    durations = [int(2 ** spread.uniform(0, 40)) for _ in latencies]
    series = parse(printed(runs=zip(durations, latencies)))
    for name, ns in ("dpcnic_dpc_latency_seconds", latencies), ("dpcnic_dpc_run_seconds", durations):
        texts = [dict(labels)["le"] for metric, labels in series
                 if metric == f"{name}_bucket" and labels[:2] == FIRST]
        same(texts.pop(), "+Inf")
        limits = [decimal.Decimal(text) * 10 ** 9 for text in texts]
        same(limits, [2 ** power - 1 for power in range(9, 31)])
        # As Prometheus itself writes numbers, or it would rename them.
        same(texts, [repr(float(text)) for text in texts])
        for text, limit in zip(texts, limits):
            same((text, int(series[f"{name}_bucket", (*FIRST, ("le", text))])),
                 (text, sum(value <= limit for value in ns)))
        same(int(series[f"{name}_bucket", (*FIRST, ("le", "+Inf"))]), len(ns))
        same(int(series[f"{name}_count", FIRST]), len(ns))
        # Sums are 64 bits, as those that are summed.
        same(decimal.Decimal(series[f"{name}_sum", FIRST]) * 10 ** 9, sum(ns) % 2 ** 64)


def bound():
    """What is announced is what is printed."""
    series = parse(printed())
    announced = subprocess.run([PROGRAM, "series"], check=True, stdout=subprocess.PIPE).stdout
    same(int(announced), sum(labels[:2] != SECOND for _, labels in series))


def names(text):
    return set(re.findall(r"\bdpc(?:tool|nic)_\w+", text))


def known(path):
    """No query in a file asks for a metric or label that does not exist."""
    text = open(path).read()
    series = parse(printed("cpu"))
    queries = re.findall(r'"expr": "(.*)"|expr: (.*(?:\n {10}.*)*)', text)
    queries = [a or b for a, b in queries]
    assert len(queries) > 9, "where are the queries?"
    there = {name for name, _ in series}
    for query in queries:
        assert names(query) <= there, f"{names(query) - there}: {query}"
        asked = set(re.findall(r'(\w+)(?:=~?\\?")', query)) | {
            label.strip() for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(",")}
        found = {label for _, labels in series for label, _ in labels} | {"instance", "job", "file"}
        assert asked <= found, f"{asked - found}: {query}"


def dashboard(path):
    """Queries are PromQL, panels have one, and a place of their own."""
    panels = json.load(open(path))["panels"]
    places = set()
    for panel in panels:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in places and x < 24, f"{panel['title']} covers another"
                places.add((x, y))
        for target in panel["targets"]:
            query = target["expr"].replace("$__rate_interval", "5m")
            subprocess.run(["promtool", "--experimental", "promql", "format", query], check=True,
                           stdout=subprocess.DEVNULL)
    same(len({panel["id"] for panel in panels}), len(panels))


class Connection:
    """A connection from one of this machine's loopback addresses."""
    def __init__(self, url, source=None):
        host, port = re.fullmatch(r"http://\[?(.*?)\]?:(\d+)/metrics", url).groups()
        self.socket = socket.create_connection((host, int(port)), timeout=20,
                                               source_address=source and (source, 0))

    def send(self, line, headers="", body=""):
        self.socket.sendall(f"{line} HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}".encode())

    def answer(self, body=True):
        """Status, headers, body; None if the connection is closed before."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.more()
            if not more:
                return None
            data += more
        head, data = data.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while body and len(data) < int(headers["content-length"]):
            data += self.more()
        return int(status.split()[1]), headers, data.decode()

    def more(self):
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""

    def ask(self, line, **more):
        self.send(line, **more)
        return self.answer(body=not line.startswith("HEAD"))


def http():
    """GET and HEAD of two pages, nothing else; a bounded number of connections."""
    for address in "127.0.0.1:0", "[::1]:0":
        with subprocess.Popen([PROGRAM, "serve", address], text=True,
                              stdout=subprocess.PIPE) as server:
            try:
                url = server.stdout.readline().strip()
                served = ask(url)
                if address.startswith("127"):
                    served += limits(url)
            finally:
                server.terminate()
            same((server.stdout.read(), server.wait()), (f"{served}\n", 0))


def ask(url):
    """All kinds of requests; returns how many got the page."""
    kept = Connection(url)
    status, headers, text = kept.ask("GET /metrics")
    same((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
    same(parse(text)["dpcnic_interrupts_total", FIRST], "1001")
    status, headers, nothing = kept.ask("HEAD /metrics")
    same((status, int(headers["content-length"]), nothing), (200, len(text), ""))
    same(kept.ask("GET /metrics?x=1")[0], 200)
    status, headers, text = kept.ask("GET /")
    same((status, headers["content-type"]), (200, "text/html; charset=utf-8"))
    assert "/metrics" in text, text
    same(kept.ask("GET /metrics/")[0], 404)
    same(kept.ask("GET /../etc/passwd")[0], 404)
    kept.socket.close()
    for method in "POST", "PUT", "DELETE", "OPTIONS", "BREW":
        status, headers, _ = Connection(url).ask(f"{method} /metrics")
        same((method, status, headers["allow"]), (method, 405, "GET, HEAD"))
    same(Connection(url).ask("POST /metrics", headers="Content-Length: 1000000000000\r\n")[0], 405)
    same(Connection(url).ask("GET /metrics", headers="Content-Length: 5\r\n", body="hello"), None)
    refused = Connection(url).ask("GET /metrics", headers=f"X: {'x' * 100000}\r\n")
    assert refused is None or refused[0] in (413, 431), refused
    garbage = Connection(url)
    garbage.socket.sendall(b"\x16\x03\x01\0\0\r\n\r\n")
    refused = garbage.answer()
    assert refused is None or refused[0] == 400, refused
    return 3


def limits(url):
    """Eight connections from one address, 16 from all; returns how many were asked the page."""
    # One at a time, until the server has seen that the others are closed.
    held = []
    while len(held) < 8:
        connection = Connection(url, "127.0.0.2")
        if connection.ask("GET /") is not None:
            held.append(connection)
    same(Connection(url, "127.0.0.2").ask("GET /"), None)
    for _ in range(8):
        held.append(Connection(url, "127.0.0.3"))
        same(held[-1].ask("GET /metrics")[0], 200)
    late = Connection(url, "127.0.0.4")
    late.send("GET /metrics")
    for connection in held:
        same(connection.ask("GET /")[0], 200)
    late.socket.settimeout(0.2)
    try:
        raise AssertionError(f"a 17th connection: {late.socket.recv(1)}")
    except TimeoutError:
        late.socket.settimeout(20)
    held.pop().socket.close()
    same(late.answer()[0], 200)
    return 9


try:
    globals()[sys.argv[1]](*sys.argv[2:])
except AssertionError as wrong:
    sys.exit(str(wrong))
