// SPDX-License-Identifier: GPL-2.0
/*
 * nfqueue: the least a program can do that judges packets for the kernel: UDP to port 9 passes.
 *
 * Answers queue 0 of this network namespace, from the background, for good.  It reads what is there, and
 * gives all verdicts at once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH 64
#define DPORT 9
#define DPORT_OFFSET 22		/* of a packet without IP options */

static struct mnl_socket *nl;
static char verdicts[BATCH * 64];
static size_t verdicts_len;

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static struct nlmsghdr *message(void *buf, int type, unsigned short res_id)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = NFNL_SUBSYS_QUEUE << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = AF_UNSPEC;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(res_id);
	return nlh;
}

static void configure(void)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = { htonl(DPORT_OFFSET + 2), NFQNL_COPY_PACKET };
	char buf[256];
	struct nlmsghdr *nlh = message(buf, NFQNL_MSG_CONFIG, 0);

	mnl_attr_put(nlh, NFQA_CFG_CMD, sizeof(bind), &bind);
	must(mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) > 0, "bind");
	nlh = message(buf, NFQNL_MSG_CONFIG, 0);
	mnl_attr_put(nlh, NFQA_CFG_PARAMS, sizeof(params), &params);
	mnl_attr_put_u32(nlh, NFQA_CFG_QUEUE_MAXLEN, htonl(65536));
	must(mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) > 0, "parameters");
}

static uint32_t judge(const unsigned char *packet, size_t len)
{
	return len > DPORT_OFFSET + 1 && packet[DPORT_OFFSET] == DPORT >> 8 &&
	       packet[DPORT_OFFSET + 1] == (DPORT & 255) ? NF_ACCEPT : NF_DROP;
}

static int take_attr(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;

	if (mnl_attr_get_type(attr) <= NFQA_MAX)
		tb[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static int take_packet(const struct nlmsghdr *in, void *data)
{
	const struct nlattr *tb[NFQA_MAX + 1] = {};
	const struct nfqnl_msg_packet_hdr *ph;
	struct nfqnl_msg_verdict_hdr v;
	struct nlmsghdr *nlh;

	mnl_attr_parse(in, sizeof(struct nfgenmsg), take_attr, tb);
	if (!tb[NFQA_PACKET_HDR] || !tb[NFQA_PAYLOAD])
		return MNL_CB_OK;
	ph = mnl_attr_get_payload(tb[NFQA_PACKET_HDR]);
	v.id = ph->packet_id;
	v.verdict = htonl(judge(mnl_attr_get_payload(tb[NFQA_PAYLOAD]), mnl_attr_get_payload_len(tb[NFQA_PAYLOAD])));
	nlh = message(verdicts + verdicts_len, NFQNL_MSG_VERDICT, 0);
	mnl_attr_put(nlh, NFQA_VERDICT_HDR, sizeof(v), &v);
	verdicts_len += nlh->nlmsg_len;
	return MNL_CB_OK;
}

static void serve(void)
{
	static char buf[65536];
	int fd = mnl_socket_get_fd(nl), n, flags;

	for (;;) {
		verdicts_len = 0;
		flags = 0;
		for (int i = 0; i < BATCH && (n = recv(fd, buf, sizeof(buf), flags)) > 0; i++) {
			mnl_cb_run(buf, n, 0, 0, take_packet, NULL);
			flags = MSG_DONTWAIT;
		}
		if (verdicts_len)
			must(mnl_socket_sendto(nl, verdicts, verdicts_len) > 0, "verdict");
	}
}

int main(void)
{
	struct sched_param p = { .sched_priority = 52 };	/* ahead of who sends and of softirqs: woken for each packet */

	nl = mnl_socket_open(NETLINK_NETFILTER);
	must(nl && !mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID), "socket");
	configure();
	must(!sched_setscheduler(0, SCHED_FIFO, &p), "priority");
	must(!daemon(0, 0), "daemon");
	serve();
}
