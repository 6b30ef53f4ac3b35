// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "irq.h"
#include "units.h"

#define AFFINITY	"/proc/irq/%u/smp_affinity_list"

/* The kernel has a device's vectors in the lower bits of its own numbers: MSI-X has 2048. */
#define VECTORS		2048

char *irq_actions(__u32 irq)
{
	return read_line("/sys/kernel/irq/%u/actions", irq);
}

/* An IRQ's name ends in the queue's: peer0-TxRx-3, eth0-rx-3, eth1-rxtx-3, virtio2-input.3. */
bool irq_queue(const char *actions, enum netdev_queue_type type, __u32 *id)
{
	static const char *const formats[][5] = {
		[NETDEV_QUEUE_TYPE_RX] = { "-TxRx-%u%n", "-rxtx-%u%n", "-rx-%u%n", "-input.%u%n" },
		[NETDEV_QUEUE_TYPE_TX] = { "-TxRx-%u%n", "-rxtx-%u%n", "-tx-%u%n", "-output.%u%n" },
	};
	const char *suffix = strchr(actions, '-');

	for (; suffix; suffix = strchr(suffix + 1, '-'))
		if (parse_name(suffix, formats[type], id))
			return true;
	return false;
}

/* Only interrupt controllers that are called so are known to number vectors that way. */
struct value irq_vector(__u32 irq)
{
	char *chip = read_line("/sys/kernel/irq/%u/chip_name", irq);
	char *number = read_line("/sys/kernel/irq/%u/hwirq", irq);
	struct value vector = { 0 };

	if (chip && number && strstr(chip, "PCI-MSI"))
		vector = value_number(strtoull(number, NULL, 10) % VECTORS);
	free(chip);
	free(number);
	return vector;
}

char *irq_affinity(__u32 irq)
{
	return read_line(AFFINITY, irq);
}

char *irq_effective(__u32 irq)
{
	return read_line("/proc/irq/%u/effective_affinity_list", irq);
}

/* Returns a file descriptor or -errno. */
static int open_affinity(__u32 irq)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), AFFINITY, irq);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Root may open what the kernel lets nobody write, so its mode counts, too. */
int irq_movable(__u32 irq)
{
	int fd = open_affinity(irq);
	struct stat status;
	int error = 0;

	if (fd < 0)
		return fd;
	if (fstat(fd, &status))
		error = -errno;
	else if (!(status.st_mode & 0222))
		error = -EPERM;
	close(fd);
	return error;
}

int irq_move(__u32 irq, const char *cpus)
{
	int fd = open_affinity(irq);
	int error = 0;

	if (fd < 0)
		return fd;
	if (write(fd, cpus, strlen(cpus)) < 0)
		error = -errno;
	close(fd);
	return error;
}

bool irq_balanced(void)
{
	DIR *processes = opendir("/proc");
	struct dirent *entry;
	bool found = false;

	while (processes && !found && (entry = readdir(processes))) {
		char *name = read_line("/proc/%s/comm", entry->d_name);

		found = name && !strcmp(name, "irqbalance");
		free(name);
	}
	if (processes)
		closedir(processes);
	return found;
}
