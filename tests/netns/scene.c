// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/mem.h"
#include "lines.h"
#include "objects.h"
#include "scene.h"

static struct phase *add_phase(struct scene *s, const char *name)
{
	struct phase *p;

	mem_grow(s->phases, s->n_phases, s->cap);
	p = &s->phases[s->n_phases++];
	*p = (struct phase){ .name = mem_strdup(name) };
	return p;
}

static char *path_in(const char *dir, const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static int read_lines(struct lines *out, const char *dir, const char *name, enum lines_kind kind, struct err *err)
{
	char *path = path_in(dir, name);
	int rc = lines_read(out, path, name, kind, err);

	free(path);
	return rc;
}

static int read_expectations(struct phase *p, const char *dir, struct err *err)
{
	return read_lines(&p->probes, dir, "expect.tsv", LINES_PROBES, err) ||
	       read_lines(&p->probes, dir, "extra.tsv", LINES_EXTRA, err) ||
	       read_lines(&p->flows, dir, "flows.tsv", LINES_FLOWS, err) ? -1 : 0;
}

static int read_objects(struct objects *o, const char *dir, const char *name, bool must, struct err *err)
{
	char *path = path_in(dir, name);
	int rc = objects_apply(o, path, err);

	free(path);
	if (rc > 0)
		return must ? err_set(err, "no %s", name) : 0;
	return rc;
}

static int take_objects(struct phase *p, const struct objects *o, struct err *err)
{
	objects_write(o, &p->objects);
	p->model = objects_model(o, err);
	return p->model ? 0 : -1;
}

static int load_start(struct scene *s, struct objects *o, const char *dir, struct err *err)
{
	struct phase *p = add_phase(s, "");

	return read_objects(o, dir, "cluster.yaml", true, err) || read_objects(o, dir, "policies.yaml", false, err) ||
	       take_objects(p, o, err) || read_expectations(p, dir, err) ? -1 : 0;
}

static int load_step(struct scene *s, struct objects *o, const char *dir, const char *name, struct err *err)
{
	struct phase *p = add_phase(s, name);
	char *step = path_in(dir, name), *delete = path_in(step, "delete.txt");
	int rc = read_objects(o, step, "apply.yaml", false, err) || objects_delete(o, delete, err) < 0 ||
		 take_objects(p, o, err) || read_expectations(p, step, err) ? -1 : 0;

	free(delete);
	free(step);
	return rc ? err_prefix(err, "steps/%s", name) : 0;
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static int load_steps(struct scene *s, struct objects *o, const char *dir, struct err *err)
{
	char *steps = path_in(dir, "steps");
	struct dirent **v;
	int n = scandir(steps, &v, visible, alphasort), rc = 0;

	if (n < 0) {
		rc = errno == ENOENT ? 0 : err_set(err, "steps: %s", strerror(errno));
		free(steps);
		return rc;
	}
	for (int i = 0; i < n; i++) {
		if (!rc)
			rc = load_step(s, o, steps, v[i]->d_name, err);
		free(v[i]);
	}
	free(v);
	free(steps);
	return rc;
}

static void add_flag(struct scene *s, const char *flag)
{
	mem_grow(s->flags, s->n_flags, s->cap_flags);
	s->flags[s->n_flags++] = mem_strdup(flag);
}

static int load_flags(struct scene *s, const char *dir, struct err *err)
{
	char *path = path_in(dir, "flags"), *save, *flag;
	struct text t = {};
	int rc = text_read(&t, path, err);

	free(path);
	for (flag = rc || !t.s ? NULL : strtok_r(t.s, "\r\n", &save); flag; flag = strtok_r(NULL, "\r\n", &save)) {
		flag += strspn(flag, " \t");
		if (*flag && *flag != '#')
			add_flag(s, flag);
	}
	text_free(&t);
	return rc < 0 ? -1 : 0;
}

static int check_expected(const struct scene *s, struct err *err)
{
	for (size_t i = 0; i < s->n_phases; i++)
		if (s->phases[i].probes.n || s->phases[i].flows.n)
			return 0;
	return err_set(err, "nothing is expected: no expect.tsv has a line");
}

struct scene *scene_load(const char *dir, struct err *err)
{
	struct scene *s = mem_new(struct scene);
	struct objects *o = objects_new();
	struct stat st;
	int rc;

	if (stat(dir, &st))
		rc = err_set(err, "%s", strerror(errno));
	else
		rc = load_flags(s, dir, err) || load_start(s, o, dir, err) || load_steps(s, o, dir, err) ||
		     check_expected(s, err);
	objects_free(o);
	if (rc) {
		scene_free(s);
		return NULL;
	}
	return s;
}

void scene_free(struct scene *s)
{
	for (size_t i = 0; i < s->n_phases; i++) {
		struct phase *p = &s->phases[i];

		free(p->name);
		text_free(&p->objects);
		if (p->model)
			model_free(p->model);
		lines_free(&p->probes);
		lines_free(&p->flows);
	}
	for (size_t i = 0; i < s->n_flags; i++)
		free(s->flags[i]);
	free(s->phases);
	free(s->flags);
	free(s);
}
