// SPDX-License-Identifier: GPL-2.0
/* "dpctool map": which message, IRQ, NAPI instance, queue and CPU belong together. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "cpus.h"
#include "irq.h"
#include "learn.h"
#include "listing.h"
#include "wiring.h"

enum map_verb { MAP_SHOW, MAP_SET };

static const struct verb verbs[] = {
	[MAP_SHOW] = { "show", "a row per IRQ of the device, or of all devices that have IRQs; "
		"with an interval it learns meanwhile what netlink does not tell" },
	[MAP_SET] = { "set", "let messages arrive on other CPUs (cpus LIST): the first of them on "
		"the first CPU, the next on the next, and so on in turn; those that serve queues, "
		"or those of msg LIST" },
	{ 0 }
};

enum map_field {
	MAP_DEV, MAP_MSG, MAP_IRQ, MAP_NAME, MAP_NAPI, MAP_QUEUES, MAP_AFFINITY, MAP_EFFECTIVE,
	MAP_THREAD, MAP_SOURCE,
	MAP_FIELDS
};

static const struct field fields[MAP_FIELDS] = {
	[MAP_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_SHOWN, 0, "the network device" },
	[MAP_MSG] = { "MSG", "msg", FIELD_NUMBER, FIELD_SHOWN, 0,
		"its message: as dpcnic says, or else the entry of its MSI table" },
	[MAP_IRQ] = { "IRQ", "irq", FIELD_NUMBER, FIELD_SHOWN, 0, "the kernel's number of it" },
	[MAP_NAME] = { "NAME", "name", FIELD_WORDS, FIELD_SHOWN, 0,
		"what /proc/interrupts calls it, a word for each who shares it; - if nobody wants "
		"it, as is usual while the device is down" },
	[MAP_NAPI] = { "NAPI", "napi", FIELD_NUMBERS, FIELD_SHOWN, 0,
		"the kernel's numbers of the NAPI instances that serve its queues; without queues, "
		"of all that it starts" },
	[MAP_QUEUES] = { "QUEUES", "queues", FIELD_WORDS, FIELD_SHOWN, 0,
		"queues that are served when it arrives" },
	[MAP_AFFINITY] = { "AFFINITY", "affinity", FIELD_TEXT, FIELD_SHOWN, 0,
		"CPUs it may arrive on, /proc/irq/*/smp_affinity_list" },
	[MAP_EFFECTIVE] = { "EFFECTIVE", "effective", FIELD_TEXT, FIELD_SHOWN, 0,
		"where it does arrive, /proc/irq/*/effective_affinity_list; after a change that is "
		"often where it was until it arrives again" },
	[MAP_THREAD] = { "THREAD", "thread", FIELD_NUMBERS, FIELD_SHOWN, 0,
		"processes of those NAPI instances; - if they run in softirqs, not threaded" },
	[MAP_SOURCE] = { "SOURCE", "source", FIELD_WORDS, FIELD_SHOWN, 0,
		"who told this: driver, the message; napi-get (netlink), NAPI instances, queues, "
		"threads; learned, NAPI instances that were seen to be scheduled when it arrived; "
		"sysfs, that the IRQ is the device's, and others' messages; proc, queues that the "
		"IRQ's name is taken for, as netlink knows none" },
};

/** struct map - the wiring of one or all devices that have IRQs */
struct map {
	struct wiring *wirings;
	size_t count;
};

static enum exit_code check(const struct request *request)
{
	unsigned int cpus = 1 << KEYWORD_CPUS, interval = 1 << KEYWORD_INTERVAL;
	unsigned int other = request->given & (request->verb == MAP_SET ? interval : cpus);
	const char *name = verbs[request->verb].name;

	if (other)
		return misgiven(request, name, "takes no such parameter", other);
	if (request->verb == MAP_SET && !(request->given & cpus))
		return misgiven(request, name, "missing parameter", cpus);
	return DPCTOOL_OK;
}

/* A device without IRQs is left out. */
static void add_device(struct map *map, const struct device *device)
{
	struct wiring *wirings = reallocarray(map->wirings, map->count + 1, sizeof(*wirings));

	if (!wirings)
		no_memory();
	map->wirings = wirings;
	wiring_read(&wirings[map->count], device);
	map->count += wirings[map->count].count != 0;
}

static void add_all(struct map *map)
{
	struct if_nameindex *interfaces = if_nameindex();
	struct device device;

	for (struct if_nameindex *i = interfaces; i && i->if_name; i++) {
		device = (struct device){ .ifindex = i->if_index };
		snprintf(device.name, sizeof(device.name), "%s", i->if_name);
		add_device(map, &device);
	}
	if (interfaces)
		if_freenameindex(interfaces);
}

static enum exit_code no_irqs(const char *name)
{
	const char *driver = name ? device_driver(name) : NULL;

	if (!name)
		return fail(DPCTOOL_NOT_FOUND, "lspci, to see what hardware there is",
			    "all: no device of this network namespace has IRQs");
	if (driver)
		return fail(DPCTOOL_NOT_FOUND, "cat /proc/interrupts, to look for it",
			    "%s: no IRQs: neither sysfs nor netlink knows which its driver, %s, has",
			    name, driver);
	return fail(DPCTOOL_NOT_FOUND, "dpctool map show, for all devices that have IRQs",
		    "%s: no IRQs: it is part of the kernel's network stack, no hardware", name);
}

static enum exit_code read_map(struct map *map, const struct request *request)
{
	struct device device;
	enum exit_code code;

	*map = (struct map){ 0 };
	if (request->device) {
		code = device_find(&device, request->device);
		if (code)
			return code;
		add_device(map, &device);
	} else {
		add_all(map);
	}
	return map->count ? DPCTOOL_OK : no_irqs(request->device);
}

static void free_map(struct map *map)
{
	for (size_t i = 0; i < map->count; i++)
		wiring_free(&map->wirings[i]);
	free(map->wirings);
}

static bool has_message(const struct wiring *wiring, __u32 msg)
{
	for (size_t i = 0; i < wiring->count; i++)
		if (wiring->wires[i].msg.known && wiring->wires[i].msg.number == msg)
			return true;
	return false;
}

/* All messages that were asked for are there. "all" has the last id, too. */
static enum exit_code check_messages(const struct request *request, const struct wiring *wiring)
{
	if (!request->device || id_set_has(&request->msgs, TIMELINE_IDS - 1))
		return DPCTOOL_OK;
	for (__u32 msg = 0; msg < TIMELINE_IDS; msg++)
		if (id_set_has(&request->msgs, msg) && !has_message(wiring, msg))
			return fail(DPCTOOL_USAGE, "dpctool map show, to see the messages",
				    "map: %s: %s has no message %u", verbs[request->verb].name,
				    request->device, msg);
	return DPCTOOL_OK;
}

static bool is_asked_for(const struct request *request, const struct wire *wire)
{
	if (!(request->given & 1 << KEYWORD_MSG))
		return true;
	return wire->msg.known && id_set_has(&request->msgs, (__u32)wire->msg.number);
}

static void add_row(struct listing *listing, const struct wiring *wiring, const struct wire *wire)
{
	char *sources = wire_sources(wire);
	struct value values[MAP_FIELDS] = {
		[MAP_DEV] = value_text(wiring->device.name),
		[MAP_MSG] = wire->msg,
		[MAP_IRQ] = value_number(wire->irq),
		[MAP_NAME] = value_maybe(wire->actions),
		[MAP_NAPI] = value_maybe(wire->napis),
		[MAP_QUEUES] = value_maybe(wire->queues),
		[MAP_AFFINITY] = value_maybe(wire->affinity),
		[MAP_EFFECTIVE] = value_maybe(wire->effective),
		[MAP_THREAD] = value_maybe(wire->threads),
		[MAP_SOURCE] = value_maybe(sources),
	};

	listing_add(listing, values);
	free(sources);
}

static enum exit_code print(const struct request *request, const struct map *map, json_t *more)
{
	struct listing listing;
	enum exit_code code;

	code = listing_start(&listing, request, fields, MAP_FIELDS);
	if (code)
		return code;
	for (size_t i = 0; i < map->count; i++) {
		const struct wiring *wiring = &map->wirings[i];

		for (size_t j = 0; j < wiring->count; j++)
			if (request->verb == MAP_SET || is_asked_for(request, &wiring->wires[j]))
				add_row(&listing, wiring, &wiring->wires[j]);
	}
	return listing_end(&listing, request, more);
}

/**
 * struct move - an IRQ that is to arrive elsewhere
 * @wire: the IRQ
 * @cpu: where
 */
struct move {
	const struct wire *wire;
	__u32 cpu;
};

/* A device's only IRQ serves all of its queues. Returns how many moves that makes. */
static size_t plan(struct move *moves, const struct request *request, const struct wiring *wiring)
{
	const struct number_list *cpus = &request->cpu_list;
	bool given = request->given & 1 << KEYWORD_MSG;
	size_t count = 0;

	for (size_t i = 0; i < wiring->count; i++) {
		const struct wire *wire = &wiring->wires[i];

		if (!is_asked_for(request, wire) ||
		    !(given || wire->queues || wiring->count == 1))
			continue;
		moves[count] = (struct move){ wire, cpus->numbers[count % cpus->count] };
		count++;
	}
	return count;
}

/* @state says what became of the other IRQs. */
static enum exit_code no_move(const struct request *request, const struct move *move, int error,
			      const char *state)
{
	const char *try = "dmesg, where the kernel may say why";
	char hint[256];

	if (error == EACCES)
		return fail(DPCTOOL_UNABLE, "as root",
			    "%s: no permission to set where IRQ %u arrives; %s", request->device,
			    move->wire->irq, state);
	if (error == EPERM || error == EIO)
		try = "msg LIST without it, as the kernel manages it and lets nobody set that";
	if (error == ENOSPC)
		try = "another CPU, as this one may have no vector left";
	snprintf(hint, sizeof(hint), "%s%s", try,
		 irq_balanced() ? "; systemctl stop irqbalance, as it runs and moves IRQs, too" :
				  "");
	return fail(DPCTOOL_REFUSED, hint, "%s: IRQ %u cannot be set to arrive on CPU %u: %s; %s",
		    request->device, move->wire->irq, move->cpu, strerror(error), state);
}

/* Writes the IRQs that could not be put back to @state, if there are any. */
static void put_back(const struct move *moves, size_t count, char *state, size_t size)
{
	size_t length = (size_t)snprintf(state, size, "nothing was changed");

	while (count--) {
		const struct wire *wire = moves[count].wire;

		if (irq_move(wire->irq, wire->affinity) && length < size)
			length += (size_t)snprintf(state + length, size - length,
						   ", but IRQ %u, which was on %s and could not be "
						   "put back", wire->irq, wire->affinity);
	}
}

static enum exit_code apply(const struct request *request, const struct move *moves, size_t count)
{
	char state[512] = "nothing was changed", cpu[16];
	int error;

	for (size_t i = 0; i < count; i++) {
		/* without knowing where it was it could not be put back */
		error = moves[i].wire->affinity ? irq_movable(moves[i].wire->irq) : -ENOENT;
		if (error)
			return no_move(request, &moves[i], -error, state);
	}
	for (size_t i = 0; i < count; i++) {
		snprintf(cpu, sizeof(cpu), "%u", moves[i].cpu);
		error = irq_move(moves[i].wire->irq, cpu);
		if (!error)
			continue;
		put_back(moves, i, state, sizeof(state));
		return no_move(request, &moves[i], -error, state);
	}
	return DPCTOOL_OK;
}

static enum exit_code move(const struct request *request, const struct wiring *wiring)
{
	struct move *moves = calloc(wiring->count, sizeof(*moves));
	enum exit_code code;
	size_t count;

	if (!moves)
		no_memory();
	count = plan(moves, request, wiring);
	if (count)
		code = apply(request, moves, count);
	else
		code = fail(DPCTOOL_NOT_FOUND, "ip link set IF up, if it is down, or msg LIST",
			    "%s: which of its IRQs serve queues is not known", request->device);
	free(moves);
	return code;
}

/* Tell what is so now, with what may not let it last. */
static enum exit_code tell(const struct request *request, const struct map *map)
{
	bool balanced = irq_balanced();
	enum exit_code code = print(request, map, json_pack("{s:b}", "irqbalance", balanced));

	if (code || !balanced || request->format != OUTPUT_TEXT)
		return code;
	puts("-- irqbalance runs and may move them again: systemctl stop irqbalance");
	return output_end(false, 0);
}

static enum exit_code change(const struct request *request, struct map *map)
{
	enum exit_code code;

	code = cpus_check(&request->cpu_list, "map: set");
	if (!code)
		code = move(request, &map->wirings[0]);
	if (code)
		return code;
	free_map(map);
	code = read_map(map, request);
	return code ? code : tell(request, map);
}

static enum exit_code show(const struct request *request, struct map *map)
{
	enum exit_code code = DPCTOOL_OK;

	if (request->given & 1 << KEYWORD_INTERVAL)
		code = learn_wirings(map->wirings, map->count, request->interval_ns);
	return code ? code : print(request, map, NULL);
}

static enum exit_code run(const struct request *request)
{
	enum exit_code code;
	struct map map;

	code = check(request);
	if (code)
		return code;
	code = read_map(&map, request);
	if (!code)
		code = check_messages(request, &map.wirings[0]);
	if (!code && request->verb == MAP_SET)
		code = change(request, &map);
	else if (!code)
		code = show(request, &map);
	free_map(&map);
	return code;
}

static const char *const text[] = {
	"A device's interrupt (the message, in NDIS's words) is an IRQ of the kernel; that starts NAPI "
	"instances, which serve queues, on the CPU where it arrives. The device may be any driver's. "
	"What neither kernel nor driver tells is shown as -.",
	"Many drivers do not tell netlink whose interrupts start which NAPI instance. show interval 10s "
	"observes for so long whose handlers schedule them: what has no traffic meanwhile, and what "
	"several IRQs start, stays unknown. That takes a privilege, as \"dpctool show\" does.",
	"set writes /proc/irq/*/smp_affinity_list, after it has made sure that all CPUs are online "
	"and all IRQs can be set. If one is refused all the same, those before it are put back. Then "
	"it prints what show prints; JSON also has \"irqbalance\": is there one that moves IRQs, too?",
	"dpcnic has a NAPI instance of a message for each CPU. The one that netlink names for a queue "
	"is that of the CPU where the message arrived last, as the driver looked a second ago.",
	"A device that has one IRQ, as with one MSI or INTx, needs no msg LIST. set gives each IRQ one "
	"CPU; to give it several, write the file.",
	NULL
};

const struct command map_command = {
	.name = "map",
	.help = "which message, IRQ, NAPI, queue and CPU belong together, and where IRQs arrive",
	.text = text,
	.verbs = verbs,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_MSG | 1 << KEYWORD_CPUS |
		    1 << KEYWORD_INTERVAL,
	.names_device = 1 << MAP_SET,
	.fields = fields,
	.field_count = MAP_FIELDS,
	.has_columns = true,
	.run = run,
};
