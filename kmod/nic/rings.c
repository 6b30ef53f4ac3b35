// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of all rings together. It is made as a set of its own, in a size that may not be the
 * present one, and then put in the place of what the rings have: so what can be wanting is found
 * wanting while the old rings still run (reconfigure.c).
 */
#include <linux/err.h>
#include <linux/slab.h>

#include "nic.h"
#include "steer.h"
#include "xdp.h"

/**
 * struct dpcnic_rings - a set of memory for rings
 * @cnt: queues that it has room for
 * @queue: by queue; empty where it has none
 */
struct dpcnic_rings {
	u16 cnt;
	struct {
		struct dpcnic_rx_mem rx;
		struct dpcnic_tx_mem tx;
	} queue[] __counted_by(cnt);
};

static int dpcnic_rings_alloc_queue(struct dpcnic_nic *nic, struct dpcnic_rings *rings, u16 idx,
				    const struct dpcnic_sizes *sizes)
{
	struct dpcnic_queue *queue = &nic->queue[idx];
	int err;

	if (nic->xdp_prog) {
		err = dpcnic_steer_alloc(&queue->rx);
		if (err)
			return err;
	}
	err = dpcnic_rx_mem_alloc(&queue->rx, sizes->rx_desc_cnt, queue->xsk,
				  &rings->queue[idx].rx);
	if (err)
		return err;
	return dpcnic_tx_mem_alloc(&queue->tx, sizes->tx_desc_cnt, &rings->queue[idx].tx);
}

/**
 * dpcnic_rings_alloc() - make a set of memory for rings
 * @nic: the NIC, up or down
 * @sizes: for how many, and how large
 *
 * It has room to take up the memory of the present rings in exchange. With an XDP program inboxes
 * are made, too; these stay.
 *
 * Context: process, RTNL held.
 * Return: the set, or an error pointer.
 */
struct dpcnic_rings *dpcnic_rings_alloc(struct dpcnic_nic *nic, const struct dpcnic_sizes *sizes)
{
	u16 cnt = max(nic->queue_cnt, sizes->queue_cnt);
	struct dpcnic_rings *rings;
	int err, i;

	rings = kvzalloc(struct_size(rings, queue, cnt), GFP_KERNEL);
	if (!rings)
		return ERR_PTR(-ENOMEM);
	rings->cnt = cnt;

	for (i = 0; i < sizes->queue_cnt; i++) {
		err = dpcnic_rings_alloc_queue(nic, rings, i, sizes);
		if (err) {
			dpcnic_rings_free(nic, rings);
			return ERR_PTR(err);
		}
	}
	return rings;
}

/**
 * dpcnic_rings_free() - free a set of memory
 * @nic: the NIC, whose rings do not have it
 * @rings: the set
 *
 * Context: process, RTNL held.
 */
void dpcnic_rings_free(struct dpcnic_nic *nic, struct dpcnic_rings *rings)
{
	int i;

	for (i = 0; i < rings->cnt; i++) {
		dpcnic_tx_mem_free(&nic->queue[i].tx, &rings->queue[i].tx);
		dpcnic_rx_mem_free(&nic->queue[i].rx, &rings->queue[i].rx);
	}
	kvfree(rings);
}

/**
 * dpcnic_rings_swap_queue() - exchange what one queue's rings have, which may be nothing
 * @nic: the NIC, with neither DPC nor device at work on them
 * @rings: what is put in; afterwards what was there
 * @idx: the queue, of those that @rings has room for
 *
 * What is in the rings is dropped and counted.
 *
 * Context: process, RTNL held.
 */
void dpcnic_rings_swap_queue(struct dpcnic_nic *nic, struct dpcnic_rings *rings, u16 idx)
{
	struct dpcnic_queue *queue = &nic->queue[idx];
	struct dpcnic_rx_mem rx = {};
	struct dpcnic_tx_mem tx = {};

	if (queue->rx.desc) {
		dpcnic_tx_ring_remove(&queue->tx, &tx);
		dpcnic_rx_ring_remove(&queue->rx, &rx);
	}
	if (rings->queue[idx].rx.desc) {
		dpcnic_rx_ring_install(&queue->rx, &rings->queue[idx].rx);
		dpcnic_tx_ring_install(&queue->tx, &rings->queue[idx].tx);
	}
	rings->queue[idx].rx = rx;
	rings->queue[idx].tx = tx;
}

/**
 * dpcnic_rings_swap() - the same for all queues
 * @nic: see there
 * @rings: likewise
 *
 * Context: process, RTNL held.
 */
void dpcnic_rings_swap(struct dpcnic_nic *nic, struct dpcnic_rings *rings)
{
	u16 i;

	for (i = 0; i < rings->cnt; i++)
		dpcnic_rings_swap_queue(nic, rings, i);
}

/**
 * dpcnic_rings_get() - give rings that have none their memory
 * @nic: the NIC, down
 *
 * Context: process, RTNL held.
 * Return: 0, or an error and nothing is held.
 */
int dpcnic_rings_get(struct dpcnic_nic *nic)
{
	const struct dpcnic_sizes sizes = dpcnic_present_sizes(nic);
	struct dpcnic_rings *rings;
	int err;

	err = dpcnic_xdp_apply(nic);
	if (err)
		return err;
	rings = dpcnic_rings_alloc(nic, &sizes);
	if (IS_ERR(rings))
		return PTR_ERR(rings);
	dpcnic_rings_swap(nic, rings);
	dpcnic_rings_free(nic, rings);
	return 0;
}

/**
 * dpcnic_rings_empty() - drop and count what is in the rings, which keep their memory
 * @nic: the NIC, with neither DPC nor device at work
 *
 * Context: process, RTNL held.
 */
void dpcnic_rings_empty(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		struct dpcnic_queue *queue = &nic->queue[i];
		struct dpcnic_rx_mem rx;
		struct dpcnic_tx_mem tx;

		dpcnic_rx_ring_remove(&queue->rx, &rx);
		dpcnic_rx_ring_install(&queue->rx, &rx);
		dpcnic_tx_ring_remove(&queue->tx, &tx);
		dpcnic_tx_ring_install(&queue->tx, &tx);
	}
}

/**
 * dpcnic_rings_put() - undo dpcnic_rings_get()
 * @nic: the NIC, with neither DPC nor device at work
 *
 * Context: process, RTNL held.
 */
void dpcnic_rings_put(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		struct dpcnic_queue *queue = &nic->queue[i];
		struct dpcnic_rx_mem rx;
		struct dpcnic_tx_mem tx;

		dpcnic_tx_ring_remove(&queue->tx, &tx);
		dpcnic_rx_ring_remove(&queue->rx, &rx);
		dpcnic_tx_mem_free(&queue->tx, &tx);
		dpcnic_rx_mem_free(&queue->rx, &rx);
	}
}
