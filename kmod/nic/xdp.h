/* SPDX-License-Identifier: GPL-2.0 */
/* XDP: the program's run between ring and stack (xdp.c), and frames to transmit (tx_frame.c). */
#ifndef DPCNIC_NIC_XDP_H
#define DPCNIC_NIC_XDP_H

#include <linux/types.h>

struct bpf_prog;
struct dpcnic_dpc;
struct dpcnic_nic;
struct dpcnic_parcel;
struct dpcnic_rx_ring;
struct dpcnic_rx_tally;
struct dpcnic_throttle;
struct dpcnic_tx_ring;
struct napi_struct;
struct net_device;
struct netdev_bpf;
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

void dpcnic_xdp_rx_work(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc,
			struct dpcnic_throttle *throttle, struct bpf_prog *prog);
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
