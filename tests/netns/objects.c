// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "base/diag.h"
#include "base/doc.h"
#include "base/mem.h"
#include "model/decode.h"
#include "objects.h"

struct object {
	char *key;	/* "Pod x/a", "Node n1"; "" where a document is no object */
	struct doc *doc;
};

struct objects {
	struct object *v;
	size_t n, cap;
};

struct objects *objects_new(void)
{
	return mem_new(struct objects);
}

static void clear(struct object *obj)
{
	free(obj->key);
	doc_free(obj->doc);
}

void objects_free(struct objects *o)
{
	for (size_t i = 0; i < o->n; i++)
		clear(&o->v[i]);
	free(o->v);
	free(o);
}

static const char *string_at(const struct doc *d, const char *key)
{
	const struct doc *s = doc_get(d, key);

	return s && s->type == DOC_STRING ? s->string.s : NULL;
}

static char *key_of(const char *kind, const char *ns, const char *name)
{
	enum kind k;

	if (kind_parse(kind, &k) && !kind_namespaced(k))
		return mem_printf("%s %s", kind, name);
	return mem_printf("%s %s/%s", kind, ns && *ns ? ns : "default", name);
}

static char *key_of_doc(const struct doc *d)
{
	const struct doc *meta = doc_get(d, "metadata");
	const char *kind = string_at(d, "kind"), *name = string_at(meta, "name");

	return kind && name ? key_of(kind, string_at(meta, "namespace"), name) : mem_strdup("");
}

static struct object *find(const struct objects *o, const char *key)
{
	for (size_t i = 0; *key && i < o->n; i++)
		if (!strcmp(o->v[i].key, key))
			return &o->v[i];
	return NULL;
}

static void put(struct objects *o, struct doc *d)
{
	char *key = key_of_doc(d);
	struct object *old = find(o, key);

	if (old) {
		clear(old);
		*old = (struct object){ key, d };
		return;
	}
	mem_grow(o->v, o->n, o->cap);
	o->v[o->n++] = (struct object){ key, d };
}

static bool is_list(const struct doc *d)
{
	const char *kind = string_at(d, "kind");
	const struct doc *items = doc_get(d, "items");
	size_t len = kind ? strlen(kind) : 0;

	return len >= 4 && !strcmp(kind + len - 4, "List") && items && items->type == DOC_SEQ;
}

static void set_string(struct doc *map, const char *key, const char *s, size_t len)
{
	struct doc *value;

	if (map->type != DOC_MAP || !s || string_at(map, key))
		return;
	value = mem_new(struct doc);
	*value = (struct doc){ .type = DOC_STRING, .line = map->line };
	value->string.s = mem_strndup(s, len);
	value->string.len = len;
	map->map.v = mem_resize(map->map.v, map->map.n + 1, sizeof(*map->map.v));
	map->map.v[map->map.n++] = (struct doc_pair){ mem_strdup(key), map->line, value };
}

/* Items of a PodList need not say that they are Pods of v1: the list does. */
static void name_kind(struct doc *item, const struct doc *list)
{
	const char *kind = string_at(list, "kind"), *version = string_at(list, "apiVersion");
	size_t len = strlen(kind) - strlen("List");

	if (!len)
		return;
	set_string(item, "kind", kind, len);
	set_string(item, "apiVersion", version, version ? strlen(version) : 0);
}

static void take(void *ctx, struct doc *d)
{
	struct doc *items;

	if (!is_list(d)) {
		put(ctx, d);
		return;
	}
	items = (struct doc *)doc_get(d, "items");
	for (size_t i = 0; i < items->seq.n; i++) {
		name_kind(items->seq.v[i], d);
		put(ctx, items->seq.v[i]);
	}
	items->seq.n = 0;
	doc_free(d);
}

static int told(struct diags *diags, struct err *err)
{
	char *text = diags->n ? diag_format(&diags->v[0]) : NULL;
	int rc = 0;

	if (text)
		rc = err_set(err, "%s", text);
	free(text);
	diags_free(diags);
	return rc;
}

static void discard(void *ctx, struct meta *obj)
{
	model_object_free(obj);
}

struct checking {
	struct model *model;
	struct diags diags;
	const char *file;
};

static void check(void *ctx, struct doc *d)
{
	struct checking *c = ctx;

	model_decode(c->model, d, c->file, &c->diags, discard, NULL);
	doc_free(d);
}

/* Mistakes are told by their file and line, which are lost once the documents are. */
static int check_text(const struct text *t, const char *file, struct err *err)
{
	struct checking c = { .model = model_new(), .file = file };

	doc_parse_yaml(t->s ? t->s : "", t->len, file, &c.diags, check, &c);
	model_free(c.model);
	return told(&c.diags, err);
}

int objects_apply(struct objects *o, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	struct diags diags = {};
	struct text t = {};
	int rc = text_read(&t, path, err);

	if (!rc)
		rc = check_text(&t, file, err);
	if (!rc && t.s) {
		doc_parse_yaml(t.s, t.len, file, &diags, take, o);
		rc = told(&diags, err);
	}
	text_free(&t);
	return rc;
}

static int delete_line(struct objects *o, char *line, struct err *err)
{
	char *tab = strchr(line, '\t'), *name, *slash, *key;
	struct object *obj;

	if (!tab)
		return err_set(err, "\"%s\" is not Kind<TAB>namespace/name", line);
	*tab = '\0';
	name = tab + 1;
	slash = strchr(name, '/');
	if (slash)
		*slash++ = '\0';
	key = key_of(line, slash ? name : NULL, slash ? slash : name);
	obj = find(o, key);
	if (!obj)
		err_set(err, "%s can't be deleted: it is not there", key);
	free(key);
	if (!obj)
		return -1;
	clear(obj);
	memmove(obj, obj + 1, (&o->v[--o->n] - obj) * sizeof(*obj));
	return 0;
}

int objects_delete(struct objects *o, const char *path, struct err *err)
{
	struct text t = {};
	int rc = text_read(&t, path, err);
	char *next = t.s, *line;

	while (!rc && next && (line = strsep(&next, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		if (*line && *line != '#' && delete_line(o, line, err))
			rc = err_prefix(err, "delete.txt");
	}
	text_free(&t);
	return rc;
}

void objects_write(const struct objects *o, struct text *out)
{
	for (size_t i = 0; i < o->n; i++) {
		text_doc(out, o->v[i].doc);
		text_printf(out, "\n---\n");
	}
}

static void keep(void *ctx, struct meta *obj)
{
	model_put(ctx, obj);
}

struct model *objects_model(const struct objects *o, struct err *err)
{
	struct model *m = model_new();
	struct diags diags = {};

	for (size_t i = 0; i < o->n; i++)
		model_decode(m, o->v[i].doc, NULL, &diags, keep, m);
	if (!told(&diags, err))
		return m;
	model_free(m);
	return NULL;
}
