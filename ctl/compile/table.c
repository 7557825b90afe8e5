// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "defs.h"
#include "table.h"

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_rules; i++)
		free(t->rules[i].name);
	for (size_t i = 0; i < t->n_subjects; i++)
		free(t->subjects[i].name);
	for (size_t i = 0; i < t->n_programs; i++) {
		for (uint32_t k = 0; k < t->programs[i].n_maps; k++) {
			free(t->programs[i].maps[k].identities);
			free(t->programs[i].maps[k].steps);
		}
		free(t->programs[i].maps);
	}
	free(t->rules);
	free(t->subjects);
	free(t->programs);
	free(t->endpoints);
	free(t->blocks);
	free(t->cidrs);
	free(t->closed);
	free(t);
}

static uint64_t program_digest(const struct table_program *p)
{
	struct stk_program_def def = table_program_def(p);
	uint64_t digest = stk_digest_program(&def);

	free((void *)def.maps);
	return digest;
}

static uint64_t config_digest(const struct table *t)
{
	struct stk_config_def def = table_config_def(t);
	uint64_t digest = stk_digest_config(&def);

	free((void *)def.cidrs);
	return digest;
}

uint64_t table_digest(const struct table *t)
{
	uint64_t sum = config_digest(t);

	for (size_t i = 0; i < t->n_rules; i++) {
		struct stk_rule_def def = table_rule_def(&t->rules[i]);

		sum += stk_digest_rule(&def);
	}
	for (size_t i = 0; i < t->n_programs; i++)
		sum += program_digest(&t->programs[i]);
	for (size_t i = 0; i < t->n_subjects; i++) {
		struct stk_subject_def def = table_subject_def(&t->subjects[i]);

		sum += stk_digest_subject(&def);
	}
	for (size_t i = 0; i < t->n_endpoints; i++) {
		struct stk_endpoint_def def = table_endpoint_def(&t->endpoints[i]);

		sum += stk_digest_endpoint(&def);
	}
	for (size_t i = 0; i < t->n_blocks; i++) {
		struct stk_block_def def = table_block_def(&t->blocks[i]);

		sum += stk_digest_block(&def);
	}
	return sum;
}
