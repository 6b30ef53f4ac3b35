// SPDX-License-Identifier: GPL-2.0
/*
 * Most is asked of the netdev family of netlink: queue -> NAPI -> IRQ, and counters. A driver that
 * does not answer there often names its IRQs and its ethtool counters after its queues.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netdev.h>

#include "ethtool.h"
#include "genl.h"
#include "irq.h"
#include "napi.h"
#include "queues.h"
#include "units.h"

/* They may have become more meanwhile. */
static struct queue *queue_of(const struct queues *queues, __u64 id)
{
	return id < queues->count ? &queues->queues[id] : NULL;
}

static void ask_napis(struct queues *queues, const struct device *device)
{
	struct napis napis;

	napis_read(&napis, device);
	for (__u32 i = 0; i < queues->count; i++) {
		const struct napi *napi = napis_of_queue(&napis, NETDEV_QUEUE_TYPE_RX, i);

		if (!napi)
			continue;
		queues->queues[i].napi = value_number(napi->id);
		queues->queues[i].irq = napi->irq;
	}
	napis_free(&napis);
}

static void take_packets(const struct nlmsghdr *answer, void *context)
{
	struct value numbers[NETDEV_A_QSTATS_RX_PACKETS + 1];
	struct queue *queue;

	genl_numbers(answer, numbers, NETDEV_A_QSTATS_RX_PACKETS);
	if (!numbers[NETDEV_A_QSTATS_QUEUE_ID].known ||
	    !numbers[NETDEV_A_QSTATS_QUEUE_TYPE].known ||
	    numbers[NETDEV_A_QSTATS_QUEUE_TYPE].number != NETDEV_QUEUE_TYPE_RX)
		return;
	queue = queue_of(context, numbers[NETDEV_A_QSTATS_QUEUE_ID].number);
	if (queue)
		queue->packets = numbers[NETDEV_A_QSTATS_RX_PACKETS];
}

/* A kernel or driver that refuses leaves what it was asked for unknown. */
static void ask_packets(struct queues *queues, __u32 ifindex)
{
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	struct genl genl;

	if (genl_open(&genl, NETDEV_FAMILY_NAME))
		return;
	question = genl_question(&genl, buffer, NETDEV_CMD_QSTATS_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_QSTATS_IFINDEX, ifindex);
	mnl_attr_put_u32(question, NETDEV_A_QSTATS_SCOPE, NETDEV_QSTATS_SCOPE_QUEUE);
	genl_ask(&genl, question, take_packets, queues);
	genl_close(&genl);
}

static void take_irq_name(__u32 irq, const char *action, void *context)
{
	struct queue *queue = NULL;
	__u32 id;

	if (irq_queue(action, NETDEV_QUEUE_TYPE_RX, &id))
		queue = queue_of(context, id);
	if (queue && !queue->irq.known)
		queue->irq = value_number(irq);
}

static void take_counter(const char *name, __u64 number, void *context)
{
	static const char *const formats[] = {
		"rx_queue_%u_packets%n", "rx%u_packets%n", "rx-%u.packets%n", NULL
	};
	struct queue *queue = NULL;
	__u32 id;

	if (parse_name(name, formats, &id))
		queue = queue_of(context, id);
	if (queue && !queue->packets.known)
		queue->packets = value_number(number);
}

static struct value cpu_of_irq(__u32 irq)
{
	char *line = irq_effective(irq), *end = line;
	struct value cpu = { 0 };

	/* Several CPUs, as in 0-3: any of them. */
	if (line)
		cpu = value_number(strtoull(line, &end, 10));
	if (end && *end)
		cpu = (struct value){ 0 };
	free(line);
	return cpu;
}

static bool shares_irq(const struct queues *queues, const struct queue *queue)
{
	for (__u32 i = 0; i < queues->count; i++)
		if (&queues->queues[i] != queue && queues->queues[i].irq.known &&
		    queues->queues[i].irq.number == queue->irq.number)
			return true;
	return false;
}

/*
 * A queue is served where its interrupt arrives, but for queues that share a message of dpcnic:
 * their DPCs run on CPUs of their own, which the kernel does not tell. So does that of a queue
 * whose message is the only one, and for link changes, too.
 */
static void find_cpus(struct queues *queues, const struct device *device)
{
	bool ours = device_is_ours(device->name), single = false;
	struct irq_map *map = malloc(sizeof(*map));

	if (map) {
		irq_map_read(map, device);
		single = !map->irqs[1].known;
	}
	for (__u32 i = 0; i < queues->count; i++) {
		struct queue *queue = &queues->queues[i];

		if (!queue->irq.known)
			continue;
		if (!ours || !(single || shares_irq(queues, queue)))
			queue->cpu = cpu_of_irq((__u32)queue->irq.number);
		for (__u32 msg = 0; map && ours && msg < MESSAGES_MAX; msg++)
			if (map->irqs[msg].known && map->irqs[msg].number == queue->irq.number)
				queue->msg = value_number(msg);
	}
	free(map);
}

enum exit_code queues_read(struct queues *queues, const struct device *device)
{
	*queues = (struct queues){ .count = device_queues(device->name, "rx-") };
	queues->queues = calloc(queues->count + 1, sizeof(*queues->queues));
	if (!queues->queues)
		return fail(DPCTOOL_REFUSED, NULL, "%s: %s", device->name, strerror(ENOMEM));
	ask_napis(queues, device);
	ask_packets(queues, device->ifindex);
	device_visit_irqs(device->name, take_irq_name, queues);
	ethtool_counters(device->name, take_counter, queues);
	find_cpus(queues, device);
	return DPCTOOL_OK;
}

void queues_free(struct queues *queues)
{
	free(queues->queues);
}
