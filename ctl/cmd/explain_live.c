// SPDX-License-Identifier: GPL-2.0
/* explain without manifests: the kernel judges, by the table in force. */
#include <string.h>
#include "../nl/nl.h"
#include "../nl/words.h"
#include "cmd.h"
#include "explain.h"
#include "json.h"

/* An end of the live table: only pods of this node have names there. */
struct live_end {
	bool has[2];
	struct ip ip[2];
};

static void add_ip(struct live_end *e, const struct ip *ip)
{
	int f = ip_is4(ip);

	if (!e->has[f])
		e->ip[f] = *ip;
	e->has[f] = true;
}

static void add_subject(const struct table *t, uint32_t subject, struct live_end *out)
{
	for (size_t i = 0; i < t->n_endpoints; i++)
		if (t->endpoints[i].subject == subject)
			add_ip(out, &t->endpoints[i].addr);
}

static int find_end(const struct table *t, const char *ref, struct live_end *out, struct err *err)
{
	struct ip ip;

	*out = (struct live_end){};
	if (!strncmp(ref, "ip/", 3) && ip_parse(ref + 3, &ip)) {
		add_ip(out, &ip);
		return 0;
	}
	for (size_t i = 0; i < t->n_subjects; i++)
		if (!strcmp(t->subjects[i].name, ref))
			add_subject(t, t->subjects[i].id, out);
	if (out->has[0] || out->has[1])
		return 0;
	return err_set(err, "'%s': no pod of this node is called that; give other pods and nodes as ip/ADDRESS, "
		       "or use -f", ref);
}

struct live {
	bool v4;
	struct stnl_flow flow;
	struct stnl_verdict v[STOCKADE_DOORS];
};

static bool denied(const struct live *l)
{
	return l->v[STOCKADE_DOOR_EGRESS].verdict == STOCKADE_VERDICT_DENY ||
	       l->v[STOCKADE_DOOR_INGRESS].verdict == STOCKADE_VERDICT_DENY;
}

static const char *why_text(const struct stnl_verdict *v)
{
	if (*v->rule_name)
		return v->rule_name;
	return v->reason == STOCKADE_REASON_RULE ? "nothing forbids it" : words_reason_long(v->reason);
}

static void text_family(const struct live *l, const struct colour *c)
{
	char a[IP_STRLEN], b[IP_STRLEN];

	printf("  %s %s -> %s: %s%s%s\n", l->v4 ? "IPv4" : "IPv6", ip_format(&l->flow.opener, a),
	       ip_format(&l->flow.target, b), denied(l) ? c->red : c->green, denied(l) ? "deny" : "allow", c->off);
	for (int d = 0; d < STOCKADE_DOORS; d++) {
		const struct stnl_verdict *v = &l->v[d];

		printf("    %s door", words_door(d));
		if (*v->subject_name)
			printf(", of %s", v->subject_name);
		printf(": %s (%s)\n", words_verdict(v->verdict), why_text(v));
	}
}

static void json_family(struct json_object *families, const struct live *l)
{
	struct json_object *o = json_object_new_object(), *doors = json_object_new_array();
	char buf[IP_STRLEN];

	json_set_str(o, "family", l->v4 ? "IPv4" : "IPv6");
	json_set_str(o, "opener", ip_format(&l->flow.opener, buf));
	json_set_str(o, "target", ip_format(&l->flow.target, buf));
	json_set_str(o, "verdict", denied(l) ? "deny" : "allow");
	for (int d = 0; d < STOCKADE_DOORS; d++) {
		const struct stnl_verdict *v = &l->v[d];
		struct json_object *door = json_object_new_object();

		json_set_str(door, "door", words_door(d));
		json_set_str(door, "verdict", words_verdict(v->verdict));
		json_set_str(door, "reason", words_reason(v->reason));
		if (*v->rule_name) {
			json_set_str(door, "tier", words_tier(v->tier));
			json_set_str(door, "rule", v->rule_name);
		}
		if (*v->subject_name)
			json_set_str(door, "subject", v->subject_name);
		json_object_array_add(doors, door);
	}
	json_object_object_add(o, "doors", doors);
	json_object_array_add(families, o);
}

static void json_all(const struct explain *x, const struct live *v, size_t n, uint64_t generation)
{
	struct json_object *o = json_object_new_object(), *families = json_object_new_array();
	bool no = false, yes = false;

	for (size_t i = 0; i < n; i++) {
		no |= denied(&v[i]);
		yes |= !denied(&v[i]);
		json_family(families, &v[i]);
	}
	json_set_str(o, "from", x->from);
	json_set_str(o, "to", x->to);
	json_set_str(o, "protocol", x->proto.name);
	json_set_u64(o, "port", x->port);
	json_set_u64(o, "generation", generation);
	json_set_str(o, "verdict", no && yes ? "differs" : no ? "deny" : "allow");
	json_object_object_add(o, "families", families);
	json_print(o);
}

static void print(const struct explain *x, const struct live *v, size_t n, uint64_t generation)
{
	struct colour c = colour_for(stdout);
	char port[WHY_PORT_STRLEN];

	if (x->output == OUTPUT_JSON) {
		json_all(x, v, n, generation);
		return;
	}
	printf("%s%s -> %s %s%s\n", c.bold, x->from, x->to,
	       why_port_text(probe_proto_number(&x->proto, true), x->port, port), c.off);
	for (size_t i = 0; i < n; i++)
		text_family(&v[i], &c);
}

static int judge(const struct explain *x, struct stnl *nl, const struct table *t, struct live *v, size_t *n,
		 struct err *err)
{
	struct live_end from, to;

	if (find_end(t, x->from, &from, err) || find_end(t, x->to, &to, err))
		return -1;
	for (int v4 = 1; v4 >= 0; v4--) {
		struct live *l = &v[*n];

		if (!from.has[v4] || !to.has[v4] || (x->proto.family && (x->proto.family == 4) != v4))
			continue;
		*l = (struct live){ .v4 = v4, .flow = { from.ip[v4], to.ip[v4],
							probe_proto_number(&x->proto, v4), x->port } };
		if (stnl_judge(nl, &l->flow, l->v, err))
			return -1;
		(*n)++;
	}
	return *n ? 0 : err_set(err, "%s and %s have no address of the same family", x->from, x->to);
}

int explain_live(const struct explain *x)
{
	struct err err;
	struct stnl *nl = stnl_open(&err);
	uint64_t generation = 0;
	struct table *t = nl ? stnl_dump(nl, &generation, &err) : NULL;
	struct live v[2];
	size_t n = 0;
	int rc = t ? judge(x, nl, t, v, &n, &err) : -1;

	if (rc)
		cmd_fail("explain", "%s", err.msg);
	else
		print(x, v, n, generation);
	table_free(t);
	if (nl)
		stnl_close(nl);
	return rc ? CMD_FAIL : CMD_OK;
}
