# SPDX-License-Identifier: GPL-2.0
printf '\377\376a\0:\0 \0b\0'