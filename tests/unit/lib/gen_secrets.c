// SPDX-License-Identifier: GPL-2.0
/* Certificates for the generator: made by openssl, never looked at by the oracle. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "gen.h"

const struct oracle_secret gen_secrets[] = {
	{ "good", true, { "a.test" } },
	{ "wild", true, { "*.w.test" } },
	{ "two", true, { "b.test", "*.c.test" } },
	{ "expired", false, { "a.test" } },
	{ "early", false, { "a.test" } },
	{ "otherkey", false, { "a.test" } },
	{ "garbage", false, {} },
	{ "nokey", false, { "a.test" } },
	{}
};
#define N_SECRETS (sizeof(gen_secrets) / sizeof(gen_secrets[0]) - 1)

static struct gen_pem pems[N_SECRETS];

static char *bio_text(BIO *bio)
{
	char *data, *text;
	long n = BIO_get_mem_data(bio, &data);

	text = mem_strndup(data, n);
	BIO_free(bio);
	return text;
}

static char *key_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (!PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		abort();
	return bio_text(bio);
}

static void add_names(X509 *crt, const char *const *hosts)
{
	char list[128] = "";
	X509_EXTENSION *ext;

	for (int i = 0; hosts[i]; i++) {
		strcat(list, i ? ",DNS:" : "DNS:");
		strcat(list, hosts[i]);
	}
	ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, list);
	if (!ext || !X509_add_ext(crt, ext, -1))
		abort();
	X509_EXTENSION_free(ext);
}

static char *crt_pem(EVP_PKEY *key, const char *const *hosts, time_t from, time_t to)
{
	X509 *crt = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_set_version(crt, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(crt), 1);
	ASN1_TIME_set(X509_getm_notBefore(crt), from);
	ASN1_TIME_set(X509_getm_notAfter(crt), to);
	X509_set_pubkey(crt, key);
	add_names(crt, hosts);
	if (!X509_sign(crt, key, EVP_sha256()) || !PEM_write_bio_X509(bio, crt))
		abort();
	X509_free(crt);
	return bio_text(bio);
}

static void make(const struct oracle_secret *s, struct gen_pem *out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	time_t from = GEN_NOW - 86400, to = GEN_NOW + 86400;

	if (!strcmp(s->name, "expired"))
		to = GEN_NOW - 60;
	if (!strcmp(s->name, "early"))
		from = GEN_NOW + 60;
	if (!strcmp(s->name, "garbage"))
		out->crt = mem_strdup("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
	else
		out->crt = crt_pem(key, s->hosts, from, to);
	if (strcmp(s->name, "nokey"))
		out->key = key_pem(strcmp(s->name, "otherkey") ? key : other);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

void gen_secrets_make(void)
{
	for (size_t i = 0; i < N_SECRETS; i++)
		make(&gen_secrets[i], &pems[i]);
}

void gen_secrets_free(void)
{
	for (size_t i = 0; i < N_SECRETS; i++) {
		free(pems[i].crt);
		free(pems[i].key);
	}
}

const struct gen_pem *gen_secret_pem(size_t i)
{
	return &pems[i];
}
