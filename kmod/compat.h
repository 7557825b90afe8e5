/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat: what the rest of the module may take for granted.
 *
 * Kernel half: the kernel headers everyone needs, and every test of the
 * kernel's version there is.  Userspace half: as much of the kernel's
 * vocabulary as the pure files (match, snapshot and its parts, digest) speak,
 * so that the tools and the tests compile the very same sources.
 *
 * Common to both halves, and the only way the pure files get memory:
 *
 *   stk_alloc(size)       size bytes or NULL; may sleep
 *   stk_zalloc(size)      the same, zeroed
 *   stk_free(p, size)     NULL is fine; size is what was asked for
 *   stk_counts_*          an array of u64 that any CPU adds to without a lock
 *   stk_hash_seed()       what the next table's hash is keyed with
 *   stk_refs_are(r, n)    are all n references known to the caller?  If so whatever former
 *                         holders did is over and visible: what is behind may be written
 */
#ifndef STK_COMPAT_H
#define STK_COMPAT_H

#ifdef __KERNEL__

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/prefetch.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <asm/barrier.h>
#include <asm/byteorder.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#ifndef CONFIG_64BIT
#error "stockade counts packets in 64-bit per-CPU words and needs a 64-bit kernel"
#endif

/* Kernels that can ask for CAP_NET_ADMIN of those who join a multicast group (6.7, and stable ones since). */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define STK_MCGRP_FLAGS GENL_MCAST_CAP_NET_ADMIN
#else
#define STK_MCGRP_FLAGS 0
#endif

/* Charged to the caller's memory cgroup; failure is an answer here, not a splat. */
#define STK_GFP (GFP_KERNEL_ACCOUNT | __GFP_NOWARN)

static inline void *stk_alloc(size_t size)
{
	return kvmalloc(size, STK_GFP);
}

static inline void *stk_zalloc(size_t size)
{
	return kvzalloc(size, STK_GFP);
}

static inline void stk_free(const void *p, size_t size)
{
	kvfree(p);
}

static inline u64 __percpu *stk_counts_alloc(unsigned int n)
{
	return __alloc_percpu_gfp(n * sizeof(u64), sizeof(u64), STK_GFP);
}

static inline void stk_counts_free(u64 __percpu *c, unsigned int n)
{
	free_percpu(c);
}

static inline size_t stk_counts_bytes(unsigned int n)
{
	return n * sizeof(u64) * num_possible_cpus();
}

/* Any context; a counter never goes back, a reader may see it a little late. */
static inline void stk_counts_inc(u64 __percpu *c, unsigned int i)
{
	this_cpu_inc(c[i]);
}

static inline u64 stk_counts_sum(u64 __percpu *c, unsigned int i)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(c, cpu)[i]);
	return sum;
}

static inline u64 stk_hash_seed(void)
{
	return get_random_u64();
}

static inline bool stk_refs_are(const refcount_t *refs, unsigned int n)
{
	if (refcount_read(refs) != n)
		return false;
	/* Pairs with the release in refcount_dec_and_test() of whoever let go last. */
	smp_acquire__after_ctrl_dep();
	return true;
}

#else /* userspace */

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define BIT(n) (1UL << (n))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define BUILD_BUG_ON(x) static_assert(!(x), #x)
#define prefetch(p) __builtin_prefetch(p)
#define __percpu
#define __force
#define ____cacheline_aligned
#ifndef container_of
#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#endif
#ifndef U32_MAX
#define U32_MAX UINT32_MAX
#endif
#ifndef U16_MAX
#define U16_MAX UINT16_MAX
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define be32_to_cpu(x) __builtin_bswap32((u32)(x))
#define be64_to_cpu(x) __builtin_bswap64((u64)(x))
#define cpu_to_be32(x) __builtin_bswap32((u32)(x))
#define cpu_to_be64(x) __builtin_bswap64((u64)(x))
#define le64_to_cpu(x) ((u64)(x))
#else
#define be32_to_cpu(x) ((u32)(x))
#define be64_to_cpu(x) ((u64)(x))
#define cpu_to_be32(x) ((u32)(x))
#define cpu_to_be64(x) ((u64)(x))
#define le64_to_cpu(x) __builtin_bswap64((u64)(x))
#endif

typedef struct { int refs; } refcount_t;

static inline void refcount_set(refcount_t *r, int n)
{
	__atomic_store_n(&r->refs, n, __ATOMIC_RELAXED);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return __atomic_load_n(&r->refs, __ATOMIC_RELAXED);
}

static inline bool stk_refs_are(const refcount_t *r, unsigned int n)
{
	return (unsigned int)__atomic_load_n(&r->refs, __ATOMIC_ACQUIRE) == n;
}

static inline void refcount_inc(refcount_t *r)
{
	__atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED);
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	return __atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL) == 0;
}

/*
 * For tests (compat_user.c): bytes asked for and not freed; and, unless it is
 * negative, how many more allocations succeed before one fails (that one
 * alone: the count is then negative again).
 */
extern s64 stk_mem_live;
extern s64 stk_mem_fail_after;
extern u64 stk_mem_allocs;	/* how many were asked for, failed ones too */
extern u64 stk_test_seed;	/* what stk_hash_seed() says */

void *stk_alloc(size_t size);
void *stk_zalloc(size_t size);
void stk_free(const void *p, size_t size);

static inline u64 __percpu *stk_counts_alloc(unsigned int n)
{
	return stk_zalloc(n * sizeof(u64));
}

static inline void stk_counts_free(u64 __percpu *c, unsigned int n)
{
	stk_free(c, n * sizeof(u64));
}

static inline size_t stk_counts_bytes(unsigned int n)
{
	return n * sizeof(u64);
}

static inline void stk_counts_inc(u64 __percpu *c, unsigned int i)
{
	__atomic_add_fetch(&c[i], 1, __ATOMIC_RELAXED);
}

static inline u64 stk_counts_sum(u64 __percpu *c, unsigned int i)
{
	return __atomic_load_n(&c[i], __ATOMIC_RELAXED);
}

static inline u64 stk_hash_seed(void)
{
	return stk_test_seed;
}

#endif /* __KERNEL__ */
#endif
