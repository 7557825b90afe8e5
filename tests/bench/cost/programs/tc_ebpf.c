// SPDX-License-Identifier: GPL-2.0
/*
 * tc_ebpf load OBJECT TABLE NAME DEVICE...: attaches the program to the devices, its maps filled from TABLE:
 *	pod ADDRESS NUMBER | peer ADDRESS CLASS | block ADDRESS/PREFIX CLASS | rule POD CLASS PORT (UDP)
 * tc_ebpf count NAME: packets it passed, packets it dropped
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tc_ebpf.h"

#define PINS "/run/bpf/"

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void put(struct bpf_object *obj, const char *map, const void *key, __u32 value)
{
	must(!bpf_map_update_elem(bpf_object__find_map_fd_by_name(obj, map), key, &value, BPF_ANY), map);
}

static __u32 address(const char *text)
{
	struct in_addr a;

	must(inet_pton(AF_INET, text, &a) == 1, text);
	return a.s_addr;
}

static void put_line(struct bpf_object *obj, const char *line)
{
	unsigned prefix, class, pod, port;
	char addr[32];
	__u32 a;

	if (sscanf(line, "rule %u %u %u", &pod, &class, &port) == 3) {
		struct rule_key key = { pod, class, htons(port), IPPROTO_UDP };

		put(obj, "rules", &key, 1);
	} else if (sscanf(line, "block %31[^/]/%u %u", addr, &prefix, &class) == 3) {
		struct block_key key = { prefix, address(addr) };

		put(obj, "blocks", &key, class);
	} else if (sscanf(line, "pod %31s %u", addr, &class) == 2) {
		a = address(addr);
		put(obj, "pods", &a, class);
	} else {
		must(sscanf(line, "peer %31s %u", addr, &class) == 2, line);
		a = address(addr);
		put(obj, "peers", &a, class);
	}
}

static void fill(struct bpf_object *obj, const char *table)
{
	FILE *f = fopen(table, "r");
	char line[128];

	must(f != NULL, table);
	while (fgets(line, sizeof(line), f))
		put_line(obj, line);
	fclose(f);
}

static void attach(int prog, const char *device)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = if_nametoindex(device), .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog);

	must(!bpf_tc_hook_create(&hook) && !bpf_tc_attach(&hook, &opts), device);
}

static int count(const char *name)
{
	__u64 passed[64], dropped[64];
	char path[128];
	int fd;

	snprintf(path, sizeof(path), PINS "%s", name);
	fd = bpf_obj_get(path);
	must(fd >= 0 && libbpf_num_possible_cpus() == 1 && !bpf_map_lookup_elem(fd, &(__u32){ 0 }, passed) &&
	     !bpf_map_lookup_elem(fd, &(__u32){ 1 }, dropped), path);
	printf("%llu %llu\n", passed[0], dropped[0]);
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *obj;
	char path[128];

	if (argc == 3 && !strcmp(argv[1], "count"))
		return count(argv[2]);
	must(argc > 5, "usage");
	obj = bpf_object__open(argv[2]);
	must(obj && !bpf_object__load(obj), argv[2]);
	fill(obj, argv[3]);
	for (int i = 5; i < argc; i++)
		attach(bpf_program__fd(bpf_object__find_program_by_name(obj, "tc_ebpf")), argv[i]);
	snprintf(path, sizeof(path), PINS "%s", argv[4]);
	must(!bpf_obj_pin(bpf_object__find_map_fd_by_name(obj, "counts"), path), path);
	return 0;
}
