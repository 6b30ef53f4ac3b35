/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the supported kernels differ: the newest one's names, for the older ones. No other file
 * asks for a version.
 */
#ifndef DPCNIC_COMPAT_H
#define DPCNIC_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#include <net/xdp.h>

/* Of xdp_flags, that pages are emergency memory. */
static inline void xdp_update_skb_frags_info(struct sk_buff *skb, u8 nr_frags, unsigned int size,
					     unsigned int truesize, u32 xdp_flags)
{
	xdp_update_skb_shared_info(skb, nr_frags, size, truesize,
				   xdp_flags & XDP_FLAGS_FRAGS_PF_MEMALLOC);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#include <net/page_pool/types.h>

/* Before any of its pages is in use. */
static inline void page_pool_enable_direct_recycling(struct page_pool *pool,
						     struct napi_struct *napi)
{
	WRITE_ONCE(pool->p.napi, napi);
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#include <net/xdp.h>

/* Not from NAPI's cache of freed ones, but as fast as the allocator can. */
static inline u32 napi_skb_cache_get_bulk(void **skbs, u32 n)
{
	return xdp_alloc_skb_bulk(skbs, n, GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO) ? 0 : n;
}
#endif

/* The sample was handed over by value. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#include <linux/dim.h>

#define net_dim(dim, sample) net_dim(dim, *(sample))
#endif

/* A lock of the device alone is around what RTNL was around before: its NAPI instances, for one. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

static inline void netdev_lock(struct net_device *ndev)
{
	ASSERT_RTNL();
}

static inline void netdev_unlock(struct net_device *ndev)
{
}
#endif

/* Has GRO kept packets of a NAPI instance? Also asked from other CPUs. */
#include <linux/netdevice.h>
#include <net/gro.h> /* napi_gro_flush() */

static inline bool dpcnic_napi_gro_holds(const struct napi_struct *napi)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
	return READ_ONCE(napi->gro_bitmask);
#else
	return READ_ONCE(napi->gro.bitmask);
#endif
}

/*
 * A socket that polls its receive queue busily learns from its packets which NAPI instance that
 * means. Newer ones are told when they are bound, by netif_queue_set_napi().
 */
#include <net/xdp.h>

static inline void dpcnic_rxq_set_napi(struct xdp_rxq_info *rxq, const struct napi_struct *napi)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
	WRITE_ONCE(rxq->napi_id, napi->napi_id);
#endif
}

/*
 * Hash fields have ethtool operations of their own, and get_rxnfc and set_rxnfc are not asked for
 * them. 6.12 has got them, too, in one of its later updates.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 117) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0))
#include <linux/ethtool.h>

struct dpcnic_rxfh_fields {
	u32 data;
	u32 flow_type;
	u32 rss_context;
};

#define ethtool_rxfh_fields dpcnic_rxfh_fields

#define DPCNIC_RXFH_FIELDS(...)
#else
#define DPCNIC_RXFH_FIELDS(get, set) .get_rxfh_fields = (get), .set_rxfh_fields = (set),
#endif

/*
 * What a NAPI instance keeps while it is disabled: its ID, and what was set for it. Older kernels
 * take nothing away when they disable one. dpcnic has more instances than a netdev has room for
 * (netif_napi_add_config(): one per queue), so it brings the room itself.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
struct napi_config {};

static inline void dpcnic_napi_keep(struct napi_struct *napi, struct napi_config *config)
{
}
#else
#include <linux/netdevice.h>

/* From the beginning; and before it is enabled: what was set while it was disabled is kept, too. */
static inline void dpcnic_napi_keep(struct napi_struct *napi, struct napi_config *config)
{
	config->defer_hard_irqs = napi->defer_hard_irqs;
	config->gro_flush_timeout = napi->gro_flush_timeout;
	config->irq_suspend_timeout = napi->irq_suspend_timeout;
	napi->config = config;
}
#endif

/* The clock that is read may be changed by that. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define DPCNIC_CYCLECOUNTER const struct cyclecounter
#else
#define DPCNIC_CYCLECOUNTER struct cyclecounter
#endif

/* The number of rings has an ethtool operation of its own; get_rxnfc is not asked for it. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define DPCNIC_GET_RX_RING_COUNT(...)
#else
#define DPCNIC_GET_RX_RING_COUNT(function) .get_rx_ring_count = (function),
#endif

#endif /* DPCNIC_COMPAT_H */
