/* SPDX-License-Identifier: GPL-2.0 */
/*
 * httpd: an HTTP/1.1 server of the tests, which can also be a bad one: the handler writes its
 * answer as bytes and may write anything.  Loopback only; a thread a connection.
 */
#ifndef CLUSTER_HTTPD_H
#define CLUSTER_HTTPD_H

#include <stdbool.h>
#include <stddef.h>

struct httpd;

struct httpd_req {
	struct httpd *server;
	int fd;
	char method[8];
	char path[512];		/* without the query */
	char query[2048];
	char authorization[2048];	/* "" if none */
	char *body;		/* NULL if none */
	size_t body_len;
};

/* Returns true if the answer is complete and the connection may go on. */
typedef bool (*httpd_handler)(void *ctx, struct httpd_req *r);

/* @port 0: any.  Aborts if the port is taken. */
struct httpd *httpd_start(int port, httpd_handler handler, void *ctx);
int httpd_port(const struct httpd *h);
/* True once it is to end: a handler that waits must look at it. */
bool httpd_stopping(const struct httpd *h);
/* Ends every connection now; the server goes on. */
void httpd_drop_all(struct httpd *h);
void httpd_stop(struct httpd *h);

/* The decoded value of a query parameter; false if it is not there. */
bool httpd_param(const struct httpd_req *r, const char *name, char *value, size_t size);

/* All return false once the peer is gone. */
bool httpd_write(struct httpd_req *r, const void *p, size_t len);
bool httpd_printf(struct httpd_req *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A whole answer with a body of JSON; @headers: further ones, each with \r\n, or "". */
bool httpd_answer(struct httpd_req *r, int status, const char *headers, const char *json);
/* An answer in chunks: the head of a 200, chunks, the end. */
bool httpd_chunked(struct httpd_req *r);
bool httpd_chunk(struct httpd_req *r, const char *p, size_t len);
bool httpd_chunks_end(struct httpd_req *r);

#endif
