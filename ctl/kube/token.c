// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "config.h"
#include "token.h"

/* A token is one word; anything else would break the header it goes into. */
static void trim(char *s)
{
	size_t n = strcspn(s, "\r\n \t");

	if (s[n + strspn(s + n, "\r\n \t")])
		n = 0;
	s[n] = 0;
	for (size_t i = 0; i < n; i++)
		if (!isgraph((unsigned char)s[i]))
			s[0] = 0;
}

static void reread(struct kube_token *t)
{
	struct err err;
	char *text = kube_read_file(t->path, NULL, &err);

	if (text)
		trim(text);
	if (!text || !*text) {
		log_warn("the token cannot be read; the last one stays in use", "file=%s why=%s", t->path,
			 text ? "not one word" : err.msg);
		free(text);
		return;
	}
	free(t->text);
	t->text = text;
}

const char *kube_token_get(struct kube_token *t, uint64_t now_ms, uint64_t max_age_ms)
{
	if (t->path && (!t->read_ms || now_ms - t->read_ms >= max_age_ms)) {
		reread(t);
		t->read_ms = now_ms ? now_ms : 1;
	}
	return t->text;
}
