// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a pod can send with an address that is not its own, and be taken for another: policy believes source
 * addresses.
 */
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "doctor.h"
#include "tree.h"

/* A line of /proc/net/route; addresses as they lie in memory. */
struct route {
	char device[IFNAMSIZ];
	uint32_t dst, mask;
};

/* Some thousand routes. */
#define ROUTES_BYTES (1 << 20)

static size_t read_routes(const char *root, struct route **out)
{
	char *buf = mem_array(ROUTES_BYTES, 1), *next = buf, *line;
	size_t n = 0, cap = 0;
	struct route r;

	*out = NULL;
	if (tree_read(root, "/proc/net/route", buf, ROUTES_BYTES) > 0)
		while ((line = strsep(&next, "\n")))
			if (sscanf(line, "%15s %x %*x %*x %*d %*d %*d %x", r.device, &r.dst, &r.mask) == 3) {
				mem_grow(*out, n, cap);
				(*out)[n++] = r;
			}
	free(buf);
	return n;
}

/* The device a pod's packets come from: the one that leads to it.  NULL: none but the way out of the node. */
static const char *device_to(const struct route *v, size_t n, const struct ip *ip)
{
	const struct route *best = NULL;
	uint32_t addr;

	memcpy(&addr, ip->b + 12, sizeof(addr));
	for (size_t i = 0; i < n; i++)
		if (v[i].mask && (addr & v[i].mask) == v[i].dst && (!best || (v[i].mask & ~best->mask)))
			best = &v[i];
	return best ? best->device : NULL;
}

/* The kernel takes the stricter of the two; 1 is strict, 2 asks only that there be some way back. */
static bool is_checked(const char *root, const char *device)
{
	long all = tree_number(root, "/proc/sys/net/ipv4/conf/all/rp_filter"), own;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter", device);
	own = tree_number(root, path);
	return (own > all ? own : all) == 1;
}

void doctor_sources(struct findings *f, const char *root, const struct doctor_table *t)
{
	const char *device, *open = NULL;
	struct route *routes;
	size_t n = read_routes(root, &routes);
	unsigned pods = 0, unchecked = 0;

	for (size_t i = 0; t->table && i < t->table->n_endpoints; i++) {
		const struct table_endpoint *e = &t->table->endpoints[i];

		device = e->subject && ip_is4(&e->addr) ? device_to(routes, n, &e->addr) : NULL;
		if (!device)
			continue;
		pods++;
		if (is_checked(root, device))
			continue;
		unchecked++;
		open = open ? open : device;
	}
	if (unchecked)
		findings_add(f, DOCTOR_WARNING, "sources", "set rp_filter to 1 there (sysctl -w), unless the CNI plugin checks in another way",
			     "%u of %u pods of this node send through devices that take any source address (%s; "
			     "net.ipv4.conf.%s.rp_filter is not 1): such a pod can pass for another", unchecked, pods, open, open);
	else if (pods)
		findings_add(f, DOCTOR_OK, "sources", NULL, "pods' devices take no source address that is not behind them");
	free(routes);
}
