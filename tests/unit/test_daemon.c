// SPDX-License-Identifier: GPL-2.0
/* The controller's parts that need no kernel: its command line, the metrics' text, the status server. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <getopt.h>
#include <sys/socket.h>
#include <unistd.h>
#include "daemon/findings.h"
#include "daemon/flags.h"
#include "daemon/http.h"
#include "daemon/pace.h"
#include "daemon/prom.h"

static int parse(struct flags *f, struct err *err, ...)
{
	char *argv[32] = { "stockaded" };
	int argc = 1;
	va_list ap;

	va_start(ap, err);
	while ((argv[argc] = va_arg(ap, char *)))
		argc++;
	va_end(ap);
	optind = 0;	/* begin anew */
	return flags_parse(f, argc, argv, err);
}

static void flags_defaults(void **state)
{
	struct flags f;
	struct err err;

	setenv("NODE_NAME", "from-env", 1);
	assert_int_equal(parse(&f, &err, NULL), 0);
	assert_string_equal(f.compile.node, "from-env");
	assert_int_equal(f.compile.perimeter, PERIMETER_AUDIT);
	assert_int_equal(f.compile.n_overlay_ports, 3);
	assert_int_equal(f.n_manifests, 0);
	assert_null(f.listen);
	assert_false(f.once || f.teardown || f.help || f.version || f.tls_secrets);
	flags_free(&f);
}

static void flags_all(void **state)
{
	struct flags f;
	struct err err;

	assert_int_equal(parse(&f, &err, "--manifests", "a", "b", "--node", "n1", "--perimeter=enforce", "c",
			       "--overlay-ports=4789,51820", "--deny=reject", "--unknown", "accept", "--manifests=d",
			       "--log-level=warn", "--log-format=json", "--listen", "[::1]:80", "--once", NULL), 0);
	assert_int_equal(f.n_manifests, 4);
	assert_string_equal(f.manifests[0], "a");
	assert_string_equal(f.manifests[1], "d");
	assert_string_equal(f.manifests[2], "b");
	assert_string_equal(f.compile.node, "n1");
	assert_int_equal(f.compile.perimeter, PERIMETER_ENFORCE);
	assert_int_equal(f.compile.n_overlay_ports, 2);
	assert_int_equal(f.compile.overlay_ports[1], 51820);
	assert_int_equal(f.compile.deny, STOCKADE_DENY_REJECT);
	assert_int_equal(f.compile.unknown, STOCKADE_UNKNOWN_ACCEPT);
	assert_int_equal(f.log_level, LOG_LEVEL_WARN);
	assert_int_equal(f.log_format, LOG_FORMAT_JSON);
	assert_string_equal(f.listen, "[::1]:80");
	assert_true(f.once);
	flags_free(&f);
	assert_int_equal(parse(&f, &err, "--overlay-ports=", NULL), 0);
	assert_int_equal(f.compile.n_overlay_ports, 0);
	flags_free(&f);
}

static void flags_refused(void **state)
{
	static const char *const vectors[][2] = {
		{ "--perimeter=maybe", "--perimeter=maybe: must be one of off, audit, enforce" },
		{ "--deny=", "--deny=: must be one of drop, reject" },
		{ "--unknown=drop,accept", "must be one of" },
		{ "--overlay-ports=0", "ports 1 to 65535" },
		{ "--overlay-ports=1,", "ports 1 to 65535" },
		{ "--overlay-ports=65536", "ports 1 to 65535" },
		{ "--overlay-ports= 1", "ports 1 to 65535" },
		{ "--overlay-ports=-1", "ports 1 to 65535" },
		{ "--overlay-ports=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "more than 16" },
		{ "--node=", "--node: needs" },
		{ "--log-level=loud", "--log-level=loud" },
		{ "--log-format=xml", "--log-format=xml" },
		{ "--frobnicate", "--frobnicate: no such option" },
		{ "--once=yes", "not with a value" },
		{ "--manifests", "needs a value" },
		{ "--untaint=", "no taint has such a key" },
		{ "--untaint=a\"b", "no taint has such a key" },
		{ "stray", "stray: what is this" },
	};
	struct flags f;
	struct err err;

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		assert_int_equal(parse(&f, &err, vectors[i][0], NULL), -1);
		if (!strstr(err.msg, vectors[i][1]))
			fail_msg("%s: \"%s\" does not say \"%s\"", vectors[i][0], err.msg, vectors[i][1]);
		flags_free(&f);
	}
	assert_int_equal(parse(&f, &err, "--manifests=x", "--kubeconfig=y", NULL), -1);
	flags_free(&f);
	assert_int_equal(parse(&f, &err, "--manifests=x", "--untaint=stockade.io/not-ready", NULL), -1);
	flags_free(&f);
	assert_int_equal(parse(&f, &err, "--once", "--teardown", NULL), -1);
	flags_free(&f);
}

static char *text;
static size_t text_len;

static FILE *text_open(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &text_len);
}

static void metrics_text(void **state)
{
	struct prom_histogram h;
	FILE *f = text_open();

	prom_head(f, "x_total", "counter", "Help.");
	prom_sample(f, "x_total", 3, "a", "b", "c", "d\"\\\n", NULL);
	prom_sample(f, "x_total", 9007199254740991.0, NULL);
	prom_single(f, "y_seconds", "gauge", "Y.", 0.25);
	prom_histogram_init(&h, 1, 10, 3);
	prom_observe(&h, 0.5);
	prom_observe(&h, 1);	/* le means less or equal */
	prom_observe(&h, 50);
	prom_observe(&h, 5000);
	prom_histogram(f, "z", "Z.", &h);
	fclose(f);
	assert_string_equal(text,
		"# HELP x_total Help.\n# TYPE x_total counter\n"
		"x_total{a=\"b\",c=\"d\\\"\\\\\\n\"} 3\n"
		"x_total 9007199254740991\n"
		"# HELP y_seconds Y.\n# TYPE y_seconds gauge\ny_seconds 0.25\n"
		"# HELP z Z.\n# TYPE z histogram\n"
		"z_bucket{le=\"1\"} 2\nz_bucket{le=\"10\"} 2\nz_bucket{le=\"100\"} 3\nz_bucket{le=\"+Inf\"} 4\n"
		"z_sum 5051.5\nz_count 4\n");
	free(text);
	text = NULL;
}

static unsigned answer_hello(void *ctx, FILE *out)
{
	++*(int *)ctx;
	fputs("hello\n", out);
	return 200;
}

static unsigned answer_sick(void *ctx, FILE *out)
{
	return 503;
}

static const struct http_route routes[] = {
	{ "/hello", "text/x-greeting", answer_hello }, { "/sick", "text/plain", answer_sick }, {}
};

/* A server on some free port of loopback. */
static struct http *serve(int *calls, int *port)
{
	struct http *h = NULL;
	char where[32];
	struct err err;

	for (*port = 20000 + getpid() % 20000; !h && *port < 65000; ++*port) {
		snprintf(where, sizeof(where), "127.0.0.1:%d", *port);
		h = http_new(where, routes, calls, &err);
	}
	--*port;
	assert_non_null(h);
	return h;
}

static int dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Sends @request and lets the server run, as the loop would, until it closes; what it said. */
static const char *ask(struct http *h, int port, const char *request)
{
	static char buf[4096];
	struct loop_guest guest = http_guest(h);
	int fd = dial(port), len = 0, n = 1;

	assert_int_equal(write(fd, request, strlen(request)), strlen(request));
	while (n) {
		struct pollfd fds[2] = { { guest.fd, POLLIN, 0 }, { fd, POLLIN, 0 } };

		assert_true(poll(fds, 2, 5000) > 0);
		guest.run(guest.ctx);
		if (fds[1].revents) {
			n = read(fd, buf + len, sizeof(buf) - 1 - len);
			assert_true(n >= 0);
			len += n;
		}
	}
	buf[len] = '\0';
	close(fd);
	return buf;
}

static void status_server(void **state)
{
	int calls = 0, port;
	struct http *h = serve(&calls, &port);
	const char *said;

	said = ask(h, port, "GET /hello HTTP/1.0\r\n\r\n");
	assert_non_null(strstr(said, " 200 "));
	assert_non_null(strstr(said, "Content-Type: text/x-greeting"));
	assert_non_null(strstr(said, "\r\n\r\nhello\n"));
	assert_non_null(strstr(ask(h, port, "GET /sick HTTP/1.0\r\n\r\n"), " 503 "));
	assert_non_null(strstr(ask(h, port, "GET /hello/ HTTP/1.0\r\n\r\n"), " 404 "));
	assert_non_null(strstr(ask(h, port, "DELETE /hello HTTP/1.0\r\n\r\n"), " 405 "));
	assert_non_null(strstr(ask(h, port, "POST /hello HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"), " 405 "));
	assert_int_equal(calls, 1);
	said = ask(h, port, "HEAD /hello HTTP/1.0\r\n\r\n");
	assert_non_null(strstr(said, " 200 "));
	assert_null(strstr(said, "\nhello"));
	/* Neither nonsense nor a client that leaves disturbs the next one. */
	assert_null(strstr(ask(h, port, "nonsense\r\n\r\n"), " 200 "));
	close(dial(port));
	assert_non_null(strstr(ask(h, port, "GET /hello HTTP/1.0\r\n\r\n"), "hello"));
	http_free(h);
}

static void status_server_addresses(void **state)
{
	static const char *const bad[] = {
		"", "80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:8x", "::1:80",
		"localhost:80", "[::1:80", "[127.0.0.1.5]:80", "192.0.2.1:39345",
	};
	struct err err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.msg[0] = '\0';
		if (http_new(bad[i], routes, NULL, &err))
			fail_msg("%s was taken", bad[i]);
		assert_non_null(strstr(err.msg, "--listen="));
	}
}

/* The audit is made beside the daemon: its findings are there in a while, and again after a change. */
static void audit_findings_come_from_a_child(void **state)
{
	struct enforce enforce = { .known = true };
	struct loop loop = { .model = model_new(), .enforce = &enforce };
	struct findings s = { 0 };
	char *text = NULL;

	compile_options_init(&enforce.options);
	for (int i = 0; i < 1000 && !s.made; i++) {
		size_t len;
		FILE *f = open_memstream(&text, &len);

		findings_put(&s, &loop, f);
		fclose(f);
		assert_true(!s.made == !strstr(text, "stockade_audit_findings{"));
		assert_non_null(strstr(text, "stockade_audit_failures_total 0"));
		free(text);
		usleep(10000);
	}
	assert_true(s.made);
	assert_int_equal(s.child, 0);
	findings_end(&s);
	model_free(loop.model);
}

/* A change alone goes soon; of a stream, as many together as keep the distance; an expensive one rests longer. */
static void pace_of_changes(void **state)
{
	struct pace p = {};

	assert_int_equal(pace_next(&p, 1000), 1000 + PACE_GATHER_MS);
	pace_applied(&p, 1003, 1);
	assert_int_equal(pace_next(&p, 1004), 1003 + PACE_SPACE_MS);
	assert_int_equal(pace_next(&p, 1200), 1200 + PACE_GATHER_MS);
	pace_applied(&p, 2000, 20);
	assert_int_equal(pace_next(&p, 2001), 2000 + 20 * PACE_REST);
	pace_applied(&p, 3000, 1000);
	assert_int_equal(pace_next(&p, 3001), 3000 + PACE_MAX_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_defaults), cmocka_unit_test(flags_all), cmocka_unit_test(flags_refused),
		cmocka_unit_test(metrics_text), cmocka_unit_test(status_server),
		cmocka_unit_test(status_server_addresses), cmocka_unit_test(pace_of_changes),
		cmocka_unit_test(audit_findings_come_from_a_child),
	};

	return cmocka_run_group_tests_name("daemon", tests, NULL, NULL);
}
