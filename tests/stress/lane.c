// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lane.h"

#define BURST 8

/* @fd is an old flow's; on another socket, the first packet of a new one. */
static int send_some(struct lane *l, int trial, int family, struct err *err)
{
	int fresh = bed_sender(l->all->bed, trials[trial].from, BOB, family, tables_port(trial, l->number), err);

	if (fresh < 0)
		return -1;
	l->sent[trial] += send(fresh, "new", 3, 0) == 3;
	close(fresh);
	for (int i = 0; i < BURST; i++)
		l->sent[trial] += send(l->sender[trial][family], "old", 3, 0) == 3;
	return 0;
}

/* What both tables allow is waited for: nothing may get lost but by a verdict. */
static int round_of(struct lane *l, int family, struct err *err)
{
	for (int k = 0; k < TRIALS; k++) {
		uint64_t before = l->sent[k];

		if (send_some(l, k, family, err))
			return -1;
		l->got[k] += bed_await(l->sink[k][family], trials[k].allowed ? l->sent[k] - before : 0);
	}
	return 0;
}

static void *run(void *arg)
{
	struct lane *l = arg;
	struct err err;

	/* The first is the committer's. */
	bed_pin(1 + l->number);
	while (!atomic_load(&l->all->stop)) {
		if (round_of(l, l->rounds++ % FAMILIES, &err)) {
			printf("# lane %u: %s\n", l->number, err.msg);
			atomic_store(&l->all->failed, true);
			break;
		}
	}
	for (int k = 0; k < TRIALS; k++)
		for (int f = 0; f < FAMILIES; f++)
			l->got[k] += bed_drain(l->sink[k][f]);
	return NULL;
}

static int open_all(struct lane *l, struct err *err)
{
	struct bed *bed = l->all->bed;

	for (int k = 0; k < TRIALS; k++) {
		for (int f = 0; f < FAMILIES; f++) {
			uint16_t port = tables_port(k, l->number);

			l->sink[k][f] = bed_socket(bed, BOB, f, port, err);
			if (l->sink[k][f] < 0)
				return -1;
			l->sender[k][f] = bed_sender(bed, trials[k].from, BOB, f, port, err);
			if (l->sender[k][f] < 0)
				return -1;
		}
	}
	return 0;
}

static void close_all(struct lane *l)
{
	for (int k = 0; k < TRIALS; k++) {
		for (int f = 0; f < FAMILIES; f++) {
			if (l->sink[k][f] >= 0)
				close(l->sink[k][f]);
			if (l->sender[k][f] >= 0)
				close(l->sender[k][f]);
		}
	}
}

int lane_start(struct lane *l, struct lanes *all, unsigned number, struct err *err)
{
	*l = (struct lane){ .all = all, .number = number };
	memset(l->sink, -1, sizeof(l->sink));
	memset(l->sender, -1, sizeof(l->sender));
	if (open_all(l, err)) {
		close_all(l);
		return -1;
	}
	if (!pthread_create(&l->thread, NULL, run, l))
		return 0;
	close_all(l);
	return err_set(err, "no thread");
}

void lane_join(struct lane *l)
{
	pthread_join(l->thread, NULL);
	close_all(l);
}
