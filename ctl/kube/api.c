// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "api.h"

/*
 * A pod that finished has an address that may be another's already, and neither is judged nor
 * matched; left out, it costs nothing, and its end comes as a deletion.
 */
#define LIVE_PODS "&fieldSelector=status.phase!%3DSucceeded%2Cstatus.phase!%3DFailed"
#define TLS_SECRETS "&fieldSelector=type%3Dkubernetes.io%2Ftls"

static const struct {
	const char *version, *path, *filter;
} resources[KINDS] = {
	[KIND_NAMESPACE] = { "v1", "/api/v1/namespaces", "" },
	[KIND_NODE] = { "v1", "/api/v1/nodes", "" },
	[KIND_POD] = { "v1", "/api/v1/pods", LIVE_PODS },
	[KIND_NETWORKPOLICY] = { "networking.k8s.io/v1", "/apis/networking.k8s.io/v1/networkpolicies", "" },
	[KIND_SERVICE] = { "v1", "/api/v1/services", "" },
	[KIND_ENDPOINTSLICE] = { "discovery.k8s.io/v1", "/apis/discovery.k8s.io/v1/endpointslices", "" },
	[KIND_INGRESS] = { "networking.k8s.io/v1", "/apis/networking.k8s.io/v1/ingresses", "" },
	[KIND_INGRESSCLASS] = { "networking.k8s.io/v1", "/apis/networking.k8s.io/v1/ingressclasses", "" },
	[KIND_SECRET] = { "v1", "/api/v1/secrets", TLS_SECRETS },
};

const char *kube_api_version(enum kind kind)
{
	return resources[kind].version;
}

/* Percent-encodes all but what RFC 3986 calls unreserved; malloc'ed. */
static char *escape(const char *s)
{
	char *out = mem_array(strlen(s) * 3 + 1, 1), *o = out;

	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			*o++ = *s;
		else
			o += sprintf(o, "%%%02X", (unsigned char)*s);
	}
	return out;
}

static char *list_path(const struct kube_query *q, const char *path, const char *filter)
{
	char *cont = escape(q->cont ? q->cont : "");
	char *out = mem_printf("%s?limit=%u%s%s%s", path, q->limit, *cont ? "&continue=" : "", cont, filter);

	free(cont);
	return out;
}

char *kube_api_path(const struct kube_query *q)
{
	const char *path = resources[q->kind].path, *filter = resources[q->kind].filter;
	char *rv, *out;

	if (!q->watch)
		return list_path(q, path, filter);
	if (q->initial_events)
		return mem_printf("%s?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
				  "&allowWatchBookmarks=true&timeoutSeconds=%u%s", path, q->timeout_s, filter);
	rv = escape(q->resource_version);
	out = mem_printf("%s?watch=true&resourceVersion=%s&allowWatchBookmarks=true&timeoutSeconds=%u%s",
			 path, rv, q->timeout_s, filter);
	free(rv);
	return out;
}

static const char *string_of(const struct doc *d)
{
	return d && d->type == DOC_STRING && d->string.len ? d->string.s : NULL;
}

const char *kube_api_resource_version(const struct doc *obj)
{
	return string_of(doc_get(doc_get(obj, "metadata"), "resourceVersion"));
}

const char *kube_api_continue(const struct doc *list)
{
	return string_of(doc_get(doc_get(list, "metadata"), "continue"));
}

bool kube_api_ends_initial_events(const struct doc *bookmark)
{
	const struct doc *a = doc_get(doc_get(bookmark, "metadata"), "annotations");
	const char *ends = string_of(doc_get(a, "k8s.io/initial-events-end"));

	return ends && !strcmp(ends, "true");
}

int kube_api_status(const struct doc *status, const char **message)
{
	const struct doc *code = doc_get(status, "code");
	const char *text = string_of(doc_get(status, "message"));

	*message = text ? text : "";
	return code && code->type == DOC_INT && code->integer > 0 && code->integer < 1000 ? code->integer : 0;
}
