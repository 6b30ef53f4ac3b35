// SPDX-License-Identifier: GPL-2.0
/* The kfuncs by which an XDP program steers. See steer.h. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cpumask.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

#include "nic.h"
#include "rx.h"
#include "steer.h"
#include "xdp.h"
#include "xsk.h"

/* The ring whose packet this is, or NULL if it is none of ours. */
static struct dpcnic_rx_ring *dpcnic_steer_ring(const struct xdp_buff *xdp)
{
	struct dpcnic_rx_ring *rxr = container_of(xdp, struct dpcnic_rx_ring, xdp.xdp);

	/* nothing is read from what may be no ring: only if it is does rxq point into it */
	return likely(xdp->rxq == &rxr->rxq) ? rxr : dpcnic_xsk_ring(xdp);
}

__bpf_kfunc_start_defs();

/**
 * bpf_dpcnic_steer() - name the CPU that shall indicate this packet (R2)
 * @ctx: the packet
 * @cpu: the CPU
 *
 * It takes effect if the program returns XDP_PASS. Called again, the last call counts. The packet
 * may stay with the CPU that still has packets of the same flow, see steer.h. If this fails
 * nothing changes: without any CPU the packet is indicated on the interrupted one (R3).
 *
 * Return: 0; -EINVAL if there is no such CPU; -ENETDOWN if it is offline; -EOPNOTSUPP if this is
 * not dpcnic's native receive path (generic mode, another driver, BPF_PROG_TEST_RUN, a program in
 * a CPUMAP or DEVMAP).
 */
__bpf_kfunc int bpf_dpcnic_steer(struct xdp_md *ctx, u32 cpu)
{
	struct dpcnic_rx_ring *rxr = dpcnic_steer_ring((struct xdp_buff *)ctx);

	if (!rxr)
		return -EOPNOTSUPP;
	if (unlikely(cpu >= nr_cpu_ids || !cpu_online(cpu)))
		return cpu < nr_cpu_ids && cpu_possible(cpu) ? -ENETDOWN : -EINVAL;
	container_of((struct xdp_buff *)ctx, struct dpcnic_xdp_buff, xdp)->cpu = cpu;
	return 0;
}

/**
 * bpf_dpcnic_backlog() - how much waits for a CPU
 * @ctx: the packet
 * @cpu: the CPU
 *
 * Packets of this queue in that CPU's inbox, plus NAPI's weight for each DPC of the device that
 * waits there.
 *
 * Return: that; U32_MAX where bpf_dpcnic_steer() would fail.
 */
__bpf_kfunc u32 bpf_dpcnic_backlog(struct xdp_md *ctx, u32 cpu)
{
	struct dpcnic_rx_ring *rxr = dpcnic_steer_ring((struct xdp_buff *)ctx);
	const struct dpcnic_engine *engine;
	const struct dpcnic_inbox *inbox;
	u32 backlog;
	int i;

	if (!rxr || cpu >= nr_cpu_ids || !cpu_possible(cpu) || !cpu_online(cpu))
		return U32_MAX;
	inbox = rxr->steer->inbox[cpu];
	backlog = inbox->tail - READ_ONCE(inbox->head);
	engine = ((struct dpcnic_nic *)netdev_priv(rxr->ndev))->engine;
	for (i = 0; i < engine->msg_cnt; i++) {
		if (dpcnic_dpc_waits(&engine->msg[i].dpc[cpu]))
			backlog += NAPI_POLL_WEIGHT;
	}
	return backlog;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(dpcnic_steer_kfuncs)
BTF_ID_FLAGS(func, bpf_dpcnic_steer)
BTF_ID_FLAGS(func, bpf_dpcnic_backlog)
BTF_KFUNCS_END(dpcnic_steer_kfuncs)

static const struct btf_kfunc_id_set dpcnic_steer_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &dpcnic_steer_kfuncs,
};

/**
 * dpcnic_steer_init() - make the kfuncs known; they go with the module
 *
 * Return: 0 or an error.
 */
int dpcnic_steer_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &dpcnic_steer_kfunc_set);
}
