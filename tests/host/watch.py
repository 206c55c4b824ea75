#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""watch.py OPTIONS EMULATOR ARG...: runs an emulated host to its job's end.

Starts the emulator, passes on the job's output as it appears, and exits with
the job's status; 124 when the time is up, 125 when the host failed. The
emulator never outlives this. tests/host/run prepares all and calls this; the
init inside the host is the other end, and says what is said between them.
"""

import argparse
import base64
import ctypes
import gzip
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

TIMEOUT = 124
HOST_FAILED = 125

POLL = 0.01             # seconds between two looks at the host
GRACE = 10              # for the last words of an emulator that has ended
DISK_BLOCK = 4096       # as in disklog.c
RECENT = 16384          # bytes of output that go to the log in a failure


# What power9's firmware says, wherever it happens to be in the output: "SBE: Timer stuck", where this machine has much to do.
FIRMWARE = re.compile(rb"\[ *\d+\.\d{9},\d\] [^\n]*\n")
FIRMWARE_BEGINS = re.compile(rb"\[ *(?:\d+(?:\.(?:\d{0,9}|\d{9},\d?|\d{9},\d\](?: [^\n]*)?))?)?\Z")


class Failure(Exception):
    """The job's status will never be known: (exit status, why)."""


class Interrupted(Exception):
    """A signal asks to stop: (its number)."""


class PipeStream:
    """The host's bytes from the emulator's standard output."""

    def __init__(self, proc):
        self.fd = proc.stdout.fileno()
        os.set_blocking(self.fd, False)

    def read(self):
        try:
            return os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return b""


class DiskStream:
    """The host's bytes from the image of the disk that disklog writes."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY)
        self.seen = 0

    def read(self):
        count, = struct.unpack(">Q", os.pread(self.fd, 8, 0))
        data = os.pread(self.fd, min(count - self.seen, 1 << 20),
                        DISK_BLOCK + self.seen)
        self.seen += len(data)
        return data


class Parser:
    """Cuts the host's bytes at the marks that init makes.

    What is before "begin" and after "end" goes to the log, the job's output
    between them to standard output, as soon as it cannot be part of a mark;
    what is between "files" and "end", if there is such, is kept.
    """

    def __init__(self, mark, log):
        self.log = log
        self.pending = b""
        self.begin = mark.encode() + b" begin\n"
        self.files = bytearray()        # base64 of the job's results
        self.end = re.compile(mark.encode() + rb" (?:files|end (\d+))\n")
        self.bye = mark.encode() + b" bye\n"
        self.mark = mark.encode()
        self.state = "boot"
        self.status = None
        self.recent = b""

    def put(self, data):
        self.pending = FIRMWARE.sub(self.firmware, self.pending + data)
        if self.state == "boot":
            before, found, after = self.pending.partition(self.begin)
            if found:
                self.log.write(before)
                self.pending = after
                self.state = "job"
            else:
                self.log.write(self.take())
        if self.state == "job":
            text = self.until_end()
            output(text)
            self.recent = (self.recent + text)[-RECENT:]
        if self.state == "files":
            self.files += self.until_end()
        if self.state == "end" and self.bye in self.pending:
            self.state = "bye"

    def firmware(self, found):
        """To the log, and out of the output."""
        self.log.write(found[0])
        return b""

    def until_end(self):
        """What is before a mark; the mark moves on the state."""
        found = self.end.search(self.pending)
        if not found:
            return self.take()
        text = self.pending[:found.start()]
        self.pending = self.pending[found.end():]
        self.state = "files"
        if found[1]:
            self.status = int(found[1])
            self.state = "end"
        return text

    def take(self):
        """All of what is pending that cannot be the start of a mark, or of what the firmware says."""
        cut = self.pending.rfind(self.mark)
        if cut < 0:
            cut = len(self.pending)
            for n in range(min(len(self.mark), cut), 0, -1):
                if self.pending.endswith(self.mark[:n]):
                    cut -= n
                    break
        begins = FIRMWARE_BEGINS.search(self.pending, 0, cut)
        if begins:
            cut = begins.start()
        text, self.pending = self.pending[:cut], self.pending[cut:]
        return text

    def close(self):
        """Nothing more will come: what is pending is what it seems to be."""
        if self.state == "job":
            output(self.pending)
            # A panic is among it, if the job shares the console.
            self.log.write(b"\n".join((b"", OUTPUT_TITLE,
                                       self.recent + self.pending, b"")))
        else:
            self.log.write(self.pending.replace(self.bye, b""))
        self.pending = b""


def output(data):
    while data:
        data = data[os.write(1, data):]


def die_with_parent():
    """In the emulator, before exec: PR_SET_PDEATHSIG."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def start(args, console):
    return subprocess.Popen(
        args.emulator, cwd=args.work, stdin=subprocess.DEVNULL,
        stdout=console if args.disk else subprocess.PIPE, stderr=console,
        start_new_session=True, preexec_fn=die_with_parent)


def follow(args, proc, parser, _console):
    """Until the job's end; raises Failure."""
    stream = DiskStream(args.disk) if args.disk else PipeStream(proc)
    begin = time.monotonic()
    booted = ended = None
    latest = begin
    next_beat = 15
    say(args, f"booting (at most {min(args.boot, args.time):.0f} s) ...")
    while parser.state != "bye":
        exited = proc.poll() is not None
        data = stream.read()
        now = time.monotonic()
        if data:
            parser.put(data)
            latest = now
        if parser.state != "boot" and not booted:
            booted = now
            say(args, f"up after {now - begin:.1f} s")
        if parser.state == "end" and not ended:
            ended = now
        if ended and now > ended + GRACE:
            return
        if now > begin + args.time and not ended:
            raise Failure(TIMEOUT, f"no end after {args.time:.0f} s")
        if booted and now > latest + args.silence and not ended:
            raise Failure(TIMEOUT, f"no output for {args.silence:.0f} s")
        if data:
            continue
        if exited and ended:
            return
        if exited:
            raise Failure(HOST_FAILED, "the host ended before the job")
        if not booted and now > begin + args.boot:
            raise Failure(HOST_FAILED, f"not up after {args.boot:.0f} s")
        if not booted and now > begin + next_beat:
            say(args, f"still booting after {next_beat} s ...")
            next_beat += 15
        time.sleep(POLL)


def say(args, message):
    if not args.quiet:
        print(f"{args.arch} host: {message}", file=sys.stderr, flush=True)


def kernel_log_from(core):
    """The text around the panic in the kernel's log, out of a core.

    The records' texts lie one after the other in the log's buffer, each
    with a few bytes of its own before it.
    """
    with open(core, "rb") as f:
        data = f.read()
    at = -1
    while (at := data.find(b"Kernel panic - not syncing: ", at + 1)) >= 0:
        # Not the format string.
        if data[at + 28:at + 29] != b"%":
            break
    if at < 0:
        return []
    around = data[max(at - 16384, 0):at + 4096]
    return [t.decode() for t in re.findall(rb"[\x20-\x7e\t]{6,}", around)]


OUTPUT_TITLE = b"--- the last of the output:"
ALARM = re.compile(r"Kernel panic|Oops|BUG:|Unable to handle")


def last_lines(args, console, booting):
    """What a reader of a failure wants to see of the log."""
    with open(console, errors="replace") as f:
        lines = [line.rstrip() for line in f]
    core = os.path.join(args.work, "core")
    if os.path.exists(core):
        records = kernel_log_from(core)
        with open(console, "a") as f:
            f.write("--- the kernel's log, from storage:\n")
            f.writelines(line + "\n" for line in records)
        lines += records
    first = next((i for i, l in enumerate(lines) if ALARM.search(l)), None)
    if first is not None:
        return lines[first:first + 30]
    # Else nothing after the boot concerns the host.
    return [l for l in lines if l][-20:] if booting else []


def stop(proc):
    """The emulator and all that it started."""
    try:
        os.killpg(proc.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    proc.wait()


def interrupt(number, _frame):
    raise Interrupted(number)


def arguments(doc):
    p = argparse.ArgumentParser(description=doc)
    p.add_argument("--arch", required=True)
    p.add_argument("--mark", required=True, help="the word in init's marks")
    p.add_argument("--work", required=True, help="working directory; is "
                   "removed at the end")
    p.add_argument("--log", required=True, help="the log's directory")
    p.add_argument("--disk", help="image of the disk that disklog writes")
    p.add_argument("--results", help="directory for the files that the job "
                   "makes or changes in /work")
    p.add_argument("--time", type=float, default=float("inf"))
    p.add_argument("--silence", type=float, default=float("inf"),
                   help="seconds that the job may take between two outputs")
    p.add_argument("--boot", type=float, required=True)
    p.add_argument("--quiet", action="store_true")
    p.add_argument("emulator", nargs=argparse.REMAINDER)
    return p


def unpack(args, files):
    """The job's results into their directory."""
    with open(os.path.join(args.log, "results"), "wb+") as archive:
        archive.write(gzip.decompress(base64.b64decode(files)))
        archive.seek(0)
        os.makedirs(args.results, exist_ok=True)
        subprocess.run(["cpio", "-idmu", "--quiet", "--no-absolute-filenames"],
                       cwd=args.results, stdin=archive, check=True)
    os.unlink(archive.name)


def keep(log):
    """Moves a failure's log to where no later run removes it: its new name."""
    kept = os.path.join(os.path.dirname(os.path.dirname(log)), "failed",
                        os.path.basename(log))
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    os.rename(log, kept)
    return kept


def supervise(args, start_host, follow_host, restore=lambda: None):
    """Runs a host to its job's end, whatever happens. Does not return.

    restore() is called before anything is said about a failure, and at the
    end.
    """
    signals = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
    for number in signals:
        signal.signal(number, interrupt)
    path = os.path.join(args.log, "console")
    caught = proc = None
    try:
        console = open(path, "ab", buffering=0)
        parser = Parser(args.mark, console)
        proc = start_host(args, console)
        try:
            follow_host(args, proc, parser, console)
            status = parser.status
            parser.close()
            if parser.files:
                unpack(args, parser.files)
        except Failure as e:
            status, why = e.args
            parser.close()
            stop(proc)
            restore()
            args.log = keep(args.log)
            path = os.path.join(args.log, "console")
            print(f"{args.arch} host: {why}; its log is {path}",
                  *last_lines(args, path, parser.state == "boot"), sep="\n    ",
                  file=sys.stderr)
    except Interrupted as e:
        caught = e.args[0]
    except BrokenPipeError:
        caught = signal.SIGPIPE
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        if proc:
            stop(proc)
        shutil.rmtree(args.work, ignore_errors=True)
        restore()
    with open(os.path.join(args.log, "status"), "w") as f:
        f.write(f"{128 + caught if caught else status}\n")
    if caught:
        # As if it had not been caught, for the caller to see.
        signal.signal(caught, signal.SIG_DFL)
        os.kill(os.getpid(), caught)
    sys.exit(status)


if __name__ == "__main__":
    supervise(arguments(__doc__).parse_args(), start, follow)
