// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ability.h"
#include "file.h"
#include "generic.h"
#include "utf8.h"
#include "wiring.h"

#define DRIVER	"dpcnic"
#define BTF	"/sys/kernel/btf/vmlinux"

static bool has_irqs(const char *name)
{
	struct device device = { .ifindex = if_nametoindex(name) };
	struct wiring wiring;
	bool any;

	snprintf(device.name, sizeof(device.name), "%s", name);
	wiring_read(&wiring, &device);
	any = wiring.count;
	wiring_free(&wiring);
	return any;
}

/* Those that are @wanted. */
static enum exit_code add_all(struct device_list *list, bool (*wanted)(const char *name))
{
	struct if_nameindex *interfaces = if_nameindex();
	enum exit_code code = DPCTOOL_OK;

	for (struct if_nameindex *i = interfaces; i && i->if_name && !code; i++)
		if (wanted(i->if_name))
			code = device_add(list, i->if_name);
	if (interfaces)
		if_freenameindex(interfaces);
	return code;
}

static enum exit_code add_one(struct device_list *list, const char *name)
{
	struct device device;
	enum exit_code code;

	code = device_find(&device, name);
	if (code)
		return code;
	if (!device_driver(name))
		return fail(DPCTOOL_NOT_FOUND, "dpctool show dev all, for all with interrupts",
			    "%s: cannot observe: it is part of the kernel's network stack, no "
			    "hardware", name);
	return device_add(list, name);
}

enum exit_code ability_devices(struct device_list *list, const struct request *request)
{
	bool all = request->given & 1 << KEYWORD_DEV;
	enum exit_code code;

	*list = (struct device_list){ 0 };
	if (request->device)
		return add_one(list, request->device);
	code = add_all(list, !all && devices_any() ? device_is_ours : has_irqs);
	if (code || list->count)
		return code;
	return fail(DPCTOOL_NOT_FOUND, "lspci, to see what hardware there is",
		    "all: no device of this network namespace has interrupts");
}

static bool set(struct obstacle *obstacle, enum exit_code code, const char *try, const char *what,
		const char *of)
{
	obstacle->code = code;
	obstacle->try = try;
	snprintf(obstacle->what, sizeof(obstacle->what), what, of);
	return true;
}

/* Programs can be attached to functions all the same, but are not called. */
static bool is_ftrace_off(void)
{
	char *setting = read_line("/proc/sys/kernel/ftrace_enabled");
	bool off = setting && !strcmp(setting, "0");

	free(setting);
	return off;
}

bool ability_obstacle(struct obstacle *obstacle, const struct device *device, enum level level)
{
	int error = level > LEVEL_0 ? attach_try() : 0;

	*obstacle = (struct obstacle){ 0 };
	if (level == LEVEL_3 && strcmp(device->driver, DRIVER))
		return set(obstacle, DPCTOOL_NOT_FOUND, "a lower level",
			   "its driver is %s, not " DRIVER, device->driver);
	if (error) {
		attach_explain(obstacle, level == LEVEL_3 ? LEVEL_3 : LEVEL_1, error);
		return true;
	}
	if ((level == LEVEL_1 || level == LEVEL_2) && access(BTF, F_OK))
		return set(obstacle, DPCTOOL_UNABLE, "a kernel with CONFIG_DEBUG_INFO_BTF",
			   "this kernel has no BTF (%s)", BTF);
	if (level == LEVEL_2 && is_ftrace_off())
		return set(obstacle, DPCTOOL_UNABLE, "sysctl kernel.ftrace_enabled=1",
			   "the kernel does not let its functions be looked at (%s)",
			   "kernel.ftrace_enabled is 0");
	return false;
}

/* The highest without an obstacle; what the one above has for one goes to @why. */
static enum level highest(const struct device *device, struct obstacle *why)
{
	struct obstacle obstacle;
	enum level level = LEVEL_3;

	*why = (struct obstacle){ 0 };
	while (level > LEVEL_0 && ability_obstacle(&obstacle, device, level)) {
		*why = obstacle;
		level--;
	}
	return level;
}

/* As high as can be, or as the user wants it. */
static enum exit_code set_level(struct device *device, const struct request *request)
{
	enum level lowest = request->command->lowest;
	struct obstacle why;

	device->level = highest(device, &why);
	snprintf(device->why, sizeof(device->why), "%s", why.what);
	if (request->level_given && request->level != device->level) {
		if (ability_obstacle(&why, device, request->level))
			return fail(why.code, why.try, "%s: level %s cannot be had: %s",
				    device->name, level_names[request->level], why.what);
		device->level = request->level;
		snprintf(device->why, sizeof(device->why), "as --level asks");
	}
	if (device->level < lowest && request->level_given)
		return fail(DPCTOOL_USAGE, "without --level",
			    "%s: level %s has interrupts only, and nothing to tell here",
			    request->command->name, level_names[device->level]);
	if (device->level < lowest)
		return fail(why.code, why.try, "cannot observe: %s", why.what);
	if (device->level < LEVEL_3)
		generic_size(device);
	return DPCTOOL_OK;
}

enum exit_code ability_find(struct device_list *list, const struct request *request)
{
	enum exit_code code;

	code = ability_devices(list, request);
	for (size_t i = 0; i < list->count && !code; i++)
		code = set_level(&list->devices[i], request);
	return code;
}

bool ability_generic(const struct device_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->devices[i].level < LEVEL_3)
			return true;
	return false;
}

void ability_warn(const struct device_list *list, const struct request *request)
{
	for (size_t i = 0; i < list->count && !request->level_given; i++)
		if (list->devices[i].level == LEVEL_0)
			fail(DPCTOOL_OK, "dpctool feature",
			     "%s: level L0, so interrupts are all there is to see: %s",
			     list->devices[i].name, list->devices[i].why);
}

void ability_print(const struct device_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->devices[i].level < LEVEL_3)
			printf("-- %s: level %s, %s: %s\n", list->devices[i].name,
			       level_names[list->devices[i].level],
			       level_help[list->devices[i].level], list->devices[i].why);
}

void ability_json(json_t *document, const struct device_list *list)
{
	json_t *devices = json_array();
	enum level lowest = LEVEL_3;

	for (size_t i = 0; i < list->count; i++) {
		const struct device *device = &list->devices[i];

		if (device->level < lowest)
			lowest = device->level;
		json_array_append_new(devices, json_pack("{s:o, s:s?, s:s, s:s?}",
							 "dev", utf8_json(device->name),
							 "driver",
							 *device->driver ? device->driver : NULL,
							 "level", level_names[device->level],
							 "why", *device->why ? device->why : NULL));
	}
	json_object_set_new(document, "level", json_string(level_names[lowest]));
	json_object_set_new(document, "devices", devices);
}
