/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From pages to the stack: an skb, and with it what the hardware knows of the packet. Inline, for
 * all three ways that a packet can come: from the ring (rx.c), through an XDP program (xdp.c), and
 * through an inbox (steer.c).
 */
#ifndef DPCNIC_NIC_INDICATE_H
#define DPCNIC_NIC_INDICATE_H

#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "../compat.h"
#include "../hw/desc.h"
#include "rx.h"
#include "steer.h"

/* What a packet's last descriptor says, with its wb.status_error, which has been read before. */
static inline struct dpcnic_rx_facts dpcnic_rx_facts(const union dpcnic_rx_desc *desc, u32 status)
{
	return (struct dpcnic_rx_facts) {
		.info = le32_to_cpu(desc->wb.info),
		.hash = le32_to_cpu(desc->wb.rss_hash),
		.status = status,
		.vlan = le16_to_cpu(desc->wb.vlan),
	};
}

static inline enum pkt_hash_types dpcnic_rx_hash_type(u32 info)
{
	switch (FIELD_GET(DPC_RXD_RSS_TYPE, info)) {
	case DPC_RSS_NONE:
		return PKT_HASH_TYPE_NONE;
	case DPC_RSS_IPV4:
	case DPC_RSS_IPV6:
	case DPC_RSS_IPV6_EX:
		return PKT_HASH_TYPE_L3;
	default:
		return PKT_HASH_TYPE_L4;
	}
}

static inline void dpcnic_rx_checksum(const struct dpcnic_rx_ring *rxr, struct sk_buff *skb,
				      u32 status, struct dpcnic_rx_tally *tally)
{
	if (!READ_ONCE(rxr->csum) || !(status & (DPC_RXD_STAT_L4CS | DPC_RXD_STAT_UDPCS)))
		return;

	if (unlikely(status & (DPC_RXD_ERR_L4E | DPC_RXD_ERR_IPE | DPC_RXD_ERR_RXE))) {
		tally->csum_bad++;
		return;
	}
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	tally->csum_ok++;
}

/**
 * dpcnic_rx_tell() - tell the stack what the hardware knows of a packet
 * @rxr: the ring it came from
 * @skb: the packet
 * @facts: what its last descriptor says
 * @tally: where it is counted; a VLAN tag that was stripped counts as if still there
 *
 * Context: that of the DPC that indicates it, which may not be the ring's.
 */
static inline void dpcnic_rx_tell(const struct dpcnic_rx_ring *rxr, struct sk_buff *skb,
				  const struct dpcnic_rx_facts *facts,
				  struct dpcnic_rx_tally *tally)
{
	tally->packets++;
	tally->bytes += skb->len;

	if (unlikely(facts->status & (DPC_RXD_STAT_VP | DPC_RXD_STAT_TS)))
		dpcnic_rx_add_rare(rxr, skb, facts, tally);
	dpcnic_rx_checksum(rxr, skb, facts->status, tally);
	if (READ_ONCE(rxr->hash))
		skb_set_hash(skb, facts->hash, dpcnic_rx_hash_type(facts->info));
	skb_record_rx_queue(skb, rxr->idx);
	skb->protocol = eth_type_trans(skb, rxr->ndev);
}

/* Say where in its first page, which comes from a page pool, the packet lies. */
static inline void dpcnic_skb_set_data(struct sk_buff *skb, u32 headroom, u32 len)
{
	skb_mark_for_recycle(skb);
	skb_reserve(skb, headroom);
	__skb_put(skb, len);
}

/**
 * dpcnic_skb_build() - lay an skb around a packet's first page
 * @skb: the skb, of napi_skb_cache_get_bulk()
 * @head: the page, which comes from a page pool
 * @headroom: where in it the packet begins
 * @len: bytes of the packet that are in it
 */
static inline void dpcnic_skb_build(struct sk_buff *skb, void *head, u32 headroom, u32 len)
{
	build_skb_around(skb, head, PAGE_SIZE);
	dpcnic_skb_set_data(skb, headroom, len);
}

/**
 * dpcnic_rx_skb() - lay an skb around a packet's first page
 * @rxr: the ring
 * @head: the page, which comes from a page pool
 * @headroom: where in it the packet begins
 * @len: bytes of the packet that are in it
 *
 * skbs that GRO merged, or that were sent, come back to NAPI's cache, from where they are cheapest;
 * left there, it would overflow. The others come from the allocator, in bulk, and go back to it.
 *
 * Context: the DPC's that has the ring.
 * Return: the skb, or NULL; then the page is the caller's still.
 */
static inline struct sk_buff *dpcnic_rx_skb(struct dpcnic_rx_ring *rxr, void *head, u32 headroom,
					    u32 len)
{
	struct sk_buff *skb;

	if (rxr->returned) {
		rxr->returned--;
		skb = napi_build_skb(head, PAGE_SIZE);
		if (likely(skb))
			dpcnic_skb_set_data(skb, headroom, len);
		return skb;
	}
	if (!rxr->spare_cnt) {
		rxr->spare_cnt = napi_skb_cache_get_bulk(rxr->spare, DPCNIC_SKB_BULK);
		if (unlikely(!rxr->spare_cnt))
			return NULL;
	}
	skb = rxr->spare[--rxr->spare_cnt];
	dpcnic_skb_build(skb, head, headroom, len);
	return skb;
}

/* Hand a packet to the stack. Context: the same. */
static inline void dpcnic_rx_indicate(struct dpcnic_rx_ring *rxr, struct napi_struct *napi,
				      struct sk_buff *skb)
{
	if (napi_gro_receive(napi, skb) == GRO_MERGED_FREE)
		dpcnic_rx_note_returned(rxr, 1);
}

/* A packet as an XDP program has left it. Context: the DPC's that has the ring. */
static inline void dpcnic_xdp_pack(const struct dpcnic_xdp_buff *xb, struct dpcnic_parcel *parcel)
{
	const struct xdp_buff *xdp = &xb->xdp;

	parcel->facts = dpcnic_rx_facts(xb->desc, le32_to_cpu(xb->desc->wb.status_error));
	parcel->len = xdp->data_end - xdp->data;
	parcel->headroom = xdp->data - xdp->data_hard_start;
	parcel->meta = xdp->data - xdp->data_meta;
	parcel->frags = 0;

	if (unlikely(xdp_buff_has_frags(xdp))) {
		const struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);

		parcel->frags = sinfo->nr_frags;
		parcel->frags_size = sinfo->xdp_frags_size;
		parcel->frags_reserve = xdp->flags & XDP_FLAGS_FRAGS_PF_MEMALLOC;
	}
}

/**
 * dpcnic_parcel_tell() - tell the stack what is known of a packet that a program has passed
 * @rxr: the ring it came from
 * @skb: the packet, around its first page
 * @parcel: the same. One that stays with the DPC that has the ring is never written down as such:
 *	hence inline.
 * @tally: where it is counted
 *
 * Context: that of the DPC that indicates it.
 */
static __always_inline void dpcnic_parcel_tell(const struct dpcnic_rx_ring *rxr,
					       struct sk_buff *skb,
					       const struct dpcnic_parcel *parcel,
					       struct dpcnic_rx_tally *tally)
{
	if (parcel->meta)
		skb_metadata_set(skb, parcel->meta);
	if (unlikely(parcel->frags)) {
		xdp_update_skb_frags_info(skb, parcel->frags, parcel->frags_size,
					  parcel->frags * PAGE_SIZE, 0);
		skb->pfmemalloc |= parcel->frags_reserve;
	}
	dpcnic_rx_tell(rxr, skb, &parcel->facts, tally);
}

#endif /* DPCNIC_NIC_INDICATE_H */
