// SPDX-License-Identifier: GPL-2.0
/* Documents: what YAML and JSON become, where lines are, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include "base/doc.h"
#include "base/mem.h"

/* A tree in one line: types are told apart by how they are written. */
static void write_doc(FILE *f, const struct doc *d)
{
	switch (d->type) {
	case DOC_NULL:
		fputs("null", f);
		break;
	case DOC_BOOL:
		fputs(d->boolean ? "true" : "false", f);
		break;
	case DOC_INT:
		fprintf(f, "%lld", (long long)d->integer);
		break;
	case DOC_FLOAT:
		fprintf(f, "float(%s)", d->string.s);
		break;
	case DOC_STRING:
		fprintf(f, "\"%s\"", d->string.s);
		break;
	case DOC_SEQ:
		putc('[', f);
		for (size_t i = 0; i < d->seq.n; i++) {
			fputs(i ? "," : "", f);
			write_doc(f, d->seq.v[i]);
		}
		putc(']', f);
		break;
	case DOC_MAP:
		putc('{', f);
		for (size_t i = 0; i < d->map.n; i++) {
			fprintf(f, "%s%s:", i ? "," : "", d->map.v[i].key);
			write_doc(f, d->map.v[i].value);
		}
		putc('}', f);
		break;
	}
}

struct text {
	FILE *f;
	char *s;
	size_t len, docs;
};

static void take(void *ctx, struct doc *d)
{
	struct text *t = ctx;

	if (t->docs++)
		fputs(" ", t->f);
	write_doc(t->f, d);
	doc_free(d);
}

/* All documents of @yaml, then "! " and the mistakes. */
static char *parse(const char *yaml, size_t len)
{
	struct text t = { 0 };
	struct diags diags = { 0 };
	int rc;

	t.f = open_memstream(&t.s, &t.len);
	rc = doc_parse_yaml(yaml, len, "f", &diags, take, &t);
	for (size_t i = 0; i < diags.n; i++) {
		char *line = diag_format(&diags.v[i]);

		fprintf(t.f, "! %s", line);
		free(line);
	}
	assert_int_equal(rc, diags.n ? -1 : 0);
	fclose(t.f);
	diags_free(&diags);
	return t.s;
}

static void expect(const char *yaml, const char *want)
{
	char *got = parse(yaml, strlen(yaml));

	if (strcmp(got, want))
		fail_msg("%s\n gives %s\n not   %s", yaml, got, want);
	free(got);
}

static void plain_scalars_are_what_kubernetes_reads(void **state)
{
	static const char *const vectors[][2] = {
		{ "1", "1" }, { "-1", "-1" }, { "+1", "1" }, { "0", "0" }, { "0x1F", "31" }, { "0o17", "15" },
		{ "017", "15" }, { "0b101", "5" }, { "-0x10", "-16" }, { "1_000", "1000" }, { "08", "float(08)" },
		{ "9223372036854775807", "9223372036854775807" }, { "-9223372036854775808", "-9223372036854775808" },
		{ "9223372036854775808", "float(9223372036854775808)" },
		{ "-9223372036854775809", "float(-9223372036854775809)" },
		{ "1.0", "float(1.0)" }, { "1e3", "float(1e3)" }, { ".5", "float(.5)" }, { "5.", "float(5.)" },
		{ "-.5e-3", "float(-.5e-3)" }, { ".inf", "float(.inf)" }, { ".nan", "float(.nan)" },
		{ "1.2.3", "\"1.2.3\"" }, { "10.0.0.1", "\"10.0.0.1\"" }, { "1e", "\"1e\"" }, { "0x", "\"0x\"" },
		{ "0xg", "\"0xg\"" }, { "-", "[null]" }, { "+", "\"+\"" }, { ".", "\".\"" }, { "1-2", "\"1-2\"" },
		{ "2024-01-02", "\"2024-01-02\"" }, { "12:30:45", "\"12:30:45\"" },
		{ "true", "true" }, { "True", "true" }, { "TRUE", "true" }, { "tRUE", "\"tRUE\"" }, { "yes", "true" },
		{ "on", "true" }, { "No", "false" }, { "OFF", "false" }, { "y", "\"y\"" }, { "N", "\"N\"" },
		{ "nULL", "\"nULL\"" }, { "a: null", "{a:null}" }, { "a: ~", "{a:null}" }, { "a:", "{a:null}" },
		{ "\"1\"", "\"1\"" }, { "'true'", "\"true\"" }, { "! 1", "\"1\"" }, { "!!str 1", "\"1\"" },
		{ "!!int \"1\"", "1" }, { "!!float 1", "1" }, { "|\n  1", "\"1\"" }, { ">\n  on", "\"on\"" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++)
		expect(vectors[i][0], vectors[i][1]);
}

static void keys_become_strings(void **state)
{
	expect("{1: a, 0x10: b, on: c, y: d, \"2\": e, 1.5: f}", "{1:\"a\",16:\"b\",true:\"c\",y:\"d\",2:\"e\",1.5:\"f\"}");
	expect("{1: a, \"1\": b}", "! f:1: key \"1\" is given twice");
	expect("{on: a, yes: b}", "! f:1: key \"true\" is given twice");
	expect("{[a]: b}", "! f:1: a key must be a string");
	expect("{a: {b: 1,\n c: 2,\n b: 3}}", "! f:3: key \"b\" is given twice");
}

static void anchors_and_merges_expand(void **state)
{
	expect("a: &x {p: 1}\nb: *x\nc: [*x, *x]", "{a:{p:1},b:{p:1},c:[{p:1},{p:1}]}");
	expect("a: &x 1\nb: &x 2\nc: *x", "{a:1,b:2,c:2}");
	expect("&k a: *k", "{a:\"a\"}");
	expect("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3, r: 4}", "{a:{p:1,q:2},b:{q:3,r:4,p:1}}");
	expect("a: &x {p: 1}\nb: &y {p: 2, q: 2}\nc: {<<: [*x, *y]}", "{a:{p:1},b:{p:2,q:2},c:{p:1,q:2}}");
	expect("a: {<<: &x {p: 1}}\nb: *x", "{a:{p:1},b:{p:1}}");
	expect("a: {\"<<\": 1}", "{a:{<<:1}}");
	expect("a: &x [*x]", "! f:1: alias *x stands inside its own anchor: cyclic");
	expect("a: &x {b: {c: *x}}", "! f:1: alias *x stands inside its own anchor: cyclic");
	expect("a: {<<: 1}", "! f:1: only maps can be merged with <<");
}

static void streams_hold_documents(void **state)
{
	expect("", "");
	expect("# nothing\n---\n---\n# more\n", "");
	expect("a\n---\nb\n...\n---\nc\n", "\"a\" \"b\" \"c\"");
	expect("a: 1\na: 2\n---\nb", "\"b\"! f:2: key \"a\" is given twice");
	expect("%YAML 1.1\n---\na", "\"a\"");
	expect("\xef\xbb\xbf""a", "\"a\"");
}

static void keep(void *ctx, struct doc *d)
{
	*(struct doc **)ctx = d;
}

static void lines_are_those_of_the_text(void **state)
{
	static const char yaml[] = "# one\nmetadata:\n  name: a\n\n  labels:\n    app: x\nitems:\n- 1\n- k: |\n    text\n  l: 2\n";
	const struct doc *labels, *items;
	struct diags diags = { 0 };
	struct doc *d = NULL;

	assert_int_equal(doc_parse_yaml(yaml, strlen(yaml), "f", &diags, keep, &d), 0);
	labels = doc_get(doc_get(d, "metadata"), "labels");
	items = doc_get(d, "items");
	assert_int_equal(d->line, 2);
	assert_int_equal(d->map.v[1].line, 7);
	assert_int_equal(doc_get(doc_get(d, "metadata"), "name")->line, 3);
	assert_int_equal(doc_get(labels, "app")->line, 6);
	assert_int_equal(items->seq.v[1]->line, 9);
	assert_int_equal(items->seq.v[1]->map.v[1].line, 11);
	assert_null(doc_get(items, "name"));
	assert_null(doc_get(NULL, "name"));
	doc_free(d);
}

static void nesting_is_bounded(void **state)
{
	for (int depth = 60; depth < 70; depth++) {
		char yaml[200] = "", *got;

		memset(yaml, '[', depth);
		memset(yaml + depth, ']', depth);
		got = parse(yaml, 2 * depth);
		if (depth <= DOC_DEPTH_MAX)
			assert_int_equal(got[0], '[');
		else
			assert_string_equal(got, "! f:1: nested deeper than 64 levels");
		free(got);
	}
}

static unsigned seed;

static unsigned pick(unsigned n)
{
	return rand_r(&seed) % n;
}

/* Random JSON without what the two parsers tell in different words (floats), keys unique. */
static void random_json(FILE *f, int depth)
{
	static const char *const scalars[] = {
		"null", "true", "false", "0", "-17", "9223372036854775806", "\"\"", "\"on\"", "\"a b\"", "\"1\"",
		"\"{\"", "\"x: y\"", "\"\\u00e9\"", "\"- #\"", "\"\xc3\xa9\xe2\x82\xac\"",
	};
	unsigned n = pick(4);

	if (!depth || !pick(3)) {
		fputs(scalars[pick(sizeof(scalars) / sizeof(*scalars))], f);
	} else if (pick(2)) {
		putc('[', f);
		for (unsigned i = 0; i < n; i++) {
			fputs(i ? ", " : "", f);
			random_json(f, depth - 1);
		}
		putc(']', f);
	} else {
		putc('{', f);
		for (unsigned i = 0; i < n; i++) {
			fprintf(f, "%s\"k%u\": ", i ? ",\n" : "", i);
			random_json(f, depth - 1);
		}
		putc('}', f);
	}
}

static char *json_text(const char *json)
{
	const char *why = NULL;
	struct doc *d = doc_parse_json(json, strlen(json), &why);
	char *s = NULL;
	size_t len;
	FILE *f;

	if (!d)
		fail_msg("%s: %s", json, why);
	f = open_memstream(&s, &len);
	if (d->type != DOC_NULL)
		write_doc(f, d);
	fclose(f);
	doc_free(d);
	return s;
}

static void json_means_the_same_to_both_parsers(void **state)
{
	print_message("seed %u\n", seed);
	for (int i = 0; i < 3000; i++) {
		char *json = NULL, *a, *b;
		size_t len;
		FILE *f = open_memstream(&json, &len);

		random_json(f, 5);
		fclose(f);
		a = json_text(json);
		b = parse(json, len);
		if (strcmp(a, b))
			fail_msg("%s\n as JSON %s\n as YAML %s", json, a, b);
		free(a);
		free(b);
		free(json);
	}
}

static void malformed_json_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "[1,]", "{\"a\"}", "{a: 1}", "[1 2]", "\"", "nul", "{} {}", "01", "'a'", "[1]x", "\"\xff\"",
		"// c\n1", "{\"a\":1,}", "[,1]",
	};
	char deep[300];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *why = NULL;
		struct doc *d = doc_parse_json(bad[i], strlen(bad[i]), &why);

		if (d)
			fail_msg("%s parses", bad[i]);
		assert_non_null(why);
	}
	for (int depth = 1; depth < 100; depth += 7) {
		const char *why = NULL;
		struct doc *d;

		memset(deep, '[', depth);
		memset(deep + depth, ']', depth);
		d = doc_parse_json(deep, 2 * depth, &why);
		assert_int_equal(d != NULL, depth <= DOC_DEPTH_MAX);
		doc_free(d);
	}
}

/* Any bytes give a tree or a mistake; the sanitizers see to the rest. */
static void mutated_text_never_crashes(void **state)
{
	static const char base[] =
		"a: &x {p: [1, two, \"th\\u0065ee\"], q: !!str 4}\nb: *x\nc:\n  <<: *x\n  r: |\n    text\n---\n- - z\n- ? k\n  : v\n";
	static const char spice[] = "&*<>{}[]:,-?!|'\"#%@`\\\n\t \0\xff\xc3x0~.";

	print_message("seed %u\n", seed);
	for (int i = 0; i < 20000; i++) {
		char text[sizeof(base) + 8], *got;
		size_t len = sizeof(base) - 1;

		memcpy(text, base, len);
		for (unsigned k = 1 + pick(6); k; k--) {
			size_t at = pick(len);

			if (pick(3) && len < sizeof(text)) {
				memmove(text + at + 1, text + at, len - at);
				len++;
			} else if (!pick(4)) {
				len = at + 1;
			}
			text[at] = spice[pick(sizeof(spice) - 1)];
		}
		got = parse(text, len);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_scalars_are_what_kubernetes_reads),
		cmocka_unit_test(keys_become_strings),
		cmocka_unit_test(anchors_and_merges_expand),
		cmocka_unit_test(streams_hold_documents),
		cmocka_unit_test(lines_are_those_of_the_text),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(json_means_the_same_to_both_parsers),
		cmocka_unit_test(malformed_json_is_refused),
		cmocka_unit_test(mutated_text_never_crashes),
	};

	seed = getenv("SEED") ? strtoul(getenv("SEED"), NULL, 0) : (unsigned)time(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
