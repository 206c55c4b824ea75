#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# timeline.t: real traces that are kept say what they said, and their pictures are XML and JSON to other readers. TAP.
cd "$(dirname "$0")/../.." || exit
zpvm=build/zpvm
case $(uname -m) in
s390x) zpvm=build/s390x/zpvm ;;
ppc64le) zpvm=build/power9/zpvm ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0
failed=0

# report STATUS NAME: a line, and what is in $work/out if it failed.
report()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		sed 's/^/# /' "$work/out" | head -n 20
	fi
}

# ends STATUS PATTERN ARGUMENT...: timeline ends so, and says this.
ends()
{
	local want=$1 pattern=$2 got

	shift 2
	"$zpvm" timeline "$@" >"$work/out" 2>&1
	got=$?
	echo "exit status $got, expected $want; pattern: $pattern" >>"$work/out"
	[ $got = "$want" ] && grep -q -- "$pattern" "$work/out"
}

cat >"$work/read.py" <<'END'
"""What another reader finds: XML without anything from elsewhere, JSON with an end for each arrow."""
import collections
import json
import sys
import xml.etree.ElementTree

svg, page, chrome = sys.argv[1:]
root = xml.etree.ElementTree.parse(svg).getroot()
assert root.tag == "{http://www.w3.org/2000/svg}svg"
width, height = float(root.get("width")), float(root.get("height"))
for e in root.iter():
    assert not any(key.endswith("href") or key == "src" for key in e.attrib), e.attrib
    if e.tag.endswith("}rect") and "x" in e.attrib:
        right = float(e.get("x")) + float(e.get("width"))
        assert 0 <= float(e.get("x")) and right <= width and float(e.get("y")) <= height, e.attrib
text = open(page, encoding="ascii").read()
assert text.startswith("<!DOCTYPE html>") and open(svg, encoding="ascii").read() in text
assert "src=" not in text and "href=" not in text and "@import" not in text


def once(pairs):
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


events = json.load(open(chrome, encoding="ascii"), object_pairs_hook=once)["traceEvents"]
flows = collections.Counter()
for e in events:
    assert e["ph"] in ("X", "i", "M", "s", "f"), e
    assert isinstance(e["pid"], int) and isinstance(e["tid"], int) and e["ts"] >= 0, e
    assert e["ph"] != "X" or e["dur"] > 0, e
    if e["ph"] in "sf":
        flows[e["id"], e["ph"]] += 1
assert flows and all(flows[id, "s"] == flows[id, "f"] == 1 for id, _ in list(flows))
END

for packed in tests/golden/trace/*.gz; do
	name=${packed%.gz}
	trace=$work/$(basename "$name")
	gunzip -c "$packed" >"$trace"
	"$zpvm" timeline "$trace" >"$work/text" && diff "$name.txt" "$work/text" >"$work/out" 2>&1
	report $? "$name says what it said"
	! grep '.\{101\}' "$work/text" >"$work/out"
	report $? "$name fits into 100 columns"
	for form in svg html json; do
		"$zpvm" timeline "$trace" -o "$work/x.$form" >"$work/out" 2>&1 || break
	done && /usr/bin/python3 -B "$work/read.py" "$work/x.svg" "$work/x.html" "$work/x.json" >"$work/out" 2>&1
	report $? "$name is a picture to other readers"
	head -c $(($(stat -c %s "$trace") / 2)) "$trace" >"$work/half"
	ends 0 'half:[0-9]*: the last line is cut' "$work/half"
	report $? "$name is drawn if it is cut"
	{ cat "$trace" && tail -n 1 "$trace"; } >"$work/twice"
	ends 65 "twice:[0-9]*: the id [0-9]* is that of line" "$work/twice"
	report $? "$name is refused if an id is there twice"
done
trace=$(echo tests/golden/trace/*-demo.trace.gz)
gunzip -c "${trace%% *}" >"$work/trace"
ends 0 'seconds  injected' - <"$work/trace"
report $? 'of standard input'
ends 65 'golden.t:1: not a trace' tests/golden/golden.t
report $? 'no trace'
ends 65 'No such file' "$work/none"
report $? 'no file'
ends 64 'ends with .svg, .html or .json' "$work/trace" -o "$work/x.png"
report $? 'no such form'
ends 64 'the trace ends at' "$work/trace" --from=1000
report $? 'nothing is so late'
ln -s /dev/full "$work/full.svg"
ends 71 'full.svg: No space left' "$work/trace" -o "$work/full.svg"
report $? 'no place for the picture'
echo "1..$n"
exit $failed
