// SPDX-License-Identifier: GPL-2.0
/*
 * swap: no packet is judged by half a commit.
 *
 * Tables A and B (tables.h) are put in force by turns, by difference and whole, while lanes send what both deny and
 * what both allow, and a reader asks the kernel.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "lane.h"
#include "load.h"
#include "reader.h"
#include "stress.h"
#include "wire.h"

enum { A, B };

struct swap {
	struct bed bed;
	struct nlport port;
	struct table *table[2];
	struct load whole[2], change[2];	/* to A and to B */
	struct lanes lanes;
	struct lane lane[TABLES_LANES];
	struct reader reader;
	int (*disturb)(unsigned n, struct err *err);	/* every so many swaps; may be NULL */
};

#define DISTURB_EVERY 20

/* --- swapping --- */

/* Seven times out of eight by difference. */
static int swap_all(struct swap *s, unsigned times, struct err *err)
{
	uint64_t generation = 0, first;

	if (load_commit(&s->whole[A], &s->port, &generation, err))
		return -1;
	first = generation;
	for (unsigned i = 1; i <= times && !atomic_load(&s->lanes.failed); i++) {
		struct load *load = i % 8 ? &s->change[i & 1] : &s->whole[i & 1];

		if (load_commit(load, &s->port, &generation, err))
			return err_prefix(err, "swap %u of %u", i, times);
		if (s->disturb && i % DISTURB_EVERY == 0 && s->disturb(i / DISTURB_EVERY, err))
			return -1;
	}
	check(generation == first + times, "each of %u swaps was a generation", times);
	return 0;
}

static int start(struct swap *s, unsigned lanes, struct err *err)
{
	unsigned i;

	for (i = 0; i < lanes; i++)
		if (lane_start(&s->lane[i], &s->lanes, i, err))
			break;
	if (i == lanes && !reader_start(&s->reader, &s->bed, s->table[A], s->table[B], err))
		return 0;
	atomic_store(&s->lanes.stop, true);
	while (i-- > 0)
		lane_join(&s->lane[i]);
	return -1;
}

static void stop(struct swap *s, unsigned lanes)
{
	atomic_store(&s->lanes.stop, true);
	for (unsigned i = 0; i < lanes; i++)
		lane_join(&s->lane[i]);
	reader_stop(&s->reader);
}

/* --- the sums --- */

static void check_trial(const struct swap *s, unsigned lanes, int trial)
{
	uint64_t sent = 0, got = 0;

	for (unsigned i = 0; i < lanes; i++) {
		sent += s->lane[i].sent[trial];
		got += s->lane[i].got[trial];
	}
	check(sent && got == (trials[trial].allowed ? sent : 0), "%s by both: %" PRIu64 " sent, %" PRIu64 " arrived",
	      trials[trial].name, sent, got);
}

static uint64_t all_packets(const struct swap *s, unsigned lanes, bool arrived)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < lanes; i++)
		for (int k = 0; k < TRIALS; k++)
			sum += arrived ? s->lane[i].got[k] : s->lane[i].sent[k];
	return sum;
}

/*
 * The kernel's own sums.  A packet ends at the way out, denied, or is counted at the way in; neighbour discovery
 * has a reason of its own.
 */
static int check_counters(struct swap *s, unsigned lanes, struct err *err)
{
	uint64_t ended = 0, arrived = 0, sent = all_packets(s, lanes, false), got = all_packets(s, lanes, true);
	struct stnl_counter *c;
	size_t n;

	if (stnl_counters(s->reader.nl, &c, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool in = c[i].door == STOCKADE_DOOR_INGRESS, allowed = c[i].verdict == STOCKADE_VERDICT_ALLOW;

		if (c[i].reason == STOCKADE_REASON_LINK)
			continue;
		ended += in || !allowed ? c[i].packets : 0;
		arrived += in && allowed ? c[i].packets : 0;
	}
	free(c);
	check(ended == sent, "the kernel counted %" PRIu64 " packets' ends of %" PRIu64 " sent", ended, sent);
	check(arrived == got, "it let in %" PRIu64 " of which %" PRIu64 " arrived", arrived, got);
	return 0;
}

/* Alice is the same subject in both tables: her counters outlive every swap. */
static int check_subject(struct swap *s, unsigned lanes, struct err *err)
{
	struct stnl_subject_counters *c;
	uint64_t sent = 0, counted = 0;
	size_t n;

	for (unsigned i = 0; i < lanes; i++)
		for (int k = 0; k < TRIALS; k++)
			sent += trials[k].from == ALICE ? s->lane[i].sent[k] : 0;
	if (stnl_subject_counters(s->reader.nl, &c, &n, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(c[i].name, "stress/alice"))
			counted = c[i].c[STOCKADE_SUBJECT_C_EGRESS_ALLOWED] + c[i].c[STOCKADE_SUBJECT_C_EGRESS_DENIED];
	free(c);
	check(counted >= sent, "Alice sent %" PRIu64 ", counted for her were %" PRIu64, sent, counted);
	return 0;
}

static int report(struct swap *s, unsigned lanes, struct err *err)
{
	const struct reader *r = &s->reader;

	check(!atomic_load(&s->lanes.failed), "every lane could send");
	for (int k = 0; k < TRIALS; k++)
		check_trial(s, lanes, k);
	check(r->judged && !r->misjudged, "JUDGE: %" PRIu64 " verdicts, %" PRIu64 " wrong", r->judged, r->misjudged);
	check(r->dumps && !r->bad_dumps, "dumps: %" PRIu64 ", neither A nor B: %" PRIu64, r->dumps, r->bad_dumps);
	check(!*r->err.msg, "the reader had answers%s%s", *r->err.msg ? ": " : "", r->err.msg);
	return check_counters(s, lanes, err) || check_subject(s, lanes, err) ? -1 : 0;
}

/* --- setting up --- */

static int make_loads(struct swap *s, unsigned filler, struct err *err)
{
	for (int i = A; i <= B; i++)
		s->table[i] = tables_new(i, filler);
	for (int i = A; i <= B; i++)
		if (load_init(&s->whole[i], &s->port, NULL, s->table[i], err) ||
		    load_init(&s->change[i], &s->port, s->table[!i], s->table[i], err))
			return -1;
	return 0;
}

static int play(struct swap *s, const struct options *o, struct err *err)
{
	uint64_t generation = 0;
	int64_t began;
	int rc;

	bed_pin(0);
	/* Before the first table everything passes. */
	if (load_commit(&s->whole[A], &s->port, &generation, err) || start(s, o->lanes, err))
		return -1;
	began = wire_now_ms();
	rc = swap_all(s, o->times, err);
	began = wire_now_ms() - began;
	stop(s, o->lanes);
	printf("# %u swaps in %" PRId64 " ms, %u processors\n", o->times, began, bed_cpus());
	return rc ? rc : report(s, o->lanes, err);
}

static void swap_exit(struct swap *s)
{
	for (int i = A; i <= B; i++) {
		load_exit(&s->whole[i]);
		load_exit(&s->change[i]);
		table_free(s->table[i]);
	}
	reader_free(&s->reader);
	nlport_close(&s->port);
	bed_exit(&s->bed);
}

static int swap(const struct options *o, int (*disturb)(unsigned n, struct err *err))
{
	struct swap *s = mem_new(struct swap);
	struct err err;
	int rc;

	s->port.fd = -1;
	s->lanes.bed = &s->bed;
	s->disturb = disturb;
	rc = bed_init(&s->bed, &err) || nlport_open(&s->port, &s->bed, &err) ||
	     make_loads(s, o->filler, &err) || play(s, o, &err) ? -1 : 0;
	if (rc)
		printf("# %s\n", err.msg);
	swap_exit(s);
	free(s);
	return rc;
}

int verb_swap(const struct options *o)
{
	return swap(o, NULL);
}

/* --- the same while processors come and go --- */

static int set_online(unsigned cpu, bool online, struct err *err)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	f = fopen(path, "w");
	if (!f || fputs(online ? "1" : "0", f) < 0 || fclose(f))
		return err_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

/* One after the other, but the first, which is the committer's. */
static int toggle_cpu(unsigned n, struct err *err)
{
	unsigned all = sysconf(_SC_NPROCESSORS_CONF);

	return all > 1 ? set_online(1 + n / 2 % (all - 1), n & 1, err) : 0;
}

int verb_hotplug(const struct options *o)
{
	unsigned all = sysconf(_SC_NPROCESSORS_CONF);
	int rc = swap(o, toggle_cpu);

	for (unsigned cpu = 1; cpu < all; cpu++)
		set_online(cpu, true, NULL);
	return rc;
}
