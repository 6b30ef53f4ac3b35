// SPDX-License-Identifier: GPL-2.0
/* "dpctool rss": how a device spreads packets over its queues. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "device.h"
#include "hashing.h"
#include "queues.h"
#include "watch.h"

enum rss_verb { RSS_SHOW, RSS_SET, RSS_EQUAL, RSS_WEIGHT };

static const struct verb verbs[] = {
	[RSS_SHOW] = { "show", "hash, key and table; who serves each queue, and its share of the "
		"packets" },
	[RSS_SET] = { "set", "another table, another key, or both at once (table LIST, key HEX)" },
	[RSS_EQUAL] = { "equal", "the first queues get the same (queues N)" },
	[RSS_WEIGHT] = { "weight", "queues get as much as they weigh (weights LIST)" },
	{ 0 }
};

/* What each of them needs, one of these. */
static const unsigned int needs[] = {
	[RSS_SET] = 1 << KEYWORD_TABLE | 1 << KEYWORD_KEY,
	[RSS_EQUAL] = 1 << KEYWORD_QUEUES,
	[RSS_WEIGHT] = 1 << KEYWORD_WEIGHTS,
};

enum rss_field {
	RSS_DEV, RSS_QUEUE, RSS_MSG, RSS_IRQ, RSS_NAPI, RSS_CPU, RSS_ENTRIES, RSS_ENTRIES_PPM,
	RSS_PACKETS, RSS_PACKETS_PPM,
	RSS_FIELDS
};

static const struct field fields[RSS_FIELDS] = {
	[RSS_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_EXTRA, 0, "the network device" },
	[RSS_QUEUE] = { "QUEUE", "queue", FIELD_NUMBER, FIELD_SHOWN, 0, "the receive queue" },
	[RSS_MSG] = { "MSG", "msg", FIELD_NUMBER, FIELD_SHOWN, 0,
		"its message; - if dpcnic does not drive the device, or it is down" },
	[RSS_IRQ] = { "IRQ", "irq", FIELD_NUMBER, FIELD_SHOWN, 0,
		"its IRQ, as the kernel tells, or else as the IRQ's name tells" },
	[RSS_NAPI] = { "NAPI", "napi", FIELD_NUMBER, FIELD_EXTRA, 0,
		"the kernel's number of the NAPI instance that serves it" },
	[RSS_CPU] = { "CPU", "cpu", FIELD_NUMBER, FIELD_SHOWN, 0,
		"where its IRQ arrives, so where it is served; - for queues that share a message "
		"of dpcnic, or its only one, as their DPCs run on CPUs of their own" },
	[RSS_ENTRIES] = { "ENTRIES", "entries", FIELD_NUMBER, FIELD_SHOWN, 0,
		"how many entries of the indirection table name it" },
	[RSS_ENTRIES_PPM] = { "ENTR%", "entries_ppm", FIELD_PPM, FIELD_SHOWN, 0,
		"the same as a share of the table (JSON: parts per million)" },
	[RSS_PACKETS] = { "PKTS", "packets", FIELD_NUMBER, FIELD_SHOWN, 0,
		"packets it received while observed, or else since its counter began" },
	[RSS_PACKETS_PPM] = { "PKTS%", "packets_ppm", FIELD_PPM, FIELD_SHOWN, 0,
		"the same as a share of all queues' packets (JSON: parts per million)" },
};

/**
 * struct spread - what a device has, and what it was seen to do
 * @device: the device
 * @hashing: its hash, key and table
 * @queues: its queues; their packets are those of the time observed
 * @period_ns: how long that was; unknown: since the counters began
 */
struct spread {
	struct device device;
	struct hashing hashing;
	struct queues queues;
	struct value period_ns;
};

static enum exit_code check(const struct request *request)
{
	unsigned int observing = 1 << KEYWORD_INTERVAL;
	unsigned int may = 1 << KEYWORD_DEV | (request->verb == RSS_SHOW ? observing :
					       needs[request->verb]);
	const char *name = verbs[request->verb].name;

	if (request->given & ~may)
		return misgiven(request, name, "takes no such parameter", request->given & ~may);
	if (request->verb == RSS_SHOW)
		return DPCTOOL_OK;
	if (request->argv)
		return misused(request, "takes no COMMAND after", "--");
	if (!(request->given & needs[request->verb]))
		return misgiven(request, name, request->verb == RSS_SET ?
				"missing parameter, one of" : "missing parameter",
				needs[request->verb]);
	if (request->verb == RSS_WEIGHT && !number_list_sum(&request->weights))
		return misused(request, "no queue weighs anything", NULL);
	return DPCTOOL_OK;
}

static struct value share(struct value part, __u64 whole)
{
	return part.known && whole ?
		value_number((__u64)(1e6 * (double)part.number / (double)whole + 0.5)) :
		(struct value){ 0 };
}

/* The sum over all queues; unknown where a part of it is. */
static struct value all_packets(const struct queues *queues)
{
	struct value sum = value_number(0);

	for (__u32 i = 0; i < queues->count; i++) {
		sum.known &= queues->queues[i].packets.known;
		sum.number += queues->queues[i].packets.number;
	}
	return sum.known && queues->count ? sum : (struct value){ 0 };
}

/* The busiest queue's packets against the mean, in millionths, of those queues the table names. */
static struct value imbalance(const struct spread *spread)
{
	__u64 sum = 0, most = 0, count = 0;

	for (__u32 i = 0; i < spread->queues.count; i++) {
		const struct value *packets = &spread->queues.queues[i].packets;

		if (spread->hashing.table && !hashing_entries(&spread->hashing, i))
			continue;
		if (!packets->known)
			return (struct value){ 0 };
		count++;
		sum += packets->number;
		if (packets->number > most)
			most = packets->number;
	}
	return share(value_number(most * count), sum);
}

static void fill_row(struct value *values, const struct spread *spread, __u32 id)
{
	const struct queue *queue = &spread->queues.queues[id];

	values[RSS_DEV] = value_text(spread->device.name);
	values[RSS_QUEUE] = value_number(id);
	values[RSS_MSG] = queue->msg;
	values[RSS_IRQ] = queue->irq;
	values[RSS_NAPI] = queue->napi;
	values[RSS_CPU] = queue->cpu;
	if (spread->hashing.table) {
		values[RSS_ENTRIES] = value_number(hashing_entries(&spread->hashing, id));
		values[RSS_ENTRIES_PPM] = share(values[RSS_ENTRIES], spread->hashing.table_size);
	}
	values[RSS_PACKETS] = queue->packets;
	values[RSS_PACKETS_PPM] = share(queue->packets, all_packets(&spread->queues).number);
}

/* The key as people write it; OUTPUT_UNKNOWN if the device does not tell. */
static void format_key(char *text, size_t size, const struct hashing *hashing)
{
	size_t length = 0;

	snprintf(text, size, OUTPUT_UNKNOWN);
	for (size_t i = 0; i < hashing->key_size && length + 4 < size; i++)
		length += (size_t)snprintf(text + length, size - length, "%s%02x", i ? ":" : "",
					   hashing->key[i]);
}

static void print_text(const struct spread *spread, const struct columns *columns)
{
	const struct hashing *hashing = &spread->hashing;
	struct value packets = all_packets(&spread->queues), uneven = imbalance(spread);
	struct table *table = table_new(columns);
	struct value values[RSS_FIELDS];
	char text[3 * LIST_MAX];

	format_key(text, sizeof(text), hashing);
	printf("%s: hash %s, key %s\n", spread->device.name,
	       hashing->function ? hashing->function : OUTPUT_UNKNOWN, text);
	for (__u32 i = 0; i < spread->queues.count; i++) {
		memset(values, 0, sizeof(values));
		fill_row(values, spread, i);
		table_add(table, values);
	}
	table_print(table);

	printf("-- ");
	if (packets.known)
		printf("%llu packets ", packets.number);
	else
		printf(OUTPUT_UNKNOWN " packets ");
	if (spread->period_ns.known) {
		format_duration(text, sizeof(text), spread->period_ns.number);
		printf("in %s", text);
	} else {
		printf("since the counters began");
	}
	if (hashing->table)
		printf(", table of %zu entries", hashing->table_size);
	if (uneven.known)
		printf(", imbalance %llu.%02llux", uneven.number / 1000000,
		       uneven.number / 10000 % 100);
	putchar('\n');
}

static json_t *hashing_json(const struct spread *spread)
{
	const struct hashing *hashing = &spread->hashing;
	json_t *key = json_null(), *table = json_null();
	char text[3 * LIST_MAX];

	if (hashing->key_size) {
		format_key(text, sizeof(text), hashing);
		key = json_string(text);
	}
	if (hashing->table) {
		table = json_array();
		for (size_t i = 0; i < hashing->table_size; i++)
			json_array_append_new(table, json_integer(hashing->table[i]));
	}
	return json_pack("{s:s?, s:o, s:o}", "function", hashing->function, "key", key, "table",
			 table);
}

static void print_json(const struct request *request, const struct spread *spread,
		       const struct columns *columns, const struct watch *watch)
{
	json_t *document = document_new("rss", NULL, watch->start_realtime_ns);
	struct value values[RSS_FIELDS];
	json_t *rows = json_array();

	for (__u32 i = 0; i < spread->queues.count; i++) {
		memset(values, 0, sizeof(values));
		fill_row(values, spread, i);
		json_array_append_new(rows, row_json(columns, values));
	}
	json_object_set_new(document, "period_ns", number_json(spread->period_ns));
	json_object_set_new(document, "command", watch_command(watch));
	json_object_set_new(document, "hash", hashing_json(spread));
	json_object_set_new(document, "imbalance_ppm", number_json(imbalance(spread)));
	json_object_set_new(document, "rows", rows);
	json_print(document, request->format == OUTPUT_PRETTY);
}

/* Make of what @now counted what was counted since @before. */
static void subtract(struct queues *now, const struct queues *before)
{
	for (__u32 i = 0; i < now->count; i++) {
		struct value *packets = &now->queues[i].packets;
		const struct value *past = &before->queues[i].packets;

		/* a counter that began anew says nothing of the time between */
		if (i >= before->count || !past->known || past->number > packets->number)
			packets->known = false;
		else
			packets->number -= past->number;
	}
}

/* Wait for the end of the time to observe, if there is one, and fill in the queues. */
static enum exit_code observe(struct spread *spread, const struct request *request,
			      struct watch *watch)
{
	bool timed = request->given & 1 << KEYWORD_INTERVAL;
	struct queues before = { 0 };
	enum exit_code code = DPCTOOL_OK;

	if (timed || request->argv)
		code = queues_read(&before, &spread->device);
	if (!code)
		code = watch_start(watch, request->argv);
	if (!code && (timed || request->argv)) {
		watch_wait(watch, request_end_ns(request, watch->start_ns), -1);
		spread->period_ns = value_number(now_ns() - watch->start_ns);
	}
	if (!code)
		code = queues_read(&spread->queues, &spread->device);
	if (!code && before.queues)
		subtract(&spread->queues, &before);
	queues_free(&before);
	return code;
}

static enum exit_code print(const struct request *request, struct spread *spread)
{
	enum exit_code code, ended;
	struct columns columns;
	struct watch watch;

	code = columns_choose(&columns, fields, RSS_FIELDS, request->columns, false,
			      false);
	if (!code)
		code = observe(spread, request, &watch);
	if (code)
		return code;
	if (request->format == OUTPUT_TEXT)
		print_text(spread, &columns);
	else
		print_json(request, spread, &columns, &watch);
	ended = watch_finish(&watch);
	code = output_end(false, 0);
	return code ? code : ended;
}

static enum exit_code no_change(const struct request *request, int error)
{
	const char *dev = request->device;

	switch (error) {
	case EPERM:
		return fail(DPCTOOL_UNABLE, "as root, or give it CAP_NET_ADMIN",
			    "%s: no permission to change how it spreads packets", dev);
	case EOPNOTSUPP:
		return fail(DPCTOOL_REFUSED, "dpctool rss show, to see what it tells",
			    "%s: its driver cannot change that", dev);
	case EINVAL:
		return fail(DPCTOOL_REFUSED, "ethtool -l, to see its channels",
			    "%s: the kernel or the driver does not accept these values", dev);
	default:
		return fail(DPCTOOL_REFUSED, "dmesg, where the driver may say why",
			    "%s: the kernel refused: %s", dev, strerror(error));
	}
}

/* All entries must name a queue there is: of the first @queues. */
static enum exit_code check_queue(const struct request *request, __u32 queue, __u32 queues)
{
	if (queue < queues)
		return DPCTOOL_OK;
	return fail(DPCTOOL_USAGE, "dpctool rss show, to see the queues",
		    "rss: %s: %s has no queue %u, it has %u", verbs[request->verb].name,
		    request->device, queue, queues);
}

static enum exit_code fill_table(const struct request *request, const struct spread *spread,
				 __u32 *table)
{
	const struct number_list *given = &request->table;
	size_t size = spread->hashing.table_size;
	enum exit_code code = DPCTOOL_OK;

	if (size % given->count)
		return fail(DPCTOOL_USAGE, "a list that can be repeated to fill it",
			    "rss: set: %zu entries do not fit the table of %s, which has %zu",
			    given->count, request->device, size);
	for (size_t i = 0; i < size && !code; i++) {
		table[i] = given->numbers[i % given->count];
		code = check_queue(request, table[i], spread->queues.count);
	}
	return code;
}

static enum exit_code fill_equal(const struct request *request, const struct spread *spread,
				 __u32 *table)
{
	size_t size = spread->hashing.table_size;

	if (request->queues > size)
		return fail(DPCTOOL_USAGE, "fewer queues",
			    "rss: equal: %s has a table of %zu entries, not enough for %llu queues",
			    request->device, size, request->queues);
	for (size_t i = 0; i < size; i++)
		table[i] = (__u32)(i % request->queues);
	return check_queue(request, (__u32)request->queues - 1, spread->queues.count);
}

static enum exit_code fill_weight(const struct request *request, const struct spread *spread,
				  __u32 *table)
{
	const struct number_list *weights = &request->weights;
	size_t size = spread->hashing.table_size;
	__u32 starved;

	if (!hashing_weigh(table, size, weights, &starved))
		return fail(DPCTOOL_USAGE, "weights that differ less, or 0 for none",
			    "rss: weight: queue %u would get nothing, its share is less than one of "
			    "%zu entries", starved, size);
	return check_queue(request, (__u32)weights->count - 1, spread->queues.count);
}

static enum exit_code check_key(const struct request *request, const struct hashing *hashing)
{
	if (request->key.count == hashing->key_size)
		return DPCTOOL_OK;
	if (!hashing->key_size)
		return fail(DPCTOOL_REFUSED, "set with a table only",
			    "%s: its driver does not let the key be seen, nor set",
			    request->device);
	return fail(DPCTOOL_USAGE, "dpctool rss show, to see the key it has",
		    "rss: set: the key has %zu bytes, %s takes %zu", request->key.count,
		    request->device, hashing->key_size);
}

static enum exit_code fill(const struct request *request, const struct spread *spread,
			   __u32 *table)
{
	if (!table)
		return DPCTOOL_OK;
	if (request->verb == RSS_EQUAL)
		return fill_equal(request, spread, table);
	if (request->verb == RSS_WEIGHT)
		return fill_weight(request, spread, table);
	return fill_table(request, spread, table);
}

/* Write what differs from what the device has, all at once. */
static enum exit_code apply(const struct request *request, const struct hashing *hashing,
			    const __u32 *table, const __u8 *key, bool *changed)
{
	int error = 0;

	if (table && !memcmp(table, hashing->table, hashing->table_size * sizeof(*table)))
		table = NULL;
	if (key && !memcmp(key, hashing->key, hashing->key_size))
		key = NULL;
	*changed = table || key;
	if (*changed)
		error = hashing_write(request->device, hashing, table, key);
	return error ? no_change(request, -error) : DPCTOOL_OK;
}

/* Tell what the device has now: a sentence, or the same JSON as show. */
static enum exit_code tell(const struct request *request, struct spread *spread, bool changed)
{
	bool table = !(request->given & 1 << KEYWORD_KEY) || request->given & 1 << KEYWORD_TABLE;
	bool key = request->given & 1 << KEYWORD_KEY;

	hashing_free(&spread->hashing);
	queues_free(&spread->queues);
	spread->queues = (struct queues){ 0 };
	if (hashing_read(&spread->hashing, spread->device.ifindex))
		return no_change(request, ENODEV);
	if (request->format != OUTPUT_TEXT)
		return print(request, spread);
	printf("%s: %s%s%s %s\n", request->device, table ? "table" : "",
	       table && key ? " and " : "", key ? "key" : "", changed ? "set" : "unchanged");
	return output_end(false, 0);
}

static enum exit_code change(const struct request *request, struct spread *spread)
{
	bool no_table = request->verb == RSS_SET && !(request->given & 1 << KEYWORD_TABLE);
	const __u8 *key = request->given & 1 << KEYWORD_KEY ? request->key.bytes : NULL;
	__u32 *table = NULL;
	enum exit_code code;
	bool changed;

	if (!spread->hashing.table)
		return fail(DPCTOOL_REFUSED, "dpctool rss show, to see what it tells",
			    "%s: its driver has no table to spread packets by", request->device);
	code = queues_read(&spread->queues, &spread->device);
	if (code)
		return code;
	if (!no_table)
		table = calloc(spread->hashing.table_size, sizeof(*table));
	code = fill(request, spread, table);
	if (!code && key)
		code = check_key(request, &spread->hashing);
	if (!code)
		code = apply(request, &spread->hashing, table, key, &changed);
	free(table);
	return code ? code : tell(request, spread, changed);
}

static enum exit_code run(const struct request *request)
{
	struct spread spread = { 0 };
	enum exit_code code;
	int error;

	code = check(request);
	if (!code)
		code = device_find(&spread.device, request->device);
	if (code)
		return code;
	error = hashing_read(&spread.hashing, spread.device.ifindex);
	if (error && error != -EOPNOTSUPP)
		code = no_change(request, -error);
	else if (request->verb == RSS_SHOW)
		code = print(request, &spread);
	else
		code = change(request, &spread);
	hashing_free(&spread.hashing);
	queues_free(&spread.queues);
	return code;
}

static const char *const text[] = {
	"A device with receive side scaling hashes the addresses and ports of a packet; the hash "
	"chooses an entry of the indirection table, and that names the packet's queue. The device "
	"may be any driver's: what a driver does not tell is shown as -. It must be named.",
	"Nothing is changed unless all of it can be: a table names queues that there are, and a key "
	"is as long as the device's. A change of the number of channels (ethtool -L) may reset the "
	"table. The imbalance is what the busiest of the queues in the table received, against their "
	"mean.",
	"Packets are those of the time observed, interval TIME or the time COMMAND takes; without "
	"either, all since the driver began to count.",
	"set, equal and weight print with -j what show prints.",
	NULL
};

const struct command rss_command = {
	.name = "rss",
	.help = "how a device spreads packets over its queues",
	.text = text,
	.verbs = verbs,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_INTERVAL | 1 << KEYWORD_QUEUES |
		    1 << KEYWORD_WEIGHTS | 1 << KEYWORD_TABLE | 1 << KEYWORD_KEY,
	.names_device = ~0U,
	.takes_command = true,
	.fields = fields,
	.field_count = RSS_FIELDS,
	.has_columns = true,
	.run = run,
};
