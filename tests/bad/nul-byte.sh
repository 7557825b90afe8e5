# SPDX-License-Identifier: GPL-2.0
printf 'apiVersion: v1\nkind: Names\0pace\n'