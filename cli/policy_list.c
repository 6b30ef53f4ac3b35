// SPDX-License-Identifier: GPL-2.0
/* "dpctool policy list" and "counters": what is attached, and what it has counted. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "device.h"
#include "listing.h"
#include "policy.h"
#include "policy_abi.h"
#include "watch.h"
#include "xdp_chain.h"
#include "xdp_device.h"
#include "xdp_policy.h"

enum list_field {
	LIST_DEV, LIST_POLICY, LIST_PARAMETERS, LIST_STATE, LIST_MODE, LIST_PROGRAM, LIST_SINCE,
	LIST_DOES, LIST_PATH,
	LIST_FIELDS
};

enum counters_field {
	COUNTERS_WHAT, COUNTERS_CPU, COUNTERS_PACKETS, COUNTERS_PPM,
	COUNTERS_FIELDS
};

static_assert(LIST_FIELDS + COUNTERS_FIELDS == POLICY_FIELDS, "they are counted in policy.h");

const struct field policy_fields[POLICY_FIELDS] = {
	[LIST_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_SHOWN, 0, "list: the network device" },
	[LIST_POLICY] = { "POLICY", "policy", FIELD_TEXT, FIELD_SHOWN, 0,
		"list: rss, rss-sym, weighted, rules, cpumap, least-loaded, file; - if dpctool "
		"attached none" },
	[LIST_PARAMETERS] = { "PARAMETERS", "parameters", FIELD_TEXT, FIELD_SHOWN, 0,
		"list: the words that attached it, after its name" },
	[LIST_STATE] = { "STATE", "state", FIELD_TEXT, FIELD_SHOWN, 0,
		"list: attached; chained (attached, and called by libxdp's dispatcher); replaced or "
		"detached (by another program); gone (its device is); elsewhere (its device has "
		"another name now, or is in another network namespace); foreign (dpctool did not "
		"attach it)" },
	[LIST_MODE] = { "MODE", "mode", FIELD_TEXT, FIELD_SHOWN, 0,
		"list: native, generic, offloaded" },
	[LIST_PROGRAM] = { "PROG", "program_id", FIELD_NUMBER, FIELD_SHOWN, 0,
		"list: the kernel's number of the program" },
	[LIST_SINCE] = { "SINCE", "since_ns", FIELD_DATE, FIELD_SHOWN, 0,
		"list: when it was attached, or replaced another: local time (JSON: nanoseconds of "
		"CLOCK_REALTIME)" },
	[LIST_DOES] = { "DOES", "does", FIELD_TEXT, FIELD_SHOWN, 0,
		"list: what it does; of a foreign program its name" },
	[LIST_PATH] = { "PATH", "path", FIELD_TEXT, FIELD_SHOWN, 0, "list: where it is pinned" },
	[LIST_FIELDS + COUNTERS_WHAT] = { "COUNTER", "counter", FIELD_TEXT, FIELD_SHOWN, 0,
		"counters: steered (to a CPU); unparsed (no hash, as what the packet is cannot be "
		"told); unmapped (a hash for which there is no CPU); passed, dropped (by a rule), "
		"unmatched (by any rule); refused (of the steered ones, those that the driver or "
		"CPUMAP would not have). All but steered and dropped are served where their "
		"interrupt came" },
	[LIST_FIELDS + COUNTERS_CPU] = { "CPU", "cpu", FIELD_NUMBER, FIELD_SHOWN, 0,
		"counters: the CPU they were steered to" },
	[LIST_FIELDS + COUNTERS_PACKETS] = { "PKTS", "packets", FIELD_NUMBER, FIELD_SHOWN, 0,
		"counters: packets" },
	[LIST_FIELDS + COUNTERS_PPM] = { "PKTS%", "packets_ppm", FIELD_PPM, FIELD_SHOWN, 0,
		"counters: the same as a share of all packets that the policy saw (JSON: parts per "
		"million)" },
};

/* The kernel's number of the attached program; 0 if it was detached. */
static __u32 attached_program(int fd, const struct pin_about *about)
{
	struct bpf_link_info info = { 0 };
	__u32 length = sizeof(info);

	if (about->chained)
		return xdp_chain_has(about->ifindex, about->id) ? about->id : 0;
	if (bpf_obj_get_info_by_fd(fd, &info, &length) || !info.xdp.ifindex)
		return 0;
	return info.prog_id;
}

const struct pin_kind policy_kind = { "xdp", "policy", attached_program };

/* --- list */

static void fill_pinned(struct value *values, const struct pin *pin, const char *path)
{
	const struct pin_about *about = &pin->about;
	bool attached = pin->state == PIN_ATTACHED;

	values[LIST_STATE] = value_text(attached && about->chained ? "chained" :
					pin_states[pin->state]);
	values[LIST_PATH] = value_text(path);
	if (pin->state == PIN_REPLACED)
		return;
	values[LIST_POLICY] = value_text(about->policy);
	values[LIST_PARAMETERS] = value_text(about->parameters);
	values[LIST_MODE] = value_text(xdp_mode_names[about->mode % XDP_MODES]);
	values[LIST_SINCE] = value_number(about->since_ns);
	values[LIST_DOES] = value_text(about->does);
	if (attached)
		values[LIST_PROGRAM] = value_number(about->id);
}

/**
 * struct rows - the rows of list that are being made
 * @listing: of these
 * @all: all devices, of those without a program none
 * @interfaces: these, if they are all
 * @code: what reading a pin came to
 */
struct rows {
	struct listing listing;
	bool all;
	struct if_nameindex *interfaces;
	enum exit_code code;
};

/* @ifindex: 0 if the device is not here */
static void add_row(struct rows *rows, const char *dev, __u32 ifindex)
{
	struct value values[LIST_FIELDS] = { [LIST_DEV] = value_text(dev) };
	char path[PATH_MAX], name[BPF_OBJ_NAME_LEN];
	struct xdp_device xdp = { 0 };
	struct pin pin;

	if (!rows->code)
		rows->code = pin_find(&pin, &policy_kind, dev);
	if (rows->code)
		return;
	if (ifindex)
		xdp_device_read(&xdp, ifindex);
	pin_path(path, &policy_kind, dev);
	if (pin.state != PIN_NONE) {
		fill_pinned(values, &pin, path);
	} else if (xdp.program) {
		xdp_program_name(name, sizeof(name), xdp.program);
		values[LIST_STATE] = value_text("foreign");
		values[LIST_MODE] = value_text(xdp_mode_names[xdp.mode]);
		values[LIST_PROGRAM] = value_number(xdp.program);
		values[LIST_DOES] = value_text(name);
	} else if (rows->all) {
		return;
	}
	listing_add(&rows->listing, values);
}

/* A pinned policy of a device that is not here: gone, or elsewhere. */
static void add_stray(const char *dev, void *context)
{
	struct rows *rows = context;

	for (struct if_nameindex *i = rows->interfaces; i && i->if_name; i++)
		if (!strcmp(i->if_name, dev))
			return;
	add_row(rows, dev, 0);
}

enum exit_code policy_list_all(const struct request *request)
{
	struct rows rows = { .all = !request->device };
	enum exit_code code;

	code = listing_start(&rows.listing, request, policy_fields, LIST_FIELDS);
	if (code)
		return code;
	if (request->device)
		add_row(&rows, request->device, if_nametoindex(request->device));
	else
		rows.interfaces = if_nameindex();
	for (struct if_nameindex *i = rows.interfaces; i && i->if_name; i++)
		add_row(&rows, i->if_name, i->if_index);
	if (rows.all)
		pin_visit(&policy_kind, add_stray, &rows);
	if (rows.interfaces)
		if_freenameindex(rows.interfaces);
	return rows.code ? rows.code : listing_end(&rows.listing, request, NULL);
}

enum exit_code policy_list(const struct request *request)
{
	struct device device;
	enum exit_code code;

	code = policy_none_given(request);
	if (!code && request->device)
		code = device_find(&device, request->device);
	return code ? code : policy_list_all(request);
}

/* --- counters */

enum exit_code policy_attached(struct pin *pin, const char *dev)
{
	enum exit_code code = pin_find_some(pin, &policy_kind, dev, "list");

	if (code || pin->state == PIN_ATTACHED)
		return code;
	return fail(DPCTOOL_NOT_FOUND, "dpctool policy list",
		    "%s: its policy is not attached now, but %s", dev, pin_states[pin->state]);
}

static const char *const counter_names[POLICY_FIRST_CPU] = {
	[POLICY_UNPARSED] = "unparsed",
	[POLICY_UNMAPPED] = "unmapped",
	[POLICY_PASSED] = "passed",
	[POLICY_UNMATCHED] = "unmatched",
	[POLICY_DROPPED] = "dropped",
	[POLICY_REFUSED] = "refused",
};

/* Sum up counter @key over the CPUs that counted; @slots: room for one number per CPU. */
static __u64 read_counter(int fd, __u32 key, __u64 *slots)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 sum = 0;

	if (bpf_map_lookup_elem(fd, &key, slots))
		return 0;
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += slots[cpu];
	return sum;
}

/* Open the policy's counters; a negative errno if it has none as policy_abi.h wants them. */
static int open_counters(const struct pin *pin, __u32 *count)
{
	struct bpf_map_info info = { 0 };
	__u32 length = sizeof(info);
	int fd = xdp_program_map(pin->about.id, "counters");

	if (fd < 0)
		return fd;
	if (bpf_obj_get_info_by_fd(fd, &info, &length) ||
	    info.type != BPF_MAP_TYPE_PERCPU_ARRAY || info.value_size != sizeof(__u64)) {
		close(fd);
		return -ENOENT;
	}
	*count = info.max_entries;
	return fd;
}

static void add_counters(struct listing *listing, const __u64 *counters, __u32 count)
{
	__u64 sum = 0;

	for (__u32 key = 0; key < count; key++)
		sum += key == POLICY_REFUSED ? 0 : counters[key];
	for (__u32 key = 0; key < count; key++) {
		struct value values[COUNTERS_FIELDS] = { 0 };
		bool steered = key >= POLICY_FIRST_CPU;

		if (steered ? !counters[key] : !counter_names[key])
			continue;
		values[COUNTERS_WHAT] = value_text(steered ? "steered" : counter_names[key]);
		if (steered)
			values[COUNTERS_CPU] = value_number(key - POLICY_FIRST_CPU);
		values[COUNTERS_PACKETS] = value_number(counters[key]);
		if (sum)
			values[COUNTERS_PPM] = value_number((__u64)(1e6 * (double)counters[key] /
								(double)sum + 0.5));
		listing_add(listing, values);
	}
}

static enum exit_code print_counters(const struct request *request, const struct pin *pin, int fd,
				     __u32 count)
{
	__u64 *slots = calloc((size_t)libbpf_num_possible_cpus(), sizeof(*slots));
	__u64 *counters = calloc(count, sizeof(*counters));
	struct listing listing;
	enum exit_code code;

	code = listing_start(&listing, request, policy_fields + LIST_FIELDS, COUNTERS_FIELDS);
	if (!code) {
		for (__u32 key = 0; slots && counters && key < count; key++)
			counters[key] = read_counter(fd, key, slots);
		add_counters(&listing, counters, counters ? count : 0);
		code = listing_end(&listing, request,
				   json_pack("{s:s, s:s}", "dev", request->device, "policy",
					     pin->about.policy));
	}
	free(slots);
	free(counters);
	return code;
}

enum exit_code policy_counters(const struct request *request)
{
	enum exit_code code;
	struct pin pin;
	__u32 count;
	int fd;

	code = policy_none_given(request);
	if (!code)
		code = policy_attached(&pin, request->device);
	if (code)
		return code;
	fd = open_counters(&pin, &count);
	if (fd == -EPERM)
		return xdp_program_closed(request->device);
	if (fd < 0)
		return fail(DPCTOOL_NOT_FOUND, "a map as bpf/xdp/policy_abi.h has it",
			    "%s: policy %s has no map of counters", request->device,
			    pin.about.policy);
	code = print_counters(request, &pin, fd, count);
	close(fd);
	return code;
}
