// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <netlink/netlink.h>
#include <linux/stockade.h>
#include "../base/mem.h"
#include "attr.h"
#include "decode.h"
#include "encode.h"
#include "stnl.h"

static int say_perm(int rc, struct err *err)
{
	if (rc == -EPERM)
		err_set(err, "CAP_NET_ADMIN is needed in this network namespace (run as root?)");
	return rc;
}

struct stnl *stnl_open(struct err *err)
{
	struct stnl *nl = mem_new(struct stnl);
	struct stnl_status status;

	nl->sock = conn_open(err);
	if (!nl->sock)
		goto err_free;
	if (conn_resolve(nl->sock, &nl->family, err) || stnl_status(nl, &status, err))
		goto err_close;
	return nl;

err_close:
	nl_socket_free(nl->sock);
err_free:
	free(nl);
	return NULL;
}

void stnl_close(struct stnl *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->events);
	nl_socket_free(nl->sock);
	free(nl);
}

struct nl_msg *stnl_message(const struct stnl *nl, uint8_t cmd, int flags)
{
	return encode_message(nl->family.id, cmd, flags);
}

static int on_status(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	struct stnl_report *r = ctx;
	const struct nlattr *pos;
	int rem;

	nla_for_each_attr(pos, (struct nlattr *)head, len, rem)
		if (nla_type(pos) == STOCKADE_A_STATUS && decode_status(pos, &r->status, err))
			return -EBADMSG;
	return r->config ? decode_objects(r->config, head, len, err) : 0;
}

static int ask_status(struct stnl *nl, struct stnl_report *out, struct err *err)
{
	return conn_request(nl->sock, stnl_message(nl, STOCKADE_CMD_STATUS, NLM_F_ACK), on_status, out, err);
}

int stnl_report(struct stnl *nl, struct stnl_report *out, struct err *err)
{
	int rc = ask_status(nl, out, err);

	/* A module that was reloaded has the same name and another number. */
	if (rc == -ENOENT)
		rc = conn_resolve(nl->sock, &nl->family, err) ?: ask_status(nl, out, err);
	return say_perm(rc, err);
}

int stnl_status(struct stnl *nl, struct stnl_status *out, struct err *err)
{
	struct stnl_report report = {};
	int rc = stnl_report(nl, &report, err);

	if (!rc)
		*out = report.status;
	return rc;
}

static int begin(struct stnl *nl, const struct table *to, bool whole, uint64_t base, struct err *err)
{
	struct nl_msg *msg = stnl_message(nl, STOCKADE_CMD_BEGIN, NLM_F_ACK);

	if (!whole)
		nla_put_u64(msg, STOCKADE_A_BASE, base);
	nla_put_u32(msg, STOCKADE_A_ENDPOINT_COUNT, to->n_endpoints);
	return conn_request(nl->sock, msg, NULL, NULL, err);
}

struct send_ctx {
	struct stnl *nl;
	struct err *err;
};

static int send_objects(void *ctx, struct nl_msg *msg)
{
	struct send_ctx *c = ctx;

	return conn_request(c->nl->sock, msg, NULL, NULL, c->err);
}

static int fill(struct stnl *nl, const struct table *from, const struct table *to, struct stnl_sent *sent,
		struct err *err)
{
	struct send_ctx ctx = { nl, err };
	struct encode_stream s = { .send = send_objects, .ctx = &ctx, .family = nl->family.id, .err = err };
	int rc = table_diff(from, to, encode_stream_add, &s);

	rc = encode_stream_end(&s, rc) ?: rc;
	if (sent)
		*sent = s.sent;
	return rc;
}

static int on_generation(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	const struct nlattr *a = nla_find((struct nlattr *)head, len, STOCKADE_A_GENERATION);

	if (a)
		*(uint64_t *)ctx = attr_u64(a);
	return 0;
}

static int seal(struct stnl *nl, uint64_t digest, uint64_t *generation, struct err *err)
{
	struct nl_msg *msg = stnl_message(nl, STOCKADE_CMD_COMMIT, NLM_F_ACK);

	nla_put_u64(msg, STOCKADE_A_DIGEST, digest);
	return conn_request(nl->sock, msg, on_generation, generation, err);
}

int stnl_commit(struct stnl *nl, const struct table *from, const struct table *to, uint64_t digest,
		uint64_t *generation, struct stnl_sent *sent, struct err *err)
{
	int rc = begin(nl, to, !from, *generation, err);

	if (rc)
		return say_perm(rc, err);
	rc = fill(nl, from, to, sent, err);
	if (!rc)
		return seal(nl, digest, generation, err);	/* a refused COMMIT ends the transaction by itself */
	conn_request(nl->sock, stnl_message(nl, STOCKADE_CMD_ABORT, NLM_F_ACK), NULL, NULL, NULL);
	return rc;
}

int stnl_teardown(struct stnl *nl, struct err *err)
{
	struct nl_msg *msg = stnl_message(nl, STOCKADE_CMD_TEARDOWN, NLM_F_ACK);

	return say_perm(conn_request(nl->sock, msg, NULL, NULL, err), err);
}

static int on_verdict(void *ctx, const struct nlattr *head, int len, struct err *err)
{
	struct stnl_verdict *out = ctx, v;
	const struct nlattr *pos;
	int rem;

	nla_for_each_attr(pos, (struct nlattr *)head, len, rem) {
		if (nla_type(pos) != STOCKADE_A_VERDICT)
			continue;
		if (decode_verdict(pos, &v, err))
			return -EBADMSG;
		if (v.door < STOCKADE_DOORS)
			out[v.door] = v;
	}
	return 0;
}

int stnl_judge(struct stnl *nl, const struct stnl_flow *flow, struct stnl_verdict out[STOCKADE_DOORS], struct err *err)
{
	struct nl_msg *msg = stnl_message(nl, STOCKADE_CMD_JUDGE, NLM_F_ACK);

	if (ip_is4(&flow->opener) != ip_is4(&flow->target)) {
		nlmsg_free(msg);
		err_set(err, "a flow's ends must be of one address family");
		return -EINVAL;
	}
	encode_flow(msg, STOCKADE_A_FLOW, flow);
	return say_perm(conn_request(nl->sock, msg, on_verdict, out, err), err);
}
