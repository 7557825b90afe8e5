// SPDX-License-Identifier: GPL-2.0
/* A graph as Graphviz' dot language, and as a page that lays itself out. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

/* The page, with the data to be put in place of PLACEHOLDER. */
__asm__(".section .rodata\n"
	".globl graph_page\n"
	"graph_page:\n"
	".incbin \"ctl/graph/page.html\"\n"
	".byte 0\n"
	".previous\n");
extern const char graph_page[];
#define PLACEHOLDER "/*DATA*/null"

/* --- dot --------------------------------------------------------------------- */

static void quoted(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		fputc(*s, f);
	}
	fputc('"', f);
}

static void dot_node(const struct graph *g, unsigned i, FILE *f)
{
	static const char *const style[] = {
		[GRAPH_POD] = "", [GRAPH_GATEWAY] = ", color=\"#c2410c\", fillcolor=\"#fff4e5\"",
		[GRAPH_OUTSIDE] = ", shape=egg, style=\"filled,dashed\", color=\"#c2410c\"",
	};
	const struct graph_node *n = &g->nodes[i];
	char label[512];

	snprintf(label, sizeof(label), n->n_pods > 1 ? "%s (%u pods)" : "%s", n->label, n->n_pods);
	fprintf(f, "    n%u [label=", i);
	quoted(f, label);
	fprintf(f, "%s];\n", style[n->kind]);
}

/* Nodes come grouped, so a cluster ends where the group changes. */
static void dot_nodes(const struct graph *g, FILE *f)
{
	for (unsigned i = 0; i < g->n_nodes; i++) {
		const char *group = g->nodes[i].group;

		if (!i || strcmp(group, g->nodes[i - 1].group)) {
			fprintf(f, "  subgraph cluster_%u {\n    label=", i);
			quoted(f, group);
			fputs(";\n", f);
		}
		dot_node(g, i, f);
		if (i + 1 == g->n_nodes || strcmp(group, g->nodes[i + 1].group))
			fputs("  }\n", f);
	}
}

void graph_dot(const struct graph *g, FILE *f)
{
	fputs("digraph stockade {\n"
	      "  rankdir=LR; compound=true; nodesep=0.3; ranksep=1.2;\n"
	      "  graph [fontname=\"sans-serif\", style=\"rounded\", color=\"#b9bcc3\"];\n"
	      "  node [fontname=\"sans-serif\", fontsize=11, shape=box, style=\"rounded,filled\", fillcolor=white];\n"
	      "  edge [fontname=\"sans-serif\", fontsize=9, color=\"#66707f\"];\n", f);
	dot_nodes(g, f);
	for (unsigned i = 0; i < g->n_edges; i++) {
		const struct graph_edge *e = &g->edges[i];
		char *ports = reach_format(&e->reach);

		fprintf(f, "  n%u -> n%u [label=", e->from, e->to);
		quoted(f, ports);
		free(ports);
		if (e->crosses)
			fputs(", color=\"#c2410c\"", f);
		if (e->audit)
			fputs(", style=dashed", f);
		fputs("];\n", f);
	}
	fputs("}\n", f);
}

/* --- page -------------------------------------------------------------------- */

static json_object *node_json(const struct graph_node *n)
{
	static const char *const kind[] = { "pod", "gateway", "outside" };
	json_object *o = json_object_new_object(), *pods = json_object_new_array();

	json_object_object_add(o, "kind", json_object_new_string(kind[n->kind]));
	json_object_object_add(o, "group", json_object_new_string(n->group));
	json_object_object_add(o, "label", json_object_new_string(n->label));
	for (unsigned i = 0; i < n->n_pods; i++)
		json_object_array_add(pods, json_object_new_string(n->pods[i]));
	json_object_object_add(o, "pods", pods);
	return o;
}

static json_object *edge_json(const struct graph_edge *e)
{
	json_object *o = json_object_new_object();
	char *ports = reach_format(&e->reach);

	json_object_object_add(o, "from", json_object_new_int(e->from));
	json_object_object_add(o, "to", json_object_new_int(e->to));
	json_object_object_add(o, "ports", json_object_new_string(ports));
	free(ports);
	json_object_object_add(o, "crosses", json_object_new_boolean(e->crosses));
	json_object_object_add(o, "audit", json_object_new_boolean(e->audit));
	return o;
}

static json_object *graph_json(const struct graph *g)
{
	json_object *o = json_object_new_object(), *nodes = json_object_new_array(), *edges = json_object_new_array();

	for (unsigned i = 0; i < g->n_nodes; i++)
		json_object_array_add(nodes, node_json(&g->nodes[i]));
	for (unsigned i = 0; i < g->n_edges; i++)
		json_object_array_add(edges, edge_json(&g->edges[i]));
	json_object_object_add(o, "nodes", nodes);
	json_object_object_add(o, "edges", edges);
	return o;
}

/* json-c writes "/" as "\/" by default, so no name can close the script element. */
void graph_html(const struct graph *g, FILE *f)
{
	const char *at = strstr(graph_page, PLACEHOLDER);
	json_object *o = graph_json(g);

	fwrite(graph_page, 1, at - graph_page, f);
	fputs(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN), f);
	fputs(at + strlen(PLACEHOLDER), f);
	json_object_put(o);
}
