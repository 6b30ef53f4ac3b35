// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "ethtool.h"

int ethtool_ioctl(const char *dev, void *order)
{
	struct ifreq request = { .ifr_data = order };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	memcpy(request.ifr_name, dev, strnlen(dev, IFNAMSIZ - 1));
	if (ioctl(fd, SIOCETHTOOL, &request))
		error = -errno;
	close(fd);
	return error;
}

static __u32 count_counters(const char *dev)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} order = {
		.info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_STATS },
	};

	return ethtool_ioctl(dev, &order) || !order.info.sset_mask ? 0 : order.count;
}

void ethtool_counters(const char *dev,
		      void (*take)(const char *name, __u64 number, void *context), void *context)
{
	__u32 count = count_counters(dev);
	struct ethtool_gstrings *names;
	struct ethtool_stats *numbers;
	char name[ETH_GSTRING_LEN + 1];

	if (!count)
		return;
	names = calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
	numbers = calloc(1, sizeof(*numbers) + count * sizeof(numbers->data[0]));
	if (!names || !numbers)
		goto out;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = count;
	numbers->cmd = ETHTOOL_GSTATS;
	numbers->n_stats = count;
	/* the kernel says how many it has filled in: none if they are others by now */
	if (ethtool_ioctl(dev, names) || ethtool_ioctl(dev, numbers) || names->len != count ||
	    numbers->n_stats != count)
		goto out;
	for (__u32 i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%.*s", ETH_GSTRING_LEN,
			 (const char *)names->data + (size_t)i * ETH_GSTRING_LEN);
		take(name, numbers->data[i], context);
	}
out:
	free(names);
	free(numbers);
}
