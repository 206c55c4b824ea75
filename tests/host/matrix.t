#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# matrix.t: what tests/host/matrix makes of small runs on real hosts, and whether its page and the scenarios agree. TAP.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
. tests/host/tap.sh

tmp=$(mktemp -d)
broken=build/cache/power9/kernel-broken
trap 'rm -rf "$tmp" "$broken"' EXIT
page=doc/kernel-differences.md
: >"$tmp/out"
: >"$tmp/err"

# --- the page: each test that it names is there, and each scenario that tells kernels apart is named
grep -o '`[a-z0-9/_-]*\.\(scn\|c\|md\)`' "$page" | tr -d '`' | sort -u >"$tmp/named"
while read -r file; do
	[ -f "tests/$file" ] || echo "$page: there is no tests/$file"
done <"$tmp/named" >"$tmp/out"
report 'the page names tests that are there' [ ! -s "$tmp/out" ]
report '... and some' [ "$(wc -l <"$tmp/named")" -ge 8 ]
grep -rlE '^(since|until)=[0-9]' tests/scenarios tutorial | sed 's,^tests/,,' | sort | comm -23 - "$tmp/named" >"$tmp/out"
report 'each scenario that tells kernels apart is on it' [ ! -s "$tmp/out" ]
grep -rl 'host_since(' tests/host/api_*.c | sed 's,^tests/,,' | sort | comm -23 - "$tmp/named" >"$tmp/out"
report '... and each program' [ ! -s "$tmp/out" ]

# --- the table
arch_names power9
if is_native; then
	echo "1..$n"
	exit
fi

# A suite that knows how many CPUs there are; apart from that the hosts are real.
mkdir -p "$tmp/power9/stage"
cat >"$tmp/power9/stage/suite" <<'END'
#!/bin/sh
cpus=$(grep -c '^processor' /proc/cpuinfo)
echo "ok 1 - always right"
[ "$cpus" = 1 ] && echo "ok 2 - wants one CPU" || { echo "not ok 2 - wants one CPU"; echo "# here are $cpus"; }
[ "$cpus" = 1 ] && echo "ok 3 - reports/some: wrong" || echo "ok 3 - reports/some: right"
[ "$cpus" = 1 ] && echo "ok 4 - small" || echo "ok 4 - small # SKIP too many"
echo "1..4"
END
chmod +x "$tmp/power9/stage/suite"
printf '| Architecture | Linux | Test | Why |\n|---|---|---|---|\n| power9 | 6.2.. | `wants one*` | other kernels |\n' >"$tmp/page.md"
mkdir -p "$broken/boot"
echo 'no kernel' >"$broken/boot/vmlinux-1"
echo 'broken default 2' >"$broken/.wanted"

# matrix STATUS ROWS
matrix()
{
	local want=$1 got=0

	MATRIX=$2 PART=all MATRIX_PAGE=$tmp/page.md DEBIAN_MIRROR=file:///nowhere FETCH_TRIES=1 \
		tests/host/matrix "$tmp" "$tmp/results" power9 >"$tmp/out" 2>"$tmp/err" || got=$?
	echo "exit status $got, expected $want" >>"$tmp/err"
	[ $got = "$want" ]
}
said()
{
	grep -Eq -- "$1" "$tmp/out"
}

rm -rf "build/power9/host-matrix-broken"
report 'a test that fails on another host: exit status 1' matrix 1 'bookworm bookworm,cpus=2 nowhere broken'
report 'the first row is what it is compared with' said '^power9 *bookworm  *6\.[0-9.-]+  *4  *4  *0  *0  *0$'
report 'the other one has known differences and a new one' said '^power9 *bookworm,cpus=2  *6\.[0-9.-]+  *4  *2  *1  *2  *1$'
report 'a verdict that its head knows is known' said '^ *known  reports/some: right$'
report 'and so is what a host cannot try' said '^ *known  1 tests are skipped, such as small$'
report 'what fails is new' said '^ *NEW    wants one CPU: not ok$'
report '... with what it said' said '^ *here are 2$'
report 'a kernel that the mirror has not is a row' said '^power9 *nowhere  *-  *not on the mirror today: .*index'
report 'and so is one that does not boot' said '^power9 *broken  *-  *.*before it was up'
report 'all is in the JSON' /usr/bin/python3 -c 'import json, sys
rows = json.load(open(sys.argv[1]))
assert [row["row"] for row in rows] == ["bookworm", "bookworm,cpus=2", "nowhere", "broken"]
assert rows[1]["new"] == ["wants one CPU: not ok"] and rows[2]["why"] and rows[0]["tests"]["always right"] == "ok"' \
	"$tmp/results/matrix.json"
sed -i 's/6\.2\.\./6.1/' "$tmp/page.md"
report 'what the page lists is known' matrix 0 'bookworm bookworm,cpus=2'
report '... of this kernel' said '^ *known  wants one CPU: not ok$'
report 'what was done is kept' [ "$(grep -c 'bookworm' "$tmp/err")" = 0 ]
sed -i 's/always right/always/' "$tmp/power9/stage/suite"
report 'unless the tests are others' matrix 0 bookworm
report '... which run again' grep -q '^matrix: power9 bookworm: all' "$tmp/err"
rm -rf "build/power9/host-matrix-broken"

# --- another emulator
# refused TEXT COMMAND...
refused()
{
	local text=$1 got=0

	shift
	"$@" >"$tmp/out" 2>"$tmp/err" || got=$?
	[ $got = 2 ] && grep -q -- "$text" "$tmp/err"
}
report 'QEMU that is not there' refused 'QEMU=./nowhere: no such program' \
	env QEMU=./nowhere tests/host/run power9 "$tmp/power9/stage" true
report 'a suite that is not there' refused 'no index' \
	env QEMU=nowhere DEBIAN_MIRROR=file:///nowhere FETCH_TRIES=1 tests/host/run power9 "$tmp/power9/stage" true
report 'an emulator for the s390x host' refused 'only the power9 host' tests/host/fetch s390x emulator
QEMU=$(command -v qemu-system-ppc64) tests/host/run -q power9 "$tmp/power9/stage" ./suite >"$tmp/out" 2>"$tmp/err"
report 'QEMU by its path' said '^ok 2'
echo "1..$n"
