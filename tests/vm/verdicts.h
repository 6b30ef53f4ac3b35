/* SPDX-License-Identifier: GPL-2.0 */
/* Maps of verdicts.bpf.c, for flows.c too. */
#ifndef VERDICTS_H
#define VERDICTS_H

#include <linux/bpf.h>
#include <linux/types.h>

#define FLOWS		256
#define NO_CPU		255

/**
 * struct flow_seen - packets of a flow, as pktgen or test-traffic numbered them
 * @lock: of the others
 * @last: number of the last
 * @packets: how many
 * @out_of_order: of those, the ones that came after a later one, or again
 * @cpus: where they came from, a bit per CPU
 * @hashed: of those, the ones with a hash
 * @with_metadata: of those, the ones with what "metadata" puts in front
 * @tagged: of those, the ones with the VLAN tag TCI
 */
struct flow_seen {
	struct bpf_spin_lock lock;
	__u32 last;
	__u64 packets;
	__u64 out_of_order;
	__u64 cpus;
	__u64 hashed;
	__u64 with_metadata;
	__u64 tagged;
};

#endif
