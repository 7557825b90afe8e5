/* SPDX-License-Identifier: GPL-2.0 */
/* client: the daemon's source against a mock of the API, for the tests of both. */
#ifndef CLUSTER_CLIENT_H
#define CLUSTER_CLIENT_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include "drive.h"
#include "mock.h"

/* Longer than anything takes: patience, not a limit. */
#define LONG_MS 90000

struct fixture {
	struct mock *mock;
	struct drive drive;
	struct kube_options options;	/* changed before the source is opened */
	char dir[64];
	char *kubeconfig;
	int count;		/* for hooks */
	uint64_t at_ms[16];
	volatile int mode;
};

/* For cmocka: @state is a fixture. */
int client_setup(void **state);
int client_teardown(void **state);
#define CLIENT_TEST(name) cmocka_unit_test_setup_teardown(name, client_setup, client_teardown)

/* Opens the source, with the options as they are; sync_source() does so if need be and waits until all is read. */
void open_source(struct fixture *f);
void sync_source(struct fixture *f);

/* To the server. */
void put_pod(struct fixture *f, const char *name, const char *ip);
void put_pods(struct fixture *f, int n);	/* p0, p1, ... */

/* In the model. */
size_t n_pods(struct fixture *f);
void wait_pod(struct fixture *f, const char *name);
void wait_no_pod(struct fixture *f, const char *name);

#endif
