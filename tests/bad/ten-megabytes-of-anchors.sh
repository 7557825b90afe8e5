# SPDX-License-Identifier: GPL-2.0
echo "a:"
seq 500000 | sed 's/.*/- \&a& x/'
echo "- *nope"
