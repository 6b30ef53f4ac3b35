// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "file.h"
#include "irq.h"
#include "units.h"

#define DRIVER		"dpcnic"

/* A closed device may have no vectors yet; room for more than its controller can have. */
#define MESSAGES_UNSEEN	32

/* The last word of what a symbolic link of sysfs points to, in @target; NULL if there is none. */
static const char *link_name(char target[static PATH_MAX], const char *name, const char *link)
{
	char path[PATH_MAX];
	const char *slash;
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/%s", name, link);
	length = readlink(path, target, PATH_MAX - 1);
	if (length < 0)
		return NULL;
	target[length] = '\0';
	slash = strrchr(target, '/');
	return slash ? slash + 1 : target;
}

__u64 device_netns(void)
{
	struct stat ns;

	return stat("/proc/self/ns/net", &ns) ? 0 : ns.st_ino;
}

const char *device_driver(const char *name)
{
	static char target[PATH_MAX];

	return link_name(target, name, "driver");
}

__u32 device_mtu(const char *name)
{
	char *line = read_line("/sys/class/net/%s/mtu", name);
	__u32 mtu = line ? (__u32)strtoul(line, NULL, 10) : 0;

	free(line);
	return mtu;
}

bool device_is_ours(const char *name)
{
	const char *driver = device_driver(name);

	return driver && !strcmp(driver, DRIVER);
}

/* A virtio device has the IRQs of its parent, the PCI function. */
static const char *irq_directory(const char *name)
{
	char target[PATH_MAX];
	const char *bus = link_name(target, name, "subsystem");

	return bus && !strcmp(bus, "virtio") ? "device/.." : "device";
}

/* Visits what is in a directory of the device in sysfs, and returns how many that were. */
static __u32 visit(const char *directory, const char *prefix,
		   void (*found)(__u32 irq, void *context), void *context)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	__u32 count = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)))
			continue;
		count++;
		if (found)
			found((__u32)strtoul(entry->d_name, NULL, 10), context);
	}
	if (dir)
		closedir(dir);
	return count;
}

/* Returns how many MSI vectors the device has. */
static __u32 visit_vectors(const char *name, void (*found)(__u32 irq, void *context), void *context)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s/msi_irqs", name, irq_directory(name));
	return visit(path, "", found, context);
}

__u32 device_queues(const char *name, const char *prefix)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", name);
	return visit(path, prefix, NULL, NULL);
}

void device_list_irqs(const char *name, void (*found)(__u32 irq, void *context), void *context)
{
	char *line;
	__u32 irq;

	if (visit_vectors(name, found, context))
		return;
	line = read_line("/sys/class/net/%s/%s/irq", name, irq_directory(name));
	irq = line ? (__u32)strtoul(line, NULL, 10) : 0;
	if (irq)
		found(irq, context);
	free(line);
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
static void visit_actions(__u32 irq, void *context)
{
	char *actions = irq_actions(irq), *rest = actions, *action;
	const struct irq_visitor *visitor = context;

	while ((action = strsep(&rest, ",")))
		visitor->found(irq, action, visitor->context);
	free(actions);
}

void device_visit_irqs(const char *name,
		       void (*found)(__u32 irq, const char *action, void *context), void *context)
{
	struct irq_visitor visitor = { .found = found, .context = context };

	device_list_irqs(name, visit_actions, &visitor);
}

enum exit_code device_add(struct device_list *list, const char *name)
{
	const char *driver = device_driver(name);
	struct device *device;

	if (list->count == OBSERVE_DEVICES)
		return fail(DPCTOOL_USAGE, "dpctool show dev IF",
			    "all: there are more than %d devices", OBSERVE_DEVICES);
	device = &list->devices[list->count];
	*device = (struct device){ .ifindex = if_nametoindex(name), .level = LEVEL_3 };
	snprintf(device->name, sizeof(device->name), "%s", name);
	snprintf(device->driver, sizeof(device->driver), "%s", driver ? driver : "");
	device->messages = visit_vectors(name, NULL, NULL);
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
			code = device_add(list, i->if_name);
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

/* A name with a slash would be a path in sysfs. */
static __u32 index_of(const char *name)
{
	return strchr(name, '/') ? 0 : if_nametoindex(name);
}

const char *device_own_name(const char *name)
{
	static char own[IF_NAMESIZE];
	__u32 ifindex = index_of(name);

	return ifindex && if_indextoname(ifindex, own) ? own : name;
}

enum exit_code device_find(struct device *device, const char *name)
{
	*device = (struct device){ .ifindex = index_of(name) };
	if (!device->ifindex)
		return fail(DPCTOOL_NOT_FOUND,
			    "ip link, to see the devices of this network namespace",
			    "%s: no such device", name);
	snprintf(device->name, sizeof(device->name), "%s", name);
	return DPCTOOL_OK;
}

bool device_follow(struct device *device)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(device->ifindex, name))
		return false;
	memcpy(device->name, name, sizeof(name));
	return true;
}

void devices_follow(struct device_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct device *device = &list->devices[i];
		bool gone = !device_follow(device);

		if (gone && !device->gone)
			fail(DPCTOOL_OK, "ip link, to see what is there",
			     "%s: is gone, unplugged or moved to another network namespace: what is "
			     "told is of the time before", device->name);
		device->gone = gone;
	}
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
		return device_add(list, name);
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

bool device_message(const char *action, __u32 *msg)
{
	const char *suffix = strrchr(action, '-');

	return suffix && sscanf(suffix, "-msg%u", msg) == 1 && *msg < MESSAGES_MAX;
}

static void map_irq(__u32 irq, const char *action, void *context)
{
	struct irq_map *map = context;
	__u32 msg;

	if (device_message(action, &msg))
		map->irqs[msg] = value_number(irq);
}

void irq_map_read(struct irq_map *map, const struct device *device)
{
	*map = (struct irq_map){ 0 };
	device_visit_irqs(device->name, map_irq, map);
}
