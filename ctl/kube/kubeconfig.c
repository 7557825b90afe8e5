// SPDX-License-Identifier: GPL-2.0
/* The kubeconfig file: which of its lists' entries count, and what they say. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/diag.h"
#include "../base/doc.h"
#include "../base/mem.h"
#include "config.h"

#define FILES_MAX 16

struct file {
	char *path;
	struct doc *doc;
};
struct files {
	struct file v[FILES_MAX];
	size_t n;
};

/* One entry of clusters, users or contexts, and the file it is from. */
struct entry {
	const struct file *file;
	const char *list, *name;
	const struct doc *doc;
};

static void files_free(struct files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		doc_free(f->v[i].doc);
	}
}

/* A kubeconfig is one document; of several, the first counts, as kubectl has it. */
static void take_document(void *ctx, struct doc *d)
{
	struct doc **first = ctx;

	if (*first)
		doc_free(d);
	else
		*first = d;
}

static int parse_file(struct file *f, struct err *err)
{
	struct diags diags = { 0 };
	size_t len;
	char *text = kube_read_file(f->path, &len, err), *why;
	int ret;

	if (!text)
		return -1;
	ret = doc_parse_yaml(text, len, f->path, &diags, take_document, &f->doc);
	free(text);
	if (ret) {
		why = diags.n ? diag_format(&diags.v[0]) : mem_strdup("no YAML");
		err_set(err, "%s", why);
		free(why);
	} else if (f->doc && f->doc->type != DOC_MAP) {
		ret = err_set(err, "%s: no kubeconfig: not a map", f->path);
	}
	diags_free(&diags);
	return ret;
}

/* Of a list, files that are not there are passed over; one path alone must be there. */
static int files_load(struct files *f, const char *paths, struct err *err)
{
	bool several = strchr(paths, ':');

	while (*paths) {
		size_t n = strcspn(paths, ":");
		char *path = mem_strndup(paths, n);

		paths += n + (paths[n] == ':');
		if (!n || (several && access(path, F_OK))) {
			free(path);
			continue;
		}
		if (f->n == FILES_MAX) {
			free(path);
			return err_set(err, "more than %d kubeconfig files", FILES_MAX);
		}
		f->v[f->n].path = path;
		if (parse_file(&f->v[f->n++], err))
			return -1;
	}
	return f->n ? 0 : err_set(err, "none of the kubeconfig files exists");
}

static const char *text(const struct doc *d, const char *key)
{
	const struct doc *v = doc_get(d, key);

	return v && v->type == DOC_STRING && v->string.len ? v->string.s : NULL;
}

static bool is_true(const struct doc *d, const char *key)
{
	const struct doc *v = doc_get(d, key);

	return v && v->type == DOC_BOOL && v->boolean;
}

static int find_entry(struct entry *e, const struct files *f, const char *list, const char *member,
		      const char *name, struct err *err)
{
	*e = (struct entry){ .list = list, .name = name };
	for (size_t i = 0; i < f->n; i++) {
		const struct doc *v = doc_get(f->v[i].doc, list);

		for (size_t j = 0; v && v->type == DOC_SEQ && j < v->seq.n; j++) {
			const char *has = text(v->seq.v[j], "name");

			if (!has || strcmp(has, name))
				continue;
			e->file = &f->v[i];
			e->doc = doc_get(v->seq.v[j], member);
			if (e->doc)
				return 0;
			return err_set(err, "%s: %s \"%s\" has no \"%s\"", e->file->path, list, name, member);
		}
	}
	return err_set(err, "%s: there is nothing named \"%s\" in \"%s\"", f->v[0].path, name, list);
}

static int entry_error(const struct entry *e, const char *what, struct err *err)
{
	return err_set(err, "%s: %s \"%s\": %s", e->file->path, e->list, e->name, what);
}

/* Paths in a kubeconfig are relative to it. */
static char *resolve(const struct entry *e, const char *path)
{
	const char *slash = strrchr(e->file->path, '/');

	if (!path || *path == '/' || !slash)
		return path ? mem_strdup(path) : NULL;
	return mem_printf("%.*s/%s", (int)(slash - e->file->path), e->file->path, path);
}

static int decode_base64(struct kube_pem *p, const char *s)
{
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	int n = 0, tail = 0, bad;

	p->data = mem_array(strlen(s) + 1, 1);
	EVP_DecodeInit(ctx);
	bad = EVP_DecodeUpdate(ctx, (unsigned char *)p->data, &n, (const unsigned char *)s, strlen(s)) < 0 ||
	      EVP_DecodeFinal(ctx, (unsigned char *)p->data + n, &tail) < 0;
	EVP_ENCODE_CTX_free(ctx);
	p->len = n + tail;
	return bad || !p->len ? -1 : 0;
}

/* @key-data, else @key. */
static int take_pem(struct kube_pem *p, const struct entry *e, const char *key, struct err *err)
{
	char *data_key = mem_printf("%s-data", key), *what;
	const char *data = text(e->doc, data_key);
	int ret = 0;

	if (!data) {
		p->path = resolve(e, text(e->doc, key));
		if (p->path && access(p->path, R_OK))
			ret = err_set(err, "%s: %s: %s", e->file->path, p->path, strerror(errno));
	} else if (decode_base64(p, data)) {
		what = mem_printf("%s is not base64", data_key);
		ret = entry_error(e, what, err);
		free(what);
	}
	free(data_key);
	return ret;
}

static int take_cluster(struct kube_config *c, const struct entry *e, struct err *err)
{
	const char *server = text(e->doc, "server"), *name = text(e->doc, "tls-server-name");
	const char *proxy = text(e->doc, "proxy-url");

	if (!server)
		return entry_error(e, "no server", err);
	c->server = mem_strdup(server);
	c->tls_server_name = name ? mem_strdup(name) : NULL;
	c->proxy = proxy ? mem_strdup(proxy) : NULL;
	c->insecure = is_true(e->doc, "insecure-skip-tls-verify");
	return take_pem(&c->ca, e, "certificate-authority", err);
}

static const struct {
	const char *key, *why;
} refused[] = {
	{ "exec", "exec plugins are not run by a controller: use a token, a tokenFile or a client certificate" },
	{ "auth-provider", "auth-provider plugins are not supported: use a token, a tokenFile or a client certificate" },
	{ "username", "user name and password are not supported, by the API server neither" },
	{ "as", "impersonation is not supported" },
};

static int take_user(struct kube_config *c, const struct entry *e, struct err *err)
{
	const char *token = text(e->doc, "token"), *file = text(e->doc, "tokenFile");

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (doc_get(e->doc, refused[i].key))
			return entry_error(e, refused[i].why, err);
	/* tokenFile takes precedence over token, as in kubectl. */
	c->token_file = resolve(e, file);
	c->token = token && !file ? mem_strdup(token) : NULL;
	if (c->token_file && access(c->token_file, R_OK))
		return err_set(err, "%s: %s: %s", e->file->path, c->token_file, strerror(errno));
	if (take_pem(&c->cert, e, "client-certificate", err))
		return -1;
	return take_pem(&c->key, e, "client-key", err);
}

static const char *current_context(const struct files *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (text(f->v[i].doc, "current-context"))
			return text(f->v[i].doc, "current-context");
	return NULL;
}

static int take(struct kube_config *c, const struct files *f, const char *context, struct err *err)
{
	const char *cluster, *user;
	struct entry e;

	if (!context)
		context = current_context(f);
	if (!context)
		return err_set(err, "%s: no current-context, and no --context given", f->v[0].path);
	if (find_entry(&e, f, "contexts", "context", context, err))
		return -1;
	cluster = text(e.doc, "cluster");
	user = text(e.doc, "user");
	if (!cluster)
		return entry_error(&e, "no cluster", err);
	if (find_entry(&e, f, "clusters", "cluster", cluster, err) || take_cluster(c, &e, err))
		return -1;
	if (!user)
		return 0;
	if (find_entry(&e, f, "users", "user", user, err))
		return -1;
	return take_user(c, &e, err);
}

int kube_kubeconfig_load(struct kube_config *c, const char *paths, const char *context, struct err *err)
{
	struct files f = { 0 };
	int ret = files_load(&f, paths, err);

	if (!ret)
		ret = take(c, &f, context, err);
	files_free(&f);
	return ret;
}
