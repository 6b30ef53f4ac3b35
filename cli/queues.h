/* SPDX-License-Identifier: GPL-2.0 */
/* The receive queues of any network device: who serves them where, and what they received. */
#ifndef DPCTOOL_QUEUES_H
#define DPCTOOL_QUEUES_H

#include "device.h"
#include "output.h"

/**
 * struct queue - a receive queue; what the kernel and its driver do not tell is unknown
 * @napi: number of the NAPI instance that serves it
 * @irq: whose interrupt starts that
 * @msg: the same as dpcnic's message
 * @cpu: where it is served
 * @packets: what it received since its counter began
 */
struct queue {
	struct value napi;
	struct value irq;
	struct value msg;
	struct value cpu;
	struct value packets;
};

/** struct queues - all receive queues of a device */
struct queues {
	struct queue *queues;
	__u32 count;
};

/** queues_read() - look at the queues of @device; free them also if that fails */
enum exit_code queues_read(struct queues *queues, const struct device *device);

/** queues_free() - free what queues_read() filled in */
void queues_free(struct queues *queues);

#endif /* DPCTOOL_QUEUES_H */
