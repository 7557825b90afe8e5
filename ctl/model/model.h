/* SPDX-License-Identifier: GPL-2.0 */
/*
 * model: the cluster's objects, decoded and indexed.  Pure: no I/O.
 *
 * Types carry the fields policy needs, under Kubernetes' own names
 * (https://kubernetes.io/docs/reference/kubernetes-api/).  Strings are interned
 * in the model's pool (equal strings are the same pointer, so labels compare by
 * pointer) and live as long as the model, or until model_collect(); everything else an object points to
 * belongs to the object.  One thread.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../base/ip.h"

enum kind {
	KIND_NAMESPACE,
	KIND_NODE,
	KIND_POD,
	KIND_NETWORKPOLICY,
	KIND_SERVICE,
	KIND_ENDPOINTSLICE,
	KIND_INGRESS,
	KIND_INGRESSCLASS,
	KIND_SECRET,
	KINDS
};
/* "NetworkPolicy"; and back (false: not a kind we keep). */
const char *kind_name(enum kind k);
bool kind_parse(const char *name, enum kind *out);
bool kind_namespaced(enum kind k);

/*
 * Sorted by key, keys unique.  Also used for annotations we read.  The array of an object's
 * labels is shared (model_intern_labels) and not the object's.
 */
struct label {
	const char *key, *value;
};
struct labels {
	struct label *v;
	unsigned n;
};
/* @key interned or not; NULL if absent. */
const char *labels_get(const struct labels *l, const char *key);

struct origin {
	const char *file;	/* NULL: not from a file */
	unsigned line;
};

/* What every object begins with. */
struct meta {
	enum kind kind;
	const char *ns;		/* "" for cluster-scoped kinds */
	const char *name;
	struct labels labels;
	struct labels annotations;	/* only those with a stockade.io/ or cert-manager.io/ prefix, kubernetes.io/tls-acme,
					   kubernetes.io/ingress.class, ingressclass.kubernetes.io/is-default-class */
	struct origin origin;
};

/*
 * Selector: matchLabels and matchExpressions as one list, all of which must hold.  n == 0
 * selects everything.  matchLabels become IN with one value.
 */
enum selector_op { SELECTOR_IN, SELECTOR_NOT_IN, SELECTOR_EXISTS, SELECTOR_DOES_NOT_EXIST };
struct requirement {
	const char *key;
	enum selector_op op;
	const char **values;	/* sorted by strcmp */
	unsigned n_values;
};
struct selector {
	struct requirement *v;
	unsigned n;
};
/* NotIn also holds where the key is absent (labels.Requirement.Matches). */
bool selector_matches(const struct selector *s, const struct labels *l);
/* Frees what @s points to and makes it empty. */
void selector_clear(struct selector *s);

struct namespace {
	struct meta meta;
};
/* Is @mode a value of the label stockade.io/perimeter? */
bool namespace_mode_is_known(const char *mode);

struct node {
	struct meta meta;
	struct ip *addresses;	/* status.addresses that are IPs: InternalIPs, then ExternalIPs */
	unsigned n_addresses;
	struct cidr *pod_cidrs;
	unsigned n_pod_cidrs;
	bool stand_in;		/* made up by model_stand_in() */
};

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ICMPV6 = 58, PROTO_SCTP = 132 };

struct container_port {
	const char *name;	/* "" if unnamed */
	uint8_t proto;
	uint16_t port;
	uint16_t host_port;	/* 0: none */
};
struct pod {
	struct meta meta;
	const char *node;	/* spec.nodeName, "" if not scheduled */
	struct ip *ips;		/* status.podIPs (podIP first), without duplicates */
	unsigned n_ips;
	struct container_port *ports;	/* all containers', and restartable init containers' */
	unsigned n_ports;
	bool host_network;
	bool finished;		/* phase Succeeded or Failed */
	bool waiting;		/* some other phase that is not Running */
	bool ready, unready;	/* condition Ready is True, is False */
	bool stand_in;		/* its address was made up by model_stand_in() */
	const char *workload;	/* "Deployment", ...: made from its template; NULL: a Pod */
};

/* A port of a NetworkPolicy rule. */
struct policy_port {
	uint8_t proto;
	bool any;		/* no port given: the whole protocol */
	const char *name;	/* named port, else NULL */
	uint16_t port, end_port;	/* inclusive; end_port == port without endPort */
};
struct policy_peer {
	bool is_block;
	struct cidr cidr;
	struct cidr *except;
	unsigned n_except;
	struct selector *pod_selector;	/* NULL: absent (all pods of the namespaces) */
	struct selector *namespace_selector;	/* NULL: absent (the policy's namespace) */
};
/* How many prefixes its ipBlock names; 0: it is none. */
static inline unsigned policy_peer_prefixes(const struct policy_peer *p)
{
	return p->is_block ? 1 + p->n_except : 0;
}
struct policy_rule {
	struct policy_peer *peers;	/* n_peers == 0: everyone */
	unsigned n_peers;
	struct policy_port *ports;	/* n_ports == 0: everything */
	unsigned n_ports;
};
/* Frees what @r points to and makes it empty. */
void policy_rule_clear(struct policy_rule *r);
struct networkpolicy {
	struct meta meta;
	const char *uid;	/* NULL: not from the API */
	struct selector pod_selector;
	bool isolates_ingress, isolates_egress;	/* policyTypes, defaults applied */
	struct policy_rule *ingress;
	unsigned n_ingress;
	struct policy_rule *egress;
	unsigned n_egress;
};

enum service_type { SERVICE_CLUSTER_IP, SERVICE_NODE_PORT, SERVICE_LOAD_BALANCER, SERVICE_EXTERNAL_NAME };
struct service_port {
	const char *name;	/* "" if unnamed */
	uint8_t proto;
	uint16_t port;
	const char *target_name;	/* named targetPort, else NULL */
	uint16_t target_port;
	uint16_t node_port;	/* 0: none */
};
struct service {
	struct meta meta;
	enum service_type type;
	struct selector *selector;	/* NULL: selector-less */
	struct service_port *ports;
	unsigned n_ports;
	struct ip *cluster_ips;	/* without "None" */
	unsigned n_cluster_ips;
	bool headless;
	struct ip *external_ips;
	unsigned n_external_ips;
	struct ip *load_balancer_ips;	/* status.loadBalancer.ingress[].ip */
	unsigned n_load_balancer_ips;
};

struct slice_port {
	const char *name;
	uint8_t proto;
	bool any;		/* port absent: all ports */
	uint16_t port;
};
struct slice_endpoint {
	struct ip *ips;
	unsigned n_ips;
	bool unready;		/* conditions.ready is false; absent is ready */
	const char *target_ns, *target_pod;	/* targetRef of kind Pod, else NULL */
};
struct endpointslice {
	struct meta meta;
	const char *service;	/* label kubernetes.io/service-name, "" if none */
	struct slice_port *ports;
	unsigned n_ports;
	struct slice_endpoint *endpoints;
	unsigned n_endpoints;
};

struct ingress_backend {
	const char *service;	/* NULL: a resource backend, or none */
	const char *port_name;	/* NULL: by number */
	uint16_t port;
};
struct ingress_path {
	const char *path;	/* "" if absent */
	const char *path_type;
	struct ingress_backend backend;
};
struct ingress_rule {
	const char *host;	/* "" : any */
	struct ingress_path *paths;
	unsigned n_paths;
};
struct ingress_tls {
	const char **hosts;
	unsigned n_hosts;
	const char *secret;	/* "" if absent */
};
struct ingress {
	struct meta meta;
	const char *class_name;	/* spec.ingressClassName, else the old annotation, else NULL */
	struct ingress_backend default_backend;	/* service NULL: none */
	struct ingress_rule *rules;
	unsigned n_rules;
	struct ingress_tls *tls;
	unsigned n_tls;
};
/* A NAMESPACE/LABEL-SELECTOR of our annotations. */
struct pod_ref_selector {
	const char *ns;
	struct selector selector;
};
struct ingressclass {
	struct meta meta;
	const char *controller;
	bool is_default;
	struct pod_ref_selector *gateway;	/* stockade.io/gateway; NULL: none */
	struct pod_ref_selector *reach;		/* stockade.io/gateway-reach */
	unsigned n_reach;
	bool reach_unreadable;	/* in part */
	bool require_tls;
};

/* Secrets of type kubernetes.io/tls only; PEM text, NULL where the key is absent. */
struct secret {
	struct meta meta;
	char *crt, *key;
	size_t crt_len, key_len;
};

struct model;

/*
 * A selector as kubectl -l takes it ("app=web,tier!=db,env in (a, b),!canary"); at least one
 * requirement.  False leaves *@out alone and says why (static text).
 */
bool selector_parse(struct model *m, const char *text, struct selector *out, const char **why);

struct model *model_new(void);
void model_free(struct model *m);
const char *model_intern(struct model *m, const char *s, size_t len);
/*
 * Frees strings and label sets that no object in the model uses.  Whoever keeps any of their
 * pointers and does not watch, or an object that was not put yet, must not call it; a daemon does where it keeps
 * nothing, when model_strings() (how many there are) has grown well past what it was afterwards.
 */
void model_collect(struct model *m);
size_t model_strings(const struct model *m);
/*
 * The one copy of this set: equal sets have the same .v, which is the model's.  @v holds
 * interned strings in order of the keys, and is copied.
 */
struct labels model_intern_labels(struct model *m, const struct label *v, unsigned n);

/*
 * Takes ownership of @obj (malloc'ed, its strings interned in @m, its meta first),
 * replacing the object of that kind, namespace and name.  Aborts on out of memory, as all of userspace does.
 */
void model_put(struct model *m, struct meta *obj);
bool model_delete(struct model *m, enum kind kind, const char *ns, const char *name);
const struct meta *model_get(const struct model *m, enum kind kind, const char *ns, const char *name);

/*
 * Whoever keeps what it made of the objects is told of each change: @before is NULL for a new object,
 * @after for one that is gone; the model is as after it, and @before is freed once all were told.
 * collected(): strings that were held may be gone, see model_collect().
 */
struct model_watcher {
	void (*changed)(struct model_watcher *w, const struct meta *before, const struct meta *after);
	void (*collected)(struct model_watcher *w);
	struct model_watcher *next;
};
/* @w is borrowed until it is taken off again. */
void model_watch(struct model *m, struct model_watcher *w);
void model_unwatch(struct model *m, struct model_watcher *w);

/*
 * The labels of a namespace, which need not have an object: then it has only
 * kubernetes.io/metadata.name, as the API server would have set it.
 */
const struct labels *model_namespace_labels(const struct model *m, const char *ns);

/*
 * Makes manifests as a Git checkout has them, without what only a cluster adds, something that can be judged:
 *  - a pod made from a workload's template is taken away where pods of that workload are there;
 *  - other pods that have no address and are not known to wait for one get one, on a node that is not in the
 *    model, and those with hostNetwork a Node each stands on; these are marked stand_in;
 *  - Services without EndpointSlices get some of the stand-ins they select.  With @all_pods, if there is
 *    no EndpointSlice at all, of every pod.
 * The addresses lie where no ipBlock that is not for everyone reaches, if there is such a place.
 * For the offline verbs: what is enforced never begins here.
 */
void model_stand_in(struct model *m, bool all_pods);

/* Objects of one kind in order of (namespace, name); valid until the next put or delete. */
size_t model_count(const struct model *m, enum kind kind);
const struct meta *const *model_list(const struct model *m, enum kind kind, size_t *n);
/* Those of one namespace only: a slice of the former. */
const struct meta *const *model_list_ns(const struct model *m, enum kind kind, const char *ns, size_t *n);
/* Calls @fn for every namespace that has an object or was asked for by model_namespace_labels(). */
void model_namespaces(const struct model *m, void (*fn)(void *ctx, const char *ns, const struct labels *labels),
		      void *ctx);
/* The EndpointSlices of a Service (both interned), in no order: *@it starts at 0, NULL ends; no change meanwhile. */
const struct endpointslice *model_next_slice(const struct model *m, const char *ns, const char *service, size_t *it);
/* Frees an object that was never put. */
void model_object_free(struct meta *obj);
/* Whether two objects of one model's pool say the same; where they come from does not count. */
bool model_equal(const struct meta *a, const struct meta *b);

/*
 * A pod that is judged and matched: has an address, not hostNetwork, not finished.
 * Where two live pods claim one address, model_pod_by_ip() gives the one that is scheduled,
 * then the one that is ready, then the first by namespace and name; of nodes, the first by name.
 */
bool pod_is_live(const struct pod *p);
const struct pod *model_pod_by_ip(const struct model *m, const struct ip *ip);
const struct node *model_node_by_ip(const struct model *m, const struct ip *ip);

#endif
