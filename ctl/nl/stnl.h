/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stnl: what the files of nl/ share about an open module.  Private to nl/.
 */
#ifndef NL_STNL_H
#define NL_STNL_H

#include "conn.h"
#include "decode.h"
#include "nl.h"

struct stnl {
	struct nl_sock *sock;
	struct nl_sock *events;	/* NULL until drops are followed */
	struct conn_family family;
};

struct nl_msg *stnl_message(const struct stnl *nl, uint8_t cmd, int flags);

/* STATUS, with the CONFIG taken into @config where that is not NULL. */
struct stnl_report {
	struct stnl_status status;
	struct decode *config;
};
int stnl_report(struct stnl *nl, struct stnl_report *out, struct err *err);

#endif
