// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "../base/version.h"
#include "../nl/words.h"
#include "metrics.h"

/* Pods told apart at most: a node has some hundred, and a label's values should be few. */
#define SUBJECTS_TOLD 100

void metrics_init(struct metrics *m, const struct loop *loop)
{
	*m = (struct metrics){ .loop = loop };
	prom_histogram_init(&m->compile_seconds, 0.0005, 2, 16);
	prom_histogram_init(&m->commit_seconds, 0.0001, 2, 16);
	prom_histogram_init(&m->commit_objects, 1, 4, 10);
	prom_histogram_init(&m->latency_seconds, 0.001, 2, 16);
}

void metrics_observe(struct metrics *m, const struct enforce_result *r, double latency_s)
{
	prom_observe(&m->compile_seconds, r->compile_s);
	if (r->mode == ENFORCE_WHOLE || r->mode == ENFORCE_DIFFERENCE) {
		prom_observe(&m->commit_seconds, r->commit_s);
		prom_observe(&m->commit_objects, r->sent.put + r->sent.deleted);
	}
	if (r->mode != ENFORCE_NOTHING && latency_s >= 0)
		prom_observe(&m->latency_seconds, latency_s);
}

static void put_objects(const struct model *model, FILE *f)
{
	prom_head(f, "stockade_objects", "gauge", "Objects of the cluster that are kept, by kind.");
	for (int k = 0; k < KINDS; k++)
		prom_sample(f, "stockade_objects", model_count(model, k), "kind", kind_name(k), NULL);
}

#define PUT_BY_KIND(f, s, name, type, help, field) do { \
	prom_head(f, name, type, help); \
	for (int k = 0; k < KINDS; k++) \
		if ((s)->kind[k].enabled) \
			prom_sample(f, name, (s)->kind[k].field, "kind", kind_name(k), NULL); \
} while (0)

static void put_source(const struct metrics_source *s, FILE *f)
{
	PUT_BY_KIND(f, s, "stockade_source_synced", "gauge",
		    "Whether the objects of a kind have been listed once.", synced);
	PUT_BY_KIND(f, s, "stockade_source_events_total", "counter",
		    "Watch events received, bookmarks not counted.", events);
	PUT_BY_KIND(f, s, "stockade_source_relists_total", "counter",
		    "Complete lists received, the first one included.", relists);
	PUT_BY_KIND(f, s, "stockade_source_errors_total", "counter", "Requests that failed.", errors);
	prom_single(f, "stockade_source_unreadable_total", "counter",
		    "Objects and fields that could not be read and are not enforced as written.", s->unreadable);
	prom_head(f, "stockade_source_events_written_total", "counter",
		  "Events about what could not be read: sent, or suppressed as told before or too many.");
	prom_sample(f, "stockade_source_events_written_total", s->told, "result", "sent", NULL);
	prom_sample(f, "stockade_source_events_written_total", s->untold, "result", "suppressed", NULL);
	prom_single(f, "stockade_source_received_bytes_total", "counter", "Bytes of response bodies received.",
		    s->bytes);
}

static void put_compilations(const struct compiler *c, FILE *f)
{
	struct compiler_stats s = c ? compiler_stats(c) : (struct compiler_stats){};

	prom_head(f, "stockade_compilations_total", "counter",
		  "What had to be made again: everything, what follows from this node's pods, programs alone.");
	prom_sample(f, "stockade_compilations_total", s.whole, "scope", "whole", NULL);
	prom_sample(f, "stockade_compilations_total", s.frames, "scope", "node", NULL);
	prom_sample(f, "stockade_compilations_total", s.programs, "scope", "programs", NULL);
	prom_single(f, "stockade_addresses_compiled_total", "counter", "Addresses looked at one by one.", s.addresses);
}

static void put_commits(const struct metrics *m, const struct enforce *e, FILE *f)
{
	const struct enforce_stats *s = &e->stats;

	prom_head(f, "stockade_commits_total", "counter",
		  "Tables put in force: sent whole, as a difference, or found in force at the start.");
	prom_sample(f, "stockade_commits_total", s->commits[ENFORCE_WHOLE], "mode", "whole", NULL);
	prom_sample(f, "stockade_commits_total", s->commits[ENFORCE_DIFFERENCE], "mode", "difference", NULL);
	prom_sample(f, "stockade_commits_total", s->commits[ENFORCE_TAKEOVER], "mode", "takeover", NULL);
	prom_single(f, "stockade_commit_errors_total", "counter",
		    "Commits that failed and left the table in force as it was.", s->errors);
	prom_single(f, "stockade_commit_resent_total", "counter",
		    "Differences the kernel did not accept, so that its table was read back or the whole sent.", s->resent);
	prom_single(f, "stockade_commit_bytes_total", "counter", "Bytes of netlink messages that carried objects.",
		    s->sent.bytes);
	prom_single(f, "stockade_closed_doors", "gauge",
		    "Ways into and out of pods of this node that are shut, as what their policies say takes more than the kernel's table has.",
		    e->compiler ? compiler_counts(e->compiler).n_closed : 0);
	put_compilations(e->compiler, f);
	prom_histogram(f, "stockade_compile_duration_seconds",
		       "Time to compile the objects to this node's table.", &m->compile_seconds);
	prom_histogram(f, "stockade_commit_duration_seconds",
		       "Time to send a table or a difference and have it in force.", &m->commit_seconds);
	prom_histogram(f, "stockade_commit_objects", "Objects put and deleted by one commit.", &m->commit_objects);
	prom_histogram(f, "stockade_apply_latency_seconds",
		       "Time from receiving a change to having it in force.", &m->latency_seconds);
}

static void put_table(const struct stnl_status *s, FILE *f)
{
	const struct {
		const char *kind;
		uint32_t n;
	} objects[] = {
		{ "endpoint", s->endpoints }, { "block", s->blocks }, { "subject", s->subjects },
		{ "program", s->programs }, { "rule", s->rules }, { "step", s->steps },
	};

	prom_head(f, "stockade_module_info", "gauge", "The kernel module.");
	prom_sample(f, "stockade_module_info", 1, "version", s->version, "state", words_state(s->state), NULL);
	prom_single(f, "stockade_table_generation", "gauge", "Generation of the table in force, 0 if there is none.",
		    s->generation);
	prom_single(f, "stockade_table_committed_timestamp_seconds", "gauge", "When it was committed.", s->committed);
	prom_head(f, "stockade_table_objects", "gauge", "Objects of the table in force, by kind.");
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		prom_sample(f, "stockade_table_objects", objects[i].n, "kind", objects[i].kind, NULL);
	prom_single(f, "stockade_table_steps_max", "gauge", "Steps, listed identities included, that the table may have (max_steps).",
		    s->max.steps);
	prom_single(f, "stockade_table_memory_bytes", "gauge", "Kernel memory the table takes.", s->memory);
	prom_single(f, "stockade_flows", "gauge", "Flows in the module's own flow map.", s->flows);
	prom_single(f, "stockade_flows_memory_bytes", "gauge", "Kernel memory that map takes.", s->flows_memory);
	prom_single(f, "stockade_drop_events_lost_total", "counter",
		    "Events of denied packets not told for the rate limit.", s->events_lost);
}

static void put_packets(struct stnl *nl, FILE *f)
{
	struct stnl_counter *v = NULL;
	size_t n = 0;

	if (stnl_counters(nl, &v, &n, NULL))
		return;
	prom_head(f, "stockade_packets_total", "counter", "Packets judged, by door, verdict and reason.");
	for (size_t i = 0; i < n; i++)
		prom_sample(f, "stockade_packets_total", v[i].packets, "door", words_door(v[i].door),
			    "verdict", words_verdict(v[i].verdict), "reason", words_reason(v[i].reason), NULL);
	free(v);
}

static uint64_t denied(const struct stnl_subject_counters *c)
{
	return c->c[STOCKADE_SUBJECT_C_EGRESS_DENIED] + c->c[STOCKADE_SUBJECT_C_INGRESS_DENIED];
}

static int by_denied(const void *a, const void *b)
{
	uint64_t x = denied(a), y = denied(b);

	return (x < y) - (x > y);
}

static void put_subjects(struct stnl *nl, FILE *f)
{
	struct stnl_subject_counters *v = NULL;
	size_t n = 0, told;

	if (stnl_subject_counters(nl, &v, &n, NULL))
		return;
	if (n)
		qsort(v, n, sizeof(*v), by_denied);
	prom_head(f, "stockade_pod_denied_packets_total", "counter",
		  "Denied packets of flows from and to a pod of this node; the pods with the most only.");
	for (told = 0; told < n && told < SUBJECTS_TOLD && denied(&v[told]); told++) {
		prom_sample(f, "stockade_pod_denied_packets_total", v[told].c[STOCKADE_SUBJECT_C_EGRESS_DENIED],
			    "pod", v[told].name, "door", "egress", NULL);
		prom_sample(f, "stockade_pod_denied_packets_total", v[told].c[STOCKADE_SUBJECT_C_INGRESS_DENIED],
			    "pod", v[told].name, "door", "ingress", NULL);
	}
	free(v);
}

static void put_process(FILE *f)
{
	unsigned long pages = 0;
	struct rusage usage;
	FILE *statm = fopen("/proc/self/statm", "re");

	if (statm) {
		if (fscanf(statm, "%*u %lu", &pages) != 1)
			pages = 0;
		fclose(statm);
	}
	prom_single(f, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
		    (double)pages * sysconf(_SC_PAGESIZE));
	if (getrusage(RUSAGE_SELF, &usage))
		return;
	prom_single(f, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.",
		    usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
		    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

static void put_controller(const struct metrics *m, FILE *f)
{
	const struct loop_stats *s = &m->loop->stats;

	prom_head(f, "stockade_build_info", "gauge", "The controller.");
	prom_sample(f, "stockade_build_info", 1, "version", STOCKADE_VERSION, NULL);
	prom_head(f, "stockade_source_changes_total", "counter",
		  "Changes the source told, and readings of it that were refused.");
	prom_sample(f, "stockade_source_changes_total", s->changed, "result", "ok", NULL);
	prom_sample(f, "stockade_source_changes_total", s->broken, "result", "refused", NULL);
	put_objects(m->loop->model, f);
}

unsigned metrics_answer(void *ctx, FILE *out)
{
	struct metrics *m = ctx;
	struct enforce *e = m->loop->enforce;
	struct metrics_source source = {};
	struct stnl_status status = {};

	put_controller(m, out);
	if (m->source) {
		m->source(m->source_ctx, &source);
		put_source(&source, out);
	}
	put_commits(m, e, out);
	prom_single(out, "stockade_module_up", "gauge", "Whether the kernel module answers.",
		    !stnl_status(e->nl, &status, NULL));
	if (*status.version) {
		put_table(&status, out);
		put_packets(e->nl, out);
		put_subjects(e->nl, out);
	}
	findings_put(&m->findings, m->loop, out);
	put_process(out);
	return 200;
}

unsigned metrics_healthz(void *ctx, FILE *out)
{
	fputs("ok\n", out);
	return 200;
}

unsigned metrics_readyz(void *ctx, FILE *out)
{
	const struct metrics *m = ctx;
	const struct enforce *e = m->loop->enforce;

	if (e->lost)
		fputs("the kernel module does not answer or lost its table\n", out);
	else if (!e->known)
		fputs("no table of this controller is in force yet\n", out);
	else
		fputs("ok\n", out);
	return e->known && !e->lost ? 200 : 503;
}
