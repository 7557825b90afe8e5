// SPDX-License-Identifier: GPL-2.0
/*
 * Who else is at work on this node: our controller, which should be, and other enforcers, which
 * may deny what we allow or carry packets past us.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "../nl/netfilter.h"
#include "doctor.h"
#include "tree.h"

/* What each is known by; any of them gives it away. */
static const struct enforcer {
	const char *name;
	const char *process;	/* as in /proc/PID/comm, of 15 characters at most */
	const char *interface;	/* beginning of a name */
	const char *chains[3];	/* beginnings of names */
	const char *table;	/* of nftables */
} enforcers[] = {
	{ "kube-router", "kube-router", NULL, { "KUBE-ROUTER", "KUBE-POD-FW", "KUBE-NWPLCY" }, NULL },
	{ "Calico", "calico-node", "cali", { "cali-", "filter-cali-" }, "calico" },
	{ "Cilium", "cilium-agent", "cilium_", { "CILIUM_", "OLD_CILIUM_" }, NULL },
	{ "Antrea", "antrea-agent", "antrea-gw", { "ANTREA-" }, NULL },
	{ "Weave Net", "weave-npc", NULL, { "WEAVE-NPC" }, NULL },
	{ "kube-network-policies", "kube-network-po", NULL, { NULL }, "kube-network-policies" },
	{ "OVN-Kubernetes", "ovn-controller", "ovn-k8s-", { NULL }, NULL },
};
#define N_ENFORCERS (sizeof(enforcers) / sizeof(enforcers[0]))

static bool begins(const char *s, const char *prefix)
{
	return prefix && !strncmp(s, prefix, strlen(prefix));
}

static bool is_pid(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

static bool comm_of(const char *root, const char *pid, char comm[static 32])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	if (!is_pid(pid) || tree_read(root, path, comm, 32) < 0)
		return false;
	comm[strcspn(comm, "\n")] = '\0';
	return true;
}

/* A link of /proc such as net:[4026531840]; "" if it cannot be read. */
static void netns_of(const char *root, const char *pid, char buf[static 64])
{
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/proc/%s/ns/net", root, pid);
	n = readlink(path, buf, 63);
	buf[n < 0 ? 0 : n] = '\0';
}

struct search {
	const char *root;
	char here[64];
	bool elsewhere;		/* one runs, but in another network namespace */
	unsigned seen;		/* bit mask of enforcers by process */
};

static bool is_our_controller(void *ctx, const char *pid)
{
	struct search *s = ctx;
	char comm[32], there[64];

	if (!comm_of(s->root, pid, comm) || strcmp(comm, "stockaded"))
		return false;
	netns_of(s->root, pid, there);
	if (!strcmp(s->here, there))
		return true;
	s->elsewhere = true;
	return false;
}

void doctor_controller(struct findings *f, const char *root, const struct doctor_table *t)
{
	struct search s = { .root = root };
	double age = difftime(time(NULL), t->status.committed);

	netns_of(root, "self", s.here);
	if (tree_any(root, "/proc", is_our_controller, &s)) {
		findings_add(f, DOCTOR_OK, "controller", NULL, "stockaded runs in this network namespace");
		return;
	}
	findings_add(f, DOCTOR_PROBLEM, "controller", "start stockaded (DaemonSet or service) and look at its log",
		     s.elsewhere ? "stockaded runs, but in another network namespace than this one" :
		     "no stockaded runs here (or it cannot be seen from this PID namespace)");
	if (t->status.generation)
		findings_add(f, DOCTOR_PROBLEM, "stale", "start stockaded; until then, do not trust recent policy changes",
			     "the table in force is of %.0f s ago and nobody keeps it current: new pods stay cut off, "
			     "policy changes have no effect", age);
}

static void tell(struct findings *f, const struct enforcer *e, const char *trace)
{
	findings_add(f, DOCTOR_PROBLEM, "enforcer", "let one of them enforce policy, and switch it off in the other",
		     "%s is here as well (%s): it may deny what Stockade allows, or carry packets past it", e->name, trace);
}

static bool see_process(void *ctx, const char *pid)
{
	struct search *s = ctx;
	char comm[32];

	if (!comm_of(s->root, pid, comm))
		return false;
	for (size_t i = 0; i < N_ENFORCERS; i++)
		if (!strcmp(comm, enforcers[i].process))
			s->seen |= 1u << i;
	return false;
}

static bool see_interface(void *ctx, const char *name)
{
	struct search *s = ctx;

	for (size_t i = 0; i < N_ENFORCERS; i++)
		if (begins(name, enforcers[i].interface))
			s->seen |= 1u << i;
	return false;
}

void doctor_enforcers(struct findings *f, const char *root)
{
	struct search by_process = { .root = root }, by_interface = { .root = root };

	tree_any(root, "/proc", see_process, &by_process);
	tree_any(root, "/sys/class/net", see_interface, &by_interface);
	for (size_t i = 0; i < N_ENFORCERS; i++) {
		if (by_process.seen & 1u << i)
			tell(f, &enforcers[i], "its process runs");
		else if (by_interface.seen & 1u << i)
			tell(f, &enforcers[i], "its interface is there");
	}
	if (!by_process.seen && !by_interface.seen)
		findings_add(f, DOCTOR_OK, "enforcer", NULL, "no process or interface of another enforcer");
}

static bool is_chain_of(const struct enforcer *e, const char *table, const char *chain)
{
	for (size_t i = 0; i < sizeof(e->chains) / sizeof(e->chains[0]); i++)
		if (begins(chain, e->chains[i]))
			return true;
	return e->table && !strcmp(e->table, table);
}

void doctor_chain(void *ctx, int thing, const char *table, const char *name)
{
	struct doctor_chains *c = ctx;

	if (thing == NETFILTER_FLOWTABLE && !c->flowtable) {
		c->flowtable = true;
		findings_add(c->findings, DOCTOR_PROBLEM, "flowtable", "remove the flowtable from the nftables ruleset",
			     "nftables table %s has a flowtable (%s): established flows in it are carried past both doors, "
			     "and a policy that forbids them does not cut them", table, name);
	}
	for (size_t i = 0; thing == NETFILTER_CHAIN && i < N_ENFORCERS; i++)
		if (!(c->told & 1u << i) && is_chain_of(&enforcers[i], table, name)) {
			c->told |= 1u << i;
			tell(c->findings, &enforcers[i], name);
		}
}

static void each_thing(void *ctx, enum netfilter_thing thing, const char *table, const char *name)
{
	doctor_chain(ctx, thing, table, name);
}

/* Asking would load what is not there; so only what is there is asked. */
static bool xtables_filter(const char *root, const char *path)
{
	char buf[1024];

	return tree_read(root, path, buf, sizeof(buf)) > 0 && strstr(buf, "filter");
}

void doctor_netfilter(struct findings *f, const char *root)
{
	struct doctor_chains c = { .findings = f };
	struct err err = { "" };
	int rc = 0;

	if (tree_exists(root, "/sys/module/nf_tables"))
		rc = netfilter_nft(each_thing, &c, &err);
	if (!rc && xtables_filter(root, "/proc/net/ip_tables_names"))
		rc = netfilter_xtables(0, each_thing, &c, &err);
	if (!rc && xtables_filter(root, "/proc/net/ip6_tables_names"))
		rc = netfilter_xtables(1, each_thing, &c, &err);
	if (rc)
		findings_add(f, DOCTOR_WARNING, "chains", "run as root in the node's network namespace", "%s", err.msg);
	else if (!c.told && !c.flowtable)
		findings_add(f, DOCTOR_OK, "chains", NULL, "no chain of another enforcer, no flowtable");
}
