// SPDX-License-Identifier: GPL-2.0
/*
 * The policies on packets whose CPU is known without any model: those of Microsoft's verification
 * suite, whose hashes it gives; and least-loaded on backlogs made up for it (policy-faked.bpf.c).
 */
#include <arpa/inet.h>
#include <linux/bpf.h>

#include "policy-lab.h"
#include "policy-model.h"
#include "tap.h"

#define TCP		6
#define UDP		17

struct frame {
	size_t length;
	__u8 data[1000];
};

/* A flow of the suite, and its two hashes. */
struct flow {
	int family;
	const char *source;
	const char *destination;
	__u16 port[2];
	__u32 addresses;
	__u32 with_ports;
};

static const struct flow flow4 = {
	AF_INET, "66.9.149.187", "161.142.100.80", { 2794, 1766 }, 0x323e8fc2, 0x51ccc178
};

static const struct flow flow6 = {
	AF_INET6, "3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", { 2794, 1766 },
	0x2cc18cd5, 0x40207d3d
};

static void put(struct frame *frame, const void *bytes, size_t count)
{
	memcpy(frame->data + frame->length, bytes, count);
	frame->length += count;
}

static void put_byte(struct frame *frame, __u32 byte)
{
	frame->data[frame->length++] = (__u8)byte;
}

static void put_word(struct frame *frame, __u32 word)
{
	put_byte(frame, word >> 8);
	put_byte(frame, word);
}

static void put_address(struct frame *frame, const struct flow *flow, const char *address)
{
	frame->length += inet_pton(flow->family, address, frame->data + frame->length) == 1 ?
			 (flow->family == AF_INET ? 4 : 16) : 0;
}

/**
 * struct shape - how a flow's packet looks
 * @what: for the test's name
 * @protocol: of the transport
 * @tags: VLAN tags
 * @fragment: IPv4: the header's field; IPv6: there is a fragment header
 * @options: bytes of IPv4 options
 * @extensions: IPv6 extension headers, all bytes; their last next header is the transport
 * @size: of @extensions
 * @first: type of the first of them
 * @source: the IP header's source address, if not the flow's
 * @destination: the same of the destination
 * @reversed: it goes the other way
 */
struct shape {
	const char *what;
	__u8 protocol;
	int tags;
	__u16 fragment;
	__u32 options;
	const __u8 *extensions;
	size_t size;
	__u8 first;
	const char *source;
	const char *destination;
	bool reversed;
};

static void build(struct frame *frame, const struct flow *flow, const struct shape *shape)
{
	const char *source = shape->source ?: flow->source;
	const char *destination = shape->destination ?: flow->destination;

	memset(frame, 0, sizeof(*frame));
	frame->length = 12;
	for (int i = 0; i < shape->tags; i++) {
		put_word(frame, i || shape->tags == 1 ? 0x8100 : 0x88a8);
		put_word(frame, 0x1001);
	}
	put_word(frame, flow->family == AF_INET ? 0x0800 : 0x86dd);
	if (flow->family == AF_INET) {
		put_byte(frame, 0x45 + shape->options / 4);
		frame->length += 5;
		put_word(frame, shape->fragment);
		put_byte(frame, 64);
		put_byte(frame, shape->protocol);
		frame->length += 2;
	} else {
		put_byte(frame, 0x60);
		frame->length += 5;
		put_byte(frame, shape->extensions ? shape->first : shape->protocol);
		put_byte(frame, 64);
	}
	put_address(frame, flow, shape->reversed ? destination : source);
	put_address(frame, flow, shape->reversed ? source : destination);
	frame->length += shape->options;
	if (shape->extensions)
		put(frame, shape->extensions, shape->size);
	put_word(frame, flow->port[shape->reversed]);
	put_word(frame, flow->port[!shape->reversed]);
	frame->length += 16;
}

/* The CPU that one packet was for, all there was since the last call; or a negated reason. */
static int decided(struct policy *policy)
{
	static __u64 now[LAB_COUNTERS];
	int found = -1000;

	policy_count(policy, now);
	for (int i = 0; i < LAB_COUNTERS; i++)
		if (i != POLICY_REFUSED && now[i] != policy->counted[i]) {
			if (found != -1000 || now[i] != policy->counted[i] + 1)
				found = -2000;
			else
				found = i < POLICY_FIRST_CPU ? -i : i - POLICY_FIRST_CPU;
		}
	memcpy(policy->counted, now, sizeof(now));
	return found;
}

static int run(struct policy *policy, const struct frame *frame)
{
	return policy_run(policy, frame->data, frame->length) == XDP_PASS ? decided(policy) : -3000;
}

static bool load_by_table(struct policy *policy, const char *name)
{
	__u32 table[POLICY_TABLE_ENTRIES];

	for (__u32 i = 0; i < POLICY_TABLE_ENTRIES; i++)
		table[i] = i;
	return policy_open(policy, name, name) && policy_load(policy) &&
	       policy_set_key(policy, model_suite_key) && policy_set_table(policy, table);
}

/* Hop-by-hop options, then the transport. */
static const __u8 hop_by_hop[] = { TCP, 0, 1, 4, 0, 0, 0, 0 };
/* An authentication header of 24 bytes. */
static const __u8 authentication[24] = { TCP, 4 };
static const __u8 fragment_header[] = { TCP, 0, 0, 1, 0, 0, 0, 7 };
/* A home address option, that of flow6's source. */
static const __u8 home_address[] = {
	TCP, 2, 1, 2, 0, 0, 201, 16, 0x3f, 0xfe, 0x25, 1, 2, 0, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7
};

/* A routing header of type 2, to flow6's destination. */
static const __u8 routing[] = {
	TCP, 2, 2, 1, 0, 0, 0, 0, 0x3f, 0xfe, 0x25, 1, 2, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1
};

static const struct shape with_ports4[] = {
	{ .what = "TCP over IPv4", .protocol = TCP },
	{ .what = "UDP over IPv4", .protocol = UDP },
	{ .what = "do not fragment", .protocol = TCP, .fragment = 0x4000 },
	{ .what = "one VLAN tag", .protocol = TCP, .tags = 1 },
	{ .what = "two VLAN tags", .protocol = TCP, .tags = 2 },
	{ .what = "IPv4 options", .protocol = TCP, .options = 40 },
	{ 0 }
};

static const struct shape without_ports4[] = {
	{ .what = "first IPv4 fragment", .protocol = TCP, .fragment = 0x2000 },
	{ .what = "last IPv4 fragment", .protocol = TCP, .fragment = 0x0003 },
	{ .what = "IPv6 in IPv4", .protocol = 41 },
	{ .what = "GRE over IPv4", .protocol = 47 },
	{ 0 }
};

static const struct shape with_ports6[] = {
	{ .what = "TCP over IPv6", .protocol = TCP },
	{ .what = "UDP over IPv6", .protocol = UDP },
	{ .what = "one VLAN tag", .protocol = TCP, .tags = 1 },
	{ .what = "hop-by-hop options", .protocol = TCP, .extensions = hop_by_hop,
	  .size = sizeof(hop_by_hop), .first = 0 },
	{ .what = "an authentication header", .protocol = TCP, .extensions = authentication,
	  .size = sizeof(authentication), .first = 51 },
	{ .what = "a home address", .protocol = TCP, .extensions = home_address,
	  .size = sizeof(home_address), .first = 60, .source = "2001:db8::9" },
	{ .what = "a routing header of type 2", .protocol = TCP, .extensions = routing,
	  .size = sizeof(routing), .first = 43, .destination = "2001:db8::9" },
	{ 0 }
};

static const struct shape without_ports6[] = {
	{ .what = "IPv6 fragment", .protocol = TCP, .extensions = fragment_header,
	  .size = sizeof(fragment_header), .first = 44 },
	{ .what = "IPv6 in IPv6", .protocol = 41 },
	{ 0 }
};

static void test_shapes(struct policy *policy, const struct flow *flow,
			const struct shape *shapes, __u32 hash)
{
	struct frame frame;

	for (size_t i = 0; shapes[i].what; i++) {
		build(&frame, flow, &shapes[i]);
		ok(run(policy, &frame) == (int)(hash % 128), "R4 rss: %s: hash %08x",
		   shapes[i].what, hash);
	}
}

static void test_rss(void)
{
	struct policy policy = { 0 };
	__u32 none = POLICY_NO_CPU, beyond = POLICY_CPUS, entry = flow4.with_ports % 128;
	struct frame frame;

	if (!ok(load_by_table(&policy, "rss"), "rss is loaded"))
		return;
	test_shapes(&policy, &flow4, with_ports4, flow4.with_ports);
	test_shapes(&policy, &flow4, without_ports4, flow4.addresses);
	test_shapes(&policy, &flow6, with_ports6, flow6.with_ports);
	test_shapes(&policy, &flow6, without_ports6, flow6.addresses);

	build(&frame, &flow4, &(struct shape){ .protocol = TCP, .tags = 3 });
	ok(run(&policy, &frame) == -POLICY_UNPARSED, "R3 three VLAN tags: for no CPU");
	build(&frame, &flow4, &with_ports4[0]);
	frame.length = 14 + 19;
	ok(run(&policy, &frame) == -POLICY_UNPARSED, "R3 half an IPv4 header: for no CPU");
	frame.length = 14 + 20 + 19;
	ok(run(&policy, &frame) == (int)(flow4.addresses % 128), "half a TCP header: by addresses");
	frame.length = 14 + 20 + 20;
	policy_set(&policy, "table", entry, &none);
	ok(run(&policy, &frame) == -POLICY_UNMAPPED, "R3 no CPU in the table: for no CPU");
	policy_set(&policy, "table", entry, &beyond);
	ok(run(&policy, &frame) == -POLICY_UNMAPPED, "R3 a CPU beyond the maps: for no CPU");
	bpf_object__close(policy.object);
}

static void test_symmetric(void)
{
	struct shape there = { .protocol = TCP }, back = { .protocol = TCP, .reversed = true };
	const struct flow *flows[] = { &flow4, &flow6 };
	int cpu[2][2], other;
	struct policy policy = { 0 };
	struct frame frame;

	if (!ok(load_by_table(&policy, "rss-sym"), "rss-sym is loaded"))
		return;
	for (int i = 0; i < 2; i++) {
		struct flow mixed = *flows[i];

		build(&frame, flows[i], &there);
		cpu[i][0] = run(&policy, &frame);
		build(&frame, flows[i], &back);
		cpu[i][1] = run(&policy, &frame);
		ok(cpu[i][0] >= 0 && cpu[i][0] == cpu[i][1], "both directions go to CPU %d",
		   cpu[i][0]);
		mixed.port[0] = flows[i]->port[1];
		mixed.port[1] = flows[i]->port[0];
		build(&frame, &mixed, &there);
		other = run(&policy, &frame);
		ok(other >= 0 && other != cpu[i][0], "the same ports, exchanged, to CPU %d", other);
	}
	bpf_object__close(policy.object);
}

/* Where a flow with this source port goes; the ports of a few flows are in different buckets. */
static int go(struct policy *policy, __u16 port)
{
	struct flow flow = flow4;
	struct frame frame;

	flow.port[0] = port;
	build(&frame, &flow, &(struct shape){ .protocol = TCP });
	return run(policy, &frame);
}

static void set_backlogs(const struct policy *policy, __u32 a, __u32 b, __u32 c, __u32 d)
{
	policy_set(policy, "backlogs", 0, &a);
	policy_set(policy, "backlogs", 1, &b);
	policy_set(policy, "backlogs", 2, &c);
	policy_set(policy, "backlogs", 3, &d);
}

#define HOUR_NS		3600000000000ULL

/* Have all flows been silent for two hours, though this machine runs for some seconds. */
static void age_buckets(const struct policy *policy)
{
	int map = policy_map(policy, "buckets");
	struct policy_bucket bucket;

	for (__u32 i = 0; i < POLICY_BUCKETS; i++)
		if (!bpf_map_lookup_elem(map, &i, &bucket) && bucket.seen_ns) {
			bucket.seen_ns -= 2 * HOUR_NS;
			bpf_map_update_elem(map, &i, &bucket, BPF_ANY);
		}
}

static void test_least_loaded(void)
{
	struct policy_cpus all = { .count = 4, .cpu = { 0, 1, 2, 3 } };
	struct policy_cpus one = { .count = 1, .cpu = { 3 } };
	struct policy_cpus none = { .count = 0 }, many = { .count = POLICY_CPUS + 1 };
	static const struct policy_bucket forgotten;
	__u64 idle_ns = HOUR_NS;
	bool used[4] = { false };
	struct policy policy = { 0 };

	if (!ok(policy_open(&policy, "least-loaded", "policy-faked") &&
		policy_constant(&policy, "idle_ns", &idle_ns, sizeof(idle_ns)) &&
		policy_load(&policy) && policy_set_key(&policy, model_suite_key),
		"least-loaded is loaded"))
		return;

	ok(go(&policy, 1) == -POLICY_UNMAPPED, "R3 no list of CPUs: for no CPU");
	policy_set(&policy, "cpus", 0, &many);
	ok(go(&policy, 1) == -POLICY_UNMAPPED, "R3 a list that is too long: for no CPU");
	policy_set(&policy, "cpus", 0, &none);
	ok(go(&policy, 1) == -POLICY_UNMAPPED, "R3 an empty list: for no CPU");
	policy_set(&policy, "cpus", 0, &all);
	set_backlogs(&policy, ~0U, ~0U, ~0U, ~0U);
	ok(go(&policy, 1) == -POLICY_UNMAPPED, "R3 no CPU can be used: for no CPU");

	set_backlogs(&policy, 9, 8, 7, 8);
	is(go(&policy, 1), 2, "a new flow's CPU");
	set_backlogs(&policy, 9, 8, 7, 0);
	is(go(&policy, 2), 3, "another new flow's CPU, which now has least waiting,");
	set_backlogs(&policy, 9, 64, 130, ~0U);
	is(go(&policy, 3), 0, "a third one's CPU");
	is(go(&policy, 3), 0, "its CPU a packet later");
	set_backlogs(&policy, 900, 64, 130, ~0U);
	is(go(&policy, 3), 0, "its CPU, though more waits there,");

	set_backlogs(&policy, 9, 8, 7, 6);
	is(go(&policy, 4), 3, "a fourth one's CPU");
	set_backlogs(&policy, 9, 8, 7, ~0U);
	is(go(&policy, 4), 3, "its CPU, which just went offline and refuses it,");
	is(go(&policy, 4), 2, "its next packet's CPU");

	set_backlogs(&policy, 1, 0, 1, 1);
	age_buckets(&policy);
	is(go(&policy, 3), 1, "the third one's CPU, after a silence,");

	set_backlogs(&policy, 0, 0, 0, 0);
	for (__u16 port = 100; port < 200; port++) {
		int cpu = go(&policy, port);

		if (cpu >= 0 && cpu < 4)
			used[cpu] = true;
	}
	ok(used[0] && used[1] && used[2] && used[3], "on an idle machine all CPUs get new flows");

	policy_set(&policy, "cpus", 0, &one);
	for (__u32 i = 0; i < POLICY_BUCKETS; i++)
		policy_set(&policy, "buckets", i, &forgotten);
	is(go(&policy, 3), 3, "a flow's CPU, after another list and forgotten buckets,");
	bpf_object__close(policy.object);
}

/* The policy that steer.bpf.h shows. */
static void test_example(void)
{
	struct policy policy = { 0 };
	struct frame frame;

	build(&frame, &flow4, &with_ports4[0]);
	ok(policy_open(&policy, "parity", "policy-example") && policy_load(&policy),
	   "the example is loaded");
	is(run(&policy, &frame), 0, "the CPU of queue 0");
	bpf_object__close(policy.object);
}

int main(void)
{
	test_rss();
	test_symmetric();
	test_least_loaded();
	test_example();
	return done();
}
