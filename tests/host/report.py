# SPDX-License-Identifier: BSD-2-Clause
"""report.py ARCH WHERE SAID OUT REFERENCE TOP: makes a report out of what the commands of `report` have said."""
import getpass
import json
import os
import re
import socket
import sys

arch, where, said, out, reference, top = sys.argv[1:]

# What a test says of a failure may name the machine, the user, or a folder of his.
private = {socket.gethostname(): "HOST", socket.gethostname().split(".")[0]: "HOST"}
try:
    private[getpass.getuser()] = "USER"
except (KeyError, OSError):
    pass
private = {name: to for name, to in private.items() if name not in ("root", "localhost", arch)}


def public(text):
    text = text.replace(top, "TOP").replace(os.path.expanduser("~") + "/", "HOME/")
    for name, to in private.items():
        # A short one may be any word, unless a domain follows.
        end = r"(?![\w-])" if len(name) > 3 else r"(?=\.[a-z])"
        text = re.sub(r"(?<![\w.-])" + re.escape(name) + end, to, text)
    return text


report = {"schema": "zpvm-report", "version": 1, "arch": arch, "where": where, "machine": {}, "probe": None}
tests = {"passed": 0, "planned": None, "failed": [], "skipped": []}
probe, section, failed = [], None, None
with open(said, encoding="utf-8", errors="replace") as f:
    for line in f:
        line = public(line.rstrip("\n"))
        if section is None and line.startswith("@") and " " in line:
            key, value = re.match(r"@(system\.VM\d+ Control Program|\S+) *(.*)", line).groups()
            report["machine"][key] = value.strip()
        elif line in ("@probe", "@tests"):
            section = line
        elif section == "@probe":
            probe.append(line)
        elif section == "@tests":
            test = re.match(r"(not )?ok \d+ - ([^#]*)(?:# SKIP (.*))?", line)
            plan = re.match(r"1\.\.(\d+)", line)
            failed = failed if line.startswith("#") else None
            if plan:
                tests["planned"] = int(plan[1])
            elif test and test[3] is not None:
                tests["skipped"].append({"name": test[2].strip(), "why": test[3]})
            elif test and test[1]:
                failed = {"name": test[2].strip(), "said": []}
                tests["failed"].append(failed)
            elif test:
                tests["passed"] += 1
            elif failed and len(failed["said"]) < 100:
                failed["said"].append(line[2:])
try:
    report["probe"] = json.loads("\n".join(probe))
except ValueError as wrong:
    with open(said, encoding="utf-8", errors="replace") as f:
        last = [line.rstrip() for line in f if line.strip()][-5:]
    sys.exit(f"report.py: there is no report of zpvm probe ({wrong}); all that was said is in {said}, its end:\n    " +
             "\n    ".join(last))
report["zpvm"] = report["probe"]["zpvm"]
report["tests"] = tests


def leaves(value, path=""):
    """Each number and word of a JSON value, by its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{i}]")
    else:
        yield path, value


differences = []
if os.path.exists(reference):
    with open(reference, encoding="utf-8") as f:
        other = json.load(f)
    here, there = dict(leaves(report["probe"])), dict(leaves(other["probe"]))
    for path in sorted(here.keys() | there.keys()):
        if path != "zpvm" and not path.endswith(".meaning") and here.get(path) != there.get(path):
            differences.append(f"probe: {path}: {here.get(path, 'none')}; emulated: {there.get(path, 'none')}")
    for key in ("uname", "page_kib"):
        if report["machine"].get(key) != other["machine"].get(key):
            differences.append(f"{key}: {report['machine'].get(key)}; emulated: {other['machine'].get(key)}")
    for kind in ("failed", "skipped"):
        here, there = ({t["name"] for t in r["tests"][kind]} for r in (report, other))
        differences += [f"{kind} here: {name}" for name in sorted(here - there)]
        differences += [f"{kind} in the emulated host, not here: {name}" for name in sorted(there - here)]
else:
    differences.append(f"there is no report of the emulated host to compare with ({os.path.basename(reference)})")
report["differences"] = differences

with open(out, "w", encoding="utf-8") as f:
    json.dump(report, f, indent=1)
    f.write("\n")
print(f"zpvm {report['zpvm']} for {arch} ({where}): {report['machine'].get('uname')}")
print(f"{tests['passed']} tests passed, {len(tests['failed'])} failed, {len(tests['skipped'])} could not be tried here")
for test in tests["failed"]:
    print(f"  failed: {test['name']}")
print(f"{len(differences)} differences from the emulated host of the reference")
for line in differences[:40]:
    print(f"  {line}")
run = tests["passed"] + len(tests["failed"]) + len(tests["skipped"])
if tests["planned"] != run:
    sys.exit(f"report.py: {run} tests were run, planned were {tests['planned']}: they have not come to their end")
