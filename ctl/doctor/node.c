// SPDX-License-Identifier: GPL-2.0
/*
 * What of the node itself makes packets go past the two doors, or not go at all.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "doctor.h"
#include "tree.h"

/* A full table makes the kernel drop what belongs to no flow it knows. */
#define CONNTRACK_PERCENT 90

void doctor_ipvs(struct findings *f, const char *root)
{
	static const char fix[] = "run kube-proxy in iptables or nftables mode";
	/* A heading of three lines stands before the services. */
	bool services = tree_lines(root, "/proc/net/ip_vs") > 3;

	if (tree_exists(root, "/sys/class/net/kube-ipvs0"))
		findings_add(f, DOCTOR_PROBLEM, "ipvs", fix,
			     "kube-proxy runs in IPVS mode (kube-ipvs0 is there): what IPVS sends to a pod never meets "
			     "FORWARD, so no pod's ingress policy is asked about traffic to Services");
	else if (services)
		findings_add(f, DOCTOR_PROBLEM, "ipvs", fix,
			     "IPVS has services here: what it sends to a pod never meets FORWARD, so no pod's "
			     "ingress policy is asked about it");
	else
		findings_add(f, DOCTOR_OK, "ipvs", NULL, "IPVS carries no Service past the doors");
}

struct bridges {
	const char *root;
	char name[64];		/* of one with two ports or more */
	unsigned ports;
};

static bool count_port(void *ctx, const char *name)
{
	return ++*(unsigned *)ctx >= 2;
}

static bool is_bridge(void *ctx, const char *name)
{
	struct bridges *b = ctx;
	char path[PATH_MAX];
	unsigned ports = 0;

	snprintf(path, sizeof(path), "/sys/class/net/%s/brif", name);
	if (!tree_any(b->root, path, count_port, &ports))
		return false;
	snprintf(b->name, sizeof(b->name), "%s", name);
	return true;
}

static void judge_bridge(struct findings *f, const char *root, const char *bridge, const char *sysctl)
{
	char path[PATH_MAX];
	long on;

	snprintf(path, sizeof(path), "/proc/sys/net/bridge/%s", sysctl);
	on = tree_number(root, path);
	if (on == 1)
		return;
	findings_add(f, DOCTOR_PROBLEM, "bridge",
		     on < 0 ? "modprobe br_netfilter" : "set it to 1 (sysctl -w)",
		     on < 0 ? "br_netfilter is not loaded: pods on bridge %s talk to each other past netfilter (%s)" :
		     "pods on bridge %s talk to each other past netfilter: net.bridge.%s is 0", bridge, sysctl);
}

void doctor_bridge(struct findings *f, const char *root, bool v6)
{
	struct bridges b = { .root = root };
	size_t before = f->n;

	if (!tree_any(root, "/sys/class/net", is_bridge, &b)) {
		findings_add(f, DOCTOR_OK, "bridge", NULL, "no bridge joins two interfaces");
		return;
	}
	judge_bridge(f, root, b.name, "bridge-nf-call-iptables");
	if (v6)
		judge_bridge(f, root, b.name, "bridge-nf-call-ip6tables");
	if (f->n == before)
		findings_add(f, DOCTOR_OK, "bridge", NULL, "what bridge %s carries meets netfilter", b.name);
}

void doctor_forwarding(struct findings *f, const char *root, bool v6)
{
	long v4 = tree_number(root, "/proc/sys/net/ipv4/ip_forward");

	if (v4 == 0)
		findings_add(f, DOCTOR_PROBLEM, "forwarding", "sysctl -w net.ipv4.ip_forward=1",
			     "IPv4 forwarding is off: pods reach nobody, allowed or not");
	if (v6 && tree_number(root, "/proc/sys/net/ipv6/conf/all/forwarding") == 0)
		findings_add(f, DOCTOR_PROBLEM, "forwarding", "sysctl -w net.ipv6.conf.all.forwarding=1",
			     "IPv6 forwarding is off, and this node's pods have IPv6 addresses");
	else if (v4 == 1)
		findings_add(f, DOCTOR_OK, "forwarding", NULL, "packets are forwarded");
}

void doctor_conntrack(struct findings *f, const char *root)
{
	long count = tree_number(root, "/proc/sys/net/netfilter/nf_conntrack_count");
	long max = tree_number(root, "/proc/sys/net/netfilter/nf_conntrack_max");

	if (count < 0 || max <= 0)
		return;
	if (count >= max / 100 * CONNTRACK_PERCENT)
		findings_add(f, DOCTOR_PROBLEM, "conntrack", "raise net.netfilter.nf_conntrack_max",
			     "the conntrack table is nearly full (%ld of %ld): new flows will be dropped, whatever policy says",
			     count, max);
	else
		findings_add(f, DOCTOR_OK, "conntrack", NULL, "%ld of %ld flows tracked", count, max);
}
