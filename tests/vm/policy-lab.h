/* SPDX-License-Identifier: GPL-2.0 */
/* Loading the policies of bpf/xdp, filling their maps, running them on made-up packets. */
#ifndef DPCNIC_POLICY_LAB_H
#define DPCNIC_POLICY_LAB_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "toeplitz.h"

#define LAB_COUNTERS	(POLICY_FIRST_CPU + POLICY_CPUS)
#define LAB_POSSIBLE	64

/**
 * struct policy - one loaded
 * @name: of its file
 * @object: it
 * @program: the file descriptor of its program
 * @counters: that of its map of counters
 * @counted: what they were when last looked at
 */
struct policy {
	const char *name;
	struct bpf_object *object;
	int program;
	int counters;
	__u64 counted[LAB_COUNTERS];
};

/* The file descriptor of a map. */
static inline int policy_map(const struct policy *policy, const char *name)
{
	return bpf_object__find_map_fd_by_name(policy->object, name);
}

/* Set a constant that the policy declares "const volatile". */
static inline bool policy_constant(const struct policy *policy, const char *name, const void *value,
				   size_t size)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(policy->object, ".rodata");
	const struct btf *btf = bpf_object__btf(policy->object);
	int section = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	const struct btf_type *type = btf__type_by_id(btf, section);
	const struct btf_var_secinfo *variable;
	char *constants;
	size_t all;

	if (!map || section < 0)
		return false;
	constants = bpf_map__initial_value(map, &all);
	variable = btf_var_secinfos(type);
	for (int i = 0; i < btf_vlen(type); i++, variable++) {
		const struct btf_type *of = btf__type_by_id(btf, variable->type);

		if (strcmp(btf__name_by_offset(btf, of->name_off), name) ||
		    variable->size != size)
			continue;
		memcpy(constants + variable->offset, value, size);
		return true;
	}
	return false;
}

/* Open the policy @name, in an object that may have another. */
static inline bool policy_open(struct policy *policy, const char *name, const char *object)
{
	char path[100];

	snprintf(path, sizeof(path), "build/cli/%s.bpf.o", object);
	policy->name = name;
	policy->object = bpf_object__open(path);
	return policy->object;
}

/* Load it, and check its names: those that policy_abi.h promises. */
static inline bool policy_load(struct policy *policy)
{
	struct bpf_program *program = bpf_object__next_program(policy->object, NULL);
	char expected[100];

	if (bpf_object__load(policy->object))
		return false;
	snprintf(expected, sizeof(expected), "%s", policy->name);
	for (char *c = expected; *c; c++)
		if (*c == '-')
			*c = '_';
	policy->program = bpf_program__fd(program);
	policy->counters = policy_map(policy, "counters");
	return !strcmp(bpf_program__name(program), expected) &&
	       !strcmp(bpf_program__section_name(program), "xdp.frags") && policy->counters >= 0;
}

static inline bool policy_set(const struct policy *policy, const char *map, __u32 key,
			      const void *value)
{
	return !bpf_map_update_elem(policy_map(policy, map), &key, value, BPF_ANY);
}

static inline bool policy_set_key(const struct policy *policy, const __u8 bytes[POLICY_KEY_BYTES])
{
	static struct policy_key key;

	toeplitz_expand(&key, bytes);
	return policy_set(policy, "rss_key", 0, &key);
}

static inline bool policy_set_table(const struct policy *policy, const __u32 *cpus)
{
	bool done = true;

	for (__u32 i = 0; i < POLICY_TABLE_ENTRIES; i++)
		done &= policy_set(policy, "table", i, &cpus[i]);
	return done;
}

/* Run the program on a packet: its verdict, or -1. */
static inline int policy_run(const struct policy *policy, const __u8 *data, size_t length)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = (__u32)length);

	return bpf_prog_test_run_opts(policy->program, &opts) ? -1 : (int)opts.retval;
}

/* The counters, summed over the CPUs. */
static inline bool policy_count(const struct policy *policy, __u64 counters[LAB_COUNTERS])
{
	static __u64 values[LAB_COUNTERS][LAB_POSSIBLE];
	static __u32 keys[LAB_COUNTERS];
	__u32 next, number = LAB_COUNTERS;
	int cpus = libbpf_num_possible_cpus();
	const __u64 *value = values[0];

	if (cpus > LAB_POSSIBLE ||
	    (bpf_map_lookup_batch(policy->counters, NULL, &next, keys, values, &number, NULL) &&
	     number != LAB_COUNTERS))
		return false;
	memset(counters, 0, LAB_COUNTERS * sizeof(*counters));
	for (__u32 i = 0; i < number; i++)
		for (int cpu = 0; cpu < cpus; cpu++)
			counters[keys[i]] += *value++;
	return true;
}

#endif /* DPCNIC_POLICY_LAB_H */
