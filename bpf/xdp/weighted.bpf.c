// SPDX-License-Identifier: GPL-2.0
/*
 * The policy "weighted": CPUs get shares of the flows by their weights.
 *
 * A share of the flows is a share of the table's 128 entries, so this is rss with a table that the
 * loader fills by weights: a CPU of weight w, of W in all, gets 128 * w / W entries. The program is
 * the same; it has a name of its own so that what is attached tells what the table was made for.
 */
#include "table.bpf.h"

SEC("xdp.frags")
int weighted(struct xdp_md *ctx)
{
	return table_steer(ctx, false);
}

char LICENSE[] SEC("license") = "GPL";
