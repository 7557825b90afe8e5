// SPDX-License-Identifier: GPL-2.0
/*
 * load NAME FOLDER POD: what it costs to put a folder's table for node n1 in force as a whole, and then to let one
 * pod be as the file POD has it: from the table compiled to the kernel's answer, in nanoseconds of this process, which
 * the guest of the bench makes instructions.  Prints "value WHAT-NAME N" for load, change and memory (bytes in the kernel).
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

static struct table *compile(const struct model *m)
{
	struct compile_options o;

	compile_options_init(&o);
	o.node = "n1";
	o.perimeter = PERIMETER_OFF;
	return compile_table(m, &o);
}

static uint64_t commit(struct stnl *nl, const struct table *from, const struct table *to, uint64_t *generation)
{
	uint64_t digest = table_digest(to), start = now();
	struct err err = {};

	must(!stnl_commit(nl, from, to, digest, generation, NULL, &err), err.msg);
	return now() - start;
}

static uint64_t least_change(struct stnl *nl, const struct table *a, const struct table *b, uint64_t *generation)
{
	uint64_t least = UINT64_MAX, ns;

	for (int i = 0; i < CHANGES; i++) {
		ns = i % 2 ? commit(nl, b, a, generation) : commit(nl, a, b, generation);
		least = ns < least ? ns : least;
	}
	return least;
}

int main(int argc, char **argv)
{
	struct stnl_status status;
	uint64_t generation = 0;
	struct table *a, *b;
	struct err err = {};
	struct model *m = model_new();
	struct stnl *nl;

	must(argc == 4, "usage: load NAME FOLDER POD");
	read_folder(m, argv[2]);
	a = compile(m);
	put_pod(m, argv[3]);
	b = compile(m);
	nl = stnl_open(&err);
	must(nl, err.msg);
	printf("value load-%s %" PRIu64 "\n", argv[1], commit(nl, NULL, a, &generation));
	must(!stnl_status(nl, &status, &err), err.msg);
	printf("value memory-%s %" PRIu64 "\n", argv[1], status.memory);
	printf("value change-%s %" PRIu64 "\n", argv[1], least_change(nl, a, b, &generation));
	stnl_close(nl);
	table_free(a);
	table_free(b);
	model_free(m);
	return 0;
}
