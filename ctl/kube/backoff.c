// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <sys/random.h>
#include "backoff.h"

unsigned kube_random(unsigned low, unsigned high)
{
	uint32_t x = 0;

	if (getrandom(&x, sizeof(x), GRND_NONBLOCK) != sizeof(x))
		return low;
	return low + (uint64_t)x * (high - low) / (UINT32_MAX + 1ull);
}

unsigned kube_backoff_next(struct kube_backoff *b, unsigned retry_after_ms)
{
	unsigned step = b->first_ms, wait;

	for (unsigned i = 0; i < b->failures && step < KUBE_BACKOFF_MAX_MS; i++)
		step *= 2;
	if (step > KUBE_BACKOFF_MAX_MS)
		step = KUBE_BACKOFF_MAX_MS;
	b->failures++;
	wait = kube_random(step / 2, step + step / 2 + 1);
	if (retry_after_ms > KUBE_RETRY_AFTER_MAX_MS)
		retry_after_ms = KUBE_RETRY_AFTER_MAX_MS;
	return wait > retry_after_ms ? wait : retry_after_ms + wait / 2;
}

void kube_backoff_reset(struct kube_backoff *b)
{
	b->failures = 0;
}
