# SPDX-License-Identifier: GPL-2.0
head -c 4 /bin/sh