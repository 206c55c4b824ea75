#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""reader.py FILE JSON: reads a snapshot as zpvm-snapshot(5) says, and nothing else says, and
compares what it finds with what `zpvm inspect --json` said of it. Ends with 0 if all is the same."""
import json
import struct
import sys
import time


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bytes(self, n):
        if n > len(self.data) - self.at:
            sys.exit(f"cut short at {self.at}")
        self.at += n
        return self.data[self.at - n : self.at]

    def get(self, fmt):
        """Numbers: B u8, H u16, I u32, Q u64; ? bool."""
        values = struct.unpack(">" + fmt, self.bytes(struct.calcsize(">" + fmt)))
        return values if len(values) > 1 else values[0]

    def left(self):
        return len(self.data) - self.at


def sums(data):
    a = b = 0
    for (word,) in struct.iter_unpack(">I", data + bytes(-len(data) % 4)):
        a = (a + word) & (1 << 64) - 1
        b = (b + a) & (1 << 64) - 1
    return a, b


def sum_text(data):
    return "%016x%016x" % sums(data)


def typed(data):
    return "".join(chr(c) if 32 <= c <= 126 and c != 92 else "\\x%02x" % c for c in data)


def sections(data):
    r = Reader(data)
    magic, version, arch, count, total = r.get("8sI8sIQ")
    if magic != b"ZPVMSNAP" or version != 2 or total != len(data) - 48 or r.get("QQ") != sums(data[:32]):
        sys.exit("no good header")
    found = {}
    for _ in range(count):
        start = r.at
        tag, ident, version, n = r.get("4sIIQ")
        body = r.bytes(n)
        if r.get("QQ") != sums(data[start : start + 20 + n]) or (tag, ident) in found:
            sys.exit(f"no good section at {start}")
        found[tag.decode(), ident] = (version, body)
    if r.left():
        sys.exit("bytes behind the last section")
    return arch.rstrip(b"\0").decode(), found


DEVICES = 15  # virtio devices at most
say = {}  # what is found: paths as zpvm inspect has them


def number(path, value, shown=True):
    if shown:
        say[path] = str(value) if type(value) is int and value >= 1 << 53 else value


def hexa(path, value, shown=True):
    if shown:
        say[path] = "0x%x" % value


def registers(path, values):
    for i, value in enumerate(values):
        hexa(f"{path}.{i}", value, value)


def text(path, data):
    if data:
        say[path] = typed(data)


# --- both architectures ----------------------------------------------------


def read_machine(r):
    kind, memory, shared, stride, wanted, irqchip, vcpus = r.get("IQQII8sI")
    say.update({"snapshot.format": 2, "snapshot.kind": ["vm", "irq"][kind], "machine.memory": memory,
                "machine.vcpus": vcpus, "machine.vcpu-stride": stride, "machine.message-sources": wanted,
                "machine.irqchip": irqchip.rstrip(b"\0").decode(), "machine.shared-block": "0x%x" % shared})
    for i, flags in enumerate(r.bytes(vcpus)):
        if kind == 0:
            say[f"vcpu.{i}.online"], say[f"vcpu.{i}.at-checkpoint"] = bool(flags & 1), bool(flags & 2)
    return kind, memory, vcpus


def read_wall(r):
    wall = r.get("Q")
    if not wall:
        sys.exit("no time")
    say["snapshot.made"] = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(wall // 10**9))}.{wall % 10**9:09} UTC"


def read_name(r):
    uuid = r.bytes(16).hex()
    text("machine.name", r.bytes(r.get("B")))
    if uuid.strip("0"):
        say["machine.uuid"] = "-".join((uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:]))


def read_ram(r):
    say["ram.run"] = []
    while r.left():
        address, n = r.get("QQ")
        say["ram.run"].append(f"0x{address:x}, {n} bytes, sum {sum_text(r.bytes(n))}")


def read_virtio(r, at, kind):
    ident, queues, status, generation, due, features = r.get("HBBBBQ")
    if ident != kind:
        sys.exit(f"{at} is of kind {ident}")
    for name, value in (("status", status), ("features", features), ("due", due)):
        hexa(f"{at}.{name}", value)
    say[f"{at}.generation"] = generation
    for i in range(queues):
        enabled, size, desc, avail, used, next_avail, next_used, signalled = r.get("?HQQQHHH")
        q = f"{at}.queue.{i}"
        say.update({f"{q}.enabled": enabled, f"{q}.size": size, f"{q}.next-available": next_avail,
                    f"{q}.next-used": next_used, f"{q}.signalled": signalled})
        for name, value in (("descriptors", desc), ("available", avail), ("used", used)):
            hexa(f"{q}.{name}", value)


def read_disk(r, i):
    at = f"virtio-blk.{i}"
    read_virtio(r, at, 2)
    for name, value in zip(("ro", "cow", "bytes", "inode", "changed-ns", "changed-blocks"), r.get("??QQQQ")):
        number(f"{at}.{name}", value)
    blocks = r.bytes(say[f"{at}.changed-blocks"] * (8 + 4096))
    number(f"{at}.changed-blocks-sum", sum_text(blocks), blocks)


def read_net(r, i):
    at = f"virtio-net.{i}"
    read_virtio(r, at, 1)
    say[f"{at}.mac"] = r.bytes(6).hex(":")
    say[f"{at}.link"] = r.get("?")


def read_rng(r, i):
    read_virtio(r, f"virtio-rng.{i}", 4)


def read_virtio_console(r, i):
    at = f"virtio-console.{i}"
    read_virtio(r, at, 3)
    text(f"{at}.typed", r.bytes(r.get("H")))


def read_ledger(r, version):
    stray, suppressed, mark, read = r.get("IIII")
    say.update({"ledger.stray": stray, "ledger.suppressed": suppressed, "ledger.mark": mark, "ledger.records": read})
    r.bytes(28 * read)
    for _ in range(r.get("I")):
        label, kind = (t.split(b"\0")[0].decode() for t in r.get("24s16s"))
        cpu = r.get("IHIQQ9QIHHIQQ")[1]
        word = "".join(c if c.isalnum() or c in "-_" else f"%{ord(c):02X}" for c in label)
        if label in ("timer", "cpu-timer"):
            word += f".{cpu}"
        for name, value in zip(("injected", "coalesced", "dropped", "taken"), r.get("IIII")):
            say[f"ledger-entry.{word}.{name}"] = value
        say[f"ledger-entry.{word}.kind"] = kind
        promised, within = r.get("IQ") if version > 1 else (0, 0)
        if promised:
            hexa(f"ledger-entry.{word}.promised", promised)
        number(f"ledger-entry.{word}.within", within, within not in (0, 31536000000000))
        number(f"ledger-entry.{word}.label", label, word.split(".")[0] != label)


# --- s390x -----------------------------------------------------------------


def read_s390_cpu(r, vcpu):
    at = f"vcpu.{vcpu}"
    mask, address = r.get("QQ")
    hexa(f"{at}.psw.mask", mask)
    hexa(f"{at}.psw.address", address)
    for name, values in zip(("gpr", "cr", "fpr", "acr"), zip(*(r.get("QQQI") for _ in range(16)))):
        registers(f"{at}.{name}", values)
    for name, value in zip(("fpc", "prefix", "todpr", "cpu-timer", "clock-comparator", "pp", "gbea", "pfault-token",
                            "pfault-compare", "pfault-select"), r.get("IIQQQQQQQQ")):
        hexa(f"{at}.{name}", value)
    say[f"{at}.mp-state"] = {5: "stopped", 6: "check stop", 7: "operating", 8: "load"}[r.get("B")]


def read_interrupt(r):
    kind = r.get("I")
    if kind <= 0xFFFDFFFF:
        ident, nr, parm, word = r.get("HHII")
        if kind == 0x04000000:
            return f"I/O of an adapter ISC {word >> 27 & 7}"
        return f"I/O subchannel {ident:04x}{nr:04x} ISC {word >> 27 & 7} parameter {parm:08x}"
    if kind == 0xFFFE0000:
        return "stop, flags %x" % r.get("I")
    if kind == 0xFFFE0001:
        trans, _, _, data, code, *_ = r.get("QQQIHHBBBBBB")
        return f"program interruption {code:04x}, translation exception {trans:x}, data exception {data:x}"
    if kind == 0xFFFE0002:
        return "set prefix %08x" % r.get("I")
    if kind == 0xFFFE1000:
        return "machine check %016x" % r.get("QQQI16s")[1]
    if kind in (0xFFFF1201, 0xFFFF1202):
        return ("emergency signal" if kind & 1 else "external call") + " from CPU %u" % r.get("H")
    parm, parm64 = r.get("IQ")
    return {0xFFFE0003: "restart", 0xFFFE0004: f"page fault started, token {parm64:016x}",
            0xFFFE0005: f"page fault completed, token {parm64:016x}", 0xFFFF1004: "clock comparator",
            0xFFFF1005: "CPU timer", 0xFFFF2401: f"service signal, parameter {parm:08x}",
            0xFFFF2603: f"virtio, parameter {parm64:016x}"}[kind]


def read_interrupts(r, path):
    irqs = [read_interrupt(r) for _ in range(r.get("I"))]
    if irqs:
        say[path] = irqs


def read_adapters(r):
    for _ in range(r.get("I")):
        ident, isc, maskable, swap, flags, masked = r.get("IB??B?")
        at = f"adapter.{ident}"
        say.update({f"{at}.isc": isc, f"{at}.maskable": maskable, f"{at}.swap": swap, f"{at}.masked": masked})
        hexa(f"{at}.flags", flags)
    say["suppression.offered"] = r.get("?")
    hexa("suppression.single-mode", r.get("B"))
    hexa("suppression.no-interruptions-mode", r.get("B"))


def read_routes(r):
    for _ in range(r.get("I")):
        gsi, adapter, ind, ind_bit, summary, summary_bit, irqfd, signals = r.get("IIQQQIBQ")
        at = f"route.{gsi}"
        say.update({f"{at}.adapter": adapter, f"{at}.indicator": f"0x{ind:x} bit {ind_bit}",
                    f"{at}.summary": f"0x{summary:x} bit {summary_bit}", f"{at}.irqfd": ["none", "off", "on"][irqfd]})
        number(f"{at}.signals", signals, irqfd)
    for _ in range(r.get("I")):
        subchannel, queue, count = r.get("IQQ")
        say[f"notification.{subchannel:08x}.{queue}"] = count


def read_subchannel(r, at):
    devno, valid, parm, flags, mbi, lpm, pnom, lpum, pom, concurrent = r.get("H?IHHBBBB?")
    ctrl, cpa, dstat, cstat, count, n = r.get("IIBBHB")
    ecw = r.bytes(32)
    phase, key, orb, first, resume, data, begun, command, ccw, left = r.get("BBB????BBH")
    address, moved, following, pdstat, pcstat = r.get("IIIBB")
    sense = r.bytes(32)
    say.update({f"{at}.device": valid, f"{at}.enabled": bool(flags & 0x80), f"{at}.isc": flags >> 11 & 7,
                f"{at}.paths": f"LPM {lpm:02x} PNOM {pnom:02x} LPUM {lpum:02x} POM {pom:02x}",
                f"{at}.program.phase": ["idle", "chaining", "command", "suspended"][phase]})
    for name, value in (("device-number", devno), ("parameter", parm), ("flags", flags), ("status.control", ctrl)):
        hexa(f"{at}.{name}", value)
    for name, value in (("measurement-block", mbi), ("status.ccw-address", cpa), ("status.device-status", dstat),
                        ("status.subchannel-status", cstat), ("program.key", key), ("program.orb", orb),
                        ("program.command", command), ("program.flags", ccw), ("program.address", address),
                        ("program.next", following), ("program.device-status", pdstat),
                        ("program.subchannel-status", pcstat)):
        hexa(f"{at}.{name}", value, value)
    for name, value in (("concurrent-sense", concurrent), ("status.count", count), ("status.ecw-bytes", n),
                        ("program.first", first), ("program.resume", resume), ("program.data", data),
                        ("program.begun", begun), ("program.count", left), ("program.moved", moved),
                        ("status.ecw", ecw.rstrip(b"\0").hex()), ("program.sense", sense.rstrip(b"\0").hex())):
        number(f"{at}.{name}", value, value)


def read_channel(r):
    say["channel.multiple-subchannel-sets"], say["channel.reports-awaited"] = r.get("??")
    reports = ["0x%x" % r.get("I") for _ in range(r.get("B"))]
    number("channel.report", reports, reports)
    for i in range(r.get("H")):
        read_subchannel(r, f"subchannel.{i}")
    say["console-3215.attention"] = r.get("?")
    text("console-3215.typed", r.bytes(r.get("H")))


def read_measurement(r):
    modes, key, origin = r.get("BBQ")
    for name, value in (("modes", modes), ("key", key), ("origin", origin)):
        hexa(f"channel.measurement.{name}", value, modes or key or origin)
    for i in range(r.left() // 19):
        format_1, address, connected, dcti = r.get("?QQH")
        at = f"subchannel.{i}"
        hexa(f"{at}.measurement-block-address", address, format_1)
        hexa(f"{at}.status.connect-time", dcti, dcti)
        number(f"{at}.connected", f"{connected} ns", connected)


def read_virtio_ccw(r, i):
    revision, kind, isc, attention, indicators, bit, summary, configuration = r.get("BBB?QQQQ")
    at = f"virtio-ccw.{i}"
    say.update({f"{at}.revision": revision, f"{at}.indicators": ["none", "classic", "adapter"][kind],
                f"{at}.attention": attention})
    hexa(f"{at}.indicators-address", indicators, kind)
    hexa(f"{at}.summary-address", summary, kind == 2)
    number(f"{at}.first-bit", bit, kind == 2)
    number(f"{at}.isc", isc, kind == 2)
    hexa(f"{at}.configuration-address", configuration, configuration)


def read_sclp(r):
    receive, say["sclp.mask-length"], say["sclp.quiesce"] = r.get("QH?")
    hexa("sclp.receive-mask", receive)
    text("sclp.typed", r.bytes(r.get("H")))
    text("sclp.typed-line", r.bytes(r.get("H")))


def read_waiting(r):
    say["sclp.signal-waits"] = [f"SCCB {r.get('I'):08x}" for _ in range(r.get("B"))]


def read_clock(r):
    hexa("clock.epoch", r.get("B"))
    hexa("clock.tod", r.get("Q"))


def read_keys(r, memory):
    keys, runs = r.bytes(memory // 4096), []
    for page, key in enumerate(keys):
        if page and key == keys[page - 1]:
            runs[-1][1] += 1
        else:
            runs.append([page, 1, key])
    say["storage-keys.pages"] = len(keys)
    say["storage-keys.run"] = [f"0x{p * 4096:x}, {n} pages: 0x{key:02x}" for p, n, key in runs if key]


# --- POWER9 ----------------------------------------------------------------

NAMES = dict(pair.split() for pair in """b5 lpcr/9c tb-offset/be dec-expiry/bd psscr/a3 fscr/09 dscr/0d dsisr/0c dar/0e amr
/0f uamor/9f iamr/b6 ppr/a8 tar/a7 bescr/a5 ebbhr/a6 ebbrr/a4 pspb/a9 dpdes/ae vtb/ad ic/bc tidr/aa dawr/ab dawrx/ac ciabr
/0a purr/0b spurr/10 mmcr0/11 mmcr1/12 mmcra/13 mmcr2/18 pmc1/19 pmc2/1a pmc3/1b pmc4/1c pmc5/1d pmc6/15 siar/16 sdar
/17 sier/b4 vrsave/81 vscr/80 fpscr/82 vpa-addr/83 vpa-slb/84 vpa-dtl""".split("/"))


def register_name(ident):
    low = ident & 0xFFFF
    if 0x40 <= low <= 0x7F:
        return f"vsr.{low - 0x60}" if low >= 0x60 else f"vr.{low - 0x40}"
    return NAMES["%02x" % low]


def read_p9_cpu(r, vcpu):
    at = f"vcpu.{vcpu}"
    say[f"{at}.server"] = r.get("I")
    for name, value in zip(("pc", "msr", "cr", "ctr", "lr", "xer", "srr0", "srr1", "pid"), r.get("9Q")):
        hexa(f"{at}.{name}", value, value or name in ("pc", "msr"))
    registers(f"{at}.sprg", r.get("8Q"))
    registers(f"{at}.gpr", r.get("32Q"))
    for _ in range(r.get("I")):
        ident = r.get("Q")
        first, second = {2: lambda: (r.get("I"), 0), 3: lambda: (r.get("Q"), 0), 4: lambda: r.get("QQ")}[ident >> 52 & 15]()
        hexa(f"{at}.{register_name(ident)}", first, first and not second)
        number(f"{at}.{register_name(ident)}", f"0x{first:x} 0x{second:x}", second)


def read_context(r, vcpu):
    for name, value in zip(("nsr", "cppr", "ipb", "lsmfb", "ack", "inc", "age", "pipr"), r.bytes(8)):
        hexa(f"vcpu.{vcpu}.context.{name}", value)


def read_icp(r, vcpu):
    icp = r.get("Q")
    for name, shift, mask in (("cppr", 56, 255), ("xisr", 32, 0xFFFFFF), ("mfrr", 24, 255), ("pending-priority", 16, 255)):
        hexa(f"vcpu.{vcpu}.icp.{name}", icp >> shift & mask)


def read_sources(r, xics):
    say["sources.controller"] = "xics" if xics else "xive"
    say["sources.count"] = r.get("I")
    for _ in range(say["sources.count"]):
        lisn, lsi, up, masked, server, priority, eisn, pq, pending = r.get("I???IBIB?")
        if masked and not (server or eisn or up or pending or pq > 1) and priority == (255 if xics else 0):
            continue  # as new: only counted
        at = f"source.{lisn:x}"
        say.update({f"{at}.pq": f"{pq >> 1}{pq & 1}", f"{at}.server": server, f"{at}.priority": priority})
        hexa(f"{at}.eisn", eisn, eisn or not xics)
        number(f"{at}.masked", True, masked)
        number(f"{at}.level", int(up), lsi)
        number(f"{at}.pending", True, pending)


def read_queues(r, queues):
    for _ in range(r.get("I")):
        server, priority, flags, shift, address, toggle, index, n = r.get("IBIIQIII")
        at = f"queue.{server}.{priority}"
        queues.append((server, priority))
        say.update({f"{at}.toggle": toggle, f"{at}.index": index, f"{at}.bytes": n, f"{at}.sum": sum_text(r.bytes(n))})
        for name, value in (("address", address), ("size", 1 << shift), ("flags", flags)):
            hexa(f"{at}.{name}", value)


def read_places(r, queues):
    for server, priority in queues[: r.get("I")]:
        told, place = r.get("?I")
        if told:
            at = f"queue.{server}.{priority}.read"
            say[f"{at}.index"], say[f"{at}.generation"] = place & 0x7FFFFFFF, place >> 31


def read_lines(r):
    for _ in range(r.get("I")):
        source, on, signals = r.get("I?Q")
        say[f"irqfd.{source:x}.on"], say[f"irqfd.{source:x}.signals"] = on, signals


def read_function(r, i):
    at = f"pci.{i}"
    command, bar, cache_line, interrupt_line, msix, pending = r.get("HIBBHB")
    for name, value in (("command", command), ("bar", bar), ("msix", msix)):
        hexa(f"{at}.{name}", value)
    number(f"{at}.cache-line", cache_line, cache_line)
    number(f"{at}.interrupt-line", interrupt_line, interrupt_line)
    vectors = enumerate(struct.unpack("<QII", r.bytes(16)) for _ in range(5))
    vectors = [f"{v}: address 0x{a:x} data 0x{d:x} control 0x{c:x}" for v, (a, d, c) in vectors if (a, d, c) != (0, 0, 1)]
    number(f"{at}.vector", vectors, vectors)
    number(f"{at}.pending", [f"vector {v}" for v in range(5) if pending >> v & 1], pending)
    say[f"{at}.access"] = "BAR %u offset 0x%x length %u" % struct.unpack("<BxxxII", r.bytes(12))
    of_device, of_driver, queue, configuration, *of_queues = r.get("IIHH4H")
    hexa(f"{at}.device-feature-select", of_device)
    hexa(f"{at}.driver-feature-select", of_driver)
    say[f"{at}.queue-select"] = queue
    number(f"{at}.configuration-vector", configuration, configuration != 0xFFFF)
    of_queues = [f"queue {q}: {v}" for q, v in enumerate(of_queues) if v != 0xFFFF]
    number(f"{at}.queue-vector", of_queues, of_queues)


def read_modes(r):
    hexa("modes.process-table", r.get("Q"))
    say["modes.gtse"], say["modes.terminal-interrupts"] = r.get("??")


# --- all of it -------------------------------------------------------------


def read(arch, found):
    kind, memory, vcpus = read_machine(Reader(found["VM  ", 0][1]))
    say["snapshot.architecture"] = arch
    xics = ("ICP ", 0) in found
    queues = []
    version = min(found.get(("book", 0), (1, b""))[0], 2)
    known = {  # tag: version, of each vCPU (or device), kinds that have it, how it is read
        "VM  ": (2, False, "01", read_machine), "RAM ": (1, False, "0", read_ram),
        "book": (version, False, "01", lambda r: read_ledger(r, version)), "wall": (1, False, "0", read_wall),
        "name": (1, False, "0", read_name), "VBLK": (1, True, "0", read_disk), "VNET": (1, True, "0", read_net),
        "VRNG": (1, True, "0", read_rng), "VCON": (1, True, "0", read_virtio_console)}
    if arch == "s390x":
        known.update({
            "CPU ": (1, True, "0", read_s390_cpu), "LIRQ": (1, True, "01", lambda r, i: read_interrupts(r, f"vcpu.{i}.pending")),
            "FIRQ": (1, False, "01", lambda r: read_interrupts(r, "floating")), "ADAP": (1, False, "01", read_adapters),
            "ROUT": (1, False, "01", read_routes), "CSS ": (1, False, "0", read_channel), "SCLP": (1, False, "0", read_sclp),
            "MEAS": (1, False, "0", read_measurement), "VCCW": (1, True, "0", read_virtio_ccw),
            "SIGS": (1, False, "0", read_waiting),
            "LINE": (1, False, "0", lambda r: number("sclp.console", "line")),
            "WDOG": (1, False, "0", lambda r: number("watchdog.left", "%d ns" % r.get("Q"))),
            "TOD ": (1, False, "0", read_clock), "SKEY": (1, False, "0", lambda r: read_keys(r, memory))})
    else:
        known.update({
            "CPU ": (2, True, "0", read_p9_cpu), "VP  ": (1, True, "01", read_context), "ICP ": (1, True, "01", read_icp),
            "XSRC": (2, False, "01", lambda r: read_sources(r, xics)), "XEQ ": (1, False, "01", lambda r: read_queues(r, queues)),
            "VPCI": (1, True, "0", read_function),
            "read": (1, False, "01", lambda r: read_places(r, queues)),
            "XLIN": (1, False, "01", read_lines), "MODE": (1, False, "0", read_modes),
            "TOD ": (1, False, "0", lambda r: number("time-of-day.offset", "%d ns" % r.get("q"))),
            "TB  ": (1, False, "0", lambda r: hexa("clock.time-base", r.get("Q"))),
            "VTY ": (1, False, "0", lambda r: text("terminal.typed", r.bytes(r.get("H"))))})
    for (tag, ident), (version, body) in found.items():
        of = known.get(tag, (None, False, "", None))
        if of[0] != version or str(kind) not in of[2] or ident >= (DEVICES if tag[0] == "V" and of[1] and tag != "VP  " else vcpus if of[1] else 1):
            if not "a" <= tag[0] <= "z":
                sys.exit(f"section {tag} {ident} is not known")
            continue
        r = Reader(body)
        of[3](r, ident) if of[1] else of[3](r)
        if r.left():
            sys.exit(f"section {tag} {ident} is too long")
    if arch == "power9":
        for i in range(vcpus):
            say.setdefault(f"vcpu.{i}.server", i * say["machine.vcpu-stride"])


def plain(value):
    """An item of a list is an object, which has the text beside its members."""
    return [v["text"] if isinstance(v, dict) else v for v in value] if isinstance(value, list) else value


def flat(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else key)
    else:
        yield path, plain(value)


def same(path, mine, theirs):
    """An interrupt's text may go on with what else it has."""
    if path == "floating" or path.endswith(".pending") and isinstance(mine, list):
        return len(mine) == len(theirs) and all(t == m or t.startswith(m + ", ") for m, t in zip(mine, theirs))
    return mine == theirs


def derived(path):
    """What zpvm reckons from several fields."""
    if path in ("schema", "version", "summary", "pending", "masks"):
        return True
    return path == "sources.new" or path.endswith((".due", ".entry", ".status.meaning"))


def main():
    with open(sys.argv[1], "rb") as f:
        arch, found = sections(f.read())
    read(arch, found)
    with open(sys.argv[2], encoding="utf-8") as f:
        theirs = dict(flat(json.load(f, object_pairs_hook=unique)))
    wrong = [f"{p}: {say.get(p)} here, {theirs.get(p)} there" for p in sorted(say.keys() | theirs.keys())
             if not derived(p) and not (p in say and p in theirs and same(p, say[p], theirs[p]))]
    print("\n".join(wrong) if wrong else f"{len(say)} values are the same")
    sys.exit(1 if wrong else 0)


def unique(pairs):
    if len(pairs) != len(dict(pairs)):
        sys.exit("a key stands twice")
    return dict(pairs)


main()
