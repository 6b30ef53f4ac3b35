// SPDX-License-Identifier: GPL-2.0
/*
 * The policy "rules": networks, protocols and ports go to a CPU, are dropped, or pass.
 *
 * Up to five rules match a packet: the longest prefix its source is in, that of its destination,
 * its protocol with the source port, with the destination port, and its protocol alone. The one
 * of the smallest preference decides. What no rule matches, and what cannot be parsed, passes: this
 * steers, it is no firewall. Dropping needs no dpcnic, so it works with any driver.
 */
#include "parse.bpf.h"
#include "steer.bpf.h"

#define RULES	65536

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RULES);
	__type(key, struct policy_net);
	__type(value, struct policy_rule);
} rules_net SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, RULES);
	__type(key, struct policy_port);
	__type(value, struct policy_rule);
} rules_port SEC(".maps");

/* The rule that decides, so far. */
struct decision {
	bool found;
	struct policy_rule rule;
};

static __always_inline void consider(struct decision *decision, const struct policy_rule *rule)
{
	if (!rule || (decision->found && rule->preference >= decision->rule.preference))
		return;
	decision->found = true;
	decision->rule = *rule;
}

static __always_inline void match_net(struct decision *decision, const struct packet *packet,
				      enum policy_side side)
{
	struct policy_net net = { .family = packet->family, .side = side };

	if (packet->family == 4) {
		net.prefix = POLICY_NET_BITS + 32;
		__builtin_memcpy(net.address, side == POLICY_SOURCE ? &packet->v4.source :
				 &packet->v4.destination, 4);
	} else {
		net.prefix = POLICY_NET_BITS + 128;
		__builtin_memcpy(net.address, side == POLICY_SOURCE ? &packet->v6.source :
				 &packet->v6.destination, 16);
	}
	consider(decision, bpf_map_lookup_elem(&rules_net, &net));
}

static __always_inline void match_port(struct decision *decision, const struct packet *packet,
				       enum policy_side side)
{
	struct policy_port port = { .protocol = packet->protocol, .side = side };
	__be16 ports[2];

	if (side != POLICY_NEITHER) {
		__builtin_memcpy(ports, packet->family == 4 ? &packet->v4.ports :
				 &packet->v6.ports, sizeof(ports));
		port.port = ports[side];
	}
	consider(decision, bpf_map_lookup_elem(&rules_port, &port));
}

SEC("xdp.frags")
int rules(struct xdp_md *ctx)
{
	struct decision decision = { .found = false };
	struct packet packet;

	if (!parse(ctx, &packet))
		return unsteered(POLICY_UNPARSED);
	match_net(&decision, &packet, POLICY_SOURCE);
	match_net(&decision, &packet, POLICY_DESTINATION);
	if (packet.has_ports) {
		match_port(&decision, &packet, POLICY_SOURCE);
		match_port(&decision, &packet, POLICY_DESTINATION);
	}
	match_port(&decision, &packet, POLICY_NEITHER);

	if (!decision.found)
		return unsteered(POLICY_UNMATCHED);
	switch (decision.rule.verdict) {
	case POLICY_DROP:
		count(POLICY_DROPPED);
		return XDP_DROP;
	case POLICY_STEER:
		return steer(ctx, decision.rule.cpu);
	default:
		return unsteered(POLICY_PASSED);
	}
}

char LICENSE[] SEC("license") = "GPL";
