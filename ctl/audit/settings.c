// SPDX-License-Identifier: GPL-2.0
/* Labels and annotations of ours: values nobody can read, and keys that say nothing where they are. */
#include <string.h>

#include "ctx.h"

#define PREFIX "stockade.io/"
#define IGNORE "stockade.io/audit-ignore."

/* Where each says something. */
static const struct setting {
	const char *key;
	enum kind kind;
	bool label;
} settings[] = {
	{ "stockade.io/perimeter", KIND_NAMESPACE, true },
	{ "stockade.io/gateway", KIND_INGRESSCLASS, false },
	{ "stockade.io/gateway-reach", KIND_INGRESSCLASS, false },
	{ "stockade.io/require-tls", KIND_INGRESSCLASS, false },
};

static const struct setting *find(const char *key)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (!strcmp(settings[i].key, key))
			return &settings[i];
	return NULL;
}

static bool is_finding(const char *id)
{
	for (int i = 0; i < AUDIT_RULES; i++)
		if (!strcmp(audit_rules[i].id, id))
			return true;
	return false;
}

static void check_key(struct audit_ctx *c, const struct meta *obj, const char *key, bool label)
{
	const struct setting *s = find(key);
	const char *word = label ? "label" : "annotation";

	if (!label && !strncmp(key, IGNORE, strlen(IGNORE))) {
		if (!is_finding(key + strlen(IGNORE)))
			audit_add(c, AUDIT_SETTING_UNREADABLE, obj, NULL,
				  "annotation %s names no kind of finding, so it suppresses nothing.", key);
	} else if (!s) {
		audit_add(c, AUDIT_SETTING_UNREADABLE, obj, NULL,
			  "%s %s is none that Stockade knows: it says nothing.", word, key);
	} else if (s->kind != obj->kind || s->label != label) {
		audit_add(c, AUDIT_SETTING_UNREADABLE, obj, NULL, "%s %s says nothing here: it is a%s of a%s %s.", word,
			  key, s->label ? " label" : "n annotation", s->kind == KIND_INGRESSCLASS ? "n" : "",
			  kind_name(s->kind));
	}
}

static void check_keys(struct audit_ctx *c, const struct meta *obj, const struct labels *l, bool label)
{
	for (unsigned i = 0; i < l->n; i++)
		if (!strncmp(l->v[i].key, PREFIX, strlen(PREFIX)))
			check_key(c, obj, l->v[i].key, label);
}

static void check_mode(struct audit_ctx *c, const struct meta *ns)
{
	const char *mode = labels_get(&ns->labels, "stockade.io/perimeter");

	if (mode && !namespace_mode_is_known(mode))
		audit_add_as(c, AUDIT_SETTING_UNREADABLE, SEVERITY_ERROR, ns, NULL,
			     "label stockade.io/perimeter of namespace %s is \"%s\", which is none of off, audit, enforce: the controller's flag decides.",
			     ns->name, mode);
}

static void check_class(struct audit_ctx *c, const struct ingressclass *ic)
{
	const char *gateway = labels_get(&ic->meta.annotations, "stockade.io/gateway");
	const char *tls = labels_get(&ic->meta.annotations, "stockade.io/require-tls");

	if (gateway && !ic->gateway)
		audit_add_as(c, AUDIT_SETTING_UNREADABLE, SEVERITY_ERROR, &ic->meta, NULL,
			     "annotation stockade.io/gateway of IngressClass %s is \"%s\", not NAMESPACE/LABEL-SELECTOR: no pod is held to what is declared.",
			     ic->meta.name, gateway);
	if (ic->reach_unreadable)
		audit_add_as(c, AUDIT_SETTING_UNREADABLE, SEVERITY_ERROR, &ic->meta, NULL,
			     "annotation stockade.io/gateway-reach of IngressClass %s has members that are not NAMESPACE/LABEL-SELECTOR: the gateway may not reach them.",
			     ic->meta.name);
	if (tls && strcmp(tls, "true") && strcmp(tls, "false"))
		audit_add_as(c, AUDIT_SETTING_UNREADABLE, SEVERITY_ERROR, &ic->meta, NULL,
			     "annotation stockade.io/require-tls of IngressClass %s is \"%s\", neither \"true\" nor \"false\": TLS is required.",
			     ic->meta.name, tls);
}

void audit_settings(struct audit_ctx *c)
{
	const struct ingressclass *ic;
	const struct meta *obj;

	for (enum kind k = 0; k < KINDS; k++) {
		for_each(c->m, k, obj) {
			check_keys(c, obj, &obj->annotations, false);
			check_keys(c, obj, &obj->labels, true);
		}
	}
	for_each(c->m, KIND_NAMESPACE, obj)
		check_mode(c, obj);
	for_each(c->m, KIND_INGRESSCLASS, ic)
		check_class(c, ic);
}
