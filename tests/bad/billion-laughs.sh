# SPDX-License-Identifier: GPL-2.0
echo "apiVersion: v1"
echo "kind: List"
echo "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"
prev=a
for next in b c d e f g h i; do
	echo "$next: &$next [*$prev, *$prev, *$prev, *$prev, *$prev, *$prev, *$prev, *$prev, *$prev]"
	prev=$next
done
echo "items: []"
