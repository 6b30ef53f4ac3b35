// SPDX-License-Identifier: GPL-2.0
/*
 * The policy "rss": receive side scaling as the hardware does it, and from there to any CPU.
 *
 * Hash, key, table and choice of fields are the hardware's (R4); but an entry of this table is a
 * CPU, not a queue, so packets of one queue can be spread over more CPUs than there are queues.
 */
#include "table.bpf.h"

SEC("xdp.frags")
int rss(struct xdp_md *ctx)
{
	return table_steer(ctx, false);
}

char LICENSE[] SEC("license") = "GPL";
