// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: from ndo_start_xmit to the descriptors, and from the descriptors that the device has
 * done with back to the stack.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/netdev_queues.h>
#include <net/xdp.h>

#include "nic.h"
#include "tx.h"
#include "xsk.h"

/*
 * Header lengths and protocol, which checksums and segmentation both need. Inline: nobody is given
 * a pointer to the job, which therefore never is in memory.
 */
static __always_inline void dpcnic_tx_set_context(struct dpcnic_tx_job *job, u32 l4_type)
{
	const struct sk_buff *skb = job->skb;
	u32 l3 = skb_network_offset(skb);
	u32 l4 = skb_checksum_start_offset(skb);

	job->ctx_lens = FIELD_PREP(DPC_TXC_MACLEN, l3) | FIELD_PREP(DPC_TXC_IPLEN, l4 - l3);
	job->ctx_tucmd = DPC_TXD_DTYP_CTXT | DPC_TXD_DEXT |
			 FIELD_PREP(DPC_TXC_TUCMD_L4T, l4_type);
	if (ip_hdr(skb)->version == 4)
		job->ctx_tucmd |= DPC_TXC_TUCMD_IPV4;
	job->olinfo |= DPC_TXD_POPTS_TXSM;
}

/*
 * Segmentation: the device wants the checksum of TCP or UDP to hold the pseudo header without
 * length, and the IP lengths and checksum zero. It sets all of them, and UDP's length.
 *
 * Return: 0, or an error and the packet is to be dropped.
 */
static int dpcnic_tx_prepare_gso(struct dpcnic_tx_job *job)
{
	struct sk_buff *skb = job->skb;
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	bool udp = shinfo->gso_type & SKB_GSO_UDP_L4;
	u8 protocol = udp ? IPPROTO_UDP : IPPROTO_TCP;
	u32 l4_len, hdr_len;
	__sum16 *check;
	int err;

	err = skb_cow_head(skb, 0);
	if (err)
		return err;

	dpcnic_tx_set_context(job, udp ? DPC_TXC_L4T_UDP : DPC_TXC_L4T_TCP);
	l4_len = udp ? sizeof(struct udphdr) : tcp_hdrlen(skb);
	check = udp ? &udp_hdr(skb)->check : &tcp_hdr(skb)->check;
	if (ip_hdr(skb)->version == 4) {
		struct iphdr *ip = ip_hdr(skb);

		ip->tot_len = 0;
		ip->check = 0;
		*check = ~csum_tcpudp_magic(ip->saddr, ip->daddr, 0, protocol, 0);
		job->olinfo |= DPC_TXD_POPTS_IXSM;
	} else {
		struct ipv6hdr *ip6 = ipv6_hdr(skb);

		ip6->payload_len = 0;
		*check = ~csum_ipv6_magic(&ip6->saddr, &ip6->daddr, 0, protocol, 0);
	}

	job->ctx_mss = FIELD_PREP(DPC_TXC_L4LEN, l4_len) |
		       FIELD_PREP(DPC_TXC_MSS, shinfo->gso_size);
	job->cmd |= DPC_TXD_TSE;
	hdr_len = skb_transport_offset(skb) + l4_len;
	job->olinfo |= FIELD_PREP(DPC_TXD_PAYLEN, skb->len - hdr_len);
	job->segs = shinfo->gso_segs;
	job->bytes = skb->len + (job->segs - 1) * hdr_len;
	return 0;
}

/* Checksum: by the device where it knows the protocol, else by the CPU. */
static int dpcnic_tx_prepare_csum(struct dpcnic_tx_job *job)
{
	struct sk_buff *skb = job->skb;

	switch (skb->csum_offset) {
	case offsetof(struct tcphdr, check):
		dpcnic_tx_set_context(job, DPC_TXC_L4T_TCP);
		return 0;
	case offsetof(struct udphdr, check):
		dpcnic_tx_set_context(job, DPC_TXC_L4T_UDP);
		return 0;
	case offsetof(struct sctphdr, checksum):
		if (skb_csum_is_sctp(skb)) {
			dpcnic_tx_set_context(job, DPC_TXC_L4T_SCTP);
			return 0;
		}
		fallthrough;
	default:
		return skb_checksum_help(skb);
	}
}

static int dpcnic_tx_prepare(struct dpcnic_tx_job *job)
{
	struct sk_buff *skb = job->skb;
	int err = 0;

	job->cmd = DPC_TXD_DTYP_DATA | DPC_TXD_DEXT | DPC_TXD_IFCS;
	job->bytes = skb->len;
	job->segs = 1;

	if (skb_is_gso(skb))
		return dpcnic_tx_prepare_gso(job);
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		err = dpcnic_tx_prepare_csum(job);
	job->olinfo |= FIELD_PREP(DPC_TXD_PAYLEN, skb->len);
	return err;
}

/*
 * A VLAN tag that is not in the packet is for the device to insert, as long as it does that. The
 * stack may have looked before that ended: then it is put into the packet here, and headers and
 * packet are longer than was prepared. Inline, too.
 *
 * Return: false if there was no memory for that, and the packet is gone.
 */
static __always_inline bool dpcnic_tx_take_tag(const struct dpcnic_nic *nic,
					       struct dpcnic_tx_job *job)
{
	struct sk_buff *skb = job->skb;

	job->bytes += job->segs * VLAN_HLEN;
	if (unlikely(!READ_ONCE(nic->insert_tags))) {
		job->ctx_lens += FIELD_PREP(DPC_TXC_MACLEN, VLAN_HLEN);
		if (!(job->cmd & DPC_TXD_TSE))
			job->olinfo += FIELD_PREP(DPC_TXD_PAYLEN, VLAN_HLEN);
		return __vlan_hwaccel_push_inside(skb);
	}
	job->cmd |= DPC_TXD_VLE;
	job->ctx_tucmd |= DPC_TXD_DTYP_CTXT | DPC_TXD_DEXT;
	job->ctx_lens |= FIELD_PREP(DPC_TXC_MACLEN, skb_network_offset(skb)) |
			 FIELD_PREP(DPC_TXC_VLAN, skb_vlan_tag_get(skb));
	return true;
}

static void dpcnic_tx_put_context(struct dpcnic_tx_ring *txr, struct dpcnic_tx_job *job)
{
	union dpcnic_tx_desc *desc = &txr->desc[job->idx++ & txr->mask];

	desc->ctx.vlan_macip_lens = cpu_to_le32(job->ctx_lens);
	desc->ctx.launch_time = 0;
	desc->ctx.type_tucmd = cpu_to_le32(job->ctx_tucmd);
	desc->ctx.mss_l4len_idx = cpu_to_le32(job->ctx_mss);
}

/* One piece of memory becomes one descriptor, or several of 32 KB; the first owns the mapping. */
static int dpcnic_tx_put_piece(struct dpcnic_tx_ring *txr, struct dpcnic_tx_job *job,
			       dma_addr_t dma, u32 len, bool page)
{
	struct dpcnic_tx_buf *buf = &txr->buf[job->idx & txr->mask];

	if (unlikely(dma_mapping_error(txr->dev, dma)))
		return -ENOMEM;

	buf->page = page;
	dma_unmap_addr_set(buf, dma, dma);
	dma_unmap_len_set(buf, len, len);

	for (; len > DPCNIC_TX_CHUNK; len -= DPCNIC_TX_CHUNK, dma += DPCNIC_TX_CHUNK)
		dpcnic_tx_put_data(txr, job, dma, DPCNIC_TX_CHUNK);
	dpcnic_tx_put_data(txr, job, dma, len);
	return 0;
}

/* Write all descriptors of the packet. On error none of it is mapped any more. */
static int dpcnic_tx_map(struct dpcnic_tx_ring *txr, struct dpcnic_tx_job *job)
{
	struct sk_buff *skb = job->skb;
	int err, i;

	if (job->ctx_tucmd)
		dpcnic_tx_put_context(txr, job);

	err = dpcnic_tx_put_piece(txr, job,
				  dma_map_single(txr->dev, skb->data, skb_headlen(skb),
						 DMA_TO_DEVICE),
				  skb_headlen(skb), false);
	if (err)
		goto unmap;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		u32 len = skb_frag_size(frag);

		err = dpcnic_tx_put_piece(txr, job,
					  skb_frag_dma_map(txr->dev, frag, 0, len, DMA_TO_DEVICE),
					  len, true);
		if (err)
			goto unmap;
	}

	txr->desc[(job->idx - 1) & txr->mask].read.cmd_type_len |=
		cpu_to_le32(DPC_TXD_EOP | DPC_TXD_RS);
	return 0;

unmap:
	while (job->idx != job->first)
		dpcnic_tx_unmap(txr, &txr->buf[--job->idx & txr->mask]);
	return err;
}

/*
 * The packet, whose data descriptors are those from @first up to @end, wants the time when it is
 * sent.
 */
static noinline void dpcnic_tx_stamp(struct dpcnic_nic *nic, struct dpcnic_tx_ring *txr,
				     struct sk_buff *skb, u32 first, u32 end)
{
	if (!dpcnic_ptp_tx(nic, skb))
		return;
	for (; first != end; first++)
		txr->desc[first & txr->mask].read.cmd_type_len |= cpu_to_le32(DPC_TXD_TSTAMP);
}

static void dpcnic_tx_drop(struct dpcnic_tx_ring *txr, struct sk_buff *skb, u64 *cause)
{
	u64_stats_update_begin(&txr->syncp);
	(*cause)++;
	u64_stats_update_end(&txr->syncp);
	dev_kfree_skb_any(skb);
}

/* For want of memory it could not be made longer, and whoever tried has freed it. */
static void dpcnic_tx_count_gone(struct dpcnic_tx_ring *txr)
{
	u64_stats_update_begin(&txr->syncp);
	txr->stats.drop_map++;
	u64_stats_update_end(&txr->syncp);
}

static void dpcnic_tx_count(struct dpcnic_tx_ring *txr, const struct dpcnic_tx_job *job)
{
	u64_stats_update_begin(&txr->syncp);
	txr->stats.packets += job->segs;
	txr->stats.bytes += job->bytes;
	if (job->cmd & DPC_TXD_TSE) {
		txr->stats.tso_packets++;
		txr->stats.tso_segs += job->segs;
	}
	if (job->olinfo & DPC_TXD_POPTS_TXSM)
		txr->stats.csum += job->segs;
	u64_stats_update_end(&txr->syncp);
}

static void dpcnic_tx_count_stop(struct dpcnic_tx_ring *txr)
{
	u64_stats_update_begin(&txr->syncp);
	txr->stats.stop++;
	u64_stats_update_end(&txr->syncp);
}

/* The packet is in the ring: hand it over, and stop the queue while the next may not fit. */
static void dpcnic_tx_submit(struct dpcnic_tx_ring *txr, const struct dpcnic_tx_job *job)
{
	struct dpcnic_tx_buf *buf = &txr->buf[job->first & txr->mask];
	bool doorbell;

	buf->skb = job->skb;
	buf->kind = DPCNIC_TX_SKB;
	buf->bytes = job->bytes;
	buf->segs = job->segs;
	buf->last = job->idx - 1;

	skb_tx_timestamp(job->skb);
	dpcnic_tx_count(txr, job);

	/* release: the DPC sees buf and descriptors when it sees the new used */
	smp_store_release(&txr->used, job->idx);

	doorbell = __netdev_tx_sent_queue(txr->txq, job->bytes, netdev_xmit_more());
	if (!netif_txq_maybe_stop(txr->txq, dpcnic_tx_free(txr), DPCNIC_TX_DESC_PER_SKB,
				  DPCNIC_TX_WAKE)) {
		dpcnic_tx_count_stop(txr);
		doorbell = true;
	}
	if (doorbell)
		writel(job->idx & txr->mask, txr->tail);
}

/* Packets sent before under xmit_more may wait for a doorbell that the dropped one was to ring. */
static void dpcnic_tx_ring_doorbell(struct dpcnic_tx_ring *txr)
{
	if (!netdev_xmit_more())
		writel(txr->used & txr->mask, txr->tail);
}

/**
 * dpcnic_start_xmit() - ndo_start_xmit
 * @skb: the packet
 * @ndev: the netdev
 *
 * Context: BHs disabled, the queue's lock held.
 * Return: NETDEV_TX_OK; NETDEV_TX_BUSY never in normal flow, as the queue is stopped before.
 */
netdev_tx_t dpcnic_start_xmit(struct sk_buff *skb, struct net_device *ndev)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	struct dpcnic_tx_ring *txr = &nic->queue[skb_get_queue_mapping(skb)].tx;
	struct dpcnic_tx_job job = { .skb = skb, .first = txr->used, .idx = txr->used };

	if (unlikely(dpcnic_tx_free(txr) < DPCNIC_TX_DESC_PER_SKB))
		return NETDEV_TX_BUSY;

	if (skb_put_padto(skb, DPCNIC_TX_LEN_MIN)) {
		dpcnic_tx_count_gone(txr);
		goto ring_doorbell;
	}
	if (unlikely(dpcnic_tx_prepare(&job))) {
		dpcnic_tx_drop(txr, skb, &txr->stats.drop_csum);
		goto ring_doorbell;
	}
	if (unlikely(skb_vlan_tag_present(skb)) && !dpcnic_tx_take_tag(nic, &job)) {
		dpcnic_tx_count_gone(txr);
		goto ring_doorbell;
	}
	if (unlikely(dpcnic_tx_map(txr, &job))) {
		dpcnic_tx_drop(txr, skb, &txr->stats.drop_map);
		goto ring_doorbell;
	}
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_HW_TSTAMP))
		dpcnic_tx_stamp(nic, txr, skb, job.first + !!job.ctx_tucmd, job.idx);
	dpcnic_tx_submit(txr, &job);
	return NETDEV_TX_OK;

ring_doorbell:
	dpcnic_tx_ring_doorbell(txr);
	return NETDEV_TX_OK;
}

/**
 * dpcnic_features_check() - ndo_features_check: no offload for headers the context cannot describe,
 * nor for several VLAN tags
 * @skb: the packet
 * @ndev: the netdev
 * @features: what is left so far
 *
 * Return: the features that fit this packet.
 */
netdev_features_t dpcnic_features_check(struct sk_buff *skb, struct net_device *ndev,
					netdev_features_t features)
{
	u32 l3 = skb_network_offset(skb);

	features = vlan_features_check(skb, features);
	if (l3 > FIELD_MAX(DPC_TXC_MACLEN) ||
	    (skb->ip_summed == CHECKSUM_PARTIAL &&
	     skb_checksum_start_offset(skb) - l3 > FIELD_MAX(DPC_TXC_IPLEN)))
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC | NETIF_F_GSO_MASK);
	/* an outer header would need a second set of lengths */
	if (skb->encapsulation)
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return features;
}

/*
 * A frame of our own receive ring goes straight back to its pool: @napi_budget is not 0, so we are
 * the DPC that has that ring, too. In process context it is 0, and nobody is.
 */
static void dpcnic_tx_consume(struct dpcnic_tx_ring *txr, struct dpcnic_tx_buf *buf,
			      u32 napi_budget)
{
	if (likely(buf->kind == DPCNIC_TX_SKB))
		napi_consume_skb(buf->skb, napi_budget);
	else if (buf->kind == DPCNIC_TX_OWN && napi_budget)
		xdp_return_frame_rx_napi(buf->frame);
	else if (buf->kind != DPCNIC_TX_XSK)
		xdp_return_frame(buf->frame);
	else
		txr->xsk_done++;
	buf->skb = NULL;
}

/* Free what is behind the packet at @next. Return: index behind its last descriptor. */
static __always_inline u32 dpcnic_tx_release(struct dpcnic_tx_ring *txr, u32 next, u32 last,
					     u32 napi_budget)
{
	dpcnic_tx_consume(txr, &txr->buf[next & txr->mask], napi_budget);
	for (; next != last + 1; next++)
		dpcnic_tx_unmap(txr, &txr->buf[next & txr->mask]);
	return next;
}

static bool dpcnic_tx_sent(const struct dpcnic_tx_ring *txr, u32 last)
{
	return READ_ONCE(txr->desc[last & txr->mask].wb.status) & cpu_to_le32(DPC_TXD_STAT_DD);
}

/**
 * dpcnic_tx_pending() - is there work for the DPC? For the ISR of a message that queues share.
 * @txr: the ring
 *
 * Context: hard IRQ. If the DPC runs meanwhile the answer may be wrong.
 * Return: true if a packet was sent that the DPC has not taken back.
 */
bool dpcnic_tx_pending(const struct dpcnic_tx_ring *txr)
{
	u32 used = smp_load_acquire(&txr->used); /* pairs with dpcnic_tx_submit() */
	u32 next = READ_ONCE(txr->next);

	return next != used && dpcnic_tx_sent(txr, READ_ONCE(txr->buf[next & txr->mask].last));
}

/**
 * dpcnic_tx_busy() - does the ring hold packets, sent or not?
 * @txr: the ring
 *
 * Context: any; with DPC or stack at work the answer may be old.
 * Return: true if so.
 */
bool dpcnic_tx_busy(const struct dpcnic_tx_ring *txr)
{
	return READ_ONCE(txr->next) != READ_ONCE(txr->used);
}

/**
 * dpcnic_tx_stays_stopped() - is the stack to send nothing, though there is room?
 * @txr: the ring
 *
 * So while it is taken down, and while the device is put aside or tested (selftest.c).
 *
 * Context: any.
 * Return: true if so.
 */
bool dpcnic_tx_stays_stopped(const struct dpcnic_tx_ring *txr)
{
	const struct dpcnic_nic *nic = netdev_priv(txr->txq->dev);

	return !READ_ONCE(nic->up) || !READ_ONCE(txr->open) || !netif_device_present(nic->ndev);
}

/**
 * dpcnic_tx_work() - take back every packet that the device has sent (T4: all of them)
 * @txr: the ring
 * @napi_budget: NAPI's, 0 in netpoll; tells how packets may be freed
 *
 * Context: the DPC's.
 * Return: how many packets that was.
 */
u32 dpcnic_tx_work(struct dpcnic_tx_ring *txr, u32 napi_budget)
{
	u32 used = smp_load_acquire(&txr->used); /* pairs with dpcnic_tx_submit() */
	u32 next = txr->next;
	u32 packets = 0;
	u32 bytes = 0;

	while (next != used) {
		struct dpcnic_tx_buf *buf = &txr->buf[next & txr->mask];
		u32 last = buf->last;

		if (!dpcnic_tx_sent(txr, last))
			break;
		/* netpoll may be in hard IRQ context, where pools are not at home */
		if (buf->kind != DPCNIC_TX_SKB && unlikely(!napi_budget))
			break;
		packets++;
		if (likely(buf->kind == DPCNIC_TX_SKB))
			bytes += buf->bytes;
		next = dpcnic_tx_release(txr, next, last, napi_budget);
	}
	if (next == txr->next)
		return 0;

	/* release: who finds the room sees buf as we left it; dpcnic_tx_free() */
	smp_store_release(&txr->next, next);
	if (unlikely(!bytes))
		smp_mb(); /* frames only: BQL, which has this barrier, is not told of them */
	if (!__netif_txq_completed_wake(txr->txq, packets, bytes, dpcnic_tx_free(txr),
					DPCNIC_TX_WAKE, dpcnic_tx_stays_stopped(txr))) {
		u64_stats_update_begin(&txr->wake_syncp);
		txr->wake++;
		u64_stats_update_end(&txr->wake_syncp);
	}
	return packets;
}

/**
 * dpcnic_tx_mem_alloc() - get memory for a ring
 * @txr: the ring it is for; may be in use
 * @desc_cnt: descriptors, a power of two
 * @mem: out
 *
 * Context: process.
 * Return: 0, or -ENOMEM and nothing is held.
 */
int dpcnic_tx_mem_alloc(const struct dpcnic_tx_ring *txr, u32 desc_cnt, struct dpcnic_tx_mem *mem)
{
	*mem = (struct dpcnic_tx_mem) { .cnt = desc_cnt };
	mem->buf = kvcalloc_node(desc_cnt, sizeof(*mem->buf), DPCNIC_RING_GFP,
				 dev_to_node(txr->dev));
	if (!mem->buf)
		return -ENOMEM;

	mem->desc = dma_alloc_coherent(txr->dev, desc_cnt * sizeof(*mem->desc), &mem->dma,
				       DPCNIC_RING_GFP);
	if (!mem->desc) {
		kvfree(mem->buf);
		return -ENOMEM;
	}
	return 0;
}

/**
 * dpcnic_tx_mem_free() - undo dpcnic_tx_mem_alloc()
 * @txr: the ring it was for; may be in use with another
 * @mem: what to free; nothing if it is empty
 *
 * Context: process.
 */
void dpcnic_tx_mem_free(const struct dpcnic_tx_ring *txr, struct dpcnic_tx_mem *mem)
{
	if (!mem->desc)
		return;
	dma_free_coherent(txr->dev, mem->cnt * sizeof(*mem->desc), mem->desc, mem->dma);
	kvfree(mem->buf);
	*mem = (struct dpcnic_tx_mem) {};
}

/**
 * dpcnic_tx_ring_install() - make a ring of memory
 * @txr: the ring, without
 * @mem: the memory, the ring's from now on
 *
 * Context: process, while neither the stack nor a DPC can use the ring.
 */
void dpcnic_tx_ring_install(struct dpcnic_tx_ring *txr, const struct dpcnic_tx_mem *mem)
{
	txr->desc = mem->desc;
	txr->buf = mem->buf;
	txr->dma = mem->dma;
	txr->mask = mem->cnt - 1;
	txr->used = 0;
	txr->next = 0;
}

/* Take back what was sent, and drop the rest. The queue is stopped. */
static void dpcnic_tx_drain(struct dpcnic_tx_ring *txr)
{
	u64 dropped = 0;

	while (txr->next != txr->used) {
		const struct dpcnic_tx_buf *buf = &txr->buf[txr->next & txr->mask];

		if (!dpcnic_tx_sent(txr, buf->last))
			dropped += buf->segs;
		txr->next = dpcnic_tx_release(txr, txr->next, buf->last, 0);
	}
	netdev_tx_reset_queue(txr->txq);

	/* the device may be up, and XDP frames be refused and counted meanwhile */
	__netif_tx_lock_bh(txr->txq);
	u64_stats_update_begin(&txr->syncp);
	txr->stats.drop_stop += dropped;
	u64_stats_update_end(&txr->syncp);
	__netif_tx_unlock_bh(txr->txq);
}

/**
 * dpcnic_tx_ring_remove() - undo dpcnic_tx_ring_install(), and drop what was not sent
 * @txr: a ring that neither the device nor the stack uses any more; its counters stay
 * @mem: out: its memory
 *
 * Context: process, while no DPC can run.
 */
void dpcnic_tx_ring_remove(struct dpcnic_tx_ring *txr, struct dpcnic_tx_mem *mem)
{
	dpcnic_tx_drain(txr);
	dpcnic_xsk_tx_complete(container_of(txr, struct dpcnic_queue, tx));
	*mem = (struct dpcnic_tx_mem) {
		.desc = txr->desc,
		.buf = txr->buf,
		.dma = txr->dma,
		.cnt = txr->mask + 1,
	};
	txr->desc = NULL;
	txr->buf = NULL;
	txr->mask = 0; /* no room: for who comes to a queue that is just being taken away */
}

/**
 * dpcnic_tx_ring_start() - let the device send from the ring
 * @nic: the NIC
 * @txr: an allocated ring
 *
 * Context: process.
 * Return: 0 or the device's error.
 */
int dpcnic_tx_ring_start(struct dpcnic_nic *nic, struct dpcnic_tx_ring *txr)
{
	int err = dpcnic_hw_enable_txq(&nic->hw, txr->idx, txr->dma, txr->mask + 1);

	if (err)
		return err;
	__netif_tx_lock_bh(txr->txq);
	WRITE_ONCE(txr->open, true);
	__netif_tx_unlock_bh(txr->txq);
	return 0;
}

/**
 * dpcnic_tx_ring_stop() - take no more, from the stack or else
 * @txr: the ring
 *
 * A DPC that runs may wake the stack's queue once more.
 *
 * Context: process.
 */
void dpcnic_tx_ring_stop(struct dpcnic_tx_ring *txr)
{
	__netif_tx_lock_bh(txr->txq);
	WRITE_ONCE(txr->open, false);
	netif_tx_stop_queue(txr->txq);
	__netif_tx_unlock_bh(txr->txq);
}

/**
 * dpcnic_tx_mark() - where the ring ends now
 * @txr: the ring
 *
 * Whoever sends later sees what the caller has written before.
 *
 * Context: process.
 * Return: for dpcnic_tx_passed().
 */
u32 dpcnic_tx_mark(struct dpcnic_tx_ring *txr)
{
	u32 mark;

	__netif_tx_lock_bh(txr->txq);
	mark = txr->used;
	__netif_tx_unlock_bh(txr->txq);
	return mark;
}

/**
 * dpcnic_tx_passed() - is everything sent that was in the ring then?
 * @txr: the ring, the same since
 * @mark: of dpcnic_tx_mark()
 *
 * Context: any.
 * Return: true if so.
 */
bool dpcnic_tx_passed(const struct dpcnic_tx_ring *txr, u32 mark)
{
	return (s32)(READ_ONCE(txr->next) - mark) >= 0;
}

/**
 * dpcnic_tx_count_timeout() - count a transmit time-out
 * @txr: the ring that timed out
 *
 * Context: ndo_tx_timeout's: BHs disabled, and the stack's queues frozen, but not those who send
 * XDP frames.
 */
void dpcnic_tx_count_timeout(struct dpcnic_tx_ring *txr)
{
	__netif_tx_lock(txr->txq, smp_processor_id());
	u64_stats_update_begin(&txr->syncp);
	txr->stats.timeout++;
	u64_stats_update_end(&txr->syncp);
	__netif_tx_unlock(txr->txq);
}

/**
 * dpcnic_tx_read_stats() - a consistent copy of the counters
 * @txr: the ring
 * @stats: out
 *
 * Context: any.
 */
void dpcnic_tx_read_stats(const struct dpcnic_tx_ring *txr, struct dpcnic_tx_stats *stats)
{
	unsigned int start;
	u64 wake;

	do {
		start = u64_stats_fetch_begin(&txr->syncp);
		dpcnic_copy_stats(stats, &txr->stats, sizeof(*stats));
	} while (u64_stats_fetch_retry(&txr->syncp, start));

	do {
		start = u64_stats_fetch_begin(&txr->wake_syncp);
		wake = READ_ONCE(txr->wake);
	} while (u64_stats_fetch_retry(&txr->wake_syncp, start));
	stats->wake = wake;
}
