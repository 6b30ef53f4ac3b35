// SPDX-License-Identifier: GPL-2.0
/*
 * XDP: a program looks at every packet between ring and stack.
 *
 * Programs come and go at any time. Rings, link and packets under way are not touched: a run of
 * the ring begins with the program that is there then, and ends with it. The price is paid in
 * advance: pages always have room in front, and are mapped for both directions.
 */
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <net/page_pool/helpers.h>
#include <net/xdp.h>

#include "../engine/trace.h"
#include "indicate.h"
#include "nic.h"
#include "rx.h"
#include "xdp.h"
#include "xsk.h"

/* Give all pages of a packet back but the first, @head. The tail room of that lists them. */
static void dpcnic_xdp_put_frags(struct dpcnic_rx_ring *rxr, void *head, bool direct)
{
	struct xdp_buff xdp = { .data_hard_start = head, .frame_sz = PAGE_SIZE };
	const struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(&xdp);
	int i;

	for (i = 0; i < sinfo->nr_frags; i++)
		page_pool_put_full_page(rxr->pool, skb_frag_page(&sinfo->frags[i]), direct);
}

/**
 * dpcnic_parcel_put() - give the pages of a packet back
 * @rxr: the ring it came from
 * @parcel: the packet, in the headroom of its first page
 * @direct: by the DPC that has the ring, straight to its page pool
 *
 * Context: any but hard IRQ.
 */
void dpcnic_parcel_put(struct dpcnic_rx_ring *rxr, struct dpcnic_parcel *parcel, bool direct)
{
	if (unlikely(parcel->frags))
		dpcnic_xdp_put_frags(rxr, parcel, direct);
	page_pool_put_full_page(rxr->pool, virt_to_page(parcel), direct);
}

/**
 * dpcnic_xdp_cancel() - give the pages of a packet back whose last descriptor has not been taken
 * @rxr: the ring, in state DPCNIC_RX_XDP
 *
 * Not by xdp_return_buff(), which is for NAPI alone.
 *
 * Context: process, while no DPC can run.
 */
void dpcnic_xdp_cancel(struct dpcnic_rx_ring *rxr)
{
	void *head = rxr->xdp.xdp.data_hard_start;

	if (xdp_buff_has_frags(&rxr->xdp.xdp))
		dpcnic_xdp_put_frags(rxr, head, false);
	page_pool_put_full_page(rxr->pool, virt_to_page(head), false);
}

/* Nobody wants the packet: its first page goes straight back into the ring. */
static inline void dpcnic_xdp_recycle(struct dpcnic_rx_ring *rxr, struct page *page)
{
	if (unlikely(xdp_buff_has_frags(&rxr->xdp.xdp)))
		dpcnic_xdp_put_frags(rxr, rxr->xdp.xdp.data_hard_start, true);
	dpcnic_rx_reuse(rxr, page);
}

/* The same, for a page that may be a copy and was in no ring (xsk.c). */
static void dpcnic_xdp_discard(struct dpcnic_rx_ring *rxr, struct page *page)
{
	if (rxr->xsk)
		page_pool_put_full_page(rxr->pool, page, true);
	else
		dpcnic_xdp_recycle(rxr, page);
}

/* Send what the program sends back, all at once. */
static void dpcnic_xdp_send(struct dpcnic_rx_ring *rxr, struct dpcnic_xdp_tally *verdicts)
{
	struct dpcnic_queue *queue = container_of(rxr, struct dpcnic_queue, rx);
	u32 cnt = rxr->tx_batched;

	rxr->tx_batched = 0;
	verdicts->drop_tx += cnt - dpcnic_tx_frames(&queue->tx, rxr->tx_batch, cnt);
}

static __always_inline void dpcnic_xdp_tx(struct dpcnic_rx_ring *rxr, struct page *page,
					  struct dpcnic_xdp_tally *verdicts)
{
	struct xdp_frame *frame = xdp_convert_buff_to_frame(&rxr->xdp.xdp);

	verdicts->tx++;
	if (unlikely(!frame)) {
		verdicts->drop_tx++;
		dpcnic_xdp_discard(rxr, page);
		return;
	}
	rxr->tx_batch[rxr->tx_batched++] = frame;
	if (rxr->tx_batched == DPCNIC_XDP_TX_BATCH)
		dpcnic_xdp_send(rxr, verdicts);
}

static u32 dpcnic_xdp_run(struct dpcnic_rx_ring *rxr, const struct bpf_prog *prog)
{
	struct xdp_buff *xdp = &rxr->xdp.xdp;

	rxr->xdp.cpu = DPCNIC_STEER_HERE;
	if (unlikely(!prog))
		return XDP_PASS; /* detached, and this is what is left */
	/* came while a larger MTU was allowed: it must not get past a filter */
	if (unlikely(xdp_buff_has_frags(xdp) && !prog->aux->xdp_has_frags))
		return XDP_ABORTED;
	return bpf_prog_run_xdp(prog, xdp);
}

/*
 * The packet is the stack's, here or by another CPU.
 *
 * Return: false if it was dropped for want of an skb.
 */
static __always_inline bool dpcnic_xdp_pass(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
					    struct page *page, struct dpcnic_xdp_work *work)
{
	struct dpcnic_parcel mine;
	struct sk_buff *skb;

	if (dpcnic_steer_in_use(rxr) &&
	    dpcnic_steer_packet(rxr, dpc, work->here.packets, &work->verdicts))
		return true;

	dpcnic_xdp_pack(&rxr->xdp, &mine);
	skb = dpcnic_rx_skb(rxr, rxr->xdp.xdp.data_hard_start, mine.headroom, mine.len);
	if (unlikely(!skb)) {
		dpcnic_xdp_discard(rxr, page);
		return false;
	}
	dpcnic_parcel_tell(rxr, skb, &mine, &work->here);
	dpcnic_rx_indicate(rxr, &dpc->napi, skb);
	return true;
}

/**
 * dpcnic_xdp_copied() - a packet for the stack, or to be sent back, is in a page of the ring's pool
 * @rxr: the ring, with the packet in @rxr->xdp
 * @dpc: the DPC that has it
 * @page: the page
 * @act: XDP_PASS or XDP_TX
 * @work: the run; the verdict is counted here
 *
 * Context: the DPC's.
 * Return: false if it was dropped for want of an skb.
 */
bool dpcnic_xdp_copied(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc, struct page *page,
		       u32 act, struct dpcnic_xdp_work *work)
{
	if (act == XDP_PASS)
		return dpcnic_xdp_pass(rxr, dpc, page, work);
	dpcnic_xdp_tx(rxr, page, &work->verdicts);
	return true;
}

/**
 * dpcnic_xdp_abort() - XDP_ABORTED, or a verdict that is none
 * @rxr: the ring
 * @act: the verdict
 * @work: the run; the verdict is counted here
 *
 * Context: the DPC's.
 */
void dpcnic_xdp_abort(struct dpcnic_rx_ring *rxr, u32 act, struct dpcnic_xdp_work *work)
{
	if (act != XDP_ABORTED)
		bpf_warn_invalid_xdp_action(rxr->ndev, work->prog, act);
	trace_xdp_exception(rxr->ndev, work->prog, act);
	work->verdicts.aborted++;
}

/* The other verdicts, which are rarer or dearer. */
static noinline void dpcnic_xdp_obey(struct dpcnic_rx_ring *rxr, struct page *page, u32 act,
				     struct dpcnic_xdp_work *work)
{
	struct dpcnic_xdp_tally *verdicts = &work->verdicts;

	switch (act) {
	case XDP_TX:
		dpcnic_xdp_tx(rxr, page, verdicts);
		return;
	case XDP_REDIRECT:
		verdicts->redirect++;
		if (likely(!xdp_do_redirect(rxr->ndev, &rxr->xdp.xdp, work->prog)))
			return;
		verdicts->drop_redirect++;
		break;
	default:
		dpcnic_xdp_abort(rxr, act, work);
		break;
	}
	dpcnic_xdp_recycle(rxr, page);
}

/* The packet in @rxr->xdp is complete. @page is its first, @len what it was before the program. */
static void dpcnic_xdp_packet(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			      struct page *page, u32 status, u32 len, struct dpcnic_xdp_work *work)
{
	u32 act = dpcnic_xdp_run(rxr, work->prog);

	if (act == XDP_DROP) {
		work->verdicts.drop++;
		dpcnic_xdp_recycle(rxr, page);
	} else if (act != XDP_PASS) {
		dpcnic_xdp_obey(rxr, page, act, work);
	} else if (unlikely(!dpcnic_xdp_pass(rxr, dpc, page, work))) {
		dpcnic_rx_drop(rxr, &rxr->stats.drop_skb);
		return;
	}
	dpcnic_xdp_count(work, status, len);
}

static inline void dpcnic_xdp_begin(struct dpcnic_rx_ring *rxr, struct page *page, u32 len)
{
	struct xdp_buff *xdp = &rxr->xdp.xdp;

	dpcnic_rx_sync(rxr, page, len);
	xdp_prepare_buff(xdp, page_address(page), DPCNIC_RX_HEADROOM, len, true);
	xdp->flags = 0;
}

static void dpcnic_xdp_add_frag(struct xdp_buff *xdp, struct page *page, u32 len)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);

	if (!xdp_buff_has_frags(xdp)) {
		sinfo->nr_frags = 0;
		sinfo->xdp_frags_size = 0;
		xdp_buff_set_frags_flag(xdp);
	}
	if (unlikely(page_is_pfmemalloc(page)))
		xdp_buff_set_frag_pfmemalloc(xdp);
	skb_frag_fill_page_desc(&sinfo->frags[sinfo->nr_frags++], page, DPCNIC_RX_HEADROOM, len);
	sinfo->xdp_frags_size += len;
}

static bool dpcnic_xdp_is_full(const struct xdp_buff *xdp)
{
	return xdp_buff_has_frags(xdp) &&
	       xdp_get_shared_info_from_buff(xdp)->nr_frags == MAX_SKB_FRAGS;
}

/* Add the page of one descriptor to the packet under way, or begin one. */
static void dpcnic_xdp_add(struct dpcnic_rx_ring *rxr, struct page *page, u32 len)
{
	bool begun = rxr->under_way == DPCNIC_RX_XDP;
	struct xdp_buff *xdp = &rxr->xdp.xdp;

	if (rxr->under_way == DPCNIC_RX_DISCARD) {
		page_pool_put_full_page(rxr->pool, page, true);
	} else if (begun ? len > DPCNIC_RX_BUF_SIZE || dpcnic_xdp_is_full(xdp) :
			   !dpcnic_rx_can_begin(len)) {
		dpcnic_rx_drop(rxr, &rxr->stats.drop_desc);
		page_pool_put_full_page(rxr->pool, page, true);
		if (begun)
			xdp_return_buff(xdp);
		rxr->under_way = DPCNIC_RX_DISCARD;
	} else if (!len) {
		page_pool_put_full_page(rxr->pool, page, true); /* adds nothing */
	} else if (begun) {
		dpcnic_rx_sync(rxr, page, len);
		dpcnic_xdp_add_frag(xdp, page, len);
	} else {
		dpcnic_xdp_begin(rxr, page, len);
		rxr->under_way = DPCNIC_RX_XDP;
	}
}

static void dpcnic_xdp_flush_tally(struct dpcnic_rx_ring *rxr, const struct dpcnic_xdp_tally *tally)
{
	u64_stats_update_begin(&rxr->syncp);
	rxr->stats.xdp_drop += tally->drop;
	rxr->stats.xdp_tx += tally->tx;
	rxr->stats.xdp_redirect += tally->redirect;
	rxr->stats.xdp_aborted += tally->aborted;
	rxr->stats.steered += tally->steered;
	rxr->stats.kept += tally->kept;
	rxr->stats.drop_inbox += tally->drop_inbox;
	rxr->stats.drop_tx += tally->drop_tx;
	rxr->stats.drop_redirect += tally->drop_redirect;
	u64_stats_update_end(&rxr->syncp);
}

/* What became of the packets so far goes on its way, and is counted. */
static void dpcnic_xdp_finish(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			      struct dpcnic_xdp_tally *verdicts)
{
	if (rxr->tx_batched)
		dpcnic_xdp_send(rxr, verdicts);
	if (verdicts->redirect)
		xdp_do_flush();
	if (rxr->steer->pending)
		dpcnic_steer_hand_over(rxr, dpc);
	dpcnic_xdp_flush_tally(rxr, verdicts);
	trace_xdp_run(dpcnic_trace_device(rxr->ndev), dpc->msg->id, dpc->cpu, verdicts->drop,
		      verdicts->tx, verdicts->redirect, verdicts->aborted,
		      verdicts->drop_tx + verdicts->drop_redirect, verdicts->steered, 0,
		      verdicts->kept, verdicts->drop_inbox);
}

/**
 * dpcnic_xdp_trace_received() - tell observers of packets taken from an inbox
 * @dpc: the DPC that took them
 * @packets: how many
 *
 * Context: the DPC's.
 */
void dpcnic_xdp_trace_received(const struct dpcnic_dpc *dpc, u32 packets)
{
	trace_xdp_run(dpcnic_trace_device(dpc->msg->engine->ndev), dpc->msg->id, dpc->cpu, 0, 0, 0,
		      0, 0, 0, packets, 0, 0);
}

/*
 * One descriptor of a packet that takes several, that a program is not to see, or without sense.
 *
 * Return: the first page of the packet if this was its last and the program has to decide; else
 * NULL.
 */
static noinline struct page *dpcnic_xdp_part(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
					     struct dpcnic_rx_taken taken,
					     struct dpcnic_xdp_work *work)
{
	bool complete;

	if (rxr->under_way == DPCNIC_RX_SKB) {
		/* began before there was a program */
		dpcnic_rx_add_plain(rxr, &dpc->napi, taken, &work->all);
		return NULL;
	}
	dpcnic_xdp_add(rxr, taken.page, dpcnic_rx_len(&taken));
	if (!(taken.status & DPC_RXD_STAT_EOP))
		return NULL;
	complete = rxr->under_way == DPCNIC_RX_XDP;
	rxr->under_way = DPCNIC_RX_NONE;
	return complete ? virt_to_page(rxr->xdp.xdp.data_hard_start) : NULL;
}

/* Take packets up to @end, at most. */
static inline void dpcnic_xdp_take(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc, u32 end,
				   struct dpcnic_xdp_work *work)
{
	struct dpcnic_rx_taken taken;

	while (rxr->next != end && dpcnic_rx_next(rxr, &taken)) {
		struct page *page = taken.page;
		u32 len = dpcnic_rx_len(&taken);

		rxr->xdp.desc = taken.desc;
		if (likely(dpcnic_rx_is_whole(rxr, &taken))) {
			dpcnic_xdp_begin(rxr, page, len);
		} else {
			page = dpcnic_xdp_part(rxr, dpc, taken, work);
			if (!page)
				continue;
			len = xdp_get_buff_len(&rxr->xdp.xdp);
		}
		dpcnic_xdp_packet(rxr, dpc, page, taken.status, len, work);
	}
}

/**
 * dpcnic_xdp_rx_work() - dpcnic_rx_work() with a program
 * @rxr: the ring
 * @dpc: the DPC that has it
 * @throttle: the bound, of which something may be used up; the outcome is added
 * @prog: the program; NULL if there was one, and what it did is not over
 *
 * Every packet that the program sees counts for the bound, whatever becomes of it.
 *
 * Context: the DPC's.
 */
void dpcnic_xdp_rx_work(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			struct dpcnic_throttle *throttle, struct bpf_prog *prog)
{
	u32 bound = throttle->max_nbls - throttle->indicated;
	struct dpcnic_xdp_work work = { .prog = prog };
	u32 end = rxr->next;

	if (unlikely(!dpcnic_steer_begin(rxr, dpc, prog)))
		bound = 0;
	else
		rxr->xdp_busy = prog;

	while (dpcnic_rx_stretch(rxr, &end, bound - work.all.packets)) {
		if (unlikely(rxr->xsk))
			dpcnic_xsk_take(rxr, dpc, end, &work);
		else
			dpcnic_xdp_take(rxr, dpc, end, &work);
	}
	if (unlikely(rxr->under_way == DPCNIC_RX_XDP))
		rxr->xdp_busy = true;
	dpcnic_xdp_finish(rxr, dpc, &work.verdicts);

	work.all.csum_ok += work.here.csum_ok;
	work.all.csum_bad += work.here.csum_bad;
	if (unlikely(rxr->xsk)) {
		dpcnic_rx_report(rxr, throttle, work.all.packets, bound, &work.all);
		dpcnic_xsk_rx_end(rxr, dpc);
		return;
	}
	dpcnic_rx_end(rxr, throttle, work.all.packets, bound, &work.all);
}

/*
 * From its next run on each ring that is in use has @prog. Inboxes are there before the first
 * program can use them, whether it will or not.
 */
static int dpcnic_xdp_publish(struct dpcnic_nic *nic, struct bpf_prog *prog)
{
	int err, i;

	for (i = 0; prog && i < nic->queue_cnt; i++) {
		err = dpcnic_steer_alloc(&nic->queue[i].rx);
		if (err)
			return err;
	}
	for (i = 0; i < DPC_QUEUES; i++) {
		dpcnic_steer_new_prog(&nic->queue[i].rx);
		/* release: a DPC that sees the program sees the inboxes */
		smp_store_release(&nic->queue[i].rx.prog, i < nic->queue_cnt ? prog : NULL);
	}
	return 0;
}

/**
 * dpcnic_xdp_apply() - let rings that are made, or more in number, know the program
 * @nic: the NIC
 *
 * Context: process, RTNL held.
 * Return: 0 or -ENOMEM.
 */
int dpcnic_xdp_apply(struct dpcnic_nic *nic)
{
	return dpcnic_xdp_publish(nic, nic->xdp_prog);
}

/**
 * dpcnic_xdp_fits_mtu() - can a program look at every packet of an MTU?
 * @prog: the program, or NULL
 * @mtu: the MTU
 *
 * Return: false if packets can take several pages, which the program has not said it knows of.
 */
bool dpcnic_xdp_fits_mtu(const struct bpf_prog *prog, u32 mtu)
{
	return !prog || prog->aux->xdp_has_frags ||
	       dpcnic_max_frame(mtu) - ETH_FCS_LEN <= DPCNIC_RX_BUF_SIZE;
}

/* Attach, replace and detach are the same. */
static int dpcnic_xdp_setup(struct dpcnic_nic *nic, struct bpf_prog *prog,
			    struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = nic->xdp_prog;
	int err;

	if (!dpcnic_xdp_fits_mtu(prog, nic->ndev->mtu)) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "MTU above %u: needs a program that knows frags (SEC \"xdp.frags\")",
				       (u32)DPCNIC_RX_BUF_SIZE + ETH_FCS_LEN - dpcnic_max_frame(0));
		return -EOPNOTSUPP;
	}
	err = dpcnic_xdp_publish(nic, prog);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "no memory for steering");
		return err;
	}
	nic->xdp_prog = prog;
	/* runs that have the old one under way hold it by RCU */
	if (old)
		bpf_prog_put(old);
	return 0;
}

/**
 * dpcnic_bpf() - ndo_bpf
 * @ndev: the netdev
 * @bpf: what to do
 *
 * Context: process, RTNL held.
 * Return: 0 or an error, and nothing has changed.
 */
int dpcnic_bpf(struct net_device *ndev, struct netdev_bpf *bpf)
{
	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return dpcnic_xdp_setup(netdev_priv(ndev), bpf->prog, bpf->extack);
	case XDP_SETUP_XSK_POOL:
		return dpcnic_xsk_setup(netdev_priv(ndev), bpf->xsk.pool, bpf->xsk.queue_id);
	default:
		return -EINVAL;
	}
}

/* A program that calls these is bound to the device, so the packet is one of ours. */
static const struct dpcnic_xdp_buff *dpcnic_xdp_buff(const struct xdp_md *ctx)
{
	return container_of((const struct xdp_buff *)ctx, struct dpcnic_xdp_buff, xdp);
}

static const enum xdp_rss_hash_type dpcnic_xdp_hash_types[] = {
	[DPC_RSS_TCP_IPV4]	= XDP_RSS_TYPE_L4_IPV4_TCP,
	[DPC_RSS_IPV4]		= XDP_RSS_TYPE_L3_IPV4,
	[DPC_RSS_TCP_IPV6]	= XDP_RSS_TYPE_L4_IPV6_TCP,
	[DPC_RSS_IPV6_EX]	= XDP_RSS_TYPE_L3_IPV6_EX,
	[DPC_RSS_IPV6]		= XDP_RSS_TYPE_L3_IPV6,
	[DPC_RSS_TCP_IPV6_EX]	= XDP_RSS_TYPE_L4_IPV6_TCP_EX,
	[DPC_RSS_UDP_IPV4]	= XDP_RSS_TYPE_L4_IPV4_UDP,
	[DPC_RSS_UDP_IPV6]	= XDP_RSS_TYPE_L4_IPV6_UDP,
};

/* bpf_xdp_metadata_rx_hash(): the hardware's hash, and what it covers (R1) */
static int dpcnic_xdp_rx_hash(const struct xdp_md *ctx, u32 *hash,
			      enum xdp_rss_hash_type *rss_type)
{
	const struct dpcnic_xdp_buff *xb = dpcnic_xdp_buff(ctx);
	u32 type = le32_get_bits(xb->desc->wb.info, DPC_RXD_RSS_TYPE);

	if (!READ_ONCE(xb->hash) || type == DPC_RSS_NONE ||
	    type >= ARRAY_SIZE(dpcnic_xdp_hash_types))
		return -ENODATA;
	*hash = le32_to_cpu(xb->desc->wb.rss_hash);
	*rss_type = dpcnic_xdp_hash_types[type];
	return 0;
}

/*
 * bpf_xdp_metadata_rx_vlan_tag(): the tag that the packet came with and has no more. None where
 * stripping is off (NETIF_F_HW_VLAN_CTAG_RX): then the program sees it in the packet.
 */
static int dpcnic_xdp_rx_vlan_tag(const struct xdp_md *ctx, __be16 *vlan_proto, u16 *vlan_tci)
{
	const union dpcnic_rx_desc *desc = dpcnic_xdp_buff(ctx)->desc;

	if (!(desc->wb.status_error & cpu_to_le32(DPC_RXD_STAT_VP)))
		return -ENODATA;
	*vlan_proto = htons(ETH_P_8021Q);
	*vlan_tci = le16_to_cpu(desc->wb.vlan);
	return 0;
}

static const struct xdp_metadata_ops dpcnic_xdp_metadata_ops = {
	.xmo_rx_hash		= dpcnic_xdp_rx_hash,
	.xmo_rx_vlan_tag	= dpcnic_xdp_rx_vlan_tag,
};

/**
 * dpcnic_xdp_init() - what the stack is told about XDP
 * @ndev: the netdev, not registered yet
 */
void dpcnic_xdp_init(struct net_device *ndev)
{
	ndev->xdp_metadata_ops = &dpcnic_xdp_metadata_ops;
	xdp_set_features_flag(ndev, NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT |
			      NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_RX_SG |
			      NETDEV_XDP_ACT_NDO_XMIT_SG | NETDEV_XDP_ACT_XSK_ZEROCOPY);
}
