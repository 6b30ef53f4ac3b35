/* SPDX-License-Identifier: GPL-2.0 */
/* The network devices to observe, and the IRQs of their messages. */
#ifndef DPCTOOL_DEVICE_H
#define DPCTOOL_DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "devices.h"
#include "error.h"
#include "output.h"

/* MSI-X ends here. */
#define MESSAGES_MAX		2048

/**
 * struct device - a network device driven by dpcnic
 * @name: its name when it was found
 * @ifindex: its interface index
 * @messages: how many messages to expect of it
 */
struct device {
	char name[IF_NAMESIZE];
	__u32 ifindex;
	__u32 messages;
};

/** struct device_list - the devices to observe */
struct device_list {
	struct device devices[OBSERVE_DEVICES];
	size_t count;
};

/**
 * devices_find() - find device @name, or with NULL all dpcnic drives; fails if there is none
 * @what: what is to be done with them, "observe"
 */
enum exit_code devices_find(struct device_list *list, const char *name, const char *what);

/** devices_any() - does dpcnic drive a device of this network namespace? */
bool devices_any(void);

/**
 * struct irq_map - the IRQ of each message of one device; an unknown value where there is none
 *
 * dpcnic names a message's IRQ action "<anything>-msg<N>".
 */
struct irq_map {
	struct value irqs[MESSAGES_MAX];
};

/**
 * irq_map_read() - fill @map with what the kernel says now; a device without IRQs has none known
 */
void irq_map_read(struct irq_map *map, const struct device *device);

#endif /* DPCTOOL_DEVICE_H */
