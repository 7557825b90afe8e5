# SPDX-License-Identifier: GPL-2.0
printf 'a: \342\202'