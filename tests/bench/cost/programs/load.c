// SPDX-License-Identifier: GPL-2.0
/*
 * load NAME FOLDER POD OTHER: what it costs to put a folder's table for node n1 in force as a whole, and then to let one
 * pod be as the file POD has it, and as OTHER has it: from what is known to differ to the kernel's answer, in nanoseconds of
 * this process, which the guest of the bench makes instructions.  Prints "value WHAT-NAME N" for load, change and memory (bytes in the kernel).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "base/diag.h"
#include "compile/compile.h"
#include "manifest/manifest.h"
#include "model/decode.h"
#include "nl/nl.h"

#define CHANGES 6	/* there and back */

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "load: %s\n", what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);	/* what is waited for costs nothing */
	return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static void read_folder(struct model *m, char *path)
{
	struct diags diags = {};

	must(!manifest_load(m, &path, 1, 0, &diags), path);
	diags_free(&diags);
}

static void put_pod(struct model *m, const char *path)
{
	struct diags diags = {};
	FILE *f = fopen(path, "r");
	const char *why = path;
	char text[4096];
	struct doc *d;

	must(f, path);
	d = doc_parse_json(text, fread(text, 1, sizeof(text), f), &why);
	fclose(f);
	must(d, why);
	model_put(m, model_decode_api(m, KIND_POD, d, &diags));
	must(!diags.n, path);
	doc_free(d);
}

/* As the controller does it: a compiler follows the model, and knows what differs from the table in force. */
static uint64_t commit(struct stnl *nl, struct compiler *c, uint64_t *generation)
{
	struct table_pair pair;
	struct err err = {};
	uint64_t start, ns;
	bool known;

	compiler_update(c, 0);
	known = compiler_difference(c, &pair);
	if (!known)
		compiler_whole(c, &pair);
	start = now();
	must(!stnl_commit(nl, known ? &pair.from : NULL, &pair.to, compiler_digest(c), generation, NULL, &err), err.msg);
	ns = now() - start;
	table_pair_free(&pair);
	compiler_settle(c);
	return ns;
}

static uint64_t least_change(struct stnl *nl, struct compiler *c, struct model *m, char *const pod[2], uint64_t *generation)
{
	uint64_t least = UINT64_MAX, ns;

	for (int i = 0; i < CHANGES; i++) {
		put_pod(m, pod[i % 2]);
		ns = commit(nl, c, generation);
		least = ns < least ? ns : least;
	}
	return least;
}

int main(int argc, char **argv)
{
	struct compile_options o;
	struct stnl_status status;
	uint64_t generation = 0;
	struct compiler *c;
	struct err err = {};
	struct model *m = model_new();
	struct stnl *nl;

	must(argc == 5, "usage: load NAME FOLDER POD POD");
	read_folder(m, argv[2]);
	compile_options_init(&o);
	o.node = "n1";
	o.perimeter = PERIMETER_OFF;
	c = compiler_follow(m, &o);
	nl = stnl_open(&err);
	must(nl, err.msg);
	printf("value load-%s %" PRIu64 "\n", argv[1], commit(nl, c, &generation));
	must(!stnl_status(nl, &status, &err), err.msg);
	printf("value memory-%s %" PRIu64 "\n", argv[1], status.memory);
	printf("value change-%s %" PRIu64 "\n", argv[1], least_change(nl, c, m, argv + 3, &generation));
	stnl_close(nl);
	compiler_free(c);
	model_free(m);
	return 0;
}
