// SPDX-License-Identifier: GPL-2.0
/*
 * pile: whoever commits faster than grace periods end does not pile up memory.
 *
 * Heavy tables are committed one after the other while grace periods are made long: one that some processor is idle
 * for does not end before it is forced to, and that is put off for seconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/mem.h"
#include "load.h"
#include "nl/nl.h"
#include "stress.h"
#include "tables.h"

#define FORCING "/sys/module/rcutree/parameters/jiffies_till_first_fqs"
#define PUT_OFF 1000	/* the most that parameter takes: a second's jiffies, of whatever length */

#define PROGRAMS 24
/* What the module may have waiting, one table more, and what else comes and goes meanwhile. */
#define WAITING_KB (64L << 10)
#define SLACK_KB (64L << 10)

struct pile {
	struct bed bed;
	struct nlport port;
	struct load load;
	uint64_t generation;
	long least_kb;		/* that was available */
};

static int set_forcing(long jiffies, struct err *err)
{
	FILE *f = fopen(FORCING, "w");

	if (!f || fprintf(f, "%ld", jiffies) < 0 || fclose(f))
		return err_set(err, FORCING " cannot be written");
	return 0;
}

static long get_forcing(void)
{
	FILE *f = fopen(FORCING, "r");
	long jiffies = 1;

	if (f && fscanf(f, "%ld", &jiffies) != 1)
		jiffies = 1;
	if (f)
		fclose(f);
	return jiffies;
}

static long available_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (f && kb < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "MemAvailable: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

static int commit_many(struct pile *p, unsigned times, struct err *err)
{
	p->least_kb = available_kb();
	for (unsigned i = 0; i < times; i++) {
		long kb;

		if (load_commit(&p->load, &p->port, &p->generation, err))
			return -1;
		kb = available_kb();
		if (kb < p->least_kb)
			p->least_kb = kb;
	}
	return 0;
}

/* Kilobytes the table in force takes. */
static int table_kb(struct pile *p, long *kb, struct err *err)
{
	struct stnl_status status;
	struct stnl *nl;
	int rc = netns_enter(&p->bed.node, err);

	nl = rc ? NULL : stnl_open(err);
	rc = nl ? stnl_status(nl, &status, err) : -1;
	if (nl)
		stnl_close(nl);
	if (!rc)
		*kb = status.memory >> 10;
	return netns_enter(NULL, rc ? NULL : err) || rc ? -1 : 0;
}

static int measure(struct pile *p, unsigned times, struct err *err)
{
	long before, kb, jiffies = get_forcing();
	int rc;

	if (commit_many(p, 1, err) || table_kb(p, &kb, err) || set_forcing(PUT_OFF, err))
		return -1;
	before = available_kb();
	rc = commit_many(p, times, err);
	if (set_forcing(jiffies, rc ? NULL : err) || rc)
		return -1;
	check(kb * times > 2 * (WAITING_KB + SLACK_KB), "%u tables of %ld kB are more than may be waiting", times, kb);
	check(before - p->least_kb < WAITING_KB + SLACK_KB, "at most %ld kB were waiting to be freed",
	      before - p->least_kb);
	return 0;
}

int verb_pile(const struct options *o)
{
	struct pile *p = mem_new(struct pile);
	struct table *t = tables_heavy(PROGRAMS);
	struct err err;
	int rc;

	p->port.fd = -1;
	rc = bed_init(&p->bed, &err) || nlport_open(&p->port, &p->bed, &err) ||
	     load_init(&p->load, &p->port, NULL, t, &err) || measure(p, o->times, &err) ? -1 : 0;
	if (rc)
		printf("# %s\n", err.msg);
	table_free(t);
	load_exit(&p->load);
	nlport_close(&p->port);
	bed_exit(&p->bed);
	free(p);
	return rc;
}
