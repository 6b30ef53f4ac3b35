/* SPDX-License-Identifier: GPL-2.0 */
/* A throttle policy on its way into the kernel: opened, given its parameters, loaded, attached. */
#ifndef DPCTOOL_THROTTLE_POLICY_H
#define DPCTOOL_THROTTLE_POLICY_H

#include <bpf/libbpf.h>

#include "args.h"
#include "device.h"

/** enum throttle_policy_choice - dpctool's own policies; indices of throttle_policy_choices */
enum throttle_policy_choice { THROTTLE_FIXED, THROTTLE_TIME, THROTTLE_FAIR, THROTTLE_POLICIES };

/* Their names and what they do, terminated by an empty one. */
extern const struct verb throttle_policy_choices[THROTTLE_POLICIES + 1];

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

/**
 * throttle_policy_open() - open what @request names: just one policy, with just its parameters;
 * free it also if that fails
 */
enum exit_code throttle_policy_open(struct policy *policy, const struct request *request);

/** throttle_policy_describe() - the policy that @request names: its words, and what it does */
void throttle_policy_describe(const struct request *request, char *name, size_t name_size,
			      char *parameters, size_t parameters_size, char *does,
			      size_t does_size);

/** throttle_policy_load() - load it, for @device */
enum exit_code throttle_policy_load(const struct policy *policy, const struct request *request,
				    const struct device *device);

/** throttle_policy_attach() - attach it; NULL with errno set if the kernel refused */
struct bpf_link *throttle_policy_attach(const struct policy *policy);

/** throttle_policy_replace() - put it in the place of what @link_fd holds; 0 or -errno */
int throttle_policy_replace(const struct policy *policy, int link_fd);

/** throttle_policy_id() - the kernel's number of the loaded policy's map */
__u32 throttle_policy_id(const struct policy *policy);

/** throttle_policy_free() - an attached policy stays attached as long as its link lives */
void throttle_policy_free(struct policy *policy);

#endif /* DPCTOOL_THROTTLE_POLICY_H */
