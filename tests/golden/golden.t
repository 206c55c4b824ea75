#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# golden.t: snapshots of every version ever written are read, say what they said, and a reader
# made after the manual page alone finds the same in them. TAP. See README.md.
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

# ends STATUS COMMAND...: it ends so.
ends()
{
	local want=$1 got

	shift
	"$@" > "$work/out" 2>&1
	got=$?
	[ $got = "$want" ] && return
	echo "exit status $got, not $want" >> "$work/out"
	return 1
}

for packed in tests/golden/*/*.zs.gz; do
	name=${packed%.zs.gz}
	file=$work/$(basename "$name").zs
	gunzip -c "$packed" > "$file"
	ends 0 "$zpvm" check "$file"
	report $? "$name is good"
	"$zpvm" inspect "$file" > "$work/text" && diff "$name.txt" "$work/text" > "$work/out" 2>&1
	report $? "$name says what it said"
	ends 0 "$zpvm" diff "$file" "$file"
	report $? "$name is like itself"
	"$zpvm" inspect --json "$file" > "$work/json" && ends 0 /usr/bin/python3 -B tests/golden/reader.py "$file" "$work/json"
	report $? "$name is the same to another reader"
	# A changed byte is found, wherever it is.
	size=$(stat -c %s "$file")
	cp "$file" "$work/bad"
	printf '\x5a' | dd of="$work/bad" bs=1 seek=$((size / 2)) conv=notrunc 2> "$work/out"
	cmp -s "$file" "$work/bad" || ends 65 "$zpvm" check "$work/bad"
	report $? "$name with a byte changed is not good"
done

# Differences, in the field's words: of the whole and of its interrupts there is no vCPU's register but in one.
for name in s390x power9-xive power9-xics; do
	ends 1 "$zpvm" diff "$work/$name-vm.zs" "$work/$name-irq.zs"
	[ $? = 0 ] && grep -q '^-snapshot.kind  vm$' "$work/out" && grep -q '^+snapshot.kind  irq$' "$work/out" &&
		! grep -q '^[-+]\(source\|queue\|floating\|adapter\|ledger\)' "$work/out"
	report $? "$name: interrupts and ledgers are the same in both kinds"
done
ends 2 "$zpvm" diff "$work/s390x-vm.zs" "$work/nothing.zs"
report $? 'diff: a file that is not there is trouble, not a difference'
ends 65 "$zpvm" check "$work/s390x-vm.zs" "$work/bad" "$work/s390x-irq.zs" && [ "$(grep -c ': good$' "$work/out")" = 2 ]
report $? 'check says it of each file'
"$zpvm" inspect - < "$work/s390x-irq.zs" | cmp - tests/golden/2/s390x-irq.txt > "$work/out" 2>&1
report $? 'a snapshot from standard input'
# What works on a machine without KVM is told on any.
for command in run probe inspect; do
	ends 0 "$zpvm" $command --help && grep -q "^usage: zpvm $command" "$work/out"
	report $? "$command --help"
done
echo "1..$n"
exit $failed
