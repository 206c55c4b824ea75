#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""terminal.py OPTIONS EMULATOR ARG...: this terminal as an emulated host's.

The interactive sister of watch.py, from which it takes how the emulator is
started and stopped and how its output is read. tests/host/shell calls it.

Keys go to the host as they are typed, the terminal is in raw mode. They go in
hexadecimal to hexpty (hexpty.c tells why), on power9 through the serial line,
on s390x through a 3215 console of Hercules. The output comes as in watch.py.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
import tty

import watch

ESCAPE = b"\x1d"                # Ctrl-]: end the host at once
END_OF_INPUT = b"\x04"  # Ctrl-D, for when our own input ends
CHUNK = 64      # keys a line; Linux takes at most 200 characters from a 3215

# Telnet (RFC 854, RFC 1091): what Hercules asks for, and what it is told.
# A terminal type that is not a 3270's gets the 3215.
IAC_DO_TTYPE = b"\xff\xfd\x18"
IAC_WILL_TTYPE = b"\xff\xfb\x18"
IAC_SEND_TTYPE = b"\xff\xfa\x18\x01\xff\xf0"
IAC_IS_TTYPE = b"\xff\xfa\x18\x00TTY\xff\xf0"


def hex_line(keys):
    return keys.hex().encode() + b"\r\n"


class SerialKeys:
    """Keys to the emulator's standard input."""

    def __init__(self, proc):
        self.pipe = proc.stdin

    def send(self, keys):
        for at in range(0, len(keys), CHUNK):
            self.pipe.write(hex_line(keys[at:at + CHUNK]))
        self.pipe.flush()


class ConsoleKeys:
    """Keys to hexpty, through the 3215: a line each time it wants one.

    What comes back is the kernel's messages and hexpty's dots: to the log.
    """

    def __init__(self, port, log, proc):
        self.log = log
        self.keys = b""
        self.ready = True
        self.socket = connect(port, log.name, proc)
        self.expect(IAC_DO_TTYPE)
        self.socket.sendall(IAC_WILL_TTYPE)
        self.expect(IAC_SEND_TTYPE)
        self.socket.sendall(IAC_IS_TTYPE)
        self.socket.setblocking(False)

    def expect(self, want):
        got = b""
        while len(got) < len(want):
            data = self.socket.recv(len(want) - len(got))
            if not data:
                break
            got += data
        if got != want:
            raise watch.Failure(watch.HOST_FAILED,
                                f"Hercules' console said {got!r}")

    def send(self, keys):
        self.keys += keys
        self.poll()

    def poll(self):
        try:
            data = self.socket.recv(65536)
            self.log.write(data)
            if b".\n" in data or b".\r\n" in data:
                self.ready = True
        except BlockingIOError:
            pass
        if self.keys and self.ready:
            now, self.keys = self.keys[:CHUNK], self.keys[CHUNK:]
            self.ready = False
            self.socket.sendall(hex_line(now))


def connect(port, path, proc):
    """To the console, as soon as Hercules has done all in hercules.rc.

    That is where it is told to boot when someone is there. It says so when it
    has come to the end of the file.
    """
    for _ in range(200):
        with open(path, "rb") as f:
            if b"HHCPN013I" in f.read():
                return socket.create_connection(("127.0.0.1", port), 10)
        if proc.poll() is not None:
            break
        time.sleep(0.05)
    raise watch.Failure(watch.HOST_FAILED, "Hercules does not start")


def talk(args, proc, parser, log):
    """Until the shell's end; raises Failure."""
    if args.disk:
        stream = watch.DiskStream(args.disk)
        keys = ConsoleKeys(args.port, log, proc)
    else:
        stream = watch.PipeStream(proc)
        keys = SerialKeys(proc)
    begin = time.monotonic()
    ended = None
    typing = True
    while parser.state != "bye":
        exited = proc.poll() is not None
        data = stream.read()
        parser.put(data)
        if args.disk:
            keys.poll()
        now = time.monotonic()
        if parser.state == "end":
            ended = ended or now
            if now > ended + watch.GRACE:
                return
        if parser.state == "boot" and now > begin + args.boot:
            raise watch.Failure(watch.HOST_FAILED,
                                f"not up after {args.boot:.0f} s")
        if data:
            continue
        if exited and ended:
            return
        if exited:
            raise watch.Failure(watch.HOST_FAILED,
                                "the host ended before the shell")
        if parser.state != "job" or not typing:
            time.sleep(watch.POLL)
            continue
        if select.select([0], [], [], watch.POLL)[0]:
            typed = os.read(0, 1024)
            if os.isatty(0) and ESCAPE in typed:
                raise watch.Interrupted(signal.SIGINT)
            keys.send(typed or END_OF_INPUT)
            typing = bool(typed)


def start(args, log):
    return subprocess.Popen(
        args.emulator, cwd=args.work, stdin=subprocess.PIPE,
        stdout=log if args.disk else subprocess.PIPE, stderr=log,
        start_new_session=True, preexec_fn=watch.die_with_parent)


def main():
    parser = watch.arguments(__doc__)
    parser.add_argument("--port", type=int, help="Hercules' console port")
    args = parser.parse_args()
    if not os.isatty(0):
        watch.supervise(args, start, talk)
    before = termios.tcgetattr(0)
    tty.setraw(0)
    watch.supervise(args, start, talk, restore=lambda: termios.tcsetattr(
        0, termios.TCSADRAIN, before))


main()
