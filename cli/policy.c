// SPDX-License-Identifier: GPL-2.0
/* "dpctool policy": which XDP program steers or filters the packets of a device. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "args.h"
#include "device.h"
#include "extack.h"
#include "policy.h"
#include "watch.h"
#include "xdp_chain.h"
#include "xdp_device.h"
#include "xdp_fill.h"
#include "xdp_policy.h"

/*
 * The largest MTU of a packet in one buffer: of most drivers, a page of 4096 bytes, less headroom,
 * the end that the stack needs, and an Ethernet header with a VLAN tag; and of dpcnic, whose
 * hardware's buffers are of whole kilobytes.
 */
#define ONE_BUFFER_MTU		3498
#define ONE_BUFFER_MTU_DPCNIC	3050

enum policy_verb {
	POLICY_ATTACH, POLICY_REPLACE, POLICY_DETACH, POLICY_LIST, POLICY_COUNTERS, POLICY_CHECK,
};

static const struct verb verbs[] = {
	[POLICY_ATTACH] = { "attach", "have a policy look at each packet the device receives; the "
		"one that is attached already stays, if it is the same" },
	[POLICY_REPLACE] = { "replace", "put another policy in the place of the attached one, from "
		"the next packet on; the device's key and table are read anew" },
	[POLICY_DETACH] = { "detach", "the device is without a policy again" },
	[POLICY_LIST] = { "list", "the policy of the device, or of all; also XDP programs that "
		"dpctool did not attach" },
	[POLICY_COUNTERS] = { "counters", "what the policy counted, since it was attached" },
	[POLICY_CHECK] = { "check", "could the policy be attached? It is loaded, but not "
		"attached" },
	{ 0 }
};

enum exit_code policy_none_given(const struct request *request)
{
	if (request->choice < 0 && !(request->given & ~(1U << KEYWORD_DEV)) && !request->chain)
		return DPCTOOL_OK;
	return misused(request, "takes no policy", NULL);
}

/* --- attach, replace, check */

/**
 * struct attempt - a policy and a device
 * @request: what is asked for
 * @device: the device
 * @xdp: what XDP it has
 * @pin: what is pinned for it
 * @mode: how the policy is to be attached
 * @policy: the policy, loaded
 * @extack: hears what the kernel says
 */
struct attempt {
	const struct request *request;
	struct device device;
	struct xdp_device xdp;
	struct pin pin;
	enum xdp_mode mode;
	struct xdp_policy policy;
	struct extack_bpf *extack;
};

static const char *driver_name(const char *dev)
{
	const char *driver = device_driver(dev);

	return driver ? driver : "part of the kernel's network stack";
}

/* What is wrong whatever the device. */
static enum exit_code check(const struct request *request)
{
	const char *mode = request->mode;

	if (mode && strcmp(mode, xdp_mode_names[XDP_NATIVE]) &&
	    strcmp(mode, xdp_mode_names[XDP_GENERIC]))
		return misused(request, "mode: neither native nor generic:", mode);
	if (request->verb == POLICY_REPLACE && request->chain)
		return misused(request, "a policy keeps its place: no --chain", NULL);
	return xdp_policy_check(request);
}

/* A mode that was not asked for is the attached policy's, or the better of those possible. */
static enum exit_code choose_mode(struct attempt *attempt)
{
	const struct request *request = attempt->request;
	const char *dev = attempt->device.name;
	bool replace = request->verb == POLICY_REPLACE;
	enum xdp_mode wanted;

	attempt->mode = replace ? (enum xdp_mode)attempt->pin.about.mode :
			attempt->xdp.native ? XDP_NATIVE :
			attempt->xdp.told ? XDP_GENERIC : XDP_EITHER;
	wanted = !request->mode ? attempt->mode :
		 strcmp(request->mode, xdp_mode_names[XDP_NATIVE]) ? XDP_GENERIC : XDP_NATIVE;
	if (replace && wanted != attempt->mode)
		return fail(DPCTOOL_REFUSED, "dpctool policy detach, then attach",
			    "%s: its policy is %s, and stays so when it is replaced", dev,
			    xdp_mode_names[attempt->mode]);
	if (wanted == XDP_NATIVE && attempt->xdp.told && !attempt->xdp.native)
		return fail(DPCTOOL_REFUSED, "mode generic",
			    "%s: has no native XDP: its driver is %s", dev, driver_name(dev));
	attempt->mode = wanted;
	return DPCTOOL_OK;
}

static enum exit_code needs_dpcnic(const struct attempt *attempt)
{
	const char *dev = attempt->device.name;

	if (!xdp_policy_steers(attempt->request))
		return DPCTOOL_OK;
	if (!device_is_ours(dev))
		return fail(DPCTOOL_REFUSED, "the policy cpumap, which works with any driver",
			    "%s: policy %s needs dpcnic, its driver is %s", dev,
			    xdp_policy_name(attempt->request), driver_name(dev));
	if (attempt->mode != XDP_NATIVE)
		return fail(DPCTOOL_REFUSED, "mode native",
			    "%s: policy %s steers in the driver only, in native mode", dev,
			    xdp_policy_name(attempt->request));
	return DPCTOOL_OK;
}

/* A packet that does not fit one buffer can be given to programs only that are made for it. */
static bool lacks_frags(const struct attempt *attempt)
{
	const char *dev = attempt->device.name;
	__u32 limit = device_is_ours(dev) ? ONE_BUFFER_MTU_DPCNIC : ONE_BUFFER_MTU;

	return attempt->mode == XDP_NATIVE && device_mtu(dev) > limit &&
	       !xdp_policy_frags(&attempt->policy);
}

static enum exit_code refuse_frags(const struct attempt *attempt)
{
	const char *said = extack_heard(attempt->extack);

	return fail(DPCTOOL_REFUSED, "SEC(\"xdp.frags\"), a smaller MTU, or mode generic",
		    "%s: its MTU of %u needs a program with frags, and %s has none%s%s",
		    attempt->device.name, device_mtu(attempt->device.name),
		    bpf_program__name(attempt->policy.program), *said ? ": " : "", said);
}

static enum exit_code attach_failed(const struct attempt *attempt, int error)
{
	const char *dev = attempt->device.name, *said = extack_heard(attempt->extack);
	struct xdp_device now;

	if (error == EPERM)
		return fail(DPCTOOL_UNABLE, "as root, or give it CAP_NET_ADMIN",
			    "%s: no permission to attach a policy", dev);
	if (error == ENOLINK)
		return fail(DPCTOOL_NOT_FOUND, "dpctool policy detach, then attach",
			    "%s: its policy was detached by another program", dev);
	if ((error == EBUSY || error == EEXIST) &&
	    !xdp_device_read(&now, attempt->device.ifindex) && now.program)
		return xdp_device_taken(dev, &now);
	if (error == E2BIG && (attempt->request->chain || attempt->pin.about.chained))
		return fail(DPCTOOL_REFUSED, "xdp-loader status, to see what is called",
			    "%s: the dispatcher of libxdp has no room for one more program", dev);
	if (lacks_frags(attempt))
		return refuse_frags(attempt);
	return fail(DPCTOOL_REFUSED, attempt->mode != XDP_GENERIC ? "mode generic" :
		    "again with -d, for libbpf's reason",
		    "%s: the kernel or the driver refused to attach the policy, %s: %s%s%s", dev,
		    xdp_mode_names[attempt->mode], strerror(error), *said ? ": " : "", said);
}

static __u32 program_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 length = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &length) ? 0 : info.id;
}

static enum exit_code describe(const struct attempt *attempt, struct pin_about *about)
{
	const struct request *request = attempt->request;

	*about = (struct pin_about){ .mode = attempt->mode };
	about->chained = request->verb == POLICY_REPLACE ? attempt->pin.about.chained :
			 request->chain;
	pin_note(about, attempt->device.ifindex);
	about->id = program_id(bpf_program__fd(attempt->policy.program));
	snprintf(about->policy, sizeof(about->policy), "%s", xdp_policy_name(request));
	xdp_policy_describe(request, about->parameters, sizeof(about->parameters), about->does,
			    sizeof(about->does));
	return xdp_policy_digest(request, &about->digest);
}

/* Which of both did the kernel choose? */
static void learn_mode(const struct attempt *attempt, struct pin_about *about)
{
	struct xdp_device now;

	if (about->mode == XDP_EITHER && !xdp_device_read(&now, attempt->device.ifindex))
		about->mode = now.mode;
}

/*
 * Give @copy, not loaded yet, the maps of @loaded; 0 or -errno. A CPUMAP belongs to programs of one
 * kind, so the copy has one of its own.
 */
static int share_maps(const struct xdp_policy *copy, const struct xdp_policy *loaded)
{
	struct bpf_map *map;
	int error = 0;

	bpf_object__for_each_map(map, loaded->object) {
		const char *name = bpf_map__name(map);

		if (!error && !bpf_map__is_internal(map) &&
		    bpf_map__type(map) != BPF_MAP_TYPE_CPUMAP)
			error = bpf_map__reuse_fd(bpf_object__find_map_by_name(copy->object, name),
						  bpf_map__fd(map));
	}
	return error;
}

/*
 * The dispatcher calls the new policy and the former one; have it no longer call that. Until then
 * a packet is seen by both, if the first one passes it; none is seen by neither.
 */
static enum exit_code leave_former(const struct attempt *attempt)
{
	const struct device *device = &attempt->device;
	__u32 former = attempt->pin.about.id;
	int error = xdp_chain_detach(device->ifindex, former);
	char try[64];

	if (!error || error == -ENOENT)
		return DPCTOOL_OK;
	snprintf(try, sizeof(try), "xdp-loader unload %s --id %u", device->name, former);
	return fail(DPCTOOL_REFUSED, try,
		    "%s: the new policy is attached, but the dispatcher still calls the former, too: "
		    "%s", device->name, strerror(-error));
}

static enum exit_code chain_copy(const struct attempt *attempt, const struct xdp_policy *copy,
				 struct pin_about *about)
{
	const struct request *request = attempt->request;
	const struct device *device = &attempt->device;
	bool replace = request->verb == POLICY_REPLACE;
	enum exit_code code = DPCTOOL_OK;
	int fd;

	fd = share_maps(copy, &attempt->policy);
	if (!fd)
		fd = xdp_chain_attach(copy, device->ifindex, attempt->mode, &about->id);
	if (fd < 0)
		return attach_failed(attempt, -fd);
	learn_mode(attempt, about);
	if (request->choice >= 0)
		code = xdp_fill(copy->object, request, device);
	if (!code && replace)
		code = pin_update(&policy_kind, device->name, fd, about);
	else if (!code)
		code = pin_keep(&policy_kind, device->name, fd, about);
	if (code)
		xdp_chain_detach(device->ifindex, about->id);
	else if (replace)
		code = leave_former(attempt);
	return code;
}

/*
 * The dispatcher calls programs of another type, so the policy is opened once more; what was loaded
 * and filled already gives it its maps.
 */
static enum exit_code attach_chained(const struct attempt *attempt, struct pin_about *about)
{
	struct xdp_policy copy;
	enum exit_code code;

	code = xdp_policy_open(&copy, attempt->request);
	if (!code)
		code = chain_copy(attempt, &copy, about);
	xdp_policy_free(&copy);
	return code;
}

static enum exit_code attach_alone(const struct attempt *attempt, struct pin_about *about)
{
	int link = xdp_link_create(bpf_program__fd(attempt->policy.program),
				   attempt->device.ifindex, attempt->mode);
	enum exit_code code;

	if (link < 0)
		return attach_failed(attempt, -link);
	learn_mode(attempt, about);
	code = pin_keep(&policy_kind, attempt->device.name, link, about);
	/* pinned, it stays attached */
	close(link);
	return code;
}

static enum exit_code replace_alone(const struct attempt *attempt, struct pin_about *about)
{
	int link = pin_open(&policy_kind, attempt->device.name);
	int error = 0;

	if (link < 0)
		return attach_failed(attempt, -link);
	if (bpf_link_update(link, bpf_program__fd(attempt->policy.program), NULL))
		error = errno;
	close(link);
	return error ? attach_failed(attempt, error) :
	       pin_update(&policy_kind, attempt->device.name, -1, about);
}

/* Tell what the device has now: a sentence, or the same JSON as list. */
static enum exit_code tell(const struct attempt *attempt, const struct pin_about *about,
			   const char *done)
{
	const char *dev = attempt->device.name;
	char path[PATH_MAX];

	if (attempt->request->format != OUTPUT_TEXT)
		return policy_list_all(attempt->request);
	pin_path(path, &policy_kind, dev);
	printf("%s: %s%s%s %s, %s%s: %s\n", dev, about->policy, *about->parameters ? " " : "",
	       about->parameters, done, xdp_mode_names[about->mode % XDP_MODES],
	       about->mode != XDP_GENERIC || attempt->xdp.native || attempt->request->mode ? "" :
	       " as the driver cannot",
	       about->does);
	printf("pinned at %s, where it outlives this command\n", path);
	return output_end(false, 0);
}

/* Is the policy attached already, just as it is asked for? */
static bool is_attached(const struct attempt *attempt, const struct pin_about *about)
{
	const struct pin_about *now = &attempt->pin.about;

	return attempt->pin.state == PIN_ATTACHED && now->chained == about->chained &&
	       (!attempt->request->mode || now->mode == about->mode) &&
	       !strcmp(now->policy, about->policy) &&
	       now->digest == about->digest &&
	       (about->chained ||
		xdp_same_program(now->id, bpf_program__fd(attempt->policy.program)));
}

static enum exit_code admit(const struct attempt *attempt)
{
	bool replace = attempt->request->verb == POLICY_REPLACE;
	const char *dev = attempt->device.name;
	enum exit_code code;

	code = pin_admit(&attempt->pin, &policy_kind, dev, replace);
	if (code || replace)
		return code;
	if (attempt->request->chain ? !xdp_chain_takes(attempt->device.ifindex) :
	    attempt->xdp.program != 0)
		return xdp_device_taken(dev, &attempt->xdp);
	return DPCTOOL_OK;
}

static enum exit_code attach(struct attempt *attempt)
{
	const struct request *request = attempt->request;
	bool replace = request->verb == POLICY_REPLACE;
	struct pin_about about;
	enum exit_code code;

	code = describe(attempt, &about);
	if (!code && !replace && is_attached(attempt, &about))
		return tell(attempt, &attempt->pin.about, "unchanged");
	if (!code)
		code = admit(attempt);
	if (code)
		return code;
	attempt->extack = extack_listen();
	if (about.chained)
		code = attach_chained(attempt, &about);
	else
		code = (replace ? replace_alone : attach_alone)(attempt, &about);
	return code ? code : tell(attempt, &about, replace ? "took over" : "attached");
}

static enum exit_code tell_fits(const struct attempt *attempt)
{
	const struct request *request = attempt->request;
	const struct bpf_program *program = attempt->policy.program;
	bool frags = xdp_policy_frags(&attempt->policy);
	const char *mode = xdp_mode_names[attempt->mode];
	struct bpf_prog_info info = { 0 };
	__u32 length = sizeof(info);
	__u32 instructions;

	if (lacks_frags(attempt))
		return refuse_frags(attempt);
	bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length);
	instructions = info.xlated_prog_len / (__u32)sizeof(struct bpf_insn);
	if (request->format == OUTPUT_TEXT) {
		printf("%s: %s fits, %s: program %s, %u instructions, %s frags\n", request->device,
		       xdp_policy_name(request), mode, bpf_program__name(program), instructions,
		       frags ? "with" : "without");
	} else {
		json_t *document = document_new("policy", NULL, now_realtime_ns());

		json_object_update_new(document,
				       json_pack("{s:{s:s, s:s, s:s?, s:s, s:i, s:b}}", "fits",
						 "dev", request->device, "policy",
						 xdp_policy_name(request), "mode",
						 attempt->mode == XDP_EITHER ? NULL : mode,
						 "program", bpf_program__name(program),
						 "instructions", (int)instructions, "frags",
						 frags));
		json_print(document, request->format == OUTPUT_PRETTY);
	}
	return output_end(false, 0);
}

/* Look at the device, then at the policy; what both are good for is the verb's. */
static enum exit_code look(struct attempt *attempt)
{
	const struct request *request = attempt->request;
	enum exit_code code;
	int error;

	code = device_find(&attempt->device, request->device);
	if (!code)
		code = pin_ready(&policy_kind);
	if (!code)
		code = pin_find(&attempt->pin, &policy_kind, request->device);
	if (code)
		return code;
	error = xdp_device_read(&attempt->xdp, attempt->device.ifindex);
	if (error)
		return fail(DPCTOOL_REFUSED, "ip -d link",
			    "%s: the kernel does not tell about its XDP: %s", request->device,
			    strerror(-error));
	if (request->verb == POLICY_REPLACE && attempt->pin.state != PIN_ATTACHED)
		code = pin_admit(&attempt->pin, &policy_kind, request->device, true);
	if (!code)
		code = choose_mode(attempt);
	return code ? code : needs_dpcnic(attempt);
}

static enum exit_code try_policy(const struct request *request)
{
	struct attempt attempt = { .request = request };
	enum exit_code code;

	code = check(request);
	if (!code)
		code = xdp_policy_open(&attempt.policy, request);
	if (!code)
		code = look(&attempt);
	if (!code)
		code = xdp_policy_load(&attempt.policy, request, &attempt.device);
	if (!code)
		code = request->verb == POLICY_CHECK ? tell_fits(&attempt) : attach(&attempt);
	extack_free(attempt.extack);
	xdp_policy_free(&attempt.policy);
	return code;
}

/* --- detach */

/* The device may be gone: only its name is needed. */
static enum exit_code detach(const struct request *request)
{
	const char *dev = pin_name(&policy_kind, request->called, request->device);
	enum exit_code code;
	struct pin pin;
	int error = 0;

	code = policy_none_given(request);
	if (!code)
		code = pin_find_own(&pin, &policy_kind, dev, "list");
	if (code)
		return code;
	/* by its index: its device may have another name now */
	if (pin.about.chained && pin.state != PIN_GONE)
		error = xdp_chain_detach(pin.about.ifindex, pin.about.id);
	if (error && error != -ENOENT)
		return fail(DPCTOOL_REFUSED, "xdp-loader status, to see what is called",
			    "%s: the dispatcher does not let go of the policy: %s", dev,
			    strerror(-error));
	code = pin_remove(&policy_kind, dev);
	if (code)
		return code;
	if (request->format == OUTPUT_TEXT)
		printf("%s: %s%s%s detached\n", dev, pin.about.policy,
		       *pin.about.parameters ? " " : "", pin.about.parameters);
	return output_end(false, 0);
}

static enum exit_code run(const struct request *request)
{
	if (request->verb == POLICY_LIST)
		return policy_list(request);
	switch (request->verb) {
	case POLICY_COUNTERS:
		return policy_counters(request);
	case POLICY_DETACH:
		return detach(request);
	default:
		return try_policy(request);
	}
}

static const char *const text[] = {
	"A policy is an XDP program: it sees each packet before the stack does, and can name the CPU "
	"that shall indicate it, drop it, or pass it on. dpctool's own ones that steer (rss, rss-sym, "
	"weighted, least-loaded, and rules with a CPU) need dpcnic and native mode; cpumap, and rules "
	"that drop or pass, work with any driver.",
	"A device takes one policy, pinned in /sys/fs/bpf/dpcnic, where it stays until it is detached "
	"or the machine goes down. With --chain libxdp's dispatcher calls it, beside other programs; "
	"it then sees the packets that those before it pass.",
	"replace is one step, between two packets. Of a chained policy it is two, as libxdp knows no "
	"other way: first the dispatcher calls the new one as well, then no longer the former. Every "
	"packet is seen by one of them, and for that moment by both, unless the first one takes it. "
	"Where in the chain the new one is, libxdp decides by its name.",
	"A policy of your own is an object that clang made for BPF, with a program in section xdp or "
	"xdp.frags; bpf/xdp/steer.bpf.h shows how to steer. Only that program of it is loaded.",
	"attach and replace print with -j what list prints; counters has dev and policy, and check has "
	"fits, in place of what they say as text.",
	NULL
};

const struct command policy_command = {
	.name = "policy",
	.help = "which XDP program steers or filters the packets of a device",
	.text = text,
	.verbs = verbs,
	.choices = xdp_choices,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_FILE | 1 << KEYWORD_PROG | 1 << KEYWORD_CPUS |
		    1 << KEYWORD_WEIGHTS | 1 << KEYWORD_MODE,
	.names_device = ~(1U << POLICY_LIST),
	.fields = policy_fields,
	.field_count = POLICY_FIELDS,
	.has_columns = true,
	.run = run,
};
