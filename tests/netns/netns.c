// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>
#include "netns.h"

static int home = -1;	/* the namespace the process began in */

static int remember_home(struct err *err)
{
	if (home < 0)
		home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return home < 0 ? err_set(err, "/proc/self/ns/net: %s", strerror(errno)) : 0;
}

int netns_enter(const struct netns *n, struct err *err)
{
	if (remember_home(err))
		return -1;
	if (setns(n ? n->fd : home, CLONE_NEWNET))
		return err_set(err, "setns: %s", strerror(errno));
	return 0;
}

int netns_sysctl(const char *name, const char *value, struct err *err)
{
	char path[160];
	int fd, rc;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, "%s: %s", path, strerror(errno));
	rc = write(fd, value, strlen(value)) < 0 ? err_set(err, "%s: %s", path, strerror(errno)) : 0;
	close(fd);
	return rc;
}

static struct nl_msg *message(int type, int flags, const void *header, size_t size)
{
	struct nl_msg *m = nlmsg_alloc_simple(type, flags);

	if (m)
		nlmsg_append(m, (void *)header, size, NLMSG_ALIGNTO);
	return m;
}

/* Sends @m, which is used up, and waits for the answer; returns 0 or -NLE_*. */
static int call(struct netns *n, struct nl_msg *m)
{
	return nl_send_sync(n->rt, m);
}

static int failed(int rc, struct err *err, const char *what)
{
	return rc < 0 ? err_set(err, "%s: %s", what, nl_geterror(rc)) : 0;
}

static int link_up(struct netns *n, int index, struct err *err)
{
	struct ifinfomsg ifi = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	return failed(call(n, message(RTM_SETLINK, 0, &ifi, sizeof(ifi))), err, "link up");
}

static int open_here(struct netns *n, struct err *err)
{
	int rc;

	n->fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (n->fd < 0)
		return err_set(err, "/proc/thread-self/ns/net: %s", strerror(errno));
	n->rt = nl_socket_alloc();
	rc = nl_connect(n->rt, NETLINK_ROUTE);
	return failed(rc, err, "rtnetlink");
}

int netns_new(struct netns *n, struct err *err)
{
	int rc;

	*n = (struct netns){ .fd = -1 };
	if (remember_home(err))
		return -1;
	if (unshare(CLONE_NEWNET))
		return err_set(err, "unshare: %s", strerror(errno));
	rc = open_here(n, err) || link_up(n, NETNS_LO, err) ||
		/* Link-local addresses are given where they are wanted. */
		netns_sysctl("ipv6/conf/default/addr_gen_mode", "1", err) ||
		/* Anyone may ping: an echo is sent and received without a raw socket. */
		netns_sysctl("ipv4/ping_group_range", "0 2147483647", err);
	if (netns_enter(NULL, rc ? NULL : err) || rc) {
		netns_free(n);
		return -1;
	}
	return 0;
}

int netns_home(struct netns *n, struct err *err)
{
	*n = (struct netns){ .fd = -1 };
	return netns_enter(NULL, err) || open_here(n, err) ? -1 : 0;
}

void netns_free(struct netns *n)
{
	if (n->rt)
		nl_socket_free(n->rt);
	if (n->fd >= 0)
		close(n->fd);
	*n = (struct netns){ .fd = -1 };
}

int netns_veth(struct netns *a, const char *a_name, int a_index, struct netns *b, const char *b_name,
	       int b_index, struct err *err)
{
	struct ifinfomsg ifi = { .ifi_index = a_index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct ifinfomsg peer = { .ifi_index = b_index };
	struct nl_msg *m = message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	struct nlattr *info, *data, *end;

	nla_put_string(m, IFLA_IFNAME, a_name);
	info = nla_nest_start(m, IFLA_LINKINFO);
	nla_put_string(m, IFLA_INFO_KIND, "veth");
	data = nla_nest_start(m, IFLA_INFO_DATA);
	end = nla_nest_start(m, VETH_INFO_PEER);
	nlmsg_append(m, &peer, sizeof(peer), NLMSG_ALIGNTO);
	nla_put_string(m, IFLA_IFNAME, b_name);
	nla_put_u32(m, IFLA_NET_NS_FD, b->fd);
	nla_nest_end(m, end);
	nla_nest_end(m, data);
	nla_nest_end(m, info);
	/* The far end can't come up before there is a near end. */
	return failed(call(a, m), err, "veth") || link_up(b, b_index, err) ? -1 : 0;
}

int netns_del_link(struct netns *n, int index, struct err *err)
{
	struct ifinfomsg ifi = { .ifi_index = index };

	return failed(call(n, message(RTM_DELLINK, 0, &ifi, sizeof(ifi))), err, "del link");
}

/* An address as netlink wants it: 4 or 16 bytes. */
static const void *raw(const struct ip *ip)
{
	return ip_is4(ip) ? ip->b + 12 : ip->b;
}

static int raw_len(const struct ip *ip)
{
	return ip_is4(ip) ? 4 : 16;
}

static int family(const struct ip *ip)
{
	return ip_is4(ip) ? AF_INET : AF_INET6;
}

static int change_addr(struct netns *n, int type, int flags, int index, const struct ip *ip, struct err *err)
{
	struct ifaddrmsg ifa = {
		.ifa_family = family(ip), .ifa_prefixlen = 8 * raw_len(ip), .ifa_index = index,
		.ifa_flags = ip_is4(ip) ? 0 : IFA_F_NODAD,
	};
	struct nl_msg *m = message(type, flags, &ifa, sizeof(ifa));
	char text[IP_STRLEN];
	int rc;

	nla_put(m, IFA_LOCAL, raw_len(ip), raw(ip));
	nla_put(m, IFA_ADDRESS, raw_len(ip), raw(ip));
	rc = call(n, m);
	return rc < 0 ? err_set(err, "address %s: %s", ip_format(ip, text), nl_geterror(rc)) : 0;
}

int netns_add_addr(struct netns *n, int index, const struct ip *ip, struct err *err)
{
	return change_addr(n, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, ip, err);
}

int netns_del_addr(struct netns *n, int index, const struct ip *ip, struct err *err)
{
	return change_addr(n, RTM_DELADDR, 0, index, ip, err);
}

static struct nl_msg *route(int type, int flags, const struct ip *dst, int fam, unsigned char scope, unsigned rt_flags)
{
	struct rtmsg rt = {
		.rtm_family = fam, .rtm_dst_len = dst ? 8 * raw_len(dst) : 0, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC, .rtm_scope = scope, .rtm_type = RTN_UNICAST, .rtm_flags = rt_flags,
	};
	struct nl_msg *m = message(type, flags, &rt, sizeof(rt));

	if (dst)
		nla_put(m, RTA_DST, raw_len(dst), raw(dst));
	return m;
}

int netns_set_route(struct netns *n, const struct ip *dst, const struct ip *via, int index, struct err *err)
{
	struct nl_msg *m = route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, dst, family(dst ? dst : via),
				 via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK, via ? RTNH_F_ONLINK : 0);
	char text[IP_STRLEN];
	int rc;

	if (via)
		nla_put(m, RTA_GATEWAY, raw_len(via), raw(via));
	nla_put_u32(m, RTA_OIF, index);
	rc = call(n, m);
	return rc < 0 ? err_set(err, "route to %s: %s", dst ? ip_format(dst, text) : "default", nl_geterror(rc)) : 0;
}

int netns_del_route(struct netns *n, const struct ip *dst, struct err *err)
{
	int rc = call(n, route(RTM_DELROUTE, 0, dst, family(dst), RT_SCOPE_NOWHERE, 0));

	return rc == -NLE_OBJ_NOTFOUND || rc == -NLE_NODEV ? 0 : failed(rc, err, "del route");
}
