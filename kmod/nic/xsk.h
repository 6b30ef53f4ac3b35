/* SPDX-License-Identifier: GPL-2.0 */
/* AF_XDP without copies: a queue receives into, and sends from, a socket's memory (xsk.c). */
#ifndef DPCNIC_NIC_XSK_H
#define DPCNIC_NIC_XSK_H

#include <linux/types.h>

struct dpcnic_dpc;
struct dpcnic_nic;
struct dpcnic_queue;
struct dpcnic_rx_ring;
struct dpcnic_xdp_work;
struct net_device;
struct xdp_buff;
struct xsk_buff_pool;

int dpcnic_xsk_setup(struct dpcnic_nic *nic, struct xsk_buff_pool *pool, u16 idx);
bool dpcnic_xsk_fits_mtu(const struct dpcnic_nic *nic, u32 mtu);
bool dpcnic_xsk_allows_all(const struct dpcnic_nic *nic);
void dpcnic_xsk_kick(struct dpcnic_nic *nic);
int dpcnic_xsk_wakeup(struct net_device *ndev, u32 idx, u32 flags);

u32 dpcnic_xsk_buf_size(struct xsk_buff_pool *pool);
struct dpcnic_rx_ring *dpcnic_xsk_ring(const struct xdp_buff *xdp);
bool dpcnic_xsk_refill(struct dpcnic_rx_ring *rxr);
void dpcnic_xsk_take(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc, u32 end,
		     struct dpcnic_xdp_work *work);
void dpcnic_xsk_rx_end(struct dpcnic_rx_ring *rxr, struct dpcnic_dpc *dpc);

void dpcnic_xsk_tx_work(struct dpcnic_queue *queue);
void dpcnic_xsk_tx_complete(struct dpcnic_queue *queue);

#endif /* DPCNIC_NIC_XSK_H */
