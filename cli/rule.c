// SPDX-License-Identifier: GPL-2.0
/* "dpctool rule": the rules of the policy "rules", while it is attached. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "device.h"
#include "listing.h"
#include "policy.h"
#include "policy_abi.h"
#include "xdp_device.h"

enum rule_verb { RULE_ADD, RULE_DELETE, RULE_SHOW };

static const struct verb verbs[] = {
	[RULE_ADD] = { "add", "add a rule, or change what becomes of its packets" },
	[RULE_DELETE] = { "delete", "delete a rule" },
	[RULE_SHOW] = { "show", "all rules, those of a smaller preference first" },
	{ 0 }
};

enum rule_field { RULE_PREFERENCE, RULE_MATCH, RULE_VERDICT, RULE_CPU, RULE_FIELDS };

static const struct field fields[RULE_FIELDS] = {
	[RULE_PREFERENCE] = { "PREFERENCE", "preference", FIELD_NUMBER, FIELD_SHOWN, 0,
		"of several rules that match, the one with the smallest number decides" },
	[RULE_MATCH] = { "MATCH", "match", FIELD_TEXT, FIELD_SHOWN, 0,
		"which packets, in the words that added it" },
	[RULE_VERDICT] = { "VERDICT", "verdict", FIELD_TEXT, FIELD_SHOWN, 0,
		"what becomes of them: drop, pass, steer" },
	[RULE_CPU] = { "CPU", "cpu", FIELD_NUMBER, FIELD_SHOWN, 0, "steer: the CPU" },
};

/* What a rule can be about, and what can be said of a protocol besides. */
static const unsigned int matches = 1 << KEYWORD_SOURCE | 1 << KEYWORD_DESTINATION |
				    1 << KEYWORD_PROTOCOL;
static const unsigned int ports = 1 << KEYWORD_SPORT | 1 << KEYWORD_DPORT;

/**
 * struct match - which packets a rule is about
 * @map: name of the map that has it
 * @net: its key there, if that is rules_net
 * @port: the same, if it is rules_port
 */
struct match {
	const char *map;
	union {
		struct policy_net net;
		struct policy_port port;
	};
};

static const struct {
	const char *name;
	__u8 number;
} protocols[] = {
	{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "icmp", IPPROTO_ICMP },
	{ "icmpv6", IPPROTO_ICMPV6 },
};

static enum exit_code check(const struct request *request)
{
	unsigned int given = request->given, verdict = 1 << KEYWORD_VERDICT;
	unsigned int match = given & matches;

	if (request->verb == RULE_SHOW && given & ~(1U << KEYWORD_DEV))
		return misused(request, "takes no rule", NULL);
	if (request->verb == RULE_SHOW)
		return DPCTOOL_OK;
	if (!match || match & (match - 1))
		return misused(request, "one of source, destination and protocol", NULL);
	if (given & ports && !(given & 1 << KEYWORD_PROTOCOL))
		return misused(request, "a port goes with a protocol", NULL);
	if ((given & ports) == ports)
		return misused(request, "one port at a time", NULL);
	if (request->verb == RULE_ADD && !(given & verdict))
		return misgiven(request, "add", "missing parameter", verdict);
	if (request->verb == RULE_DELETE && given & (verdict | 1 << KEYWORD_PREFERENCE))
		return misused(request, "takes no verdict, no preference", NULL);
	if (request->preference > ~0U)
		return misused(request, "preference: too large", NULL);
	return DPCTOOL_OK;
}

/* "192.0.2.0/24", "2001:db8::1"; bits of the address that are not the network's must be 0. */
static bool parse_net(const char *text, struct policy_net *net)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchrnul(text, '/');
	__u64 prefix, all;

	if ((size_t)(slash - text) >= sizeof(address))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	net->family = strchr(address, ':') ? 6 : 4;
	all = net->family == 6 ? 128 : 32;
	if (inet_pton(net->family == 6 ? AF_INET6 : AF_INET, address, net->address) != 1)
		return false;
	prefix = all;
	if (*slash && strcmp(slash, "/0") && !parse_number(slash + 1, all, &prefix))
		return false;
	if (!strcmp(slash, "/0"))
		prefix = 0;
	for (__u64 bit = prefix; bit < all; bit++)
		if (net->address[bit / 8] & 0x80 >> bit % 8)
			return false;
	net->prefix = (__u32)prefix + POLICY_NET_BITS;
	return true;
}

static enum exit_code net_of(const struct request *request, struct match *match)
{
	bool source = request->given & 1 << KEYWORD_SOURCE;
	const char *text = source ? request->source : request->destination;

	match->map = "rules_net";
	match->net.side = source ? POLICY_SOURCE : POLICY_DESTINATION;
	if (parse_net(text, &match->net))
		return DPCTOOL_OK;
	return misused(request, "not a network, or with bits set beyond its prefix:", text);
}

static enum exit_code port_of(const struct request *request, struct match *match)
{
	bool source = request->given & 1 << KEYWORD_SPORT;
	__u64 port = source ? request->sport : request->dport, number = 0;

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (!strcmp(request->protocol, protocols[i].name))
			number = protocols[i].number;
	if (!number && !parse_number(request->protocol, 255, &number))
		return misused(request, "unknown protocol:", request->protocol);
	if (port > 65535)
		return misused(request, "port: too large", NULL);
	if (port && number != IPPROTO_TCP && number != IPPROTO_UDP)
		return misused(request, "only tcp and udp have ports", NULL);
	match->map = "rules_port";
	match->port.protocol = (__u8)number;
	match->port.side = !port ? POLICY_NEITHER : source ? POLICY_SOURCE : POLICY_DESTINATION;
	match->port.port = htons((__u16)port);
	return DPCTOOL_OK;
}

static enum exit_code match_of(const struct request *request, struct match *match)
{
	memset(match, 0, sizeof(*match));
	if (request->given & 1 << KEYWORD_PROTOCOL)
		return port_of(request, match);
	return net_of(request, match);
}

static enum exit_code rule_of(const struct request *request, struct policy_rule *rule)
{
	struct number_list cpu;

	*rule = (struct policy_rule){ .preference = (__u32)request->preference };
	if (!strcmp(request->verdict, "drop")) {
		rule->verdict = POLICY_DROP;
		return DPCTOOL_OK;
	}
	if (!strcmp(request->verdict, "pass")) {
		rule->verdict = POLICY_PASS;
		return DPCTOOL_OK;
	}
	if (!parse_list(request->verdict, &cpu) || cpu.count != 1 ||
	    cpu.numbers[0] >= (__u32)libbpf_num_possible_cpus())
		return misused(request, "verdict: neither drop nor pass nor a CPU there is:",
			       request->verdict);
	rule->verdict = POLICY_STEER;
	rule->cpu = cpu.numbers[0];
	return DPCTOOL_OK;
}

static enum exit_code no_rules(const struct request *request, const struct pin *pin, int error)
{
	if (error == -EPERM)
		return xdp_program_closed(request->device);
	return fail(DPCTOOL_NOT_FOUND, "dpctool policy attach dev IF rules",
		    "%s: its policy is %s, which has no rules", request->device,
		    pin->about.policy);
}

/* Open a map of the attached policy; a negative errno if it is not the policy "rules". */
static int open_map(const struct pin *pin, const char *name)
{
	return strcmp(pin->about.policy, "rules") ? -ENOENT : xdp_program_map(pin->about.id, name);
}

static enum exit_code change(const struct request *request, const struct pin *pin,
			     const struct match *match, const struct policy_rule *rule)
{
	int fd, error;

	/* steering needs the driver; other verdicts are the program's alone */
	if (rule->verdict == POLICY_STEER &&
	    (!device_is_ours(request->device) || pin->about.mode != XDP_NATIVE))
		return fail(DPCTOOL_REFUSED, "verdict drop or pass, or the policy cpumap",
			    "%s: steering needs dpcnic, and the policy in native mode",
			    request->device);
	fd = open_map(pin, match->map);
	if (fd < 0)
		return no_rules(request, pin, fd);
	/* both keys begin where the union does */
	if (request->verb == RULE_ADD)
		error = bpf_map_update_elem(fd, &match->net, rule, BPF_ANY) ? errno : 0;
	else
		error = bpf_map_delete_elem(fd, &match->net) ? errno : 0;
	close(fd);
	if (error == ENOENT)
		return fail(DPCTOOL_NOT_FOUND, "dpctool rule show", "%s: has no such rule",
			    request->device);
	if (error)
		return fail(DPCTOOL_REFUSED, error == ENOSPC ? "fewer rules" : "as root",
			    "%s: cannot %s the rule: %s", request->device,
			    verbs[request->verb].name, strerror(error));
	return output_end(false, 0);
}

/**
 * struct entry - a rule, for show
 * @match: which packets
 * @rule: what becomes of them
 */
struct entry {
	struct match match;
	struct policy_rule rule;
};

/** struct entries - all of them */
struct entries {
	struct entry *entries;
	size_t count;
};

static void add_entry(struct entries *entries, const struct entry *entry)
{
	struct entry *more = realloc(entries->entries,
				     (entries->count + 1) * sizeof(*entries->entries));

	if (!more)
		return;
	more[entries->count++] = *entry;
	entries->entries = more;
}

/* 0 or a negative errno. Rules that come and go meanwhile may be missing, or be there twice. */
static int read_map(struct entries *entries, const struct pin *pin, const char *name)
{
	struct entry entry = { .match.map = name };
	struct match last = { 0 };
	int fd = open_map(pin, name);
	void *previous = NULL;

	if (fd < 0)
		return fd;
	while (!bpf_map_get_next_key(fd, previous, &entry.match.net)) {
		if (!bpf_map_lookup_elem(fd, &entry.match.net, &entry.rule))
			add_entry(entries, &entry);
		last = entry.match;
		previous = &last.net;
	}
	close(fd);
	return 0;
}

static int by_preference(const void *one, const void *other)
{
	__u32 a = ((const struct entry *)one)->rule.preference;
	__u32 b = ((const struct entry *)other)->rule.preference;

	return (a > b) - (a < b);
}

static void format_match(char *text, size_t size, const struct match *match)
{
	const struct policy_net *net = &match->net;
	const struct policy_port *port = &match->port;
	char word[INET6_ADDRSTRLEN] = "";

	if (!strcmp(match->map, "rules_net")) {
		inet_ntop(net->family == 6 ? AF_INET6 : AF_INET, net->address, word, sizeof(word));
		snprintf(text, size, "%s %s/%u",
			 net->side == POLICY_SOURCE ? "source" : "destination", word,
			 net->prefix - POLICY_NET_BITS);
		return;
	}
	snprintf(word, sizeof(word), "%u", port->protocol);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (protocols[i].number == port->protocol)
			snprintf(word, sizeof(word), "%s", protocols[i].name);
	if (port->side == POLICY_NEITHER)
		snprintf(text, size, "protocol %s", word);
	else
		snprintf(text, size, "protocol %s %s %u", word,
			 port->side == POLICY_SOURCE ? "sport" : "dport", ntohs(port->port));
}

static void add_row(struct listing *listing, const struct entry *entry)
{
	static const char *const verdicts[] = { "pass", "drop", "steer" };
	struct value values[RULE_FIELDS] = { 0 };
	__u32 verdict = entry->rule.verdict;
	char text[128];

	format_match(text, sizeof(text), &entry->match);
	values[RULE_PREFERENCE] = value_number(entry->rule.preference);
	values[RULE_MATCH] = value_text(text);
	values[RULE_VERDICT] = value_text(verdicts[verdict <= POLICY_STEER ? verdict : 0]);
	if (verdict == POLICY_STEER)
		values[RULE_CPU] = value_number(entry->rule.cpu);
	listing_add(listing, values);
}

static enum exit_code show(const struct request *request, const struct pin *pin)
{
	struct entries entries = { 0 };
	struct listing listing;
	enum exit_code code;
	int error;

	error = read_map(&entries, pin, "rules_net");
	if (!error)
		error = read_map(&entries, pin, "rules_port");
	if (error)
		return no_rules(request, pin, error);
	code = listing_start(&listing, request, fields, RULE_FIELDS);
	if (!code) {
		if (entries.count)
			qsort(entries.entries, entries.count, sizeof(*entries.entries),
			      by_preference);
		for (size_t i = 0; i < entries.count; i++)
			add_row(&listing, &entries.entries[i]);
		code = listing_end(&listing, request, json_pack("{s:s}", "dev", request->device));
	}
	free(entries.entries);
	return code;
}

static enum exit_code run(const struct request *request)
{
	struct policy_rule rule = { 0 };
	struct match match;
	struct device device;
	enum exit_code code;
	struct pin pin;

	code = check(request);
	if (!code && request->verb != RULE_SHOW)
		code = match_of(request, &match);
	if (!code && request->verb == RULE_ADD)
		code = rule_of(request, &rule);
	if (!code)
		code = device_find(&device, request->device);
	if (!code)
		code = policy_attached(&pin, request->device);
	if (code)
		return code;
	return request->verb == RULE_SHOW ? show(request, &pin) :
					     change(request, &pin, &match, &rule);
}

static const char *const text[] = {
	"The policy \"rules\" has none when it is attached. Rules come and go while it is at work; each "
	"packet sees the rules as they are before or after.",
	"A rule is about one thing: a network, a protocol, or a port. Of all networks that a packet's "
	"source is in only the longest prefix counts; the same goes for its destination. What no rule "
	"matches passes: this steers, it is no firewall.",
	NULL
};

const struct command rule_command = {
	.name = "rule",
	.help = "the rules of the policy \"rules\"",
	.text = text,
	.verbs = verbs,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_SOURCE | 1 << KEYWORD_DESTINATION |
		    1 << KEYWORD_PROTOCOL | 1 << KEYWORD_SPORT | 1 << KEYWORD_DPORT |
		    1 << KEYWORD_VERDICT | 1 << KEYWORD_PREFERENCE,
	.names_device = ~0U,
	.fields = fields,
	.field_count = RULE_FIELDS,
	.has_columns = true,
	.run = run,
};
