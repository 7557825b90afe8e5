# SPDX-License-Identifier: GPL-2.0
for i in $(seq 1200); do printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: A}\n'; done
