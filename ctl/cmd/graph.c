// SPDX-License-Identifier: GPL-2.0
/* stockadectl graph: who may talk to whom, drawn. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../compile/flags.h"
#include "../graph/graph.h"
#include "cmd.h"
#include "live.h"
#include "load.h"

static const char help[] =
	"Usage: stockadectl graph -f PATH... | --live [OPTION...]\n\n"
	"Draws who may talk to whom, by workload, with ports, and what crosses the perimeter.\n\n"
	"  -f, --file PATH           manifests: a file or a folder; repeatable\n"
	LIVE_FLAGS_HELP
	"  -o, --output FORMAT       dot (default), svg (needs Graphviz), or html: one page that\n"
	"                            can be filtered\n"
	COMPILE_FLAGS_HELP
	"\nExamples:\n"
	"  stockadectl graph -f manifests/ -o html > who.html\n"
	"  stockadectl graph -f manifests/ -o svg --perimeter=enforce > who.svg\n";

enum format { DOT, SVG, HTML };

static int render_svg(const struct graph *g)
{
	FILE *f;

	fflush(stdout);
	f = popen("dot -Tsvg", "w");
	if (!f)
		return cmd_fail("graph", "can't run Graphviz' dot");
	graph_dot(g, f);
	if (pclose(f))
		return cmd_fail("graph", "Graphviz' dot failed (is graphviz installed?); -o dot and -o html do without it");
	return CMD_OK;
}

static int draw(const struct paths *files, const struct live *live, const struct compile_options *o, enum format format)
{
	struct model *m = live->wanted ? live_load("graph", live) : load_offline(files);
	struct graph *g;
	int rc = CMD_OK;

	if (!m)
		return CMD_FAIL;
	g = graph_build(m, NULL, o);
	if (format == DOT)
		graph_dot(g, stdout);
	else if (format == HTML)
		graph_html(g, stdout);
	else
		rc = render_svg(g);
	graph_free(g);
	model_free(m);
	return rc;
}

static int format_parse(const char *s, enum format *out)
{
	static const char *const names[] = { "dot", "svg", "html" };

	for (unsigned i = 0; i < 3; i++) {
		if (!strcmp(s, names[i])) {
			*out = i;
			return CMD_OK;
		}
	}
	return cmd_usage("graph", "-o %s: dot, svg or html", s);
}

static int parse(int argc, char **argv, struct paths *files, struct live *live, struct compile_options *o,
		 enum format *format)
{
	static const struct option longopts[] = {
		COMPILE_FLAGS, LIVE_FLAGS,
		{ "file", required_argument, NULL, 'f' }, { "output", required_argument, NULL, 'o' }, {} };
	struct err err;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "f:o:", longopts, NULL)) != -1) {
		switch (compile_flag(o, opt, optarg, &err)) {
		case 1: continue;
		case -1: return cmd_usage("graph", "%s", err.msg);
		}
		if (live_flag(live, opt, optarg))
			continue;
		if (opt == 'f') {
			paths_add(files, optarg);
		} else if (opt == 'o') {
			rc = format_parse(optarg, format);
			if (rc)
				return rc;
		} else {
			return cmd_usage("graph", "unknown option");
		}
	}
	while (optind < argc)
		paths_add(files, argv[optind++]);
	if (!files->n == !live->wanted)
		return cmd_usage("graph", "give either -f PATH or --live");
	return CMD_OK;
}

static int run(int argc, char **argv)
{
	struct compile_options o;
	struct paths files = {};
	struct live live = {};
	enum format format = DOT;
	int rc;

	compile_options_init(&o);
	o.now = time(NULL);
	rc = parse(argc, argv, &files, &live, &o, &format);
	if (!rc)
		rc = draw(&files, &live, &o, format);
	paths_free(&files);
	return rc;
}

const struct cmd cmd_graph = { "graph", "draw who may talk to whom", help, run };
