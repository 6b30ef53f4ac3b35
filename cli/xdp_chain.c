// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <xdp/libxdp.h>

#include "xdp_chain.h"

/* The dispatcher of device @ifindex; NULL if it has none. */
static struct xdp_multiprog *dispatcher_of(__u32 ifindex)
{
	struct xdp_multiprog *dispatcher;

	/* what it would say, is said better by what is made of it */
	libxdp_set_print(NULL);
	dispatcher = xdp_multiprog__get_from_ifindex((int)ifindex);
	if (libxdp_get_error(dispatcher))
		return NULL;
	if (!xdp_multiprog__is_legacy(dispatcher))
		return dispatcher;
	xdp_multiprog__close(dispatcher);
	return NULL;
}

static struct xdp_program *find(const struct xdp_multiprog *dispatcher, __u32 id)
{
	struct xdp_program *program = NULL;

	while ((program = xdp_multiprog__next_prog(program, dispatcher)))
		if (xdp_program__id(program) == id)
			break;
	return program;
}

bool xdp_chain_has(__u32 ifindex, __u32 id)
{
	struct xdp_multiprog *dispatcher = dispatcher_of(ifindex);
	bool found;

	if (!dispatcher)
		return false;
	found = find(dispatcher, id);
	xdp_multiprog__close(dispatcher);
	return found;
}

bool xdp_chain_takes(__u32 ifindex)
{
	struct xdp_multiprog *dispatcher;
	struct xdp_device xdp;

	if (xdp_device_read(&xdp, ifindex) || !xdp.program)
		return true;
	dispatcher = dispatcher_of(ifindex);
	if (dispatcher)
		xdp_multiprog__close(dispatcher);
	return dispatcher;
}

static enum xdp_attach_mode mode_of(enum xdp_mode mode)
{
	if (mode == XDP_EITHER)
		return XDP_MODE_UNSPEC;
	return mode == XDP_GENERIC ? XDP_MODE_SKB : XDP_MODE_NATIVE;
}

int xdp_chain_attach(const struct xdp_policy *policy, __u32 ifindex, enum xdp_mode mode, __u32 *id)
{
	DECLARE_LIBXDP_OPTS(xdp_program_opts, opts, .obj = policy->object,
			    .prog_name = bpf_program__name(policy->program));
	struct xdp_program *program;
	long error;

	libxdp_set_print(NULL);
	program = xdp_program__create(&opts);
	error = libxdp_get_error(program);
	if (!error)
		error = xdp_program__set_xdp_frags_support(program, xdp_policy_frags(policy));
	if (!error)
		error = xdp_program__attach(program, (int)ifindex, mode_of(mode), 0);
	if (error)
		return (int)error;
	*id = xdp_program__id(program);
	return xdp_program__fd(program);
}

int xdp_chain_detach(__u32 ifindex, __u32 id)
{
	struct xdp_multiprog *dispatcher = dispatcher_of(ifindex);
	struct xdp_program *program;
	int error;

	if (!dispatcher)
		return -ENOENT;
	program = find(dispatcher, id);
	error = program ? xdp_program__detach(program, (int)ifindex,
					      xdp_multiprog__attach_mode(dispatcher), 0) : -ENOENT;
	xdp_multiprog__close(dispatcher);
	return error;
}
