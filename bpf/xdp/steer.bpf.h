/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every XDP policy includes: how a packet is sent to a CPU, and counted. A policy of your own
 * needs no more than this:
 *
 *	#include "steer.bpf.h"
 *
 *	SEC("xdp.frags")
 *	int parity(struct xdp_md *ctx)
 *	{
 *		return steer(ctx, ctx->rx_queue_index % 2);
 *	}
 *	char LICENSE[] SEC("license") = "GPL";
 *
 * parse.bpf.h finds a packet's addresses and ports, hash.bpf.h its RSS hash. Say unsteered() for a
 * packet that is for no CPU in particular. Order within a flow need not be cared for: the driver
 * keeps it. What is counted is in policy_abi.h. Build and attach it:
 *
 *	clang -target bpf -mcpu=v3 -O2 -g -idirafter /usr/include/$(uname -m)-linux-gnu \
 *		-I bpf/xdp -c parity.bpf.c -o parity.bpf.o
 *	dpctool policy attach dev IF file parity.bpf.o
 */
#ifndef DPCNIC_XDP_STEER_BPF_H
#define DPCNIC_XDP_STEER_BPF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include "kfunc.bpf.h"
#include "policy_abi.h"

/* Packets, by what became of them: enum policy_counter. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, POLICY_FIRST_CPU + POLICY_CPUS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* Count one. False: there is no such counter. */
static __always_inline bool count(__u32 what)
{
	__u64 *counter = bpf_map_lookup_elem(&counters, &what);

	if (counter)
		(*counter)++;
	return counter;
}

/* Count one for @cpu. False: the maps have no room for it, which goes for POLICY_NO_CPU as well. */
static __always_inline bool count_cpu(__u32 cpu)
{
	return cpu < POLICY_NO_CPU - POLICY_FIRST_CPU && count(POLICY_FIRST_CPU + cpu);
}

/**
 * unsteered() - leave a packet on the interrupted CPU (R3)
 * @why: the counter for it
 *
 * Return: what the program shall return.
 */
static __always_inline int unsteered(enum policy_counter why)
{
	count(why);
	return XDP_PASS;
}

/**
 * steer_accepted() - have a packet indicated on a CPU
 * @ctx: the program's argument
 * @cpu: the CPU, or POLICY_NO_CPU
 *
 * The packet is counted, whatever happens; the program then returns XDP_PASS.
 *
 * Return: false if the CPU was refused.
 */
static __always_inline bool steer_accepted(struct xdp_md *ctx, __u32 cpu)
{
	if (!count_cpu(cpu)) {
		count(POLICY_UNMAPPED);
		return true;
	}
	if (kfunc_steer(ctx, cpu)) {
		count(POLICY_REFUSED);
		return false;
	}
	return true;
}

/**
 * steer() - have a packet indicated on a CPU
 * @ctx: the program's argument
 * @cpu: the CPU, or POLICY_NO_CPU
 *
 * Return: what the program shall return.
 */
static __always_inline int steer(struct xdp_md *ctx, __u32 cpu)
{
	steer_accepted(ctx, cpu);
	return XDP_PASS;
}

#endif /* DPCNIC_XDP_STEER_BPF_H */
