#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""Runs a dpctool with command lines that nobody would type: so many, at random, always the same.

usage: args.py DPCTOOL COUNT, in a directory with the recordings of recording.py

Each must end by itself, with a status that is documented, and say in one line on stderr why if it
fails; what a sanitizer has to say is more than that. Prints those that do not.
"""
import random
import subprocess
import sys

STATUSES = range(9)

good = [line.split() for line in """
    show dev lo msg 0-3 cpu 2 interval 10ms count 2
    -j show dev nosuch0
    --jsonl show interval 1s -- true
    hist lat dev lo count 3
    heat run-p99 interval 1ms
    trace dev lo count 5 ring 64K
    check max lat-p99=50us,throt=5%,overlong=0
    top dev lo interval 1s
    record -o out.rec interval 1ms ring 4K
    report -i busy
    report -i busy -j show dev eth7
    report -i busy -p hist run msg 0-2 cpu 0,2
    report -i busy --jsonl heat pkts
    report -i busy -o MSG,+RUN-MAX show cpu 1-3
    report -i sound trace count 2
    report -i sound --jsonl trace msg 1
    report -i cut113 show
    report -i timeline export perfetto dev eth7
    -i extreme -j export chrome -o out.json msg 0-8191
    -i crowd export csv -o - cpu 1,3
    export perfetto interval 1ms
    --color=always -i busy heat lat-avg
    -i busy top
    throttle attach dev lo fixed packets 16
    throttle show dev lo
    policy attach dev lo weighted cpus 0,1 weights 4,2
    policy list
    rule add dev lo protocol udp dport 7000 verdict 2
    rss show dev lo
    rss set dev lo table 0-3,1 key 6d:5a:56
    map show -o DEV,IRQ
    map set dev lo cpus 0-1
    help hist
    version -j
""".strip().splitlines()]
words = sorted({word for line in good for word in line}) + [
    "", "-", "--", "-o", "-x", "--strict", "--chain", "-d", "all", "0", "-1", "18446744073709551616",
    "4294967295", "0-8191", "1,", ",", "%", "%s%n", "9" * 40, "x" * 5000, "\x1b[31m", "\u00e9",
    "1.5.5s", "0x10", "1e9", "lat-p99=", "=5", "../..", "/dev/null", "/",
]


def mutated(line):
    line = list(line)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(line) + 1)
        what = random.randrange(5)
        if what == 0:
            line.insert(at, random.choice(words))
        elif what == 1 and line:
            del line[at % len(line)]
        elif what == 2 and line:
            line[at % len(line)] = random.choice(words)
        elif what == 3 and line:
            line.insert(at, random.choice(line))
        elif line:
            word = line[at % len(line)]
            cut = random.randrange(len(word) + 1)
            line[at % len(line)] = word[:cut] + chr(random.randrange(1, 127)) + word[cut + 1:]
    return line


def complaint(run):
    said = run.stderr.splitlines()
    if run.returncode not in STATUSES:
        return f"status {run.returncode}"
    # what kernel and libbpf said may be quoted, or is shown with -d
    if run.returncode and not any(line.startswith(b"dpctool: ") for line in said):
        return "no error message"
    if b"Sanitizer" in run.stderr or b"runtime error" in run.stderr:
        return "a sanitizer"
    return ""


random.seed(1)
for number in range(int(sys.argv[2])):
    if number % 4:
        arguments = mutated(random.choice(good))
    else:
        arguments = random.choices(words, k=random.randrange(8))
    # What follows a -- would be run.
    if "--" in arguments:
        arguments[arguments.index("--") + 1:] = ["true"]
    try:
        done = subprocess.run([sys.argv[1], *arguments], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, check=False)
        wrong = complaint(done)
        output = done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        wrong, output = "it does not end", ""
    if wrong:
        print(f"{wrong}: {arguments}\n{output[:4000]}")
