#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""The table at the end of `make bench`, and the comparison with tests/bench/baseline.

usage: table.py [CASE...]

Reads what tests/bench/run printed (tests/results/bench.CPUS). Its exit status is 1 if a case got
worse than the baseline by more than 2 % beyond what rounds differ by, then and now, in its figure and
in its ratio where it has one, or if a case that was asked for has no figure. tests/results/baseline
is what the baseline would be now.
"""
import collections
import glob
import sys

WORSE = 1.02
HEADER = """\
# SPDX-License-Identifier: GPL-2.0
# Case, figure, ratio, spread; see table.py, which writes it anew in tests/results/baseline.
"""
Case = collections.namedtuple("Case", "name cpus against target")
Row = collections.namedtuple("Row", "figure spread rest")


def lines(path):
    with open(path) as file:
        return [line.split() for line in file if line.strip() and not line.startswith("#")]


def mean(numbers):
    return sum(numbers) / len(numbers)


def measured():
    """(driver, case) -> Row: means of all rounds; the rest is as it is printed."""
    rounds = collections.defaultdict(list)
    for path in glob.glob("tests/results/bench.[0-9]*"):
        for words in lines(path):
            if words[0] in ("igb", "dpcnic") and len(words) == 8:
                rounds[words[0], words[1]].append(words[2:])
    rows = {}
    for key, runs in rounds.items():
        figures = [float(run[0]) for run in runs]
        figure = mean(figures)
        spread = (max(figures) - min(figures)) / figure if figure else 0
        rest = []
        for column in list(zip(*runs))[1:]:
            known = [float(value) for value in column if value != "-"]
            rest.append(mean(known) if known else None)
        rows[key] = Row(figure, spread, rest)
    return rows


def text(value, form):
    return "-" if value is None else format(value, form)


def pair(igb, ours, i):
    """Interrupts, polls, reads, writes of both drivers."""
    return "/".join(text(row.rest[i] if row else None, ".0f") for row in (igb, ours))


def main(*wanted):
    cases = [Case(*words[:4]) for words in lines("tests/bench/cases")]
    cases = [case for case in cases if not wanted or case.name in wanted]
    before = {words[0]: words[1:] for words in lines("tests/bench/baseline")}
    rows, failed, now, new = measured(), [], [], []

    print(f"{'case':<15}{'against':>10}{'its':>9}{'dpcnic':>9}{'ratio':>7}{'spread':>7}{'target':>7}"
          f"{'irqs':>11}{'polls':>10}{'reads':>8}{'writes':>10}{'lost':>6}")
    for case in cases:
        ours = rows.get(("dpcnic", case.name))
        igb = rows.get(("igb", case.name))
        other = igb if case.against == "igb" else rows.get(("dpcnic", case.against))
        if not ours:
            failed.append(f"{case.name}: no figure")
            continue
        ratio = ours.figure / other.figure if other and other.figure else None
        met = "" if case.target == "-" or ratio is None else \
            "met" if ratio <= float(case.target) else "NOT MET"
        spread = max(row.spread for row in (ours, other) if row)
        print(f"{case.name:<15}{case.against:>10}{text(other and other.figure, '.0f'):>9}"
              f"{ours.figure:>9.0f}{text(ratio, '.3f'):>7}{spread:>7.1%}{case.target:>7}"
              f"{pair(igb, ours, 0):>11}{pair(igb, ours, 1):>10}{pair(igb, ours, 2):>8}"
              f"{pair(igb, ours, 3):>10}{text(ours.rest[4], '.0f'):>6}  {met}")
        now.append(f"{case.name} {ours.figure:.0f} {text(ratio, '.3f')} {spread:.3f}")
        if case.name not in before:
            new.append(case.name)
            continue
        was, was_ratio, was_spread = before[case.name]
        worse = WORSE + spread + float(was_spread)
        if ours.figure > worse * float(was):
            failed.append(f"{case.name}: {ours.figure:.0f}, and was {was}")
        if ratio is not None and was_ratio != "-" and ratio > worse * float(was_ratio):
            failed.append(f"{case.name}: ratio {ratio:.3f}, and was {was_ratio}")
    with open("tests/results/baseline", "w") as file:
        file.write(HEADER + "\n".join(now) + "\n")
    if new:
        print("not in the baseline yet:", *new)
    if failed:
        sys.exit("worse than tests/bench/baseline:\n  " + "\n  ".join(failed))


main(*sys.argv[1:])
