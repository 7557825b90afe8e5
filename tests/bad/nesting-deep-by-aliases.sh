# SPDX-License-Identifier: GPL-2.0
head -c 40 /dev/zero | sed 's/\x0/[/g; s/^/a: \&a /'
head -c 40 /dev/zero | tr '\0' ']'
printf '\nb: '
head -c 40 /dev/zero | tr '\0' '['
printf '*a'
head -c 40 /dev/zero | tr '\0' ']'
