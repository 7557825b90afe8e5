# SPDX-License-Identifier: GPL-2.0
printf '# caf\351\napiVersion: v1\n'