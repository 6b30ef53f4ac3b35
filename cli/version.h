/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DPCTOOL_VERSION_H
#define DPCTOOL_VERSION_H

#define DPCTOOL_VERSION		"0.1"

#endif /* DPCTOOL_VERSION_H */
