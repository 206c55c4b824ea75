# SPDX-License-Identifier: BSD-2-Clause
"""typed.py CASES LINES COMMAND...: runs a shell on a terminal, and types each line of CASES, then the keys for all
completions (M-*) and C-o, which writes the line to LINES. What the shell shows comes out. It has 30 seconds."""
import os
import pty
import select
import sys
import time

cases, lines, *command = sys.argv[1:]
pid, fd = pty.fork()
if not pid:
    os.environ["TERM"] = "vt100"
    os.execvp(command[0], command)
end = time.monotonic() + 30
shown = b""


def until(condition):
    """Reads what is shown until this is so: what is typed earlier might meet a terminal that is not the shell's yet."""
    global shown
    while not condition() and time.monotonic() < end:
        if select.select([fd], [], [], 0.01)[0]:
            shown += os.read(fd, 4096)


def written():
    return os.path.exists(lines) and open(lines, encoding="utf-8").read().count("\n")


try:
    for number, case in enumerate(open(cases, encoding="utf-8").read().splitlines(), 1):
        until(lambda: b"ready>" in shown)
        os.write(fd, case.encode() + b"\033*\017")
        until(lambda: written() >= number)
        os.write(fd, b"\025")
    os.close(fd)
except OSError:
    pass
sys.stdout.buffer.write(shown)
