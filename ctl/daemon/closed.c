// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../nl/words.h"
#include "closed.h"

#define NAMED_MAX 3	/* policies of one pod; the others are not the ones to mend */

/* The policies that say something of one pod at one door, those that say the most first. */
struct sayers {
	const struct networkpolicy *v[NAMED_MAX];
	uint64_t size[NAMED_MAX];
	unsigned n;
};

static int order(const struct table_closed *a, const struct table_closed *b)
{
	if (a->subject != b->subject)
		return a->subject < b->subject ? -1 : 1;
	return (int)a->door - (int)b->door;
}

static int cmp(const void *a, const void *b)
{
	return order(a, b);
}

static bool has(const struct table_closed *v, size_t n, const struct table_closed *what)
{
	return n && bsearch(what, v, n, sizeof(*v), cmp);
}

static const struct table_subject *subject_of(const struct table *t, uint32_t id)
{
	for (size_t i = 0; i < t->n_subjects; i++)
		if (t->subjects[i].id == id)
			return &t->subjects[i];
	return NULL;
}

static const struct pod *pod_of(const struct model *m, const char *name)
{
	const char *slash = strchr(name, '/');
	char *ns = mem_strndup(name, slash - name);
	const struct pod *p = (const void *)model_get(m, KIND_POD, ns, slash + 1);

	free(ns);
	return p;
}

static uint64_t steps_of(const struct policy_rule *r, unsigned n)
{
	uint64_t size = 1;

	for (unsigned i = 0; i < n; i++)
		size += (uint64_t)(r[i].n_peers + 1) * (r[i].n_ports + 1);
	return size;
}

static uint64_t blocks_of(const struct policy_rule *r, unsigned n)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < r[i].n_peers; k++)
			size += policy_peer_prefixes(&r[i].peers[k]);
	return size;
}

static void add(struct sayers *s, const struct networkpolicy *np, uint64_t size)
{
	unsigned at = s->n;

	while (at && s->size[at - 1] < size)
		at--;
	if (!size || at == NAMED_MAX)
		return;
	s->n += s->n < NAMED_MAX;
	for (unsigned i = s->n - 1; i > at; i--) {
		s->v[i] = s->v[i - 1];
		s->size[i] = s->size[i - 1];
	}
	s->v[at] = np;
	s->size[at] = size;
}

static struct sayers find_sayers(const struct model *m, const struct pod *p, const struct table_closed *what)
{
	uint64_t (*measure)(const struct policy_rule *r, unsigned n) = what->blocks ? blocks_of : steps_of;
	struct sayers s = {};
	size_t n;
	const struct meta *const *v = model_list_ns(m, KIND_NETWORKPOLICY, p->meta.ns, &n);

	for (size_t i = 0; i < n; i++) {
		const struct networkpolicy *np = (const void *)v[i];
		bool in = what->door == STOCKADE_DOOR_INGRESS;

		if ((in ? np->isolates_ingress : np->isolates_egress) && selector_matches(&np->pod_selector, &p->meta.labels))
			add(&s, np, in ? measure(np->ingress, np->n_ingress) : measure(np->egress, np->n_egress));
	}
	return s;
}

static char *names_of(const struct sayers *s)
{
	char *names = mem_strdup("");

	for (unsigned i = 0; i < s->n; i++) {
		char *more = mem_printf("%s%s%s/%s", names, i ? "," : "", s->v[i]->meta.ns, s->v[i]->meta.name);

		free(names);
		names = more;
	}
	return names;
}

/* Without numbers: what two nodes say of one policy is one Event. */
static void tell_authors(struct closed *c, const struct sayers *s, const struct table_closed *what)
{
	char *message = mem_printf("all %s of some pods it selects is denied: what their policies say takes more than the kernel's table has. "
				   "%s take less.", words_door(what->door),
				   what->blocks ? "Fewer, wider ipBlocks" : "Ranges of ports (endPort) and fewer, wider peers");

	for (unsigned i = 0; i < s->n && c->tell; i++)
		c->tell(c->ctx, s->v[i], message);
	free(message);
}

/* What it would have taken, in words. */
static char *size_of(const struct table_closed *what)
{
	if (what->steps == UINT64_MAX)
		return mem_strdup("too many");
	return mem_printf("%" PRIu64, what->blocks ? what->blocks : what->steps);
}

static void tell_closed(struct closed *c, const struct model *m, const struct table *t, const struct table_closed *what)
{
	const struct table_subject *subject = subject_of(t, what->subject);
	const struct pod *p = subject ? pod_of(m, subject->name) : NULL;
	struct sayers s = p ? find_sayers(m, p, what) : (struct sayers){};
	char *names = names_of(&s);
	char *size = size_of(what);

	if (p) {
		log_warn("a pod is closed, what its policies say takes more than the kernel's table has",
			 "pod=%s door=%s %s=%s policies=%s", subject->name, words_door(what->door),
			 what->blocks ? "blocks" : "steps", size, names);
		tell_authors(c, &s, what);
	}
	free(size);
	free(names);
}

static void tell_open(const struct table *t, const struct table_closed *what)
{
	const struct table_subject *subject = subject_of(t, what->subject);

	if (subject)
		log_info("a pod is closed no more", "pod=%s door=%s", subject->name, words_door(what->door));
}

void closed_look(struct closed *c, const struct model *m, const struct table *t)
{
	size_t bytes = t->n_closed * sizeof(*t->closed);

	if (t->n_closed == c->n && (!c->n || !memcmp(t->closed, c->v, bytes)))
		return;
	for (size_t i = 0; i < t->n_closed; i++)
		if (!has(c->v, c->n, &t->closed[i]))
			tell_closed(c, m, t, &t->closed[i]);
	for (size_t i = 0; i < c->n; i++)
		if (!has(t->closed, t->n_closed, &c->v[i]))
			tell_open(t, &c->v[i]);
	closed_free(c);
	c->n = t->n_closed;
	c->v = mem_array(c->n, sizeof(*c->v));
	if (c->n)
		memcpy(c->v, t->closed, bytes);
}

void closed_free(struct closed *c)
{
	free(c->v);
	c->v = NULL;
	c->n = 0;
}
