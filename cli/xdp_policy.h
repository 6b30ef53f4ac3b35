/* SPDX-License-Identifier: GPL-2.0 */
/* An XDP policy on its way into the kernel: opened, loaded, its maps filled. */
#ifndef DPCTOOL_XDP_POLICY_H
#define DPCTOOL_XDP_POLICY_H

#include <bpf/libbpf.h>

#include "args.h"
#include "device.h"

/** enum xdp_choice - dpctool's own policies; indices of xdp_choices */
enum xdp_choice {
	XDP_RSS, XDP_RSS_SYM, XDP_WEIGHTED, XDP_RULES, XDP_CPUMAP, XDP_LEAST_LOADED,
	XDP_POLICIES
};

/* Their names and what they do, terminated by an empty one. */
extern const struct verb xdp_choices[XDP_POLICIES + 1];

/**
 * struct xdp_policy - a policy
 * @object: what it came from
 * @program: the program that is to be attached
 * @log: what the verifier said
 */
struct xdp_policy {
	struct bpf_object *object;
	struct bpf_program *program;
	char *log;
};

/** xdp_policy_check() - has @request just one policy, with just its parameters? */
enum exit_code xdp_policy_check(const struct request *request);

/** xdp_policy_name() - name of the policy that @request names */
const char *xdp_policy_name(const struct request *request);

/** xdp_policy_describe() - its parameters as words, and what it does */
void xdp_policy_describe(const struct request *request, char *parameters, size_t parameters_size,
			 char *does, size_t does_size);

/**
 * xdp_policy_digest() - a number that is another one if the parameters are, or a byte of the object
 *
 * What xdp_policy_describe() makes of them may be cut, and the kernel's tag of a program is of its
 * instructions alone, not of the constants they use.
 */
enum exit_code xdp_policy_digest(const struct request *request, __u64 *digest);

/** xdp_policy_steers() - can it do nothing without dpcnic's kfunc? */
bool xdp_policy_steers(const struct request *request);

/** xdp_policy_frags() - is its program made for packets of several buffers? */
bool xdp_policy_frags(const struct xdp_policy *policy);

/** xdp_policy_open() - open it, and choose its program; free it also if that fails */
enum exit_code xdp_policy_open(struct xdp_policy *policy, const struct request *request);

/** xdp_policy_load() - load it, and fill its maps for @device */
enum exit_code xdp_policy_load(struct xdp_policy *policy, const struct request *request,
			       const struct device *device);

/** xdp_policy_free() - an attached policy stays attached as long as its link lives */
void xdp_policy_free(struct xdp_policy *policy);

#endif /* DPCTOOL_XDP_POLICY_H */
