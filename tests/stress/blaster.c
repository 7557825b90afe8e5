// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "blaster.h"

static void *run(void *arg)
{
	struct blaster *b = arg;

	while (!atomic_load(&b->stop))
		for (int i = 0; i < TRIALS * FAMILIES; i++)
			b->sent += send(b->fd[i / FAMILIES][i % FAMILIES], "x", 1, MSG_DONTWAIT) == 1;
	return NULL;
}

static void close_all(struct blaster *b)
{
	for (int i = 0; i < TRIALS * FAMILIES; i++)
		if (b->fd[i / FAMILIES][i % FAMILIES] >= 0)
			close(b->fd[i / FAMILIES][i % FAMILIES]);
}

int blaster_start(struct blaster *b, struct bed *bed, struct err *err)
{
	int ok = 1;

	*b = (struct blaster){};
	memset(b->fd, -1, sizeof(b->fd));
	for (int k = 0; ok && k < TRIALS; k++) {
		for (int f = 0; ok && f < FAMILIES; f++) {
			b->fd[k][f] = bed_sender(bed, trials[k].from, BOB, f, tables_port(k, 0), err);
			ok = b->fd[k][f] >= 0;
		}
	}
	if (ok && !pthread_create(&b->thread, NULL, run, b))
		return 0;
	close_all(b);
	return ok ? err_set(err, "no thread") : -1;
}

void blaster_stop(struct blaster *b)
{
	atomic_store(&b->stop, true);
	pthread_join(b->thread, NULL);
	close_all(b);
}
