# SPDX-License-Identifier: GPL-2.0
printf 'a: '
head -c 10000000 /dev/zero | tr '\0' '{'
