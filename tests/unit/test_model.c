// SPDX-License-Identifier: GPL-2.0
/* The model: objects in, look-ups and ordered lists out, whatever the order of changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "base/mem.h"
#include "model/model.h"

static const char *intern(struct model *m, const char *s)
{
	return model_intern(m, s, strlen(s));
}

static struct pod *new_pod(struct model *m, const char *ns, const char *name, const char *ip)
{
	struct pod *p = mem_new(struct pod);

	p->meta = (struct meta){ .kind = KIND_POD, .ns = intern(m, ns), .name = intern(m, name) };
	p->node = intern(m, "a");
	if (ip) {
		p->ips = mem_new(struct ip);
		p->n_ips = 1;
		assert_true(ip_parse(ip, p->ips));
	}
	return p;
}

static const struct pod *by_ip(const struct model *m, const char *s)
{
	struct ip ip;

	assert_true(ip_parse(s, &ip));
	return model_pod_by_ip(m, &ip);
}

static void equal_strings_are_one(void **state)
{
	struct model *m = model_new();

	assert_ptr_equal(model_intern(m, "abcd", 3), intern(m, "abc"));
	assert_ptr_not_equal(intern(m, "abc"), intern(m, "abcd"));
	assert_string_equal(intern(m, ""), "");
	model_free(m);
}

static void equal_label_sets_are_one(void **state)
{
	struct model *m = model_new();
	struct label v[2] = { { intern(m, "a"), intern(m, "1") }, { intern(m, "b"), intern(m, "2") } };
	struct labels x = model_intern_labels(m, v, 2), y = model_intern_labels(m, v, 2);
	struct labels z = model_intern_labels(m, v, 1);

	assert_ptr_equal(x.v, y.v);
	assert_ptr_not_equal(x.v, z.v);
	assert_int_equal(model_intern_labels(m, NULL, 0).n, 0);
	assert_string_equal(labels_get(&x, "b"), "2");
	assert_null(labels_get(&z, "b"));
	model_free(m);
}

static void put_replaces_and_delete_takes_out(void **state)
{
	struct model *m = model_new();

	model_put(m, &new_pod(m, "shop", "api", "10.0.0.1")->meta);
	model_put(m, &new_pod(m, "shop", "api", "10.0.0.2")->meta);
	assert_int_equal(model_count(m, KIND_POD), 1);
	assert_null(by_ip(m, "10.0.0.1"));
	assert_string_equal(by_ip(m, "10.0.0.2")->meta.name, "api");
	assert_non_null(model_get(m, KIND_POD, "shop", "api"));
	assert_null(model_get(m, KIND_POD, "shop", "never seen"));
	assert_null(model_get(m, KIND_SERVICE, "shop", "api"));
	assert_false(model_delete(m, KIND_POD, "other", "api"));
	assert_true(model_delete(m, KIND_POD, "shop", "api"));
	assert_false(model_delete(m, KIND_POD, "shop", "api"));
	assert_null(by_ip(m, "10.0.0.2"));
	model_free(m);
}

static void only_live_pods_have_addresses(void **state)
{
	struct model *m = model_new();
	struct pod *host = new_pod(m, "a", "host", "10.0.0.1");
	struct pod *done = new_pod(m, "a", "done", "10.0.0.2");
	struct pod *bare = new_pod(m, "a", "bare", NULL);

	host->host_network = true;
	done->finished = true;
	assert_false(pod_is_live(host) || pod_is_live(done) || pod_is_live(bare));
	model_put(m, &host->meta);
	model_put(m, &done->meta);
	model_put(m, &bare->meta);
	assert_null(by_ip(m, "10.0.0.1"));
	assert_null(by_ip(m, "10.0.0.2"));
	model_put(m, &new_pod(m, "b", "heir", "10.0.0.2")->meta);
	assert_string_equal(by_ip(m, "10.0.0.2")->meta.name, "heir");
	model_free(m);
}

static void choice_between_claimants_ignores_their_order(void **state)
{
	for (int turn = 0; turn < 24; turn++) {
		struct model *m = model_new();
		struct pod *v[4] = {
			new_pod(m, "a", "a", "10.0.0.1"),	/* not scheduled */
			new_pod(m, "b", "b", "10.0.0.1"),	/* not ready */
			new_pod(m, "c", "c", "10.0.0.1"),	/* the one */
			new_pod(m, "c", "d", "10.0.0.1"),
		};

		v[0]->node = intern(m, "");
		v[0]->ready = v[2]->ready = v[3]->ready = true;
		for (int n = 4, t = turn; n; t /= n, n--) {
			int i = t % n;

			model_put(m, &v[i]->meta);
			v[i] = v[n - 1];
		}
		assert_string_equal(by_ip(m, "10.0.0.1")->meta.name, "c");
		model_delete(m, KIND_POD, "c", "c");
		assert_string_equal(by_ip(m, "10.0.0.1")->meta.name, "d");
		model_free(m);
	}
}

static void namespaces_without_object_have_their_name_label(void **state)
{
	struct model *m = model_new();
	struct namespace *ns = mem_new(struct namespace);
	const struct labels *l = model_namespace_labels(m, "shop");
	struct label v = { intern(m, "team"), intern(m, "x") };

	assert_string_equal(labels_get(l, "kubernetes.io/metadata.name"), "shop");
	assert_ptr_equal(model_namespace_labels(m, "shop"), l);
	ns->meta = (struct meta){ .kind = KIND_NAMESPACE, .ns = intern(m, ""), .name = intern(m, "shop") };
	ns->meta.labels = model_intern_labels(m, &v, 1);
	model_put(m, &ns->meta);
	assert_string_equal(labels_get(model_namespace_labels(m, "shop"), "team"), "x");
	model_free(m);
}

static void not_in_holds_where_the_key_is_absent(void **state)
{
	struct model *m = model_new();
	const char *values[] = { intern(m, "x"), intern(m, "y") };
	struct label x = { intern(m, "k"), intern(m, "x") }, z = { intern(m, "k"), intern(m, "z") };
	struct labels has_x = { &x, 1 }, has_z = { &z, 1 }, none = { 0 };
	static const bool want[4][3] = {	/* x, z, none */
		[SELECTOR_IN] = { true, false, false },
		[SELECTOR_NOT_IN] = { false, true, true },
		[SELECTOR_EXISTS] = { true, true, false },
		[SELECTOR_DOES_NOT_EXIST] = { false, false, true },
	};
	struct selector everything = { 0 };

	for (int op = SELECTOR_IN; op <= SELECTOR_DOES_NOT_EXIST; op++) {
		struct requirement r = { intern(m, "k"), op, values, op <= SELECTOR_NOT_IN ? 2 : 0 };
		struct selector s = { &r, 1 };

		assert_int_equal(selector_matches(&s, &has_x), want[op][0]);
		assert_int_equal(selector_matches(&s, &has_z), want[op][1]);
		assert_int_equal(selector_matches(&s, &none), want[op][2]);
	}
	assert_true(selector_matches(&everything, &none));
	model_free(m);
}

#define NAMES 2500
#define SPACES 5

/* What the model should hold: a flag for each name there is. */
static void compare_with(const struct model *m, bool have[SPACES][NAMES])
{
	size_t n, want = 0, n_ns;
	const struct meta *const *list = model_list(m, KIND_POD, &n);

	for (int s = 0; s < SPACES; s++) {
		char ns[16];
		size_t first = want;

		snprintf(ns, sizeof(ns), "ns%d", s);
		for (int i = 0; i < NAMES; i++) {
			char name[16];

			if (!have[s][i])
				continue;
			snprintf(name, sizeof(name), "p%04d", i);
			assert_true(want < n);
			assert_string_equal(list[want]->ns, ns);
			assert_string_equal(list[want]->name, name);
			want++;
		}
		assert_ptr_equal(model_list_ns(m, KIND_POD, ns, &n_ns), list + first);
		assert_int_equal(n_ns, want - first);
	}
	assert_int_equal(n, want);
}

static void random_changes_keep_lists_and_addresses_right(void **state)
{
	static bool have[SPACES][NAMES];
	unsigned seed = time(NULL);
	struct model *m = model_new();

	print_message("seed %u\n", seed);
	for (int round = 0; round < 40; round++) {
		for (int k = rand_r(&seed) % 3000; k; k--) {
			int s = rand_r(&seed) % SPACES, i = rand_r(&seed) % NAMES;
			char ns[16], name[16], ip[64];

			snprintf(ns, sizeof(ns), "ns%d", s);
			snprintf(name, sizeof(name), "p%04d", i);
			snprintf(ip, sizeof(ip), "10.%d.%d.%d", s, i / 256, i % 256);
			if (rand_r(&seed) % 3)
				model_put(m, &new_pod(m, ns, name, ip)->meta);
			else
				assert_int_equal(model_delete(m, KIND_POD, ns, name), have[s][i]);
			have[s][i] = model_get(m, KIND_POD, ns, name);
			assert_ptr_equal(by_ip(m, ip), model_get(m, KIND_POD, ns, name));
		}
		compare_with(m, have);
	}
	model_free(m);
}

#define CLAIMANTS 60
#define SHARED 4	/* addresses they may claim, one or two each */

static const struct pod *best_of(struct pod *v[CLAIMANTS], const struct ip *ip)
{
	const struct pod *best = NULL;

	for (int i = 0; i < CLAIMANTS; i++) {
		const struct pod *p = v[i];
		bool has = p && (!ip_cmp(&p->ips[0], ip) || (p->n_ips > 1 && !ip_cmp(&p->ips[1], ip)));

		if (!has || (best && best->ready && !p->ready))
			continue;	/* names ascend with i */
		if (!best || (p->ready && !best->ready))
			best = p;
	}
	return best;
}

static struct ip shared_ip(int i)
{
	struct ip ip;

	assert_true(ip_parse("10.0.0.0", &ip));
	ip.b[15] = i;
	return ip;
}

static struct pod *new_claimant(struct model *m, const char *name, unsigned *seed)
{
	int a = rand_r(seed) % SHARED, b = rand_r(seed) % SHARED;
	struct pod *p = new_pod(m, "ns", name, NULL);

	p->ips = mem_array(2, sizeof(*p->ips));
	p->ips[p->n_ips++] = shared_ip(a);
	if (a != b)
		p->ips[p->n_ips++] = shared_ip(b);
	p->ready = rand_r(seed) % 2;
	return p;
}

/* Against a search through all of them. */
static void many_claimants_are_told_apart(void **state)
{
	struct pod *v[CLAIMANTS] = { 0 };
	unsigned seed = time(NULL);
	struct model *m = model_new();

	print_message("seed %u\n", seed);
	for (int step = 0; step < 20000; step++) {
		int i = rand_r(&seed) % CLAIMANTS;
		char name[16];

		snprintf(name, sizeof(name), "p%04d", i);
		if (rand_r(&seed) % 3 == 0) {
			model_delete(m, KIND_POD, "ns", name);
			v[i] = NULL;
		} else {
			v[i] = new_claimant(m, name, &seed);
			model_put(m, &v[i]->meta);
		}
		for (int k = 0; k < SHARED; k++) {
			struct ip ip = shared_ip(k);

			assert_ptr_equal(model_pod_by_ip(m, &ip), best_of(v, &ip));
		}
	}
	model_free(m);
}

static void collection_keeps_what_is_used(void **state)
{
	struct model *m = model_new();
	struct pod *p = new_pod(m, "shop", "api", "10.0.0.1");
	struct label l = { intern(m, "app"), intern(m, "api") };
	size_t before;

	p->meta.labels = model_intern_labels(m, &l, 1);
	model_put(m, &p->meta);
	model_namespace_labels(m, "shop");
	model_collect(m);
	before = model_strings(m);
	for (int i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "api-%d", i);
		model_put(m, &new_pod(m, "shop", name, "10.0.0.2")->meta);
		model_delete(m, KIND_POD, "shop", name);
	}
	assert_int_equal(model_strings(m), before + 1000);
	model_collect(m);
	assert_int_equal(model_strings(m), before);
	p = (struct pod *)model_get(m, KIND_POD, "shop", "api");
	assert_string_equal(p->meta.name, "api");
	assert_string_equal(labels_get(&p->meta.labels, "app"), "api");
	assert_string_equal(labels_get(model_namespace_labels(m, "shop"), "kubernetes.io/metadata.name"), "shop");
	assert_ptr_equal(intern(m, "api"), p->meta.name);
	model_free(m);
}

struct witness {
	struct model_watcher watcher;	/* first */
	char said[128];
};

static void hear(struct model_watcher *w, const struct meta *before, const struct meta *after)
{
	struct witness *me = (struct witness *)w;

	snprintf(me->said, sizeof(me->said), "%s > %s", before ? before->name : "", after ? after->name : "");
}

static void hear_collection(struct model_watcher *w)
{
	strcpy(((struct witness *)w)->said, "collected");
}

static void watchers_hear_of_changes(void **state)
{
	struct witness a = { { hear, hear_collection } }, b = a;
	struct model *m = model_new();

	model_watch(m, &a.watcher);
	model_watch(m, &b.watcher);
	model_put(m, &new_pod(m, "shop", "api", "10.0.0.1")->meta);
	assert_string_equal(a.said, " > api");
	model_put(m, &new_pod(m, "shop", "api", "10.0.0.2")->meta);
	assert_string_equal(b.said, "api > api");
	model_unwatch(m, &a.watcher);
	model_delete(m, KIND_POD, "shop", "api");
	assert_string_equal(a.said, "api > api");
	assert_string_equal(b.said, "api > ");
	model_collect(m);
	assert_string_equal(b.said, "collected");
	model_unwatch(m, &b.watcher);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_strings_are_one),
		cmocka_unit_test(equal_label_sets_are_one),
		cmocka_unit_test(put_replaces_and_delete_takes_out),
		cmocka_unit_test(only_live_pods_have_addresses),
		cmocka_unit_test(choice_between_claimants_ignores_their_order),
		cmocka_unit_test(namespaces_without_object_have_their_name_label),
		cmocka_unit_test(not_in_holds_where_the_key_is_absent),
		cmocka_unit_test(many_claimants_are_told_apart),
		cmocka_unit_test(collection_keeps_what_is_used),
		cmocka_unit_test(watchers_hear_of_changes),
		cmocka_unit_test(random_changes_keep_lists_and_addresses_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
