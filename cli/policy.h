/* SPDX-License-Identifier: GPL-2.0 */
/* A throttle policy on its way into the kernel: opened, given its parameters, loaded, attached. */
#ifndef DPCTOOL_POLICY_H
#define DPCTOOL_POLICY_H

#include <bpf/libbpf.h>

#include "args.h"
#include "device.h"

/** enum policy_choice - dpctool's own policies; indices of policy_choices */
enum policy_choice { POLICY_FIXED, POLICY_TIME, POLICY_FAIR, POLICIES };

/* Their names and what they do, terminated by an empty one. */
extern const struct verb policy_choices[POLICIES + 1];

/**
 * struct policy - a loaded policy
 * @object: what it came from
 * @map: the policy itself
 * @skeleton: of @object, if it is one of dpctool's own
 * @memory: of the skeleton
 */
struct policy {
	struct bpf_object *object;
	struct bpf_map *map;
	struct bpf_object_skeleton *skeleton;
	void *memory;
};

/** policy_check() - has @request just one policy, with just its parameters? */
enum exit_code policy_check(const struct request *request);

/** policy_describe() - the policy that @request names: its words, and what it does */
void policy_describe(const struct request *request, char *name, size_t name_size,
		     char *parameters, size_t parameters_size, char *does, size_t does_size);

/** policy_load() - load the policy that @request names, for @device; free it also if that fails */
enum exit_code policy_load(struct policy *policy, const struct request *request,
			   const struct device *device);

/** policy_attach() - attach it; NULL with errno set if the kernel refused */
struct bpf_link *policy_attach(const struct policy *policy);

/** policy_replace() - put it in the place of the one that link @link_fd holds; 0 or -errno */
int policy_replace(const struct policy *policy, int link_fd);

/** policy_id() - the kernel's number of the loaded policy's map */
__u32 policy_id(const struct policy *policy);

/** policy_free() - an attached policy stays attached as long as its link lives */
void policy_free(struct policy *policy);

#endif /* DPCTOOL_POLICY_H */
