/* SPDX-License-Identifier: GPL-2.0 */
/*
 * admin: a real API server of the tests' own (../server), and its administrator, who puts objects into it.
 */
#ifndef CLUSTER_ADMIN_H
#define CLUSTER_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include "base/doc.h"
#include "model/model.h"

struct admin;

/* Starts it, with its state in @dir.  @etcd: another etcd than the one beside it; NULL.  NULL if it can't be had. */
struct admin *admin_start(const char *dir, const char *etcd);
void admin_stop(struct admin *a);
/* The administrator of a server that runs already, by a kubeconfig in its folder.  NULL if that can't be read. */
struct admin *admin_join(const char *dir, const char *kubeconfig);
/* The server goes on. */
void admin_leave(struct admin *a);
const char *admin_dir(const struct admin *a);
const char *admin_url(const struct admin *a);
/* A verb of ../server; fails the test if it fails. */
void admin_server(struct admin *a, const char *verb);

/* The path of all objects of a kind, or of those in @ns; malloc'ed. */
char *admin_collection(enum kind kind, const char *ns);
/* Returns the HTTP status; @out (may be NULL) gets the body, malloc'ed. */
long admin_call(struct admin *a, const char *method, const char *path, const char *type, const char *body, char **out);

/*
 * Makes an object what @d says, its status too: created, replaced, or made anew where it
 * can't be changed.  A namespace it is in must exist.  Fails the test with the server's words if it refuses.
 */
void admin_apply(struct admin *a, const struct doc *d);
/* All documents of manifests, namespaces first. */
void admin_apply_text(struct admin *a, const char *text, size_t len);
void admin_apply_file(struct admin *a, const char *path);
/* As kubectl does with --grace-period=0; a namespace with all that is in it. */
void admin_delete(struct admin *a, enum kind kind, const char *ns, const char *name);
/* Every object of the kinds we know, but for the server's own and the controller's namespace. */
void admin_clear(struct admin *a);
/* A token for a service account, by TokenRequest; malloc'ed. */
char *admin_token(struct admin *a, const char *ns, const char *account, unsigned seconds);

/* malloc'ed JSON. */
char *admin_json(const struct doc *d);

#endif
