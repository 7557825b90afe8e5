# SPDX-License-Identifier: GPL-2.0
#
# The cluster of a row, as numbers that every contender writes down in its own words.  -v policies=N endpoints=N blocks=N
#
# The router is node n1.  Up to 100 pods live there, each with an equal share of the policies.  Policy (pod, share)
# lets peers of one class send UDP to one port of the pod; nobody else reaches a pod that has a policy.
# Peers live on another node; there are 100 classes of them.  Packets go from peer 0 to pod 0.  The policy that
# allows it is in the middle of the pod's, and the pod in the middle of all.  With blocks, pod 0 has one
# more policy that allows them, and packets come from the block in the middle.
BEGIN {
	classes = 100
	pods = policies < 100 ? policies : 100
	shares = policies / pods
	port = 9
}

function ip(a, n) { return a + int(n / 65536) "." int(n / 256) % 256 "." n % 256 }
function pod_ip(pod) { return "10." ip(1, pod + 2) }
function peer_ip(peer) { return "10." ip(128, peer + 2) }
function block_ip(block) { return "20." ip(0, block * 512) }
function block_cidr(block) { return block_ip(block) "/" 24 + block % 5 }

# The pod at a place of a list of all pods.
function pod_at(place) { return (place + pods - int(pods / 2)) % pods }

function class_of(pod, share) { return (31 * share + 17 * pod) % classes }
function peer_class(peer) { return (peer + class_of(0, int(shares / 2))) % classes }
# The first peer of a class; the next ones follow by steps of `classes`.
function first_peer(class) { return (class - class_of(0, int(shares / 2)) + classes) % classes }
function policy_port(pod, share) { return pod ? 1000 + (share * pods + pod) % 60000 : port }

function server() { return pod_ip(0) }
function client() {
	split(block_ip(int(blocks / 2)), octet, ".")
	return blocks ? octet[1] "." octet[2] "." octet[3] ".2" : peer_ip(0)
}
