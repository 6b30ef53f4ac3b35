/* SPDX-License-Identifier: GPL-2.0 */
/* What dpctool writes to the maps of its own XDP policies (bpf/xdp/policy_abi.h). */
#ifndef DPCTOOL_XDP_FILL_H
#define DPCTOOL_XDP_FILL_H

#include <bpf/libbpf.h>

#include "args.h"
#include "device.h"

/** xdp_fill_size() - before it is loaded: make room for all CPUs of this machine; 0 or -errno */
int xdp_fill_size(struct bpf_object *object);

/** xdp_fill_types() - before it is loaded: have it hash what @device hashes (R4) */
void xdp_fill_types(struct bpf_object *object, const struct device *device);

/** xdp_fill() - fill the maps of @object, which is loaded, as @request and @device ask for */
enum exit_code xdp_fill(const struct bpf_object *object, const struct request *request,
			const struct device *device);

#endif /* DPCTOOL_XDP_FILL_H */
