// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "units.h"

#define DRIVER		"dpcnic"

/* A closed device may have no vectors yet; room for more than its controller can have. */
#define MESSAGES_UNSEEN	32

/* Reads the first line of the file "/sys/<...>". */
static bool read_sysfs(char *line, size_t size, const char *format, const char *name)
{
	char path[PATH_MAX];
	bool ok = false;
	FILE *file;

	snprintf(path, sizeof(path), format, name);
	file = fopen(path, "re");
	if (file) {
		ok = fgets(line, (int)size, file);
		fclose(file);
	}
	if (ok)
		line[strcspn(line, "\n")] = '\0';
	return ok;
}

const char *device_driver(const char *name)
{
	static char target[PATH_MAX];
	char path[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver", name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return NULL;
	target[length] = '\0';
	return strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
}

__u32 device_mtu(const char *name)
{
	char line[32] = "";

	read_sysfs(line, sizeof(line), "/sys/class/net/%s/mtu", name);
	return (__u32)strtoul(line, NULL, 10);
}

bool device_is_ours(const char *name)
{
	const char *driver = device_driver(name);

	return driver && !strcmp(driver, DRIVER);
}

/**
 * struct irq_visitor - who wants to know the actions of IRQs
 * @found: is called with each of them
 * @context: its argument
 */
struct irq_visitor {
	void (*found)(__u32 irq, const char *action, void *context);
	void *context;
};

/* An IRQ's actions are a list of names with commas between, as several devices may share it. */
static void visit_actions(const struct irq_visitor *visitor, const char *irq)
{
	char actions[1024], *rest = actions, *action;

	if (!read_sysfs(actions, sizeof(actions), "/sys/kernel/irq/%s/actions", irq))
		return;
	while ((action = strsep(&rest, ",")))
		visitor->found((__u32)strtoul(irq, NULL, 10), action, visitor->context);
}

/* Returns how many MSI vectors the device has. */
static __u32 visit_vectors(const char *name, const struct irq_visitor *visitor)
{
	struct dirent *entry;
	char path[PATH_MAX];
	__u32 vectors = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/msi_irqs", name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		vectors++;
		if (visitor)
			visit_actions(visitor, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return vectors;
}

void device_visit_irqs(const char *name,
		       void (*found)(__u32 irq, const char *action, void *context), void *context)
{
	struct irq_visitor visitor = { .found = found, .context = context };
	char line[32];

	if (!visit_vectors(name, &visitor) &&
	    read_sysfs(line, sizeof(line), "/sys/class/net/%s/device/irq", name))
		visit_actions(&visitor, line);
}

static enum exit_code add_device(struct device_list *list, const char *name)
{
	struct device *device;

	if (list->count == OBSERVE_DEVICES)
		return fail(DPCTOOL_USAGE, "dpctool show dev IF",
			    "all: more than %d devices are driven by " DRIVER, OBSERVE_DEVICES);
	device = &list->devices[list->count];
	snprintf(device->name, sizeof(device->name), "%s", name);
	device->ifindex = if_nametoindex(name);
	device->messages = visit_vectors(name, NULL);
	if (!device->messages)
		device->messages = MESSAGES_UNSEEN;
	/* One that was unplugged meanwhile is not there: neither found nor an error. */
	list->count += device->ifindex != 0;
	return DPCTOOL_OK;
}

bool devices_any(void)
{
	struct if_nameindex *interfaces = if_nameindex();
	bool any = false;

	for (struct if_nameindex *i = interfaces; i && i->if_name && !any; i++)
		any = device_is_ours(i->if_name);
	if (interfaces)
		if_freenameindex(interfaces);
	return any;
}

static enum exit_code find_all(struct device_list *list, const char *what)
{
	struct if_nameindex *interfaces = if_nameindex();
	enum exit_code code = DPCTOOL_OK;

	for (struct if_nameindex *i = interfaces; i && i->if_name && !code; i++)
		if (device_is_ours(i->if_name))
			code = add_device(list, i->if_name);
	if (interfaces)
		if_freenameindex(interfaces);
	if (code || list->count)
		return code;
	if (access("/sys/module/" DRIVER, F_OK))
		return fail(DPCTOOL_UNABLE, "modprobe " DRIVER,
			    "all: no device to %s: the module " DRIVER " is not loaded", what);
	return fail(DPCTOOL_NOT_FOUND, "ethtool -i IF, to see which driver holds the device",
		    "all: no device to %s: " DRIVER " drives none in this network namespace",
		    what);
}

enum exit_code device_find(struct device *device, const char *name)
{
	*device = (struct device){ .ifindex = strchr(name, '/') ? 0 : if_nametoindex(name) };
	if (!device->ifindex)
		return fail(DPCTOOL_NOT_FOUND,
			    "ip link, to see the devices of this network namespace",
			    "%s: no such device", name);
	snprintf(device->name, sizeof(device->name), "%s", name);
	return DPCTOOL_OK;
}

static enum exit_code find_one(struct device_list *list, const char *name, const char *what)
{
	struct device device;
	enum exit_code code;
	const char *driver;

	code = device_find(&device, name);
	if (code)
		return code;
	if (device_is_ours(name))
		return add_device(list, name);
	if (access("/sys/module/" DRIVER, F_OK))
		return fail(DPCTOOL_UNABLE, "modprobe " DRIVER,
			    "%s: cannot %s: the module " DRIVER " is not loaded", name, what);
	driver = device_driver(name);
	return fail(DPCTOOL_NOT_FOUND, "dpctool show, for all devices of " DRIVER,
		    "%s: cannot %s: its driver is %s, not " DRIVER, name, what,
		    driver ? driver : "part of the kernel's network stack");
}

enum exit_code devices_find(struct device_list *list, const char *name, const char *what)
{
	*list = (struct device_list){ 0 };
	return name ? find_one(list, name, what) : find_all(list, what);
}

static void map_irq(__u32 irq, const char *action, void *context)
{
	const char *suffix = strrchr(action, '-');
	struct irq_map *map = context;
	unsigned int msg;

	if (suffix && sscanf(suffix, "-msg%u", &msg) == 1 && msg < MESSAGES_MAX)
		map->irqs[msg] = value_number(irq);
}

bool irq_actions(__u32 irq, char *actions, size_t size)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", irq);
	return read_sysfs(actions, size, "/sys/kernel/irq/%s/actions", number) && *actions;
}

void irq_map_read(struct irq_map *map, const struct device *device)
{
	*map = (struct irq_map){ 0 };
	device_visit_irqs(device->name, map_irq, map);
}

struct irq_map *irq_maps(const struct device_list *list)
{
	struct irq_map *maps = calloc(list->count, sizeof(*maps));

	for (size_t slot = 0; maps && slot < list->count; slot++)
		irq_map_read(&maps[slot], &list->devices[slot]);
	return maps;
}
