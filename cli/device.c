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

/*
 * The name of the driver of network device @name, or NULL. The device may be one without hardware.
 */
static const char *driver_of(const char *name)
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

/*
 * Calls @found for each MSI vector's IRQ of the device, or for its one IRQ line; returns how many
 * vectors it has.
 */
static __u32 visit_irqs(const struct device *device,
			void (*found)(const char *irq, void *context), void *context)
{
	char path[PATH_MAX], line[32];
	struct dirent *entry;
	__u32 vectors = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/msi_irqs", device->name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		vectors++;
		if (found)
			found(entry->d_name, context);
	}
	if (dir)
		closedir(dir);
	if (!vectors && found &&
	    read_sysfs(line, sizeof(line), "/sys/class/net/%s/device/irq", device->name))
		found(line, context);
	return vectors;
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
	device->messages = visit_irqs(device, NULL, NULL);
	if (!device->messages)
		device->messages = MESSAGES_UNSEEN;
	/* One that was unplugged meanwhile is not there: neither found nor an error. */
	list->count += device->ifindex != 0;
	return DPCTOOL_OK;
}

static bool is_ours(const char *name)
{
	const char *driver = driver_of(name);

	return driver && !strcmp(driver, DRIVER);
}

bool devices_any(void)
{
	struct if_nameindex *interfaces = if_nameindex();
	bool any = false;

	for (struct if_nameindex *i = interfaces; i && i->if_name && !any; i++)
		any = is_ours(i->if_name);
	if (interfaces)
		if_freenameindex(interfaces);
	return any;
}

static enum exit_code find_all(struct device_list *list, const char *what)
{
	struct if_nameindex *interfaces = if_nameindex();
	enum exit_code code = DPCTOOL_OK;

	for (struct if_nameindex *i = interfaces; i && i->if_name && !code; i++)
		if (is_ours(i->if_name))
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

static enum exit_code find_one(struct device_list *list, const char *name, const char *what)
{
	const char *driver;

	if (!if_nametoindex(name) || strchr(name, '/'))
		return fail(DPCTOOL_NOT_FOUND,
			    "ip link, to see the devices of this network namespace",
			    "%s: no such device", name);
	driver = driver_of(name);
	if (driver && !strcmp(driver, DRIVER))
		return add_device(list, name);
	if (access("/sys/module/" DRIVER, F_OK))
		return fail(DPCTOOL_UNABLE, "modprobe " DRIVER,
			    "%s: cannot %s: the module " DRIVER " is not loaded", name, what);
	return fail(DPCTOOL_NOT_FOUND, "dpctool show, for all devices of " DRIVER,
		    "%s: cannot %s: its driver is %s, not " DRIVER, name, what,
		    driver ? driver : "part of the kernel's network stack");
}

enum exit_code devices_find(struct device_list *list, const char *name, const char *what)
{
	*list = (struct device_list){ 0 };
	return name ? find_one(list, name, what) : find_all(list, what);
}

/* An IRQ's actions are a list of names with commas between, as several devices may share it. */
static void map_irq(const char *irq, void *context)
{
	char actions[1024], *rest = actions, *action;
	struct irq_map *map = context;

	if (!read_sysfs(actions, sizeof(actions), "/sys/kernel/irq/%s/actions", irq))
		return;
	while ((action = strsep(&rest, ","))) {
		char *suffix = strrchr(action, '-');
		unsigned int msg;

		if (suffix && sscanf(suffix, "-msg%u", &msg) == 1 && msg < MESSAGES_MAX)
			map->irqs[msg] = value_number(strtoull(irq, NULL, 10));
	}
}

void irq_map_read(struct irq_map *map, const struct device *device)
{
	*map = (struct irq_map){ 0 };
	visit_irqs(device, map_irq, map);
}
