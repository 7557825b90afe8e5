// SPDX-License-Identifier: GPL-2.0
/* What everything else reports through: errors, diagnostics, log lines, UTF-8, hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/diag.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/utf8.h"

static void errors_are_words_and_prefixes(void **state)
{
	struct err err = { "" };
	char longer[4096];

	assert_int_equal(err_set(&err, "line %d", 3), -1);
	assert_int_equal(err_prefix(&err, "%s", "file"), -1);
	assert_string_equal(err.msg, "file: line 3");
	err_set(&err, "<%s>", err.msg);
	assert_string_equal(err.msg, "<file: line 3>");
	assert_int_equal(err_set(NULL, "x"), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	err_set(&err, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	err_prefix(&err, "%s", longer);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void expect_diag(const struct diag *d, const char *want)
{
	char *got = diag_format(d);

	assert_string_equal(got, want);
	free(got);
}

static void diagnostics_leave_out_what_is_not_there(void **state)
{
	struct diags d = { 0 };

	diags_add(&d, "f", 3, "Pod a/b", "spec.x", "is %s", "bad");
	diags_add(&d, "f", 0, NULL, NULL, "gone");
	diags_add(&d, NULL, 7, "Pod a/b", NULL, "what");
	expect_diag(&d.v[0], "f:3: Pod a/b: spec.x: is bad");
	expect_diag(&d.v[1], "f: gone");
	expect_diag(&d.v[2], "Pod a/b: what");
	for (int i = 0; i < DIAGS_MAX; i++)
		diags_add(&d, NULL, 0, NULL, NULL, "%d", i);
	assert_int_equal(d.n, DIAGS_MAX);
	assert_int_equal(d.suppressed, 3);
	diags_free(&d);
	assert_int_equal(d.n + d.suppressed, 0);
}

/* What @log writes to stderr, behind the time stamp's digits. */
static char *capture(void (*log)(void))
{
	static char buf[4096];
	int saved = dup(STDERR_FILENO), fds[2];
	ssize_t n;

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	log();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
	n = read(fds[0], buf, sizeof(buf) - 1);
	close(fds[0]);
	buf[n > 0 ? n : 0] = 0;
	return buf;
}

static void log_hostile(void)
{
	log_info("two words", "n=%d s=%s q=%s empty=%s of=%u/%u bad=%s", -5, "a b", "x=\"\n\033", "", 1, 2, "\xff");
}

static void log_forged(void)
{
	log_warn("x", "a=%s b=%d", "1\x1e" "b=2", 3);
}

static void log_plain(void)
{
	log_error("x", NULL);
	log_debug("not told", NULL);
}

static void log_lines_hold_anything(void **state)
{
	log_init(LOG_LEVEL_INFO, LOG_FORMAT_KV);
	assert_string_equal(strchr(capture(log_hostile), ' '),
			    " level=info msg=\"two words\" n=-5 s=\"a b\" q=\"x=\\\"\\n\\u001b\" empty=\"\" of=1/2 bad=\"\\ufffd\"\n");
	assert_string_equal(strchr(capture(log_plain), ' '), " level=error msg=x\n");
	assert_null(strstr(capture(log_forged), " b=2"));
	log_init(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	assert_string_equal(strchr(capture(log_hostile), ','),
			    ",\"level\":\"info\",\"msg\":\"two words\",\"n\":-5,\"s\":\"a b\",\"q\":\"x=\\\"\\n\\u001b\","
			    "\"empty\":\"\",\"of\":\"1/2\",\"bad\":\"\\ufffd\"}\n");
	log_init(LOG_LEVEL_INFO, LOG_FORMAT_KV);
}

static void utf8_is_what_the_standard_says(void **state)
{
	static const struct { const char *s; size_t good; } vectors[] = {
		{ "", 0 }, { "abc", 3 }, { "\xc3\xa9", 2 }, { "\xe2\x82\xac", 3 }, { "\xf0\x9f\x98\x80", 4 }, { "\x7f", 1 },
		{ "a\x80", 1 }, { "\xc0\x80", 0 }, { "\xc1\xbf", 0 }, { "\xe0\x9f\xbf", 0 }, { "\xe0\xa0\x80", 3 },
		{ "\xed\x9f\xbf", 3 }, { "\xed\xa0\x80", 0 }, { "\xf0\x8f\xbf\xbf", 0 }, { "\xf4\x8f\xbf\xbf", 4 },
		{ "\xf4\x90\x80\x80", 0 }, { "\xf5\x80\x80\x80", 0 }, { "ab\xe2\x82", 2 }, { "\xe2\x28\xa1", 0 }, { "\xff", 0 },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++)
		assert_int_equal(utf8_check(vectors[i].s, strlen(vectors[i].s)), vectors[i].good);
}

#define ITEMS 200

/* Few different hashes, so that runs are long and holes are closed in all ways. */
static void hash_holds_what_it_was_given(void **state)
{
	static int items[ITEMS];
	bool in[ITEMS] = { false };
	unsigned seed = time(NULL);
	struct hash h = { 0 };

	print_message("seed %u\n", seed);
	for (int step = 0; step < 20000; step++) {
		int i = rand_r(&seed) % ITEMS;
		uint32_t hash = i % 7 ? i % 37 + 250 : i;
		size_t it = 0;
		void *p;

		assert_int_equal(hash_del(&h, hash, &items[i]), in[i]);
		in[i] = rand_r(&seed) % 2;
		if (in[i])
			hash_add(&h, hash, &items[i]);
		while ((p = hash_next(&h, hash, &it)) && p != &items[i])
			;
		assert_int_equal(p != NULL, in[i]);
	}
	for (int i = 0; i < ITEMS; i++)
		h.n -= in[i];
	assert_int_equal(h.n, 0);
	hash_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_words_and_prefixes),
		cmocka_unit_test(diagnostics_leave_out_what_is_not_there),
		cmocka_unit_test(log_lines_hold_anything),
		cmocka_unit_test(utf8_is_what_the_standard_says),
		cmocka_unit_test(hash_holds_what_it_was_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
