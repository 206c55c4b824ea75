#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# machine.t: the scripts that boot the emulated hosts, and what they leave behind. TAP.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
. tests/host/machine.sh
. tests/host/native.sh
. tests/host/tap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/out"

# --- what is removed
true &
dead=$!
wait
build=$tmp/build arch=none
mkdir -p "$build/none"/{boot/{$$,$dead},failed/20260101-000000.$dead,log/20260101-00000{1,2,3,4,5,6}.$dead,log/20260101-000000.$$}
remove_old
report "a boot's directory stays while it runs" [ -d "$build/none/boot/$$" ]
report "and goes when it has ended" [ ! -e "$build/none/boot/$dead" ]
report "the last four logs stay, and those of boots that run" \
	[ "$(cd "$build/none/log" && echo *)" = "$(echo 20260101-000000.$$ 20260101-00000{3,4,5,6}.$dead)" ]
report "failures' logs stay" [ -d "$build/none/failed/20260101-000000.$dead" ]

# --- watch.py, with a program for an emulator that says what an init says
# watch STATUS SCRIPT OPTION...
watch()
{
	local want=$1 script=$2 got=0

	shift 2
	mkdir -p "$tmp/work" "$tmp/none/log/1"
	rm -rf "$tmp/none/failed"
	/usr/bin/python3 -B tests/host/watch.py --arch none --mark @m@ --work "$tmp/work" --log "$tmp/none/log/1" --boot 20 \
		--quiet "$@" sh -c "$script" >"$tmp/out" 2>&1 || got=$?
	echo "exit status $got, expected $want" >>"$tmp/out"
	[ $got = "$want" ]
}
working='echo @m@ begin; for i in 1 2 3 4 5 6 7 8; do echo ok $i; sleep 0.4; done; echo @m@ end 5; echo @m@ bye'
report "a job may take any time as long as it writes" watch 5 "$working" --silence 2
report "all of it comes out" [ "$(grep -c '^ok' "$tmp/out")" = 8 ]
# Its parts come one by one; what only begins like it is the job's.
report "what the firmware says" watch 5 'echo @m@ begin; printf "one t[   80.180"; sleep 0.2; printf "968014,3] SBE: Timer "
	sleep 0.2; printf "stuck\nwo\n[   80.18"; sleep 0.2; printf "0968] three\n@m@ e[    8.123456789,5] X\nnd 5\n@m@ bye\n"'
report "is in the log, not in the job's output" [ "$(head -n 2 "$tmp/out"; grep -c 'SBE\|X' "$tmp/none/log/1/console")" = \
	"$(printf 'one two\n[   80.180968] three\n2')" ]
report "one that writes nothing is ended" watch 124 'echo @m@ begin; echo ok 1; sleep 60' --silence 1
report "which is said, with its log" grep -q "no output for 1 s; its log is $tmp/none/failed/1/console" "$tmp/out"
report "the log is kept" [ -f "$tmp/none/failed/1/console" ]
report "there is a limit for all of it, too" watch 124 "$working" --time 1
report "and an emulator that ends too early is one that failed" watch 125 'echo @m@ begin'
report "... whose log is kept" [ -f "$tmp/none/failed/1/console" ]

# --- native.sh
# native STATUS OUTPUT SCRIPT
native()
{
	local got=0

	seconds=2 silence=0.7 watched sh -c "$3" >"$tmp/out" 2>&1 || got=$?
	printf '\nexit status %s, expected %s\n' $got "$1" >>"$tmp/out"
	[ $got = "$1" ] && [ "$(head -n 1 "$tmp/out")" = "$2" ]
}
report "native: a command's output and status" native 3 'a b\' "printf 'a b\\\\'; exit 3"
report "native: one that writes nothing is ended" native 124 'no output for 0.7 s' 'sleep 60'
report "native: any time as long as it writes" native 0 'x' 'for i in 1 2 3; do echo x; sleep 0.4; done'
report "native: a limit for all of it" native 124 'x' 'while :; do echo x; sleep 0.4; done'

# --- for real
build=$top/build
arch_names power9
if ! is_native; then
	mkdir -p "$tmp"/{dir,mine/out}
	echo theirs >"$tmp/dir/one"
	echo theirs >"$tmp/dir/two"
	echo mine >"$tmp/mine/two"
	echo old >"$tmp/mine/out/old"
	tests/host/run -q power9 "$tmp/dir" 'sleep 4; cat one' >"$tmp/first" &
	pid=$!
	sleep 1
	report "a second run in one checkout" tests/host/run -q power9 "$tmp/dir" true
	report "leaves the directory of the first one" [ -f build/power9/boot/$pid/initrd ]
	wait $pid || true
	cp "$tmp/first" "$tmp/out"
	report "which comes to its end" [ "$(cat "$tmp/first")" = theirs ]
	for arch in power9 s390x; do
		rm -rf "$tmp/mine/out/"{two,sub}
		status=0
		tests/host/run -q -d "$tmp/mine" $arch "$tmp/dir" \
			'ls; cat one two; echo new >>two; mkdir -p sub/dir; echo "$?" >"sub/dir/a b"; exit 6' >"$tmp/out" || status=$?
		report "$arch: -d: the command's status" [ $status = 6 ]
		report "$arch: -d: one's own files are there, in place of the others" \
			[ "$(cat "$tmp/out")" = "$(printf 'one\ntwo\ntheirs\nmine')" ]
		(cd "$tmp/mine" && find . -type f | sort | xargs -d '\n' head) >"$tmp/out"
		report "$arch: -d: what is new or changed is in out/" [ "$(cat "$tmp/out")" = "$(printf '%s\n' \
			'==> ./out/old <==' old '' '==> ./out/sub/dir/a b <==' 0 '' '==> ./out/two <==' mine new '' '==> ./two <==' mine)" ]
	done
fi
echo "1..$n"
