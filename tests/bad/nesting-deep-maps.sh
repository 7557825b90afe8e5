# SPDX-License-Identifier: GPL-2.0
head -c 60000 /dev/zero | sed 's/\x0/{a: /g'
