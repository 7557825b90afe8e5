// SPDX-License-Identifier: GPL-2.0
/* doctor over /proc and /sys trees built for it: each thing that is wrong is told, and nothing that is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "doctor/doctor.h"
#include "nl/netfilter.h"

static char root[] = "/tmp/stockade-doctor.XXXXXX";

static void make_dirs(char *path)
{
	for (char *p = strchr(path + strlen(root) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

/* A file below the root; @path ending in / makes a folder. */
static void put(const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	make_dirs(full);
	if (full[strlen(full) - 1] == '/')
		return;
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void put_link(const char *path, const char *to)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	make_dirs(full);
	assert_int_equal(symlink(to, full), 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static int set_up(void **state)
{
	strcpy(root + strlen(root) - 6, "XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* How many findings of @level @check made; @word must be in each of them. */
static unsigned told(const struct findings *f, enum doctor_level level, const char *check, const char *word)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].level != level || strcmp(f->v[i].check, check))
			continue;
		if (word && !strstr(f->v[i].message, word))
			fail_msg("\"%s\" does not say \"%s\"", f->v[i].message, word);
		if (level != DOCTOR_OK)
			assert_non_null(f->v[i].fix);
		n++;
	}
	return n;
}

static struct doctor_table in_force(void)
{
	return (struct doctor_table){
		.module = true, .status = { .version = "1", .generation = 3, .subjects = 2, .committed = time(NULL) - 60 },
	};
}

static void healthy_node(void)
{
	put("/proc/sys/net/ipv4/ip_forward", "1\n");
	put("/proc/sys/net/ipv6/conf/all/forwarding", "1\n");
	put("/proc/sys/net/netfilter/nf_conntrack_count", "100\n");
	put("/proc/sys/net/netfilter/nf_conntrack_max", "262144\n");
	put("/proc/77/comm", "stockaded\n");
	put_link("/proc/77/ns/net", "net:[1]");
	put_link("/proc/self/ns/net", "net:[1]");
	put("/sys/class/net/veth0/ifindex", "3\n");
}

static void a_healthy_node(void **state)
{
	struct doctor_table t = in_force();
	struct findings f = {};

	healthy_node();
	doctor_run(&f, root, &t);
	for (size_t i = 0; i < f.n; i++)
		if (f.v[i].level != DOCTOR_OK)
			fail_msg("%s: %s", f.v[i].check, f.v[i].message);
	assert_true(f.n >= 8);
	findings_free(&f);
}

static void module_and_table(void **state)
{
	struct doctor_table none = { .why = "the kernel module is not loaded" }, empty = { .module = true };
	struct doctor_table nobody = in_force();
	struct table table = {};
	struct findings f = {};

	doctor_kernel(&f, &none);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "module", "not loaded"), 1);
	findings_free(&f);
	doctor_kernel(&f, &empty);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "table", "every packet passes"), 1);
	findings_free(&f);
	nobody.status.subjects = 0;
	nobody.table = &table;
	doctor_kernel(&f, &nobody);
	assert_int_equal(told(&f, DOCTOR_WARNING, "table", NULL), 2);
	findings_free(&f);
}

static void no_controller(void **state)
{
	struct doctor_table t = in_force();
	struct findings f = {};

	put("/proc/1/comm", "init\n");
	put_link("/proc/self/ns/net", "net:[1]");
	doctor_controller(&f, root, &t);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "controller", "no stockaded runs"), 1);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "stale", "60 s ago"), 1);
	findings_free(&f);
	put("/proc/9/comm", "stockaded\n");
	put_link("/proc/9/ns/net", "net:[2]");
	doctor_controller(&f, root, &t);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "controller", "another network namespace"), 1);
	findings_free(&f);
}

static void ipvs(void **state)
{
	struct findings f = {};

	put("/proc/net/ip_vs", "IP Virtual Server\nProt LocalAddress\n  -> RemoteAddress\n");
	doctor_ipvs(&f, root);
	assert_int_equal(told(&f, DOCTOR_OK, "ipvs", NULL), 1);
	findings_free(&f);
	put("/proc/net/ip_vs", "IP Virtual Server\nProt LocalAddress\n  -> RemoteAddress\nTCP 0A600001:01BB rr\n");
	doctor_ipvs(&f, root);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "ipvs", "never meets FORWARD"), 1);
	findings_free(&f);
	put("/sys/class/net/kube-ipvs0/ifindex", "9\n");
	doctor_ipvs(&f, root);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "ipvs", "kube-ipvs0"), 1);
	findings_free(&f);
}

static void bridges(void **state)
{
	struct findings f = {};

	put("/sys/class/net/cni0/brif/veth1/", "");
	doctor_bridge(&f, root, false);
	assert_int_equal(told(&f, DOCTOR_OK, "bridge", NULL), 1);	/* one port: nobody to talk to */
	findings_free(&f);
	put("/sys/class/net/cni0/brif/veth2/", "");
	doctor_bridge(&f, root, true);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "bridge", "br_netfilter is not loaded"), 2);
	findings_free(&f);
	put("/proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
	put("/proc/sys/net/bridge/bridge-nf-call-ip6tables", "0\n");
	doctor_bridge(&f, root, false);
	assert_int_equal(told(&f, DOCTOR_OK, "bridge", "cni0"), 1);
	findings_free(&f);
	doctor_bridge(&f, root, true);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "bridge", "bridge-nf-call-ip6tables is 0"), 1);
	findings_free(&f);
}

static void forwarding(void **state)
{
	struct findings f = {};

	put("/proc/sys/net/ipv4/ip_forward", "0\n");
	put("/proc/sys/net/ipv6/conf/all/forwarding", "0\n");
	doctor_forwarding(&f, root, false);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "forwarding", "IPv4"), 1);
	findings_free(&f);
	put("/proc/sys/net/ipv4/ip_forward", "1\n");
	doctor_forwarding(&f, root, true);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "forwarding", "IPv6"), 1);
	findings_free(&f);
}

static void conntrack(void **state)
{
	struct findings f = {};

	put("/proc/sys/net/netfilter/nf_conntrack_count", "59000\n");
	put("/proc/sys/net/netfilter/nf_conntrack_max", "65536\n");
	doctor_conntrack(&f, root);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "conntrack", "59000 of 65536"), 1);
	findings_free(&f);
	put("/proc/sys/net/netfilter/nf_conntrack_count", "50000\n");
	doctor_conntrack(&f, root);
	assert_int_equal(told(&f, DOCTOR_OK, "conntrack", NULL), 1);
	findings_free(&f);
}

static void other_enforcers(void **state)
{
	struct findings f = {};

	put("/proc/5/comm", "kube-proxy\n");
	doctor_enforcers(&f, root);
	assert_int_equal(told(&f, DOCTOR_OK, "enforcer", NULL), 1);
	findings_free(&f);
	put("/proc/6/comm", "cilium-agent\n");
	put("/proc/not-a-pid/comm", "antrea-agent\n");
	put("/sys/class/net/cilium_host/ifindex", "4\n");	/* the same one: told once */
	put("/sys/class/net/cali12345/ifindex", "5\n");
	doctor_enforcers(&f, root);
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "enforcer", NULL), 2);
	assert_int_equal(f.n, 2);
	findings_free(&f);
}

static void chains(void **state)
{
	struct findings f = {};
	struct doctor_chains c = { .findings = &f };

	doctor_chain(&c, NETFILTER_CHAIN, "filter", "KUBE-FORWARD");
	doctor_chain(&c, NETFILTER_CHAIN, "nat", "KUBE-SERVICES");
	doctor_chain(&c, NETFILTER_CHAIN, "filter", "FORWARD");
	assert_int_equal(f.n, 0);
	doctor_chain(&c, NETFILTER_CHAIN, "filter", "KUBE-ROUTER-FORWARD");
	doctor_chain(&c, NETFILTER_CHAIN, "filter", "KUBE-NWPLCY-AAAA");
	doctor_chain(&c, NETFILTER_CHAIN, "kube-network-policies", "forward");
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "enforcer", NULL), 2);
	doctor_chain(&c, NETFILTER_FLOWTABLE, "fw", "ft");
	doctor_chain(&c, NETFILTER_FLOWTABLE, "fw", "ft2");
	assert_int_equal(told(&f, DOCTOR_PROBLEM, "flowtable", "ft"), 1);
	findings_free(&f);
}

/* Two pods behind veths, one behind a bridge; 10.244.1.2 is 0201F40A in /proc/net/route. */
static void sources_of_pods(void **state)
{
	struct table_endpoint endpoints[] = {
		{ .subject = 1 }, { .subject = 2 }, { .subject = 3 }, { .subject = 0 },
	};
	struct table table = { .endpoints = endpoints, .n_endpoints = 4 };
	struct doctor_table t = in_force();
	struct findings f = {};

	assert_true(ip_parse("10.244.1.2", &endpoints[0].addr));
	assert_true(ip_parse("10.244.1.3", &endpoints[1].addr));
	assert_true(ip_parse("10.244.2.9", &endpoints[2].addr));
	assert_true(ip_parse("10.9.9.9", &endpoints[3].addr));	/* another node's */
	t.table = &table;
	put("/proc/net/route", "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
	    "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	    "cni0\t0002F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	    "tun0\t0001F40A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	    "veth2\t0201F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n"
	    "veth3\t0301F40A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0\n");
	put("/proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
	put("/proc/sys/net/ipv4/conf/veth2/rp_filter", "1\n");
	put("/proc/sys/net/ipv4/conf/veth3/rp_filter", "2\n");
	put("/proc/sys/net/ipv4/conf/cni0/rp_filter", "1\n");
	doctor_sources(&f, root, &t);
	assert_int_equal(told(&f, DOCTOR_WARNING, "sources", "1 of 3 pods"), 1);
	assert_int_equal(told(&f, DOCTOR_WARNING, "sources", "veth3"), 1);
	findings_free(&f);
	/* The stricter of both, but 2 is greater than 1 and looser. */
	put("/proc/sys/net/ipv4/conf/veth3/rp_filter", "0\n");
	put("/proc/sys/net/ipv4/conf/all/rp_filter", "1\n");
	doctor_sources(&f, root, &t);
	assert_int_equal(told(&f, DOCTOR_OK, "sources", NULL), 1);
	findings_free(&f);
	put("/proc/sys/net/ipv4/conf/all/rp_filter", "2\n");
	doctor_sources(&f, root, &t);
	assert_int_equal(told(&f, DOCTOR_WARNING, "sources", "3 of 3 pods"), 1);
	findings_free(&f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_healthy_node), TEST(module_and_table), TEST(no_controller), TEST(ipvs), TEST(bridges),
		TEST(forwarding), TEST(conntrack), TEST(sources_of_pods), TEST(other_enforcers),
		TEST(chains),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
