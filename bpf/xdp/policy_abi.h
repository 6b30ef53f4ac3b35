/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The maps of the XDP policies, as the programs and whoever fills or reads the maps see them.
 *
 * A policy is bpf/xdp/NAME.bpf.c; its program is NAME, with '_' for each '-', in section
 * "xdp.frags". It has some of these maps, always under these names:
 *
 *	name		type		key		value			policies
 *	rss_key		ARRAY(1)	0		struct policy_key	all but rules
 *	table		ARRAY(128)	hash & 127	__u32, a CPU		rss, rss-sym,
 *									weighted, cpumap
 *	cpus		ARRAY(1)	0		struct policy_cpus	least-loaded
 *	buckets		ARRAY		hash's low bits	struct policy_bucket	least-loaded
 *	cpu_map		CPUMAP		a CPU		struct bpf_cpumap_val	cpumap
 *	rules_net	LPM_TRIE	struct policy_net   struct policy_rule	rules
 *	rules_port	HASH		struct policy_port  struct policy_rule	rules
 *	counters	PERCPU_ARRAY	POLICY_*	__u64, packets		all
 *
 * All of them may be changed while the program is attached; each packet sees every value as it was
 * before or after. (policy_key and policy_cpus are more than one word: a packet that is hashed
 * while they are written may see a mix, and as with the hardware's own key it goes to one CPU of
 * the table all the same.)
 *
 * Constants, to be set before the program is loaded (.rodata):
 *
 *	hash_types	__u32, enum policy_hash: what is hashed			all but rules
 *	idle_ns		__u64, how long a flow is silent to choose a CPU anew	least-loaded
 */
#ifndef DPCNIC_XDP_POLICY_ABI_H
#define DPCNIC_XDP_POLICY_ABI_H

#include <linux/types.h>

/* As in hardware: bytes of a key, of the longest input (IPv6 with ports); entries of the table. */
#define POLICY_KEY_BYTES	40
#define POLICY_INPUT_BYTES	36
#define POLICY_TABLE_ENTRIES	128

/* In place of a CPU: none, the packet is not steered. */
#define POLICY_NO_CPU		0xffffffffU

/*
 * CPUs that least-loaded's list has room for; "counters" as well, and the CPUMAP, unless they are
 * made larger before the program is loaded.
 */
#define POLICY_CPUS		512

/* Entries of "buckets". */
#define POLICY_BUCKETS		16384

/*
 * What is hashed. A packet gets the first that fits: TCP or UDP with ports, else IP without. One
 * that none fits has no hash.
 */
enum policy_hash {
	POLICY_HASH_IPV4 = 1,
	POLICY_HASH_TCP4 = 2,
	POLICY_HASH_UDP4 = 4,
	POLICY_HASH_IPV6 = 8,
	POLICY_HASH_TCP6 = 16,
	POLICY_HASH_UDP6 = 32,
};

/* What dpcnic has its hardware hash at first: all of it. */
#define POLICY_HASH_DEFAULT	(POLICY_HASH_IPV4 | POLICY_HASH_TCP4 | POLICY_HASH_UDP4 | \
				 POLICY_HASH_IPV6 | POLICY_HASH_TCP6 | POLICY_HASH_UDP6)

/**
 * struct policy_key - a Toeplitz key, multiplied out
 * @part: what the input's byte at a place contributes to the hash, by its value
 *
 * toeplitz.h makes it from the 40 bytes that ethtool shows, and says why it is used.
 */
struct policy_key {
	__u32 part[POLICY_INPUT_BYTES][256];
};

/**
 * enum policy_counter - the keys of the map "counters"
 * @POLICY_UNPARSED: packets without a hash, as they are not IP, cannot be parsed or are of no type
 *	that is hashed
 * @POLICY_UNMAPPED: packets with a hash for which there is no CPU: POLICY_NO_CPU is in the table,
 *	the list of CPUs is empty, or the CPU is beyond what the maps have room for
 * @POLICY_PASSED: packets that a rule lets pass
 * @POLICY_UNMATCHED: packets that no rule matches
 * @POLICY_DROPPED: packets that a rule drops
 * @POLICY_REFUSED: packets that a CPU was named for, but the driver (cpumap: the CPUMAP) would not
 *	have it; counted here and for the CPU
 * @POLICY_FIRST_CPU: packets for CPU 0, and so on
 *
 * Each packet counts once, apart from @POLICY_REFUSED: packets = sum of all others. Those that are
 * for no CPU, and those refused, are indicated on the interrupted CPU (R3) unless dropped.
 */
enum policy_counter {
	POLICY_UNPARSED,
	POLICY_UNMAPPED,
	POLICY_PASSED,
	POLICY_UNMATCHED,
	POLICY_DROPPED,
	POLICY_REFUSED,
	POLICY_FIRST_CPU = 8,
};

/**
 * struct policy_cpus - the CPUs among which least-loaded chooses
 * @count: how many; 0..POLICY_CPUS
 * @cpu: their numbers
 */
struct policy_cpus {
	__u32 count;
	__u32 cpu[POLICY_CPUS];
};

/**
 * struct policy_bucket - flows whose hashes end alike, in least-loaded
 * @seen_ns: coarse monotonic time of their last packet; 0: choose a CPU anew
 * @cpu: their CPU
 * @unused: 0
 *
 * Set all to zero to have all flows choose anew, after CPUs were taken from the list.
 */
struct policy_bucket {
	__u64 seen_ns;
	__u32 cpu;
	__u32 unused;
};

/* Which of a packet's addresses or ports a rule is about. */
enum policy_side {
	POLICY_SOURCE,
	POLICY_DESTINATION,
	POLICY_NEITHER,
};

/**
 * struct policy_net - what a rule of "rules_net" matches: addresses of a network
 * @prefix: the network's prefix length, plus POLICY_NET_BITS
 * @family: 4 or 6
 * @side: POLICY_SOURCE or POLICY_DESTINATION
 * @address: the network's, first byte first; IPv4 in the first four
 * @unused: 0
 *
 * Of all networks that a packet's source is in, the longest prefix counts; the same goes for its
 * destination.
 */
struct policy_net {
	__u32 prefix;
	__u8 family;
	__u8 side;
	__u8 address[16];
	__u8 unused[2];
};

#define POLICY_NET_BITS		16

/**
 * struct policy_port - what a rule of "rules_port" matches: a protocol, or one of its ports
 * @protocol: IPPROTO_*; of IPv6, that of the header after all extension headers
 * @side: which port, or POLICY_NEITHER: all packets of the protocol, fragments included
 * @port: in network byte order; 0 with POLICY_NEITHER. Only TCP and UDP have ports, and not in
 *	fragments.
 */
struct policy_port {
	__u8 protocol;
	__u8 side;
	__be16 port;
};

/* What happens to a packet that a rule matches. */
enum policy_verdict {
	POLICY_PASS,
	POLICY_DROP,
	POLICY_STEER,
};

/**
 * struct policy_rule - what is done with the packets matched
 * @preference: of several rules that match, the one with the smallest number decides; of equal
 *	ones the first in this order: source network, destination network, source port,
 *	destination port, protocol
 * @verdict: enum policy_verdict; anything else counts as POLICY_PASS
 * @cpu: for POLICY_STEER
 */
struct policy_rule {
	__u32 preference;
	__u32 verdict;
	__u32 cpu;
};

#endif /* DPCNIC_XDP_POLICY_ABI_H */
