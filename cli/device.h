/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices, and their IRQs. */
#ifndef DPCTOOL_DEVICE_H
#define DPCTOOL_DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "devices.h"
#include "error.h"
#include "level.h"
#include "output.h"

/* MSI-X ends here. */
#define MESSAGES_MAX		2048

/* Room for a driver's name. */
#define DRIVER_SIZE		32

/**
 * struct device - a network device
 * @name: its name when it was found
 * @ifindex: its interface index
 * @driver: its driver, "" if it has none
 * @level: how it is observed
 * @why: why not at the next higher level; "" at the highest
 * @messages: how many messages to expect of it, or rows (rows.h), if it is not observed at L3
 * @napis: how many of these are there for NAPI instances; the others are IRQs
 * @gone: the user was told that it is gone
 */
struct device {
	char name[IF_NAMESIZE];
	__u32 ifindex;
	char driver[DRIVER_SIZE];
	enum level level;
	char why[120];
	__u32 messages;
	__u32 napis;
	bool gone;
};

/** struct device_list - the devices to observe */
struct device_list {
	struct device devices[OBSERVE_DEVICES];
	size_t count;
};

/**
 * devices_find() - find device @name, or with NULL all dpcnic drives; fails if there is none
 * @what: what is to be done with them, "throttle"
 */
enum exit_code devices_find(struct device_list *list, const char *name, const char *what);

/** device_add() - add device @name to @list; one that is gone is left out */
enum exit_code device_add(struct device_list *list, const char *name);

/** devices_any() - does dpcnic drive a device of this network namespace? */
bool devices_any(void);

/**
 * device_own_name() - the name of the device that goes by @name, which may be an alternative name
 * of it ("ip link property"); @name if there is none; until the next call
 *
 * The kernel takes the one for the other, sysfs and what we pin do not.
 */
const char *device_own_name(const char *name);

/** device_find() - find device @name, whichever driver it has */
enum exit_code device_find(struct device *device, const char *name);

/**
 * device_follow() - take over the name that the device has now; false if it is gone from this
 * network namespace, and then its name remains
 */
bool device_follow(struct device *device);

/** devices_follow() - the same for all; those that are gone are told of on stderr, each once */
void devices_follow(struct device_list *list);

/** device_netns() - inode of the network namespace that devices are looked for in, which is ours */
__u64 device_netns(void);

/** device_driver() - its driver's name, until the next call; NULL if there is no hardware */
const char *device_driver(const char *name);

/** device_queues() - how many queues there are of device @name whose names begin with @prefix */
__u32 device_queues(const char *name, const char *prefix);

/** device_mtu() - the MTU of device @name, 0 if it is gone */
__u32 device_mtu(const char *name);

/** device_is_ours() - does dpcnic drive device @name? */
bool device_is_ours(const char *name);

/**
 * device_list_irqs() - call @found with each IRQ of device @name, as sysfs tells: each of its MSI
 * vectors, or its one line
 */
void device_list_irqs(const char *name, void (*found)(__u32 irq, void *context), void *context);

/**
 * device_visit_irqs() - call @found with each action of each of these; its line it may share
 */
void device_visit_irqs(const char *name,
		       void (*found)(__u32 irq, const char *action, void *context), void *context);

/** device_message() - of which message an IRQ's action is: dpcnic calls it "<anything>-msg<N>" */
bool device_message(const char *action, __u32 *msg);

/** struct irq_map - the IRQ of each message of one device; an unknown value where there is none */
struct irq_map {
	struct value irqs[MESSAGES_MAX];
};

/**
 * irq_map_read() - fill @map with what the kernel says now; a device without IRQs has none known
 */
void irq_map_read(struct irq_map *map, const struct device *device);

#endif /* DPCTOOL_DEVICE_H */
