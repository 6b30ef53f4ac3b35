/* SPDX-License-Identifier: GPL-2.0 */
/* What ethtool(8) can do and the kernel's netlink families cannot: the ioctl SIOCETHTOOL. */
#ifndef DPCTOOL_ETHTOOL_H
#define DPCTOOL_ETHTOOL_H

#include <linux/types.h>

/**
 * ethtool_ioctl() - do @order, one of the kernel's struct ethtool_*, with device @dev; 0 or -errno
 */
int ethtool_ioctl(const char *dev, void *order);

/** ethtool_counters() - call @take with each counter of the driver's own: ethtool -S */
void ethtool_counters(const char *dev,
		      void (*take)(const char *name, __u64 number, void *context), void *context);

#endif /* DPCTOOL_ETHTOOL_H */
