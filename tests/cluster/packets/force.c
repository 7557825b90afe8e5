// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <time.h>
#include <unistd.h>
#include "force.h"
#include "lib/judge.h"
#include "nl/nl.h"
#include "wire.h"

#define PATIENCE_MS 300000	/* nothing is concluded from how quickly it comes */
#define LOOK_MS 20

int force_of(const struct topo_node *n, uint64_t *generation, uint64_t *digest, struct err *err)
{
	struct stnl_status status = {};
	struct stnl *nl;
	int rc;

	if (netns_enter(&n->ns, err))
		return -1;
	nl = stnl_open(err);
	rc = nl ? stnl_status(nl, &status, err) : -1;
	stnl_close(nl);
	if (generation)
		*generation = status.generation;
	if (digest)
		*digest = status.digest;
	return netns_enter(NULL, rc ? NULL : err) || rc ? -1 : 0;
}

static int wait_node(const struct topo_node *n, uint64_t want, void (*meanwhile)(void *ctx), void *ctx, struct err *err)
{
	int64_t end = wire_now_ms() + PATIENCE_MS;
	uint64_t generation, digest;

	for (;;) {
		if (force_of(n, &generation, &digest, err))
			return -1;
		if (generation && digest == want)
			return 0;
		if (wire_now_ms() > end)
			return err_set(err, "node %s: the table in force (generation %" PRIu64 ") never became what the objects come to",
				       n->name, generation);
		if (meanwhile)
			meanwhile(ctx);
		usleep(LOOK_MS * 1000);
	}
}

int force_wait(struct topo *t, const struct model *m, const struct compile_options *o,
	       void (*meanwhile)(void *ctx), void *ctx, struct err *err)
{
	struct compile_options now = *o;
	struct topo_node **v;
	size_t n;

	now.now = time(NULL);
	v = topo_nodes(t, &n);
	for (size_t i = 0; i < n; i++)
		if (wait_node(v[i], judge_digest(m, now, v[i]->name), meanwhile, ctx, err))
			return -1;
	return 0;
}
