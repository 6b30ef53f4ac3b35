#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""What dpctool-prometheus.t asks of the real Prometheus, and of the files that dpctool writes.

Reads lines: a check, which is a function, and its arguments. Answers with a dot, or an exclamation
mark, and what there is to say, and a NUL.
"""
import json
import re
import shlex
import socket
import sys
import time
import urllib.parse


class NotReady(Exception):
    """Prometheus has begun to listen, but not yet to answer."""


def ask(what, **arguments):
    """HTTP as it was: the answer ends with the connection. What a client needs more takes long to
    load under emulation."""
    with socket.create_connection(("127.0.0.1", 9090)) as connection:
        connection.sendall(f"GET /api/v1/{what}?{urllib.parse.urlencode(arguments)} HTTP/1.0\r\n"
                           "Host: 127.0.0.1\r\n\r\n".encode())
        head, answer = connection.makefile().read().split("\n\n", 1)
    if " 503 " in head.splitlines()[0]:
        raise NotReady
    assert " 200 " in head.splitlines()[0], head + answer
    return json.loads(answer)["data"]


def query(expression):
    """A list of (labels, value)."""
    return [(result["metric"], float(result["value"][1]))
            for result in ask("query", query=expression)["result"]]


def last(metric, labels):
    """What was scraped last, also where a scrape was too slow for Prometheus after that."""
    return f"last_over_time({metric}{{{labels}}}[5m])"


def same(got, expected, what=""):
    assert got == expected, f"{what}: got {got}, expected {expected}"


def scraped(since, *instances):
    """Wait until Prometheus has asked each of them after a time."""
    at = dict.fromkeys(instances, 0)
    for _ in range(600):
        try:
            for labels, value in query("timestamp(dpctool_up)"):
                at[labels["instance"]] = value
        except (ConnectionRefusedError, NotReady):
            pass
        if min(at.values()) > float(since):
            return
        time.sleep(0.2)
    raise AssertionError(f"last scraped: {at}")


def counters(path):
    found = re.findall(r" msg(\d+)_(\w+): (\d+)", open(path).read())
    return {(int(msg), name): int(value) for msg, name, value in found}


def driver(instance, before, after):
    """What PromQL says is what the driver has counted meanwhile (ethtool -S), message by message."""
    then, now = counters(before), counters(after)
    of = f'instance="{instance}"'

    def counted(*names):
        sums = {msg: sum(now[msg, name] - then[msg, name] for name in names)
                for msg, _ in now}
        return {msg: value for msg, value in sums.items() if value}

    def summed(metric, labels=""):
        answer = query(f"sum by (message) ({last(metric, of + labels)})")
        return {int(found["message"]): int(value) for found, value in answer if value}

    assert sum(counted("dpc_packets").values()) > 100, "too few packets to prove something"
    assert len(counted("interrupts")) > 1, "too few messages to prove something"
    for metric, name in (("interrupts", "interrupts"), ("dpc_coalesced", "dpc_coalesced"),
                         ("dpc_throttled", "dpc_throttled"), ("packets", "dpc_packets"),
                         ("dpc_foreign", "dpc_foreign"), ("dpc_runs", "dpc_runs")):
        same(summed(f"dpcnic_{metric}_total"), counted(name), name)
    for cause in "queued", "requeued", "kept", "unsolicited":
        same(summed("dpcnic_dpc_runs_total", f',cause="{cause}"'), counted(f"dpc_{cause}"), cause)
    same(summed("dpcnic_dpc_run_seconds_count"), counted("dpc_runs"), "run times")
    same(summed("dpcnic_dpc_latency_seconds_count"), counted("dpc_queued", "dpc_requeued"),
         "latencies")
    for name in "run", "latency":
        same(summed(f"dpcnic_dpc_{name}_seconds_bucket", ',le="+Inf"'),
             summed(f"dpcnic_dpc_{name}_seconds_count"), name)
    same([value for _, value in query(last("dpctool_lost_runs_total", of))], [0])


def shown(instance, path):
    """The same by message and CPU, and times, as "dpctool -j show" has it."""
    rows = json.load(open(path))["rows"]
    assert len(rows) > 1, rows

    def by_cpu(expression):
        return {(int(found["message"]), int(found["cpu"])): value
                for found, value in query(expression)}

    def figures(key, known=None):
        return {(row["msg"], row["cpu"]): row[key] for row in rows
                if row[known or key] is not None}

    of = f'instance="{instance}"'
    same(by_cpu(last("dpcnic_packets_total", of)), figures("packets"), "packets")
    same(by_cpu(f"sum by (message, cpu) ({last('dpcnic_dpc_runs_total', of)})"), figures("runs"), "runs")
    disabled = by_cpu(last("dpcnic_message_disabled_seconds_total", of))
    same({key: round(value * 1e9) for key, value in disabled.items()}, figures("disabled_ns"),
         "disabled")
    for name, key in ("latency", "lat"), ("run", "run"):
        sums = by_cpu(last(f"dpcnic_dpc_{name}_seconds_sum", of))
        counts = by_cpu(last(f"dpcnic_dpc_{name}_seconds_count", of))
        # Whole nanoseconds, a half rounded up, as show does.
        same({at: (2 * round(sums[at] * 1e9) + counts[at]) // (2 * counts[at])
              for at in sums if counts[at]}, figures(f"{key}_avg_ns"), f"{name}, average")
        # Of 99% of the runs: show's edge is in the octave that PromQL's is in, or ends it.
        buckets = last(f"dpcnic_dpc_{name}_seconds_bucket", of)
        p99 = by_cpu(f"histogram_quantile(0.99, {buckets})")
        for at, ns in figures(f"{key}_p99_ns").items():
            edge = 511 if ns <= 511 else 2 ** ns.bit_length() - 1
            assert edge // 2 <= round(p99[at] * 1e9) <= edge or ns > 2 ** 30, (name, at, ns, p99[at])


def announced(instance, most):
    """No more series than were announced."""
    series = ask("series", **{"match[]": f'{{__name__=~"dpc(nic|tool)_.*", instance="{instance}"}}'})
    assert 0 < len(series) <= int(most), f"{len(series)} series"


def rules():
    """All alerts were evaluated, over real series."""
    found = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
    assert len(found) > 5
    same([(rule["name"], rule["health"], rule.get("lastError", "")) for rule in found],
         [(rule["name"], "ok", "") for rule in found])


def dashboard(path):
    """Every panel has something to show."""
    for panel in json.load(open(path))["panels"]:
        for target in panel["targets"]:
            expression = target["expr"].replace("$__rate_interval", "1m")
            expression = expression.replace("$instance", ".*").replace("$device", ".*")
            now = time.time()
            assert ask("query_range", query=expression, start=now - 60, end=now, step=1)["result"], \
                f"nothing: {panel['title']}: {expression}"


def monotone():
    """No counter of any scrape is less than in the one before; a histogram's count is its buckets'."""
    now = time.time()
    counts = {}
    for suffix in "total", "sum", "bucket", "count":
        asked = f'{{__name__=~"dpc(nic|tool)_.*_{suffix}"}}[5m]'
        result = ask("query", query=asked, time=now)["result"]
        assert result, asked
        for series in result:
            values = [float(value) for _, value in series["values"]]
            assert values == sorted(values), series
            name = series["metric"].pop("__name__")
            if suffix == "count" or series["metric"].pop("le", "") == "+Inf":
                key = name.removesuffix(f"_{suffix}"), *sorted(series["metric"].items())
                same(series["values"], counts.setdefault(key, series["values"]), key)
    assert counts


def total(metric, labels):
    """Say what the last sum is."""
    (_, found), = query(f"sum({last(metric, labels)})")
    return int(found)


def files(path, changes):
    """However often it is read, it is whole, and no number is less than before."""
    texts, before = set(), {}
    end = time.monotonic() + 60
    while len(texts) < int(changes):
        assert time.monotonic() < end, f"{len(texts)} different files"
        text = open(path).read()
        texts.add(text)
        assert text.startswith("# HELP dpctool_info ") and text.endswith("\n"), text[-200:]
        end_of_file = text.splitlines()[-1]
        assert re.fullmatch(r"dpcnic_dpc_run_seconds_count\{.*\} \d+|# TYPE .* histogram",
                            end_of_file), end_of_file
        for line in text.splitlines():
            if not line.startswith("#"):
                series, number = line.rsplit(" ", 1)
                assert float(number) >= before.get(series, 0), f"{line}, before {before[series]}"
                before[series] = float(number)
        time.sleep(0.01)


for line in sys.stdin:
    name, *words = shlex.split(line)
    try:
        said = globals()[name](*words)
        print(".", "" if said is None else said, sep="", end="\0", flush=True)
    except Exception as wrong:  # the test is told, and fails
        print(f"!{type(wrong).__name__}: {wrong}", end="\0", flush=True)
