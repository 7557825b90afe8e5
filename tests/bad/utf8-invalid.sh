# SPDX-License-Identifier: GPL-2.0
printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a\377}\n'