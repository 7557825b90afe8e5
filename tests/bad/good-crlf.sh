# SPDX-License-Identifier: GPL-2.0
printf 'apiVersion: v1\r\nkind: Namespace\r\nmetadata:\r\n  name: a\r\n'