/* SPDX-License-Identifier: GPL-2.0 */
/* What belongs together in a network device: messages, IRQs, NAPI instances, queues and CPUs. */
#ifndef DPCTOOL_WIRING_H
#define DPCTOOL_WIRING_H

#include <stddef.h>
#include <linux/types.h>

#include "device.h"
#include "output.h"
#include "rows.h"

/** enum wire_source - who told something of a wire, in this order in texts */
enum wire_source {
	WIRE_DRIVER,	/* dpcnic, in the IRQ's name: the message */
	WIRE_NAPI_GET,	/* netlink: NAPI instances, queues, threads */
	WIRE_LEARNED,	/* what happened: the NAPI instances that netlink does not tell */
	WIRE_SYSFS,	/* that the IRQ is the device's; the message of other drivers */
	WIRE_PROC,	/* the IRQ's name: the queues, where nobody else told */
	WIRE_SOURCES
};

/**
 * struct wire - an IRQ of a device, and what hangs on it; texts are lists with commas between, NULL
 * if nothing is known
 * @irq: its number
 * @msg: whose it is
 * @actions: names of its actions
 * @queues: that it serves, as in "rx0,tx0"
 * @napis: numbers of the NAPI instances that serve these; without queues: of all it has
 * @threads: processes that poll those, in their order, if they are threaded
 * @affinity: CPUs it may arrive on
 * @effective: those of them it does arrive on
 * @sources: set of who told that, 1 << enum wire_source
 */
struct wire {
	__u32 irq;
	struct value msg;
	char *actions;
	char *queues;
	char *napis;
	char *threads;
	char *affinity;
	char *effective;
	unsigned int sources;
};

/** struct wiring - all wires of a device, by message */
struct wiring {
	struct device device;
	struct wire *wires;
	size_t count;
};

/** wiring_read() - find the wires of @device; it may have none */
void wiring_read(struct wiring *wiring, const struct device *device);

/**
 * wiring_learn() - take over what was learned of @count NAPI instances, where netlink tells
 * nothing; it may know their queues
 */
void wiring_learn(struct wiring *wiring, const struct row_id *ids, __u32 count);

/** wire_free() - free what hangs on @wire */
void wire_free(struct wire *wire);

/** wiring_free() - free what wiring_read() filled in */
void wiring_free(struct wiring *wiring);

/** wire_sources() - the words for @wire's sources; to be freed */
char *wire_sources(const struct wire *wire);

#endif /* DPCTOOL_WIRING_H */
