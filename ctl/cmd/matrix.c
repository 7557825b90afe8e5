// SPDX-License-Identifier: GPL-2.0
/*
 * matrix: who may reach whom, offline, as FROM TO PROTO PORT VERDICT lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../compile/flags.h"
#include "../compile/world.h"
#include "cmd.h"
#include "load.h"
#include "probes.h"

static const char help[] =
	"Usage: stockadectl matrix -f PATH... [OPTION...]\n\n"
	"Print who may reach whom, as FROM TO PROTO PORT VERDICT separated by tabs: all pairs of\n"
	"pods on the containerPorts of the second, or what a list asks for.  tcp4 and tcp6 stand\n"
	"where the address families differ.  The verdicts are those of the tables every node would\n"
	"load, asked through the kernel's own matcher.\n\n"
	"  -f, --file=PATH                manifests: a file or a folder; may be repeated\n"
	"      --probes=TSV               answer these lines (FROM TO PROTO PORT, tabs between; a fifth\n"
	"                                 field and lines that start with # are ignored; -: standard\n"
	"                                 input).  FROM and TO are NAMESPACE/POD, node/NAME or\n"
	"                                 ip/ADDRESS, PROTO tcp, udp, sctp or icmp (port 0), with a 4\n"
	"                                 or 6 behind it for that family alone\n"
	"      --node=NAME                only this node's table is in force\n"
	COMPILE_FLAGS_HELP
	LOAD_FLAGS_HELP
	"\nExit status: 0 done, 1 mistakes in the manifests or the probes, 2 usage.\n\n"
	"Examples:\n"
	"  stockadectl matrix -f cluster/ -f policies/\n"
	"  stockadectl matrix -f cluster.yaml -f policies.yaml --probes expect.tsv | diff expect.tsv -\n"
	"  printf 'ip/203.0.113.7\\tshop/web\\ttcp\\t443\\n' |\n"
	"      stockadectl matrix -f shop/ --perimeter=enforce --probes -\n";

struct matrix {
	struct paths paths;
	const char *probes;	/* NULL: all pairs */
	struct compile_options options;
	struct world *world;
};

static void line(const char *from, const char *to, const char *proto, int family, uint16_t port, bool denied)
{
	static const char *const suffix[] = { [0] = "", [4] = "4", [6] = "6" };

	printf("%s\t%s\t%s%s\t%u\t%s\n", from, to, proto, suffix[family], port, denied ? "deny" : "allow");
}

/* One end as it is to be printed. */
struct named_end {
	const char *name;
	struct end end;
};

/* The verdicts by family (index: is it IPv4?); -1 with @err. */
static int judge(struct matrix *m, const struct named_end *from, const struct named_end *to,
		 const struct probe_proto *proto, uint16_t port, bool asked[2], bool denied[2], struct err *err)
{
	for (int v4 = 0; v4 < 2; v4++) {
		struct flow f = { &from->end, &to->end, v4, probe_proto_number(proto, v4), port };
		struct walk w;

		asked[v4] = from->end.has[v4] && to->end.has[v4] &&
			    (!proto->family || (proto->family == 4) == v4);
		if (!asked[v4])
			continue;
		if (world_walk(m->world, &f, &w, err))
			return -1;
		denied[v4] = w.denied;
	}
	return 0;
}

/* Judges and prints; 1 if the ends have no family in common, -1 with @err. */
static int answer(struct matrix *m, const struct named_end *from, const struct named_end *to,
		  const struct probe_proto *proto, uint16_t port, struct err *err)
{
	bool asked[2], denied[2] = {};

	if (judge(m, from, to, proto, port, asked, denied, err))
		return -1;
	if (!asked[0] && !asked[1])
		return 1;
	if (asked[0] && asked[1] && denied[0] != denied[1]) {
		line(from->name, to->name, proto->name, 4, port, denied[1]);
		line(from->name, to->name, proto->name, 6, port, denied[0]);
		return 0;
	}
	line(from->name, to->name, proto->name, proto->family, port, denied[asked[1]]);
	return 0;
}

static int find_end(struct matrix *m, const char *ref, struct named_end *out, struct err *err)
{
	out->name = ref;
	return world_end(m->world, ref, &out->end, err);
}

static int probe(struct matrix *m, const struct probe *p, struct err *err)
{
	struct named_end from, to;
	int rc;

	if (find_end(m, p->from, &from, err) || find_end(m, p->to, &to, err))
		return -1;
	rc = answer(m, &from, &to, &p->proto, p->port, err);
	if (rc == 1 && p->proto.family)
		return err_set(err, "%s and %s have no IPv%u address both", p->from, p->to, p->proto.family);
	if (rc == 1)
		return err_set(err, "%s and %s have no address family in common", p->from, p->to);
	return rc;
}

static int answer_probes(struct matrix *m, struct err *err)
{
	struct probes probes;
	int rc = 0;

	if (probes_read(m->probes, &probes, err))
		return -1;
	for (size_t i = 0; i < probes.n && !rc; i++) {
		rc = probe(m, &probes.v[i], err);
		if (rc)
			err_prefix(err, "%s:%u", m->probes, probes.v[i].line);
	}
	probes_free(&probes);
	return rc;
}

static const char *proto_name(uint8_t proto)
{
	return proto == PROTO_TCP ? "tcp" : proto == PROTO_UDP ? "udp" : "sctp";
}

/* Is this port, of this protocol, one of those before it? */
static bool repeated(const struct pod *p, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (p->ports[k].proto == p->ports[i].proto && p->ports[k].port == p->ports[i].port)
			return true;
	return false;
}

static int all_to(struct matrix *m, const struct named_end *v, size_t n, const struct named_end *to, struct err *err)
{
	const struct pod *p = to->end.pod;

	for (unsigned i = 0; i < p->n_ports; i++) {
		struct probe_proto proto = {};

		if (repeated(p, i))
			continue;
		strcpy(proto.name, proto_name(p->ports[i].proto));
		for (size_t k = 0; k < n; k++)
			if (answer(m, &v[k], to, &proto, p->ports[i].port, err) < 0)
				return -1;
	}
	return 0;
}

static int answer_all(struct matrix *m, const struct model *model, struct err *err)
{
	size_t n, live = 0;
	const struct meta *const *pods = model_list(model, KIND_POD, &n);
	struct named_end *v = mem_array(n, sizeof(*v));
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		if (!pod_is_live((const void *)pods[i]))
			continue;
		v[live].name = mem_printf("%s/%s", pods[i]->ns, pods[i]->name);
		world_end_pod(m->world, (const void *)pods[i], &v[live++].end);
	}
	for (size_t i = 0; i < live && !rc; i++)
		rc = all_to(m, v, live, &v[i], err);
	for (size_t i = 0; i < live; i++)
		free((char *)v[i].name);
	free(v);
	return rc;
}

static int print(struct matrix *m)
{
	struct model *model = load_offline(&m->paths);
	const char *only = *m->options.node ? m->options.node : NULL;
	struct err err;
	int rc;

	if (!model)
		return CMD_FAIL;
	m->world = world_new(model, &m->options, only);
	rc = m->probes ? answer_probes(m, &err) : answer_all(m, model, &err);
	fflush(stdout);
	if (rc)
		cmd_fail("matrix", "%s", err.msg);
	world_free(m->world);
	model_free(model);
	return rc ? CMD_FAIL : CMD_OK;
}

static int parse(struct matrix *m, int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "file", required_argument, NULL, 'f' },
		{ "probes", required_argument, NULL, 'p' },
		COMPILE_FLAGS, LOAD_FLAGS, {}
	};
	struct err err;
	int opt, rc;

	while ((opt = getopt_long(argc, argv, "f:", longopts, NULL)) != -1) {
		rc = compile_flag(&m->options, opt, optarg, &err);
		if (opt == 'f')
			paths_add(&m->paths, optarg);
		else if (opt == 'p')
			m->probes = optarg;
		else if (opt == LOAD_FLAG_NOW)
			rc = load_now(optarg, &m->options.now, &err);
		else if (!rc)
			return cmd_usage("matrix", "unknown option");
		if (rc < 0)
			return cmd_usage("matrix", "%s", err.msg);
	}
	if (optind < argc)
		return cmd_usage("matrix", "'%s' is too much", argv[optind]);
	if (!m->paths.n)
		return cmd_usage("matrix", "needs manifests: -f PATH");
	return CMD_OK;
}

static int run(int argc, char **argv)
{
	struct matrix m = {};
	int rc;

	compile_options_init(&m.options);
	m.options.now = time(NULL);
	rc = parse(&m, argc, argv);
	if (rc == CMD_OK)
		rc = print(&m);
	paths_free(&m.paths);
	return rc;
}

const struct cmd cmd_matrix = {
	.name = "matrix",
	.summary = "who may reach whom, offline",
	.help = help,
	.run = run,
};
