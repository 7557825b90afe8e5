// SPDX-License-Identifier: GPL-2.0
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include "tls.h"

/* A key under a password is no key here; the default callback would ask at the terminal. */
static int no_password(char *buf, int size, int writing, void *ctx)
{
	return 0;
}

static X509 *read_certificate(const struct secret *s)
{
	BIO *bio = s->crt ? BIO_new_mem_buf(s->crt, (int)s->crt_len) : NULL;
	X509 *crt = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return crt;
}

static EVP_PKEY *read_key(const struct secret *s)
{
	BIO *bio = s->key ? BIO_new_mem_buf(s->key, (int)s->key_len) : NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

	BIO_free(bio);
	return key;
}

static bool covers(X509 *crt, const char *host)
{
	if (!host || !*host)
		return true;
	return X509_check_host(crt, host, strlen(host), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

static enum tls_verdict judge(X509 *crt, EVP_PKEY *key, const char *host, time_t now)
{
	if (X509_check_private_key(crt, key) != 1)
		return TLS_OTHER_KEY;
	if (!covers(crt, host))
		return TLS_OTHER_HOST;
	if (X509_cmp_time(X509_get0_notBefore(crt), &now) >= 0)
		return TLS_NOT_YET;
	if (X509_cmp_time(X509_get0_notAfter(crt), &now) <= 0)
		return TLS_EXPIRED;
	return TLS_COVERED;
}

enum tls_verdict tls_judge_secret(const struct secret *s, const char *host, time_t now)
{
	X509 *crt = read_certificate(s);
	EVP_PKEY *key = read_key(s);
	enum tls_verdict v = crt && key ? judge(crt, key, host, now) : TLS_UNREADABLE;

	X509_free(crt);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return v;
}

static bool listed(const char *pattern, const char *host)
{
	const char *dot;

	if (!strcasecmp(pattern, host))
		return true;
	if (strncmp(pattern, "*.", 2) || *host == '*')
		return false;
	dot = strchr(host, '.');
	return dot && dot != host && !strcasecmp(dot, pattern + 1);
}

static bool entry_covers(const struct ingress_tls *t, const char *host)
{
	for (unsigned i = 0; *host && i < t->n_hosts; i++)
		if (listed(t->hosts[i], host))
			return true;
	return !t->n_hosts;
}

enum tls_verdict tls_judge(const struct model *m, const struct ingress *in, const char *host, time_t now)
{
	enum tls_verdict best = TLS_NO_ENTRY;

	for (unsigned i = 0; i < in->n_tls && best != TLS_COVERED; i++) {
		const struct ingress_tls *t = &in->tls[i];
		const struct secret *s;
		enum tls_verdict v;

		if (!entry_covers(t, host))
			continue;
		s = *t->secret ? (const void *)model_get(m, KIND_SECRET, in->meta.ns, t->secret) : NULL;
		v = s ? tls_judge_secret(s, host, now) : TLS_NO_SECRET;
		if (v > best)
			best = v;
	}
	return best;
}

const char *tls_verdict_text(enum tls_verdict v)
{
	static const char *const texts[] = {
		[TLS_NO_ENTRY] = "no entry of spec.tls covers the host",
		[TLS_NO_SECRET] = "its Secret is missing or not of type kubernetes.io/tls",
		[TLS_UNREADABLE] = "its certificate or key can't be parsed",
		[TLS_OTHER_KEY] = "its key does not belong to its certificate",
		[TLS_OTHER_HOST] = "its certificate does not cover the host",
		[TLS_NOT_YET] = "its certificate is not valid yet",
		[TLS_EXPIRED] = "its certificate has expired",
		[TLS_COVERED] = "covered",
	};

	return texts[v];
}
