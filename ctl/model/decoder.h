/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decoder: reads fields of a tree, keeping the path to where it is, and reports what is not as it
 * should be.  Private to model/.
 *
 * A mistake never stops the decoding: all of them are told.  What is mistaken is left
 * out, and the callers see to it that leaving out never opens anything.
 */
#ifndef MODEL_DECODER_H
#define MODEL_DECODER_H

#include "../base/diag.h"
#include "../base/doc.h"
#include "../base/mem.h"
#include "model.h"

struct decoder {
	struct model *m;
	struct diags *diags;
	const char *file;	/* NULL: the API */
	const char *object;	/* for messages */
	unsigned line;		/* of the object */
	int mistakes;
	char path[512];		/* where we are: "spec.ingress[0]" */
};

/* Goes one step down: "spec" or "[3]"; returns what dec_leave() wants to go back. */
size_t dec_enter(struct decoder *dec, const char *key);
size_t dec_enter_index(struct decoder *dec, size_t i);
void dec_leave(struct decoder *dec, size_t at);

/* A mistake at @node (NULL: the object), in the field we are at. */
void dec_error(struct decoder *dec, const struct doc *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same in field @key below. */
void dec_error_in(struct decoder *dec, const struct doc *node, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * The value of @key in @map (which may be NULL: absent), if it is there and of the type, else
 * NULL; another type is reported.  null is absent.
 */
const struct doc *dec_map(struct decoder *dec, const struct doc *map, const char *key);
const struct doc *dec_seq(struct decoder *dec, const struct doc *map, const char *key);
const char *dec_text(struct decoder *dec, const struct doc *map, const char *key);
bool dec_bool(struct decoder *dec, const struct doc *map, const char *key);
/* False: absent or reported. */
bool dec_int(struct decoder *dec, const struct doc *map, const char *key, int64_t min, int64_t max, int64_t *out);

/* An item of a list. */
bool dec_is_map(struct decoder *dec, const struct doc *node);
const char *dec_item_text(struct decoder *dec, const struct doc *node);

/* Any key of @map that is none of @fields (NULL at the end) is a mistake. */
void dec_known_fields(struct decoder *dec, const struct doc *map, const char *const *fields);

const char *dec_intern(struct decoder *dec, const char *s);	/* NULL gives NULL */
/* Text of @key interned, "" if absent. */
const char *dec_string(struct decoder *dec, const struct doc *map, const char *key);
/* TCP, UDP or SCTP in @key, TCP if absent; 0 if mistaken. */
uint8_t dec_protocol(struct decoder *dec, const struct doc *map);
/* Adds the address to @v, which has room, unless it is there; @node for messages. */
void dec_add_ip(struct decoder *dec, const struct doc *node, const char *s, struct ip *v, unsigned *n);
/* Addresses of a list of strings. */
struct ip *dec_ips(struct decoder *dec, const struct doc *map, const char *key, unsigned *n);

/* A LabelSelector. */
struct selector dec_selector(struct decoder *dec, const struct doc *map);
/* The field @key, NULL if absent; malloc'ed. */
struct selector *dec_selector_field(struct decoder *dec, const struct doc *map, const char *key);
/* A map of strings as labels; @check tells what is wrong with a value, NULL: anything goes. */
struct labels dec_labels(struct decoder *dec, const struct doc *map, const char *key,
			 bool (*wanted)(const char *key), const char *(*check)(const char *value));
/* A map of strings as requirements (matchLabels, a Service's selector). */
void dec_equalities(struct decoder *dec, const struct doc *map, struct selector *s);
/* "NAMESPACE/LABEL-SELECTOR" of our annotations, LABEL-SELECTOR as in kubectl -l; false if mistaken. */
bool dec_pod_ref(struct decoder *dec, const char *text, struct pod_ref_selector *out);

/* One kind each: fills the object, whose meta is done; @d is the whole document. */
void decode_namespace(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_node(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_pod(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_networkpolicy(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_service(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_endpointslice(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_ingress(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_ingressclass(struct decoder *dec, const struct doc *d, struct meta *obj);
void decode_secret(struct decoder *dec, const struct doc *d, struct meta *obj);
/* The parts of an object's metadata and of a pod that templates have, too. */
struct labels dec_object_labels(struct decoder *dec, const struct doc *meta);
struct labels dec_object_annotations(struct decoder *dec, const struct doc *meta);
void decode_pod_spec(struct decoder *dec, const struct doc *d, struct pod *p);
/* Deployment, StatefulSet, ...: kinds with a pod template. */
bool workload_is(const char *api_version, const char *kind);
/* Fills @obj, a pod whose meta is the workload's; false if it has no template of its own to speak for. */
bool decode_workload(struct decoder *dec, const struct doc *d, const char *kind, struct meta *obj);
/* Other Secrets are not kept. */
bool secret_is_tls(const struct doc *d);

#endif
