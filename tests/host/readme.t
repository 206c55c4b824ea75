#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# readme.t: every command that README.md shows does what it is shown for, and so do the manual pages' examples. TAP.
# Those of zpvm run in the s390x host, in a row; README's scenarios are the files that they name.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
arch_names s390x
if ! is_native && [ "$(uname -m)" = ppc64le ]; then
	echo '1..0 # SKIP the examples are of s390x'
	exit
fi
n=0
# Where a user may have a network of his own, it is an empty one.
alone='unshare -rn'
unshare -rn true 2>/dev/null || alone=
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# NAME COMMAND...
report()
{
	local name=$1

	shift
	n=$((n + 1))
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$tmp/out"
	fi
}

# As a user's shell would run it, not as a part of the make that runs this.
shell()
{
	env -u MAKEFLAGS -u MAKELEVEL bash -c "$1"
}

# README's blocks, of which one that begins with "# NAME.scn" is that file, and the others are commands. What is
# between two lines of ``` is output.
mkdir "$tmp/mine"
awk -v dir="$tmp/mine" '
	/^```/ { output = !output }
	output { next }
	/^    / { line = substr($0, 5) }
	!/^    / { file = ""; before = ""; next }
	line ~ /^# [a-z]+\.scn$/ { file = dir "/" substr(line, 3) }
	file { print line >file; next }
	{ sub(/  +#.*/, "", line); print line }' README.md >"$tmp/commands"
grep -o '`zpvm [^`]*`' README.md | tr -d '`' >>"$tmp/commands"
sed -n 's/^\.Dl //p' zpvm.1 zpvm-guest.7 | sed 's/\\e/\\/g' >>"$tmp/commands"

while IFS= read -r command; do
	case $command in
	'' | *'['* | '`zpvm '*) ;; # a synopsis
	# All is there by now: no network is needed.
	'make demo') report "$command, without a network" shell "$alone $command" ;;
	'make help') report "$command" shell "$command" ;;
	'make host-run '*) report "$command" shell "${command/DIR=mine/DIR=$tmp/mine}" ;;
	'make '*)
		# These last, or are what runs this, or have a test of their own.
		report "$command is there" shell "${command/make/make -n}" ;;
	*/usr/share/zpvm/*) ;; # deb.t does
	*zpvm*) printf '%s\n' "$command" >>"$tmp/mine/commands" ;;
	*) report "$command: no test runs this" false ;;
	esac
done <"$tmp/commands"

# The examples' kernel is a small one.
cp build/s390x/image.raw "$tmp/mine/vmlinuz"
echo disk >"$tmp/mine/initrd.img"
truncate -s 1M "$tmp/mine/disk.img"

cat >"$tmp/mine/all" <<'END'
ssh() { shift; "$@"; }
n=$1
while IFS= read -r command; do
	n=$((n + 1))
	eval "$command" >said 2>&1 </dev/null && echo "ok $n - $command" || { echo "not ok $n - $command"; sed 's/^/# /' said; }
	case $command in
	*echo) n=$((n + 1)); grep -q '^hello$' said && echo "ok $n - ... says hello" || echo "not ok $n - ... says hello" ;;
	esac
done <commands
echo "1..$n"
rm -rf -- ./*	# it need not come out of the host
END
tests/host/run -q -i 120 -d "$tmp/mine" s390x build/s390x/stage "sh all $n"
