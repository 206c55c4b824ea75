#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# mutants.t: a part of "make mutants": bugs that are put into KVM are seen, and what is no bug is not. TAP.
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/host/common.sh
. tests/host/common.sh
arch_names s390x
if is_native; then
	echo '1..0 # SKIP it loads modules into the emulated host only'
	exit
fi
mutants=(nothing io-forgets-the-others machine-checks-replace-each-other adapter-mask-does-nothing
	state-of-a-prefix-lacks-its-address orders-during-a-stop-are-not-busy)

status=0
out=$(tests/mutants/run -a -f s390x "${mutants[@]}" 2>&1) || status=$?
n=0
# report STATUS NAME
report()
{
	n=$((n + 1))
	[ "$1" = 0 ] || printf 'not '
	echo "ok $n - $2"
}
for mutant in "${mutants[@]}"; do
	verdict=killed
	[ "$mutant" != nothing ] || verdict=survived
	good=0
	grep -q "^$verdict *$mutant " <<<"$out" || good=1
	report $good "mutant $mutant: $verdict"
done
report "$status" 'as their rows say'
echo "# ${out//$'\n'/$'\n'# }"
echo "1..$n"
