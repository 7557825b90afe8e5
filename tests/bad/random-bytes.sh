# SPDX-License-Identifier: GPL-2.0
seq 4096 | sha256sum | head -c 64; printf "\\001\\002"