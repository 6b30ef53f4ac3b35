// SPDX-License-Identifier: GPL-2.0
/*
 * The policy "least-loaded", word for word, with a dpcnic that the test makes up: CPUs' backlogs
 * are what the map "backlogs" says, and one of ~0 is refused.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>

/* In place of kfunc.bpf.h. */
#define DPCNIC_XDP_KFUNC_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} backlogs SEC(".maps");

static __u32 kfunc_backlog(struct xdp_md *ctx, __u32 cpu)
{
	__u32 *backlog = bpf_map_lookup_elem(&backlogs, &cpu);

	return backlog ? *backlog : ~0U;
}

static int kfunc_steer(struct xdp_md *ctx, __u32 cpu)
{
	return kfunc_backlog(ctx, cpu) == ~0U ? -ENETDOWN : 0;
}

#include "least-loaded.bpf.c"
