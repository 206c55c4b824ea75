#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# bisect.t: one's own KVM in the emulated host: KVM_SRC=TREE, and "git bisect run" in a small
# history of Debian's KVM with a bug of ours. TAP.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
arch_names s390x
if is_native; then
	echo '1..0 # SKIP this machine is not booted again for a test'
	exit
fi
need git git
tests/host/fetch s390x
tests/host/fetch s390x source || exit
unset HOST_KERNEL HOST_MODULES KVM_SRC
export HOST_NAME=bisect-test

. tests/host/tap.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tree=$tmp/linux
kvm=arch/s390/kvm
: >"$tmp/out"

# --- a history. An emergency signal keeps its sender's address in a bit, which the bug forgets.
mkdir "$tree" "$tmp/empty"
(cd "$build/cache/source/$(kernel_release | sed 's/-s390x$//')" && find Makefile $kvm virt/kvm include/kvm \
	include/linux/kvm*.h include/uapi/linux/kvm*.h arch/s390/include -type f -print0 |
	xargs -0 cp -p --parents -t "$tree")
git_in()
{
	git -C "$tree" -c user.name=zpvm -c user.email=zpvm@localhost -c init.defaultBranch=main \
		-c advice.detachedHead=false "$@"
}
# commit SUBJECT FILE SED-SCRIPT
commit()
{
	sed -i "$3" "$tree/$2"
	git_in commit -q -a -m "$1"
}
git_in init -q
git_in add -A
git_in commit -q -m 'begin'
git_in tag begin
commit 'a line more' $kvm/diag.c '$a /* one */'
commit 'another line' $kvm/sigp.c '$a /* two */'
commit 'lose who sent an emergency signal' $kvm/interrupt.c '/set_bit(irq->u.emerg.code/d'
git_in tag bug
commit 'what does not build' $kvm/diag.c '$a int no_such_function(void) { return no_such_variable; }'
git_in tag broken
commit 'what builds again' $kvm/diag.c '$d'
commit 'a last line' $kvm/diag.c '$a /* three */'

awk '/^    vcpus/ { on = 1 } on && !/^    / { exit } on { print substr($0, 5) }' doc/kernels.md >"$tmp/lost.scn"
printf '%s\n' run 'no such step' >"$tmp/mistake.scn"
printf '%s\n' run 'sleep 60000' >"$tmp/long.scn"
bisect=$PWD/tests/host/bisect
test_it()
{
	(cd "$tree" && "$bisect" "$@")
}

# --- git bisect run
run_bisect()
{
	git_in bisect start main begin && git_in bisect run "$bisect" --arch=s390x "$tmp/lost.scn"
}
report 'git bisect run comes to its end' ends 0 'is the first bad commit' run_bisect
report 'it has found the bug' [ "$(git -C "$tree" rev-parse bisect/bad)" = "$(git -C "$tree" rev-parse bug)" ]
report 'a commit without it was called good' grep -q 'bisect: good: .* another line: ' "$tmp/out"
report '... and one with it bad, with what the scenario said' grep -q 'wrong: VM first: ' "$tmp/out"
git_in bisect reset >/dev/null 2>&1

# --- the other statuses
git_in checkout -q broken
report 'a commit that does not build is skipped, with the compiler'"'"'s message' \
	ends 125 "$tree/$kvm/diag.c:[0-9:]* error: .*no_such_variable" test_it "$tmp/lost.scn"
report '... and that is said' grep -q 'bisect: skip: .* what does not build: ' "$tmp/out"
git_in checkout -q main
report 'a mistake in a scenario ends the bisection' ends 255 'mistake.scn:2: ' test_it "$tmp/mistake.scn"
report 'a scenario that is not there, too' ends 255 'no such scenario' test_it "$tmp/none.scn"
report 'a hang is what --hang says' ends 125 'bisect: skip: .*did not end in 2 s' \
	test_it --hang=skip --time=2 "$tmp/long.scn"
report 'an option that there is not' ends 255 'unknown option --hang=no' test_it --hang=no "$tmp/long.scn"

# --- KVM_SRC: the host has that KVM
git_in checkout -q begin
# Commands of doc/kernels.md: as a user's shell would run them, not as a part of the make that runs this.
grep '^    make ' doc/kernels.md | sed "s,KVM_SRC=mylinux,KVM_SRC=$tree," >"$tmp/commands"
while read -r command; do
	case $command in
	'make host-run '*) report "${command/$tree/mylinux}" ends 0 '' env -u MAKEFLAGS -u MAKELEVEL bash -c "$command" ;;
	*) report "$command is there" ends 0 '' env -u MAKEFLAGS -u MAKELEVEL bash -c "${command/make/make -n}" ;;
	esac
done <"$tmp/commands"
report 'KVM_SRC: the host has the KVM of that tree' ends 0 '^loading out-of-tree module' \
	env KVM_SRC="$tree" tests/host/run -q s390x "$tmp/empty" 'dmesg | sed -n "s/.*kvm: \(loading out\)/\1/p"; [ -c /dev/kvm ]'
report 'KVM_SRC: no such tree' ends 2 'nowhere: no such directory' tests/host/kvm-modules s390x "$tmp/nowhere" "$tmp/o"
report 'KVM_SRC: no kernel' ends 2 'not a kernel.s source: there is no Makefile' \
	tests/host/kvm-modules s390x "$tmp" "$tmp/o"
sed -i 's/^PATCHLEVEL.*/PATCHLEVEL = 99/' "$tree/Makefile"
report 'KVM_SRC: of another version' ends 3 'is Linux [0-9]*\.99, the host.s kernel is ' \
	tests/host/kvm-modules s390x "$tree" "$tmp/o"
report 'KVM_SRC with a kernel that Debian has no headers of' ends 2 'tests/host/fetch s390x kernel' \
	env HOST_KERNEL="$tree/Makefile" tests/host/kvm-modules s390x "$tree" "$tmp/o"

echo "1..$n"
