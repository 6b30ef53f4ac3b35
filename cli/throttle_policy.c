// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>

#include "attach.h"
#include "fair.skel.h"
#include "fixed.skel.h"
#include "throttle_policy.h"
#include "time.skel.h"

#define TYPE_NAME	"dpcnic_throttle_ops"
#define PACKETS_MAX	0xffffffffULL
#define USECS_MAX	1000000ULL

const struct verb throttle_policy_choices[THROTTLE_POLICIES + 1] = {
	[THROTTLE_FIXED] = { "fixed", "every run may indicate N packets (packets N)" },
	[THROTTLE_TIME] = { "time", "a run may indicate what is done in N microseconds (usecs N), "
		"by what the last runs of its message took on its CPU" },
	[THROTTLE_FAIR] = { "fair", "messages that share a CPU share what one run may indicate" },
	{ 0 }
};

/* What may and must be given with each of them. */
static const unsigned int parameters_of[THROTTLE_POLICIES] = {
	[THROTTLE_FIXED] = 1 << KEYWORD_PACKETS,
	[THROTTLE_TIME] = 1 << KEYWORD_USECS,
};

static enum exit_code usage(const char *format, const char *word)
{
	return fail(DPCTOOL_USAGE, "dpctool help throttle", format, word);
}

static enum exit_code check(const struct request *request)
{
	bool own = request->given & 1 << KEYWORD_FILE, ours = request->choice >= 0;
	unsigned int all = 1 << KEYWORD_PACKETS | 1 << KEYWORD_USECS | 1 << KEYWORD_MAP, may, must;
	const char *name;

	if (own == ours)
		return usage("throttle: %s: fixed, time, fair or file OBJ",
			     own ? "one policy at a time" : "missing policy");
	name = own ? "file" : throttle_policy_choices[request->choice].name;
	must = own ? 0 : parameters_of[request->choice];
	may = own ? 1 << KEYWORD_MAP : must;
	if (request->given & all & ~may)
		return misgiven(request, name, "takes no such parameter",
				request->given & all & ~may);
	if (must & ~request->given)
		return misgiven(request, name, "missing parameter", must & ~request->given);
	if (request->packets > PACKETS_MAX)
		return usage("throttle: %s: packets: too large", name);
	if (request->usecs > USECS_MAX)
		return usage("throttle: %s: usecs: too large", name);
	return DPCTOOL_OK;
}

void throttle_policy_describe(const struct request *request, char *name, size_t name_size,
			      char *parameters, size_t parameters_size, char *does,
			      size_t does_size)
{
	snprintf(name, name_size, "%s",
		 request->choice < 0 ? "file" : throttle_policy_choices[request->choice].name);
	*parameters = '\0';
	switch (request->choice) {
	case THROTTLE_FIXED:
		snprintf(parameters, parameters_size, "packets %llu", request->packets);
		snprintf(does, does_size, "a run indicates at most %llu packets", request->packets);
		break;
	case THROTTLE_TIME:
		snprintf(parameters, parameters_size, "usecs %llu", request->usecs);
		snprintf(does, does_size, "a run indicates what takes %lluus", request->usecs);
		break;
	case THROTTLE_FAIR:
		snprintf(does, does_size, "messages on one CPU share what a run indicates");
		break;
	default:
		snprintf(parameters, parameters_size, "%s%s%s", request->file,
			 request->map ? " map " : "", request->map ? request->map : "");
		snprintf(does, does_size, "what its program says");
	}
}

/* All skeletons begin alike, but have no common type. */
static void keep(struct policy *policy, void *memory, struct bpf_object_skeleton *skeleton,
		 struct bpf_object *object)
{
	policy->memory = memory;
	policy->skeleton = skeleton;
	policy->object = object;
}

static void open_own(struct policy *policy, const struct request *request)
{
	struct fixed_bpf *fixed;
	struct time_bpf *time;
	struct fair_bpf *fair;

	switch (request->choice) {
	case THROTTLE_FIXED:
		fixed = fixed_bpf__open();
		if (!fixed)
			return;
		fixed->rodata->packets = (__u32)request->packets;
		keep(policy, fixed, fixed->skeleton, fixed->obj);
		break;
	case THROTTLE_TIME:
		time = time_bpf__open();
		if (!time)
			return;
		time->rodata->usecs = (__u32)request->usecs;
		keep(policy, time, time->skeleton, time->obj);
		break;
	case THROTTLE_FAIR:
		fair = fair_bpf__open();
		if (fair)
			keep(policy, fair, fair->skeleton, fair->obj);
		break;
	}
}

static enum exit_code open_object(struct policy *policy, const struct request *request)
{
	char reason[128];

	if (request->choice >= 0)
		open_own(policy, request);
	else
		policy->object = bpf_object__open_file(request->file, NULL);
	if (policy->object)
		return DPCTOOL_OK;
	libbpf_strerror(errno, reason, sizeof(reason));
	return fail(DPCTOOL_USAGE, "the path of an object that clang made for BPF",
		    "throttle: %s: no BPF object: %s", request->file ? request->file : "own policy",
		    reason);
}

static const struct btf_type *type_of(const struct policy *policy, const struct bpf_map *map)
{
	return btf__type_by_id(bpf_object__btf(policy->object), bpf_map__btf_value_type_id(map));
}

static bool is_policy(const struct policy *policy, const struct bpf_map *map)
{
	const struct btf_type *type;

	if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
		return false;
	type = type_of(policy, map);
	return type && !strcmp(btf__name_by_offset(bpf_object__btf(policy->object), type->name_off),
			       TYPE_NAME);
}

/* Choose the policy among the object's maps; what else it has of struct_ops is not loaded. */
static enum exit_code choose_map(struct policy *policy, const struct request *request)
{
	const char *file = request->file;
	char names[256] = "";
	struct bpf_map *map;
	int count = 0;

	bpf_object__for_each_map(map, policy->object) {
		const char *name = bpf_map__name(map);

		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		bpf_map__set_autocreate(map, false);
		if (!is_policy(policy, map))
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 *names ? ", " : "", name);
		if (request->map && strcmp(request->map, name))
			continue;
		policy->map = map;
		count++;
	}
	if (count == 1) {
		bpf_map__set_autocreate(policy->map, true);
		return DPCTOOL_OK;
	}
	if (!*names)
		return fail(DPCTOOL_USAGE, "dpctool help throttle, for what makes one",
			    "throttle: %s: has no throttle policy", file);
	return fail(DPCTOOL_USAGE, "file OBJ map NAME, with one of them",
		    "throttle: %s: has %s (there are %s)", file,
		    count ? "several policies" : "no such policy", names);
}

/* The device is a member of the policy; where, says the object's BTF. */
static enum exit_code set_device(const struct policy *policy, const struct request *request,
				 const struct device *device)
{
	const struct btf *btf = bpf_object__btf(policy->object);
	const struct btf_type *type = type_of(policy, policy->map);
	const struct btf_member *member = btf_members(type);
	char *value = bpf_map__initial_value(policy->map, NULL);

	for (__u32 i = 0; value && i < btf_vlen(type); i++) {
		if (strcmp(btf__name_by_offset(btf, member[i].name_off), "ifindex") ||
		    btf__resolve_size(btf, member[i].type) != sizeof(device->ifindex))
			continue;
		memcpy(value + member[i].offset / 8, &device->ifindex, sizeof(device->ifindex));
		return DPCTOOL_OK;
	}
	return fail(DPCTOOL_USAGE, "build it with the header throttle_abi.h of this dpcnic",
		    "throttle: %s: its policy has no member ifindex", request->file);
}

static enum exit_code load_failed(const struct request *request, int error)
{
	const char *name = request->file ? request->file :
			   throttle_policy_choices[request->choice].name;

	/* without CAP_SYS_ADMIN the kernel does not hand out the module's BTF, where the type is */
	if (!attach_has(CAP_SYS_ADMIN))
		return fail(DPCTOOL_UNABLE, "as root, or give it CAP_SYS_ADMIN and CAP_NET_ADMIN",
			    "throttle: no permission to load a policy");
	switch (error) {
	case EPERM:
		return attach_forbidden("throttle");
	case ENOSYS:
		return fail(DPCTOOL_UNABLE, "a kernel with CONFIG_BPF_SYSCALL and CONFIG_BPF_JIT",
			    "throttle: this kernel has no BPF");
	case ESRCH:
	case ENOENT:
		return fail(DPCTOOL_UNABLE, "a module of dpctool's version, built with BTF",
			    "throttle: the module dpcnic does not offer " TYPE_NAME);
	case ENOTSUP:
		return fail(DPCTOOL_UNABLE, "build it with this dpcnic's throttle_abi.h",
			    "throttle: %s: made for another version of dpcnic", name);
	default:
		return fail(DPCTOOL_REFUSED, "again with -d, for the kernel's reason",
			    "throttle: %s: the kernel refused the policy: %s", name,
			    strerror(error));
	}
}

enum exit_code throttle_policy_open(struct policy *policy, const struct request *request)
{
	enum exit_code code;

	*policy = (struct policy){ 0 };
	code = check(request);
	if (!code)
		code = open_object(policy, request);
	return code ? code : choose_map(policy, request);
}

enum exit_code throttle_policy_load(const struct policy *policy, const struct request *request,
				    const struct device *device)
{
	enum exit_code code = set_device(policy, request, device);
	int error;

	if (code)
		return code;
	error = bpf_object__load(policy->object);
	return error ? load_failed(request, -error) : DPCTOOL_OK;
}

struct bpf_link *throttle_policy_attach(const struct policy *policy)
{
	return bpf_map__attach_struct_ops(policy->map);
}

/*
 * libbpf fills in a policy, and makes it ready, as part of attaching it, and can replace it only
 * through a link that the same process attached. So attach it, which the kernel refuses, as the
 * device has one; then it is ready to take that one's place.
 */
int throttle_policy_replace(const struct policy *policy, int link_fd)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(policy->map);

	if (link) {
		/* detached by somebody a moment ago: there is nothing to replace */
		bpf_link__destroy(link);
		return -ENOLINK;
	}
	if (errno != EBUSY)
		return -errno;
	return bpf_link_update(link_fd, bpf_map__fd(policy->map), NULL) ? -errno : 0;
}

__u32 throttle_policy_id(const struct policy *policy)
{
	struct bpf_map_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_map__fd(policy->map), &info, &length))
		return 0;
	return info.id;
}

void throttle_policy_free(struct policy *policy)
{
	if (policy->skeleton)
		bpf_object__destroy_skeleton(policy->skeleton);
	else
		bpf_object__close(policy->object);
	free(policy->memory);
}
