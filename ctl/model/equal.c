// SPDX-License-Identifier: GPL-2.0
/*
 * equal: whether two objects of one model say the same.  Most of what the API server tells (heartbeats
 * of nodes, conditions of pods) changes nothing that is kept.
 */
#include <string.h>
#include "model.h"

typedef bool (*equal_fn)(const void *a, const void *b);

static bool arrays(const void *a, unsigned na, const void *b, unsigned nb, size_t size, equal_fn equal)
{
	if (na != nb)
		return false;
	for (size_t i = 0; i < na; i++)
		if (!equal((const char *)a + i * size, (const char *)b + i * size))
			return false;
	return true;
}

#define ARRAYS(a, b, member, count, equal) \
	arrays((a)->member, (a)->count, (b)->member, (b)->count, sizeof(*(a)->member), equal)

/* Strings of one pool: equal ones are the same. */
static bool strings(const void *a, const void *b)
{
	return *(const char *const *)a == *(const char *const *)b;
}

static bool ips(const void *a, const void *b)
{
	return !memcmp(a, b, sizeof(struct ip));
}

static bool cidrs(const void *a, const void *b)
{
	return !cidr_cmp(a, b);
}

/* Equal sets have one array. */
static bool labels_equal(const struct labels *a, const struct labels *b)
{
	return a->n == b->n && a->v == b->v;
}

static bool requirements(const void *pa, const void *pb)
{
	const struct requirement *a = pa, *b = pb;

	return a->key == b->key && a->op == b->op && ARRAYS(a, b, values, n_values, strings);
}

static bool selectors(const void *pa, const void *pb)
{
	const struct selector *a = pa, *b = pb;

	return ARRAYS(a, b, v, n, requirements);
}

/* NULL is another selector than the empty one. */
static bool optional_selectors(const struct selector *a, const struct selector *b)
{
	return a && b ? selectors(a, b) : a == b;
}

static bool nodes(const struct node *a, const struct node *b)
{
	return ARRAYS(a, b, addresses, n_addresses, ips) && ARRAYS(a, b, pod_cidrs, n_pod_cidrs, cidrs);
}

static bool container_ports(const void *pa, const void *pb)
{
	const struct container_port *a = pa, *b = pb;

	return a->name == b->name && a->proto == b->proto && a->port == b->port && a->host_port == b->host_port;
}

static bool pods(const struct pod *a, const struct pod *b)
{
	return a->node == b->node && a->host_network == b->host_network && a->finished == b->finished &&
	       a->waiting == b->waiting && a->ready == b->ready && a->unready == b->unready &&
	       a->workload == b->workload && ARRAYS(a, b, ips, n_ips, ips) && ARRAYS(a, b, ports, n_ports, container_ports);
}

static bool policy_ports(const void *pa, const void *pb)
{
	const struct policy_port *a = pa, *b = pb;

	return a->proto == b->proto && a->any == b->any && a->name == b->name && a->port == b->port &&
	       a->end_port == b->end_port;
}

static bool policy_peers(const void *pa, const void *pb)
{
	const struct policy_peer *a = pa, *b = pb;

	return a->is_block == b->is_block && (!a->is_block || cidrs(&a->cidr, &b->cidr)) &&
	       ARRAYS(a, b, except, n_except, cidrs) &&
	       optional_selectors(a->pod_selector, b->pod_selector) &&
	       optional_selectors(a->namespace_selector, b->namespace_selector);
}

static bool policy_rules(const void *pa, const void *pb)
{
	const struct policy_rule *a = pa, *b = pb;

	return ARRAYS(a, b, peers, n_peers, policy_peers) && ARRAYS(a, b, ports, n_ports, policy_ports);
}

static bool networkpolicies(const struct networkpolicy *a, const struct networkpolicy *b)
{
	return a->uid == b->uid && selectors(&a->pod_selector, &b->pod_selector) && a->isolates_ingress == b->isolates_ingress &&
	       a->isolates_egress == b->isolates_egress && ARRAYS(a, b, ingress, n_ingress, policy_rules) &&
	       ARRAYS(a, b, egress, n_egress, policy_rules);
}

static bool service_ports(const void *pa, const void *pb)
{
	const struct service_port *a = pa, *b = pb;

	return a->name == b->name && a->proto == b->proto && a->port == b->port && a->target_name == b->target_name &&
	       a->target_port == b->target_port && a->node_port == b->node_port;
}

static bool services(const struct service *a, const struct service *b)
{
	return a->type == b->type && a->headless == b->headless && optional_selectors(a->selector, b->selector) &&
	       ARRAYS(a, b, ports, n_ports, service_ports) && ARRAYS(a, b, cluster_ips, n_cluster_ips, ips) &&
	       ARRAYS(a, b, external_ips, n_external_ips, ips) &&
	       ARRAYS(a, b, load_balancer_ips, n_load_balancer_ips, ips);
}

static bool slice_ports(const void *pa, const void *pb)
{
	const struct slice_port *a = pa, *b = pb;

	return a->name == b->name && a->proto == b->proto && a->any == b->any && a->port == b->port;
}

static bool slice_endpoints(const void *pa, const void *pb)
{
	const struct slice_endpoint *a = pa, *b = pb;

	return a->unready == b->unready && a->target_ns == b->target_ns && a->target_pod == b->target_pod &&
	       ARRAYS(a, b, ips, n_ips, ips);
}

static bool endpointslices(const struct endpointslice *a, const struct endpointslice *b)
{
	return a->service == b->service && ARRAYS(a, b, ports, n_ports, slice_ports) &&
	       ARRAYS(a, b, endpoints, n_endpoints, slice_endpoints);
}

static bool backends(const struct ingress_backend *a, const struct ingress_backend *b)
{
	return a->service == b->service && a->port_name == b->port_name && a->port == b->port;
}

static bool ingress_paths(const void *pa, const void *pb)
{
	const struct ingress_path *a = pa, *b = pb;

	return a->path == b->path && a->path_type == b->path_type && backends(&a->backend, &b->backend);
}

static bool ingress_rules(const void *pa, const void *pb)
{
	const struct ingress_rule *a = pa, *b = pb;

	return a->host == b->host && ARRAYS(a, b, paths, n_paths, ingress_paths);
}

static bool ingress_tls(const void *pa, const void *pb)
{
	const struct ingress_tls *a = pa, *b = pb;

	return a->secret == b->secret && ARRAYS(a, b, hosts, n_hosts, strings);
}

static bool ingresses(const struct ingress *a, const struct ingress *b)
{
	return a->class_name == b->class_name && backends(&a->default_backend, &b->default_backend) &&
	       ARRAYS(a, b, rules, n_rules, ingress_rules) && ARRAYS(a, b, tls, n_tls, ingress_tls);
}

static bool pod_ref_selectors(const void *pa, const void *pb)
{
	const struct pod_ref_selector *a = pa, *b = pb;

	return a->ns == b->ns && selectors(&a->selector, &b->selector);
}

static bool ingressclasses(const struct ingressclass *a, const struct ingressclass *b)
{
	if (!a->gateway != !b->gateway || (a->gateway && !pod_ref_selectors(a->gateway, b->gateway)))
		return false;
	return a->controller == b->controller && a->is_default == b->is_default && a->require_tls == b->require_tls &&
	       a->reach_unreadable == b->reach_unreadable &&
	       ARRAYS(a, b, reach, n_reach, pod_ref_selectors);
}

static bool bytes(const char *a, size_t na, const char *b, size_t nb)
{
	return a && b ? na == nb && !memcmp(a, b, na) : a == b;
}

static bool secrets(const struct secret *a, const struct secret *b)
{
	return bytes(a->crt, a->crt_len, b->crt, b->crt_len) && bytes(a->key, a->key_len, b->key, b->key_len);
}

static bool contents(const struct meta *a, const struct meta *b)
{
	switch (a->kind) {
	case KIND_NODE:
		return nodes((const void *)a, (const void *)b);
	case KIND_POD:
		return pods((const void *)a, (const void *)b);
	case KIND_NETWORKPOLICY:
		return networkpolicies((const void *)a, (const void *)b);
	case KIND_SERVICE:
		return services((const void *)a, (const void *)b);
	case KIND_ENDPOINTSLICE:
		return endpointslices((const void *)a, (const void *)b);
	case KIND_INGRESS:
		return ingresses((const void *)a, (const void *)b);
	case KIND_INGRESSCLASS:
		return ingressclasses((const void *)a, (const void *)b);
	case KIND_SECRET:
		return secrets((const void *)a, (const void *)b);
	default:
		return true;
	}
}

bool model_equal(const struct meta *a, const struct meta *b)
{
	return a->kind == b->kind && a->ns == b->ns && a->name == b->name && labels_equal(&a->labels, &b->labels) &&
	       labels_equal(&a->annotations, &b->annotations) && contents(a, b);
}
