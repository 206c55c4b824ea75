# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154
# What the tests of the hosts' scripts report by. Sourced, never run; the caller sets tmp, a directory.

n=0
# report NAME COMMAND...: succeeds; what is in $tmp/out, and in $tmp/err if there is one, explains a failure.
report()
{
	local name=$1

	n=$((n + 1))
	shift
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		cat "$tmp/out" "$tmp/err" 2>/dev/null | tail -n 40 | sed 's/^/# /' || :
	fi
}

# ends STATUS TEXT COMMAND...: with this status, and this is in what it says.
ends()
{
	local want=$1 text=$2 got=0

	shift 2
	"$@" >"$tmp/out" 2>&1 || got=$?
	echo "exit status $got, expected $want; and: $text" >>"$tmp/out"
	[ $got = "$want" ] && grep -q -- "$text" <(sed '$d' "$tmp/out")
}
