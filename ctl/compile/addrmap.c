// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "addrmap.h"
#include "intern.h"

#define CAP_MIN 64

static size_t home(const struct addrmap *m, const struct ip *ip)
{
	uint64_t w[2];

	memcpy(w, ip, sizeof(w));
	return mix_word(mix_word(12, w[0]), w[1]) & (m->cap - 1);
}

/* Its slot, or the free one where it would be. */
static size_t slot(const struct addrmap *m, const struct ip *ip)
{
	size_t i = home(m, ip);

	while (m->v[i].class != ADDRMAP_FREE && memcmp(&m->v[i].ip, ip, sizeof(*ip)))
		i = (i + 1) & (m->cap - 1);
	return i;
}

static void grow(struct addrmap *m)
{
	struct addrmap old = *m;

	m->cap = old.cap ? old.cap * 2 : CAP_MIN;
	m->v = mem_array(m->cap, sizeof(*m->v));
	for (size_t i = 0; i < m->cap; i++)
		m->v[i].class = ADDRMAP_FREE;
	for (size_t i = 0; i < old.cap; i++)
		if (old.v[i].class != ADDRMAP_FREE)
			m->v[slot(m, &old.v[i].ip)] = old.v[i];
	free(old.v);
}

const struct address *addrmap_get(const struct addrmap *m, const struct ip *ip)
{
	size_t i = m->cap ? slot(m, ip) : 0;

	return m->cap && m->v[i].class != ADDRMAP_FREE ? &m->v[i] : NULL;
}

void addrmap_put(struct addrmap *m, const struct address *a)
{
	size_t i;

	if ((m->n + 1) * 4 > m->cap * 3)
		grow(m);
	i = slot(m, &a->ip);
	m->n += m->v[i].class == ADDRMAP_FREE;
	m->v[i] = *a;
}

/* Later entries of the run move into the hole, as far as their probing may start before it. */
void addrmap_del(struct addrmap *m, const struct ip *ip)
{
	size_t mask = m->cap - 1, hole = m->cap ? slot(m, ip) : 0;

	if (!m->cap || m->v[hole].class == ADDRMAP_FREE)
		return;
	for (size_t i = (hole + 1) & mask; m->v[i].class != ADDRMAP_FREE; i = (i + 1) & mask) {
		if (((i - home(m, &m->v[i].ip)) & mask) < ((i - hole) & mask))
			continue;
		m->v[hole] = m->v[i];
		hole = i;
	}
	m->v[hole].class = ADDRMAP_FREE;
	m->n--;
}

const struct address *addrmap_next(const struct addrmap *m, size_t *at)
{
	while (*at < m->cap && m->v[*at].class == ADDRMAP_FREE)
		++*at;
	return *at < m->cap ? &m->v[(*at)++] : NULL;
}

void addrmap_free(struct addrmap *m)
{
	free(m->v);
	*m = (struct addrmap){};
}
