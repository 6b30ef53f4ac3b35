// SPDX-License-Identifier: GPL-2.0
/*
 * The policy "cpumap": rss through the kernel's CPUMAP, which works with any driver.
 *
 * To compare with: a CPUMAP hands frames to a kthread of each CPU, where they lose the hardware's
 * hash and checksum, and a VLAN tag that it has stripped, unless "ethtool -K DEVICE rxvlan off";
 * steering by dpcnic hands them to a DPC, with all that. A CPU that is not in the CPUMAP is
 * refused, and the packet indicated on the interrupted CPU; the kthread of one that is in it, but
 * has gone offline, runs elsewhere. The loader fills the map with an entry for each CPU in the
 * table; what CPUMAP then drops, it reports itself (tracepoint xdp:xdp_cpumap_enqueue).
 */
#include "table.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, POLICY_CPUS);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpu_map SEC(".maps");

SEC("xdp.frags")
int cpumap(struct xdp_md *ctx)
{
	__u32 cpu;
	int verdict;

	if (!table_lookup(ctx, false, &cpu))
		return unsteered(POLICY_UNPARSED);
	if (!count_cpu(cpu))
		return unsteered(POLICY_UNMAPPED);
	verdict = bpf_redirect_map(&cpu_map, cpu, XDP_PASS);
	if (verdict != XDP_REDIRECT)
		count(POLICY_REFUSED);
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
