// SPDX-License-Identifier: GPL-2.0
/*
 * match_bench: what the judge costs natively, in userspace.
 *
 *   match_bench              the table below
 *   match_bench change N     500 one-pod changes on N endpoints, nothing else (for callgrind)
 *   match_bench match N      131,072 verdicts on N endpoints, likewise; outside N: with peers the blocks name
 *
 * A verdict here is one stk_match(): both look-ups of one door, the blocks for
 * peers without an endpoint, the program.  Cold: keys in random order over the
 * whole table, each used once per pass, so pages come from wherever the
 * machine keeps 8 MB; warm: 64 keys over and over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "snapshot_priv.h"

#define PODS 110	/* of this node */
#define FLOWS (1 << 17)
#define CHUNK 2048
#define PASSES 15
#define CHANGES 500

static u64 state = 88172645463325252ULL;

static u32 below(u32 n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 32) * n >> 32;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void must(int err, stk_why why)
{
	if (!err)
		return;
	fprintf(stderr, "match_bench: %s (%d)\n", why ? why : "?", err);
	exit(1);
}

static struct stk_addr ip4(u32 addr)
{
	return (struct stk_addr) { .w = { 0, 0, cpu_to_be32(0xffff), cpu_to_be32(addr) } };
}

/* Pods count up from 10.0.0.1, as addresses are handed out. */
static struct stk_addr pod(u32 i)
{
	return ip4(0x0a000001 + i);
}

static void put_programs(struct stk_snapshot *snap)
{
	struct stockade_step step[9] = { { 0, STOCKADE_STEP(STOCKADE_VERDICT_DENY, 0) } };
	struct stk_map_def map[33] = { { .steps = step, .n_steps = 1 } };
	u32 identity[32], i, p;
	stk_why why = NULL;

	for (i = 1; i < 9; i++)
		step[i] = (struct stockade_step) {
			STOCKADE_STEP_FROM(6, i * 1000 + i % 2), STOCKADE_STEP(i % 2, i) };
	for (i = 0; i < 32; i++) {
		identity[i] = 100 + i;
		map[i + 1] = (struct stk_map_def) { &identity[i], 1, step, 9 };
	}
	for (p = 1; p <= 2 * PODS; p++) {
		const struct stk_program_def def = { p, map, 33 };

		must(stk_snapshot_put_program(snap, &def, &why), why);
	}
}

static void put_subjects(struct stk_snapshot *snap)
{
	char name[32];
	stk_why why = NULL;
	u32 i;

	for (i = 1; i <= PODS; i++) {
		const struct stk_subject_def def = { i, name, 2 * i - 1, 2 * i };

		snprintf(name, sizeof(name), "namespace/pod-%u", i);
		must(stk_snapshot_put_subject(snap, &def, NULL, &why), why);
	}
}

static void put_blocks(struct stk_snapshot *snap, u32 n)
{
	stk_why why = NULL;
	u32 i;

	for (i = 0; i < n; i++) {
		const struct stk_block_def def = { ip4(0xc0000000 + (i << 8)), 120, 100 + i % 32 };

		must(stk_snapshot_put_block(snap, &def, &why), why);
	}
}

static struct stk_snapshot *build(u32 endpoints, u32 blocks)
{
	struct stk_limits limits = stk_limits_default;
	struct stk_snapshot *snap = stk_snapshot_alloc(&limits, endpoints);
	stk_why why = NULL;
	u32 i;

	put_programs(snap);
	put_subjects(snap);
	put_blocks(snap, blocks);
	for (i = 0; i < endpoints; i++) {
		const struct stk_endpoint_def def = { pod(i), 100 + i % 64, i < PODS ? i + 1 : 0, 0 };

		must(stk_snapshot_put_endpoint(snap, &def, &why), why);
	}
	must(stk_snapshot_seal(snap, 1, &why), why);
	return snap;
}

/* From a pod of this node to anyone, or from anyone to a pod of this node. */
static void make_keys(struct stk_key *keys, u32 n, u32 endpoints, bool outside)
{
	u32 i;

	memset(keys, 0, n * sizeof(*keys));
	for (i = 0; i < n; i++) {
		struct stk_addr own = pod(below(PODS));
		struct stk_addr peer = outside ? ip4(0xc0000000 + below(1 << 28)) :
			pod(PODS + below(endpoints - PODS));

		keys[i].opener = i % 2 ? peer : own;
		keys[i].target = i % 2 ? own : peer;
		keys[i].proto = 6;
		keys[i].port = below(9000);
	}
}

static double chunk(const struct stk_snapshot *snap, const struct stk_key *keys, u32 mask, u32 first,
		    u32 *sink)
{
	double start = now();
	u32 i;

	for (i = first; i < first + CHUNK; i++) {
		struct stk_verdict v = stk_match(snap, &keys[i & mask], i & 1);

		*sink += v.verdict + v.rule;
	}
	return (now() - start) / CHUNK;
}

/*
 * Mean over all chunks of the best of each chunk's passes: a busy machine takes
 * time from some passes, a cache that is too small takes it from all.
 */
static double best(const struct stk_snapshot *snap, const struct stk_key *keys, u32 n)
{
	static double least[FLOWS / CHUNK];
	double ns, sum = 0;
	u32 i, c, sink = 0;

	for (i = 0; i < PASSES; i++) {
		for (c = 0; c < FLOWS / CHUNK; c++) {
			ns = chunk(snap, keys, n - 1, c * CHUNK, &sink);
			least[c] = i && least[c] < ns ? least[c] : ns;
		}
	}
	for (c = 0; c < FLOWS / CHUNK; c++)
		sum += least[c];
	return sink == 1 ? 0 : sum / (FLOWS / CHUNK);
}

/* A pod gets another identity: clone, put, seal, drop the old generation. */
static void change(struct stk_snapshot **snap, u32 endpoints)
{
	stk_why why = NULL;
	u32 i;

	for (i = 0; i < CHANGES; i++) {
		const struct stk_endpoint_def def = { pod(PODS + below(endpoints - PODS)), 100 + i % 64, 0, 0 };
		struct stk_snapshot *next = stk_snapshot_clone(*snap);

		must(stk_snapshot_put_endpoint(next, &def, &why), why);
		must(stk_snapshot_seal(next, i + 2, &why), why);
		stk_snapshot_put(*snap);
		*snap = next;
	}
}

static double best_change(struct stk_snapshot **snap, u32 endpoints)
{
	double start, ns, least = 1e18;
	u32 i;

	for (i = 0; i < PASSES; i++) {
		start = now();
		change(snap, endpoints);
		ns = (now() - start) / CHANGES;
		least = ns < least ? ns : least;
	}
	return least;
}

static double row(u32 endpoints, u32 blocks, struct stk_key *keys)
{
	double start = now(), load, cold, warm, outside, changes;
	struct stk_snapshot *snap = build(endpoints, blocks);
	struct stk_snapshot_stats stats, empty;
	struct stk_snapshot *none;

	load = (now() - start) / 1e6;
	none = build(PODS, blocks);
	stk_snapshot_stats(snap, &stats);
	stk_snapshot_stats(none, &empty);
	stk_snapshot_put(none);
	make_keys(keys, FLOWS, endpoints, false);
	cold = best(snap, keys, FLOWS);
	warm = best(snap, keys, 64);
	make_keys(keys, FLOWS, endpoints, true);
	outside = best(snap, keys, FLOWS);
	changes = best_change(&snap, endpoints);
	printf("%9u %7u %8.1f %8.1f %8.1f %10.1f %9.2f %9.1f\n", endpoints, blocks, cold, warm, outside,
	       (double)(stats.memory - empty.memory) / (endpoints - PODS), changes / 1e3, load);
	stk_snapshot_put(snap);
	return changes;
}

static void judge_all(const struct stk_snapshot *snap, const struct stk_key *keys)
{
	u32 c, sink = 0;

	for (c = 0; c < FLOWS / CHUNK; c++)
		chunk(snap, keys, FLOWS - 1, c * CHUNK, &sink);
}

int main(int argc, char **argv)
{
	struct stk_key *keys = malloc(FLOWS * sizeof(*keys));
	struct stk_snapshot *snap;
	double small, large;

	if (argc == 3) {
		snap = build(atoi(argv[2]), 10000);
		make_keys(keys, FLOWS, atoi(argv[2]), !strcmp(argv[1], "outside"));
		if (!strcmp(argv[1], "change"))
			change(&snap, atoi(argv[2]));
		else
			judge_all(snap, keys);
		stk_snapshot_put(snap);
		free(keys);
		return 0;
	}
	printf("endpoints  blocks  ns cold  ns warm  outside bytes/each us/change   ms load\n");
	row(150, 0, keys);
	small = row(1500, 0, keys);
	row(1500, 10000, keys);
	large = row(150000, 0, keys);
	row(150000, 10000, keys);
	row(1000000, 10000, keys);
	printf("one-pod change, 150,000 endpoints to 1,500: %.2f times\n", large / small);
	free(keys);
	return 0;
}
