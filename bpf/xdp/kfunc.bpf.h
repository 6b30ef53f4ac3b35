/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module dpcnic offers XDP programs, beside the kernel's own metadata kfuncs.
 *
 * The declarations are weak: a program that names these functions can be loaded without the
 * module, and then must not call them. kfunc_steer() and kfunc_backlog() see to that.
 */
#ifndef DPCNIC_XDP_KFUNC_BPF_H
#define DPCNIC_XDP_KFUNC_BPF_H

#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>

/**
 * bpf_dpcnic_steer() - name the CPU that shall indicate this packet (R2)
 * @ctx: the program's argument
 * @cpu: the CPU
 *
 * It counts if the program then returns XDP_PASS. Of several calls the last successful one counts.
 *
 * Return: 0; -EINVAL: there is no such CPU; -ENETDOWN: it is offline; -EOPNOTSUPP: the packet is
 * not in dpcnic's native receive path (generic mode, BPF_PROG_TEST_RUN, another driver, a CPUMAP's
 * program). After an error the packet is indicated on the interrupted CPU (R3).
 */
int bpf_dpcnic_steer(struct xdp_md *ctx, __u32 cpu) __ksym __weak;

/**
 * bpf_dpcnic_backlog() - how much waits on a CPU
 * @ctx: the program's argument
 * @cpu: the CPU
 *
 * Return: the packets that wait in this queue's inbox there, and 64 for each DPC of this device
 * that waits there; ~0 if the CPU cannot be used, or the packet is not dpcnic's.
 */
__u32 bpf_dpcnic_backlog(struct xdp_md *ctx, __u32 cpu) __ksym __weak;

/* The same, without the module too: refuses. */
static __always_inline int kfunc_steer(struct xdp_md *ctx, __u32 cpu)
{
	return bpf_ksym_exists(bpf_dpcnic_steer) ? bpf_dpcnic_steer(ctx, cpu) : -EOPNOTSUPP;
}

/* The same, without the module too: nothing waits anywhere. */
static __always_inline __u32 kfunc_backlog(struct xdp_md *ctx, __u32 cpu)
{
	return bpf_ksym_exists(bpf_dpcnic_backlog) ? bpf_dpcnic_backlog(ctx, cpu) : 0;
}

#endif /* DPCNIC_XDP_KFUNC_BPF_H */
