/* SPDX-License-Identifier: GPL-2.0 */
/* NAPI instances and queues of any network device, as the netdev family of netlink tells. */
#ifndef DPCTOOL_NAPI_H
#define DPCTOOL_NAPI_H

#include <stddef.h>
#include <linux/netdev.h>
#include <linux/types.h>

#include "device.h"
#include "output.h"

/**
 * struct napi - a NAPI instance
 * @id: the kernel's number of it
 * @irq: whose interrupt starts it; unknown if its driver does not tell
 * @thread: process that polls it; unknown if it is not threaded
 */
struct napi {
	__u64 id;
	struct value irq;
	struct value thread;
};

/**
 * struct napi_queue - a queue
 * @type: receive or transmit
 * @id: its number among those
 * @napi: number of the NAPI instance that serves it; unknown if its driver does not tell
 */
struct napi_queue {
	enum netdev_queue_type type;
	__u32 id;
	struct value napi;
};

/** struct napis - what the kernel tells of one device, by number: nothing while it is down */
struct napis {
	struct napi *napis;
	size_t count;
	struct napi_queue *queues;
	size_t queue_count;
};

/** napis_read() - ask the kernel; what it or the driver does not tell is not there */
void napis_read(struct napis *napis, const struct device *device);

/** napis_free() - free what napis_read() filled in */
void napis_free(struct napis *napis);

/** napis_find() - the NAPI instance number @id; NULL if it is not told of */
const struct napi *napis_find(const struct napis *napis, __u64 id);

/** napis_of_queue() - the NAPI instance that serves a queue; NULL if that is unknown */
const struct napi *napis_of_queue(const struct napis *napis, enum netdev_queue_type type, __u32 id);

#endif /* DPCTOOL_NAPI_H */
