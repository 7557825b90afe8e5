// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include "oracle.h"
#include "oracle_priv.h"

static const char *label(const struct labels *l, const char *key)
{
	for (unsigned i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].key, key))
			return l->v[i].value;
	return NULL;
}

static bool among(const struct requirement *q, const char *value)
{
	for (unsigned i = 0; i < q->n_values; i++)
		if (!strcmp(q->values[i], value))
			return true;
	return false;
}

bool oracle_selects(const struct selector *s, const struct labels *l)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct requirement *q = &s->v[i];
		const char *value = label(l, q->key);

		if (q->op == SELECTOR_IN && !(value && among(q, value)))
			return false;
		if (q->op == SELECTOR_NOT_IN && value && among(q, value))
			return false;
		if (q->op == SELECTOR_EXISTS && !value)
			return false;
		if (q->op == SELECTOR_DOES_NOT_EXIST && value)
			return false;
	}
	return true;
}

static bool v4(const struct ip *ip)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return !memcmp(ip->b, mapped, 12);
}

/* Bit by bit. */
bool oracle_in_cidr(const struct cidr *c, const struct ip *ip)
{
	if ((v4(&c->ip) && c->prefix >= 96) != v4(ip))
		return false;
	for (int i = 0; i < c->prefix; i++)
		if ((c->ip.b[i / 8] ^ ip->b[i / 8]) & (0x80 >> i % 8))
			return false;
	return true;
}

/* The labels the API server gives a namespace, whether or not it is in the model. */
static const struct labels *labels_of_namespace(const struct oracle *o, const char *ns, struct labels *room,
						struct label *one)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_NAMESPACE, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i]->name, ns))
			return &v[i]->labels;
	*one = (struct label){ "kubernetes.io/metadata.name", ns };
	*room = (struct labels){ one, 1 };
	return room;
}

static bool has(const struct ip *v, unsigned n, const struct ip *ip)
{
	for (unsigned i = 0; i < n; i++)
		if (!memcmp(v[i].b, ip->b, 16))
			return true;
	return false;
}

static bool live(const struct pod *p)
{
	return p->n_ips && !p->host_network && !p->finished;
}

static bool better(const struct pod *a, const struct pod *b)
{
	int c = strcmp(a->meta.ns, b->meta.ns);

	if (!*a->node != !*b->node)
		return *a->node;
	if (a->ready != b->ready)
		return a->ready;
	return c ? c < 0 : strcmp(a->meta.name, b->meta.name) < 0;
}

const struct pod *oracle_pod_at(const struct oracle *o, const struct ip *ip)
{
	const struct pod *best = NULL;
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_POD, &n);

	for (size_t i = 0; i < n; i++) {
		const struct pod *p = (const void *)v[i];

		if (live(p) && has(p->ips, p->n_ips, ip) && (!best || better(p, best)))
			best = p;
	}
	return best;
}

/* An address of the node called @name, or of any with NULL. */
static bool node_has(const struct oracle *o, const char *name, const struct ip *ip)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = (const void *)v[i];

		if ((!name || !strcmp(node->meta.name, name)) && has(node->addresses, node->n_addresses, ip))
			return true;
	}
	return false;
}

static bool in_own_cidrs(const struct oracle *o, const struct ip *ip)
{
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_NODE, &n);

	for (size_t i = 0; i < n; i++) {
		const struct node *node = (const void *)v[i];

		for (unsigned k = 0; k < node->n_pod_cidrs; k++)
			if (!strcmp(node->meta.name, o->options->node) && oracle_in_cidr(&node->pod_cidrs[k], ip))
				return true;
	}
	return false;
}

bool oracle_inside(const struct oracle *o, const struct ip *ip)
{
	return oracle_pod_at(o, ip) || node_has(o, NULL, ip);
}

/* The pod an address stands for on this node; the node's own addresses are its own. */
const struct pod *oracle_peer_pod(const struct oracle *o, const struct ip *ip)
{
	return node_has(o, o->options->node, ip) ? NULL : oracle_pod_at(o, ip);
}

static bool peer_matches(const struct oracle *o, const struct policy_peer *peer, const char *ns, const struct ip *ip)
{
	const struct pod *p = oracle_peer_pod(o, ip);
	struct labels room;
	struct label one;

	if (peer->is_block) {
		for (unsigned i = 0; i < peer->n_except; i++)
			if (oracle_in_cidr(&peer->except[i], ip))
				return false;
		return oracle_in_cidr(&peer->cidr, ip);
	}
	if (!p)
		return false;
	if (peer->namespace_selector) {
		if (!oracle_selects(peer->namespace_selector, labels_of_namespace(o, p->meta.ns, &room, &one)))
			return false;
	} else if (strcmp(p->meta.ns, ns)) {
		return false;
	}
	return !peer->pod_selector || oracle_selects(peer->pod_selector, &p->meta.labels);
}

static bool port_matches(const struct oracle *o, const struct policy_port *q, const struct oracle_flow *f)
{
	const struct pod *p;

	if (q->proto != f->proto)
		return false;
	if (q->any)
		return true;
	if (!q->name)
		return f->port >= q->port && f->port <= q->end_port;
	p = oracle_peer_pod(o, &f->target);
	for (unsigned i = 0; p && i < p->n_ports; i++)
		if (!strcmp(p->ports[i].name, q->name) && p->ports[i].proto == f->proto && p->ports[i].port == f->port)
			return true;
	return false;
}

static bool rule_matches(const struct oracle *o, const struct policy_rule *r, const char *ns,
			 const struct oracle_flow *f, const struct ip *peer)
{
	bool from = !r->n_peers, ports = !r->n_ports;

	for (unsigned i = 0; i < r->n_peers; i++)
		from |= peer_matches(o, &r->peers[i], ns, peer);
	for (unsigned i = 0; i < r->n_ports; i++)
		ports |= port_matches(o, &r->ports[i], f);
	return from && ports;
}

/* The tier of NetworkPolicy: false: denied.  Names the rule; *isolated tells whether any policy isolates. */
static bool policy_allows(const struct oracle *o, const struct pod *subject, const struct oracle_flow *f,
			  enum stockade_door door, struct oracle_answer *out, bool *isolated)
{
	bool in = door == STOCKADE_DOOR_INGRESS;
	const char *way = in ? "ingress" : "egress";
	size_t n;
	const struct meta *const *v = model_list(o->model, KIND_NETWORKPOLICY, &n);

	*isolated = false;
	for (size_t i = 0; i < n; i++) {
		const struct networkpolicy *np = (const void *)v[i];

		if (strcmp(np->meta.ns, subject->meta.ns) || !(in ? np->isolates_ingress : np->isolates_egress) ||
		    !oracle_selects(&np->pod_selector, &subject->meta.labels))
			continue;
		if (!*isolated)
			snprintf(out->rule, sizeof(out->rule), "NetworkPolicy %s/%s isolates %s",
				 np->meta.ns, np->meta.name, way);
		*isolated = true;
		for (unsigned k = 0; k < (in ? np->n_ingress : np->n_egress); k++)
			if (rule_matches(o, in ? &np->ingress[k] : &np->egress[k], np->meta.ns, f,
					 in ? &f->opener : &f->target)) {
				snprintf(out->rule, sizeof(out->rule), "NetworkPolicy %s/%s %s[%u]",
					 np->meta.ns, np->meta.name, way, k);
				return true;
			}
	}
	return !*isolated;
}

enum perimeter_mode oracle_mode(const struct oracle *o, const char *ns)
{
	struct labels room;
	struct label one;
	const char *mode = label(labels_of_namespace(o, ns, &room, &one), "stockade.io/perimeter");

	if (mode && !strcmp(mode, "off"))
		return PERIMETER_OFF;
	if (mode && !strcmp(mode, "audit"))
		return PERIMETER_AUDIT;
	if (mode && !strcmp(mode, "enforce"))
		return PERIMETER_ENFORCE;
	return o->options->perimeter;
}

static struct oracle_answer plain(uint8_t verdict, uint8_t reason)
{
	return (struct oracle_answer){ .verdict = verdict, .reason = reason };
}

static bool is_tunnel(const struct oracle *o, const struct oracle_flow *f)
{
	if (f->proto == 4 || f->proto == 41 || f->proto == 47)
		return true;
	for (size_t i = 0; i < o->options->n_overlay_ports; i++)
		if (f->proto == PROTO_UDP && f->port == o->options->overlay_ports[i])
			return true;
	return false;
}

static struct oracle_answer judge_tiers(const struct oracle *o, const struct pod *subject,
					const struct oracle_flow *f, enum stockade_door door)
{
	struct oracle_answer out = plain(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_RULE);
	enum perimeter_mode mode = oracle_mode(o, subject->meta.ns);
	bool isolated, asked = false, open;

	if (!policy_allows(o, subject, f, door, &out, &isolated)) {
		out.verdict = STOCKADE_VERDICT_DENY;
		out.tier = STOCKADE_TIER_NETWORKPOLICY;
		return out;
	}
	out.tier = isolated ? STOCKADE_TIER_NETWORKPOLICY : 0;
	open = mode == PERIMETER_OFF || oracle_perimeter_open(o, subject, f, door, &asked);
	if (open) {
		if (asked && !isolated)
			out.tier = STOCKADE_TIER_PERIMETER;
		return out;
	}
	out.tier = STOCKADE_TIER_PERIMETER;
	out.verdict = mode == PERIMETER_AUDIT ? STOCKADE_VERDICT_WOULD_DENY : STOCKADE_VERDICT_DENY;
	snprintf(out.rule, sizeof(out.rule), "Perimeter: not %s",
		 door == STOCKADE_DOOR_INGRESS ? "an exposed port" : "a declared backend");
	return out;
}

struct oracle_answer oracle_door(const struct oracle *o, const struct oracle_flow *f, enum stockade_door door)
{
	bool out = door == STOCKADE_DOOR_EGRESS;
	const struct ip *own = out ? &f->opener : &f->target, *other = out ? &f->target : &f->opener;
	const struct pod *subject = oracle_peer_pod(o, own);

	if (!subject || strcmp(subject->node, o->options->node)) {
		if (!in_own_cidrs(o, own) || oracle_inside(o, own))
			return plain(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_NOT_SUBJECT);
		return plain(o->options->unknown == STOCKADE_UNKNOWN_ACCEPT ? STOCKADE_VERDICT_ALLOW :
			     STOCKADE_VERDICT_DENY, STOCKADE_REASON_UNKNOWN);
	}
	if (out && node_has(o, NULL, other) && is_tunnel(o, f))
		return plain(STOCKADE_VERDICT_DENY, STOCKADE_REASON_TUNNEL);
	if (oracle_peer_pod(o, other) == subject)
		return plain(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_SELF);
	if (node_has(o, o->options->node, other))
		return plain(STOCKADE_VERDICT_ALLOW, STOCKADE_REASON_OWN_NODE);
	return judge_tiers(o, subject, f, door);
}
