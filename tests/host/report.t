#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# report.t: a report of a real KVM, with a few tests; and what is in none. TAP.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
# On the fastest host, or this machine.
arch_names s390x
is_native || arch_names power9
n=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# report NAME COMMAND...: succeeds; what it says explains a failure.
report()
{
	local name=$1

	n=$((n + 1))
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		tail -n 20 "$tmp/out" | sed 's/^/# /'
	fi
}

# has EXPRESSION: Python's, of the report r.
has()
{
	/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); sys.exit(not ('"$1"'))' "$tmp/r.json"
}

report "a report of a real KVM" tests/host/report -c './core_snapshot core.elf' -o "$tmp/r.json" $arch
cp "$tmp/out" "$tmp/said"
report "... says how many tests passed" grep -Eq '^[1-9][0-9]* tests passed, 0 failed' "$tmp/said"
report "... has what its tests said, the probe, kernel and processor" has \
	'r["tests"]["passed"] > 3 and r["tests"]["passed"] == r["tests"]["planned"] and r["probe"]["schema"] == "zpvm-probe"
	and r["machine"]["uname"].startswith("Linux ") and r["machine"]["cpus"] == "1" and "page_kib" in r["machine"]'
report "... names the architecture and the version" has "r['arch'] == '$arch' and r['zpvm'][0].isdigit()"
is_native || report "... and nothing differs from the reference, but what the kernel's version is" has \
	'not [d for d in r["differences"] if not d.startswith(("uname", "skipped", "failed"))]'

cp "$tmp/r.json" "$tmp/reference.json"

# --- what a failure says, of which nothing tells whose machine this is
name=$(uname -n)
{
	printf '@uname Linux 6.9 x %s\n@cpu.machine 2964\n@system.VM00 Control Program: z/VM 7.3\n@probe\n' $arch
	/usr/bin/python3 -c 'import json, sys; r = json.load(open(sys.argv[1]))["probe"]; r["capabilities"]["KVM_CAP_IRQFD"]["value"] = 7
print(json.dumps(r))' "$tmp/r.json"
	printf '@tests\nok 1 - one\nnot ok 2 - two\n# %s/x: no such file, %s.example\nok 3 - three # SKIP no XIVE\n1..3\n' "$PWD" "$name"
} >"$tmp/heard"
report "a report of failures" /usr/bin/python3 -B tests/host/report.py $arch native "$tmp/heard" "$tmp/r.json" \
	"$tmp/reference.json" "$PWD"
report "... has them, with what they said" has \
	'r["tests"]["failed"] == [{"name": "two", "said": ["TOP/x: no such file, HOST.example"]}]
	and r["tests"]["skipped"][0]["why"] == "no XIVE"'
report "... names what differs from the reference" has \
	'any("KVM_CAP_IRQFD.value: 7; emulated: 1" in d for d in r["differences"]) and "failed here: two" in r["differences"]'
private()
{
	! grep -e "$PWD" -e "$name\.example" "$tmp/r.json"
}
report "... and has no name of this machine, and no path of it" private
echo '1..9' >>"$tmp/heard"
unfinished()
{
	! /usr/bin/python3 -B tests/host/report.py $arch native "$tmp/heard" "$tmp/r.json" /nowhere "$PWD"
}
report "tests that have not come to their end are an error" unfinished
echo "1..$n"
