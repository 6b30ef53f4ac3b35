#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel's self-tests said of dpcnic and of igb, case by case.

usage: table.py [--keep PAGE] DIRECTORY...

Each DIRECTORY, named KERNEL-TESTS, is what `run` left there. Prints Markdown,
with the reason, from the file reasons, of each case that dpcnic does not pass.
With --keep, what a former such PAGE says of tests that a DIRECTORY has no
results of, and of other kernels, stays.
Exit status: 1 if igb does better at one: passes where dpcnic does not, or skips where it fails.
"""
import argparse
import pathlib
import re
import sys
from itertools import groupby

INTRO = """# The kernel's own self-tests

What `tools/testing/selftests/drivers/net`, its `hw`, `bpf/test_xdp_features.sh` and `bpf/xskxceiver`
make of dpcnic, and of in-tree igb on the same device in the same machine. Made by `tests/selftests/table.py` of what
`make selftests` left; the reasons are from `tests/selftests/reasons`. Beside a test is the commit of
dpcnic that it ran with, or *until* one: with that or an earlier one. A - is a case of a test that
was not run with that driver, *not run* one that its test did not come to.
"""
HERE = pathlib.Path(__file__).parent
DRIVERS = ("dpcnic", "igb")
RANK = {"skip": 1, "pass": 2}
# cases of our own, there only where they failed
OURS = LATE, DEAD, DIRTY = "(ends in time)", "(the machine survives)", "(the kernel's log is clean)"
MISSING = "Not run yet with both: "
BETWEEN = "; "  # cases of one line
# "ok 2 ping.test_v6 # SKIP Test requires ...", indented below a test of several parts
KTAP = re.compile(r"^(?:# )?(not )?ok \d+ -? ?([^#]+?)(?: +# ?(.*))?$")
# "TEST: Statistics of a kind     [ OK ]", of those in shell
SHELL = re.compile(r"^TEST: (.+?)\s+\[\s*([A-Z]+)\s*\]$")
# "Feature XDP_TX: [DETECTED][ADVERTISED]", in colours
FEATURE = re.compile(r"^Feature (\w+): \[(NOT )?DETECTED\]\[(NOT )?ADVERTISED\]$")
# of a page of ours
HEADING = re.compile(r"^## Kernel (\S+), tests of (\S+) \((\S+)\)$")
ROW = re.compile(r"^\| (?:`(\S+)` ?(.*?))? \| (.+) \| (\S+|not run) \| (\S+|not run) \| .*\|$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WORDS = {"OK": "pass", "FAIL": "FAIL", "SKIP": "skip", "XFAIL": "skip"}


def cases_of(lines):
    """Yield (case, verdict) of each case in a test's output."""
    for line in lines:
        ktap, shell, feature = [form.match(line) for form in (KTAP, SHELL, FEATURE)]
        if ktap:
            bad, name, comment = ktap.groups()
            word = (comment or "").split(" ", 1)[0]
            yield name, "skip" if word in ("SKIP", "XFAIL") else "FAIL" if bad else "pass"
        elif shell and not shell[1].startswith("SKIP:"):  # else it ends there, and its status says so
            yield shell[1], WORDS.get(shell[2], "FAIL")
        elif feature:
            yield feature[1], "pass" if feature[2] == feature[3] else "FAIL"


class Kept:
    """One test program's run with one driver, of which a page tells."""

    def __init__(self, commit):
        self.commit = commit
        self.cases = {}


class Test:
    """One test program's run with one driver."""

    def __init__(self, path):
        self.name = path.stem.replace("hw_", "hw/", 1) if path.stem.startswith("hw_") else path.stem
        end = path.read_text(encoding="utf-8").splitlines() or ["?"]
        self.status, self.faults = end[0], end[1:]
        self.commit = f"`{path.with_suffix('.commit').read_text(encoding='ascii').strip()}`"
        text = path.with_suffix(".out").read_text(encoding="utf-8", errors="replace")
        prefix = self.name.split("/")[-1].rsplit(".", 1)[0] + "."
        self.cases = {name.removeprefix(prefix): verdict
                      for name, verdict in cases_of(COLOUR.sub("", text).splitlines())}
        self.add_ends()

    def add_ends(self):
        """Cases of our own: the test's end, if it has none or a bad one; the kernel's log."""
        if self.status in ("124", "137"):
            self.cases[LATE] = "FAIL"
        elif self.status in ("machine", "setup"):
            self.cases[DEAD] = "FAIL"
        elif not self.cases:
            self.cases["(as a whole)"] = {"0": "pass", "4": "skip"}.get(self.status, "FAIL")
        if self.faults and self.status != "machine":
            self.cases[DIRTY] = "FAIL"


class Section:
    """What all tests of one directory said."""

    def __init__(self, name, kernel, source):
        self.name, self.kernel, self.source = name, kernel, source
        self.tests = {}  # {test: {driver: Test or Kept}}
        self.missing = []

    @classmethod
    def of_directory(cls, directory, kept):
        """What lies there; of tests that left nothing what kept says, if it is of the same versions."""
        kernel, source = [(directory / name).read_text(encoding="ascii").strip()
                          for name in ("kernel", "source")]
        section = cls(directory.name, kernel, source)
        if kept and (kept.kernel, kept.source) == (kernel, source):
            section.tests = kept.tests
        for driver in DRIVERS:
            for path in sorted((directory / driver).glob("*.end")):
                test = Test(path)
                section.tests.setdefault(test.name, {})[driver] = test
        section.missing = [test for test in (directory / "tests").read_text(encoding="ascii").split()
                           if len(section.tests.get(test, {})) < len(DRIVERS)]
        return section

    def rows(self):
        """Yield (test, case, {driver: verdict})"""
        for name, runs in sorted(self.tests.items()):
            cases = {case: None for driver in DRIVERS if driver in runs for case in runs[driver].cases}
            for case in cases:
                missing = "pass" if case.startswith("(") else "not run"
                yield name, case, {driver: runs[driver].cases.get(case, missing)
                                   if driver in runs else "-" for driver in DRIVERS}


def read_page(path):
    """{name: Section} of a page that this printed."""
    sections, section, runs = {}, None, {}
    for line in path.read_text(encoding="utf-8").splitlines():
        heading, row = HEADING.match(line), ROW.match(line)
        if heading:
            section = sections[heading[3]] = Section(heading[3], heading[1], heading[2])
        elif row and section and row[3] != "case":
            if row[1]:
                runs = section.tests.setdefault(row[1], {})
            for driver, verdict in zip(DRIVERS, row.groups()[3:]):
                if verdict != "-":
                    run = runs.setdefault(driver, Kept(row[2]))
                    for case in row[3].split(BETWEEN):
                        if verdict != "not run" and not (verdict == "pass" and case in OURS):
                            run.cases[case] = verdict
        elif section and line.startswith(MISSING):
            section.missing = line.removeprefix(MISSING).rstrip(".").split(", ")
    return sections


def read_reasons():
    """[(regular expression of DIRECTORY/TEST:CASE, reason)]; the first that matches counts."""
    reasons = []
    for line in (HERE / "reasons").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            regex, reason = line.split(None, 1)
            reasons.append((re.compile(regex), reason.strip()))
    return reasons


def reason_of(reasons, test, case):
    """Why dpcnic does not pass this case of DIRECTORY/TEST."""
    for regex, reason in reasons:
        if regex.match(f"{test}:{case.replace(' ', '_')}"):
            return reason
    return "**not explained**"


def like(section, row, reasons):
    """What cases have in common that share a line: test, verdicts, and why dpcnic does not pass."""
    test, case, verdicts = row
    why = "" if verdicts["dpcnic"] in ("pass", "-") else reason_of(reasons, f"{section.name}/{test}", case)
    return test, *(verdicts[driver] for driver in DRIVERS), why


def print_section(section, reasons):
    """One directory's part of the page."""
    rows = list(section.rows())
    words = ("pass", "FAIL", "skip", "not run")
    print(f"## Kernel {section.kernel}, tests of {section.source} ({section.name})\n")
    print(f"| | {' | '.join(words)} |\n| --- | --- | --- | --- | --- |")
    for driver in DRIVERS:
        count = [str(sum(verdicts[driver] == word for _, _, verdicts in rows)) for word in words]
        print(f"| {driver} | {' | '.join(count)} |")
    print("\n| test | case | dpcnic | igb | why dpcnic does not pass |\n| --- | --- | --- | --- | --- |")
    last = ""
    for (test, *verdicts, why), cases in groupby(rows, lambda row: like(section, row, reasons)):
        run = section.tests[test].get("dpcnic")
        shown = "" if test == last else f"`{test}` {run.commit if run else ''}".rstrip()
        names = BETWEEN.join(case for _, case, _ in cases)
        print(f"| {shown} | {names} | {' | '.join(verdicts)} | {why} |")
        last = test
    if section.missing:
        print(f"\n{MISSING}{', '.join(section.missing)}.")
    print()


def parse_arguments():
    """See above."""
    parser = argparse.ArgumentParser(description="what the kernel's self-tests said")
    parser.add_argument("--keep", metavar="PAGE", type=pathlib.Path)
    parser.add_argument("directories", metavar="DIRECTORY", type=pathlib.Path, nargs="+")
    return parser.parse_args()


def main():
    """Print all, and judge."""
    arguments = parse_arguments()
    reasons = read_reasons()
    sections = read_page(arguments.keep) if arguments.keep else {}
    for directory in arguments.directories:
        name = directory.resolve().name
        sections[name] = Section.of_directory(directory.resolve(), sections.get(name))
    behind = []
    print(INTRO)
    for _, section in sorted(sections.items()):
        print_section(section, reasons)
        behind += [f"{section.name}: {test} {case}: dpcnic {verdicts['dpcnic']}, igb {verdicts['igb']}"
                   for test, case, verdicts in section.rows()
                   if RANK.get(verdicts["dpcnic"], 0) < RANK.get(verdicts["igb"], 0)]
    for line in behind:
        print(line, file=sys.stderr)
    sys.exit(1 if behind else 0)


if __name__ == "__main__":
    main()
