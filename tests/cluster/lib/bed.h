/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bed: what the tests on a real API server have in common: the server, the controller's service
 * account in it, and a source that uses it.
 */
#ifndef CLUSTER_BED_H
#define CLUSTER_BED_H

#include "admin.h"
#include "drive.h"
#include "judge.h"

/* How long what must come is waited for; nothing is concluded from how quickly it does. */
#define CONVERGE_MS 90000

struct bed {
	struct admin *admin;	/* NULL: there is no API server to be had; every test is skipped */
	struct drive drive;
	struct kube_options options;	/* as the service account */
	char *dir, *token_file, *kubeconfig;
};

/* Group setup and teardown; @etcd as in admin_start(). */
struct bed *bed_start(const char *etcd);
void bed_stop(struct bed *b);
/* The same of a server that runs already, with its state in @dir and an administrator's @kubeconfig there. */
struct bed *bed_join(const char *dir, const char *kubeconfig);
void bed_leave(struct bed *b);
/* The controller's manifests, as ctl/deploy has them. */
void bed_apply_deploy(struct bed *b, const char *file, bool dry_run);
/* A new token, into the file the source reads it from. */
void bed_renew_token(struct bed *b);
/* The HTTP status the service account is answered for GET @path. */
long bed_ask(struct bed *b, const char *path);
/* Opens the drive and waits until it is synced. */
void bed_sync(struct bed *b);
void bed_close(struct bed *b);
/* Waits until the source's tables are those of @expected. */
void bed_expect(struct bed *b, const struct model *expected, const struct compile_options *o, const char *what);
/* The same, @expected being what a source that starts now reads. */
void bed_expect_fresh(struct bed *b, const char *what);

#endif
