// SPDX-License-Identifier: GPL-2.0
/*
 * Most is asked of the netdev family of netlink: queue -> NAPI -> IRQ, and counters. A driver that
 * does not answer there often names its IRQs and its ethtool counters after its queues.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netdev.h>

#include "ethtool.h"
#include "genl.h"
#include "queues.h"

static __u32 count_queues(const char *dev)
{
	struct dirent *entry;
	char path[PATH_MAX];
	__u32 count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", dev);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		count += !strncmp(entry->d_name, "rx-", 3);
	if (dir)
		closedir(dir);
	return count;
}

/**
 * struct answer - the attributes of one answer of the netdev family, by their numbers
 * @numbers: their values
 */
struct answer {
	struct value numbers[NETDEV_A_QSTATS_RX_PACKETS + 1];
};

static int take_attribute(const struct nlattr *attribute, void *context)
{
	__u16 type = mnl_attr_get_type(attribute);
	struct answer *answer = context;

	if (type <= NETDEV_A_QSTATS_RX_PACKETS)
		answer->numbers[type] = value_number(genl_number(attribute));
	return MNL_CB_OK;
}

static void read_answer(struct answer *answer, const struct nlmsghdr *message)
{
	*answer = (struct answer){ 0 };
	mnl_attr_parse(message, GENL_HDRLEN, take_attribute, answer);
}

/* The queue that an answer is about, if it is one of these; they may have become more meanwhile. */
static struct queue *queue_of(const struct queues *queues, const struct value *id,
			      const struct value *type)
{
	if (!id->known || id->number >= queues->count || !type->known ||
	    type->number != NETDEV_QUEUE_TYPE_RX)
		return NULL;
	return &queues->queues[id->number];
}

static void take_queue(const struct nlmsghdr *message, void *context)
{
	struct answer answer;
	struct queue *queue;

	read_answer(&answer, message);
	queue = queue_of(context, &answer.numbers[NETDEV_A_QUEUE_ID],
			 &answer.numbers[NETDEV_A_QUEUE_TYPE]);
	if (queue)
		queue->napi = answer.numbers[NETDEV_A_QUEUE_NAPI_ID];
}

/* One NAPI may serve several queues. */
static void take_napi(const struct nlmsghdr *message, void *context)
{
	struct queues *queues = context;
	struct answer answer;

	read_answer(&answer, message);
	for (__u32 i = 0; i < queues->count; i++) {
		struct queue *queue = &queues->queues[i];

		if (queue->napi.known &&
		    queue->napi.number == answer.numbers[NETDEV_A_NAPI_ID].number)
			queue->irq = answer.numbers[NETDEV_A_NAPI_IRQ];
	}
}

static void take_packets(const struct nlmsghdr *message, void *context)
{
	struct answer answer;
	struct queue *queue;

	read_answer(&answer, message);
	queue = queue_of(context, &answer.numbers[NETDEV_A_QSTATS_QUEUE_ID],
			 &answer.numbers[NETDEV_A_QSTATS_QUEUE_TYPE]);
	if (queue)
		queue->packets = answer.numbers[NETDEV_A_QSTATS_RX_PACKETS];
}

/* A kernel or driver that refuses leaves what it was asked for unknown. */
static void ask_netdev(struct queues *queues, __u32 ifindex)
{
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	struct genl genl;

	if (genl_open(&genl, NETDEV_FAMILY_NAME))
		return;
	question = genl_question(&genl, buffer, NETDEV_CMD_QUEUE_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_QUEUE_IFINDEX, ifindex);
	genl_ask(&genl, question, take_queue, queues);

	question = genl_question(&genl, buffer, NETDEV_CMD_NAPI_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_NAPI_IFINDEX, ifindex);
	genl_ask(&genl, question, take_napi, queues);

	question = genl_question(&genl, buffer, NETDEV_CMD_QSTATS_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_QSTATS_IFINDEX, ifindex);
	mnl_attr_put_u32(question, NETDEV_A_QSTATS_SCOPE, NETDEV_QSTATS_SCOPE_QUEUE);
	genl_ask(&genl, question, take_packets, queues);
	genl_close(&genl);
}

/* The queue that a name is about: all of @name is @format, filled in. */
static struct queue *queue_named(const struct queues *queues, const char *name,
				 const char *const *formats)
{
	unsigned int id;
	int length;

	for (; *formats; formats++) {
		length = 0;
		/* %n: nothing may follow */
		if (sscanf(name, *formats, &id, &length) == 1 && length && !name[length] &&
		    id < queues->count)
			return &queues->queues[id];
	}
	return NULL;
}

/* An IRQ's name ends in the queue's: peer0-TxRx-3, eth0-rx-3, virtio2-input.3. */
static void take_irq_name(__u32 irq, const char *action, void *context)
{
	static const char *const formats[] = { "-TxRx-%u%n", "-rx-%u%n", "-input.%u%n", NULL };
	const char *suffix = strchr(action, '-');
	struct queue *queue = NULL;

	for (; suffix && !queue; suffix = strchr(suffix + 1, '-'))
		queue = queue_named(context, suffix, formats);
	if (queue && !queue->irq.known)
		queue->irq = value_number(irq);
}

static void take_counter(const char *name, __u64 number, void *context)
{
	static const char *const formats[] = {
		"rx_queue_%u_packets%n", "rx%u_packets%n", "rx-%u.packets%n", NULL
	};
	struct queue *queue = queue_named(context, name, formats);

	if (queue && !queue->packets.known)
		queue->packets = value_number(number);
}

static struct value cpu_of_irq(__u64 irq)
{
	char path[64], line[64] = "";
	char *end = line;
	__u64 cpu;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/irq/%llu/effective_affinity_list", irq);
	file = fopen(path, "re");
	if (!file)
		return (struct value){ 0 };
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	/* Several CPUs, as in 0-3: any of them. */
	cpu = strtoull(line, &end, 10);
	return end > line && *end == '\n' ? value_number(cpu) : (struct value){ 0 };
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
			queue->cpu = cpu_of_irq(queue->irq.number);
		for (__u32 msg = 0; map && ours && msg < MESSAGES_MAX; msg++)
			if (map->irqs[msg].known && map->irqs[msg].number == queue->irq.number)
				queue->msg = value_number(msg);
	}
	free(map);
}

enum exit_code queues_read(struct queues *queues, const struct device *device)
{
	*queues = (struct queues){ .count = count_queues(device->name) };
	queues->queues = calloc(queues->count + 1, sizeof(*queues->queues));
	if (!queues->queues)
		return fail(DPCTOOL_REFUSED, NULL, "%s: %s", device->name, strerror(ENOMEM));
	ask_netdev(queues, device->ifindex);
	device_visit_irqs(device->name, take_irq_name, queues);
	ethtool_counters(device->name, take_counter, queues);
	find_cpus(queues, device);
	return DPCTOOL_OK;
}

void queues_free(struct queues *queues)
{
	free(queues->queues);
}
