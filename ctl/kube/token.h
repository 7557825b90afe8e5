/* SPDX-License-Identifier: GPL-2.0 */
/*
 * token: the bearer token, read again as the kubelet rotates it.
 */
#ifndef KUBE_TOKEN_H
#define KUBE_TOKEN_H

#include <stdint.h>

struct kube_token {
	const char *path;	/* NULL: @text never changes */
	char *text;		/* NULL: there is none */
	uint64_t read_ms;	/* when the file was last read; 0: never */
};

/*
 * The token to send at @now_ms; NULL: none.  The file is read again when the last reading is older than
 * @max_age_ms; if it can't be, the token stays as it was and the log says so.  Valid until the next call.
 */
const char *kube_token_get(struct kube_token *t, uint64_t now_ms, uint64_t max_age_ms);

#endif
