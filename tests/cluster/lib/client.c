// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/mem.h"
#include "client.h"

int client_setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);

	f->mock = mock_start();
	strcpy(f->dir, "/tmp/stockade-client-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	f->kubeconfig = drive_kubeconfig(f->dir, mock_url(f->mock), NULL, NULL);
	f->options = (struct kube_options){ .kubeconfig = f->kubeconfig, .backoff_ms = 20 };
	f->drive.ctx = f;
	*state = f;
	return 0;
}

int client_teardown(void **state)
{
	struct fixture *f = *state;
	char *cmd = mem_printf("rm -rf %s", f->dir);

	drive_close(&f->drive);
	mock_stop(f->mock);
	if (system(cmd))
		return -1;
	free(cmd);
	free(f->kubeconfig);
	free(f);
	return 0;
}

void open_source(struct fixture *f)
{
	struct err err;

	if (!drive_open(&f->drive, &f->options, &err))
		fail_msg("%s", err.msg);
}

void put_pod(struct fixture *f, const char *name, const char *ip)
{
	char *body = mem_printf(", \"spec\": {\"nodeName\": \"n1\", \"containers\": [{\"name\": \"c\", \"image\": \"i\"}]},"
				"\"status\": {\"phase\": \"Running\", \"podIP\": \"%s\", \"podIPs\": [{\"ip\": \"%s\"}]}", ip, ip);

	mock_put(f->mock, KIND_POD, "ns", name, ", \"labels\": {\"app\": \"a\"}", body);
	free(body);
}

void put_pods(struct fixture *f, int n)
{
	for (int i = 0; i < n; i++) {
		char name[16], ip[32];

		snprintf(name, sizeof(name), "p%d", i);
		snprintf(ip, sizeof(ip), "10.0.0.%d", i + 1);
		put_pod(f, name, ip);
	}
}

void sync_source(struct fixture *f)
{
	if (!f->drive.source)
		open_source(f);
	assert_true(drive_run(&f->drive, drive_synced, NULL, LONG_MS));
}

size_t n_pods(struct fixture *f)
{
	return model_count(f->drive.model, KIND_POD);
}

static bool has_pod(struct drive *d, const void *name)
{
	return model_get(d->model, KIND_POD, "ns", name);
}

static bool has_no_pod(struct drive *d, const void *name)
{
	return !has_pod(d, name);
}

void wait_pod(struct fixture *f, const char *name)
{
	if (!drive_run(&f->drive, has_pod, name, LONG_MS))
		fail_msg("pod %s never came", name);
}

void wait_no_pod(struct fixture *f, const char *name)
{
	if (!drive_run(&f->drive, has_no_pod, name, LONG_MS))
		fail_msg("pod %s never went", name);
}
