// SPDX-License-Identifier: GPL-2.0
/*
 * decode_workload: the pod template of a Deployment and the like, as the pod it would make.
 *
 * The pod bears the workload's name and has no address; model_stand_in() gives it one.
 */
#include <stdlib.h>
#include <string.h>
#include "decoder.h"

static const struct {
	const char *kind;
	const char *groups[3];	/* that served it, in whatever version; "" is the core */
	const char *template;	/* where it lies */
} workloads[] = {
	{ "Deployment", { "apps", "extensions" }, "spec.template" },
	{ "StatefulSet", { "apps" }, "spec.template" },
	{ "DaemonSet", { "apps", "extensions" }, "spec.template" },
	{ "ReplicaSet", { "apps", "extensions" }, "spec.template" },
	{ "ReplicationController", { "" }, "spec.template" },
	{ "Job", { "batch" }, "spec.template" },
	{ "CronJob", { "batch" }, "spec.jobTemplate.spec.template" },
	/* Of others, those that are written instead of a Deployment. */
	{ "DeploymentConfig", { "apps.openshift.io" }, "spec.template" },
	{ "Rollout", { "argoproj.io" }, "spec.template" },
};
#define N_WORKLOADS (sizeof(workloads) / sizeof(*workloads))

static size_t find(const char *kind)
{
	size_t i = 0;

	while (i < N_WORKLOADS && strcmp(workloads[i].kind, kind))
		i++;
	return i;
}

bool workload_is(const char *api_version, const char *kind)
{
	const char *slash = strchr(api_version, '/');
	size_t i = find(kind), len = slash ? (size_t)(slash - api_version) : 0;

	for (size_t k = 0; i < N_WORKLOADS && workloads[i].groups[k]; k++)
		if (strlen(workloads[i].groups[k]) == len && !strncmp(workloads[i].groups[k], api_version, len))
			return true;
	return false;
}

/* What is behind @path, which is entered; NULL where some step of it is absent. */
static const struct doc *enter_path(struct decoder *dec, const struct doc *d, const char *path)
{
	while (d && *path) {
		size_t len = strcspn(path, ".");
		char *key = mem_strndup(path, len);

		d = dec_map(dec, d, key);
		dec_enter(dec, key);
		free(key);
		path += len + (path[len] == '.');
	}
	return d;
}

/* One that another workload made: what that one's template says counts. */
static bool has_owner(const struct doc *d)
{
	const struct doc *owners = doc_get(doc_get(d, "metadata"), "ownerReferences");

	for (size_t i = 0; owners && owners->type == DOC_SEQ && i < owners->seq.n; i++) {
		const struct doc *kind = doc_get(owners->seq.v[i], "kind");

		if (kind && kind->type == DOC_STRING && find(kind->string.s) < N_WORKLOADS)
			return true;
	}
	return false;
}

/* Annotations of the workload count beside those of its pods, and win. */
static void merge_annotations(struct decoder *dec, struct meta *obj, const struct labels *more)
{
	struct label *v = mem_array(obj->annotations.n + more->n, sizeof(*v));
	const struct labels *own = &obj->annotations;
	unsigned n = 0, i = 0, k = 0;

	while (i < own->n || k < more->n) {
		int c = i == own->n ? 1 : k == more->n ? -1 : strcmp(own->v[i].key, more->v[k].key);

		v[n++] = c <= 0 ? own->v[i] : more->v[k];
		i += c <= 0;
		k += c >= 0;
	}
	obj->annotations = model_intern_labels(dec->m, v, n);
	free(v);
}

bool decode_workload(struct decoder *dec, const struct doc *d, const char *kind, struct meta *obj)
{
	struct pod *p = (struct pod *)obj;
	size_t at = strlen(dec->path), in;
	const struct doc *template, *meta;
	struct labels annotations;

	if (has_owner(d))
		return false;
	template = enter_path(dec, d, workloads[find(kind)].template);
	if (template) {
		p->workload = dec_intern(dec, kind);
		meta = dec_map(dec, template, "metadata");
		in = dec_enter(dec, "metadata");
		obj->labels = dec_object_labels(dec, meta);
		annotations = dec_object_annotations(dec, meta);
		merge_annotations(dec, obj, &annotations);
		dec_leave(dec, in);
		decode_pod_spec(dec, template, p);
	}
	dec_leave(dec, at);
	return template;
}
