// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "genl.h"
#include "napi.h"

/* Newer than the headers, since 6.17: does its thread poll it, or a softirq? */
#define NAPI_THREADED	8

/* Room for one more at the end of an array. */
static void *grow(void *array, size_t count, size_t size)
{
	void *more = reallocarray(array, count + 1, size);

	if (!more)
		no_memory();
	return more;
}

/* Without the attribute a thread tells nothing: before 6.17 it stayed when it was given up. */
static bool is_threaded(const struct value *told, const struct device *device)
{
	char *setting = told->known ? NULL : read_line("/sys/class/net/%s/threaded", device->name);
	bool threaded = told->known ? told->number : setting && strcmp(setting, "0");

	free(setting);
	return threaded;
}

/**
 * struct asked - the question that answers are taken to
 * @napis: where they go
 * @device: what it is about
 */
struct asked {
	struct napis *napis;
	const struct device *device;
};

static void take_napi(const struct nlmsghdr *answer, void *context)
{
	struct value numbers[NAPI_THREADED + 1];
	const struct asked *asked = context;
	struct napis *napis = asked->napis;
	struct napi *napi;

	genl_numbers(answer, numbers, NAPI_THREADED);
	if (!numbers[NETDEV_A_NAPI_ID].known)
		return;
	napis->napis = grow(napis->napis, napis->count, sizeof(*napis->napis));
	napi = &napis->napis[napis->count++];
	*napi = (struct napi){
		.id = numbers[NETDEV_A_NAPI_ID].number,
		.irq = numbers[NETDEV_A_NAPI_IRQ],
	};
	if (numbers[NETDEV_A_NAPI_PID].known &&
	    is_threaded(&numbers[NAPI_THREADED], asked->device))
		napi->thread = numbers[NETDEV_A_NAPI_PID];
}

static void take_queue(const struct nlmsghdr *answer, void *context)
{
	struct value numbers[NETDEV_A_QUEUE_NAPI_ID + 1];
	const struct asked *asked = context;
	struct napis *napis = asked->napis;

	genl_numbers(answer, numbers, NETDEV_A_QUEUE_NAPI_ID);
	if (!numbers[NETDEV_A_QUEUE_ID].known || !numbers[NETDEV_A_QUEUE_TYPE].known)
		return;
	napis->queues = grow(napis->queues, napis->queue_count, sizeof(*napis->queues));
	napis->queues[napis->queue_count++] = (struct napi_queue){
		.type = (enum netdev_queue_type)numbers[NETDEV_A_QUEUE_TYPE].number,
		.id = (__u32)numbers[NETDEV_A_QUEUE_ID].number,
		.napi = numbers[NETDEV_A_QUEUE_NAPI_ID],
	};
}

static int by_id(const void *one, const void *other)
{
	__u64 a = ((const struct napi *)one)->id, b = ((const struct napi *)other)->id;

	return (a > b) - (a < b);
}

void napis_read(struct napis *napis, const struct device *device)
{
	struct asked asked = { .napis = napis, .device = device };
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	struct genl genl;

	*napis = (struct napis){ 0 };
	if (genl_open(&genl, NETDEV_FAMILY_NAME))
		return;
	question = genl_question(&genl, buffer, NETDEV_CMD_NAPI_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_NAPI_IFINDEX, device->ifindex);
	genl_ask(&genl, question, take_napi, &asked);

	question = genl_question(&genl, buffer, NETDEV_CMD_QUEUE_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_QUEUE_IFINDEX, device->ifindex);
	genl_ask(&genl, question, take_queue, &asked);
	genl_close(&genl);
	if (napis->count)
		qsort(napis->napis, napis->count, sizeof(*napis->napis), by_id);
}

void napis_free(struct napis *napis)
{
	free(napis->napis);
	free(napis->queues);
}

const struct napi *napis_find(const struct napis *napis, __u64 id)
{
	for (size_t i = 0; i < napis->count; i++)
		if (napis->napis[i].id == id)
			return &napis->napis[i];
	return NULL;
}

const struct napi *napis_of_queue(const struct napis *napis, enum netdev_queue_type type, __u32 id)
{
	for (size_t i = 0; i < napis->queue_count; i++) {
		const struct napi_queue *queue = &napis->queues[i];

		if (queue->type == type && queue->id == id)
			return queue->napi.known ? napis_find(napis, queue->napi.number) : NULL;
	}
	return NULL;
}
