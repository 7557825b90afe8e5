/* SPDX-License-Identifier: GPL-2.0 */
/*
 * backoff: how long to wait after a failure: twice as long each time, with jitter, so that thousands of
 * nodes do not come back at once.
 */
#ifndef KUBE_BACKOFF_H
#define KUBE_BACKOFF_H

#define KUBE_BACKOFF_MAX_MS 30000u
/* A server that asks for more gets no more. */
#define KUBE_RETRY_AFTER_MAX_MS 300000u

struct kube_backoff {
	unsigned first_ms;
	unsigned failures;	/* since the last success */
};

/* The next delay: between half and one and a half times the step, never below @retry_after_ms (0: none). */
unsigned kube_backoff_next(struct kube_backoff *b, unsigned retry_after_ms);
void kube_backoff_reset(struct kube_backoff *b);
/* At least @low, below @high. */
unsigned kube_random(unsigned low, unsigned high);

#endif
