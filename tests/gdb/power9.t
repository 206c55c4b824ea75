#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# power9.t: gdb of that architecture, and a guest, in the emulated power9 host or on this machine. TAP.
cd "$(dirname "$0")/../.." || exit
exec tests/host/run -q -i 300 power9 build/power9/gdb/stage './run power9'
