// SPDX-License-Identifier: GPL-2.0
/*
 * decode_secret: TLS Secrets, whose PEM text stands in base64 (data) or as it is (stringData,
 * which wins).
 */
#include <stdlib.h>
#include <string.h>
#include "decoder.h"

bool secret_is_tls(const struct doc *d)
{
	const struct doc *type = doc_get(d, "type");

	return type && type->type == DOC_STRING && !strcmp(type->string.s, "kubernetes.io/tls");
}

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Standard base64 with padding; line breaks are skipped.  NULL if malformed. */
static char *decode_base64(const char *s, size_t *len)
{
	char *out = mem_array(strlen(s) / 4 * 3 + 4, 1);
	unsigned bits = 0, n = 0, pads = 0;

	*len = 0;
	for (; *s; s++) {
		if (*s == '\n' || *s == '\r')
			continue;
		if (*s == '=' && n % 4 >= 2)
			pads++;
		else if (sextet(*s) < 0 || pads)
			goto bad;
		bits = bits << 6 | (*s == '=' ? 0 : sextet(*s));
		if (++n % 4)
			continue;
		out[(*len)++] = bits >> 16;
		out[(*len)++] = bits >> 8;
		out[(*len)++] = bits;
	}
	if (n % 4 || pads > 2)
		goto bad;
	*len -= pads;
	return out;
bad:
	free(out);
	return NULL;
}

static char *decode_entry(struct decoder *dec, const struct doc *d, const char *key, size_t *len)
{
	const struct doc *data = dec_map(dec, d, "data"), *plain = dec_map(dec, d, "stringData");
	const char *s = dec_text(dec, plain, key);
	size_t at = dec_enter(dec, "data");
	char *out = NULL;

	if (s) {
		*len = strlen(s);
		out = mem_strdup(s);
	} else if (doc_get(data, key)) {
		s = dec_text(dec, data, key);
		out = s ? decode_base64(s, len) : NULL;
		if (s && !out)
			dec_error_in(dec, doc_get(data, key), key, "is not base64");
	} else {
		dec_error_in(dec, data, key, "is required in a Secret of type kubernetes.io/tls");
	}
	dec_leave(dec, at);
	return out;
}

void decode_secret(struct decoder *dec, const struct doc *d, struct meta *obj)
{
	struct secret *s = (struct secret *)obj;

	s->crt = decode_entry(dec, d, "tls.crt", &s->crt_len);
	s->key = decode_entry(dec, d, "tls.key", &s->key_len);
}
