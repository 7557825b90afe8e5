// SPDX-License-Identifier: GPL-2.0
/* rule: where a verdict comes from, in words; see rule.h. */
#include "digest.h"
#include "rule.h"
#include "snapshot.h"

static void rule_release(struct stk_object *object)
{
	stk_free(container_of(object, struct stk_rule, object), object->bytes);
}

struct stk_rule *stk_rule_alloc(const struct stk_rule_def *def)
{
	size_t len = strlen(def->name) + 1;
	size_t bytes = sizeof(struct stk_rule) + len;
	struct stk_rule *rule = stk_alloc(bytes);

	if (!rule)
		return NULL;
	refcount_set(&rule->object.refs, 1);
	rule->object.id = def->id;
	rule->object.digest = stk_digest_rule(def);
	rule->object.bytes = bytes;
	rule->object.release = rule_release;
	rule->tier = def->tier;
	memcpy(rule->name, def->name, len);
	return rule;
}
