// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
/*
 * sysfs lists the IRQs of a device, netlink knows of NAPI instances whose interrupts they are, and
 * of the queues these serve. Not all drivers tell the kernel so much: then IRQs that are called
 * after queues tell which, and the rest is unknown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "irq.h"
#include "napi.h"
#include "wiring.h"

/* One more word at the end of a list. */
static void append(char **list, const char *word)
{
	char *longer;

	if (asprintf(&longer, "%s%s%s", *list ? *list : "", *list ? "," : "", word) < 0)
		no_memory();
	free(*list);
	*list = longer;
}

static void append_number(char **list, const char *prefix, __u64 number)
{
	char word[32];

	snprintf(word, sizeof(word), "%s%llu", prefix, number);
	append(list, word);
}

static struct wire *find_wire(const struct wiring *wiring, __u64 irq)
{
	for (size_t i = 0; i < wiring->count; i++)
		if (wiring->wires[i].irq == irq)
			return &wiring->wires[i];
	return NULL;
}

static void add_wire(struct wiring *wiring, __u32 irq, unsigned int sources)
{
	struct wire *wires = reallocarray(wiring->wires, wiring->count + 1, sizeof(*wires));

	if (!wires)
		no_memory();
	wires[wiring->count++] = (struct wire){ .irq = irq, .sources = sources };
	wiring->wires = wires;
}

static void add_listed(__u32 irq, void *context)
{
	add_wire(context, irq, 1 << WIRE_SYSFS);
}

/* IRQs that are not the PCI function's own are known to netlink only. */
static void add_told(struct wiring *wiring, const struct napis *napis)
{
	for (size_t i = 0; i < napis->count; i++) {
		const struct value *irq = &napis->napis[i].irq;

		if (irq->known && !find_wire(wiring, irq->number))
			add_wire(wiring, (__u32)irq->number, 0);
	}
}

/* dpcnic says which message an IRQ is for; of another driver's it is the entry in its MSI table. */
static void name_message(struct wire *wire, bool ours)
{
	char *actions = ours && wire->actions ? strdup(wire->actions) : NULL;
	char *rest = actions, *action;
	__u32 msg;

	while ((action = strsep(&rest, ","))) {
		if (!device_message(action, &msg))
			continue;
		wire->msg = value_number(msg);
		wire->sources |= 1 << WIRE_DRIVER;
	}
	free(actions);
	if (wire->msg.known)
		return;
	wire->msg = irq_vector(wire->irq);
	if (wire->msg.known)
		wire->sources |= 1 << WIRE_SYSFS;
}

static void add_queue(struct wire *wire, enum netdev_queue_type type, __u32 id)
{
	append_number(&wire->queues, type == NETDEV_QUEUE_TYPE_RX ? "rx" : "tx", id);
}

static void add_napi(struct wire *wire, const struct napi *napi)
{
	append_number(&wire->napis, "", napi->id);
	if (napi->thread.known)
		append_number(&wire->threads, "", napi->thread.number);
	wire->sources |= 1 << WIRE_NAPI_GET;
}

static bool is_of(const struct napi *napi, const struct wire *wire)
{
	return napi->irq.known && napi->irq.number == wire->irq;
}

/* Returns whether @napi serves any. */
static bool add_queues_of(struct wire *wire, const struct napis *napis, const struct napi *napi)
{
	bool any = false;

	for (size_t i = 0; i < napis->queue_count; i++) {
		const struct napi_queue *queue = &napis->queues[i];

		if (!queue->napi.known || queue->napi.number != napi->id)
			continue;
		add_queue(wire, queue->type, queue->id);
		any = true;
	}
	return any;
}

static void ask_napis(struct wire *wire, const struct napis *napis)
{
	for (size_t i = 0; i < napis->count; i++)
		if (is_of(&napis->napis[i], wire) &&
		    add_queues_of(wire, napis, &napis->napis[i]))
			add_napi(wire, &napis->napis[i]);
}

/* The name tells one queue of each type at most; netlink may know at least who serves them. */
static void ask_name(struct wire *wire, const struct napis *napis)
{
	static const enum netdev_queue_type types[] = {
		NETDEV_QUEUE_TYPE_RX, NETDEV_QUEUE_TYPE_TX
	};
	const struct napi *napi, *last = NULL;
	__u32 id;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!wire->actions || !irq_queue(wire->actions, types[i], &id))
			continue;
		add_queue(wire, types[i], id);
		wire->sources |= 1 << WIRE_PROC;
		napi = napis_of_queue(napis, types[i], id);
		if (napi && napi != last)
			add_napi(wire, napi);
		last = napi;
	}
}

static void fill_wire(struct wire *wire, const struct napis *napis, bool ours)
{
	wire->actions = irq_actions(wire->irq);
	wire->affinity = irq_affinity(wire->irq);
	wire->effective = irq_effective(wire->irq);
	name_message(wire, ours);
	ask_napis(wire, napis);
	if (!wire->queues)
		ask_name(wire, napis);
	if (wire->napis)
		return;
	for (size_t i = 0; i < napis->count; i++)
		if (is_of(&napis->napis[i], wire))
			add_napi(wire, &napis->napis[i]);
}

/* By message; where none is known, at the end by IRQ. */
static int by_message(const void *one, const void *other)
{
	const struct wire *a = one, *b = other;

	if (a->msg.known != b->msg.known)
		return b->msg.known - a->msg.known;
	if (a->msg.number != b->msg.number)
		return a->msg.number < b->msg.number ? -1 : 1;
	return (a->irq > b->irq) - (a->irq < b->irq);
}

void wiring_read(struct wiring *wiring, const struct device *device)
{
	bool ours = device_is_ours(device->name);
	struct napis napis;

	*wiring = (struct wiring){ .device = *device };
	napis_read(&napis, device);
	device_list_irqs(device->name, add_listed, wiring);
	add_told(wiring, &napis);
	for (size_t i = 0; i < wiring->count; i++)
		fill_wire(&wiring->wires[i], &napis, ours);
	if (wiring->count)
		qsort(wiring->wires, wiring->count, sizeof(*wiring->wires), by_message);
	napis_free(&napis);
}

static void learn_napi(struct wire *wire, __u64 id, const struct napis *napis)
{
	const struct napi *napi = napis_find(napis, id);
	const struct napi untold = { .id = id };
	bool named = wire->queues;

	if (!napi)
		napi = &untold;
	append_number(&wire->napis, "", id);
	if (napi->thread.known)
		append_number(&wire->threads, "", napi->thread.number);
	wire->sources |= 1 << WIRE_LEARNED;
	if (!named && add_queues_of(wire, napis, napi))
		wire->sources |= 1 << WIRE_NAPI_GET;
}

void wiring_learn(struct wiring *wiring, const struct row_id *ids, __u32 count)
{
	const unsigned int told = 1 << WIRE_NAPI_GET | 1 << WIRE_LEARNED;
	struct napis napis;
	struct wire *wire;

	napis_read(&napis, &wiring->device);
	for (__u32 i = 0; i < count; i++) {
		wire = ids[i].napi.known && ids[i].irq.known ?
			find_wire(wiring, ids[i].irq.number) : NULL;
		if (wire && (wire->sources & told) != 1 << WIRE_NAPI_GET)
			learn_napi(wire, ids[i].napi.number, &napis);
	}
	napis_free(&napis);
}

void wire_free(struct wire *wire)
{
	free(wire->actions);
	free(wire->queues);
	free(wire->napis);
	free(wire->threads);
	free(wire->affinity);
	free(wire->effective);
}

void wiring_free(struct wiring *wiring)
{
	for (size_t i = 0; i < wiring->count; i++)
		wire_free(&wiring->wires[i]);
	free(wiring->wires);
}

char *wire_sources(const struct wire *wire)
{
	static const char *const words[WIRE_SOURCES] = {
		[WIRE_DRIVER] = "driver", [WIRE_NAPI_GET] = "napi-get", [WIRE_LEARNED] = "learned",
		[WIRE_SYSFS] = "sysfs", [WIRE_PROC] = "proc",
	};
	char *sources = NULL;

	for (size_t i = 0; i < WIRE_SOURCES; i++)
		if (wire->sources & 1 << i)
			append(&sources, words[i]);
	return sources;
}
