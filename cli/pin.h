/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What outlives dpctool: a device's throttle policy, pinned in bpffs as
 *
 *	/sys/fs/bpf/dpcnic/IF/throttle/link	keeps it attached
 *	/sys/fs/bpf/dpcnic/IF/throttle/about	a map that tells what it is
 *
 * A dot in the device's name becomes a colon, which no device's name has: bpffs takes no dots.
 */
#ifndef DPCTOOL_PIN_H
#define DPCTOOL_PIN_H

#include <limits.h>
#include <net/if.h>
#include <stddef.h>
#include <linux/types.h>

#include "error.h"

/**
 * struct pin_about - what dpctool notes of a policy it attached
 * @since_ns: when, in nanoseconds of CLOCK_REALTIME
 * @netns: inode of the network namespace
 * @ifindex: the device there
 * @map_id: kernel's number of the policy's map; another in the link means that another program
 *	replaced the policy
 * @policy: its name
 * @parameters: the words that attached it, after its name
 * @does: what it does
 */
struct pin_about {
	__u64 since_ns;
	__u64 netns;
	__u32 ifindex;
	__u32 map_id;
	char policy[16];
	char parameters[128];
	char does[80];
};

/** enum pin_state - what became of a pinned policy */
enum pin_state {
	PIN_NONE,	/* there is none */
	PIN_ATTACHED,	/* it is as dpctool left it */
	PIN_REPLACED,	/* another program replaced it */
	PIN_DETACHED,	/* another program detached it */
	PIN_GONE,	/* its device is gone */
	PIN_ELSEWHERE,	/* its device has another name now, or is in another network namespace */
};

/** struct pin - a policy found pinned */
struct pin {
	enum pin_state state;
	struct pin_about about;
};

/** pin_path() - the directory of device @dev */
void pin_path(char path[PATH_MAX], const char *dev);

/** pin_ready() - is there a bpffs to pin in? */
enum exit_code pin_ready(void);

/** pin_find() - what is pinned for device @dev */
enum exit_code pin_find(struct pin *pin, const char *dev);

/** pin_visit() - call @found with each name of a device that has something pinned */
void pin_visit(void (*found)(const char *dev, void *context), void *context);

/** pin_note() - fill in of @about where and when: @ifindex of this network namespace, now */
void pin_note(struct pin_about *about, __u32 ifindex);

/** pin_link() - pin a policy that was just attached */
enum exit_code pin_link(const char *dev, int link_fd, const struct pin_about *about);

/** pin_open_link() - open the pinned link of @dev; returns a negative errno if that fails */
int pin_open_link(const char *dev);

/** pin_update() - say that the pinned link has another policy now */
enum exit_code pin_update(const char *dev, const struct pin_about *about);

/** pin_remove() - detach the policy of @dev and remove its pins */
enum exit_code pin_remove(const char *dev);

#endif /* DPCTOOL_PIN_H */
