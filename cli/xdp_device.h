/* SPDX-License-Identifier: GPL-2.0 */
/* What XDP a device has, and what it can take. */
#ifndef DPCTOOL_XDP_DEVICE_H
#define DPCTOOL_XDP_DEVICE_H

#include "device.h"
#include "error.h"

/** enum xdp_mode - where a program runs */
enum xdp_mode {
	XDP_NATIVE,	/* in the driver, before there is a packet buffer */
	XDP_GENERIC,	/* in the stack, whatever the driver */
	XDP_OFFLOADED,	/* in the hardware; dpctool attaches nothing there */
	XDP_EITHER,	/* native or else generic: the kernel knows, and does not tell before */
	XDP_MODES
};

/* Their names. */
extern const char *const xdp_mode_names[XDP_MODES];

/**
 * struct xdp_device - what XDP a device has
 * @told: the kernel tells what its driver can do, as it does from 6.3 on; if not, nothing is known
 * @native: its driver can run programs
 * @frags: also on packets that do not fit one buffer
 * @program: the kernel's number of the program attached, 0 if there is none
 * @mode: how that is attached
 */
struct xdp_device {
	bool told;
	bool native;
	bool frags;
	__u32 program;
	enum xdp_mode mode;
};

/** xdp_device_read() - fill @xdp with what device @ifindex has now; 0 or -errno */
int xdp_device_read(struct xdp_device *xdp, __u32 ifindex);

/** xdp_program_name() - name of program @id; "?" if it is gone, or we may not know */
void xdp_program_name(char *name, size_t size, __u32 id);

/** xdp_device_taken() - the error message: device @dev has a program that is not dpctool's */
enum exit_code xdp_device_taken(const char *dev, const struct xdp_device *xdp);

/** xdp_link_create() - attach program @program_fd; returns the link's descriptor or -errno */
int xdp_link_create(int program_fd, __u32 ifindex, enum xdp_mode mode);

/** xdp_same_program() - have programs @id and @fd the same instructions? */
bool xdp_same_program(__u32 id, int fd);

/** xdp_program_map() - open the map @name of program @id; a negative errno if there is none, which
 *	is -EPERM if we may not know
 */
int xdp_program_map(__u32 id, const char *name);

/** xdp_program_closed() - the error message: we may not open what the program of @dev has */
enum exit_code xdp_program_closed(const char *dev);

#endif /* DPCTOOL_XDP_DEVICE_H */
