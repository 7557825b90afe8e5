// SPDX-License-Identifier: GPL-2.0
/* Manifests as a source: what is read, what is noticed, and what a broken reading leaves alone. */
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/mem.h"
#include "manifest/manifest.h"

#define POD(name) "{apiVersion: v1, kind: Pod, metadata: {name: " name "}}\n---\n"

struct fixture {
	char dir[64];
	struct model *m;
	struct source *s;
};

static int setup(void **state)
{
	struct fixture *f = mem_new(struct fixture);

	snprintf(f->dir, sizeof(f->dir), "%s/stockade-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	f->m = model_new();
	*state = f;
	return mkdtemp(f->dir) ? chdir(f->dir) : -1;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->s)
		f->s->free(f->s);
	model_free(f->m);
	if (chdir("/") || nftw(f->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS))
		return -1;
	free(f);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* The pods there are, in order, separated by spaces. */
static void expect_pods(const struct fixture *f, const char *want)
{
	char got[256] = "";
	size_t n;
	const struct meta *const *v = model_list(f->m, KIND_POD, &n);

	for (size_t i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i ? " " : "", v[i]->name);
	assert_string_equal(got, want);
}

static void start(struct fixture *f, char *path)
{
	struct err err = { "" };

	f->s = manifest_source_new(f->m, &path, 1, &err);
	if (!f->s)
		fail_msg("%s", err.msg);
	assert_true(f->s->synced(f->s));
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * (int64_t)1000 + ts.tv_nsec / 1000000;
}

/* Runs the source as a loop would until something happens, or @ms have passed. */
static enum source_change wait_change(struct fixture *f, int ms)
{
	int64_t end = now_ms() + ms;
	enum source_change c = SOURCE_NOTHING;

	while (c == SOURCE_NOTHING && now_ms() < end) {
		int timeout = end - now_ms();
		struct pollfd fds[4];
		size_t n = f->s->poll_fds(f->s, fds, 4, &timeout);

		poll(fds, n, timeout);
		c = f->s->step(f->s, fds, n);
	}
	return c;
}

#define expect_change(f, want) assert_int_equal(wait_change(f, 10000), want)
#define expect_quiet(f) assert_int_equal(wait_change(f, 400), SOURCE_NOTHING)

static void folders_are_read_in_order_without_what_is_hidden(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { "d", "one" };
	struct diags diags = { 0 };

	mkdir("d", 0700);
	mkdir("d/sub", 0700);
	mkdir("d/.git", 0700);
	write_file("d/b.yaml", POD("b"));
	write_file("d/a.yml", POD("a"));
	write_file("d/sub/c.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"c\"}}");
	write_file("d/.hidden.yaml", "{");
	write_file("d/.git/x.yaml", "{");
	write_file("d/notes.txt", "{");
	write_file("d/b.yaml~", "{");
	write_file("one", POD("d"));
	assert_int_equal(symlink("../d", "d/sub/loop"), 0);
	assert_int_equal(symlink("b.yaml", "d/again.yaml"), 0);
	assert_int_equal(manifest_load(f->m, paths, 2, 0, &diags), 0);
	expect_pods(f, "a b c d");
}

static void mistakes_load_nothing_and_name_their_file(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { "a.yaml", "b.yaml", "gone" };
	struct diags diags = { 0 };

	write_file("a.yaml", POD("a"));
	write_file("b.yaml", POD("b") POD("a"));
	assert_int_equal(manifest_load(f->m, paths, 3, 0, &diags), 2);
	expect_pods(f, "");
	assert_string_equal(diags.v[0].file, "gone");
	assert_string_equal(diags.v[1].file, "b.yaml");
	assert_string_equal(diags.v[1].object, "Pod default/a");
	assert_string_equal(diags.v[1].message, "is there twice: first at a.yaml:1");
	diags_free(&diags);
}

static void changes_are_noticed(void **state)
{
	struct fixture *f = *state;

	write_file("a.yaml", POD("a"));
	start(f, f->dir);
	expect_pods(f, "a");
	expect_quiet(f);
	write_file("b.yaml", POD("b"));
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a b");
	write_file("b.yaml", POD("c"));
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a c");
	mkdir("new", 0700);
	write_file("new/d.yaml", POD("d"));
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a c d");
	write_file("new/d.yaml", POD("e"));
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a c e");
	assert_int_equal(rename("new", ".elsewhere"), 0);
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a c");
	assert_int_equal(rename(".elsewhere", "back"), 0);
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a c e");
	unlink("a.yaml");
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "c e");
	write_file("README", "nothing");
	expect_quiet(f);
}

static void broken_readings_change_nothing(void **state)
{
	struct fixture *f = *state;

	write_file("a.yaml", POD("a"));
	start(f, f->dir);
	write_file("b.yaml", POD("b"));
	write_file("c.yaml", "{apiVersion: v1, kind: Pod, metadata: {name: C}}");
	expect_change(f, SOURCE_BROKEN);
	expect_pods(f, "a");
	expect_quiet(f);
	assert_int_equal(f->s->reload(f->s), SOURCE_BROKEN);
	write_file("c.yaml", POD("c"));
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a b c");
	assert_int_equal(f->s->reload(f->s), SOURCE_CHANGED);
}

static void an_emptied_folder_keeps_the_model(void **state)
{
	struct fixture *f = *state;

	write_file("a.yaml", POD("a"));
	start(f, f->dir);
	unlink("a.yaml");
	expect_change(f, SOURCE_BROKEN);
	expect_pods(f, "a");
	expect_quiet(f);
	write_file("a.yaml", POD("b"));
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "b");
}

static void a_path_that_is_gone_may_come_back(void **state)
{
	struct fixture *f = *state;

	mkdir("d", 0700);
	write_file("d/a.yaml", POD("a"));
	start(f, "d");
	assert_int_equal(rename("d", "e"), 0);
	expect_change(f, SOURCE_BROKEN);
	expect_pods(f, "a");
	assert_int_equal(wait_change(f, 2500), SOURCE_NOTHING);	/* retried, but told once */
	write_file("e/b.yaml", POD("b"));
	assert_int_equal(rename("e", "d"), 0);
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a b");
}

static void a_file_may_be_replaced(void **state)
{
	struct fixture *f = *state;

	write_file("a.yaml", POD("a"));
	start(f, "a.yaml");
	write_file("a.tmp", POD("b"));
	assert_int_equal(rename("a.tmp", "a.yaml"), 0);
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "b");
	write_file("a.yaml", POD("c"));
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "c");
	write_file("other.yaml", POD("d"));
	expect_quiet(f);
}

/* As the kubelet does it: the files are links through ..data, which is swapped. */
static void a_mounted_configmap_is_swapped(void **state)
{
	struct fixture *f = *state;

	mkdir("..1", 0700);
	write_file("..1/p.yaml", POD("a"));
	assert_int_equal(symlink("..1", "..data"), 0);
	assert_int_equal(symlink("..data/p.yaml", "p.yaml"), 0);
	start(f, f->dir);
	expect_pods(f, "a");
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "..2", "..3", "..4" };

		mkdir(names[i], 0700);
		assert_int_equal(chdir(names[i]), 0);
		write_file("p.yaml", i % 2 ? POD("a") : POD("b"));
		assert_int_equal(chdir(".."), 0);
		assert_int_equal(symlink(names[i], "..tmp"), 0);
		assert_int_equal(rename("..tmp", "..data"), 0);
		expect_change(f, SOURCE_CHANGED);
		expect_pods(f, i % 2 ? "a" : "b");
	}
}

/* Hundreds of files change at once: no state in between is shown. */
static void a_checkout_is_one_change(void **state)
{
	struct fixture *f = *state;
	char path[32], text[128];
	size_t n;

	write_file("a.yaml", POD("a"));
	start(f, f->dir);
	for (int i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "p%d.yaml", i);
		snprintf(text, sizeof(text), "{apiVersion: v1, kind: Pod, metadata: {name: p%d}}\n", i);
		write_file(path, text);
		if (i == 290)
			f->s->step(f->s, NULL, 0);
	}
	expect_change(f, SOURCE_CHANGED);
	model_list(f->m, KIND_POD, &n);
	assert_int_equal(n, 301);
	expect_quiet(f);
}

/* A writer that pauses in the middle is waited for. */
static void half_a_file_is_not_read(void **state)
{
	struct fixture *f = *state;
	FILE *w;

	write_file("a.yaml", POD("a") POD("b"));
	start(f, f->dir);
	w = fopen("a.yaml", "w");
	fputs(POD("a"), w);
	fflush(w);
	expect_quiet(f);
	expect_pods(f, "a b");
	fputs(POD("c"), w);
	fclose(w);
	expect_change(f, SOURCE_CHANGED);
	expect_pods(f, "a c");
}

static void nothing_to_start_from_is_an_error(void **state)
{
	static const char *const bad[] = { "", "gone", "empty", "broken.yaml", "comments.yaml", "pipe" };
	struct fixture *f = *state;

	mkdir("empty", 0700);
	mkfifo("pipe", 0600);
	write_file("broken.yaml", "{");
	write_file("comments.yaml", "# none\n");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *path = (char *)(uintptr_t)bad[i];
		struct err err = { "" };

		assert_null(manifest_source_new(f->m, &path, 1, &err));
		assert_non_null(strstr(err.msg, "1 mistake in the manifests, the first: "));
	}
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(folders_are_read_in_order_without_what_is_hidden),
		TEST(mistakes_load_nothing_and_name_their_file),
		TEST(changes_are_noticed),
		TEST(broken_readings_change_nothing),
		TEST(an_emptied_folder_keeps_the_model),
		TEST(a_path_that_is_gone_may_come_back),
		TEST(a_file_may_be_replaced),
		TEST(a_mounted_configmap_is_swapped),
		TEST(a_checkout_is_one_change),
		TEST(half_a_file_is_not_read),
		TEST(nothing_to_start_from_is_an_error),
	};

	log_init(LOG_LEVEL_ERROR + 1, LOG_FORMAT_KV);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
