#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""schema.t: each member of the JSON that zpvm-snapshot(5) documents is in what inspect and diff say of the golden
snapshots, and what is documented of an interrupt is all that it has. TAP; it needs no KVM."""
import glob
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
zpvm = {"s390x": "build/s390x/zpvm", "ppc64le": "build/power9/zpvm"}.get(os.uname().machine, "build/zpvm")
count = failed = 0


def report(good, name, why=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}" + ("" if good else f"\n# {why}"))


def documented(schema):
    with open("zpvm-snapshot.5", encoding="utf-8") as f:
        section = re.search(rf"^\.Ss {schema}$(.*?)^\.S[sh] ", f.read(), re.M | re.S)[1]
    return {m for line in re.findall(r"^\.(?:It )?Cm (.*)$", section, re.M) for m in re.split(r"[ ,.;]+", line) if m}


def keys(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def ask(*arguments):
    done = subprocess.run([zpvm, *arguments], stdout=subprocess.PIPE)
    return json.loads(done.stdout)


with tempfile.TemporaryDirectory() as work:
    said, files = [], {}
    for packed in sorted(glob.glob("tests/golden/*/*.zs.gz")):
        path = os.path.join(work, packed.replace("/", "-"))
        with gzip.open(packed) as data, open(path, "wb") as out:
            out.write(data.read())
        files[packed] = path
        said.append(ask("inspect", "--json", path))
    report(all(list(s)[:2] == ["schema", "version"] and (s["schema"], s["version"]) == ("zpvm-inspect", 1) for s in said),
           "inspect: schema and version come first")
    have, want = {k for s in said for k in keys(s)}, documented("zpvm-inspect")
    report(len(want) > 30 and want <= have, "inspect: each member that is documented is there", want - have)
    extra = {k for s in said for p in s["pending"] for k in p} - want
    # Words of `inject`, which zpvm-scenario(5) has.
    words = {"trans-exc", "data-exc", "exc-access", "ext-damage-code", "failing-storage-address"}
    report(extra <= words, "inspect: an interrupt has nothing else", extra - words)
    report(all(isinstance(s["pending"], list) and all(isinstance(p["deliverable"], (bool, type(None))) for p in s["pending"]) for s in said),
           "inspect: deliverable is true, false or null")
    one, two = (files[f"tests/golden/{n}.zs.gz"] for n in ("2/s390x-vm", "3/s390x-virtio-vm"))
    diff = ask("diff", "--json", one, two)
    want = documented("zpvm-diff")
    report((diff["schema"], diff["version"], diff["different"]) == ("zpvm-diff", 1, True), "diff: schema and version")
    report(len(want) > 8 and want <= set(keys(diff)) | {"before", "after"}, "diff: each member that is documented is there", want - set(keys(diff)))
    report(all(diff["interrupts"][k] for k in ("gone", "new")) and
           {v["class"] for v in diff["values"]} >= {"interrupt", "register", "other", "clock", "page"}, "diff: each class is there", diff["summary"])
    same = ask("diff", "--json", one, one)
    report(not same["different"] and same["values"] == [] and same["interrupts"] == {"gone": [], "new": [], "changed": []}, "diff: nothing differs")
print(f"1..{count}")
sys.exit(failed > 0)
