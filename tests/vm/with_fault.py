#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: with_fault.py N FILE COMMAND [ARGUMENT...]

Run a command whose N-th allocation fails, of those that the kernel's fault injection was told to
look at, and of those only that are made in the command's own context. FILE says what is left of N
afterwards: 0, if the N-th was reached and failed. The exit status is the command's.
"""
import os
import sys

nth, left, command = sys.argv[1], sys.argv[2], sys.argv[3:]
pid = os.fork()
if not pid:
    with open("/proc/self/fail-nth", "w") as f:
        f.write(nth)
    os.execvp(command[0], command)
# Dead, but not buried: its /proc is still there.
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
with open(f"/proc/{pid}/fail-nth") as f, open(left, "w") as out:
    out.write(f.read())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
