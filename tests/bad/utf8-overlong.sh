# SPDX-License-Identifier: GPL-2.0
printf 'apiVersion: v1\nkind: \300\257\n'