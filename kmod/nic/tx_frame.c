// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit of XDP frames: what a program sends back (XDP_TX), and what is redirected here. They
 * go by the stack's rings, under the lock of the stack's queue, so that there may be fewer rings
 * than CPUs. BQL does not know of them.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/netdev_queues.h>
#include <net/page_pool/helpers.h>
#include <net/xdp.h>

#include "nic.h"
#include "tx.h"
#include "xdp.h"

/* One piece of a frame becomes one descriptor: none is longer than a page. */
static int dpcnic_tx_put_part(struct dpcnic_tx_ring *txr, struct dpcnic_tx_job *job, void *data,
			      u32 len, bool own)
{
	struct dpcnic_tx_buf *buf = &txr->buf[job->idx & txr->mask];
	dma_addr_t dma;

	if (own) {
		struct page *page = virt_to_page(data);

		dma = page_pool_get_dma_addr(page) + offset_in_page(data);
		dma_sync_single_for_device(txr->dev, dma, len, DMA_BIDIRECTIONAL);
		dma_unmap_len_set(buf, len, 0);
	} else {
		dma = dma_map_single(txr->dev, data, len, DMA_TO_DEVICE);
		if (unlikely(dma_mapping_error(txr->dev, dma)))
			return -ENOMEM;
		buf->page = false;
		dma_unmap_addr_set(buf, dma, dma);
		dma_unmap_len_set(buf, len, len);
	}
	dpcnic_tx_put_data(txr, job, dma, len);
	return 0;
}

static int dpcnic_tx_put_frags(struct dpcnic_tx_ring *txr, struct dpcnic_tx_job *job,
			       struct xdp_frame *frame, bool own)
{
	const struct skb_shared_info *sinfo = xdp_get_shared_info_from_frame(frame);
	int err = 0;
	int i;

	for (i = 0; i < sinfo->nr_frags && !err; i++)
		err = dpcnic_tx_put_part(txr, job, skb_frag_address(&sinfo->frags[i]),
					 skb_frag_size(&sinfo->frags[i]), own);
	return err;
}

/* Write all descriptors of the frame. On error none of it is mapped any more. */
static int dpcnic_tx_map_frame(struct dpcnic_tx_ring *txr, struct dpcnic_tx_job *job,
			       struct xdp_frame *frame, bool own)
{
	int err = dpcnic_tx_put_part(txr, job, frame->data, frame->len, own);

	if (!err && unlikely(xdp_frame_has_frags(frame)))
		err = dpcnic_tx_put_frags(txr, job, frame, own);
	if (likely(!err)) {
		txr->desc[(job->idx - 1) & txr->mask].read.cmd_type_len |=
			cpu_to_le32(DPC_TXD_EOP | DPC_TXD_RS);
		return 0;
	}
	while (job->idx != job->first)
		dpcnic_tx_unmap(txr, &txr->buf[--job->idx & txr->mask]);
	return err;
}

/* Context: the queue's lock held. Return: 0, or an error and the frame is still the caller's. */
static int dpcnic_tx_frame(struct dpcnic_tx_ring *txr, struct xdp_frame *frame, bool own)
{
	u32 len = xdp_get_frame_len(frame);
	struct dpcnic_tx_job job = {
		.first = txr->used,
		.idx = txr->used,
		.cmd = DPC_TXD_DTYP_DATA | DPC_TXD_DEXT | DPC_TXD_IFCS,
		.olinfo = FIELD_PREP(DPC_TXD_PAYLEN, len),
	};
	struct dpcnic_tx_buf *buf = &txr->buf[job.first & txr->mask];

	if (unlikely(dpcnic_tx_free(txr) < DPCNIC_TX_DESC_PER_SKB))
		return -ENOSPC;
	if (unlikely(len < DPCNIC_TX_LEN_MIN))
		return -EINVAL;
	if (unlikely(dpcnic_tx_map_frame(txr, &job, frame, own)))
		return -ENOMEM;

	buf->frame = frame;
	buf->kind = own ? DPCNIC_TX_OWN : DPCNIC_TX_FRAME;
	buf->bytes = len;
	buf->segs = 1;
	buf->last = job.idx - 1;
	/* release: the DPC sees buf and descriptors when it sees the new used */
	smp_store_release(&txr->used, job.idx);
	return 0;
}

/*
 * The stack finds room for its next packet, or its queue stopped. Where that was stopped already,
 * and there is room again by now, the stack has packets that wait; it is not the one who called us.
 *
 * Context: the queue's lock held. Return: 0 if the queue was stopped.
 */
static int dpcnic_tx_leave_room(struct dpcnic_tx_ring *txr)
{
	int room = netif_txq_maybe_stop(txr->txq, dpcnic_tx_free(txr), DPCNIC_TX_DESC_PER_SKB,
					DPCNIC_TX_WAKE);

	if (room >= 0)
		return room;
	if (dpcnic_tx_stays_stopped(txr))
		netif_tx_stop_queue(txr->txq);
	else
		netif_schedule_queue(txr->txq);
	return room;
}

/*
 * Of frames that are our own (@own) those that cannot be sent are freed; of others they, and all
 * that come after, stay the caller's.
 *
 * Context: the queue's lock held. Return: how many were taken.
 */
static u32 dpcnic_tx_put_frames(struct dpcnic_tx_ring *txr, struct xdp_frame **frames, u32 cnt,
				bool own)
{
	u32 sent = 0;
	u64 bytes = 0;
	int room = 1;
	u32 i;

	for (i = 0; i < cnt; i++) {
		u32 len = xdp_get_frame_len(frames[i]);

		if (likely(txr->open && !dpcnic_tx_frame(txr, frames[i], own))) {
			bytes += len;
			sent++;
		} else if (own) {
			xdp_return_frame_rx_napi(frames[i]);
		} else {
			break;
		}
	}
	if (sent) {
		writel(txr->used & txr->mask, txr->tail);
		txq_trans_cond_update(txr->txq);
		room = dpcnic_tx_leave_room(txr);
	}

	u64_stats_update_begin(&txr->syncp);
	txr->stats.packets += sent;
	txr->stats.bytes += bytes;
	txr->stats.xdp += sent;
	txr->stats.xdp_refused += cnt - sent;
	txr->stats.stop += !room;
	u64_stats_update_end(&txr->syncp);
	return sent;
}

/**
 * dpcnic_tx_frames() - send frames that a program sends back
 * @txr: the ring
 * @frames: the frames, of this queue's receive ring
 * @cnt: how many
 *
 * Those that cannot be sent are freed.
 *
 * Context: the DPC that has both rings.
 * Return: how many were sent.
 */
u32 dpcnic_tx_frames(struct dpcnic_tx_ring *txr, struct xdp_frame **frames, u32 cnt)
{
	u32 sent;

	__netif_tx_lock(txr->txq, smp_processor_id());
	sent = dpcnic_tx_put_frames(txr, frames, cnt, true);
	__netif_tx_unlock(txr->txq);
	return sent;
}

/**
 * dpcnic_xdp_xmit() - ndo_xdp_xmit: send frames that were redirected here
 * @ndev: the netdev
 * @cnt: how many
 * @frames: the frames, of any device
 * @flags: XDP_XMIT_FLUSH or not: they are always sent at once
 *
 * Context: softirq.
 * Return: how many were taken, the others are the caller's; or an error and all are.
 */
int dpcnic_xdp_xmit(struct net_device *ndev, int cnt, struct xdp_frame **frames, u32 flags)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	unsigned int cpu = smp_processor_id();
	struct dpcnic_tx_ring *txr = &nic->queue[cpu % READ_ONCE(nic->queue_cnt)].tx;
	u32 sent;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!netif_running(ndev) || !netif_carrier_ok(ndev)))
		return -ENETDOWN;

	__netif_tx_lock(txr->txq, cpu);
	sent = dpcnic_tx_put_frames(txr, frames, cnt, false);
	__netif_tx_unlock(txr->txq);
	return sent;
}
