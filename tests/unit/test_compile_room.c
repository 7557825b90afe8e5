// SPDX-License-Identifier: GPL-2.0
/* A table that would be larger than the kernel's: who is shut, and that nobody else notices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/mem.h"
#include "compile/room.h"
#include "daemon/closed.h"
#include "lib/cluster.h"

#define NODE "---\napiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {podCIDRs: [10.0.1.0/24]}\n" \
	     "status: {addresses: [{type: InternalIP, address: 172.16.0.1}]}\n"
#define POD(NS, NAME, IP) \
	"---\napiVersion: v1\nkind: Pod\nmetadata: {name: " NAME ", namespace: " NS ", labels: {app: " NAME "}}\n" \
	"spec: {nodeName: n1, containers: [{name: c, image: x}]}\nstatus: {phase: Running, podIPs: [{ip: " IP "}]}\n"

/* --- the choice --- */

static void the_largest_go_first(void **state)
{
	struct taker v[] = { { 10, 1 }, { 50, 2 }, { 30, 3 }, { 50, 4 }, { UINT64_MAX, 5 } };

	room_shut(v, 5, 90);
	assert_true(v[4].shut && v[1].shut);	/* of equals the first */
	assert_false(v[0].shut || v[2].shut || v[3].shut);
	room_shut(v, 5, 89);
	assert_true(v[4].shut && v[1].shut && v[3].shut && !v[0].shut && !v[2].shut);
	room_shut(v, 5, 9);
	assert_true(v[0].shut && v[1].shut && v[2].shut && v[3].shut && v[4].shut);
	room_shut(v, 0, 0);
}

static void what_is_one_thing_takes_its_size_once(void **state)
{
	struct taker v[] = { { 40, 1 }, { 50, 2 }, { 40, 1 }, { 50, 2 } };

	room_shut(v, 4, 90);
	assert_false(v[0].shut || v[1].shut || v[2].shut || v[3].shut);
	room_shut(v, 4, 89);
	assert_true(v[1].shut && v[3].shut && !v[0].shut && !v[2].shut);
}

static uint64_t kept(const struct taker *v, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].shut || v[i].first != i ? 0 : v[i].size;
	return sum;
}

struct sum {
	const struct taker *v;
	size_t n;
	uint64_t room, kept;
};

static bool sum_fits(void *ctx)
{
	struct sum *s = ctx;

	s->kept = kept(s->v, s->n);
	return s->kept <= s->room;
}

/* Asked whether they fit, it shuts those that it shuts where it counts itself; what it asked last is how it is. */
static void asked_it_is_the_same(const struct taker *v, size_t n, uint64_t room)
{
	struct taker copy[40];
	struct sum s = { copy, n, room };

	memcpy(copy, v, n * sizeof(*v));
	room_shut_until(copy, n, sum_fits, &s);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(copy[i].shut, v[i].shut);
	assert_true(s.kept <= room);
	assert_int_equal(s.kept, kept(v, n));
}

/* Whatever the sizes: they fit, the next would not, and nobody who stays is larger than one who goes. */
static void any_sizes(void **state)
{
	struct taker v[40];
	unsigned random = 1;

	for (int round = 0; round < 2000; round++) {
		uint64_t least_shut = UINT64_MAX, most_kept = 0, room;

		for (size_t i = 0; i < 40; i++) {
			random = random * 1664525 + 1013904223;
			v[i] = (struct taker){ random >> 24, random >> 16 & 3 };
		}
		random = random * 1664525 + 1013904223;
		room = random >> 20;
		room_shut(v, 40, room);
		for (size_t i = 0; i < 40; i++) {
			if (v[i].shut && v[i].size < least_shut)
				least_shut = v[i].size;
			if (!v[i].shut && v[i].size > most_kept)
				most_kept = v[i].size;
		}
		assert_true(kept(v, 40) <= room);
		assert_true(least_shut == UINT64_MAX || kept(v, 40) + least_shut > room);
		assert_true(most_kept <= least_shut);
		asked_it_is_the_same(v, 40, room);
	}
}

/* --- in a table --- */

/* A policy for pod @name that allows every other of @n ports from @on, each to be a step of its own. */
static char *greedy(const char *ns, const char *name, unsigned on, unsigned n)
{
	size_t len;
	char *text;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: %s}\n"
		"spec: {podSelector: {matchLabels: {app: %s}}, ingress: [{from: [{podSelector: {}}], ports: [", name, ns, name);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%s{port: %u}", i ? ", " : "", on + 2 * i);
	fputs("]}]}\n", f);
	fclose(f);
	return text;
}

static void apply(struct cluster *c, char *yaml)
{
	cluster_apply(c, yaml);
	free(yaml);
}

static void start(struct cluster *c)
{
	cluster_init(c, NODE POD("shop", "web", "10.0.1.10") POD("shop", "db", "10.0.1.11") POD("evil", "big", "10.0.1.12")
		     POD("evil", "bigger", "10.0.1.13") POD("evil", "biggest", "10.0.1.14"));
	apply(c, greedy("shop", "db", 5432, 1));
	apply(c, greedy("evil", "big", 1, 100));
	apply(c, greedy("evil", "bigger", 1, 200));
	apply(c, greedy("evil", "biggest", 1, 300));
}

/* As the kernel counts. */
static uint64_t steps_of(const struct table *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n_programs; i++)
		for (uint32_t k = 0; k < t->programs[i].n_maps; k++)
			n += t->programs[i].maps[k].n_steps + t->programs[i].maps[k].n_identities;
	return n;
}

static const struct table *table_of(struct cluster *c)
{
	struct err err;
	const struct table *t = world_table(c->world, "n1", &err);

	assert_non_null(t);
	return t;
}

static bool is_closed(const struct table *t, const struct meta *pod)
{
	char *name = mem_printf("%s/%s", pod->ns, pod->name);
	bool closed = false;

	for (size_t i = 0; i < t->n_closed; i++)
		for (size_t k = 0; k < t->n_subjects; k++)
			closed |= t->closed[i].subject == t->subjects[k].id && !strcmp(t->subjects[k].name, name);
	free(name);
	return closed;
}

/* The pods, in order; none but their ways in. */
static void expect_closed(struct cluster *c, const char *names)
{
	const struct table *t = table_of(c);
	char said[256] = "";
	size_t n;
	const struct meta *const *v = model_list(c->model, KIND_POD, &n);

	assert_true(steps_of(t) <= c->options.max.steps);
	assert_true(t->n_blocks <= c->options.max.blocks);
	for (size_t i = 0; i < t->n_closed; i++)
		assert_int_equal(t->closed[i].door, STOCKADE_DOOR_INGRESS);
	for (size_t i = 0; i < n; i++)
		if (is_closed(t, v[i]))
			sprintf(said + strlen(said), "%s%s", *said ? " " : "", v[i]->name);
	assert_string_equal(said, names);
}

static void limit(struct cluster *c, uint64_t steps)
{
	c->options.max.steps = steps;
	cluster_renew(c);
}

static const char others_notice_nothing[] =
	"shop/web shop/db tcp 5432 allow\nshop/web shop/db tcp 5433 deny\nevil/big shop/web tcp 1 allow\n"
	"evil/big shop/db tcp 5432 deny\nevil/big ip/203.0.113.1 tcp 1 allow\n";

static void doors_are_shut_until_the_table_fits(void **state)
{
	struct cluster c;
	uint64_t all;

	start(&c);
	expect_closed(&c, "");
	all = steps_of(table_of(&c));
	assert_true(all > 1200 && all < 1300);
	limit(&c, all);
	expect_closed(&c, "");
	cluster_expect(&c, "evil/big evil/biggest tcp 599 allow\nevil/big evil/biggest tcp 598 deny\n");
	/* One too many. */
	limit(&c, all - 1);
	expect_closed(&c, "biggest");
	cluster_expect(&c, "evil/big evil/biggest tcp 599 deny\nevil/big evil/bigger tcp 399 allow\nevil/biggest evil/bigger tcp 399 allow\n"
		       "node/n1 evil/biggest tcp 1 allow\nevil/biggest evil/biggest tcp 2 allow\n");
	cluster_expect_rule(&c, "evil/big evil/biggest tcp 599", "Closed: its policies take more than the table has");
	cluster_expect(&c, others_notice_nothing);
	limit(&c, 300);
	expect_closed(&c, "bigger biggest");
	cluster_expect(&c, "evil/biggest evil/big tcp 199 allow\n");
	cluster_expect(&c, others_notice_nothing);
	limit(&c, 30);
	expect_closed(&c, "big bigger biggest");
	cluster_expect(&c, others_notice_nothing);
	cluster_free(&c);
}

static void pods_with_one_program_go_together(void **state)
{
	struct cluster c;

	start(&c);
	cluster_apply(&c, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: other, namespace: evil, labels: {app: biggest}}\n"
		      "spec: {nodeName: n1, containers: [{name: c, image: x}]}\nstatus: {phase: Running, podIPs: [{ip: 10.0.1.15}]}\n");
	limit(&c, steps_of(table_of(&c)));
	expect_closed(&c, "");
	limit(&c, steps_of(table_of(&c)) - 1);
	cluster_expect(&c, "evil/big evil/biggest tcp 1 deny\nevil/big evil/other tcp 1 deny\nevil/big evil/bigger tcp 1 allow\n");
	cluster_free(&c);
}

/* Followed from change to change, it is the table that is made from nothing; and it opens again. */
static void it_is_followed(void **state)
{
	struct cluster c;
	struct compiler *followed;
	struct compile_options o;
	static const char *const pods[] = { "big", "bigger", "biggest" };

	start(&c);
	o = c.options;
	o.node = "n1";
	o.max.steps = 700;
	followed = compiler_follow(c.model, &o);
	for (int i = 0; i < 40; i++) {
		struct table *t;

		apply(&c, greedy("evil", pods[i % 3], 1, 50 + i * 37 % 400));
		if (i % 5 == 4) {
			o.max.steps = 300 + i * 131 % 900;
			compiler_limit(followed, &o.max);
		}
		compiler_update(followed, o.now);
		t = compile_table(c.model, &o);
		assert_int_equal(compiler_digest(followed), table_digest(t));
		assert_int_equal(compiler_counts(followed).n_closed, t->n_closed);
		assert_true(steps_of(t) <= o.max.steps);
		table_free(t);
	}
	compiler_free(followed);
	cluster_free(&c);
}

/* --- blocks --- */

/*
 * A policy for pods @apps that lets in @n blocks, 203.@net.0.1 and every other address from there on, in rules
 * of ten: that none of them is large does not help.
 */
static char *walled(const char *ns, const char *name, const char *apps, unsigned net, unsigned n)
{
	size_t len;
	char *text;
	FILE *f = open_memstream(&text, &len);

	fprintf(f, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %s, namespace: %s}\n"
		"spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [%s]}]}, ingress: [", name, ns, apps);
	for (unsigned i = 0; i < n; i++)
		fprintf(f, "%s{ipBlock: {cidr: 203.%u.%u.%u/32}}", i % 10 ? ", " : i ? "]}, {from: [" : "{from: [", net, i / 100,
			1 + i % 100 * 2);
	fputs("]}]}\n", f);
	fclose(f);
	return text;
}

#define LISTED \
	"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all, namespace: shop}\n" \
	"spec: {podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, " \
	"{ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.1/32]}}]}]}\n"

/* Each rule of db has more blocks than any of evil's, and one is of all pods in shop. */
static void start_blocks(struct cluster *c)
{
	cluster_init(c, NODE POD("shop", "web", "10.0.1.10") POD("shop", "db", "10.0.1.11") POD("evil", "big", "10.0.1.12")
		     POD("evil", "bigger", "10.0.1.13") LISTED);
	apply(c, walled("shop", "db", "db", 1, 30));
	apply(c, walled("evil", "big", "big", 2, 100));
	apply(c, walled("evil", "bigger", "bigger", 3, 200));
}

static void limit_blocks(struct cluster *c, uint32_t blocks)
{
	c->options.max.blocks = blocks;
	cluster_renew(c);
}

static const char neighbours_notice_nothing[] =
	"shop/web shop/db tcp 1 allow\nip/203.1.0.1 shop/db tcp 1 allow\nip/203.1.0.2 shop/db tcp 1 deny\n"
	"ip/198.51.100.2 shop/web tcp 1 allow\nip/198.51.100.1 shop/web tcp 1 deny\nip/198.51.100.2 shop/db tcp 1 allow\n"
	"evil/big shop/web tcp 1 deny\nevil/bigger ip/203.3.0.1 tcp 1 allow\n";

static void doors_are_shut_until_their_blocks_fit(void **state)
{
	struct cluster c;
	uint64_t digest;

	start_blocks(&c);
	expect_closed(&c, "");
	assert_int_equal(table_of(&c)->n_blocks, 332);
	digest = table_digest(table_of(&c));
	limit_blocks(&c, 332);
	expect_closed(&c, "");
	assert_int_equal(table_digest(table_of(&c)), digest);
	cluster_expect(&c, "ip/203.3.1.1 evil/bigger tcp 1 allow\nip/203.3.1.2 evil/bigger tcp 1 deny\n");
	/* One too many. */
	limit_blocks(&c, 331);
	expect_closed(&c, "bigger");
	assert_int_equal(table_of(&c)->closed[0].blocks, 200);
	assert_int_equal(table_of(&c)->closed[0].steps, 0);
	cluster_expect(&c, "ip/203.3.1.1 evil/bigger tcp 1 deny\nip/203.2.0.1 evil/big tcp 1 allow\nip/203.2.0.2 evil/big tcp 1 deny\n");
	cluster_expect_rule(&c, "ip/203.3.1.1 evil/bigger tcp 1", "Closed: its policies take more than the table has");
	cluster_expect(&c, neighbours_notice_nothing);
	limit_blocks(&c, 32);
	expect_closed(&c, "big bigger");
	cluster_expect(&c, neighbours_notice_nothing);
	/* That is the 2 of all. */
	limit_blocks(&c, 2);
	expect_closed(&c, "big bigger db");
	cluster_expect(&c, "ip/198.51.100.2 shop/web tcp 1 allow\nip/198.51.100.2 shop/db tcp 1 deny\n");
	limit_blocks(&c, 1);
	expect_closed(&c, "big bigger db web");
	assert_int_equal(table_of(&c)->n_blocks, 0);
	cluster_free(&c);
}

/* A list that many pods have takes its blocks once; and db, which has the most, is not shut, for it has nothing that others do not. */
static void what_others_have_costs_nothing(void **state)
{
	struct cluster c;

	start_blocks(&c);
	cluster_apply(&c, POD("shop", "api", "10.0.1.14"));
	apply(&c, walled("shop", "db", "db, web", 1, 150));
	apply(&c, walled("shop", "other", "db, api", 5, 150));
	assert_int_equal(table_of(&c)->n_blocks, 602);
	limit_blocks(&c, 602);
	expect_closed(&c, "");
	limit_blocks(&c, 601);
	expect_closed(&c, "bigger");
	cluster_expect(&c, "ip/203.1.0.1 shop/db tcp 1 allow\nip/203.5.0.1 shop/db tcp 1 allow\nip/203.5.0.1 shop/api tcp 1 allow\n");
	limit_blocks(&c, 401);
	expect_closed(&c, "bigger api db");	/* of equals the first, whose are db's, too */
	cluster_free(&c);
}

/* Who is shut for blocks as well as who is shut for steps: the draft they share is in the count. */
static void blocks_and_steps_may_both_be_short(void **state)
{
	struct cluster c;
	uint64_t steps;

	start_blocks(&c);
	cluster_apply(&c, POD("zoo", "last", "10.0.1.14"));
	apply(&c, walled("zoo", "last", "last", 7, 400));
	apply(&c, greedy("evil", "big", 1, 200));
	limit_blocks(&c, 332);
	expect_closed(&c, "last");
	steps = steps_of(table_of(&c));
	limit(&c, steps);
	expect_closed(&c, "last");
	limit(&c, steps - 1);
	expect_closed(&c, "big last");
	cluster_expect(&c, neighbours_notice_nothing);
	cluster_free(&c);
}

/* From change to change, with peers by label and named ports beside the blocks, the table made from nothing; and in the end what it was. */
static void blocks_are_followed(void **state)
{
	struct cluster c;
	struct compiler *followed;
	struct compile_options o;
	unsigned closed = 0;
	uint64_t digest;

	start_blocks(&c);
	cluster_apply(&c, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out, namespace: evil}\n"
		      "spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}, "
		      "{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]}]}\n");
	o = c.options;
	o.node = "n1";
	o.max.blocks = 400;
	followed = compiler_follow(c.model, &o);
	compiler_update(followed, o.now);
	digest = compiler_digest(followed);
	for (int i = 0; i < 60; i++) {
		struct table *t;

		if (i % 2)
			apply(&c, walled("evil", "more", "big", 6, 1 + i * 37 % 500));
		else if (i % 3)
			model_delete(c.model, KIND_NETWORKPOLICY, "evil", "more");
		else
			cluster_apply(&c, i % 4 ? POD("evil", "bigger", "10.0.1.13") : POD("evil", "bigger", "10.0.1.99"));
		if (i % 5 == 4) {
			o.max.blocks = 1 + i * 131 % 700;
			o.max.rules = 2 + i * 57 % 80;
			assert_true(compiler_limit(followed, &o.max));
			assert_false(compiler_limit(followed, &o.max));
		}
		compiler_update(followed, o.now);
		t = compile_table(c.model, &o);
		assert_int_equal(compiler_digest(followed), table_digest(t));
		assert_int_equal(compiler_counts(followed).n_closed, t->n_closed);
		assert_true(t->n_blocks <= o.max.blocks && t->n_rules <= o.max.rules);
		closed += !!t->n_closed;
		table_free(t);
	}
	assert_true(closed > 20);
	model_delete(c.model, KIND_NETWORKPOLICY, "evil", "more");
	cluster_apply(&c, POD("evil", "bigger", "10.0.1.13"));
	compiler_limit(followed, &(struct table_limits){ .blocks = 400 });
	compiler_update(followed, o.now);
	assert_int_equal(compiler_digest(followed), digest);
	assert_int_equal(compiler_counts(followed).n_closed, 0);
	assert_int_equal(compiler_stats(followed).whole, 1);
	compiler_free(followed);
	cluster_free(&c);
}

/* --- rules --- */

/* However few there may be, it is judged as before. */
static void rules_share_a_name(void **state)
{
	struct cluster c;
	size_t all;

	start_blocks(&c);
	c.options.perimeter = PERIMETER_ENFORCE;
	cluster_apply(&c, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: evil, labels: {stockade.io/perimeter: \"off\"}}\n");
	all = table_of(&c)->n_rules;
	for (size_t max = all; max >= 2; max--) {
		c.options.max.rules = max;
		cluster_renew(&c);
		assert_true(table_of(&c)->n_rules <= max);
		expect_closed(&c, "");
		cluster_expect(&c, "ip/203.3.1.1 evil/bigger tcp 1 allow\nip/203.3.1.2 evil/bigger tcp 1 deny\nip/203.2.0.1 evil/big tcp 1 allow\n"
			       "ip/203.2.0.1 evil/bigger tcp 1 deny\nevil/big shop/web tcp 1 deny\nshop/web shop/db tcp 1 allow\n"
			       "ip/203.1.0.1 shop/db tcp 1 deny\nip/198.51.100.1 shop/db tcp 1 deny\nnode/n1 shop/db tcp 1 allow\n");
	}
	c.options.max.rules = 20;
	cluster_renew(&c);
	assert_int_equal(table_of(&c)->n_rules, 19);	/* of 18 that have their own */
	cluster_expect_rule(&c, "ip/203.1.0.1 shop/db tcp 1", "Perimeter: not an exposed port");
	cluster_expect_rule(&c, "ip/203.2.0.1 evil/big tcp 1", "NetworkPolicy evil/big ingress[0]");
	cluster_expect_rule(&c, "ip/203.3.1.1 evil/bigger tcp 1", "NetworkPolicy evil/bigger ingress[10]");
	cluster_expect_rule(&c, "ip/203.3.1.199 evil/bigger tcp 1", "NetworkPolicy: more rules than the table can name");
	cluster_expect_rule(&c, "shop/web shop/db tcp 1", "NetworkPolicy: more rules than the table can name");
	cluster_free(&c);
}

/* --- who is told --- */

struct told {
	char names[512], message[512];
};

static void tell(void *ctx, const struct networkpolicy *np, const char *message)
{
	struct told *t = ctx;

	assert_non_null(strstr(message, "all ingress of some pods it selects is denied"));
	strcpy(t->message, message);
	sprintf(t->names + strlen(t->names), "%s%s/%s", *t->names ? " " : "", np->meta.ns, np->meta.name);
}

/* The authors of those policies that say the most of a closed pod, once. */
static void authors_are_told_once(void **state)
{
	struct told told = {};
	struct closed closed = { .tell = tell, .ctx = &told };
	struct cluster c;

	start(&c);
	cluster_apply(&c, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: out, namespace: evil}\n"
		      "spec: {podSelector: {}, policyTypes: [Egress], egress: [{}, {}, {}]}\n"
		      "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: evil}\n"
		      "spec: {podSelector: {}}\n");
	closed_look(&closed, c.model, table_of(&c));
	assert_string_equal(told.names, "");
	limit(&c, 1000);
	closed_look(&closed, c.model, table_of(&c));
	assert_string_equal(told.names, "evil/biggest evil/deny");
	closed_look(&closed, c.model, table_of(&c));
	assert_string_equal(told.names, "evil/biggest evil/deny");
	*told.names = 0;
	limit(&c, 500);
	closed_look(&closed, c.model, table_of(&c));
	assert_string_equal(told.names, "evil/bigger evil/deny");
	*told.names = 0;
	limit(&c, 5000);
	closed_look(&closed, c.model, table_of(&c));
	assert_int_equal(closed.n, 0);
	limit(&c, 1000);
	closed_look(&closed, c.model, table_of(&c));
	assert_string_equal(told.names, "evil/biggest evil/deny");
	closed_free(&closed);
	cluster_free(&c);
}

/* And of blocks, only of those that have some. */
static void authors_of_blocks_are_told(void **state)
{
	struct told told = {};
	struct closed closed = { .tell = tell, .ctx = &told };
	struct cluster c;

	start_blocks(&c);
	apply(&c, walled("evil", "some", "bigger", 3, 10));
	apply(&c, greedy("evil", "ports", 1, 300));
	cluster_apply(&c, "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: evil}\n"
		      "spec: {podSelector: {}}\n");
	limit_blocks(&c, 200);
	closed_look(&closed, c.model, table_of(&c));
	assert_string_equal(told.names, "evil/bigger evil/some");
	assert_non_null(strstr(told.message, "Fewer, wider ipBlocks take less."));
	limit_blocks(&c, 400);
	closed_look(&closed, c.model, table_of(&c));
	assert_int_equal(closed.n, 0);
	closed_free(&closed);
	cluster_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_go_first),
		cmocka_unit_test(what_is_one_thing_takes_its_size_once),
		cmocka_unit_test(any_sizes),
		cmocka_unit_test(doors_are_shut_until_the_table_fits),
		cmocka_unit_test(pods_with_one_program_go_together),
		cmocka_unit_test(it_is_followed),
		cmocka_unit_test(doors_are_shut_until_their_blocks_fit),
		cmocka_unit_test(what_others_have_costs_nothing),
		cmocka_unit_test(blocks_and_steps_may_both_be_short),
		cmocka_unit_test(blocks_are_followed),
		cmocka_unit_test(rules_share_a_name),
		cmocka_unit_test(authors_are_told_once),
		cmocka_unit_test(authors_of_blocks_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
