/* SPDX-License-Identifier: GPL-2.0 */
/* The device filter of the observers: BPF side. */
#ifndef DPCNIC_OBSERVE_DEVICES_BPF_H
#define DPCNIC_OBSERVE_DEVICES_BPF_H

#include "devices.h"

/* Constant once loaded, so the verifier drops the unused slots' comparisons from the program. */
const volatile struct observe_device devices[OBSERVE_DEVICES];
const volatile __u32 device_count;

/* The slot of the device @ifindex, or -1 where nobody asked for it. */
static __always_inline int device_slot(__u32 ifindex)
{
#pragma unroll
	for (__u32 i = 0; i < OBSERVE_DEVICES; i++)
		if (i < device_count && devices[i].ifindex == ifindex)
			return i;
	return -1;
}

#endif /* DPCNIC_OBSERVE_DEVICES_BPF_H */
