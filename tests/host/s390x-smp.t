#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# s390x-smp.t: the tests in which vCPUs meet, in the emulated s390x host with two CPUs: races show only there. TAP.
cd "$(dirname "$0")/../.." || exit
. tests/host/common.sh
arch_names s390x
if is_native; then
	echo '1..0 # SKIP s390x.t has run them on this machine'
	exit
fi
exec tests/host/run -q -n 2 -t 600 s390x build/s390x/stage ./suite s390x smp
