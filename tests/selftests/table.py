#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel's self-tests said of dpcnic and of igb, case by case.

usage: table.py DIRECTORY...

Each DIRECTORY, named KERNEL-TESTS, is what `run` left there. Prints Markdown,
with the reason, from the file reasons, of each case that dpcnic does not pass.
Exit status: 1 if igb does better at one: passes where dpcnic does not, or skips where it fails.
"""
import collections
import pathlib
import re
import sys

INTRO = """# The kernel's own self-tests

What `tools/testing/selftests/drivers/net`, its `hw` and `bpf/test_xdp_features.sh` make of dpcnic,
and of in-tree igb on the same device in the same machine. Made by `tests/selftests/table.py` of what
`make selftests` left; the reasons are from `tests/selftests/reasons`.
"""
HERE = pathlib.Path(__file__).parent
DRIVERS = ("dpcnic", "igb")
RANK = {"skip": 1, "pass": 2}
# "ok 2 ping.test_v6 # SKIP Test requires ...", indented below a test of several parts
KTAP = re.compile(r"^(?:# )?(not )?ok \d+ -? ?([^#]+?)(?: +# ?(.*))?$")
# "TEST: Statistics of a kind     [ OK ]", of those in shell
SHELL = re.compile(r"^TEST: (.+?)\s+\[\s*([A-Z]+)\s*\]$")
# "Feature XDP_TX: [DETECTED][ADVERTISED]", in colours
FEATURE = re.compile(r"^Feature (\w+): \[(NOT )?DETECTED\]\[(NOT )?ADVERTISED\]$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WORDS = {"OK": "pass", "FAIL": "FAIL", "SKIP": "skip", "XFAIL": "skip"}


def cases_of(lines):
    """Yield (case, verdict, what it said) of each case in a test's output."""
    said = []
    for line in lines:
        ktap, shell, feature = [form.match(line) for form in (KTAP, SHELL, FEATURE)]
        if ktap:
            bad, name, comment = ktap.groups()
            word = (comment or "").split(" ", 1)[0]
            verdict = "skip" if word in ("SKIP", "XFAIL") else "FAIL" if bad else "pass"
            yield name, verdict, said + [comment or ""]
            said = []
        elif shell:
            yield shell[1], WORDS.get(shell[2], "FAIL"), said
            said = []
        elif feature:
            yield feature[1], "pass" if feature[2] == feature[3] else "FAIL", said + [line]
            said = []
        else:
            said.append(line)


class Test:
    """One test program's run with one driver."""

    def __init__(self, path):
        self.name = path.stem.replace("hw_", "hw/", 1) if path.stem.startswith("hw_") else path.stem
        end = path.read_text(encoding="utf-8").splitlines() or ["?"]
        self.status, self.faults = end[0], end[1:]
        self.commit = path.with_suffix(".commit").read_text(encoding="ascii").strip()
        text = path.with_suffix(".out").read_text(encoding="utf-8", errors="replace")
        self.lines = COLOUR.sub("", text).splitlines()
        self.cases = {name: (verdict, said) for name, verdict, said in cases_of(self.lines)}
        self.add_ends()

    def add_ends(self):
        """Cases of our own: the test's end, if it has none or a bad one; the kernel's log."""
        if self.status in ("124", "137"):
            self.cases["(ends in time)"] = ("FAIL", self.lines[-20:])
        elif self.status in ("machine", "setup"):
            self.cases["(the machine survives)"] = ("FAIL", self.faults + self.lines[-20:])
        elif not self.cases:
            verdict = {"0": "pass", "4": "skip"}.get(self.status, "FAIL")
            self.cases["(as a whole)"] = (verdict, self.lines[-20:])
        if self.faults and self.status != "machine":
            self.cases["(the kernel's log is clean)"] = ("FAIL", self.faults)


def tests_of(directory):
    """{test: {driver: Test}}"""
    tests = {}
    for driver in DRIVERS:
        for path in sorted((directory / driver).glob("*.end")):
            test = Test(path)
            tests.setdefault(test.name, {})[driver] = test
    return dict(sorted(tests.items()))


def rows_of(tests):
    """Yield (test, case, {driver: verdict})"""
    for name, runs in tests.items():
        cases = {}
        for driver in DRIVERS:
            for case in runs[driver].cases if driver in runs else ():
                cases[case] = None
        for case in cases:
            verdicts = {}
            for driver in DRIVERS:
                run = runs.get(driver)
                found = run.cases.get(case) if run else None
                # our own cases are there only where they failed
                missing = "-" if not run else "pass" if case.startswith("(") else "not run"
                verdicts[driver] = found[0] if found else missing
            yield name, case.removeprefix(f"{name.split('/')[-1].rsplit('.', 1)[0]}."), verdicts


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


def not_run(directory, rows):
    """The tests there are that have not run with both drivers."""
    ran = {test for test, _, verdicts in rows if "-" not in verdicts.values()}
    return [test for test in (directory / "tests").read_text(encoding="ascii").split()
            if test not in ran]


def commits_of(tests):
    """Which trees dpcnic was of, the most tested first."""
    count = collections.Counter(runs["dpcnic"].commit for runs in tests.values() if "dpcnic" in runs)
    return ", ".join(f"`{commit}` ({number})" for commit, number in count.most_common())


def print_table(directory, tests, rows, reasons):
    """One directory's part of the page."""
    kernel, source = [(directory / name).read_text(encoding="ascii").strip()
                      for name in ("kernel", "source")]
    count = {driver: {word: sum(row[2][driver] == word for row in rows)
                      for word in ("pass", "FAIL", "skip", "not run")} for driver in DRIVERS}
    print(f"## Kernel {kernel}, tests of {source}\n")
    print(f"dpcnic of commit (test programs): {commits_of(tests)}.\n")
    print("| | pass | FAIL | skip | not run |\n| --- | --- | --- | --- | --- |")
    for driver in DRIVERS:
        print(f"| {driver} | " + " | ".join(str(n) for n in count[driver].values()) + " |")
    print("\n| test | case | dpcnic | igb | why dpcnic does not pass |\n| --- | --- | --- | --- | --- |")
    last = ""
    for test, case, verdicts in rows:
        why = "" if verdicts["dpcnic"] in ("pass", "-") else reason_of(
            reasons, f"{directory.name}/{test}", case)
        shown = "" if test == last else f"`{test}`"
        print(f"| {shown} | {case} | {verdicts['dpcnic']} | {verdicts['igb']} | {why} |")
        last = test
    missing = not_run(directory, rows)
    if missing:
        print(f"\nNot run yet with both: {', '.join(missing)}.")
    print()


def main():
    """Print all, and judge."""
    reasons = read_reasons()
    behind = []
    print(INTRO)
    for argument in sys.argv[1:]:
        directory = pathlib.Path(argument).resolve()
        tests = tests_of(directory)
        rows = list(rows_of(tests))
        print_table(directory, tests, rows, reasons)
        behind += [f"{directory.name}: {test} {case}: dpcnic {verdicts['dpcnic']}, igb {verdicts['igb']}"
                   for test, case, verdicts in rows
                   if RANK.get(verdicts["dpcnic"], 0) < RANK.get(verdicts["igb"], 0)]
    for line in behind:
        print(line, file=sys.stderr)
    sys.exit(1 if behind else 0)


if __name__ == "__main__":
    main()
