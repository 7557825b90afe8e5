// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/mem.h"
#include "drive.h"
#include "kube/http.h"

bool drive_open(struct drive *d, const struct kube_options *o, struct err *err)
{
	d->changes = d->broken = 0;
	d->model = model_new();
	d->source = kube_source_new(d->model, o, err);
	if (d->source)
		return true;
	model_free(d->model);
	d->model = NULL;
	return false;
}

void drive_close(struct drive *d)
{
	if (d->source)
		d->source->free(d->source);
	model_free(d->model);
	*d = (struct drive){ 0 };
}

static void step(struct drive *d, int max_ms)
{
	struct pollfd fds[8];
	int timeout = max_ms;
	size_t n = d->source->poll_fds(d->source, fds, 8, &timeout);
	enum source_change change;

	poll(fds, n, timeout);
	change = d->source->step(d->source, fds, n);
	d->changes += change == SOURCE_CHANGED;
	d->broken += change == SOURCE_BROKEN;
	if (change == SOURCE_CHANGED && d->check)
		d->check(d);
}

bool drive_run(struct drive *d, drive_until until, const void *arg, unsigned timeout_ms)
{
	uint64_t end = kube_now_ms() + timeout_ms;

	while (!until(d, arg)) {
		if (kube_now_ms() >= end)
			return false;
		step(d, 20);
	}
	return true;
}

void drive_for(struct drive *d, unsigned ms)
{
	uint64_t end = kube_now_ms() + ms;

	while (kube_now_ms() < end)
		step(d, 10);
}

bool drive_synced(struct drive *d, const void *unused)
{
	return d->source->synced(d->source);
}

char *drive_kubeconfig(const char *dir, const char *server, const char *token, const char *token_file)
{
	char *path = mem_printf("%s/kubeconfig", dir);
	FILE *f = fopen(path, "we");

	if (!f)
		abort();
	fprintf(f, "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
		"clusters:\n- name: c\n  cluster:\n    server: %s\n"
		"contexts:\n- name: x\n  context:\n    cluster: c\n    user: u\n"
		"users:\n- name: u\n  user:\n", server);
	if (token)
		fprintf(f, "    token: %s\n", token);
	if (token_file)
		fprintf(f, "    tokenFile: %s\n", token_file);
	if (!token && !token_file)
		fputs("    {}\n", f);
	fclose(f);
	return path;
}
