// SPDX-License-Identifier: GPL-2.0
/*
 * churn: namespaces with tables come and go under traffic, and so does the module.
 *
 * Each node gets a table, which is changed a few times; then a transaction is begun and left open, and the namespace
 * goes while packets are on their way into it, or the module does.  What must hold is that the kernel has nothing
 * to say about it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/mem.h"
#include "blaster.h"
#include "load.h"
#include "stress.h"

#define CHANGES 6
#define WORKERS 3
#define PATIENCE 600	/* tenths of a second */

/* Tables and what there is to say to one namespace. */
struct dealings {
	struct nlport port;
	struct table *a, *b;
	struct load whole, to_a, to_b;
	uint64_t generation;
};

static int dealings_init(struct dealings *d, struct bed *bed, unsigned filler, struct err *err)
{
	*d = (struct dealings){ .port.fd = -1, .a = tables_new(false, filler), .b = tables_new(true, filler) };
	return nlport_open(&d->port, bed, err) || load_init(&d->whole, &d->port, NULL, d->a, err) ||
	       load_init(&d->to_a, &d->port, d->b, d->a, err) ||
	       load_init(&d->to_b, &d->port, d->a, d->b, err) ? -1 : 0;
}

static void dealings_exit(struct dealings *d)
{
	nlport_close(&d->port);
	load_exit(&d->whole);
	load_exit(&d->to_a);
	load_exit(&d->to_b);
	table_free(d->a);
	table_free(d->b);
}

/* A table, changed a few times; and the beginning of one more change, for which nobody waits. */
static int deal(struct dealings *d, struct err *err)
{
	const struct nlmsghdr *begin = load_next(&d->to_b, NULL);

	if (load_commit(&d->whole, &d->port, &d->generation, err))
		return -1;
	for (int i = 1; i <= CHANGES; i++)
		if (load_commit(i & 1 ? &d->to_b : &d->to_a, &d->port, &d->generation, err))
			return err_prefix(err, "change %d", i);
	load_set_base(&d->to_b, d->generation);
	if (send(d->port.fd, begin, (char *)load_next(&d->to_b, (void *)begin) - (char *)begin, 0) < 0)
		return err_set(err, "send: %s", strerror(errno));
	return 0;
}

/* --- namespaces --- */

static int one_life(unsigned filler, struct err *err)
{
	struct dealings d;
	struct blaster blaster;
	struct bed bed;
	int rc;

	if (bed_init(&bed, err))
		return -1;
	rc = blaster_start(&blaster, &bed, err);
	if (!rc) {
		rc = dealings_init(&d, &bed, filler, err) || deal(&d, err);
		dealings_exit(&d);
		netns_free(&bed.node);
		/* The node ends while the places go on. */
		usleep(5000);
		blaster_stop(&blaster);
	}
	bed_exit(&bed);
	return rc ? -1 : 0;
}

static int lives(unsigned times, unsigned filler)
{
	struct err err;

	for (unsigned i = 0; i < times; i++) {
		if (one_life(filler, &err)) {
			printf("# life %u of %u: %s\n", i, times, err.msg);
			return 1;
		}
	}
	return 0;
}

int verb_churn(const struct options *o)
{
	unsigned good = 0;
	int status;

	fflush(stdout);
	for (int i = 0; i < WORKERS; i++)
		if (!fork())
			_exit(lives(o->times / WORKERS, o->filler));
	while (wait(&status) > 0)
		good += status == 0;
	check(good == WORKERS, "%u namespaces came and went with their tables, %d at a time", o->times, WORKERS);
	return 0;
}

/* --- the module --- */

static int unload(struct err *err)
{
	for (int i = 0; i < PATIENCE; i++) {
		if (!syscall(SYS_delete_module, "stockade", O_NONBLOCK))
			return 0;
		usleep(100000);
	}
	return err_set(err, "the module cannot be taken out: %s", strerror(errno));
}

static int load_module(const char *state, struct err *err)
{
	char line[64];

	snprintf(line, sizeof(line), "modprobe stockade state=%s", state);
	return system(line) ? err_set(err, "%s failed", line) : 0;
}

static int read_state(char *state, int size, struct err *err)
{
	FILE *f = fopen("/sys/module/stockade/parameters/state", "r");
	int rc = f && fgets(state, size, f) ? 0 : err_set(err, "the module tells no state");

	if (f)
		fclose(f);
	state[strcspn(state, "\n")] = '\0';
	return rc;
}

static int one_reload(struct bed *bed, const char *state, unsigned filler, struct err *err)
{
	struct dealings d;
	int rc = dealings_init(&d, bed, filler, err) || deal(&d, err) || unload(err);

	/* The socket that has a transaction is closed when nobody knows of it any more. */
	dealings_exit(&d);
	return load_module(state, rc ? NULL : err) || rc ? -1 : 0;
}

int verb_reload(const struct options *o)
{
	struct blaster blaster;
	char state[32] = "";
	struct bed bed;
	struct err err;
	unsigned i = 0;
	int rc;

	if (read_state(state, sizeof(state), &err) || bed_init(&bed, &err)) {
		printf("# %s\n", err.msg);
		return -1;
	}
	rc = blaster_start(&blaster, &bed, &err);
	if (!rc) {
		while (i < o->times && !one_reload(&bed, state, o->filler, &err))
			i++;
		blaster_stop(&blaster);
		check(i == o->times, "the module went and came %u times under %" PRIu64 " packets%s%s", i, blaster.sent,
		      i == o->times ? "" : ": ", i == o->times ? "" : err.msg);
	}
	bed_exit(&bed);
	return rc;
}
