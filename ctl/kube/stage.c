// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "stage.h"

/* Strings are interned, so pointers tell names apart. */
static struct meta *seen(const struct kube_stage *s, const char *ns, const char *name)
{
	uint32_t hash = hash_pointers(ns, name);
	struct meta *obj;
	size_t it = 0;

	while ((obj = hash_next(&s->seen, hash, &it)))
		if (obj->ns == ns && obj->name == name)
			return obj;
	return NULL;
}

static void forget(struct kube_stage *s, const char *ns, const char *name)
{
	const struct meta *obj = seen(s, ns, name);

	if (obj)
		hash_del(&s->seen, hash_pointers(ns, name), obj);
}

static void remember(struct kube_stage *s, struct meta *obj)
{
	forget(s, obj->ns, obj->name);
	hash_add(&s->seen, hash_pointers(obj->ns, obj->name), obj);
}

void kube_stage_begin(struct kube_stage *s, bool direct)
{
	kube_stage_abort(s);
	s->open = true;
	s->direct = direct;
}

bool kube_stage_put(struct kube_stage *s, struct meta *obj)
{
	struct meta *old = (struct meta *)(uintptr_t)model_get(s->model, s->kind, obj->ns, obj->name);
	bool same = old && model_equal(old, obj);

	if (s->open)
		remember(s, same ? old : obj);
	if (same) {
		model_object_free(obj);
		return false;
	}
	if (s->open && !s->direct) {
		mem_grow(s->aside, s->n_aside, s->cap_aside);
		s->aside[s->n_aside++] = obj;
		return false;
	}
	s->changed = true;
	model_put(s->model, obj);
	return true;
}

bool kube_stage_delete(struct kube_stage *s, const char *ns, const char *name)
{
	const struct meta *old = model_get(s->model, s->kind, ns, name);

	if (!s->open)
		return model_delete(s->model, s->kind, ns, name);
	/* What is not in the model may have been put aside. */
	forget(s, model_intern(s->model, ns, strlen(ns)), model_intern(s->model, name, strlen(name)));
	if (old && s->direct)
		s->changed |= model_delete(s->model, s->kind, ns, name);
	return false;
}

/* What is neither the last of its name nor still there when the list ends does not count. */
static bool put_aside_in(struct kube_stage *s)
{
	bool changed = false;

	for (size_t i = 0; i < s->n_aside; i++) {
		struct meta *obj = s->aside[i];

		if (seen(s, obj->ns, obj->name) == obj) {
			model_put(s->model, obj);
			changed = true;
		} else {
			model_object_free(obj);
		}
	}
	s->n_aside = 0;
	return changed;
}

static bool sweep(struct kube_stage *s)
{
	size_t n, n_gone = 0, cap = 0;
	const struct meta *const *v = model_list(s->model, s->kind, &n);
	const struct meta **gone = NULL;

	for (size_t i = 0; i < n; i++) {
		if (seen(s, v[i]->ns, v[i]->name))
			continue;
		mem_grow(gone, n_gone, cap);
		gone[n_gone++] = v[i];
	}
	for (size_t i = 0; i < n_gone; i++)
		model_delete(s->model, s->kind, gone[i]->ns, gone[i]->name);
	free(gone);
	return n_gone;
}

bool kube_stage_commit(struct kube_stage *s)
{
	bool changed = s->changed;

	changed |= put_aside_in(s);
	changed |= sweep(s);
	kube_stage_abort(s);
	return changed;
}

void kube_stage_abort(struct kube_stage *s)
{
	for (size_t i = 0; i < s->n_aside; i++)
		model_object_free(s->aside[i]);
	free(s->aside);
	s->aside = NULL;
	s->n_aside = s->cap_aside = 0;
	hash_free(&s->seen);
	s->open = s->direct = s->changed = false;
}
