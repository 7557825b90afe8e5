# SPDX-License-Identifier: GPL-2.0
seq 800000 | sed 's/.*/key-&: x/'
echo "key-1: y"
