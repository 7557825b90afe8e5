/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config: which API server, and as whom.  From a kubeconfig file, or from where the
 * kubelet puts a pod's service account.
 */
#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include "../base/err.h"
#include "kube.h"

/* Given inline (data, decoded) or as a file (path), which is read again at each connection. */
struct kube_pem {
	char *path;
	char *data;
	size_t len;
};

struct kube_config {
	char *server;			/* scheme://host[:port][/prefix], no slash at the end */
	char *tls_server_name;		/* the name the server's certificate bears, if not the host; NULL */
	char *proxy;			/* proxy-url; NULL: as the environment says */
	struct kube_pem ca, cert, key;
	char *token;			/* bearer token given inline; NULL */
	char *token_file;		/* or where to read it, again and again; NULL */
	bool insecure;			/* the server's certificate is not checked */
};

/* 0, or -1 with @err: then there is nothing to free. */
int kube_config_load(struct kube_config *c, const struct kube_options *o, struct err *err);
void kube_config_free(struct kube_config *c);

/*
 * What kubeconfig.c and config.c share: the files of the colon-separated list @paths that
 * exist, as kubectl merges them (the first to set a value wins).
 */
int kube_kubeconfig_load(struct kube_config *c, const char *paths, const char *context, struct err *err);

/* The whole of a small file, NUL-terminated, malloc'ed; NULL with @err set. */
char *kube_read_file(const char *path, size_t *len, struct err *err);

#endif
