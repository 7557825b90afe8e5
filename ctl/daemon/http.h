/* SPDX-License-Identifier: GPL-2.0 */
/*
 * http: the status server.  No thread of its own: it is a guest of the loop, so that an
 * answer also says that the loop is alive.
 */
#ifndef DAEMON_HTTP_H
#define DAEMON_HTTP_H

#include <stdio.h>
#include "../base/err.h"
#include "loop.h"

struct http_route {
	const char *path;
	const char *type;	/* Content-Type */
	unsigned (*answer)(void *ctx, FILE *out);	/* writes the body, returns the HTTP status */
};

struct http;
/*
 * Listens on @where: "ADDRESS:PORT", "[ADDRESS]:PORT", or ":PORT" for all addresses.  @routes end with a
 * path of NULL and must outlive the server.  NULL with @err.
 */
struct http *http_new(const char *where, const struct http_route *routes, void *ctx, struct err *err);
void http_free(struct http *h);
struct loop_guest http_guest(struct http *h);

#endif
