/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gen: random small clusters, the same for the same seed.
 */
#ifndef LIB_GEN_H
#define LIB_GEN_H

#include "compile/compile.h"
#include "oracle.h"

struct gen {
	uint64_t state;		/* of the generator */
	struct model *m;
	struct meta **v;	/* objects made so far */
	size_t n, cap;
};

/*
 * Fills the empty model @m and the options with the cluster of @seed.  @order is the seed of the order objects are
 * put in, which must not matter.  @skip: objects to leave out, by number; NULL: none.  Returns how many
 * objects there are, left out ones included.
 */
size_t gen_cluster(struct model *m, struct compile_options *o, uint64_t seed, uint64_t order, const bool *skip);

/* Addresses worth asking about: of pods, finished ones too, of nodes, of the outside, of nobody in pod CIDRs. */
#define GEN_ADDRESSES_MAX 64
size_t gen_addresses(const struct model *m, struct ip out[GEN_ADDRESSES_MAX]);
/* Ports worth asking about. */
struct gen_port {
	uint8_t proto;
	uint16_t port;
};
extern const struct gen_port gen_ports[];
extern const size_t gen_n_ports;

/* Certificates made once a process; gen_secrets tells what they are. */
void gen_secrets_make(void);
void gen_secrets_free(void);
extern const struct oracle_secret gen_secrets[];
struct gen_pem {
	char *crt, *key;
};
/* Of gen_secrets[i]. */
const struct gen_pem *gen_secret_pem(size_t i);
#define GEN_NOW 1700000000	/* when they are judged */

/* Within the generator. */
uint32_t gen_below(struct gen *g, uint32_t n);	/* 0 .. n - 1 */
bool gen_chance(struct gen *g, unsigned percent);
const char *gen_string(struct gen *g, const char *s);
const char *gen_pick(struct gen *g, const char *const *v, size_t n);
void *gen_object(struct gen *g, enum kind kind, size_t size, const char *ns, const char *name);
struct selector gen_selector(struct gen *g);
const char *gen_ns(struct gen *g);
uint8_t gen_proto(struct gen *g);
struct labels gen_labels(struct gen *g, const char *extra_key, const char *extra_value);
void gen_perimeter(struct gen *g);	/* Services and so on, after the pods */
#define GEN_PICK(g, v) gen_pick(g, v, sizeof(v) / sizeof((v)[0]))

#endif
