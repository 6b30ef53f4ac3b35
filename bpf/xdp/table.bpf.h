/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive side scaling in software: hash, table, CPU; as the hardware's hash, table, queue (R4).
 *
 * The hash's low bits choose an entry, and the entry is a CPU. To send every packet to the CPU that
 * the hardware would interrupt, fill entry i with the CPU of the message of the queue that is in
 * the hardware's entry i; to send it elsewhere, do otherwise.
 */
#ifndef DPCNIC_XDP_TABLE_BPF_H
#define DPCNIC_XDP_TABLE_BPF_H

#include "hash.bpf.h"
#include "steer.bpf.h"

/* CPUs, or POLICY_NO_CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, POLICY_TABLE_ENTRIES);
	__type(key, __u32);
	__type(value, __u32);
} table SEC(".maps");

/**
 * table_lookup() - the CPU that the table has for a packet
 * @ctx: the program's argument
 * @symmetric: a constant: the same CPU for both directions of a flow
 * @cpu: where to put it
 *
 * Return: false if the packet has no hash.
 */
static __always_inline bool table_lookup(struct xdp_md *ctx, bool symmetric, __u32 *cpu)
{
	struct packet packet;
	__u32 hash, *entry;

	if (!parse(ctx, &packet) || !hash_packet(ctx, &packet, symmetric, &hash))
		return false;
	hash %= POLICY_TABLE_ENTRIES;
	entry = bpf_map_lookup_elem(&table, &hash);
	*cpu = entry ? *entry : POLICY_NO_CPU;
	return true;
}

/**
 * table_steer() - send a packet to the CPU that the table has for it
 * @ctx: the program's argument
 * @symmetric: a constant: the same CPU for both directions of a flow
 *
 * Return: what the program shall return.
 */
static __always_inline int table_steer(struct xdp_md *ctx, bool symmetric)
{
	__u32 cpu;

	if (!table_lookup(ctx, symmetric, &cpu))
		return unsteered(POLICY_UNPARSED);
	return steer(ctx, cpu);
}

#endif /* DPCNIC_XDP_TABLE_BPF_H */
