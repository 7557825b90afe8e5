// SPDX-License-Identifier: GPL-2.0
/*
 * stockaded: the controller.  Wires a source of objects to the enforcer and runs the loop; this is
 * the only file that sees both the Kubernetes API and the kernel.
 */
#include <stdio.h>
#include <time.h>
#include "base/log.h"
#include "base/version.h"
#include "daemon/closed.h"
#include "daemon/enforce.h"
#include "daemon/flags.h"
#include "daemon/http.h"
#include "daemon/loop.h"
#include "daemon/metrics.h"
#include "kube/kube.h"
#include "manifest/manifest.h"

static int teardown(struct err *err)
{
	struct stnl *nl = stnl_open(err);
	int rc;

	if (!nl)
		return -1;
	rc = stnl_teardown(nl, err);
	stnl_close(nl);
	if (!rc)
		log_info("table removed, nothing is enforced", NULL);
	return rc;
}

/* Everything that lives as long as the loop runs. */
struct daemon {
	const struct flags *flags;
	struct model *model;
	struct enforce enforce;
	struct loop loop;
	struct metrics metrics;
	struct closed closed;
	struct http *http;
	struct loop_guest guest;
};

static struct source *source_new(struct daemon *d, struct err *err)
{
	const struct flags *f = d->flags;

	if (f->n_manifests)
		return manifest_source_new(d->model, f->manifests, f->n_manifests, err);
	return kube_source_new(d->model, &(struct kube_options){
		.kubeconfig = f->kubeconfig, .context = f->context, .tls_secrets = f->tls_secrets,
		.node = f->compile.node, .untaint = f->untaint, .events = !f->no_events,
	}, err);
}

static void kube_counters(void *ctx, struct metrics_source *out)
{
	const struct daemon *d = ctx;
	const struct kube_stats *s = kube_source_stats(d->loop.source);

	for (int k = 0; k < KINDS; k++) {
		out->kind[k].enabled = s->kind[k].enabled;
		out->kind[k].synced = s->kind[k].synced;
		out->kind[k].events = s->kind[k].events;
		out->kind[k].relists = s->kind[k].relists;
		out->kind[k].errors = s->kind[k].errors;
	}
	out->bytes = s->bytes;
	out->unreadable = s->diags;
	out->told = s->told;
	out->untold = s->untold;
}

static double since(uint64_t received_ns)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9 - received_ns / 1e9;
}

static void tell_author(void *ctx, const struct networkpolicy *np, const char *message)
{
	struct daemon *d = ctx;

	kube_source_tell(d->loop.source, np, message);
}

static void applied(void *ctx, const struct enforce_result *r)
{
	struct daemon *d = ctx;
	uint64_t received = d->flags->n_manifests ? 0 : kube_source_take_received(d->loop.source);
	struct table table = compiler_counts(d->enforce.compiler);

	metrics_observe(&d->metrics, r, received ? since(received) : -1);
	closed_look(&d->closed, d->model, &table);
	if (d->flags->untaint)
		kube_source_untaint(d->loop.source);
}

static int status_server(struct daemon *d, struct err *err)
{
	static const struct http_route routes[] = {
		{ "/metrics", PROM_CONTENT_TYPE, metrics_answer },
		{ "/healthz", "text/plain; charset=utf-8", metrics_healthz },
		{ "/readyz", "text/plain; charset=utf-8", metrics_readyz },
		{}
	};

	metrics_init(&d->metrics, &d->loop);
	if (!d->flags->n_manifests) {
		d->metrics.source = kube_counters;
		d->metrics.source_ctx = d;
		d->closed.tell = tell_author;
		d->closed.ctx = d;
	}
	if (!d->flags->listen)
		return 0;
	d->http = http_new(d->flags->listen, routes, &d->metrics, err);
	if (!d->http)
		return -1;
	d->guest = http_guest(d->http);
	d->loop.guest = &d->guest;
	return 0;
}

static int run(struct daemon *d, struct err *err)
{
	int rc;

	d->loop.source = source_new(d, err);
	if (!d->loop.source)
		return -1;
	rc = status_server(d, err);
	if (!rc) {
		log_info("started", "version=%s node=%s", STOCKADE_VERSION, d->flags->compile.node);
		rc = loop_run(&d->loop, err);
	}
	http_free(d->http);
	findings_end(&d->metrics.findings);
	closed_free(&d->closed);
	d->loop.source->free(d->loop.source);
	return rc;
}

static int enforce(const struct flags *f, struct err *err)
{
	struct daemon d = { .flags = f };
	int rc;

	if (enforce_init(&d.enforce, &f->compile, err))
		return -1;
	d.model = model_new();
	d.loop = (struct loop){
		.model = d.model, .enforce = &d.enforce, .once = f->once, .applied = applied, .applied_ctx = &d,
	};
	rc = run(&d, err);
	enforce_exit(&d.enforce);
	model_free(d.model);
	return rc;
}

int main(int argc, char **argv)
{
	struct flags flags;
	struct err err;
	int rc;

	if (flags_parse(&flags, argc, argv, &err)) {
		fprintf(stderr, "stockaded: %s\nTry 'stockaded --help'.\n", err.msg);
		flags_free(&flags);
		return 2;
	}
	log_init(flags.log_level, flags.log_format);
	if (flags.help) {
		fputs(flags_help, stdout);
		rc = 0;
	} else if (flags.version) {
		printf("stockaded %s (netlink version %d)\n", STOCKADE_VERSION, STOCKADE_GENL_VERSION);
		rc = 0;
	} else {
		rc = flags.teardown ? teardown(&err) : enforce(&flags, &err);
		if (rc)
			log_error("giving up", "error=%s", err.msg);
	}
	flags_free(&flags);
	return rc ? 1 : 0;
}
