// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "config.h"

#define SA_DIR "/var/run/secrets/kubernetes.io/serviceaccount"
#define FILE_MAX (4u << 20)

static void pem_free(struct kube_pem *p)
{
	free(p->path);
	free(p->data);
}

void kube_config_free(struct kube_config *c)
{
	pem_free(&c->ca);
	pem_free(&c->cert);
	pem_free(&c->key);
	free(c->server);
	free(c->tls_server_name);
	free(c->proxy);
	free(c->token);
	free(c->token_file);
	*c = (struct kube_config){ 0 };
}

char *kube_read_file(const char *path, size_t *len, struct err *err)
{
	FILE *f = fopen(path, "re");
	size_t cap = 4096, n = 0, got;
	char *s = NULL;

	if (!f) {
		err_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	do {
		cap *= 2;
		s = mem_resize(s, cap, 1);
		got = fread(s + n, 1, cap - n - 1, f);
		n += got;
	} while (got && n < FILE_MAX);
	if (ferror(f) || n >= FILE_MAX) {
		err_set(err, "%s: %s", path, n >= FILE_MAX ? "too large" : "cannot be read");
		free(s);
		s = NULL;
	} else {
		s[n] = 0;
		if (len)
			*len = n;
	}
	fclose(f);
	return s;
}

static int in_cluster(struct kube_config *c, const char *dir, struct err *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");

	if (!host || !*host)
		return err_set(err, "no kubeconfig is given, and KUBERNETES_SERVICE_HOST is not set as it would be in a cluster");
	if (!port || !*port)
		port = "443";
	c->server = mem_printf(strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s", host, port);
	c->ca.path = mem_printf("%s/ca.crt", dir);
	c->token_file = mem_printf("%s/token", dir);
	if (access(c->token_file, R_OK))
		return err_set(err, "%s: %s", c->token_file, strerror(errno));
	if (access(c->ca.path, R_OK))
		return err_set(err, "%s: %s", c->ca.path, strerror(errno));
	return 0;
}

/* kubectl's own place, where it exists; malloc'ed or NULL. */
static char *home_kubeconfig(void)
{
	const char *home = getenv("HOME");
	char *path = home && *home ? mem_printf("%s/.kube/config", home) : NULL;

	if (path && !access(path, R_OK))
		return path;
	free(path);
	return NULL;
}

static int find(struct kube_config *c, const struct kube_options *o, struct err *err)
{
	const char *env = getenv("KUBECONFIG");
	char *home;
	int ret;

	if (o->kubeconfig)
		return kube_kubeconfig_load(c, o->kubeconfig, o->context, err);
	if (env && *env)
		return kube_kubeconfig_load(c, env, o->context, err);
	home = getenv("KUBERNETES_SERVICE_HOST") ? NULL : home_kubeconfig();
	if (!home)
		return in_cluster(c, o->sa_dir ? o->sa_dir : SA_DIR, err);
	ret = kube_kubeconfig_load(c, home, o->context, err);
	free(home);
	return ret;
}

static bool is_loopback(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(host, names[i], n) && (!host[n] || strchr(":/", host[n])))
			return true;
	}
	return false;
}

/* It goes into a header's line. */
static bool is_one_word(const char *s)
{
	for (; *s; s++)
		if (!isgraph((unsigned char)*s))
			return false;
	return true;
}

static int check(struct kube_config *c, struct err *err)
{
	bool secret = c->token || c->token_file;
	size_t n = strlen(c->server);

	if (c->token && !is_one_word(c->token))
		return err_set(err, "the token is not one word");
	while (n && c->server[n - 1] == '/')
		c->server[--n] = 0;
	if (!strncmp(c->server, "http://", 7)) {
		if (secret && !is_loopback(c->server + 7))
			return err_set(err, "server %s: a token would be sent in the clear; use https", c->server);
		return 0;
	}
	if (strncmp(c->server, "https://", 8))
		return err_set(err, "server %s: neither https:// nor http://", c->server);
	if (c->insecure && (c->ca.path || c->ca.data))
		return err_set(err, "insecure-skip-tls-verify and a certificate authority exclude each other");
	if (c->insecure)
		log_warn("the API server's certificate is not checked: anyone between can read and change what it says",
			 "server=%s", c->server);
	if (!(c->cert.path || c->cert.data) != !(c->key.path || c->key.data))
		return err_set(err, "client-certificate and client-key must be given together");
	return 0;
}

int kube_config_load(struct kube_config *c, const struct kube_options *o, struct err *err)
{
	*c = (struct kube_config){ 0 };
	if (!find(c, o, err) && !check(c, err))
		return 0;
	kube_config_free(c);
	return -1;
}
