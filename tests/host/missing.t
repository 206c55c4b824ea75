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
# check ARGUMENT OPTION TEXT: on a host with this kernel argument zpvm is told that something is missing.
check()
{
	local out status=0

	n=$((n + 1))
	out=$(tests/host/run -q -k "$1" power9 build/power9/stage "./zpvm run $2 guest.elf 2>&1") || status=$?
	if [ $status = 77 ] && [[ $out == *"$3"* ]]; then
		echo "ok $n - host with $1, zpvm run $2: exit status 77, and \"$3\""
	else
		echo "not ok $n - host with $1, zpvm run $2: exit status $status"
		printf '%s\n' "$out" | sed 's/^/# /'
	fi
}

check disable_radix '' 'lacks KVM_CAP_PPC_MMU_RADIX (for '
check xive=off '' 'lacks KVM_CAP_PPC_IRQ_XIVE (for '
check xive=off '--irqchip=xive' 'lacks KVM_CAP_PPC_IRQ_XIVE (for '
# KVM has a XICS there, which brings the host down (HACKING.md): it is not for zpvm to find out again.
check xive=off '--irqchip=auto' 'its XICS would bring the host down'
check xive=off '--irqchip=xics' 'its XICS would bring the host down'
echo "1..$n"
