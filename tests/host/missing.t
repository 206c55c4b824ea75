#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# missing.t: hosts whose KVM lacks something that zpvm needs. TAP.
# The power9 host can be booted so; there is no such switch for s390x.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
arch_names power9
if is_native; then
	echo '1..0 # SKIP this machine is not booted again for a test'
	exit
fi

n=0
# check ARGUMENT CAPABILITY: a host with this kernel argument lacks this.
check()
{
	local out status=0

	n=$((n + 1))
	out=$(tests/host/run -q -k "$1" power9 build/power9/stage './zpvm run guest.elf') 2>&1 || status=$?
	if [ $status = 77 ] && [[ $out == *"lacks $2 (for "* ]]; then
		echo "ok $n - without $2: exit status 77, and it is named"
	else
		echo "not ok $n - without $2: exit status $status"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
}

check disable_radix KVM_CAP_PPC_MMU_RADIX
check xive=off KVM_CAP_PPC_IRQ_XIVE
echo "1..$n"
