# SPDX-License-Identifier: GPL-2.0
printf 'a: &a "'
head -c 1000000 /dev/zero | tr '\0' x
printf '"\nb: ['
for i in $(seq 50); do printf '*a, '; done
printf ']\n'
