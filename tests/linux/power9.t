#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# power9.t: Debian's Linux as a guest, the short part of the story. TAP.
cd "$(dirname "$0")/../.." || exit
exec tests/host/run -q -i 300 power9 build/power9/linux/stage './story power9 check'
