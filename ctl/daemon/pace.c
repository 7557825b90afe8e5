// SPDX-License-Identifier: GPL-2.0
#include "pace.h"

int64_t pace_next(const struct pace *p, int64_t now)
{
	int64_t soon = now + PACE_GATHER_MS;

	return soon > p->not_before ? soon : p->not_before;
}

void pace_applied(struct pace *p, int64_t now, int64_t took_ms)
{
	int64_t rest = took_ms * PACE_REST;

	if (rest < PACE_SPACE_MS)
		rest = PACE_SPACE_MS;
	p->not_before = now + (rest < PACE_MAX_MS ? rest : PACE_MAX_MS);
}
