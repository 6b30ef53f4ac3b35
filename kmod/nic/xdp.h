/* SPDX-License-Identifier: GPL-2.0 */
/* XDP: the program's run between ring and stack (xdp.c), and frames to transmit (tx_frame.c). */
#ifndef DPCNIC_NIC_XDP_H
#define DPCNIC_NIC_XDP_H

#include <linux/if_vlan.h>
#include <linux/types.h>

#include "rx.h"

struct bpf_prog;
struct dpcnic_dpc;
struct dpcnic_nic;
struct dpcnic_parcel;
struct dpcnic_throttle;
struct dpcnic_tx_ring;
struct napi_struct;
struct net_device;
struct netdev_bpf;
struct page;
struct xdp_frame;

/**
 * struct dpcnic_xdp_tally - what one run adds to the counters; see struct dpcnic_rx_stats
 * @drop: packets with that verdict, as the next three
 * @tx: ..
 * @redirect: ..
 * @aborted: ..
 * @steered: packets put in an inbox
 * @kept: ..
 * @drop_inbox: ..
 * @drop_tx: ..
 * @drop_redirect: ..
 */
struct dpcnic_xdp_tally {
	u32 drop;
	u32 tx;
	u32 redirect;
	u32 aborted;
	u32 steered;
	u32 kept;
	u32 drop_inbox;
	u32 drop_tx;
	u32 drop_redirect;
};

/**
 * struct dpcnic_xdp_work - one run of the ring
 * @prog: the program, or NULL
 * @all: packets taken from the ring, but for those that were dropped and not by the program
 * @here: what this DPC has indicated, of those and others
 * @verdicts: on them
 */
struct dpcnic_xdp_work {
	struct bpf_prog *prog;
	struct dpcnic_rx_tally all;
	struct dpcnic_rx_tally here;
	struct dpcnic_xdp_tally verdicts;
};

/* A packet has had its verdict. Its last descriptor has @status; it had @len bytes before that. */
static inline void dpcnic_xdp_count(struct dpcnic_xdp_work *work, u32 status, u32 len)
{
	work->all.packets++;
	work->all.bytes += len;
	if (unlikely(status & DPC_RXD_STAT_VP))
		work->all.bytes += VLAN_HLEN;
}

void dpcnic_xdp_rx_work(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			struct dpcnic_throttle *throttle, struct bpf_prog *prog);
bool dpcnic_xdp_copied(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc, struct page *page,
		       u32 act, struct dpcnic_xdp_work *work);
void dpcnic_xdp_abort(struct dpcnic_rx_ring *rxr, u32 act, struct dpcnic_xdp_work *work);
void dpcnic_xdp_cancel(struct dpcnic_rx_ring *rxr);
void dpcnic_parcel_put(struct dpcnic_rx_ring *rxr, struct dpcnic_parcel *parcel, bool direct);
void dpcnic_xdp_trace_received(const struct dpcnic_dpc *dpc, u32 packets);
int dpcnic_xdp_apply(struct dpcnic_nic *nic);
bool dpcnic_xdp_fits_mtu(const struct bpf_prog *prog, u32 mtu);
int dpcnic_bpf(struct net_device *ndev, struct netdev_bpf *bpf);
void dpcnic_xdp_init(struct net_device *ndev);

/* tx_frame.c */
u32 dpcnic_tx_frames(struct dpcnic_tx_ring *txr, struct xdp_frame **frames, u32 cnt);
int dpcnic_xdp_xmit(struct net_device *ndev, int cnt, struct xdp_frame **frames, u32 flags);

#endif /* DPCNIC_NIC_XDP_H */
