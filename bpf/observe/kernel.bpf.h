/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of the kernel's own structures, the fields that generic.bpf.c reads, as they are called from 6.1
 * on: libbpf finds out where they are on the kernel at hand.
 */
#ifndef DPCNIC_OBSERVE_KERNEL_BPF_H
#define DPCNIC_OBSERVE_KERNEL_BPF_H

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

struct net_device {
	int ifindex;
	struct {
		struct net *net;
	} nd_net;
};

struct task_struct;

struct napi_struct {
	unsigned long state;
	struct net_device *dev;
	unsigned int napi_id;
	struct task_struct *thread;
};

struct irqaction {
	unsigned int flags;
};

#pragma clang attribute pop

/* Enumerations without a name in the kernel; the values are the same from 6.1 to 7.3. */
#define NET_RX_SOFTIRQ		3
#define NAPIF_STATE_DISABLE	0x4
#define IRQF_SHARED		0x80
#define IRQ_NONE		0

#endif /* DPCNIC_OBSERVE_KERNEL_BPF_H */
