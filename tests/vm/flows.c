// SPDX-License-Identifier: GPL-2.0
/*
 * usage: test-flows seen FIELD...
 *        test-flows anew
 *        test-flows steer COUNT CPU...
 *
 * The maps of verdicts.bpf.c, which are pinned. seen: what its classifier saw, a sum over all flows
 * for each field, or for "cpus" one line per flow with its CPUs. anew: it has seen nothing. steer:
 * the CPUs of flows 0, 1, ..., and again from the first. pktgen's come from 192.0.2.20 and up,
 * test-traffic's from 192.0.2.2 and up.
 *
 * Not by bpftool: to start that takes a second under emulation, and what reads its JSON another.
 */
#include <err.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "verdicts.h"

#define MAPS	"/sys/fs/bpf/test/maps/"
#define CPUS	64

static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	{ "packets", offsetof(struct flow_seen, packets) },
	{ "out_of_order", offsetof(struct flow_seen, out_of_order) },
	{ "hashed", offsetof(struct flow_seen, hashed) },
	{ "with_metadata", offsetof(struct flow_seen, with_metadata) },
	{ "tagged", offsetof(struct flow_seen, tagged) },
};

static const __u32 first_flows[] = { 2, 20 };

static int map_at(const char *path)
{
	union bpf_attr attr = { .pathname = (unsigned long)path };
	long fd = syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));

	if (fd < 0)
		errx(1, "%s: %m", path);
	return (int)fd;
}

static void on_entry(enum bpf_cmd command, int map, __u32 key, void *value)
{
	union bpf_attr attr = {
		.map_fd = (__u32)map,
		.key = (unsigned long)&key,
		.value = (unsigned long)value,
	};

	if (syscall(SYS_bpf, command, &attr, sizeof(attr)))
		errx(1, "flow %u: %m", key);
}

static __u64 field_of(const struct flow_seen *flow, const char *name)
{
	__u64 value;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (!strcmp(name, fields[i].name)) {
			memcpy(&value, (const char *)flow + fields[i].offset, sizeof(value));
			return value;
		}
	}
	errx(1, "no field %s", name);
}

static void print_cpus(const struct flow_seen *flows)
{
	for (__u32 i = 0; i < FLOWS; i++) {
		if (!flows[i].packets)
			continue;
		printf("%u", i);
		for (int cpu = 0; cpu < CPUS; cpu++)
			if (flows[i].cpus >> cpu & 1)
				printf(" %d", cpu);
		putchar('\n');
	}
}

static void seen(char **names)
{
	static struct flow_seen flows[FLOWS];
	int map = map_at(MAPS "seen");
	__u64 sum;

	for (__u32 i = 0; i < FLOWS; i++)
		on_entry(BPF_MAP_LOOKUP_ELEM, map, i, &flows[i]);
	if (!strcmp(names[0], "cpus")) {
		print_cpus(flows);
		return;
	}
	for (char **name = names; *name; name++) {
		sum = 0;
		for (__u32 i = 0; i < FLOWS; i++)
			sum += field_of(&flows[i], *name);
		printf("%s%llu", name > names ? " " : "", sum);
	}
	putchar('\n');
}

static void anew(void)
{
	struct flow_seen nothing = { };
	int map = map_at(MAPS "seen");

	for (__u32 i = 0; i < FLOWS; i++)
		on_entry(BPF_MAP_UPDATE_ELEM, map, i, &nothing);
}

static void steer(int flows, int count, char **cpus)
{
	int map = map_at(MAPS "cpu_of");
	__u32 cpu;

	for (int i = 0; i < flows; i++) {
		cpu = (__u32)atoi(cpus[i % count]);
		for (size_t from = 0; from < sizeof(first_flows) / sizeof(first_flows[0]); from++)
			on_entry(BPF_MAP_UPDATE_ELEM, map, first_flows[from] + (__u32)i, &cpu);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "seen") && argc > 2)
		seen(argv + 2);
	else if (!strcmp(what, "anew") && argc == 2)
		anew();
	else if (!strcmp(what, "steer") && argc > 3)
		steer(atoi(argv[2]), argc - 3, argv + 3);
	else
		errx(1, "usage: test-flows seen FIELD... | anew | steer COUNT CPU...");
	return 0;
}
