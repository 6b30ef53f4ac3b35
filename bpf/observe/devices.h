/* SPDX-License-Identifier: GPL-2.0 */
/* How many devices one observer watches at most, and what it knows of each. */
#ifndef DPCNIC_OBSERVE_DEVICES_H
#define DPCNIC_OBSERVE_DEVICES_H

#include <linux/types.h>

#define OBSERVE_DEVICES		16

/**
 * struct observe_device - one watched device, set by dpctool before the program is loaded
 * @ifindex: its interface index; 0 if another program watches it
 * @messages: how many messages it has; runs of a message beyond are counted as lost. generic.bpf.c:
 *	the same of NAPI instances
 * @first: index of its first entry in the map of counters; of its first element in map napis
 */
struct observe_device {
	__u32 ifindex;
	__u32 messages;
	__u32 first;
};

#endif /* DPCNIC_OBSERVE_DEVICES_H */
