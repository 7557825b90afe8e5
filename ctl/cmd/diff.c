// SPDX-License-Identifier: GPL-2.0
/* stockadectl diff: who can reach whom in B that could not in A, and the reverse. */
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../base/mem.h"
#include "../compile/flags.h"
#include "../graph/graph.h"
#include "cmd.h"
#include "live.h"
#include "load.h"

static const char help[] =
	"Usage: stockadectl diff [OPTION...] A B\n\n"
	"Compares two sets of manifests (files or folders; the word live is the cluster itself, by the\n"
	"Kubernetes API) by what they mean: which workload may open\n"
	"which ports of which other in B and could not in A (+), and the reverse (-). A pod that\n"
	"is only in one of them reaches nothing and no one in the other.\n\n"
	"  -o, --output FORMAT       text (default) or json\n"
	"      --kubeconfig FILE     where live is (default: $KUBECONFIG, the pod's service account,\n"
	"                            ~/.kube/config); --context NAME: not the current one\n"
	COMPILE_FLAGS_HELP
	"\nExit status: 0 nothing changed, 1 something did (or A or B has mistakes), 2 usage.\n"
	"\nExamples:\n"
	"  git worktree add /tmp/main main && stockadectl diff /tmp/main/k8s k8s\n"
	"  stockadectl diff live manifests/\n"
	"  stockadectl diff -o json before/ after/\n";

struct change {
	char *from, *to, *ports;
	bool gained;
};

struct changes {
	struct change *v;
	size_t n, cap;
};

static char *place(const struct graph_node *n)
{
	if (n->kind == GRAPH_OUTSIDE)
		return mem_printf(strcmp(n->label, "outside") ? "ip/%s" : "%s", n->label);
	return mem_printf("%s/%s", n->group, n->label);
}

/* A graph's edges by the names of their ends. */
struct named {
	const char *from, *to;
	const struct graph_edge *edge;
};
struct side {
	const struct graph *g;
	char **names;
	struct named *edges;	/* sorted */
};

static int by_names(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int d = strcmp(x->from, y->from);

	return d ? d : strcmp(x->to, y->to);
}

static struct side side_of(const struct graph *g)
{
	struct side s = { g, mem_array(g->n_nodes, sizeof(*s.names)), mem_array(g->n_edges, sizeof(*s.edges)) };

	for (unsigned i = 0; i < g->n_nodes; i++)
		s.names[i] = place(&g->nodes[i]);
	for (unsigned i = 0; i < g->n_edges; i++)
		s.edges[i] = (struct named){ s.names[g->edges[i].from], s.names[g->edges[i].to], &g->edges[i] };
	if (g->n_edges)
		qsort(s.edges, g->n_edges, sizeof(*s.edges), by_names);
	return s;
}

static void side_free(struct side *s)
{
	for (unsigned i = 0; i < s->g->n_nodes; i++)
		free(s->names[i]);
	free(s->names);
	free(s->edges);
}

static const struct reach *reach_in(const struct side *s, const struct named *like)
{
	static const struct reach nothing;
	const struct named *found = s->g->n_edges ? bsearch(like, s->edges, s->g->n_edges, sizeof(*like), by_names) : NULL;

	return found ? &found->edge->reach : &nothing;
}

/* What @s's edges have that @other's have not. */
static void collect(struct changes *c, const struct side *s, const struct side *other, bool gained)
{
	for (unsigned i = 0; i < s->g->n_edges; i++) {
		const struct named *e = &s->edges[i];
		struct reach d;

		reach_minus(&e->edge->reach, reach_in(other, e), &d);
		if (d.n) {
			mem_grow(c->v, c->n, c->cap);
			c->v[c->n++] = (struct change){ mem_strdup(e->from), mem_strdup(e->to), reach_format(&d), gained };
		}
		reach_free(&d);
	}
}

static int by_ends(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int d = strcmp(x->from, y->from);

	if (!d)
		d = strcmp(x->to, y->to);
	return d ? d : (int)x->gained - (int)y->gained;
}

static struct changes compare(const struct graph *a, const struct graph *b)
{
	struct side sa = side_of(a), sb = side_of(b);
	struct changes c = {};

	collect(&c, &sb, &sa, true);
	collect(&c, &sa, &sb, false);
	if (c.n)
		qsort(c.v, c.n, sizeof(*c.v), by_ends);
	side_free(&sa);
	side_free(&sb);
	return c;
}

static void print_text(const struct changes *c)
{
	struct colour col = colour_for(stdout);

	for (size_t i = 0; i < c->n; i++) {
		const struct change *x = &c->v[i];

		printf("%s%c %s -> %s %s%s\n", x->gained ? col.green : col.red, x->gained ? '+' : '-', x->from,
		       x->to, x->ports, col.off);
	}
}

static void print_json(const struct changes *c)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < c->n; i++) {
		json_object *o = json_object_new_object();

		json_object_object_add(o, "change", json_object_new_string(c->v[i].gained ? "gained" : "lost"));
		json_object_object_add(o, "from", json_object_new_string(c->v[i].from));
		json_object_object_add(o, "to", json_object_new_string(c->v[i].to));
		json_object_object_add(o, "ports", json_object_new_string(c->v[i].ports));
		json_object_array_add(list, o);
	}
	puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(list);
}

static struct model *load(char *path, const struct live *live)
{
	struct paths p = {};
	struct model *m;

	if (!strcmp(path, "live"))
		return live_load("diff", live);
	paths_add(&p, path);
	m = load_offline(&p);
	paths_free(&p);
	return m;
}

static void changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].from);
		free(c->v[i].to);
		free(c->v[i].ports);
	}
	free(c->v);
}

static int diff_models(const struct model *a, const struct model *b, const struct compile_options *o, enum output format)
{
	struct graph *ga = graph_build(a, b, o), *gb = graph_build(b, a, o);
	struct changes c = compare(ga, gb);
	int rc = c.n ? CMD_FAIL : CMD_OK;

	(format == OUTPUT_JSON ? print_json : print_text)(&c);
	changes_free(&c);
	graph_free(ga);
	graph_free(gb);
	return rc;
}

static int diff(char *a, char *b, const struct live *live, const struct compile_options *o, enum output format)
{
	struct model *ma = load(a, live), *mb = ma ? load(b, live) : NULL;
	int rc = mb ? diff_models(ma, mb, o, format) : CMD_FAIL;

	model_free(ma);
	model_free(mb);
	return rc;
}

static int run(int argc, char **argv)
{
	static const struct option longopts[] = {
		COMPILE_FLAGS, LIVE_FLAGS, { "output", required_argument, NULL, 'o' }, {} };
	enum output format = OUTPUT_TEXT;
	struct live live = {};
	struct compile_options o;
	struct err err;
	int opt;

	compile_options_init(&o);
	o.now = time(NULL);
	while ((opt = getopt_long(argc, argv, "o:", longopts, NULL)) != -1) {
		switch (compile_flag(&o, opt, optarg, &err)) {
		case 1: continue;
		case -1: return cmd_usage("diff", "%s", err.msg);
		}
		if (live_flag(&live, opt, optarg))
			continue;
		if (opt != 'o')
			return cmd_usage("diff", "unknown option");
		if (!output_parse(optarg, &format))
			return cmd_usage("diff", "-o %s: text or json", optarg);
	}
	if (argc - optind != 2)
		return cmd_usage("diff", "two sets of manifests are compared: A and B");
	return diff(argv[optind], argv[optind + 1], &live, &o, format);
}

const struct cmd cmd_diff = { "diff", "who can reach whom after a change that could not before", help, run };
