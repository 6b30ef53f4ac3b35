/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What outlives dpctool: a device's policies, one of each kind, pinned in bpffs as
 *
 *	/sys/fs/bpf/dpcnic/IF/KIND/link		keeps it attached
 *	/sys/fs/bpf/dpcnic/IF/KIND/program	the same for one that is called by another program
 *	/sys/fs/bpf/dpcnic/IF/KIND/about	a map that tells what it is
 *
 * A dot in the device's name becomes a colon, which no device's name has: bpffs takes no dots.
 */
#ifndef DPCTOOL_PIN_H
#define DPCTOOL_PIN_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "error.h"

/**
 * struct pin_about - what dpctool notes of a policy it attached
 * @since_ns: when, in nanoseconds of CLOCK_REALTIME
 * @netns: inode of the network namespace
 * @ifindex: the device there
 * @id: kernel's number of what is attached; another in the link means that another program
 *	replaced the policy
 * @mode: how it is attached, if there are several ways
 * @chained: another program calls it, so there is no link
 * @policy: its name
 * @parameters: the words that attached it, after its name, as far as there is room
 * @does: what it does
 * @digest: of what was asked for, to tell it from anything else
 */
struct pin_about {
	__u64 since_ns;
	__u64 netns;
	__u32 ifindex;
	__u32 id;
	__u32 mode;
	__u32 chained;
	char policy[16];
	char parameters[256];
	char does[80];
	__u64 digest;
};

/**
 * struct pin_kind - a kind of policy
 * @name: its directory
 * @command: the command that deals with it, for error messages
 * @held: the kernel's number of what a link, or the noted program, has attached; 0: nothing
 */
struct pin_kind {
	const char *name;
	const char *command;
	__u32 (*held)(int fd, const struct pin_about *about);
};

/** enum pin_state - what became of a pinned policy */
enum pin_state {
	PIN_NONE,	/* there is none */
	PIN_ATTACHED,	/* it is as dpctool left it */
	PIN_REPLACED,	/* another program replaced it */
	PIN_DETACHED,	/* another program detached it */
	PIN_GONE,	/* its device is gone */
	PIN_ELSEWHERE,	/* its device has another name now, or is in another network namespace */
	PIN_STATES
};

/* Their names, NULL for PIN_NONE. */
extern const char *const pin_states[PIN_STATES];

/** struct pin - a policy found pinned */
struct pin {
	enum pin_state state;
	struct pin_about about;
};

/** pin_path() - the directory of device @dev */
void pin_path(char path[PATH_MAX], const struct pin_kind *kind, const char *dev);

/**
 * pin_name() - the name that a policy of a device is pinned for: what the user @called the device,
 * or else its @own
 *
 * The device that had the name then may have another now, and that name as an alternative one.
 */
const char *pin_name(const struct pin_kind *kind, const char *called, const char *own);

/** pin_ready() - is there a bpffs to pin in? */
enum exit_code pin_ready(const struct pin_kind *kind);

/** pin_find() - what is pinned for device @dev */
enum exit_code pin_find(struct pin *pin, const struct pin_kind *kind, const char *dev);

/** pin_find_some() - the same, where it is an error that nothing is; @verb: shows what there is */
enum exit_code pin_find_some(struct pin *pin, const struct pin_kind *kind, const char *dev,
			     const char *verb);

/** pin_find_own() - the same, where it must not be at work in another network namespace */
enum exit_code pin_find_own(struct pin *pin, const struct pin_kind *kind, const char *dev,
			    const char *verb);

/**
 * pin_admit() - may @pin, found for device @dev, be replaced, or else attached over?
 * @replace: replaced
 *
 * Removes what is left of a policy that is no longer attached.
 */
enum exit_code pin_admit(const struct pin *pin, const struct pin_kind *kind, const char *dev,
			 bool replace);

/** pin_visit() - call @found with each name of a device that has something of the kind pinned */
void pin_visit(const struct pin_kind *kind, void (*found)(const char *dev, void *context),
	       void *context);

/** pin_note() - fill in of @about where and when: @ifindex of this network namespace, now */
void pin_note(struct pin_about *about, __u32 ifindex);

/** pin_keep() - pin a policy that was just attached: its link, or program if it is chained */
enum exit_code pin_keep(const struct pin_kind *kind, const char *dev, int fd,
			const struct pin_about *about);

/** pin_open() - open the pinned link of @dev, or program; returns a negative errno if that fails */
int pin_open(const struct pin_kind *kind, const char *dev);

/**
 * pin_update() - say that the pinned link has another policy now; or, if it is chained, pin program
 * @fd in the place of the former one
 */
enum exit_code pin_update(const struct pin_kind *kind, const char *dev, int fd,
			  const struct pin_about *about);

/** pin_remove() - detach the policy of @dev, unless it is chained, and remove its pins */
enum exit_code pin_remove(const struct pin_kind *kind, const char *dev);

#endif /* DPCTOOL_PIN_H */
