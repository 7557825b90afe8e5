# SPDX-License-Identifier: GPL-2.0
printf 'apiVersion: v1\n"a\\0b": c\n' 