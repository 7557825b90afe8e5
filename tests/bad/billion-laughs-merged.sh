# SPDX-License-Identifier: GPL-2.0
echo "a: &a {k1: lol, k2: lol, k3: lol, k4: lol, k5: lol, k6: lol, k7: lol, k8: lol}"
prev=a
for next in b c d e f g h; do
	echo "$next: &$next {k1: {<<: *$prev}, k2: {<<: *$prev}, k3: {<<: *$prev}, k4: {<<: *$prev}, k5: {<<: *$prev}, k6: {<<: *$prev}, k7: {<<: *$prev}, k8: {<<: *$prev}}"
	prev=$next
done
