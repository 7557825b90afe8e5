# SPDX-License-Identifier: GPL-2.0
printf 'a: \355\240\200\n'