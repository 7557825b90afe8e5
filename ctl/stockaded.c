// SPDX-License-Identifier: GPL-2.0
/*
 * stockaded: the controller.  Wires a source of objects to the enforcer and runs the loop; this is
 * the only file that sees both the Kubernetes API and the kernel.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include "base/log.h"
#include "base/version.h"
#include "daemon/enforce.h"
#include "daemon/flags.h"
#include "daemon/loop.h"
#include "manifest/manifest.h"

static int teardown(struct err *err)
{
	struct stnl *nl = stnl_open(err);
	int rc;

	if (!nl)
		return -1;
	rc = stnl_teardown(nl, err);
	stnl_close(nl);
	if (!rc)
		log_info("table removed, nothing is enforced", NULL);
	return rc;
}

static struct source *source_new(struct model *m, const struct flags *f, struct err *err)
{
	if (f->n_manifests)
		return manifest_source_new(m, f->manifests, f->n_manifests, err);
	err_set(err, "no source of objects: give --manifests PATH...");
	return NULL;
}

static int enforce(const struct flags *f, struct err *err)
{
	struct model *m = model_new();
	struct enforce e = {};
	struct source *s = NULL;
	int rc = -1;

	if (enforce_init(&e, &f->compile, err))
		goto out;
	s = source_new(m, f, err);
	if (!s)
		goto out;
	log_info("started", "version=%s node=%s", STOCKADE_VERSION, f->compile.node);
	rc = loop_run(&(struct loop){ .source = s, .model = m, .enforce = &e, .once = f->once }, err);
out:
	if (s)
		s->free(s);
	enforce_exit(&e);
	model_free(m);
	return rc;
}

int main(int argc, char **argv)
{
	struct flags flags;
	struct err err;
	int rc;

	if (flags_parse(&flags, argc, argv, &err)) {
		fprintf(stderr, "stockaded: %s\nTry 'stockaded --help'.\n", err.msg);
		flags_free(&flags);
		return 2;
	}
	log_init(flags.log_level, flags.log_format);
	if (flags.help) {
		fputs(flags_help, stdout);
		rc = 0;
	} else if (flags.version) {
		printf("stockaded %s (netlink version %d)\n", STOCKADE_VERSION, STOCKADE_GENL_VERSION);
		rc = 0;
	} else {
		rc = flags.teardown ? teardown(&err) : enforce(&flags, &err);
		if (rc)
			log_error("giving up", "error=%s", err.msg);
	}
	flags_free(&flags);
	return rc ? 1 : 0;
}
