// SPDX-License-Identifier: GPL-2.0
/*
 * The policy "least-loaded": a new flow goes to the CPU where least waits, and stays there.
 *
 * What waits is what the driver knows (bpf_dpcnic_backlog()); without dpcnic nothing is known, and
 * new flows are spread evenly. Equals are told apart by the flow's hash: on an idle machine nothing
 * waits anywhere, and the first of all CPUs would get everything.
 *
 * Flows are known by their hash's low bits, in buckets, not each for itself: a table of flows costs
 * more per packet, can be filled by whoever sends enough of them, and then has to forget some. A
 * bucket that was silent for idle_ns counts as new. Two queues may meet in a bucket, each with a
 * flow of its own, and both choose; one choice remains, which the driver makes of no consequence
 * for order.
 */
#include "hash.bpf.h"
#include "steer.bpf.h"

/* Set by the loader: how long flows must be silent to choose anew; less than 2^63. */
const volatile __u64 idle_ns = 1000000000;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct policy_cpus);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, POLICY_BUCKETS);
	__type(key, __u32);
	__type(value, struct policy_bucket);
} buckets SEC(".maps");

/* The CPU where least waits, the first one from a place in the list that the hash tells. */
static __always_inline __u32 choose(struct xdp_md *ctx, __u32 hash)
{
	__u32 zero = 0, least = ~0U, chosen = POLICY_NO_CPU, count, first, i;
	const struct policy_cpus *list = bpf_map_lookup_elem(&cpus, &zero);

	if (!list)
		return POLICY_NO_CPU;
	count = list->count;
	if (count > POLICY_CPUS)
		return POLICY_NO_CPU;

	/* by its high bits: the low ones are the same for the whole bucket */
	first = ((__u64)hash * count) >> 32;
	bpf_for(i, 0, count) {
		/* from i in each turn: an index that is carried over has the verifier try all */
		__u32 at = first + i < count ? first + i : first + i - count;
		__u32 cpu = list->cpu[at % POLICY_CPUS], waits = kfunc_backlog(ctx, cpu);

		if (waits < least) {
			least = waits;
			chosen = cpu;
		}
		if (!waits)
			break;
	}
	return chosen;
}

SEC("xdp.frags")
int least_loaded(struct xdp_md *ctx)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	struct policy_bucket *bucket;
	struct packet packet;
	__u32 hash, key, cpu;

	if (!parse(ctx, &packet) || !hash_packet(ctx, &packet, false, &hash))
		return unsteered(POLICY_UNPARSED);
	key = hash % POLICY_BUCKETS;
	bucket = bpf_map_lookup_elem(&buckets, &key);
	if (!bucket)
		return unsteered(POLICY_UNMAPPED);

	/* signed: another CPU's clock may be a tick ahead */
	if (!bucket->seen_ns || (__s64)(now - bucket->seen_ns) > (__s64)idle_ns) {
		cpu = choose(ctx, hash);
		bucket->cpu = cpu;
	} else {
		cpu = bucket->cpu;
	}
	/* a CPU that is refused, or none, is not kept */
	bucket->seen_ns = steer_accepted(ctx, cpu) && cpu != POLICY_NO_CPU ? now : 0;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
