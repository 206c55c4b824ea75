#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# s390x.t: Debian's Linux as a guest, the short part of the story. TAP.
cd "$(dirname "$0")/../.." || exit
exec tests/host/run -q -i 300 s390x build/s390x/linux/stage './story s390x check'
