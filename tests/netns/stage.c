// SPDX-License-Identifier: GPL-2.0
/*
 * stage: plays one case.
 *
 * First without any table, through all phases: whatever is not answered then would be silent for
 * another reason than a verdict, and the case says nothing.  Then the network is put back to
 * its first state, the controllers start, and the phases are played in earnest.
 */
#include <stdlib.h>
#include <string.h>
#include "agent.h"
#include "base/mem.h"
#include "cast.h"
#include "flow.h"
#include "scene.h"
#include "service.h"
#include "stage.h"
#include "topo.h"

struct stage {
	const struct stage_options *options;
	struct scene *scene;
	struct topo *topo;
	struct wire_loop loop;
	struct server *server;
	struct ip *outside;	/* every ip/ that any phase names */
	size_t n_outside, cap_outside;
	struct agent *agents;
	size_t n_agents, cap_agents;
	struct flow *flows;
	struct text *report;
	size_t n_probes;
	bool good;
};

/* --- the report --- */

static void mismatch(struct stage *s, const struct phase *ph, const struct probe *p, const char *expected,
		     const char *seen)
{
	const struct line *l = p->line;
	size_t len = strlen(l->proto_word);
	bool told = len && (l->proto_word[len - 1] == '4' || l->proto_word[len - 1] == '6');

	text_printf(s->report, "  %s %s %s%s %u expected %s seen %s", l->from, l->to, l->proto_word,
		    told ? "" : ip_is4(&p->dst) ? "4" : "6", l->port, expected, seen);
	if (p->seen == SEEN_BROKEN && *p->why)
		text_printf(s->report, ": %s", p->why);
	text_printf(s->report, *ph->name ? " (steps/%s)\n" : "\n", ph->name);
	s->good = false;
}

static void complain(struct stage *s, const struct phase *ph, const struct err *err)
{
	if (ph && *ph->name)
		text_printf(s->report, "  steps/%s: %s\n", ph->name, err->msg);
	else
		text_printf(s->report, "  %s\n", err->msg);
	s->good = false;
}

static void quote_agents(struct stage *s)
{
	for (size_t i = 0; i < s->n_agents; i++) {
		char *said = mem_strdup(agent_said(&s->agents[i])), *next = said, *line;

		text_printf(s->report, "  the controller of node %s said:\n", s->agents[i].node);
		while ((line = strsep(&next, "\n")))
			if (*line)
				text_printf(s->report, "    %s\n", line);
		free(said);
	}
}

/* --- the network --- */

static void note_outside(struct stage *s, const char *ref)
{
	struct ip ip;

	if (strncmp(ref, "ip/", 3) || !ip_parse(ref + 3, &ip))
		return;
	for (size_t i = 0; i < s->n_outside; i++)
		if (!ip_cmp(&s->outside[i], &ip))
			return;
	mem_grow(s->outside, s->n_outside, s->cap_outside);
	s->outside[s->n_outside++] = ip;
}

static void note_lines(struct stage *s, const struct phase *ph, const struct lines *lines)
{
	for (size_t i = 0; i < lines->n; i++) {
		const struct line *l = &lines->v[i];

		note_outside(s, l->from);
		note_outside(s, l->to);
		if (strcmp(l->file, "expect.tsv") && service_is_meant(ph->model, l))
			topo_use_services(s->topo);
	}
}

/* The network and the listeners of phase @ph; its probes and flows in @probes and @flows. */
static int set_scene(struct stage *s, const struct phase *ph, struct cast *probes, struct cast *flows, struct err *err)
{
	server_deafen(s->server);
	if (topo_apply(s->topo, ph->model, s->outside, s->n_outside, err) ||
	    cast_lines(probes, s->topo, &ph->probes, err) || cast_lines(flows, s->topo, &ph->flows, err) ||
	    cast_listen(probes, s->topo, ph->model, s->server, err) ||
	    cast_listen(flows, s->topo, ph->model, s->server, err))
		return -1;
	return 0;
}

/* --- who looks on --- */

static void show_begin(struct stage *s)
{
	struct stage_watch *w = s->options->watch;

	if (w)
		w->begin(w, s->topo);
}

static void show_end(struct stage *s, const struct phase *ph, bool control, const struct cast *probes,
		     const struct cast *flows)
{
	struct stage_watch *w = s->options->watch;
	struct stage_seen seen = { ph, control, probes->v, flows->v, probes->n, flows->n };

	if (w)
		w->end(w, &seen);
}

/* --- without a table --- */

static bool all_answered(const struct cast *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].seen != SEEN_ALLOW)
			return false;
	return true;
}

/* Links just made may not carry IPv6 yet: its routes come a moment after them. */
static void control_probes(struct stage *s, const struct phase *ph, struct cast *c)
{
	int tries = 3;

	for (size_t i = 0; i < c->n; i++)
		c->v[i].expect = SEEN_ALLOW;
	do
		probe_run(&s->loop, c->v, c->n);
	while (!all_answered(c) && --tries);
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].seen != SEEN_ALLOW)
			mismatch(s, ph, &c->v[i], "an answer, for there is no table yet (wiring),", seen_words[c->v[i].seen]);
}

static void control_phase(struct stage *s, const struct phase *ph)
{
	struct cast probes = {}, flows = {};
	struct err err;

	if (set_scene(s, ph, &probes, &flows, &err))
		complain(s, ph, &err);
	else
		control_probes(s, ph, &probes);
	show_end(s, ph, true, &probes, &flows);
	cast_free(&probes);
	cast_free(&flows);
}

static void control(struct stage *s)
{
	for (size_t i = 0; i < s->scene->n_phases && s->good; i++)
		control_phase(s, &s->scene->phases[i]);
}

/* --- the controllers --- */

static struct agent *agent_of(struct stage *s, const char *node)
{
	for (size_t i = 0; i < s->n_agents; i++)
		if (!strcmp(s->agents[i].node, node))
			return &s->agents[i];
	return NULL;
}

static int start_agent(struct stage *s, const struct topo_node *n, struct err *err)
{
	const struct stage_source *source = s->options->source;
	size_t n_more = source ? source->n_flags : 0, n_flags = s->scene->n_flags + n_more;
	char *flags[n_flags + 1];

	for (size_t i = 0; i < n_flags; i++)
		flags[i] = i < n_more ? source->flags[i] : s->scene->flags[i - n_more];
	mem_grow(s->agents, s->n_agents, s->cap_agents);
	return agent_start(&s->agents[s->n_agents++], n, s->options->stockaded, source ? NULL : s->options->scratch,
			   flags, n_flags, err);
}

/* On each node that has none. */
static int start_agents(struct stage *s, struct err *err)
{
	size_t n;
	struct topo_node **v = topo_nodes(s->topo, &n);

	for (size_t i = 0; i < n; i++)
		if (!agent_of(s, v[i]->name) && start_agent(s, v[i], err))
			return -1;
	return 0;
}

static bool node_is_there(struct topo *t, const char *name)
{
	size_t n;
	struct topo_node **v = topo_nodes(t, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i]->name, name))
			return true;
	return false;
}

/* A node that left takes its controller along. */
static int dismiss_agents(struct stage *s, struct err *err)
{
	for (size_t i = s->n_agents; i-- > 0;) {
		struct agent *a = &s->agents[i];

		if (node_is_there(s->topo, a->node))
			continue;
		if (agent_stop(a, err))
			return -1;
		agent_free(a);
		*a = s->agents[--s->n_agents];
	}
	return 0;
}

/* Tell those that are there, start those that are not, and wait for all. */
static int enforce_manifests(struct stage *s, const struct phase *ph, struct err *err)
{
	size_t n_old = s->n_agents;

	if (text_replace_file(&ph->objects, s->options->scratch, "cluster.yaml", err))
		return -1;
	for (size_t i = 0; i < n_old; i++)
		if (agent_reload(&s->agents[i], err))
			return -1;
	if (start_agents(s, err))
		return -1;
	for (size_t i = 0; i < s->n_agents; i++)
		if (i < n_old ? agent_wait_reload(&s->agents[i], err) : agent_wait_start(&s->agents[i], err))
			return -1;
	return 0;
}

static int enforce(struct stage *s, const struct phase *ph, struct err *err)
{
	struct stage_source *source = s->options->source;

	if (dismiss_agents(s, err))
		return -1;
	if (!source)
		return enforce_manifests(s, ph, err);
	return source->put(source, ph, err) || start_agents(s, err) || source->wait(source, s->topo, ph, err) ? -1 : 0;
}

static void stop_agents(struct stage *s)
{
	struct err err;

	for (size_t i = 0; i < s->n_agents; i++)
		if (agent_stop(&s->agents[i], &err))
			complain(s, NULL, &err);
}

/* --- in earnest --- */

static void judge(struct stage *s, const struct phase *ph, const struct cast *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].seen != c->v[i].expect)
			mismatch(s, ph, &c->v[i], seen_words[c->v[i].expect], seen_words[c->v[i].seen]);
	s->n_probes += c->n;
}

static int open_flows(struct stage *s, const struct cast *c, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct line *l = c->v[i].line;

		if (!flow_find(s->flows, &c->v[i]) && !flow_open(&s->loop, &c->v[i], &s->flows, err))
			return err_prefix(err, "flow %s %s %s %u", l->from, l->to, l->proto_word, l->port);
	}
	return 0;
}

static void play_flows(struct stage *s, const struct phase *ph, struct cast *c)
{
	struct err err;

	if (open_flows(s, c, &err)) {
		complain(s, ph, &err);
		return;
	}
	flow_check(&s->loop, s->flows, c->v, c->n);
	judge(s, ph, c);
}

static void play_phase(struct stage *s, const struct phase *ph)
{
	struct cast probes = {}, flows = {};
	struct err err;

	if (set_scene(s, ph, &probes, &flows, &err) || enforce(s, ph, &err)) {
		complain(s, ph, &err);
	} else {
		show_begin(s);
		/* Flows first: they must feel the change at their next packet. */
		play_flows(s, ph, &flows);
		probe_run(&s->loop, probes.v, probes.n);
		judge(s, ph, &probes);
		show_end(s, ph, false, &probes, &flows);
	}
	cast_free(&probes);
	cast_free(&flows);
}

static bool any_phase_is_empty(struct stage *s)
{
	struct err err;

	for (size_t i = 0; i < s->scene->n_phases; i++) {
		if (model_count(s->scene->phases[i].model, KIND_NODE))
			continue;
		err_set(&err, "there is no Node");
		complain(s, &s->scene->phases[i], &err);
		return true;
	}
	return false;
}

static void play(struct stage *s, const char *dir)
{
	struct stage_source *source = s->options->source;
	struct err err;

	for (size_t i = 0; i < s->scene->n_phases; i++) {
		const struct phase *ph = &s->scene->phases[i];

		note_lines(s, ph, &ph->probes);
		note_lines(s, ph, &ph->flows);
	}
	if (any_phase_is_empty(s))
		return;
	control(s);
	if (!s->good || !s->options->stockaded)
		return;
	if (source && source->open(source, dir, s->topo, &err)) {
		complain(s, NULL, &err);
		return;
	}
	for (size_t i = 0; i < s->scene->n_phases; i++)
		play_phase(s, &s->scene->phases[i]);
	if (!s->good)
		quote_agents(s);
	stop_agents(s);
}

static void clean_up(struct stage *s)
{
	for (size_t i = 0; i < s->n_agents; i++)
		agent_free(&s->agents[i]);
	flow_free_all(s->flows);
	if (s->server)
		server_free(s->server);
	if (s->topo)
		topo_free(s->topo);
	wire_loop_exit(&s->loop);
	if (s->scene)
		scene_free(s->scene);
	free(s->agents);
	free(s->outside);
}

bool stage_play(const char *dir, const struct stage_options *o, struct text *report, size_t *n_probes)
{
	struct stage s = { .options = o, .report = report, .loop = { -1 }, .good = true };
	struct err err;

	s.scene = scene_load(dir, &err);
	if (s.scene && !wire_loop_init(&s.loop, &err))
		s.topo = topo_new(&err);
	if (s.topo) {
		s.server = server_new(&s.loop);
		play(&s, dir);
	} else {
		complain(&s, NULL, &err);
	}
	clean_up(&s);
	*n_probes = s.n_probes;
	return s.good;
}
