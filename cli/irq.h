/* SPDX-License-Identifier: GPL-2.0 */
/* IRQs, whoever's they are: what the kernel calls them, and on which CPUs they arrive. */
#ifndef DPCTOOL_IRQ_H
#define DPCTOOL_IRQ_H

#include <stdbool.h>
#include <linux/netdev.h>
#include <linux/types.h>

#include "output.h"

/** irq_actions() - names of its actions with commas between; to be freed, NULL if it has none */
char *irq_actions(__u32 irq);

/**
 * irq_queue() - do its @actions say that it is for a queue of that kind, and which? Many drivers
 * name their IRQs so.
 */
bool irq_queue(const char *actions, enum netdev_queue_type type, __u32 *id);

/** irq_vector() - which of its device's MSI vectors it is; unknown if it is none */
struct value irq_vector(__u32 irq);

/** irq_affinity() - list of the CPUs it may arrive on; to be freed, NULL if that is unknown */
char *irq_affinity(__u32 irq);

/** irq_effective() - those of them it does arrive on; to be freed, NULL if that is unknown */
char *irq_effective(__u32 irq);

/**
 * irq_movable() - can we set its affinity? 0 or -errno: -EACCES, that takes another user; -EPERM,
 * nobody can, as the kernel manages it
 */
int irq_movable(__u32 irq);

/** irq_move() - set its affinity to a list of CPUs; 0 or -errno */
int irq_move(__u32 irq, const char *cpus);

/** irq_balanced() - does irqbalance run, which moves IRQs, too? */
bool irq_balanced(void);

#endif /* DPCTOOL_IRQ_H */
