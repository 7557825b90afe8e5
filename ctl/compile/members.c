// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "members.h"

void members_init(struct members *m, const struct model *model, const struct peers *peers, struct wordset *sets)
{
	*m = (struct members){ .model = model, .peers = peers, .sets = sets };
	m->selectors = mem_array(peers->n_atoms, sizeof(*m->selectors));
	m->candidates = mem_array(peers->n_atoms, sizeof(*m->candidates));
	for (size_t i = 0; i < peers->n_atoms; i++)
		if (!peers->atoms[i].peer->is_block && peers->atoms[i].n_groups)
			m->selectors[m->n_selectors++] = i;
	wordset_init(&m->memo, &m->memo_arena);
}

static void forget(struct members *m)
{
	wordset_free(&m->memo);
	arena_free(&m->memo_arena);
	free(m->memo_sets);
	m->memo_sets = NULL;
	m->n_memo = 0;
}

void members_renew(struct members *m)
{
	m->ns = NULL;
}

void members_free(struct members *m)
{
	forget(m);
	free(m->selectors);
	free(m->candidates);
	free(m->keys);
	free(m->values);
}

static int key_cmp(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

static bool key_known(const struct members *m, const char *key)
{
	return m->n_keys && bsearch(&key, m->keys, m->n_keys, sizeof(*m->keys), key_cmp);
}

static void add_keys(struct members *m, const struct selector *s)
{
	for (unsigned i = 0; s && i < s->n; i++) {
		mem_grow(m->keys, m->n_keys, m->cap_keys);
		m->keys[m->n_keys++] = s->v[i].key;
	}
}

static void sort_keys(struct members *m)
{
	size_t kept = 0;

	if (!m->n_keys)
		return;
	qsort(m->keys, m->n_keys, sizeof(*m->keys), key_cmp);
	for (size_t i = 1; i < m->n_keys; i++)
		if (m->keys[i] != m->keys[kept])
			m->keys[++kept] = m->keys[i];
	m->n_keys = kept + 1;
}

static bool may_have_pods_in(const struct peer_atom *a, const char *ns, const struct labels *labels)
{
	if (a->ns)
		return a->ns == ns;
	return selector_matches(a->peer->namespace_selector, labels);
}

static void enter_namespace(struct members *m, const char *ns)
{
	const struct labels *labels = model_namespace_labels(m->model, ns);

	forget(m);
	wordset_init(&m->memo, &m->memo_arena);
	m->ns = ns;
	m->n_candidates = m->n_keys = 0;
	for (size_t i = 0; i < m->n_selectors; i++) {
		const struct peer_atom *a = &m->peers->atoms[m->selectors[i]];

		if (!may_have_pods_in(a, ns, labels))
			continue;
		m->candidates[m->n_candidates++] = m->selectors[i];
		add_keys(m, a->peer->pod_selector);
	}
	sort_keys(m);
}

/* The labels some selector asks for, as words: strings are interned, so addresses stand for them. */
static uint32_t remember(struct members *m, const struct labels *l)
{
	uint32_t found;

	m->n_values = 0;
	for (unsigned i = 0; i < l->n; i++) {
		uintptr_t words[2] = { (uintptr_t)l->v[i].key, (uintptr_t)l->v[i].value };

		if (!key_known(m, l->v[i].key))
			continue;
		for (int k = 0; k < 4; k++) {
			mem_grow(m->values, m->n_values, m->cap_values);
			m->values[m->n_values++] = (uint32_t)((uint64_t)words[k / 2] >> (k % 2 * 32));
		}
	}
	found = wordset_put(&m->memo, m->values, m->n_values);
	while (m->n_memo < m->memo.n) {
		m->memo_sets = mem_resize(m->memo_sets, m->n_memo + 1, sizeof(*m->memo_sets));
		m->memo_sets[m->n_memo++] = ~0U;
	}
	return found;
}

static uint32_t match(struct members *m, const struct labels *l)
{
	uint32_t *v = NULL, set;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < m->n_candidates; i++) {
		const struct peer_atom *a = &m->peers->atoms[m->candidates[i]];

		if (a->peer->pod_selector && !selector_matches(a->peer->pod_selector, l))
			continue;
		for (size_t k = 0; k < a->n_groups; k++) {
			mem_grow(v, n, cap);
			v[n++] = a->groups[k];
		}
	}
	set = wordset_put(m->sets, v, words_sort(v, n));
	free(v);
	return set;
}

uint32_t members_set(struct members *m, const struct pod *p)
{
	uint32_t known;

	if (!m->n_selectors)
		return 0;
	if (m->ns != p->meta.ns)
		enter_namespace(m, p->meta.ns);
	known = remember(m, &p->meta.labels);
	if (m->memo_sets[known] == ~0U)
		m->memo_sets[known] = match(m, &p->meta.labels);
	return m->memo_sets[known];
}
