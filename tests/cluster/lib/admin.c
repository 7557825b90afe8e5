// SPDX-License-Identifier: GPL-2.0
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "admin.h"
#include "base/mem.h"
#include "kube/config.h"
#include "kube/http.h"

#define JSON "application/json"
#define PATIENCE_MS 60000

struct admin {
	char *dir;
	struct kube_config config;
	CURL *curl;		/* kept for its connection */
};

static const struct {
	const char *group, *plural;
} apis[KINDS] = {
	[KIND_NAMESPACE] = { "api/v1", "namespaces" },
	[KIND_NODE] = { "api/v1", "nodes" },
	[KIND_POD] = { "api/v1", "pods" },
	[KIND_NETWORKPOLICY] = { "apis/networking.k8s.io/v1", "networkpolicies" },
	[KIND_SERVICE] = { "api/v1", "services" },
	[KIND_ENDPOINTSLICE] = { "apis/discovery.k8s.io/v1", "endpointslices" },
	[KIND_INGRESS] = { "apis/networking.k8s.io/v1", "ingresses" },
	[KIND_INGRESSCLASS] = { "apis/networking.k8s.io/v1", "ingressclasses" },
	[KIND_SECRET] = { "api/v1", "secrets" },
};

char *admin_collection(enum kind kind, const char *ns)
{
	if (!kind_namespaced(kind) || !*ns)
		return mem_printf("/%s/%s", apis[kind].group, apis[kind].plural);
	return mem_printf("/%s/namespaces/%s/%s", apis[kind].group, ns, apis[kind].plural);
}

static int run_server(const char *dir, const char *verb, const char *etcd)
{
	const char *server = getenv("CLUSTER_SERVER");	/* who runs it, where it runs elsewhere */
	char *cmd = mem_printf("%s%s %s %s %s", etcd ? "ETCD=" : "", etcd ? etcd : "",
			       server ? server : "tests/cluster/server", verb, dir);
	int ret = system(cmd);

	free(cmd);
	return ret;
}

void admin_server(struct admin *a, const char *verb)
{
	if (run_server(a->dir, verb, NULL))
		fail_msg("server %s", verb);
}

struct admin *admin_join(const char *dir, const char *kubeconfig)
{
	struct admin *a = mem_new(struct admin);
	char *path = mem_printf("%s/%s", dir, kubeconfig);
	struct kube_options o = { .kubeconfig = path };
	struct err err;

	if (kube_config_load(&a->config, &o, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		free(a);
		a = NULL;
	} else {
		a->dir = mem_strdup(dir);
		a->curl = curl_easy_init();
	}
	free(path);
	return a;
}

struct admin *admin_start(const char *dir, const char *etcd)
{
	struct admin *a = run_server(dir, "up", etcd) ? NULL : admin_join(dir, "admin.kubeconfig");

	if (!a)
		run_server(dir, "down", NULL);
	return a;
}

void admin_leave(struct admin *a)
{
	if (!a)
		return;
	curl_easy_cleanup(a->curl);
	kube_config_free(&a->config);
	free(a->dir);
	free(a);
}

void admin_stop(struct admin *a)
{
	if (!a)
		return;
	run_server(a->dir, "down", NULL);
	admin_leave(a);
}

const char *admin_dir(const struct admin *a)
{
	return a->dir;
}

const char *admin_url(const struct admin *a)
{
	return a->config.server;
}

/* One try; 0: there was no answer. */
static long perform(struct admin *a, const char *url, const char *method, const char *body, struct curl_slist *headers,
		    FILE *f)
{
	char why[CURL_ERROR_SIZE] = "";
	long status = 0;

	curl_easy_reset(a->curl);
	curl_easy_setopt(a->curl, CURLOPT_URL, url);
	curl_easy_setopt(a->curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(a->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(a->curl, CURLOPT_CAINFO, a->config.ca.path);
	curl_easy_setopt(a->curl, CURLOPT_SSLCERT, a->config.cert.path);
	curl_easy_setopt(a->curl, CURLOPT_SSLKEY, a->config.key.path);
	curl_easy_setopt(a->curl, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(a->curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(a->curl, CURLOPT_ERRORBUFFER, why);
	if (body)
		curl_easy_setopt(a->curl, CURLOPT_POSTFIELDS, body);
	if (curl_easy_perform(a->curl))
		fprintf(stderr, "%s %s: %s\n", method, url, why);
	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/*
 * What clients try again: the server is busy or not ready yet, or still thinks of a namespace that was made
 * anew as the one that is going.
 */
static bool wants_patience(long status, const char *answer)
{
	return status == 429 || status == 503 || status == 504 ||
	       (status == 403 && strstr(answer, "NamespaceTerminating"));
}

long admin_call(struct admin *a, const char *method, const char *path, const char *type, const char *body, char **out)
{
	char *url = mem_printf("%s%s", a->config.server, path), *header = mem_printf("Content-Type: %s", type ? type : JSON);
	struct curl_slist *headers = curl_slist_append(NULL, header);
	uint64_t end = kube_now_ms() + PATIENCE_MS;
	char *text = NULL;
	long status;

	for (;;) {
		size_t len;
		FILE *f = open_memstream(&text, &len);

		status = perform(a, url, method, body, headers, f);
		fclose(f);
		if (!wants_patience(status, text) || kube_now_ms() > end)
			break;
		free(text);
		usleep(100000);
	}
	curl_slist_free_all(headers);
	free(header);
	free(url);
	if (out)
		*out = text;
	else
		free(text);
	return status;
}

static const char *text_of(const struct doc *d, const char *key)
{
	const struct doc *v = doc_get(d, key);

	return v && v->type == DOC_STRING ? v->string.s : "";
}

static void must(long status, const char *what, const char *path, char *answer)
{
	if (status < 200 || status > 299)
		fail_msg("%s %s: HTTP %ld %s", what, path, status, answer);
	free(answer);
}

/* The API takes an object's status by another door. */
static void put_status(struct admin *a, const struct doc *d, const char *object, const char *json)
{
	char *path, *answer;
	long code;

	if (!doc_get(d, "status"))
		return;
	path = mem_printf("%s/status", object);
	code = admin_call(a, "PUT", path, JSON, json, &answer);
	must(code, "PUT", path, answer);
	free(path);
}

static void put_object(struct admin *a, const char *at, const char *object, const char *json)
{
	char *answer, *old = NULL;
	long code = admin_call(a, "POST", at, JSON, json, &answer);

	if (code == 409) {	/* it is there: replace it */
		free(answer);
		code = admin_call(a, "PUT", object, JSON, json, &answer);
	}
	if (code == 422) {	/* what can't be changed is made anew */
		free(answer);
		admin_call(a, "DELETE", object, JSON, "{\"gracePeriodSeconds\":0}", &old);
		free(old);
		code = admin_call(a, "POST", at, JSON, json, &answer);
	}
	must(code, "apply", object, answer);
}

void admin_apply(struct admin *a, const struct doc *d)
{
	const struct doc *meta = doc_get(d, "metadata");
	char *at, *object, *json = admin_json(d);
	enum kind kind;

	if (!kind_parse(text_of(d, "kind"), &kind))
		fail_msg("kind %s is none of ours", text_of(d, "kind"));
	at = admin_collection(kind, text_of(meta, "namespace"));
	object = mem_printf("%s/%s", at, text_of(meta, "name"));
	put_object(a, at, object, json);
	put_status(a, d, object, json);
	free(object);
	free(at);
	free(json);
}

struct pass {
	struct admin *admin;
	bool namespaces;
};

static void apply_in_pass(void *ctx, struct doc *d)
{
	struct pass *p = ctx;

	if (d->type == DOC_MAP && !strcmp(text_of(d, "kind"), "Namespace") == p->namespaces)
		admin_apply(p->admin, d);
	doc_free(d);
}

void admin_apply_text(struct admin *a, const char *text, size_t len)
{
	struct diags diags = { 0 };

	for (int pass = 1; pass >= 0; pass--)
		if (doc_parse_yaml(text, len, "", &diags, apply_in_pass, &(struct pass){ a, pass }))
			fail_msg("no YAML: %s", text);
	diags_free(&diags);
}

void admin_apply_file(struct admin *a, const char *path)
{
	struct err err;
	size_t len;
	char *text = kube_read_file(path, &len, &err);

	if (!text)
		fail_msg("%s", err.msg);
	admin_apply_text(a, text, len);
	free(text);
}

static void call(struct admin *a, const char *method, const char *path, const char *body)
{
	char *answer;
	long code = admin_call(a, method, path, JSON, body, &answer);

	must(code, method, path, answer);
}

/* There is no namespace controller here: do what it does. */
static void delete_namespace(struct admin *a, const char *name)
{
	char *path, *body = mem_printf("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"},\"spec\":{\"finalizers\":[]}}", name);

	for (int k = 0; k < KINDS; k++) {
		if (!kind_namespaced(k))
			continue;
		path = admin_collection(k, name);
		call(a, "DELETE", path, "{\"gracePeriodSeconds\":0}");
		free(path);
	}
	path = mem_printf("/api/v1/namespaces/%s/finalize", name);
	call(a, "PUT", path, body);
	free(path);
	free(body);
}

void admin_delete(struct admin *a, enum kind kind, const char *ns, const char *name)
{
	char *at = admin_collection(kind, ns), *path = mem_printf("%s/%s", at, name);

	call(a, "DELETE", path, "{\"gracePeriodSeconds\":0}");
	if (kind == KIND_NAMESPACE)
		delete_namespace(a, name);
	free(path);
	free(at);
}

/* The server's own, and the controller's. */
static bool is_kept(enum kind kind, const char *ns, const char *name)
{
	if (kind == KIND_NAMESPACE)
		return !strcmp(name, "default") || !strcmp(name, "stockade") || !strncmp(name, "kube-", 5);
	return !strcmp(ns, "default") && !strcmp(name, "kubernetes");
}

static void clear_kind(struct admin *a, enum kind kind)
{
	char *path = admin_collection(kind, ""), *out;
	const char *why;
	const struct doc *items;
	struct doc *list;

	admin_call(a, "GET", path, NULL, NULL, &out);
	list = doc_parse_json(out, strlen(out), &why);
	items = doc_get(list, "items");
	for (size_t i = 0; items && items->type == DOC_SEQ && i < items->seq.n; i++) {
		const struct doc *meta = doc_get(items->seq.v[i], "metadata");
		const char *ns = text_of(meta, "namespace"), *name = text_of(meta, "name");

		if (!is_kept(kind, ns, name))
			admin_delete(a, kind, ns, name);
	}
	doc_free(list);
	free(out);
	free(path);
}

void admin_clear(struct admin *a)
{
	/* Namespaces last: some are kept, without what the cases put in. */
	for (int k = 0; k < KINDS; k++)
		if (k != KIND_NAMESPACE)
			clear_kind(a, k);
	clear_kind(a, KIND_NAMESPACE);
}

char *admin_token(struct admin *a, const char *ns, const char *account, unsigned seconds)
{
	char *path = mem_printf("/api/v1/namespaces/%s/serviceaccounts/%s/token", ns, account), *out, *token;
	char *body = mem_printf("{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{\"expirationSeconds\":%u}}", seconds);
	long code = admin_call(a, "POST", path, JSON, body, &out);
	const char *why;
	struct doc *d;

	if (code != 201)
		fail_msg("token of %s/%s: HTTP %ld %s", ns, account, code, out);
	d = doc_parse_json(out, strlen(out), &why);
	token = mem_strdup(text_of(doc_get(d, "status"), "token"));
	doc_free(d);
	free(out);
	free(body);
	free(path);
	return token;
}
