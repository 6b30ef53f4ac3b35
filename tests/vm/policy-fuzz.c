// SPDX-License-Identifier: GPL-2.0
/*
 * Every policy, as the kernel compiles it, on random packets: verdict and CPU are those of the
 * model (policy-model.h).
 *
 * Packets are made from the parts that the policies look at, then some are damaged: bytes changed,
 * ends cut off, random ones appended. A case is one packet and one policy; the argument says how
 * many. What a policy decides is seen in its counters: they are compared after some packets, with
 * no two entries of the table for the same CPU, and when they differ one by one. There is no dpcnic
 * here, so each decision for a CPU is also counted as refused.
 */
#include <stdint.h>
#include <linux/bpf.h>

#include "policy-lab.h"
#include "policy-model.h"
#include "tap.h"

#define BATCH		24
#define LONGEST		8000
#define CASES		40000

static __u64 random_state = 88172645463325252ULL;

static __u32 draw(__u32 below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (__u32)((random_state >> 32) % below);
}

static bool one_in(__u32 n)
{
	return !draw(n);
}

/* --- packets */

struct frame {
	size_t length;
	__u8 data[LONGEST];
};

static void put(struct frame *frame, __u32 value)
{
	if (frame->length < LONGEST)
		frame->data[frame->length++] = (__u8)value;
}

static void put_word(struct frame *frame, __u32 value)
{
	put(frame, value >> 8);
	put(frame, value);
}

static void put_random(struct frame *frame, __u32 count)
{
	while (count--)
		put(frame, draw(256));
}

/* Few addresses, so that rules match, and source and destination are sometimes the same. */
static void put_address(struct frame *frame, size_t bytes)
{
	if (one_in(3)) {
		put_random(frame, (__u32)bytes);
		return;
	}
	put(frame, bytes == 4 ? 10 : 0x20);
	for (size_t i = 2; i < bytes; i++)
		put(frame, one_in(4) ? draw(2) : 0);
	put(frame, draw(4));
}

static void put_transport(struct frame *frame, __u32 protocol)
{
	if (protocol == 6 || protocol == 17) {
		put_word(frame, one_in(2) ? draw(4) : draw(65536));
		put_word(frame, one_in(2) ? draw(4) : draw(65536));
	}
	put_random(frame, one_in(4) ? draw(40) : 40);
}

static __u32 some_protocol(void)
{
	static const __u8 protocols[] = { 6, 6, 6, 17, 17, 1, 58, 47, 4, 41, 50, 59, 132, 135 };

	return one_in(20) ? draw(256) : protocols[draw(sizeof(protocols))];
}

static void put_ipv4(struct frame *frame)
{
	__u32 options = one_in(3) ? draw(11) : 0, protocol = some_protocol();

	put(frame, one_in(30) ? 0x40 + draw(16) : 0x45 + options);
	put(frame, 0);
	put_word(frame, draw(1500));
	put_word(frame, draw(65536));
	put_word(frame, one_in(4) ? draw(65536) : one_in(2) ? 0x4000 : 0);
	put(frame, 64);
	put(frame, protocol);
	put_word(frame, draw(65536));
	put_address(frame, 4);
	put_address(frame, 4);
	put_random(frame, options * 4);
	put_transport(frame, protocol);
}

/* Options of exactly @left bytes, more or less; sometimes many. */
static void put_options(struct frame *frame, __u32 left)
{
	bool many = one_in(left < 20 ? 2 : 6);

	while (left) {
		__u32 length;

		if (many && left > 1 && one_in(2)) {
			put_word(frame, 0x0100);
			left -= 2;
			continue;
		}
		if (left == 1 || many || one_in(6)) {
			put(frame, 0);
			left--;
			continue;
		}
		if (left >= 18 && one_in(2)) {
			put(frame, 201);
			put(frame, one_in(16) ? draw(20) : 16);
			put_address(frame, 16);
			left -= 18;
			continue;
		}
		length = one_in(20) ? draw(256) : one_in(2) ? left - 2 : draw(left - 1);
		put(frame, one_in(8) ? draw(256) : 1);
		put(frame, length);
		if (length > left - 2)
			return;
		put_random(frame, length);
		left -= 2 + length;
	}
}

static void put_extension(struct frame *frame, __u32 type, __u32 next)
{
	__u32 length = one_in(16) ? draw(256) : draw(6);

	if (type == 43 ? !one_in(4) : one_in(3))
		length = 2;
	else if (type == 60 && one_in(3))
		length = 1;
	put(frame, next);
	put(frame, type == 44 && !one_in(8) ? 0 : length);
	switch (type) {
	case 60:
		put_options(frame, 6 + length * 8);
		break;
	case 43:
		put(frame, one_in(4) ? draw(4) : 2);
		put(frame, one_in(4) ? draw(3) : 1);
		put_random(frame, 4);
		if (length == 2)
			put_address(frame, 16);
		else
			put_random(frame, length * 8);
		break;
	case 44:
		put_random(frame, 6);
		break;
	case 51:
		put_random(frame, 6 + length * 4);
		break;
	default:
		put_random(frame, 6 + length * 8);
	}
}

static void put_ipv6(struct frame *frame)
{
	static const __u8 types[] = { 0, 60, 60, 43, 43, 44, 51, 135 };
	__u32 protocol = some_protocol(), headers = one_in(2) ? 0 : one_in(8) ? draw(12) : draw(4);
	__u8 chain[13];

	for (__u32 i = 0; i < headers; i++)
		chain[i] = types[draw(one_in(4) ? sizeof(types) : 5)];
	if (one_in(5)) {
		headers = 1 + draw(2);
		chain[0] = types[1 + draw(4)];
		chain[1] = types[1 + draw(4)];
		protocol = 6;
	}
	chain[headers] = (__u8)protocol;
	put(frame, 0x60);
	put_random(frame, 5);
	put(frame, chain[0]);
	put(frame, 64);
	put_address(frame, 16);
	put_address(frame, 16);
	for (__u32 i = 0; i < headers; i++)
		put_extension(frame, chain[i], chain[i + 1]);
	put_transport(frame, protocol);
}

static void make(struct frame *frame)
{
	__u32 kind = draw(16);

	frame->length = 0;
	put_random(frame, 12);
	for (__u32 tags = one_in(3) ? draw(4) : 0; tags; tags--) {
		put_word(frame, one_in(2) ? 0x8100 : 0x88a8);
		put_word(frame, draw(65536));
	}
	if (kind < 7) {
		put_word(frame, 0x0800);
		put_ipv4(frame);
	} else if (kind < 15) {
		put_word(frame, 0x86dd);
		put_ipv6(frame);
	} else {
		put_word(frame, one_in(2) ? 0x0806 : draw(65536));
		put_random(frame, draw(100));
	}
	if (one_in(4))
		for (__u32 changes = 1 + draw(4); changes; changes--)
			frame->data[draw(one_in(2) && frame->length > 80 ? 80 :
					 (__u32)frame->length)] = (__u8)draw(256);
	if (one_in(5))
		frame->length = draw((__u32)frame->length + 1);
	else if (one_in(20))
		put_random(frame, draw(3000));
	/* no Ethernet driver hands over less than a header, nor does the kernel's test run */
	if (frame->length < 14)
		put_random(frame, (__u32)(14 - frame->length));
}

/* --- rules */

#define RULES	40

struct rule {
	bool on;
	bool is_net;
	struct policy_net net;
	struct policy_port port;
	struct policy_rule rule;
};

static struct rule rule_list[RULES];

static bool same_key(const struct rule *a, const struct rule *b)
{
	__u32 bits = a->net.prefix - POLICY_NET_BITS;

	if (a->is_net != b->is_net)
		return false;
	if (!a->is_net)
		return a->port.protocol == b->port.protocol && a->port.side == b->port.side &&
		       a->port.port == b->port.port;
	if (a->net.prefix != b->net.prefix || a->net.family != b->net.family ||
	    a->net.side != b->net.side)
		return false;
	for (__u32 i = 0; i < bits; i++)
		if (model_bit(a->net.address, i) != model_bit(b->net.address, i))
			return false;
	return true;
}

static void make_rule(struct rule *rule)
{
	struct frame address = { .length = 0 };

	memset(rule, 0, sizeof(*rule));
	rule->is_net = one_in(2);
	rule->rule.preference = draw(8);
	rule->rule.verdict = one_in(10) ? draw(5) : draw(3);
	rule->rule.cpu = one_in(10) ? draw(UINT32_MAX) : draw(100);
	if (rule->is_net) {
		__u32 bytes = one_in(2) ? 4 : 16;

		put_address(&address, bytes);
		memcpy(rule->net.address, address.data, bytes);
		rule->net.family = bytes == 4 ? 4 : 6;
		rule->net.side = (__u8)draw(2);
		rule->net.prefix = POLICY_NET_BITS +
				   (one_in(3) ? bytes * 8 : draw(bytes * 8 + 1));
	} else {
		static const __u8 protocols[] = { 6, 17, 1, 58, 47 };

		rule->port.side = (__u8)draw(3);
		rule->port.protocol = protocols[draw(rule->port.side == POLICY_NEITHER ? 5 : 2)];
		if (rule->port.side != POLICY_NEITHER)
			rule->port.port = (__be16)(draw(4) << 8);
	}
}

/* Turn a rule on, or off, in the attached policy's maps. */
static bool edit_rules(const struct policy *policy)
{
	struct rule *rule = &rule_list[draw(RULES)];
	int map;

	if (!rule->on) {
		make_rule(rule);
		for (int i = 0; i < RULES; i++)
			if (rule_list[i].on && same_key(rule, &rule_list[i]))
				return true;
	}
	rule->on = !rule->on;
	map = policy_map(policy, rule->is_net ? "rules_net" : "rules_port");
	if (!rule->on)
		return !bpf_map_delete_elem(map, rule->is_net ? (void *)&rule->net : &rule->port);
	return !bpf_map_update_elem(map, rule->is_net ? (void *)&rule->net : &rule->port,
				    &rule->rule, BPF_NOEXIST);
}

static const struct rule *match_net(const struct model_packet *packet, int side)
{
	const struct rule *longest = NULL;

	for (int i = 0; i < RULES; i++) {
		const struct rule *rule = &rule_list[i];
		bool inside = rule->on && rule->is_net && rule->net.family == packet->version &&
			      rule->net.side == side;

		for (__u32 bit = 0; inside && bit < rule->net.prefix - POLICY_NET_BITS; bit++)
			inside = model_bit(packet->ip[side], bit) ==
				 model_bit(rule->net.address, bit);
		if (inside && (!longest || rule->net.prefix > longest->net.prefix))
			longest = rule;
	}
	return longest;
}

static const struct rule *match_port(const struct model_packet *packet, int side)
{
	for (int i = 0; i < RULES; i++) {
		const struct rule *rule = &rule_list[i];

		if (rule->on && !rule->is_net && rule->port.protocol == packet->protocol &&
		    rule->port.side == side &&
		    (side == POLICY_NEITHER ||
		     (packet->ports && !memcmp(&rule->port.port, packet->port[side], 2))))
			return rule;
	}
	return NULL;
}

/* --- what must happen */

/* The counters a packet adds to, and the verdict. */
struct outcome {
	int verdict;
	int counters;
	__u32 counter[2];
};

static void for_cpu(struct outcome *outcome, __u32 cpu)
{
	if (cpu >= POLICY_CPUS) {
		outcome->counter[outcome->counters++] = POLICY_UNMAPPED;
		return;
	}
	outcome->counter[outcome->counters++] = POLICY_FIRST_CPU + cpu;
	outcome->counter[outcome->counters++] = POLICY_REFUSED;
}

static void for_reason(struct outcome *outcome, __u32 reason)
{
	outcome->counter[outcome->counters++] = reason;
}

/* A policy to be tried, and its settings. */
struct subject {
	struct policy policy;
	const char *name;
	__u32 types;
	bool symmetric;
	void (*expect)(const struct subject *subject, const struct model_packet *packet,
		       struct outcome *outcome);
	__u8 key[POLICY_KEY_BYTES];
	__u32 table[POLICY_TABLE_ENTRIES];
	__u64 cases;
	__u64 wrong;
};

static struct policy_cpus cpu_list = { .count = 7, .cpu = { 3, 1, 4, 15, 9, 2, 6 } };

static void expect_table(const struct subject *subject, const struct model_packet *packet,
			 struct outcome *outcome)
{
	__u32 hash;

	if (!model_hash(packet, subject->types, subject->symmetric, subject->key, &hash))
		for_reason(outcome, POLICY_UNPARSED);
	else
		for_cpu(outcome, subject->table[hash & 127]);
}

/* CPUs of even number are in the CPUMAP. */
static void expect_cpumap(const struct subject *subject, const struct model_packet *packet,
			  struct outcome *outcome)
{
	expect_table(subject, packet, outcome);
	if (outcome->counters == 2 && outcome->counter[0] % 2 == 0) {
		outcome->counters = 1;
		outcome->verdict = XDP_REDIRECT;
	}
}

/* Nothing waits anywhere, so it is the first from the hash's place in the list. */
static void expect_spread(const struct subject *subject, const struct model_packet *packet,
			  struct outcome *outcome)
{
	__u32 hash;

	if (!model_hash(packet, subject->types, false, subject->key, &hash))
		for_reason(outcome, POLICY_UNPARSED);
	else
		for_cpu(outcome, cpu_list.cpu[(__u64)hash * cpu_list.count / 0x100000000ULL]);
}

static void expect_rules(const struct subject *subject, const struct model_packet *packet,
			 struct outcome *outcome)
{
	const struct rule *matches[] = {
		match_net(packet, POLICY_SOURCE), match_net(packet, POLICY_DESTINATION),
		match_port(packet, POLICY_SOURCE), match_port(packet, POLICY_DESTINATION),
		match_port(packet, POLICY_NEITHER),
	};
	const struct rule *first = NULL;

	(void)subject;
	for (__u32 preference = 0; preference < 8 && !first; preference++)
		for (int i = 0; i < 5 && !first; i++)
			if (matches[i] && matches[i]->rule.preference == preference)
				first = matches[i];
	if (!first) {
		for_reason(outcome, POLICY_UNMATCHED);
	} else if (first->rule.verdict == POLICY_DROP) {
		for_reason(outcome, POLICY_DROPPED);
		outcome->verdict = XDP_DROP;
	} else if (first->rule.verdict == POLICY_STEER) {
		for_cpu(outcome, first->rule.cpu);
	} else {
		for_reason(outcome, POLICY_PASSED);
	}
}

static struct outcome expect(const struct subject *subject, const struct frame *frame)
{
	struct outcome outcome = { .verdict = XDP_PASS };
	struct model_packet packet;

	if (!model_read(&packet, frame->data, frame->length))
		for_reason(&outcome, POLICY_UNPARSED);
	else
		subject->expect(subject, &packet, &outcome);
	return outcome;
}

/* What the packets were: what is not among them is not tested. */
enum kind {
	KIND_UNPARSED,
	KIND_IPV4,
	KIND_IPV4_PORTS,
	KIND_IPV6,
	KIND_IPV6_PORTS,
	KIND_EXTENSIONS_PORTS,
	KIND_HOME,
	KIND_FINAL,
	KINDS
};

static const char *const kind_names[KINDS] = {
	"packets that cannot be parsed", "IPv4", "IPv4 with ports", "IPv6", "IPv6 with ports",
	"IPv6 with extension headers and ports", "TCP with a home address",
	"TCP with a routing header of type 2",
};

static __u64 kinds[KINDS];

static void classify(const struct frame *frame)
{
	struct model_packet packet;
	bool tcp;

	if (!model_read(&packet, frame->data, frame->length)) {
		kinds[KIND_UNPARSED]++;
		return;
	}
	if (packet.version == 4) {
		kinds[packet.ports ? KIND_IPV4_PORTS : KIND_IPV4]++;
		return;
	}
	tcp = packet.ports && packet.protocol == 6;
	kinds[packet.ports ? KIND_IPV6_PORTS : KIND_IPV6]++;
	kinds[KIND_EXTENSIONS_PORTS] += packet.ports && packet.at > 14 + 8 + 40 + 4;
	kinds[KIND_HOME] += tcp && memcmp(packet.ip[0], packet.transport[0], 16);
	kinds[KIND_FINAL] += tcp && memcmp(packet.ip[1], packet.transport[1], 16);
}

/* --- trying them */

/* Run frames; false if a verdict or the counters are not those expected. */
static bool run(struct subject *subject, const struct frame *frames, int number)
{
	static __u64 expected[LAB_COUNTERS], after[LAB_COUNTERS];
	bool good = true;

	memcpy(expected, subject->policy.counted, sizeof(expected));
	for (int i = 0; i < number; i++) {
		struct outcome outcome = expect(subject, &frames[i]);

		good &= policy_run(&subject->policy, frames[i].data, frames[i].length) ==
			outcome.verdict;
		for (int j = 0; j < outcome.counters; j++)
			expected[outcome.counter[j]]++;
	}
	good &= policy_count(&subject->policy, after);
	good &= !memcmp(after, expected, sizeof(after));
	memcpy(subject->policy.counted, after, sizeof(after));
	return good;
}

static void show(const struct subject *subject, const struct frame *frame)
{
	struct outcome outcome = expect(subject, frame);

	printf("# %s: not verdict %d", subject->name, outcome.verdict);
	for (int i = 0; i < outcome.counters; i++)
		printf(" counter %u", outcome.counter[i]);
	printf(", %zu bytes:", frame->length);
	for (size_t i = 0; i < frame->length && i < 400; i++)
		printf("%s%02x", i % 4 ? "" : " ", frame->data[i]);
	printf("\n");
}

static void try(struct subject *subject, const struct frame *frames)
{
	subject->cases += BATCH;
	if (run(subject, frames, BATCH))
		return;
	subject->wrong++;
	if (subject->wrong > 3)
		return;
	for (int i = 0; i < BATCH; i++)
		if (!run(subject, &frames[i], 1)) {
			show(subject, &frames[i]);
			return;
		}
}

static bool prepare(struct subject *subject)
{
	struct bpf_cpumap_val entry = { .qsize = 64 };
	bool done;

	if (!policy_open(&subject->policy, subject->policy.name, subject->policy.name))
		return false;
	if (subject->types != POLICY_HASH_DEFAULT &&
	    !policy_constant(&subject->policy, "hash_types", &subject->types, sizeof(__u32)))
		return false;
	done = policy_load(&subject->policy) &&
	       policy_count(&subject->policy, subject->policy.counted);
	for (int i = 0; i < POLICY_KEY_BYTES; i++)
		subject->key[i] = (__u8)draw(256);
	for (__u32 i = 0; i < POLICY_TABLE_ENTRIES; i++)
		subject->table[i] = i % 16 == 7 ? POLICY_NO_CPU - i / 16 : (i * 37 + 5) % 128;
	if (subject->expect != expect_rules)
		done = done && policy_set_key(&subject->policy, subject->key);
	if (subject->expect == expect_table || subject->expect == expect_cpumap)
		done = done && policy_set_table(&subject->policy, subject->table);
	if (subject->expect == expect_spread)
		done = done && policy_set(&subject->policy, "cpus", 0, &cpu_list);
	/* those that this machine has not cannot be in a CPUMAP */
	if (subject->expect == expect_cpumap) {
		for (__u32 i = 0; i < POLICY_TABLE_ENTRIES; i++)
			subject->table[i] %= 4;
		done = done && policy_set_table(&subject->policy, subject->table) &&
		       policy_set(&subject->policy, "cpu_map", 0, &entry) &&
		       policy_set(&subject->policy, "cpu_map", 2, &entry);
	}
	return done;
}

static struct subject subjects[] = {
	{ .policy.name = "rss", .name = "rss", .types = POLICY_HASH_DEFAULT,
	  .expect = expect_table },
	{ .policy.name = "rss", .name = "rss, UDP hashed without ports",
	  .types = POLICY_HASH_DEFAULT & ~(POLICY_HASH_UDP4 | POLICY_HASH_UDP6),
	  .expect = expect_table },
	{ .policy.name = "rss", .name = "rss, IPv4 and UDP over IPv6 alone",
	  .types = POLICY_HASH_IPV4 | POLICY_HASH_UDP6, .expect = expect_table },
	{ .policy.name = "rss-sym", .name = "rss-sym", .types = POLICY_HASH_DEFAULT,
	  .symmetric = true, .expect = expect_table },
	{ .policy.name = "weighted", .name = "weighted", .types = POLICY_HASH_DEFAULT,
	  .expect = expect_table },
	{ .policy.name = "cpumap", .name = "cpumap", .types = POLICY_HASH_DEFAULT,
	  .expect = expect_cpumap },
	{ .policy.name = "least-loaded", .name = "least-loaded", .types = POLICY_HASH_DEFAULT,
	  .expect = expect_spread },
	{ .policy.name = "rules", .name = "rules", .types = POLICY_HASH_DEFAULT,
	  .expect = expect_rules },
};

#define SUBJECTS	(sizeof(subjects) / sizeof(subjects[0]))

int main(int argc, char **argv)
{
	__u64 cases = CASES, done_cases = 0;
	static struct frame frames[BATCH];
	bool edited = true;

	if (argc > 1)
		cases = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		random_state ^= strtoull(argv[2], NULL, 10);
	for (size_t i = 0; i < SUBJECTS; i++)
		if (!ok(prepare(&subjects[i]), "%s is loaded", subjects[i].name))
			return done();

	while (done_cases < cases) {
		for (int i = 0; i < BATCH; i++) {
			make(&frames[i]);
			classify(&frames[i]);
		}
		for (int i = 0; i < 8; i++)
			edited &= edit_rules(&subjects[SUBJECTS - 1].policy);
		for (size_t i = 0; i < SUBJECTS; i++)
			try(&subjects[i], frames);
		done_cases += BATCH * SUBJECTS;
	}

	ok(edited, "rules were edited");
	for (size_t i = 0; i < SUBJECTS; i++) {
		struct subject *subject = &subjects[i];
		__u64 outcomes = 0;

		for (__u32 j = 0; j < LAB_COUNTERS; j++)
			outcomes += j == POLICY_REFUSED ? 0 : subject->policy.counted[j];
		ok(!subject->wrong, "%s: verdicts and CPUs of %llu packets are the model's",
		   subject->name, subject->cases);
		ok(outcomes == subject->cases, "%s: each is counted once", subject->name);
	}
	for (int i = 0; i < KINDS; i++)
		ok(kinds[i] > subjects[0].cases / 200, "among them: %s (%llu)", kind_names[i],
		   kinds[i]);
	printf("# %llu cases\n", done_cases);
	return done();
}
