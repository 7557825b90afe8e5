// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "force.h"
#include "lib/judge.h"
#include "through_api.h"
#include "uplink.h"

static int open_case(struct stage_source *s, const char *dir, struct topo *t, struct err *err)
{
	struct through_api *a = (struct through_api *)s;
	char *flags = mem_printf("%s/flags", dir);

	a->before = NULL;
	compile_options_init(&a->options);
	judge_read_flags(flags, &a->options);
	free(flags);
	return uplink_open(t, err);
}

static void delete_gone(struct through_api *a, const struct phase *ph)
{
	for (int k = 0; k < KINDS; k++) {
		size_t n;
		const struct meta *const *v = model_list(a->before->model, k, &n);

		for (size_t i = 0; i < n; i++)
			if (!model_get(ph->model, k, v[i]->ns, v[i]->name))
				admin_delete(a->admin, k, v[i]->ns, v[i]->name);
	}
}

static int put(struct stage_source *s, const struct phase *ph, struct err *err)
{
	struct through_api *a = (struct through_api *)s;

	if (a->before)
		delete_gone(a, ph);
	admin_apply_text(a->admin, ph->objects.s, ph->objects.len);
	a->before = ph;
	return 0;
}

static int wait(struct stage_source *s, struct topo *t, const struct phase *ph, struct err *err)
{
	struct through_api *a = (struct through_api *)s;

	return force_wait(t, ph->model, &a->options, NULL, NULL, err);
}

void through_api_init(struct through_api *a, struct admin *admin, char *const *flags, size_t n_flags)
{
	*a = (struct through_api){
		.source = { .open = open_case, .put = put, .wait = wait, .flags = flags, .n_flags = n_flags }, .admin = admin,
	};
}
