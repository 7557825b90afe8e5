// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <netinet/in.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include "../base/mem.h"
#include "attr.h"
#include "netfilter.h"

struct list {
	netfilter_each each;
	void *ctx;
	enum netfilter_thing thing;
};

/* Chains and flowtables have their table's name and their own in the same places. */
_Static_assert(NFTA_CHAIN_TABLE == 1 && NFTA_CHAIN_NAME == 3, "chain attributes");
_Static_assert(NFTA_FLOWTABLE_TABLE == 1 && NFTA_FLOWTABLE_NAME == 2, "flowtable attributes");

static int on_object(struct nl_msg *msg, void *ctx)
{
	const struct list *l = ctx;
	struct nlmsghdr *h = nlmsg_hdr(msg);
	const struct nlattr *table, *name;
	char table_name[64], own_name[256];
	int head = NLMSG_ALIGN(sizeof(struct nfgenmsg));

	table = nlmsg_find_attr(h, head, NFTA_CHAIN_TABLE);
	name = nlmsg_find_attr(h, head, l->thing == NETFILTER_CHAIN ? NFTA_CHAIN_NAME : NFTA_FLOWTABLE_NAME);
	if (!table || !name)
		return NL_OK;
	attr_strcpy(table, table_name, sizeof(table_name));
	attr_strcpy(name, own_name, sizeof(own_name));
	l->each(l->ctx, l->thing, table_name, own_name);
	return NL_OK;
}

static int nft_dump(struct nl_sock *sock, int type, struct list *l)
{
	struct nfgenmsg gen = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 };
	int rc = nl_send_simple(sock, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_DUMP, &gen, sizeof(gen));

	if (rc < 0)
		return rc;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_object, l);
	return nl_recvmsgs_default(sock);
}

int netfilter_nft(netfilter_each each, void *ctx, struct err *err)
{
	struct list chains = { each, ctx, NETFILTER_CHAIN }, flowtables = { each, ctx, NETFILTER_FLOWTABLE };
	struct nl_sock *sock = nl_socket_alloc();
	int rc;

	if (!sock)
		abort();
	rc = nl_connect(sock, NETLINK_NETFILTER);
	if (!rc)
		rc = nft_dump(sock, NFT_MSG_GETCHAIN, &chains);
	if (!rc)
		rc = nft_dump(sock, NFT_MSG_GETFLOWTABLE, &flowtables);
	nl_socket_free(sock);
	return rc < 0 ? err_set(err, "cannot read nftables' chains: %s", nl_geterror(rc)) : 0;
}

/* Where the two families' otherwise equal structures differ. */
struct family {
	int domain, level, info, entries;
	size_t entry_size, header_size;
};

/* A user-defined chain begins with an entry whose target is ERROR and carries the name. */
static void take_entry(const struct xt_entry_target *t, size_t room, netfilter_each each, void *ctx)
{
	const struct xt_error_target *e = (const void *)t;
	char name[sizeof(e->errorname) + 1] = "";

	if (room < sizeof(*e) || strncmp(t->u.user.name, XT_ERROR_TARGET, sizeof(t->u.user.name)))
		return;
	memcpy(name, e->errorname, sizeof(e->errorname));
	each(ctx, NETFILTER_CHAIN, "filter", name);
}

static void walk(const struct family *f, const char *entries, size_t size, netfilter_each each, void *ctx)
{
	size_t at = 0;

	while (at + f->entry_size <= size) {
		/* target_offset and next_offset are two u16 before comefrom, in both. */
		uint16_t target, next;

		if (f->domain == AF_INET6) {
			const struct ip6t_entry *e = (const void *)(entries + at);

			target = e->target_offset;
			next = e->next_offset;
		} else {
			const struct ipt_entry *e = (const void *)(entries + at);

			target = e->target_offset;
			next = e->next_offset;
		}
		if (next < f->entry_size || target > next || at + next > size)
			return;
		take_entry((const void *)(entries + at + target), next - target, each, ctx);
		at += next;
	}
}

static int xtables_read(int fd, const struct family *f, netfilter_each each, void *ctx)
{
	struct ipt_getinfo info = { .name = "filter" };
	socklen_t len = sizeof(info);
	struct ipt_get_entries *get;
	int rc;

	/* struct ipt_getinfo and ip6t_getinfo, ipt_get_entries and ip6t_get_entries are the same but in name. */
	if (getsockopt(fd, f->level, f->info, &info, &len))
		return -1;
	len = f->header_size + info.size;
	get = mem_array(1, len);
	strcpy(get->name, "filter");
	get->size = info.size;
	rc = getsockopt(fd, f->level, f->entries, get, &len);
	if (!rc)
		walk(f, (const char *)get + f->header_size, info.size, each, ctx);
	free(get);
	return rc;
}

int netfilter_xtables(int v6, netfilter_each each, void *ctx, struct err *err)
{
	static const struct family families[] = {
		{ AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES, sizeof(struct ipt_entry),
		  sizeof(struct ipt_get_entries) },
		{ AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES, sizeof(struct ip6t_entry),
		  sizeof(struct ip6t_get_entries) },
	};
	const struct family *f = &families[!!v6];
	int fd = socket(f->domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), rc;

	if (fd < 0)
		return err_set(err, "cannot look at iptables: %s", strerror(errno));
	rc = xtables_read(fd, f, each, ctx);
	if (rc)
		err_set(err, "cannot read the chains of %s: %s", v6 ? "ip6tables" : "iptables", strerror(errno));
	close(fd);
	return rc;
}
