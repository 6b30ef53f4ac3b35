// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP without copies. A socket that is bound to a queue brings a pool of buffers, which are user
 * memory. While it is bound the queue's receive ring has these in the place of pages, so that a
 * packet which the XDP program redirects to the socket is there already; and the socket's frames
 * go by the queue's transmit ring, beside those of the stack, from where they lie.
 *
 * What the program gives to anybody else is copied to a page of the ring's own pool first: the
 * buffers are the socket's, and few. From there on it is a packet as any other (xdp.c).
 *
 * Whether somebody is to be woken (need-wakeup) is a promise: while a flag is clear a DPC comes by
 * itself, from an interrupt that the device still owes us.
 */
#include <linux/bitops.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <net/page_pool/helpers.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#include "nic.h"
#include "rx.h"
#include "tx.h"
#include "xdp.h"
#include "xsk.h"

/* As all drivers have it. What CPU and device do to each other's view is said buffer by buffer. */
#define DPCNIC_XSK_DMA_ATTRS	(DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_WEAK_ORDERING)

/* Fewer buffers than that are not fetched one by one: the ring is as good as full. */
#define DPCNIC_XSK_REFILL_BATCH	16

/* A packet longer than this could not be copied to a page. */
static u32 dpcnic_xsk_room(struct xsk_buff_pool *pool)
{
	return min_t(u32, xsk_pool_get_rx_frame_size(pool), DPCNIC_RX_BUF_SIZE);
}

/**
 * dpcnic_xsk_buf_size() - what the device is told of the size of a pool's buffers
 * @pool: the pool
 *
 * It counts in KB, and what headroom leaves of a chunk of 2 KB is not a whole number of them. That
 * no packet goes beyond it is up to the device's limit of their length, see dpcnic_xsk_fits_mtu()
 * and dpcnic_xsk_allows_all().
 *
 * Return: bytes, rounded up.
 */
u32 dpcnic_xsk_buf_size(struct xsk_buff_pool *pool)
{
	return round_up(dpcnic_xsk_room(pool), SZ_1K);
}

/*
 * With rx-all the device limits no length. May the AF_XDP pool be used then? Only if the device
 * counts in the same units as its chunks have room.
 */
static bool dpcnic_xsk_fits_all(struct xsk_buff_pool *pool)
{
	return dpcnic_xsk_buf_size(pool) == dpcnic_xsk_room(pool);
}

/**
 * dpcnic_xsk_allows_all() - may the device receive frames of any length (NETIF_F_RXALL)?
 * @nic: the NIC
 *
 * Context: process, RTNL held.
 * Return: false if one that is too long would be written beyond a chunk.
 */
bool dpcnic_xsk_allows_all(const struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		if (nic->queue[i].xsk && !dpcnic_xsk_fits_all(nic->queue[i].xsk))
			return false;
	}
	return true;
}

/**
 * dpcnic_xsk_fits_mtu() - has every pool room for every packet of an MTU?
 * @nic: the NIC
 * @mtu: the MTU
 *
 * Packets of several buffers are not supported.
 *
 * Context: process, RTNL held.
 * Return: true if so.
 */
bool dpcnic_xsk_fits_mtu(const struct dpcnic_nic *nic, u32 mtu)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++) {
		struct xsk_buff_pool *pool = nic->queue[i].xsk;

		if (pool && dpcnic_max_frame(mtu) > dpcnic_xsk_room(pool))
			return false;
	}
	return true;
}

/**
 * dpcnic_xsk_ring() - the ring that a packet in a pool's buffer came from
 * @xdp: any packet
 *
 * Only a driver's queue has that type of memory, and which driver's it is its device tells.
 *
 * Context: that of an XDP program.
 * Return: the ring, or NULL if it is none of ours.
 */
struct dpcnic_rx_ring *dpcnic_xsk_ring(const struct xdp_buff *xdp)
{
	struct xdp_rxq_info *rxq = xdp->rxq;

	if (rxq->mem.type != MEM_TYPE_XSK_BUFF_POOL ||
	    rxq->dev->ethtool_ops != &dpcnic_ethtool_ops)
		return NULL;
	return container_of(rxq, struct dpcnic_rx_ring, xsk_rxq);
}

/* Take up to @cnt buffers from the pool. Return: as many as there were. */
static u32 dpcnic_xsk_fetch(struct dpcnic_rx_ring *rxr, u32 cnt)
{
	u32 first = rxr->filled & rxr->mask;
	u32 got, i;

	got = xsk_buff_alloc_batch(rxr->xsk, &rxr->buf[first], cnt);
	for (i = first; i < first + got; i++) {
		rxr->desc[i].read.pkt_addr = cpu_to_le64(xsk_buff_xdp_get_dma(rxr->buf[i]));
		rxr->desc[i].read.hdr_addr = 0;
	}
	rxr->filled += got;
	return got;
}

/**
 * dpcnic_xsk_refill() - fill the ring up from its pool, and tell the device
 * @rxr: the ring
 *
 * Context: the DPC's, or process while no DPC can run.
 * Return: false if the pool has not enough.
 */
bool dpcnic_xsk_refill(struct dpcnic_rx_ring *rxr)
{
	u32 room = rxr->mask - (rxr->filled - rxr->next);
	u32 want, got;

	if (room < DPCNIC_XSK_REFILL_BATCH)
		return true;
	do {
		want = min(room, rxr->mask + 1 - (rxr->filled & rxr->mask));
		got = dpcnic_xsk_fetch(rxr, want);
		room -= got;
	} while (room && got == want);

	if (rxr->told != rxr->filled) {
		rxr->told = rxr->filled;
		/* clears DD of what was done here a round ago, see rx.h */
		rxr->desc[rxr->filled & rxr->mask].read.hdr_addr = 0;
		writel(rxr->filled & rxr->mask, rxr->tail);
	}
	return !room;
}

/**
 * dpcnic_xsk_rx_end() - a run of a ring with a pool ends
 * @rxr: the ring
 * @dpc: the DPC that has it
 *
 * Where the pool has no more buffers its user says when there are some; if he does not know how to
 * (he asked for no need-wakeup) we look again, at the pace of the message's interrupts, once the
 * device has none either: until then packets bring us here.
 *
 * Context: the DPC's.
 */
void dpcnic_xsk_rx_end(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc)
{
	bool told = xsk_uses_need_wakeup(rxr->xsk);

	rxr->xdp_busy = true;
	if (!dpcnic_xsk_refill(rxr)) {
		if (!told) {
			if (dpcnic_rx_ring_starved(rxr))
				dpc->msg->ops->trigger(dpc->msg);
			return;
		}
		xsk_set_rx_need_wakeup(rxr->xsk);
		smp_mb(); /* whoever brings buffers after this look sees the flag */
		if (!dpcnic_xsk_refill(rxr))
			return;
	}
	if (told)
		xsk_clear_rx_need_wakeup(rxr->xsk);
}

/*
 * Copy a packet that is not for the socket, and make it the ring's packet. Its place in the page is
 * that in the chunk, which is no larger than a page, and after which the program left as much room.
 *
 * Return: the page, or NULL.
 */
static struct page *dpcnic_xsk_copy(struct dpcnic_rx_ring *rxr, const struct dpcnic_xdp_buff *xb)
{
	struct page *page = page_pool_dev_alloc_pages(rxr->pool);
	const struct xdp_buff *from = &xb->xdp;
	struct xdp_buff *to = &rxr->xdp.xdp;

	if (unlikely(!page))
		return NULL;
	xdp_prepare_buff(to, page_address(page), from->data - from->data_hard_start,
			 from->data_end - from->data, true);
	to->data_meta -= from->data - from->data_meta;
	to->flags = 0;
	memcpy(to->data_meta, from->data_meta, from->data_end - from->data_meta);
	rxr->xdp.desc = xb->desc;
	rxr->xdp.cpu = xb->cpu;
	return page;
}

/* Return: false if it was dropped for want of a page or an skb. */
static bool dpcnic_xsk_give(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			    struct dpcnic_xdp_buff *xb, u32 act, struct dpcnic_xdp_work *work)
{
	struct page *page = dpcnic_xsk_copy(rxr, xb);

	xsk_buff_free(&xb->xdp);
	if (likely(page) && likely(dpcnic_xdp_copied(rxr, dpc, page, act, work)))
		return true;
	dpcnic_rx_drop(rxr, &rxr->stats.drop_skb);
	return false;
}

static void dpcnic_xsk_redirect(struct dpcnic_rx_ring *rxr, struct xdp_buff *xdp,
				struct dpcnic_xdp_work *work)
{
	work->verdicts.redirect++;
	if (likely(!xdp_do_redirect(rxr->ndev, xdp, work->prog)))
		return;
	work->verdicts.drop_redirect++;
	xsk_buff_free(xdp);
}

/* A packet of @len bytes is in @xb. Without a program the stack has it. */
static void dpcnic_xsk_packet(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			      struct dpcnic_xdp_buff *xb, u32 status, u32 len,
			      struct dpcnic_xdp_work *work)
{
	u32 act = likely(work->prog) ? bpf_prog_run_xdp(work->prog, &xb->xdp) : XDP_PASS;

	switch (act) {
	case XDP_REDIRECT:
		dpcnic_xsk_redirect(rxr, &xb->xdp, work);
		break;
	case XDP_PASS:
	case XDP_TX:
		if (!dpcnic_xsk_give(rxr, dpc, xb, act, work))
			return;
		break;
	case XDP_DROP:
		work->verdicts.drop++;
		xsk_buff_free(&xb->xdp);
		break;
	default:
		dpcnic_xdp_abort(rxr, act, work);
		xsk_buff_free(&xb->xdp);
		break;
	}
	dpcnic_xdp_count(work, status, len);
}

/* A packet that takes several buffers, or makes no sense. */
static noinline void dpcnic_xsk_part(struct dpcnic_rx_ring *rxr,
				     const struct dpcnic_rx_taken *taken)
{
	if (rxr->under_way == DPCNIC_RX_NONE)
		dpcnic_rx_drop(rxr, &rxr->stats.drop_desc);
	rxr->under_way = taken->status & DPC_RXD_STAT_EOP ? DPCNIC_RX_NONE : DPCNIC_RX_DISCARD;
	xsk_buff_free(taken->buf);
}

/**
 * dpcnic_xsk_take() - take packets from a ring with a pool (T1)
 * @rxr: the ring
 * @dpc: the DPC that has it
 * @end: the descriptor to go up to at most; see dpcnic_rx_stretch()
 * @work: the run; what there was is added
 *
 * Context: the DPC's.
 */
void dpcnic_xsk_take(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc, u32 end,
		     struct dpcnic_xdp_work *work)
{
	u32 room = dpcnic_xsk_room(rxr->xsk);
	struct dpcnic_rx_taken taken;

	XSK_CHECK_PRIV_TYPE(struct dpcnic_xdp_buff);

	while (rxr->next != end && dpcnic_rx_next(rxr, &taken)) {
		struct dpcnic_xdp_buff *xb = container_of(taken.buf, struct dpcnic_xdp_buff, xdp);
		u32 len = dpcnic_rx_len(&taken);

		if (unlikely(!dpcnic_rx_is_whole(rxr, &taken) || len > room)) {
			dpcnic_xsk_part(rxr, &taken);
			continue;
		}
		xsk_buff_set_size(&xb->xdp, len);
		xsk_buff_dma_sync_for_cpu(&xb->xdp);
		xb->desc = taken.desc;
		xb->cpu = DPCNIC_STEER_HERE;
		xb->hash = READ_ONCE(rxr->hash);
		dpcnic_xsk_packet(rxr, dpc, xb, taken.status, len, work);
	}
}

/**
 * dpcnic_xsk_tx_complete() - tell the pool which of its frames are its own again
 * @queue: the queue
 *
 * It is told numbers only, in the order in which frames were taken from it.
 *
 * Context: the DPC's, or process while no DPC can run.
 */
void dpcnic_xsk_tx_complete(struct dpcnic_queue *queue)
{
	struct dpcnic_tx_ring *txr = &queue->tx;
	u32 cnt = txr->xsk_done;

	txr->xsk_flying -= cnt;
	txr->xsk_done = 0;
	if (!txr->xsk_flying) {
		cnt += txr->xsk_skipped;
		txr->xsk_skipped = 0;
	}
	if (cnt)
		xsk_tx_completed(queue->rx.xsk, cnt);
}

/* Context: the queue's lock held; there is room. */
static void dpcnic_xsk_put(struct dpcnic_tx_ring *txr, struct xsk_buff_pool *pool,
			   const struct xdp_desc *frame)
{
	struct dpcnic_tx_job job = {
		.idx = txr->used,
		.cmd = DPC_TXD_DTYP_DATA | DPC_TXD_DEXT | DPC_TXD_IFCS | DPC_TXD_EOP | DPC_TXD_RS,
		.olinfo = FIELD_PREP(DPC_TXD_PAYLEN, frame->len),
	};
	struct dpcnic_tx_buf *buf = &txr->buf[job.idx & txr->mask];
	dma_addr_t dma = xsk_buff_raw_get_dma(pool, frame->addr);

	xsk_buff_raw_dma_sync_for_device(pool, dma, frame->len);
	buf->kind = DPCNIC_TX_XSK;
	buf->bytes = frame->len;
	buf->segs = 1;
	buf->last = job.idx;
	dma_unmap_len_set(buf, len, 0);
	dpcnic_tx_put_data(txr, &job, dma, frame->len);
	txr->xsk_flying++;
	/* release: an ISR sees buf and descriptor when it sees the new used */
	smp_store_release(&txr->used, job.idx);
}

/* Context: the queue's lock held; there is room for @cnt frames. */
static void dpcnic_xsk_put_all(struct dpcnic_tx_ring *txr, struct xsk_buff_pool *pool, u32 cnt)
{
	u32 sent = 0, skipped = 0;
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < cnt; i++) {
		const struct xdp_desc *frame = &pool->tx_descs[i];

		if (unlikely(frame->len < DPCNIC_TX_LEN_MIN)) {
			skipped++;
			continue;
		}
		dpcnic_xsk_put(txr, pool, frame);
		bytes += frame->len;
		sent++;
	}
	txr->xsk_skipped += skipped;
	if (sent) {
		writel(txr->used & txr->mask, txr->tail);
		txq_trans_cond_update(txr->txq);
	}

	u64_stats_update_begin(&txr->syncp);
	txr->stats.packets += sent;
	txr->stats.bytes += bytes;
	txr->stats.xsk += sent;
	txr->stats.xdp_refused += skipped;
	u64_stats_update_end(&txr->syncp);
}

/*
 * Send what the socket has, but leave the stack enough descriptors that its queue need not stop for
 * us. BQL does not know of these frames.
 */
static void dpcnic_xsk_send(struct dpcnic_queue *queue)
{
	struct xsk_buff_pool *pool = queue->rx.xsk;
	struct dpcnic_tx_ring *txr = &queue->tx;
	u32 cnt = 0;

	__netif_tx_lock(txr->txq, smp_processor_id());
	if (txr->open && netif_carrier_ok(txr->txq->dev) && dpcnic_tx_free(txr) > DPCNIC_TX_WAKE)
		cnt = xsk_tx_peek_release_desc_batch(pool, dpcnic_tx_free(txr) - DPCNIC_TX_WAKE);
	if (cnt)
		dpcnic_xsk_put_all(txr, pool, cnt);
	__netif_tx_unlock(txr->txq);
}

/**
 * dpcnic_xsk_tx_work() - a DPC's work on the socket's side of a transmit ring (T4: no bound)
 * @queue: the queue; dpcnic_tx_work() has been there
 *
 * As long as the ring holds anything its completion brings a DPC, which takes what the socket has
 * then; so its user need not wake us.
 *
 * Context: the DPC's that has the rings.
 */
void dpcnic_xsk_tx_work(struct dpcnic_queue *queue)
{
	struct xsk_buff_pool *pool = queue->rx.xsk;
	struct dpcnic_tx_ring *txr = &queue->tx;
	bool told = xsk_uses_need_wakeup(pool);

	dpcnic_xsk_tx_complete(queue);
	dpcnic_xsk_send(queue);
	if (told && !dpcnic_tx_busy(txr)) {
		xsk_set_tx_need_wakeup(pool);
		smp_mb(); /* whoever has a frame after this look sees the flag */
		dpcnic_xsk_send(queue);
	}
	if (told && dpcnic_tx_busy(txr))
		xsk_clear_tx_need_wakeup(pool);
	if (unlikely(txr->xsk_skipped))
		dpcnic_xsk_tx_complete(queue);
}

/**
 * dpcnic_xsk_wakeup() - ndo_xsk_wakeup: the socket has frames to send, or buffers to receive into
 * @ndev: the netdev
 * @idx: queue
 * @flags: which of it; a DPC does both
 *
 * Context: any but hard IRQ, in an RCU read-side section.
 * Return: 0; -ENETDOWN while the queue is not in use; -EINVAL if it has no pool.
 */
int dpcnic_xsk_wakeup(struct net_device *ndev, u32 idx, u32 flags)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_queue *queue;
	struct dpcnic_msg *msg;

	if (unlikely(!READ_ONCE(nic->up)))
		return -ENETDOWN;
	if (unlikely(idx >= READ_ONCE(nic->queue_cnt) || !READ_ONCE(nic->queue[idx].xsk)))
		return -EINVAL;

	queue = &nic->queue[idx];
	msg = dpcnic_queue_msg(nic, idx);
	if (msg->ops->spread)
		set_bit(DPCNIC_QUEUE_WAKE, &queue->flags);
	smp_mb(); /* what the user wrote, before our look at whose the rings are */
	dpcnic_dpc_wake(msg->ops->spread ? &msg->dpc[READ_ONCE(queue->cpu)] :
					   READ_ONCE(msg->home));
	return 0;
}

/**
 * dpcnic_xsk_kick() - sockets may have frames that no completion makes us look for any more
 * @nic: the NIC, up
 *
 * After a reset, which has dropped what was in the rings; and when there is a link: until then
 * nothing is taken from a socket.
 *
 * Context: process.
 */
void dpcnic_xsk_kick(struct dpcnic_nic *nic)
{
	u16 i;

	rcu_read_lock();
	for (i = 0; i < READ_ONCE(nic->queue_cnt); i++) {
		if (READ_ONCE(nic->queue[i].xsk))
			dpcnic_xsk_wakeup(nic->ndev, i, XDP_WAKEUP_TX);
	}
	rcu_read_unlock();
}

/* Packets in the pool's buffers come from where others do, but are another kind of memory. */
static int dpcnic_xsk_register_rxq(struct dpcnic_rx_ring *rxr, struct xsk_buff_pool *pool)
{
	int err = xdp_rxq_info_reg(&rxr->xsk_rxq, rxr->ndev, rxr->idx, 0);

	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&rxr->xsk_rxq, MEM_TYPE_XSK_BUFF_POOL, NULL);
	if (err)
		xdp_rxq_info_unreg(&rxr->xsk_rxq);
	else
		xsk_pool_set_rxq_info(pool, &rxr->xsk_rxq);
	return err;
}

/* Neither socket nor ring uses the queue's pool any more. */
static void dpcnic_xsk_forget(struct dpcnic_queue *queue, struct xsk_buff_pool *pool)
{
	xsk_pool_dma_unmap(pool, DPCNIC_XSK_DMA_ATTRS);
	xdp_rxq_info_unreg(&queue->rx.xsk_rxq);
}

/* All that can be wanting is had first. After an error of the device the interface is down. */
static int dpcnic_xsk_enable(struct dpcnic_nic *nic, struct xsk_buff_pool *pool, u16 idx)
{
	struct dpcnic_queue *queue = &nic->queue[idx];
	int err;

	if (dpcnic_max_frame(nic->ndev->mtu) > dpcnic_xsk_room(pool)) {
		netdev_err(nic->ndev, "AF_XDP without copies needs %u bytes per chunk for MTU %u, and there are %u; try a smaller MTU, larger chunks, or less headroom\n",
			   dpcnic_max_frame(nic->ndev->mtu), nic->ndev->mtu,
			   dpcnic_xsk_room(pool));
		return -EINVAL;
	}
	if (nic->ndev->features & NETIF_F_RXALL && !dpcnic_xsk_fits_all(pool)) {
		netdev_err(nic->ndev, "AF_XDP without copies: with rx-all on a long frame would be written beyond a chunk with %u bytes of room; turn rx-all off, or try larger chunks\n",
			   dpcnic_xsk_room(pool));
		return -EINVAL;
	}
	err = dpcnic_steer_alloc(&queue->rx);
	if (err)
		return err;
	err = dpcnic_xsk_register_rxq(&queue->rx, pool);
	if (err)
		return err;
	err = xsk_pool_dma_map(pool, &nic->pdev->dev, DPCNIC_XSK_DMA_ATTRS);
	if (err) {
		xdp_rxq_info_unreg(&queue->rx.xsk_rxq);
		return err;
	}

	WRITE_ONCE(queue->xsk, pool);
	if (!nic->up)
		return 0;
	err = dpcnic_queue_exchange(nic, idx, pool);
	if (err) {
		WRITE_ONCE(queue->xsk, NULL);
		dpcnic_xsk_forget(queue, pool);
	}
	return err;
}

/* If the device fails it is down, and has the pool no more either. */
static void dpcnic_xsk_disable(struct dpcnic_nic *nic, u16 idx)
{
	struct dpcnic_queue *queue = &nic->queue[idx];
	struct xsk_buff_pool *pool = queue->xsk;

	WRITE_ONCE(queue->xsk, NULL);
	if (nic->up)
		dpcnic_queue_exchange(nic, idx, NULL);
	dpcnic_xsk_forget(queue, pool);
	netdev_update_features(nic->ndev); /* what it was against may be wanted */
}

/**
 * dpcnic_xsk_setup() - ndo_bpf, XDP_SETUP_XSK_POOL: give a queue a pool, or take it away
 * @nic: the NIC, up or down
 * @pool: the pool, or NULL
 * @idx: the queue
 *
 * Context: process, RTNL held.
 * Return: 0 or an error, and the queue has no pool.
 */
int dpcnic_xsk_setup(struct dpcnic_nic *nic, struct xsk_buff_pool *pool, u16 idx)
{
	if (idx >= (pool ? nic->queue_cnt : DPC_QUEUES))
		return -EINVAL;
	if (pool)
		return nic->queue[idx].xsk ? -EBUSY : dpcnic_xsk_enable(nic, pool, idx);
	if (nic->queue[idx].xsk)
		dpcnic_xsk_disable(nic, idx);
	return 0;
}
