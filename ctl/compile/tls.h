/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tls: is an Ingress rule covered by spec.tls?  Offline: a certificate is judged by what
 * it says and the time given, its issuer is not looked for.
 *
 * An entry of spec.tls covers the hosts it lists ("*.a.b" lists the names one label longer than
 * a.b, as it does in certificates), and one that lists none covers all.  A rule
 * without host, and the default backend, serve any name, so only an entry that lists none
 * covers them, and there is no host for its certificate to cover.
 * The certificate must cover the host as X509_check_host() sees it: a star stands for one whole label and
 * needs two behind it ("*.b" covers nothing), and a rule for "*.a.b" needs a certificate for "*.a.b".
 */
#ifndef COMPILE_TLS_H
#define COMPILE_TLS_H

#include <time.h>
#include "../model/model.h"

/* From worst to best: of several entries the one that comes nearest tells what is wrong. */
enum tls_verdict {
	TLS_NO_ENTRY,		/* no entry of spec.tls covers the host */
	TLS_NO_SECRET,		/* the entry names none, or there is none of type kubernetes.io/tls */
	TLS_UNREADABLE,		/* certificate or key missing or not parsed */
	TLS_OTHER_KEY,		/* the key is not the certificate's */
	TLS_OTHER_HOST,		/* the certificate does not cover the host */
	TLS_NOT_YET,
	TLS_EXPIRED,
	TLS_COVERED,
};
/* Is rule or default backend for @host ("": any) of @in covered at @now? */
enum tls_verdict tls_judge(const struct model *m, const struct ingress *in, const char *host, time_t now);
/* The Secret's part of it; @host "" or NULL: any will do. */
enum tls_verdict tls_judge_secret(const struct secret *s, const char *host, time_t now);
/* "its certificate has expired" */
const char *tls_verdict_text(enum tls_verdict v);

#endif
