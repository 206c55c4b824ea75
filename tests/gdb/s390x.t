#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# s390x.t: gdb of that architecture, and a guest, in the emulated s390x host or on this machine. TAP.
cd "$(dirname "$0")/../.." || exit
exec tests/host/run -q -i 300 s390x build/s390x/gdb/stage './run s390x'
