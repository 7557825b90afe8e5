// SPDX-License-Identifier: GPL-2.0
/*
 * explain: a verdict and why.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../compile/flags.h"
#include "cmd.h"
#include "explain.h"
#include "load.h"

static const char help[] =
	"Usage: stockadectl explain [-f PATH...] --from REF --to REF --port PORT/PROTO [OPTION...]\n\n"
	"Tell whether one end may reach another, and why: each door the flow meets, which policies\n"
	"isolate whom, which rule allows it or what came nearest to that, and what of the perimeter\n"
	"opens the way.  With -f from manifests, as the nodes would load them; without, from the\n"
	"table that is in force in this network namespace's kernel.\n\n"
	"  -f, --file=PATH                manifests: a file or a folder; may be repeated\n"
	"      --from=REF, --to=REF       NAMESPACE/POD, node/NAME or ip/ADDRESS (from the live table\n"
	"                                 pods of this node and addresses only)\n"
	"      --port=PORT/PROTO          such as 80/tcp, 53/udp, 3868/sctp, or icmp; with a 4 or 6\n"
	"                                 behind the protocol that address family alone\n"
	"      --node=NAME                only this node's table is in force\n"
	"  -o, --output=text|json         (default: text)\n"
	COMPILE_FLAGS_HELP
	LOAD_FLAGS_HELP
	"\nExit status: 0 explained (allowed or denied), 1 mistakes in the manifests or no such end,\n"
	"2 usage.\n\n"
	"Examples:\n"
	"  stockadectl explain -f shop/ --from shop/front --to shop/db --port 5432/tcp\n"
	"  stockadectl explain -f shop/ --from ip/203.0.113.7 --to shop/web --port 443/tcp --perimeter=enforce\n"
	"  stockadectl explain --from shop/front --to ip/10.244.2.7 --port 80/tcp\n";

static int explain_family(const struct explain *x, struct world *w, const struct model *m, const struct end ends[2],
			  bool v4, struct explained *out, struct err *err)
{
	struct flow f = { &ends[0], &ends[1], v4, probe_proto_number(&x->proto, v4), x->port };

	*out = (struct explained){ .v4 = v4, .opener = ends[0].ip[v4], .target = ends[1].ip[v4] };
	for (int i = 0; i < 2; i++)
		out->stand_in |= ends[i].pod && ends[i].pod->stand_in;
	if (world_walk(w, &f, &out->walk, err))
		return -1;
	for (size_t i = 0; i < out->walk.n; i++)
		why_find(&out->why[i], m, &x->options, out->walk.v[i].node, &f, out->walk.v[i].door);
	return 0;
}

static int explain_families(const struct explain *x, struct world *w, const struct model *m,
			    struct explained *out, size_t *n, struct err *err)
{
	struct end ends[2];

	if (world_end(w, x->from, &ends[0], err) || world_end(w, x->to, &ends[1], err))
		return -1;
	for (int v4 = 1; v4 >= 0; v4--) {
		if (!ends[0].has[v4] || !ends[1].has[v4] || (x->proto.family && (x->proto.family == 4) != v4))
			continue;
		if (explain_family(x, w, m, ends, v4, &out[*n], err))
			return -1;
		(*n)++;
	}
	if (!*n)
		return err_set(err, "%s and %s have no address of the same family", x->from, x->to);
	return 0;
}

static int explain_manifests(const struct explain *x)
{
	struct model *m = load_offline(&x->paths);
	struct explained v[2];
	struct world *w;
	struct err err;
	size_t n = 0;
	int rc;

	if (!m)
		return CMD_FAIL;
	w = world_new(m, &x->options, *x->options.node ? x->options.node : NULL);
	rc = explain_families(x, w, m, v, &n, &err);
	if (rc)
		cmd_fail("explain", "%s", err.msg);
	else if (x->output == OUTPUT_JSON)
		explain_json(x, v, n);
	else
		explain_text(x, v, n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].walk.n; k++)
			why_free(&v[i].why[k]);
	world_free(w);
	model_free(m);
	return rc ? CMD_FAIL : CMD_OK;
}

/* "80/tcp", "icmp", "80" (tcp) */
static int parse_port(struct explain *x, const char *s, struct err *err)
{
	const char *slash = strchr(s, '/');
	unsigned long v = 0;
	char *end;

	if (*s >= '0' && *s <= '9') {
		errno = 0;
		v = strtoul(s, &end, 10);
		if (errno || v > 65535 || (*end && end != slash))
			return err_set(err, "--port=%s: must be like 80/tcp, or icmp", s);
		s = slash ? slash + 1 : "tcp";
	}
	if (probe_proto_parse(s, &x->proto, err))
		return err_prefix(err, "--port");
	if (!strcmp(x->proto.name, "icmp") ? v : !v)
		return err_set(err, "--port: %s", v ? "icmp has no ports" : "needs a number, like 80/tcp");
	x->port = v;
	return 0;
}

enum { OPT_FROM = 0x3000, OPT_TO, OPT_PORT };

static int take(struct explain *x, int opt, struct err *err)
{
	switch (opt) {
	case 'f':
		paths_add(&x->paths, optarg);
		return 1;
	case 'o':
		if (!output_parse(optarg, &x->output))
			return err_set(err, "-o %s: must be text or json", optarg);
		return 1;
	case OPT_FROM:
		x->from = optarg;
		return 1;
	case OPT_TO:
		x->to = optarg;
		return 1;
	case OPT_PORT:
		return parse_port(x, optarg, err) ? -1 : 1;
	case LOAD_FLAG_NOW:
		return load_now(optarg, &x->options.now, err) ? -1 : 1;
	}
	return compile_flag(&x->options, opt, optarg, err);
}

static int parse(struct explain *x, int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "file", required_argument, NULL, 'f' }, { "output", required_argument, NULL, 'o' },
		{ "from", required_argument, NULL, OPT_FROM }, { "to", required_argument, NULL, OPT_TO },
		{ "port", required_argument, NULL, OPT_PORT }, COMPILE_FLAGS, LOAD_FLAGS, {}
	};
	struct err err;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "f:o:", longopts, NULL)) != -1) {
		rc = take(x, opt, &err);
		if (rc <= 0)
			return cmd_usage("explain", "%s", rc ? err.msg : "unknown option");
	}
	if (optind < argc)
		return cmd_usage("explain", "'%s' is too much", argv[optind]);
	if (!x->from || !x->to || !*x->proto.name)
		return cmd_usage("explain", "needs --from, --to and --port");
	return CMD_OK;
}

static int run(int argc, char **argv)
{
	struct explain x = {};
	int rc;

	compile_options_init(&x.options);
	x.options.now = time(NULL);
	rc = parse(&x, argc, argv);
	if (rc == CMD_OK)
		rc = x.paths.n ? explain_manifests(&x) : explain_live(&x);
	paths_free(&x.paths);
	return rc;
}

const struct cmd cmd_explain = {
	.name = "explain",
	.summary = "one verdict, and why",
	.help = help,
	.run = run,
};
