// SPDX-License-Identifier: GPL-2.0
/*
 * Prints how many kHz the time stamp counter runs at.  Under emulation the guest reads the host's
 * counter; calibrating it itself, on a busy machine, it may find a third of what it is, and all
 * its clocks run thrice as fast from then on.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

struct moment {
	int64_t ns;
	uint64_t ticks;
};

/* Both clocks at once: of several readings the one that was interrupted least. */
static struct moment now(void)
{
	struct moment best = {};
	uint64_t shortest = UINT64_MAX;

	for (int i = 0; i < 100; i++) {
		uint64_t before = __rdtsc(), after;
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC, &t);
		after = __rdtsc();
		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best = (struct moment){ t.tv_sec * 1000000000LL + t.tv_nsec, before + shortest / 2 };
	}
	return best;
}

int main(void)
{
	struct moment a = now(), b;
	struct timespec pause = { 0, 50000000 };

	nanosleep(&pause, NULL);
	b = now();
	printf("%.0f\n", (b.ticks - a.ticks) * 1e6 / (b.ns - a.ns));
	return 0;
}
