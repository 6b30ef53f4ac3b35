// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cpus.h"
#include "hashing.h"
#include "policy_abi.h"
#include "queues.h"
#include "toeplitz.h"
#include "xdp_fill.h"

/* Frames that wait for a CPU of a CPUMAP: twice what xdp-tools take, a DPC's run being 64. */
#define CPUMAP_FRAMES	2048

int xdp_fill_size(struct bpf_object *object)
{
	static const struct {
		const char *name;
		__u32 others;
	} maps[] = { { "counters", POLICY_FIRST_CPU }, { "cpu_map", 0 } };
	__u32 cpus = (__u32)libbpf_num_possible_cpus();
	int error = 0;

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]) && !error; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(object, maps[i].name);

		if (map && cpus > POLICY_CPUS &&
		    bpf_map__max_entries(map) == POLICY_CPUS + maps[i].others)
			error = bpf_map__set_max_entries(map, cpus + maps[i].others);
	}
	return error;
}

/* A constant of the object's by its name; NULL if it has none. */
static __u32 *constant(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	const struct btf *btf = bpf_object__btf(object);
	int section = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	const struct btf_var_secinfo *variable;
	const struct btf_type *type;
	size_t size;
	char *values;

	if (!map || section < 0)
		return NULL;
	values = bpf_map__initial_value(map, &size);
	type = btf__type_by_id(btf, (__u32)section);
	variable = btf_var_secinfos(type);
	for (int i = 0; values && i < btf_vlen(type); i++, variable++) {
		const struct btf_type *of = btf__type_by_id(btf, variable->type);

		if (!strcmp(btf__name_by_offset(btf, of->name_off), name) &&
		    variable->size == sizeof(__u32))
			return (__u32 *)(values + variable->offset);
	}
	return NULL;
}

void xdp_fill_types(struct bpf_object *object, const struct device *device)
{
	__u32 *types = constant(object, "hash_types");

	if (types)
		*types = hashing_types(device->name);
}

/* The CPUs that were asked for, or all there are. */
static enum exit_code choose_cpus(struct number_list *cpus, const struct request *request)
{
	if (request->given & 1 << KEYWORD_CPUS) {
		*cpus = request->cpu_list;
		return cpus_check(cpus, "policy");
	}
	cpus_online(cpus);
	return DPCTOOL_OK;
}

/*
 * Entry by entry the CPU of the queue that the device's table names (R4). Where the kernel does not
 * tell it, as for queues of dpcnic that share a message, it is the one that dpcnic gives such a
 * queue on a machine of one node: queue i to the i-th CPU. A device without a table: evenly.
 */
static void table_of_device(__u32 *table, const struct hashing *hashing,
			    const struct queues *queues, const struct number_list *online)
{
	for (size_t i = 0; i < POLICY_TABLE_ENTRIES; i++) {
		__u32 queue = (__u32)i;

		if (hashing->table_size)
			queue = hashing->table[i % hashing->table_size];
		table[i] = online->numbers[queue % online->count];
		if (queue < queues->count && queues->queues[queue].cpu.known &&
		    hashing->table_size)
			table[i] = (__u32)queues->queues[queue].cpu.number;
	}
}

/* What least-loaded chooses from has room for so many. */
static enum exit_code check_room(const struct bpf_object *object, const struct number_list *cpus)
{
	if (cpus->count <= POLICY_CPUS || !bpf_object__find_map_by_name(object, "cpus"))
		return DPCTOOL_OK;
	return fail(DPCTOOL_USAGE, "cpus LIST, with fewer",
		    "policy: cpus: least-loaded chooses from %u at most, not %zu", POLICY_CPUS,
		    cpus->count);
}

static enum exit_code make_table(__u32 *table, const struct request *request,
				 const struct device *device, const struct hashing *hashing,
				 const struct number_list *cpus)
{
	struct queues queues;
	enum exit_code code;
	__u32 starved;

	if (request->given & 1 << KEYWORD_WEIGHTS) {
		if (!hashing_weigh(table, POLICY_TABLE_ENTRIES, &request->weights, &starved))
			return fail(DPCTOOL_USAGE, "weights that differ less, or 0 for none",
				    "policy: weights: CPU %u would get nothing, its share is less "
				    "than one of %u entries", cpus->numbers[starved],
				    POLICY_TABLE_ENTRIES);
		for (size_t i = 0; i < POLICY_TABLE_ENTRIES; i++)
			table[i] = cpus->numbers[table[i]];
		return DPCTOOL_OK;
	}
	if (request->given & 1 << KEYWORD_CPUS) {
		for (size_t i = 0; i < POLICY_TABLE_ENTRIES; i++)
			table[i] = cpus->numbers[i % cpus->count];
		return DPCTOOL_OK;
	}
	code = queues_read(&queues, device);
	if (!code)
		table_of_device(table, hashing, &queues, cpus);
	queues_free(&queues);
	return code;
}

/*
 * The device's own key. Most drivers that do not tell theirs have the kernel's, which is all zero
 * as long as no driver has asked for it; then any key will do.
 */
static void choose_key(__u8 bytes[POLICY_KEY_BYTES], const struct hashing *hashing)
{
	static const __u8 nothing[POLICY_KEY_BYTES];
	struct byte_list kernel;
	char line[256] = "";
	FILE *file;

	if (hashing->key_size == POLICY_KEY_BYTES) {
		memcpy(bytes, hashing->key, POLICY_KEY_BYTES);
		return;
	}
	file = fopen("/proc/sys/net/core/netdev_rss_key", "re");
	if (file && !fgets(line, sizeof(line), file))
		line[0] = '\0';
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	if (parse_bytes(line, &kernel) && kernel.count >= POLICY_KEY_BYTES &&
	    memcmp(kernel.bytes, nothing, POLICY_KEY_BYTES))
		memcpy(bytes, kernel.bytes, POLICY_KEY_BYTES);
	else if (getrandom(bytes, POLICY_KEY_BYTES, 0) != POLICY_KEY_BYTES)
		memset(bytes, 0x5a, POLICY_KEY_BYTES);
}

/* Writes @value to @key of the map of that name, if there is one; 0 or -errno. */
static int put(const struct bpf_object *object, const char *name, __u32 key, const void *value)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	if (!map)
		return 0;
	return bpf_map_update_elem(bpf_map__fd(map), &key, value, BPF_ANY) ? -errno : 0;
}

static int put_key(const struct bpf_object *object, const struct hashing *hashing)
{
	struct policy_key *key = malloc(sizeof(*key));
	__u8 bytes[POLICY_KEY_BYTES];
	int error;

	if (!key)
		return -ENOMEM;
	choose_key(bytes, hashing);
	toeplitz_expand(key, bytes);
	error = put(object, "rss_key", 0, key);
	free(key);
	return error;
}

static int put_cpus(const struct bpf_object *object, const struct number_list *cpus)
{
	struct policy_cpus list = { 0 };

	for (size_t i = 0; i < cpus->count && i < POLICY_CPUS; i++)
		list.cpu[list.count++] = cpus->numbers[i];
	return put(object, "cpus", 0, &list);
}

static int put_table(const struct bpf_object *object, const __u32 *table)
{
	struct bpf_cpumap_val frames = { .qsize = CPUMAP_FRAMES };
	int error = 0;

	for (__u32 i = 0; i < POLICY_TABLE_ENTRIES && !error; i++) {
		error = put(object, "cpu_map", table[i], &frames);
		if (!error)
			error = put(object, "table", i, &table[i]);
	}
	return error;
}

static enum exit_code fill_all(const struct bpf_object *object, const struct request *request,
			       const struct device *device, const struct hashing *hashing)
{
	__u32 table[POLICY_TABLE_ENTRIES];
	struct number_list cpus;
	enum exit_code code;
	int error;

	code = choose_cpus(&cpus, request);
	if (!code)
		code = check_room(object, &cpus);
	if (!code)
		code = make_table(table, request, device, hashing, &cpus);
	if (code)
		return code;
	error = put_key(object, hashing);
	if (!error)
		error = put_cpus(object, &cpus);
	if (!error)
		error = put_table(object, table);
	return error ? fail(DPCTOOL_REFUSED, "again with -d, for libbpf's reason",
			    "policy: cannot fill its maps: %s", strerror(-error)) : DPCTOOL_OK;
}

enum exit_code xdp_fill(const struct bpf_object *object, const struct request *request,
			const struct device *device)
{
	struct hashing hashing;
	enum exit_code code;

	/* a device that tells nothing leaves it empty, and then dpctool chooses */
	hashing_read(&hashing, device->ifindex);
	code = fill_all(object, request, device, &hashing);
	hashing_free(&hashing);
	return code;
}
