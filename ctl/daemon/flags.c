// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/mem.h"
#include "../compile/flags.h"
#include "../model/names.h"
#include "flags.h"

const char flags_help[] =
"Usage: stockaded [--node NAME] [--manifests PATH...] [OPTION...]\n"
"\n"
"Compiles the cluster's policies to this node's table and keeps it in force in the\n"
"kernel module of the network namespace it is started in.\n"
"\n"
"Where the objects come from:\n"
"  --manifests PATH...   files or folders of YAML or JSON, watched for changes\n"
"  --kubeconfig FILE     the Kubernetes API as this file says (default: $KUBECONFIG,\n"
"                        the pod's service account, ~/.kube/config)\n"
"  --context NAME        a context of the kubeconfig other than its current one\n"
"  --tls-secrets         also watch Secrets of type kubernetes.io/tls: classes annotated\n"
"                        stockade.io/require-tls need it, and the role must allow it\n"
"  --no-events           write no Events on objects that can't be enforced as written\n"
"  --untaint KEY         once a table is in force, take the taint KEY from this node: pods\n"
"                        that do not tolerate it come only then; the role must allow it\n"
"\n"
"What is enforced:\n"
"  --node NAME           the node this is (default: $NODE_NAME, else the host's name)\n"
COMPILE_FLAGS_HELP
"\n"
"How it runs:\n"
"  --once                commit once and exit\n"
"  --teardown            remove the table and exit: nothing is enforced any more\n"
"  --listen ADDRESS:PORT serve /metrics, /healthz and /readyz there (default: nowhere)\n"
"  --log-level=debug|info|warn|error  (default: info)\n"
"  --log-format=kv|json  (default: kv)\n"
"  --version, --help\n"
"\n"
"SIGTERM and SIGINT leave the table in force.  SIGHUP reads everything again now and\n"
"logs msg=reloaded with result=ok or result=refused when that is done.\n"
"\n"
"Examples:\n"
"  stockaded --manifests /etc/stockade --node worker-1\n"
"  stockaded --kubeconfig ~/.kube/config --node worker-1 --perimeter=enforce\n"
"  stockaded --manifests policies/ cluster.yaml --once --log-level=debug\n"
"  stockaded --teardown\n";

enum {
	FLAG_MANIFESTS = 1, FLAG_KUBECONFIG, FLAG_CONTEXT, FLAG_LISTEN, FLAG_LOG_LEVEL, FLAG_LOG_FORMAT,
	FLAG_TLS_SECRETS, FLAG_NO_EVENTS, FLAG_UNTAINT, FLAG_ONCE, FLAG_TEARDOWN, FLAG_VERSION, FLAG_HELP,
};
static const struct option options[] = {
	COMPILE_FLAGS,
	{ "manifests", required_argument, NULL, FLAG_MANIFESTS },
	{ "kubeconfig", required_argument, NULL, FLAG_KUBECONFIG },
	{ "context", required_argument, NULL, FLAG_CONTEXT },
	{ "tls-secrets", no_argument, NULL, FLAG_TLS_SECRETS },
	{ "listen", required_argument, NULL, FLAG_LISTEN },
	{ "log-level", required_argument, NULL, FLAG_LOG_LEVEL },
	{ "log-format", required_argument, NULL, FLAG_LOG_FORMAT },
	{ "no-events", no_argument, NULL, FLAG_NO_EVENTS },
	{ "untaint", required_argument, NULL, FLAG_UNTAINT },
	{ "once", no_argument, NULL, FLAG_ONCE },
	{ "teardown", no_argument, NULL, FLAG_TEARDOWN },
	{ "version", no_argument, NULL, FLAG_VERSION },
	{ "help", no_argument, NULL, FLAG_HELP },
	{}
};

static void add_manifest(struct flags *f, char *path)
{
	f->manifests = mem_resize(f->manifests, f->n_manifests + 1, sizeof(*f->manifests));
	f->manifests[f->n_manifests++] = path;
}

static int log_level(struct flags *f, const char *arg, struct err *err)
{
	static const char *const words[] = {
		[LOG_LEVEL_DEBUG] = "debug", [LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_WARN] = "warn", [LOG_LEVEL_ERROR] = "error",
	};

	for (int i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++)
		if (!strcmp(arg, words[i])) {
			f->log_level = i;
			return 0;
		}
	return err_set(err, "--log-level=%s: must be one of debug, info, warn, error", arg);
}

static int log_format(struct flags *f, const char *arg, struct err *err)
{
	if (!strcmp(arg, "kv"))
		f->log_format = LOG_FORMAT_KV;
	else if (!strcmp(arg, "json"))
		f->log_format = LOG_FORMAT_JSON;
	else
		return err_set(err, "--log-format=%s: must be one of kv, json", arg);
	return 0;
}

/* As the API takes keys of taints; it goes into JSON. */
static int untaint(struct flags *f, const char *arg, struct err *err)
{
	if (name_check_label_key(arg))
		return err_set(err, "--untaint=%s: no taint has such a key", arg);
	f->untaint = arg;
	return 0;
}

static int take(struct flags *f, int opt, char *arg, struct err *err)
{
	switch (opt) {
	case FLAG_MANIFESTS:
		add_manifest(f, arg);
		return 0;
	case FLAG_KUBECONFIG:
		f->kubeconfig = arg;
		return 0;
	case FLAG_CONTEXT:
		f->context = arg;
		return 0;
	case FLAG_TLS_SECRETS:
		f->tls_secrets = true;
		return 0;
	case FLAG_LISTEN:
		f->listen = arg;
		return 0;
	case FLAG_LOG_LEVEL:
		return log_level(f, arg, err);
	case FLAG_LOG_FORMAT:
		return log_format(f, arg, err);
	case FLAG_NO_EVENTS:
		f->no_events = true;
		return 0;
	case FLAG_UNTAINT:
		return untaint(f, arg, err);
	case FLAG_ONCE:
		f->once = true;
		return 0;
	case FLAG_TEARDOWN:
		f->teardown = true;
		return 0;
	case FLAG_VERSION:
		f->version = true;
		return 0;
	case FLAG_HELP:
		f->help = true;
		return 0;
	}
	return -1;
}

static const char *own_name(void)
{
	static char host[256];
	const char *name = getenv("NODE_NAME");

	if (name && *name)
		return name;
	return gethostname(host, sizeof(host) - 1) ? NULL : host;
}

static int check(struct flags *f, struct err *err)
{
	if (f->n_manifests && (f->kubeconfig || f->context || f->untaint))
		return err_set(err, "--manifests excludes the Kubernetes API and what is written there");
	if (f->once && f->untaint)
		return err_set(err, "--once and --untaint exclude each other");
	if (f->once && f->teardown)
		return err_set(err, "--once and --teardown exclude each other");
	if (!f->compile.node || !*f->compile.node)
		return err_set(err, "--node is needed: this host has no name");
	return 0;
}

int flags_parse(struct flags *f, int argc, char **argv, struct err *err)
{
	int opt, rc;

	*f = (struct flags){ .log_level = LOG_LEVEL_INFO };
	compile_options_init(&f->compile);
	f->compile.node = own_name();
	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			return err_set(err, opt == ':' ? "%s: needs a value" : "%s: no such option, or not with a value",
				       argv[optind - 1]);
		rc = compile_flag(&f->compile, opt, optarg, err);
		if (rc < 0 || (!rc && take(f, opt, optarg, err)))
			return -1;
	}
	if (optind < argc && !f->n_manifests)
		return err_set(err, "%s: what is this? (--manifests PATH...)", argv[optind]);
	while (optind < argc)
		add_manifest(f, argv[optind++]);
	return check(f, err);
}

void flags_free(struct flags *f)
{
	free(f->manifests);
	f->manifests = NULL;
}
