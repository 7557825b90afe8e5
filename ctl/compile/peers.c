// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "peers.h"

/* Strings in canonical texts carry their length, so that no content can look like another's. */
static void put_string(FILE *f, const char *s)
{
	fprintf(f, "%zu:%s", strlen(s), s);
}

static char *requirement_text(const struct requirement *q)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	put_string(f, q->key);
	fprintf(f, "/%d", q->op);
	for (unsigned i = 0; i < q->n_values; i++)
		put_string(f, q->values[i]);
	fclose(f);
	return text;
}

static int text_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The requirements in order, each once: all must hold, so neither order nor repetition says anything. */
static void put_selector(FILE *f, const struct selector *s)
{
	char **texts = mem_array(s->n, sizeof(*texts));

	for (unsigned i = 0; i < s->n; i++)
		texts[i] = requirement_text(&s->v[i]);
	if (s->n)
		qsort(texts, s->n, sizeof(*texts), text_cmp);
	for (unsigned i = 0; i < s->n; i++) {
		if (!i || strcmp(texts[i], texts[i - 1]))
			put_string(f, texts[i]);
	}
	for (unsigned i = 0; i < s->n; i++)
		free(texts[i]);
	free(texts);
}

static int cidr_order(const void *a, const void *b)
{
	return cidr_cmp(a, b);
}

static void put_block(FILE *f, const struct policy_peer *peer)
{
	struct cidr *except = mem_array(peer->n_except, sizeof(*except));
	char buf[CIDR_STRLEN];

	fprintf(f, "block %s", cidr_format(&peer->cidr, buf));
	if (peer->n_except) {
		memcpy(except, peer->except, peer->n_except * sizeof(*except));
		qsort(except, peer->n_except, sizeof(*except), cidr_order);
	}
	for (unsigned i = 0; i < peer->n_except; i++)
		fprintf(f, " -%s", cidr_format(&except[i], buf));
	free(except);
}

static void put_pods(FILE *f, const char *ns, const struct policy_peer *peer)
{
	static const struct selector all;

	if (ns) {
		fputs("ns ", f);
		put_string(f, ns);
	} else {
		fputs("nss ", f);
		put_selector(f, peer->namespace_selector);
	}
	fputs(" pods ", f);
	put_selector(f, peer->pod_selector ? peer->pod_selector : &all);
}

static char *atom_text(const char *ns, const struct policy_peer *peer)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		abort();
	if (peer->is_block)
		put_block(f, peer);
	else
		put_pods(f, ns, peer);
	fclose(f);
	return text;
}

static struct selector *selector_copy(struct arena *a, const struct selector *s)
{
	struct selector *out = arena_new(a, struct selector);

	out->n = s->n;
	out->v = arena_array(a, s->n, sizeof(*out->v));
	for (unsigned i = 0; i < s->n; i++) {
		out->v[i] = s->v[i];
		out->v[i].values = arena_array(a, s->v[i].n_values, sizeof(*s->v[i].values));
		for (unsigned k = 0; k < s->v[i].n_values; k++)
			out->v[i].values[k] = s->v[i].values[k];
	}
	return out;
}

/* The policy it stands in may go while the atom stays; strings are interned. */
static const struct policy_peer *peer_copy(struct arena *a, const struct policy_peer *peer)
{
	struct policy_peer *out = arena_new(a, struct policy_peer);

	*out = *peer;
	out->except = arena_array(a, peer->n_except, sizeof(*out->except));
	for (unsigned i = 0; i < peer->n_except; i++)
		out->except[i] = peer->except[i];
	if (peer->pod_selector)
		out->pod_selector = selector_copy(a, peer->pod_selector);
	if (peer->namespace_selector)
		out->namespace_selector = selector_copy(a, peer->namespace_selector);
	return out;
}

static bool atom_equal(const void *ctx, uint32_t value, const void *key)
{
	return !strcmp(((const struct peers *)ctx)->atoms[value].text, key);
}

static uint32_t atom(struct peers *p, const char *ns, const struct policy_peer *peer)
{
	const char *scope = peer->is_block || peer->namespace_selector ? NULL : ns;
	char *text = atom_text(scope, peer);
	uint64_t hash = mix_string(0, text);
	uint32_t found = index_find(&p->index, hash, atom_equal, p, text);

	if (found == INDEX_NONE) {
		mem_grow(p->atoms, p->n_atoms, p->cap_atoms);
		p->atoms[p->n_atoms] = (struct peer_atom){
			.peer = peer_copy(p->arena, peer), .ns = scope, .text = arena_strdup(p->arena, text), .hash = hash,
		};
		index_add(&p->index, hash, p->n_atoms);
		found = p->n_atoms++;
	}
	free(text);
	return found;
}

static int hash_cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* What a group's hash says must not depend on the numbers its atoms happen to have. */
static uint64_t group_digest(const struct peers *p, const uint32_t *atoms, size_t n)
{
	uint64_t *v = mem_array(n, sizeof(*v)), hash = mix_word(1, n);

	for (size_t i = 0; i < n; i++)
		v[i] = p->atoms[atoms[i]].hash;
	if (n)
		qsort(v, n, sizeof(*v), hash_cmp);
	for (size_t i = 0; i < n; i++)
		hash = mix_word(hash, v[i]);
	free(v);
	return hash;
}

static void group_new(struct peers *p, uint32_t group, const uint32_t *atoms, size_t n)
{
	while (p->cap_info <= group)
		p->info = mem_resize(p->info, p->cap_info = p->cap_info * 2 + 8, sizeof(*p->info));
	p->info[group] = (struct peer_group){ .hash = group_digest(p, atoms, n) };
}

static void group_use(struct peers *p, uint32_t group)
{
	const struct words *w = &p->groups.v[group];

	if (p->info[group].used)
		return;
	p->info[group].used = true;
	for (size_t i = 0; i < w->n; i++) {
		struct peer_atom *a = &p->atoms[w->v[i]];

		mem_grow(a->groups, a->n_groups, a->cap_groups);
		a->groups[a->n_groups++] = group;
	}
}

uint32_t peers_group(struct peers *p, const char *ns, const struct policy_rule *r)
{
	size_t n = r->n_peers, known = p->groups.n;
	uint32_t *atoms, group;

	if (!n)
		return GROUP_ANY;
	atoms = mem_array(n, sizeof(*atoms));
	for (unsigned i = 0; i < r->n_peers; i++)
		atoms[i] = atom(p, ns, &r->peers[i]);
	n = words_sort(atoms, n);
	group = wordset_put(&p->groups, atoms, n);
	if (group == known)
		group_new(p, group, atoms, n);
	group_use(p, group);
	free(atoms);
	return group;
}

void peers_init(struct peers *p, struct arena *arena)
{
	*p = (struct peers){ .arena = arena };
	wordset_init(&p->groups, arena);
	group_new(p, 0, NULL, 0);
}

static void use_none(struct peers *p)
{
	for (size_t g = 0; g < p->groups.n; g++)
		p->info[g].used = false;
	for (size_t i = 0; i < p->n_atoms; i++)
		p->atoms[i].n_groups = 0;
}

void peers_renew(struct peers *p)
{
	for (size_t g = 0; g < p->groups.n; g++)
		p->info[g].was = p->info[g].used;
	use_none(p);
}

void peers_keep(struct peers *p, const bool *kept)
{
	use_none(p);
	for (size_t g = 0; g < p->groups.n; g++)
		if (kept[g])
			group_use(p, g);
}

void peers_free(struct peers *p)
{
	for (size_t i = 0; i < p->n_atoms; i++)
		free(p->atoms[i].groups);
	free(p->atoms);
	free(p->info);
	index_free(&p->index);
	wordset_free(&p->groups);
}
