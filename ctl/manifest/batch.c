// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../model/decode.h"
#include "batch.h"

static uint32_t name_hash(const struct meta *obj)
{
	return hash_pointers(obj->ns, obj->name) + obj->kind;
}

/* The kind of workload whose template @obj was made from; NULL: it is what its kind says. */
static const char *workload_of(const struct meta *obj)
{
	return obj->kind == KIND_POD ? ((const struct pod *)obj)->workload : NULL;
}

static struct meta *find(const struct batch *b, const struct meta *like)
{
	struct meta *obj;
	size_t it = 0;

	while ((obj = hash_next(&b->names, name_hash(like), &it)))
		if (obj->kind == like->kind && obj->ns == like->ns && obj->name == like->name &&
		    workload_of(obj) == workload_of(like))
			return obj;
	return NULL;
}

static void refuse_duplicate(struct batch *b, const struct meta *obj, const struct meta *first)
{
	const char *workload = workload_of(obj);
	char *object = mem_printf("%s %s%s%s", workload ? workload : kind_name(obj->kind), obj->ns,
				  *obj->ns ? "/" : "", obj->name);

	diags_add(b->diags, obj->origin.file, obj->origin.line, object, NULL, "is there twice: first at %s:%u",
		  first->origin.file, first->origin.line);
	b->mistakes++;
	free(object);
}

static void add_object(void *ctx, struct meta *obj)
{
	struct batch *b = ctx;
	const struct meta *first = find(b, obj);

	if (first) {
		/* Each part of a checkout may bring the Namespace it lives in. */
		if (obj->kind != KIND_NAMESPACE || !model_equal(obj, first))
			refuse_duplicate(b, obj, first);
		model_object_free(obj);
		return;
	}
	mem_grow(b->v, b->n, b->cap);
	b->v[b->n++] = obj;
	hash_add(&b->names, name_hash(obj), obj);
}

static void add_document(void *ctx, struct doc *d)
{
	struct batch *b = ctx;

	b->mistakes += model_decode_as(b->m, d, b->file, b->flags, b->diags, add_object, b);
	doc_free(d);
}

static void read_file(struct batch *b, const struct file *f)
{
	size_t len;
	char *text = file_read(f, &len, b->diags);

	b->file = f->path;
	if (text && !doc_parse_yaml(text, len, f->path, b->diags, add_document, b)) {
		free(text);
		return;
	}
	b->mistakes++;
	if (text && memmem(text, len, "{{", 2))
		diags_add(b->diags, f->path, 0, NULL, NULL,
			  "has template expressions: give what comes out of it (helm template), not the template");
	free(text);
}

void batch_read(struct batch *b, const struct files *files)
{
	for (size_t i = 0; i < files->n; i++)
		read_file(b, &files->v[i]);
}

/* The list does not outlive the first deletion, so what is to go is noted first. */
static void delete_others(struct batch *b, enum kind kind)
{
	const struct meta *const *list;
	const struct meta **gone;
	size_t n, n_gone = 0;

	list = model_list(b->m, kind, &n);
	gone = mem_array(n, sizeof(*gone));
	for (size_t i = 0; i < n; i++)
		if (!find(b, list[i]))
			gone[n_gone++] = list[i];
	while (n_gone--)
		model_delete(b->m, kind, gone[n_gone]->ns, gone[n_gone]->name);
	free(gone);
}

/* "web", or "web.deployment" where a pod or another workload is called that. */
static void put_template(struct batch *b, struct meta *obj)
{
	char *other;

	if (model_get(b->m, KIND_POD, obj->ns, obj->name)) {
		other = mem_printf("%s.%s", obj->name, workload_of(obj));
		for (char *p = other + strlen(obj->name); *p; p++)
			*p = tolower((unsigned char)*p);
		obj->name = model_intern(b->m, other, strlen(other));
		free(other);
	}
	model_put(b->m, obj);
}

void batch_apply(struct batch *b)
{
	for (int k = 0; k < KINDS; k++)
		delete_others(b, k);
	for (size_t i = 0; i < b->n; i++)
		if (!workload_of(b->v[i]))
			model_put(b->m, b->v[i]);
	for (size_t i = 0; i < b->n; i++)
		if (workload_of(b->v[i]))
			put_template(b, b->v[i]);
	b->n = 0;
	hash_free(&b->names);
}

void batch_free(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		model_object_free(b->v[i]);
	free(b->v);
	hash_free(&b->names);
}
