#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""What common.sh's tool() starts: runs the Python programs of this directory, each in a process of
its own that has the files of who asks. Under emulation starting Python takes a second or two,
this a twentieth.

Reads how many words there are, and the words: the process that asks, run, start or stop, the
program, its arguments; each with a NUL behind it. Writes that process and the exit status. What is
started reads its standard input until it is stopped, and says on standard error that it is ready.
"""
import ctypes
import os
import sys

PIDFD_GETFD = 438
FILES = 0, 8, 2  # of who asks, for a moment 1 is where it asked
libc = ctypes.CDLL(None, use_errno=True)
programs = {}
started = {}  # by name: process, the pipes to and from it


def strings():
    rest = b""
    while data := os.read(0, 65536):
        *whole, rest = (rest + data).split(b"\0")
        yield from (string.decode() for string in whole)


def program(name):
    """Compiled, and what it imports is there."""
    if name not in programs:
        path = f"{os.path.dirname(os.path.abspath(__file__))}/{name}.py"
        with open(path) as file:
            text = file.read()
        for line in text.splitlines():
            if line.startswith(("import ", "from ")):
                exec(line, {})
        programs[name] = compile(text, path, "exec")
    return programs[name]


def file_of(process, number):
    pidfd = os.pidfd_open(process)
    file = libc.syscall(PIDFD_GETFD, pidfd, number, 0)
    if file < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    os.close(pidfd)
    return file


def begin(caller, name, arguments, files):
    """Return in the parent only."""
    child = os.fork()
    if child:
        return child
    for to, number in enumerate(FILES):
        os.dup2(files[to] if to in files else file_of(caller, number), to)
    os.closerange(3, 256)  # the ends of pipes that are the server's
    sys.argv = [name, *arguments]
    exec(program(name), {"__name__": "__main__"})
    sys.stdout.flush()
    os._exit(0)


def end(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255


def start(caller, name, arguments):
    stdin, to = os.pipe()
    said, stderr = os.pipe()
    child = begin(caller, name, arguments, {0: stdin, 2: stderr})
    os.close(stdin)
    os.close(stderr)
    started[name] = child, to, said
    if os.read(said, 65536) == b"ready\n":
        return 0
    return stop(name) or 1


def stop(name):
    child, to, said = started.pop(name)
    os.close(to)
    while text := os.read(said, 65536):
        os.write(2, text)
    os.close(said)
    return end(child)


os.closerange(3, 256)  # what the test had open when it started this
asked = strings()
for count in asked:
    caller, how, name, *arguments = (next(asked) for _ in range(int(count)))
    caller = int(caller)
    if how == "stop":
        status = stop(name)
    else:
        program(name)
        status = start(caller, name, arguments) if how == "start" else \
            end(begin(caller, name, arguments, {}))
    os.write(1, b"%d %d\n" % (caller, status))
