// SPDX-License-Identifier: GPL-2.0
/*
 * usage: test-policy-hash DEVICE KEY TYPES
 *
 * Attach policy-hash.bpf.c to DEVICE, whose Toeplitz key is KEY as ethtool -x shows it and which
 * hashes TYPES, a sum of POLICY_HASH_*; say "attached"; when standard input ends, detach it and
 * print what it has counted, one line for each kind of packet there was: "ipv4-ports same 12".
 */
#include <linux/bpf.h>
#include <net/if.h>
#include <unistd.h>

#include "policy-hash.h"
#include "policy-lab.h"

static const char *const kinds[COMPARED_KINDS] = {
	"none", "ipv4", "ipv4-ports", "ipv6", "ipv6-ports"
};

static const char *const results[COMPARED_RESULTS] = {
	"same", "hashes-differ", "types-differ", "hardware-only", "software-only"
};

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static bool read_key(const char *text, __u8 *key)
{
	for (int i = 0; i < POLICY_KEY_BYTES; i++, text += 3) {
		unsigned int byte;

		if (sscanf(text, "%2x", &byte) != 1 ||
		    text[2] != (i == POLICY_KEY_BYTES - 1 ? '\0' : ':'))
			return false;
		key[i] = (__u8)byte;
	}
	return true;
}

static void print_counts(int map)
{
	__u64 values[LAB_POSSIBLE];

	for (__u32 key = 0; key < COMPARED_KINDS * COMPARED_RESULTS; key++) {
		__u64 sum = 0;

		if (bpf_map_lookup_elem(map, &key, values))
			continue;
		for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
			sum += values[cpu];
		if (sum)
			printf("%s %s %llu\n", kinds[key / COMPARED_RESULTS],
			       results[key % COMPARED_RESULTS], sum);
	}
}

int main(int argc, char **argv)
{
	unsigned int ifindex = argc == 4 ? if_nametoindex(argv[1]) : 0;
	struct policy policy = { 0 };
	struct bpf_program *program;
	__u8 key[POLICY_KEY_BYTES];
	struct bpf_link *link;
	__u32 types;

	if (!ifindex || !read_key(argv[2], key)) {
		fprintf(stderr, "usage: test-policy-hash DEVICE KEY TYPES\n");
		return 1;
	}
	types = (__u32)atoi(argv[3]);
	if (!policy_open(&policy, "policy-hash", "policy-hash") ||
	    !policy_constant(&policy, "hash_types", &types, sizeof(types)))
		return fail("open");
	program = bpf_object__next_program(policy.object, NULL);
	bpf_program__set_ifindex(program, ifindex);
	bpf_program__set_flags(program, BPF_F_XDP_DEV_BOUND_ONLY);
	if (bpf_object__load(policy.object) || !policy_set_key(&policy, key))
		return fail("load");
	link = bpf_program__attach_xdp(program, (int)ifindex);
	if (!link)
		return fail("attach");
	puts("attached");
	fflush(stdout);
	while (getchar() != EOF)
		;
	bpf_link__destroy(link);
	print_counts(policy_map(&policy, "compared"));
	return 0;
}
