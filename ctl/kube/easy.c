// SPDX-License-Identifier: GPL-2.0
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../base/mem.h"
#include "../base/version.h"
#include "easy.h"
#include "token.h"

#define CONNECT_TIMEOUT_MS 10000L
/* A peer that vanished is given up after this long without an acknowledgement. */
#define KEEPALIVE_IDLE_S 15L
#define KEEPALIVE_INTERVAL_S 5L
#define TCP_USER_TIMEOUT_MS 30000
/* The kubelet replaces a token well before it ends; reading a small file this often costs nothing. */
#define TOKEN_AGE_MS 10000
#define BUFFER_BYTES 65536L

struct kube_easy {
	const struct kube_config *config;
	char *base;			/* what a path is put behind */
	struct curl_slist *connect_to;	/* where base's host name is not the address; NULL */
	struct kube_token token;
};

/*
 * The name to check the certificate against becomes the URL's host; where to connect to is
 * said apart.
 */
static int take_server_name(struct kube_easy *e, const char *name, struct err *err)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL, *url = NULL, *to;
	int ret = -1;

	if (curl_url_set(u, CURLUPART_URL, e->config->server, 0) || curl_url_get(u, CURLUPART_HOST, &host, 0) ||
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) || curl_url_set(u, CURLUPART_HOST, name, 0)) {
		err_set(err, "server %s: no URL, or \"%s\" no name", e->config->server, name);
	} else {
		to = mem_printf("%s:%s:%s:%s", name, port, host, port);
		e->connect_to = curl_slist_append(NULL, to);
		free(to);
		ret = 0;
		curl_url_get(u, CURLUPART_URL, &url, 0);
		/* Without a path, there is one slash now. */
		e->base = mem_strndup(url, strlen(url) - (url[strlen(url) - 1] == '/'));
	}
	curl_free(host);
	curl_free(port);
	curl_free(url);
	curl_url_cleanup(u);
	return ret;
}

struct kube_easy *kube_easy_new(const struct kube_config *c, struct err *err)
{
	struct kube_easy *e = mem_new(struct kube_easy);

	e->config = c;
	e->token.path = c->token_file;
	e->token.text = c->token ? mem_strdup(c->token) : NULL;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (!c->tls_server_name)
		e->base = mem_strdup(c->server);
	else if (take_server_name(e, c->tls_server_name, err)) {
		kube_easy_free(e);
		return NULL;
	}
	return e;
}

void kube_easy_free(struct kube_easy *e)
{
	if (!e)
		return;
	curl_slist_free_all(e->connect_to);
	free(e->base);
	free(e->token.text);
	free(e);
}

static int on_socket_open(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	int ms = TCP_USER_TIMEOUT_MS;

	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
	return CURL_SOCKOPT_OK;
}

static void set_pem(CURL *c, const struct kube_pem *p, CURLoption file, CURLoption blob)
{
	struct curl_blob b = { .data = p->data, .len = p->len, .flags = CURL_BLOB_NOCOPY };

	if (p->data)
		curl_easy_setopt(c, blob, &b);
	else if (p->path)
		curl_easy_setopt(c, file, p->path);
}

static void set_tls(CURL *c, const struct kube_config *k)
{
	curl_easy_setopt(c, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, k->insecure ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, k->insecure ? 0L : 2L);
	/* Authorities rotate too: read them at each connection. */
	curl_easy_setopt(c, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	set_pem(c, &k->ca, CURLOPT_CAINFO, CURLOPT_CAINFO_BLOB);
	set_pem(c, &k->cert, CURLOPT_SSLCERT, CURLOPT_SSLCERT_BLOB);
	set_pem(c, &k->key, CURLOPT_SSLKEY, CURLOPT_SSLKEY_BLOB);
}

static void set_connection(CURL *c, const struct kube_easy *e)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket_open);
	/* All requests over one connection: thousands of nodes do this. */
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(c, CURLOPT_USERAGENT, "stockaded/" STOCKADE_VERSION);
	curl_easy_setopt(c, CURLOPT_CONNECT_TO, e->connect_to);
	if (e->config->proxy)
		curl_easy_setopt(c, CURLOPT_PROXY, e->config->proxy);
}

static struct curl_slist *headers_of(struct kube_easy *e, uint64_t now_ms)
{
	const char *token = kube_token_get(&e->token, now_ms, TOKEN_AGE_MS);
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	char *line;

	if (token) {
		line = mem_printf("Authorization: Bearer %s", token);
		headers = curl_slist_append(headers, line);
		free(line);
	}
	return headers;
}

CURL *kube_easy_get(struct kube_easy *e, const char *path, uint64_t now_ms, struct curl_slist **headers)
{
	CURL *c = curl_easy_init();
	char *url = mem_printf("%s%s", e->base, path);

	if (!c)
		abort();	/* out of memory */
	curl_easy_setopt(c, CURLOPT_URL, url);
	free(url);
	set_connection(c, e);
	set_tls(c, e->config);
	*headers = headers_of(e, now_ms);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, *headers);
	return c;
}

void kube_easy_write(CURL *c, const char *method, const char *type, const char *body, struct curl_slist **headers)
{
	char *line = mem_printf("Content-Type: %s", type);

	*headers = curl_slist_append(*headers, line);
	free(line);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, *headers);
	curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, body);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
}

void kube_easy_token_refused(struct kube_easy *e)
{
	e->token.read_ms = 0;
}
