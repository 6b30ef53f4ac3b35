// SPDX-License-Identifier: GPL-2.0
/*
 * The policy "rss-sym": both directions of a flow go to one CPU, for hosts that forward and watch.
 *
 * What is hashed is sorted first, so that both directions have the same input. The other way is a
 * key that repeats its first 16 bits, as hardware needs it: then the hash knows only 16 bits of
 * key, and of addresses and ports only the XOR of both ends, so flows between neighbours collide
 * and anyone can make them. Sorting keeps the whole key, for some comparisons per packet.
 */
#include "table.bpf.h"

SEC("xdp.frags")
int rss_sym(struct xdp_md *ctx)
{
	return table_steer(ctx, true);
}

char LICENSE[] SEC("license") = "GPL";
