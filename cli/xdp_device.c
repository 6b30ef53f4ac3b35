// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/if_link.h>
#include <linux/netdev.h>

#include "genl.h"
#include "xdp_device.h"

/* Maps of a program that are looked at. */
#define PROGRAM_MAPS	64

const char *const xdp_mode_names[XDP_MODES] = {
	[XDP_NATIVE] = "native",
	[XDP_GENERIC] = "generic",
	[XDP_OFFLOADED] = "offloaded",
	[XDP_EITHER] = "native or generic",
};

/* libbpf asks netlink's family netdev, and where there is none says that the driver can nothing. */
static bool kernel_tells(void)
{
	struct genl genl;

	if (genl_open(&genl, NETDEV_FAMILY_NAME) == -ENOENT)
		return false;
	genl_close(&genl);
	return true;
}

int xdp_device_read(struct xdp_device *xdp, __u32 ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int error = bpf_xdp_query((int)ifindex, 0, &query);

	*xdp = (struct xdp_device){ 0 };
	if (error)
		return error;
	xdp->told = query.feature_flags || kernel_tells();
	xdp->native = query.feature_flags & NETDEV_XDP_ACT_BASIC;
	xdp->frags = query.feature_flags & NETDEV_XDP_ACT_RX_SG;
	if (query.drv_prog_id) {
		xdp->program = query.drv_prog_id;
	} else if (query.skb_prog_id) {
		xdp->program = query.skb_prog_id;
		xdp->mode = XDP_GENERIC;
	} else if (query.hw_prog_id) {
		xdp->program = query.hw_prog_id;
		xdp->mode = XDP_OFFLOADED;
	}
	return 0;
}

/* Returns 0, with @info filled in, or -errno. */
static int program_info(struct bpf_prog_info *info, __u32 id)
{
	int fd = bpf_prog_get_fd_by_id(id);
	__u32 length = sizeof(*info);
	int error;

	if (fd < 0)
		return -errno;
	error = bpf_obj_get_info_by_fd(fd, info, &length) ? -errno : 0;
	close(fd);
	return error;
}

void xdp_program_name(char *name, size_t size, __u32 id)
{
	struct bpf_prog_info info = { 0 };

	snprintf(name, size, "%s", program_info(&info, id) ? "?" : info.name);
}

enum exit_code xdp_device_taken(const char *dev, const struct xdp_device *xdp)
{
	char name[BPF_OBJ_NAME_LEN];
	bool dispatcher;

	xdp_program_name(name, sizeof(name), xdp->program);
	dispatcher = !strcmp(name, "xdp_dispatcher");
	return fail(DPCTOOL_REFUSED, dispatcher ? "--chain, to be one of those it calls" :
		    "bpftool net and bpftool link, to see more of it",
		    "%s: has an XDP program that dpctool did not attach: %s, id %u, %s%s", dev,
		    name, xdp->program, xdp_mode_names[xdp->mode],
		    dispatcher ? ", the dispatcher of libxdp" : "");
}

int xdp_link_create(int program_fd, __u32 ifindex, enum xdp_mode mode)
{
	static const __u32 flags[XDP_MODES] = {
		[XDP_NATIVE] = XDP_FLAGS_DRV_MODE,
		[XDP_GENERIC] = XDP_FLAGS_SKB_MODE,
	};
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags[mode]);
	int fd = bpf_link_create(program_fd, (int)ifindex, BPF_XDP, &opts);

	return fd < 0 ? -errno : fd;
}

bool xdp_same_program(__u32 id, int fd)
{
	struct bpf_prog_info one = { 0 }, other = { 0 };
	__u32 length = sizeof(other);

	return !program_info(&one, id) && !bpf_obj_get_info_by_fd(fd, &other, &length) &&
	       !memcmp(one.tag, other.tag, sizeof(one.tag)) && !strcmp(one.name, other.name);
}

int xdp_program_map(__u32 id, const char *name)
{
	__u32 ids[PROGRAM_MAPS];
	struct bpf_prog_info info = { .map_ids = (__u64)(unsigned long)ids,
				      .nr_map_ids = PROGRAM_MAPS };
	int error = program_info(&info, id);

	for (__u32 i = 0; !error && i < info.nr_map_ids && i < PROGRAM_MAPS; i++) {
		struct bpf_map_info map = { 0 };
		__u32 length = sizeof(map);
		int fd = bpf_map_get_fd_by_id(ids[i]);

		if (fd < 0)
			return -errno;
		if (!bpf_obj_get_info_by_fd(fd, &map, &length) && !strcmp(map.name, name))
			return fd;
		close(fd);
	}
	return error ? error : -ENOENT;
}

enum exit_code xdp_program_closed(const char *dev)
{
	return fail(DPCTOOL_UNABLE, "as root, or give it CAP_SYS_ADMIN",
		    "%s: no permission to open the maps of its program", dev);
}
