# SPDX-License-Identifier: GPL-2.0
printf 'apiVersion: v1\nkind: List\nitems: '
head -c 5000 /dev/zero | tr '\0' '['
