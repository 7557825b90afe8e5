/* SPDX-License-Identifier: GPL-2.0 */
/* YAML that mends a finding, where objects say enough to write it; malloc'ed, NULL where they do not. */
#ifndef AUDIT_FIX_H
#define AUDIT_FIX_H

#include "ctx.h"

/* Isolates @p for ingress but for the ports of it that are published. */
char *fix_isolate(const struct audit_ctx *c, const struct pod *p);
/* Lets @gateway out to, or @pod be reached by it, on a port. */
char *fix_allow(const struct pod *gateway, const struct pod *pod, const struct slice_port *port, bool egress);
/* A spec.tls with the hosts of all rules, and a Secret to be named by whoever issues the certificate. */
char *fix_tls(const struct ingress *in);

#endif
