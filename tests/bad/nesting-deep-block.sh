# SPDX-License-Identifier: GPL-2.0
for i in $(seq 200); do printf -- '- '; done
echo x
