#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""core.t: gdb opens what `zpvm inspect --core` writes of the golden snapshots: a thread for each vCPU with
the registers that `zpvm inspect` names, memory, and instructions. TAP; it needs no KVM."""
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
machine = os.uname().machine
zpvm = {"s390x": "build/s390x/zpvm", "ppc64le": "build/power9/zpvm"}.get(machine, "build/zpvm")
gdb = shutil.which("gdb-multiarch") or shutil.which("gdb")
count = failed = 0


def report(good, name, why=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        print("".join(f"# {line}\n" for line in str(why).splitlines()[:20]), end="")


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return done.returncode, done.stdout


def threads(text):
    """The registers of each thread, by its number."""
    found = {}
    for part in re.split(r"^Thread (?=\d+ )", text, flags=re.M)[1:]:
        number = int(part.split()[0])
        found[number] = {m[1]: int(m[2], 16) for m in re.finditer(r"^(\w+) +0x([0-9a-f]+) ", part, re.M)}
    return found


def value(vcpu, *path):
    """A register of inspect's; those that are zero are left out."""
    for name in path:
        vcpu = vcpu.get(name, {}) if isinstance(vcpu, dict) else {}
    return int(vcpu, 16) if isinstance(vcpu, str) else 0


def wanted(arch, vcpu):
    if arch == "s390x":
        all_of = {"pswm": value(vcpu, "psw", "mask"), "pswa": value(vcpu, "psw", "address"), "fpc": value(vcpu, "fpc")}
        return all_of | {f"r{i}": value(vcpu, "gpr", str(i)) for i in range(16)} | {f"acr{i}": value(vcpu, "acr", str(i)) for i in range(16)}
    all_of = {name: value(vcpu, name) for name in ("pc", "msr", "cr", "lr", "ctr", "xer")}
    return all_of | {f"r{i}": value(vcpu, "gpr", str(i)) for i in range(32)}


code = {  # what is at the program counter of vCPU 0
    "s390x": r"=> 0x11a8e:\s+cgijne\s+%r2,0,0x11a96\n.*\bbr\s+%r14\n",
    "power9": r"=> 0x3998:\s+cmpdi\s+r3,0\n",
}


def look(name, work):
    snapshot, core = os.path.join(work, "a.zs"), os.path.join(work, "core")
    with gzip.open(f"tests/golden/{name}.zs.gz") as packed, open(snapshot, "wb") as out:
        out.write(packed.read())
    status, text = run(zpvm, "inspect", "--json", snapshot)
    said = json.loads(text)
    arch = said["snapshot"]["architecture"]
    status, text = run(zpvm, "inspect", "--core=" + core, snapshot)
    st = os.stat(core) if status == 0 else None
    report(st and not text and st.st_mode & 0o777 == 0o600, f"{name}: a core, its owner's alone", text)
    report(st and st.st_blocks * 512 < st.st_size, f"{name}: with holes where RAM is zero", st)
    status, text = run(gdb, "-nx", "-batch", "-ex", f"core-file {core}", "-ex", "thread apply all -ascending info registers",
                       "-ex", "thread 1", "-ex", "x/4i $pc", "-ex", "x/1xb 0", "-ex", f"x/1xb {said['machine']['memory'] - 1}",
                       "-ex", f"x/1xb {said['machine']['memory']}")
    found = threads(text)
    report(sorted(found) == list(range(1, said["machine"]["vcpus"] + 1)), f"{name}: a thread for each vCPU", text)
    for i in range(said["machine"]["vcpus"]):
        want, got = wanted(arch, said["vcpu"][str(i)]), found.get(i + 1, {})
        wrong = [f"{r}: {got.get(r)}, not {want[r]}" for r in want if got.get(r) != want[r]]
        report(not wrong, f"{name}: the registers of vCPU {i}", "\n".join(wrong))
    if "virtio" not in name and name.startswith("2/"):
        report("xics" in name or re.search(code[arch], text), f"{name}: instructions", text)
    report(len(re.findall(r"^0x[0-9a-f]+:\t0x[0-9a-f]{2}$", text, re.M)) == 2 and "Cannot access memory" in text,
           f"{name}: all of RAM, and nothing behind it", text)


with tempfile.TemporaryDirectory() as work:
    if not gdb:
        print("1..0 # SKIP there is no gdb-multiarch")
        sys.exit(0)
    for name in ("2/s390x-vm", "2/power9-xive-vm", "2/power9-xics-vm", "3/s390x-virtio-vm", "3/power9-virtio-vm"):
        look(name, work)
    with gzip.open("tests/golden/2/s390x-irq.zs.gz") as packed, open(os.path.join(work, "irq"), "wb") as out:
        out.write(packed.read())
    status, text = run(zpvm, "inspect", f"--core={work}/none", f"{work}/irq")
    report(status == 65 and "neither RAM nor registers" in text and not os.path.exists(f"{work}/none"),
           "a snapshot of interrupts alone has no core", text)
    status, text = run(zpvm, "inspect", "--core=/dev/null", f"{work}/a.zs")
    report(status == 65 and "not a regular file" in text, "a core in no regular file", text)
    status, text = run(zpvm, "inspect", f"--core={work}/nowhere/core", f"{work}/a.zs")
    report(status == 71 and "No such file" in text, "a core where there is no directory", text)
    left = sorted(os.listdir(work))
    report(left == ["a.zs", "core", "irq"], "no temporary file is left", left)
print(f"1..{count}")
sys.exit(failed > 0)
