# SPDX-License-Identifier: GPL-2.0
echo "apiVersion: v1"
echo "kind: List"
echo "items:"
seq 70000 | sed 's/.*/- apiVersion: v1\n  kind: Pod\n  metadata: {name: pod-&, namespace: shop, labels: {app: a&}}\n  spec: {nodeName: n}\n  status: {podIP: 10.0.0.1, phase: Running}/'
