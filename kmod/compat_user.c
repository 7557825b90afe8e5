// SPDX-License-Identifier: GPL-2.0
/*
 * The userspace half of compat.h that cannot be inline: memory that is
 * counted, and that fails when a test says so.  Never part of the module.
 */
#include "compat.h"

s64 stk_mem_live;
s64 stk_mem_fail_after = -1;
u64 stk_mem_allocs;
u64 stk_test_seed = 0x243f6a8885a308d3ULL;

static bool may_allocate(void)
{
	__atomic_add_fetch(&stk_mem_allocs, 1, __ATOMIC_RELAXED);
	if (likely(stk_mem_fail_after < 0))
		return true;
	return stk_mem_fail_after-- > 0;
}

static void *counted(void *p, size_t size)
{
	if (p)
		__atomic_add_fetch(&stk_mem_live, (s64)size, __ATOMIC_RELAXED);
	return p;
}

void *stk_alloc(size_t size)
{
	return may_allocate() ? counted(malloc(size), size) : NULL;
}

void *stk_zalloc(size_t size)
{
	return may_allocate() ? counted(calloc(1, size), size) : NULL;
}

void stk_free(const void *p, size_t size)
{
	if (!p)
		return;
	__atomic_sub_fetch(&stk_mem_live, (s64)size, __ATOMIC_RELAXED);
	free((void *)p);
}
