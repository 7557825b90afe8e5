/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mock: an API server of a few objects in memory that lists by pages, streams, watches, and
 * misbehaves when told to.
 */
#ifndef CLUSTER_MOCK_H
#define CLUSTER_MOCK_H

#include "httpd.h"
#include "model/model.h"

struct mock;

/* A request as an API server reads it. */
struct mock_call {
	struct httpd_req *http;
	enum kind kind;
	bool watch, initial;	/* initial: a watch that begins with everything */
	long from;		/* a watch's resourceVersion; a page's first object */
	int nth;		/* which call of this kind and sort it is, from 1 */
};

enum mock_verdict {
	MOCK_BEHAVE,		/* answer as an API server would */
	MOCK_CLOSE,		/* the hook answered; close the connection */
	MOCK_KEEP,		/* the hook answered; go on */
};
/* Asked before each answer, in the connection's thread. */
typedef enum mock_verdict (*mock_hook)(void *ctx, struct mock *m, const struct mock_call *call);

struct mock *mock_start(void);
void mock_stop(struct mock *m);
const char *mock_url(const struct mock *m);
void mock_set_hook(struct mock *m, mock_hook hook, void *ctx);
/* It answers 422 to streaming lists, as older servers do. */
void mock_set_no_streaming(struct mock *m);
/* It takes connections and requests and says nothing, not even of watches under way. */
void mock_mute(struct mock *m, bool mute);
/* "Bearer ..." that calls must bring; NULL: any. */
void mock_set_token(struct mock *m, const char *authorization);

/*
 * Adds or replaces an object: @meta is further JSON of its metadata (", "labels": {}") or "", @body that
 * of the object itself (", "spec": {}") or "".
 */
void mock_put(struct mock *m, enum kind kind, const char *ns, const char *name, const char *meta, const char *body);
void mock_delete(struct mock *m, enum kind kind, const char *ns, const char *name);
/* Watches from before now are 410 from here on. */
void mock_compact(struct mock *m);
/* Ends every connection. */
void mock_drop(struct mock *m);

/* Calls so far of a kind: by pages, streaming, plain watches. */
struct mock_counts {
	int pages, streams, watches;
};
struct mock_counts mock_counts(struct mock *m, enum kind kind);

/* What was written (any method but GET): it answers @status to each, and keeps the last. */
void mock_set_write_status(struct mock *m, int status);
/* How many writes there were; "METHOD path body" of the last into @last (NULL: not wanted), malloc'ed. */
int mock_writes(struct mock *m, char **last);

#endif
