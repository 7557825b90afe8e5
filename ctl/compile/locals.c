// SPDX-License-Identifier: GPL-2.0
/* locals: the live pods of this node, whom the table is about; in the model's order. */
#include <string.h>
#include "../base/mem.h"
#include "compiler.h"

static bool is_local(const struct compiler *c, const struct pod *p)
{
	return p && pod_is_live(p) && !strcmp(p->node, c->options.node);
}

/* The first of the local pods that is not before (@ns, @name). */
static size_t local_at(const struct compiler *c, const struct meta *m)
{
	size_t i = 0;

	for (; i < c->n_locals; i++) {
		int cmp = strcmp(c->locals[i]->meta.ns, m->ns);

		if ((cmp ? cmp : strcmp(c->locals[i]->meta.name, m->name)) >= 0)
			break;
	}
	return i;
}

static void local_del(struct compiler *c, const struct pod *p)
{
	size_t i = 0;

	while (c->locals[i] != p)
		i++;
	c->n_locals--;
	memmove(&c->locals[i], &c->locals[i + 1], (c->n_locals - i) * sizeof(*c->locals));
}

static void local_add(struct compiler *c, const struct pod *p)
{
	size_t i = local_at(c, &p->meta);

	mem_grow(c->locals, c->n_locals, c->cap_locals);
	memmove(&c->locals[i + 1], &c->locals[i], (c->n_locals - i) * sizeof(*c->locals));
	c->locals[i] = p;
	c->n_locals++;
}

bool locals_have_ip(const struct compiler *c, const struct ip *ip)
{
	for (size_t i = 0; i < c->n_locals; i++)
		for (unsigned k = 0; k < c->locals[i]->n_ips; k++)
			if (!memcmp(&c->locals[i]->ips[k], ip, sizeof(*ip)))
				return true;
	return false;
}

bool locals_replace(struct compiler *c, const struct pod *before, const struct pod *after)
{
	bool was = is_local(c, before), is = is_local(c, after);

	if (was)
		local_del(c, before);
	if (is)
		local_add(c, after);
	return was || is;
}

void locals_find(struct compiler *c)
{
	size_t n;
	const struct meta *const *v = model_list(c->model, KIND_POD, &n);

	c->n_locals = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_local(c, (const void *)v[i]))
			continue;
		mem_grow(c->locals, c->n_locals, c->cap_locals);
		c->locals[c->n_locals++] = (const void *)v[i];
	}
}

bool locals_are_in(const struct compiler *c, const char *ns)
{
	for (size_t i = 0; i < c->n_locals; i++)
		if (c->locals[i]->meta.ns == ns)
			return true;
	return false;
}
