// SPDX-License-Identifier: GPL-2.0
/* "dpctool throttle": which policy bounds the DPC runs of a device. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "args.h"
#include "device.h"
#include "listing.h"
#include "pin.h"
#include "throttle_policy.h"

enum throttle_verb { THROTTLE_ATTACH, THROTTLE_REPLACE, THROTTLE_DETACH, THROTTLE_SHOW };

static const struct verb verbs[] = {
	[THROTTLE_ATTACH] = { "attach", "bound the device's runs by a policy" },
	[THROTTLE_REPLACE] = { "replace", "put another policy in the place of the attached one, "
		"between two runs; none is without" },
	[THROTTLE_DETACH] = { "detach", "NAPI's weight is the bound again" },
	[THROTTLE_SHOW] = { "show", "the policy of the device, or of all" },
	{ 0 }
};

enum throttle_field {
	THROTTLE_DEV, THROTTLE_POLICY, THROTTLE_PARAMETERS, THROTTLE_STATE, THROTTLE_SINCE,
	THROTTLE_DOES, THROTTLE_PATH,
	THROTTLE_FIELDS
};

static const struct field fields[THROTTLE_FIELDS] = {
	[THROTTLE_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_SHOWN, 10, "the network device" },
	[THROTTLE_POLICY] = { "POLICY", "policy", FIELD_TEXT, FIELD_SHOWN, 8,
		"fixed, time, fair, file; - if dpctool attached none" },
	[THROTTLE_PARAMETERS] = { "PARAMETERS", "parameters", FIELD_TEXT, FIELD_SHOWN, 12,
		"the words that attached it, after its name" },
	[THROTTLE_STATE] = { "STATE", "state", FIELD_TEXT, FIELD_SHOWN, 8,
		"attached; replaced or detached (by another program); gone (its device is, the "
		"policy bounds nothing); elsewhere (its device has another name now, or is in "
		"another network namespace)" },
	[THROTTLE_SINCE] = { "SINCE", "since_ns", FIELD_DATE, FIELD_SHOWN, 19,
		"when it was attached, or replaced another: local time (JSON: nanoseconds of "
		"CLOCK_REALTIME)" },
	[THROTTLE_DOES] = { "DOES", "does", FIELD_TEXT, FIELD_SHOWN, 40, "what it does" },
	[THROTTLE_PATH] = { "PATH", "path", FIELD_TEXT, FIELD_SHOWN, 40,
		"where it is pinned" },
};

/* The kernel's number of the policy's map that the link holds; 0 if it was detached. */
static __u32 map_of_link(int fd, const struct pin_about *about)
{
	struct bpf_link_info info = { 0 };
	__u32 length = sizeof(info);

	(void)about;
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return 0;
	return info.struct_ops.map_id;
}

static const struct pin_kind kind = { "throttle", "throttle", map_of_link };

static void fill_pinned(struct value *values, const struct pin *pin, const char *path)
{
	bool known = pin->state != PIN_REPLACED;

	values[THROTTLE_STATE] = value_text(pin_states[pin->state]);
	values[THROTTLE_PATH] = value_text(path);
	if (!known)
		return;
	values[THROTTLE_POLICY] = value_text(pin->about.policy);
	values[THROTTLE_PARAMETERS] = value_text(pin->about.parameters);
	values[THROTTLE_SINCE] = value_number(pin->about.since_ns);
	values[THROTTLE_DOES] = value_text(pin->about.does);
}

/**
 * struct rows - the rows that are being made
 * @listing: of these
 * @devices: of dpcnic, which have theirs
 * @code: what reading a pin came to
 */
struct rows {
	struct listing listing;
	const struct device_list *devices;
	enum exit_code code;
};

/* @stray: there is nothing to tell of it without a policy */
static void add_row(struct rows *rows, const char *dev, bool stray)
{
	struct value values[THROTTLE_FIELDS] = { [THROTTLE_DEV] = value_text(dev) };
	char path[PATH_MAX];
	struct pin pin;

	if (!rows->code)
		rows->code = pin_find(&pin, &kind, dev);
	if (rows->code || (stray && pin.state == PIN_NONE))
		return;
	pin_path(path, &kind, dev);
	if (pin.state != PIN_NONE)
		fill_pinned(values, &pin, path);
	listing_add(&rows->listing, values);
}

/*
 * A pinned policy whose device is not among those of dpcnic here: gone, or elsewhere. Another
 * driver's may have its name by now.
 */
static void add_stray(const char *dev, void *context)
{
	struct rows *rows = context;

	for (size_t i = 0; i < rows->devices->count; i++)
		if (!strcmp(rows->devices->devices[i].name, dev))
			return;
	add_row(rows, dev, true);
}

static enum exit_code list_all(const struct request *request, const struct device_list *devices,
			       bool strays)
{
	struct rows rows = { .devices = devices };
	enum exit_code code;

	code = listing_start(&rows.listing, request, fields, THROTTLE_FIELDS);
	if (code)
		return code;
	for (size_t i = 0; i < devices->count; i++)
		add_row(&rows, devices->devices[i].name, false);
	if (strays)
		pin_visit(&kind, add_stray, &rows);
	return rows.code ? rows.code : listing_end(&rows.listing, request, NULL);
}

static void count_pinned(const char *dev, void *context)
{
	(void)dev;
	++*(int *)context;
}

static enum exit_code check_no_policy(const struct request *request)
{
	if (request->choice < 0 && !(request->given & ~(1U << KEYWORD_DEV)))
		return DPCTOOL_OK;
	return misused(request, "takes no policy", NULL);
}

/* Policies may be there that their devices have left behind: then none needs to be here. */
static enum exit_code show(const struct request *request)
{
	struct device_list devices = { 0 };
	enum exit_code code;
	int pinned = 0;

	code = check_no_policy(request);
	if (code)
		return code;
	pin_visit(&kind, count_pinned, &pinned);
	if (request->device || !pinned || devices_any())
		code = devices_find(&devices, request->device, "throttle");
	return code ? code : list_all(request, &devices, !request->device);
}

static enum exit_code attach_failed(const struct request *request, int error)
{
	const char *dev = request->device;

	switch (error) {
	case EPERM:
		return fail(DPCTOOL_UNABLE, "as root, or give it CAP_NET_ADMIN",
			    "%s: no permission to throttle it", dev);
	case EBUSY:
		return fail(DPCTOOL_REFUSED, "bpftool link, to see whose it is",
			    "%s: has a throttle policy that dpctool did not attach", dev);
	case EXDEV:
		return fail(DPCTOOL_REFUSED, "dpctool throttle detach, then attach",
			    "%s: the attached policy is for another device", dev);
	case ENODEV:
		return fail(DPCTOOL_NOT_FOUND, "dpctool throttle show",
			    "%s: is gone, and its policy bounds nothing", dev);
	case ENOLINK:
		return fail(DPCTOOL_NOT_FOUND, "dpctool throttle detach, then attach",
			    "%s: its policy was detached by another program", dev);
	default:
		return fail(DPCTOOL_REFUSED, "again with -d, for libbpf's reason",
			    "%s: the kernel refused to attach the policy: %s", dev,
			    strerror(error));
	}
}

/* Tell what bounds the device now: a sentence, or the same JSON as show. */
static enum exit_code tell(const struct request *request, const struct device_list *devices,
			   const struct pin_about *about, const char *done)
{
	char path[PATH_MAX];

	if (request->format != OUTPUT_TEXT)
		return list_all(request, devices, false);
	pin_path(path, &kind, request->device);
	printf("%s: %s%s%s %s: %s\n", request->device, about->policy,
	       *about->parameters ? " " : "", about->parameters, done, about->does);
	printf("pinned at %s, where it outlives this command\n", path);
	return output_end(false, 0);
}

static void describe(const struct request *request, const struct policy *policy,
		     const struct device *device, struct pin_about *about)
{
	pin_note(about, device->ifindex);
	about->id = throttle_policy_id(policy);
	throttle_policy_describe(request, about->policy, sizeof(about->policy), about->parameters,
				 sizeof(about->parameters), about->does, sizeof(about->does));
}

static enum exit_code attach_and_pin(const struct request *request, const struct policy *policy,
				     const struct device *device, struct pin_about *about)
{
	struct bpf_link *link = throttle_policy_attach(policy);
	enum exit_code code;

	if (!link)
		return attach_failed(request, errno);
	describe(request, policy, device, about);
	code = pin_keep(&kind, device->name, bpf_link__fd(link), about);
	/* pinned, it stays attached */
	bpf_link__destroy(link);
	return code;
}

static enum exit_code replace_pinned(const struct request *request, const struct policy *policy,
				     const struct device *device, struct pin_about *about)
{
	int link = pin_open(&kind, device->name);
	int error;

	if (link < 0)
		return attach_failed(request, -link);
	error = throttle_policy_replace(policy, link);
	close(link);
	if (error)
		return attach_failed(request, -error);
	describe(request, policy, device, about);
	return pin_update(&kind, device->name, -1, about);
}

static enum exit_code attach(const struct request *request)
{
	bool replace = request->verb == THROTTLE_REPLACE;
	struct pin_about about = { 0 };
	struct device_list devices;
	struct policy policy;
	enum exit_code code;
	struct pin pin;

	code = throttle_policy_open(&policy, request);
	if (!code)
		code = devices_find(&devices, request->device, "throttle");
	if (!code)
		code = pin_ready(&kind);
	if (!code)
		code = pin_find(&pin, &kind, request->device);
	if (!code)
		code = pin_admit(&pin, &kind, request->device, replace);
	if (!code)
		code = throttle_policy_load(&policy, request, &devices.devices[0]);
	if (!code)
		code = (replace ? replace_pinned : attach_and_pin)(request, &policy,
								   &devices.devices[0], &about);
	throttle_policy_free(&policy);
	return code ? code : tell(request, &devices, &about, replace ? "took over" : "attached");
}

/* The device may be gone: only its name is needed. */
static enum exit_code detach(const struct request *request)
{
	const char *dev = pin_name(&kind, request->called, request->device);
	enum exit_code code;
	struct pin pin;

	code = check_no_policy(request);
	if (!code)
		code = pin_find_own(&pin, &kind, dev, "show");
	if (code)
		return code;
	code = pin_remove(&kind, dev);
	if (code)
		return code;
	if (request->format == OUTPUT_TEXT)
		printf("%s: %s%s%s detached\n", dev, pin.about.policy,
		       *pin.about.parameters ? " " : "", pin.about.parameters);
	return output_end(false, 0);
}

static enum exit_code run(const struct request *request)
{
	if (request->verb == THROTTLE_SHOW)
		return show(request);
	return request->verb == THROTTLE_DETACH ? detach(request) : attach(request);
}

static const char *const text[] = {
	"A run of a DPC indicates at most what its bound allows, then waits behind the others on its "
	"CPU (columns THROT of show, BOUND of trace). The bound is NAPI's weight, 64, or what a "
	"policy says: a BPF program that is asked at the start of each run of the device. What it "
	"says is cut to 1..64, so none can stop the device.",
	"A device takes one policy. It is pinned in /sys/fs/bpf/dpcnic and stays until it is detached "
	"or the machine goes down; the device may go down and up meanwhile. As long as it is there, "
	"the module cannot be unloaded. show knows of policies that dpctool attached.",
	"A policy of your own is an object that clang made for BPF, with a struct "
	"dpcnic_throttle_ops in section .struct_ops.link; its member ifindex is set by dpctool. "
	"kmod/engine/throttle_abi.h says what it is told, bpf/throttle has examples.",
	"attach and replace print with -j what show prints.",
	NULL
};

const struct command throttle_command = {
	.name = "throttle",
	.help = "which policy bounds the DPC runs of a device",
	.text = text,
	.verbs = verbs,
	.choices = throttle_policy_choices,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_PACKETS | 1 << KEYWORD_USECS |
		    1 << KEYWORD_FILE | 1 << KEYWORD_MAP,
	.names_device = ~(1U << THROTTLE_SHOW),
	.fields = fields,
	.field_count = THROTTLE_FIELDS,
	.has_columns = true,
	.run = run,
};
